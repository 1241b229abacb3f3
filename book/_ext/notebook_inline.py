"""Write what stands within a paragraph of a page as Markdown that every notebook shows.

Jupyter and Colab know CommonMark, formulas between dollar signs, and tables; no roles. What a role
refers to is written out here as Sphinx has resolved it. A reference to another place of the lecture
is a link where the site is published, and words where it is not.
"""

import re

from docutils import nodes

_SPECIAL = re.compile(r"[\\`*_\[\]<$~]|&(?=#?\w+;)")
# What would begin a heading, a quotation, a list or the underline of a heading.
_BLOCK_START = re.compile(r"^(?:([#>+=-])|(\d+)([.)])(?=\s))")


class InlineWriter:
    """Write the inline nodes of a page.

    Parameters
    ----------
    link : callable
        Takes the address that Sphinx gave a reference, relative to the page, and returns the one
        to link to, or None.
    """

    def __init__(self, link):
        self.link = link

    def text_of(self, node):
        """Return the Markdown of a paragraph, a title or a caption, on one line."""
        text = self._children(node).strip()
        return _BLOCK_START.sub(lambda m: rf"\{m[1]}" if m[1] else rf"{m[2]}\{m[3]}", text)

    def words(self, node):
        """Return what an image or a film shows, in words."""
        return _SPECIAL.sub(_escape, " ".join(node.get("alt", "").split()))

    def _children(self, node):
        return "".join(self._write(child) for child in node.children)

    def _write(self, node):
        if isinstance(node, nodes.Text):
            return _SPECIAL.sub(_escape, re.sub(r"\s+", " ", str(node)))
        for kind in type(node).__mro__:
            if method := getattr(self, f"_{kind.__name__}", None):
                return method(node)
        return self._children(node)

    def _emphasis(self, node):
        return _around("*", self._children(node))

    def _strong(self, node):
        return _around("**", self._children(node))

    def _literal(self, node):
        return code_span(node.astext())

    def _math(self, node):
        return f"${' '.join(node.astext().split())}$"

    def _subscript(self, node):
        return f"<sub>{self._children(node)}</sub>"

    def _superscript(self, node):
        return f"<sup>{self._children(node)}</sup>"

    def _reference(self, node):
        text = self._children(node)
        address = self.link(node.get("refuri") or f"#{node.get('refid', '')}")
        return f"[{text}]({_quoted(address)})" if address and text else text

    _download_reference = _reference

    def _footnote_reference(self, node):
        return rf"\[{node.astext()}\]"

    def _image(self, node):
        words, address = self.words(node), self.link(node["uri"])
        return f"![{words}]({_quoted(address)})" if address else _around("*", words)

    def _raw(self, node):
        return node.astext().strip() if "html" in node.get("format", "").split() else ""

    def _Invisible(self, node):  # noqa: N802 (docutils names its kinds of nodes so)
        return ""


def code_span(text):
    """Return code within a line, fenced by more backticks than it has in a row."""
    text = " ".join(text.split("\n"))
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def table_cell(text):
    """Return Markdown for a cell of a table, where a bar would end the cell."""
    parts = re.split(r"(\$[^$]+\$)", text)  # MathJax is not told of escaped bars
    parts[::2] = [part.replace("|", r"\|") for part in parts[::2]]
    parts[1::2] = [part.replace("|", r"\vert ") for part in parts[1::2]]
    return "".join(parts).replace("\n", " ")


def _escape(match):
    return "&amp;" if match[0] == "&" else rf"\{match[0]}"


def _around(mark, text):
    """Set text between marks, which must touch it."""
    inner = text.strip()
    if not inner:
        return text
    before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return f"{before}{mark}{inner}{mark}{after}"


def _quoted(address):
    return f"<{address}>" if re.search(r"[\s()]", address) else address
