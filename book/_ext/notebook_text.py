"""Turn a page, as Sphinx has resolved it, into the cells of a notebook.

What stands between two code cells becomes Markdown cells, a new one at each heading. Exercises and
solutions get headings too: under its heading, JupyterLab and Colab fold a solution, code and all.
What the code cells print and draw is left out, for the notebook is there to be run; the captions of
their figures stay. A node that nothing here can put into words is a warning, and so an error.
"""

import re
from html import escape

from docutils import nodes
from notebook_inline import InlineWriter, table_cell
from sphinx.util import logging

logger = logging.getLogger(__name__)


class cell_source(nodes.Invisible, nodes.Element):  # noqa: N801 (docutils nodes are lower case)
    """The place and the source of a code cell, also of one that the page does not show."""


_AMS = re.compile(r"\\begin\{(align|gather|equation|multline|alignat|eqnarray)\*?\}")
_SOLUTIONS = ("solution_node",)
_EXERCISES = ("exercise_node", "exercise_enumerable_node", *_SOLUTIONS)


class NotebookText:
    """Collect the cells of a page.

    Parameters
    ----------
    link : callable
        See `notebook_inline.InlineWriter`.
    number : callable
        Takes a node and returns what the page calls it, such as "Fig. 3", or "".

    Attributes
    ----------
    cells : list of dict
        `cell_type`, `source` and `metadata` of each.
    """

    def __init__(self, link, number):
        self.cells = []
        self._inline = InlineWriter(link)
        self._link, self._number = link, number
        self._blocks = []
        self._folded = None  # the solution just ended, and the level of its heading

    def add_page(self, document):
        """Add all cells of a page."""
        self._walk(document.children, 0)
        self._flush()

    def _walk(self, children, level):
        for node in children:
            if isinstance(node, cell_source):
                self._add_code(node)
            elif isinstance(node, nodes.title):
                self._add_heading(node, level)
            elif isinstance(node, nodes.section):
                self._walk(node.children, level + 1)
            elif type(node).__name__ in _EXERCISES:
                self._add_exercise(node, level)
            elif isinstance(node, nodes.Element) and next(node.findall(cell_source), None):
                self._walk(node.children, level)  # something around cells: they come out of it
            else:
                self._add_blocks(self._block(node))

    def _add_code(self, node):
        self._flush()
        hidden = {"hide-input", "hide-cell", "remove-cell", "remove-input"} & set(node["tags"])
        metadata = {"tags": node["tags"]} if node["tags"] else {}
        if hidden:
            metadata["jupyter"] = {"source_hidden": True}
        self._end_fold(None)
        self.cells.append({"cell_type": "code", "source": node["source"], "metadata": metadata})

    def _add_blocks(self, blocks):
        if blocks:
            self._end_fold(None)
            self._blocks += blocks

    def _add_heading(self, title, level, words=""):
        self._flush()
        self._end_fold(level)
        text = " ".join(filter(None, [words, self._inline.text_of(title)]))
        self._blocks.append(f"{'#' * min(level, 6)} {text}")

    def _add_exercise(self, node, level):
        is_solution = type(node).__name__ in _SOLUTIONS
        level += 1 + is_solution
        title, *content = node.children
        self._add_heading(title, level, self._number(node))
        first = len(self.cells)
        self._walk(content, level)
        self._flush()
        if is_solution:
            self.cells[first]["metadata"]["jp-MarkdownHeadingCollapsed"] = True
            self._folded = (self.cells[first], level)

    def _end_fold(self, level):
        """Unfold the last solution where the fold would hide what comes after it."""
        if self._folded and (level is None or level > self._folded[1]):
            del self._folded[0]["metadata"]["jp-MarkdownHeadingCollapsed"]
        self._folded = None

    def _flush(self):
        if self._blocks:
            source = "\n\n".join(self._blocks)
            self.cells.append({"cell_type": "markdown", "source": source, "metadata": {}})
            self._blocks = []

    def _caption(self, figure):
        name = self._number(figure)
        for caption in figure.findall(nodes.caption):
            text = self._inline.text_of(caption)
            return [f"**{name}.** {text}" if name else text]
        return [f"**{name}.**"] if name else []

    # Blocks: each method returns a list of paragraphs and the like.

    def _block(self, node):
        kinds = (getattr(self, f"_{kind.__name__}", None) for kind in type(node).__mro__)
        return next(filter(None, kinds))(node)

    def _inside(self, node):
        return [block for child in node.children for block in self._block(child)]

    def _Text(self, node):  # noqa: N802 (docutils names its kinds of nodes so)
        text = self._inline.text_of(nodes.inline("", "", node.copy()))
        return [text] if text else []

    def _Invisible(self, node):  # noqa: N802
        return []

    _system_message = _Invisible

    def _TextElement(self, node):  # noqa: N802
        text = self._inline.text_of(node)
        return [text] if text else []

    def _Element(self, node):  # noqa: N802
        if "notebook" in node:  # what its directive says itself, in Markdown
            return [node["notebook"]] if node["notebook"] else []
        if node.children:
            return self._inside(node)
        if node.get("alt"):
            return [f"*{self._inline.words(node)}*"]
        logger.warning(
            "a notebook cannot show %s: give the node an `alt`, or in `notebook` its Markdown",
            type(node).__name__,
            location=node,
            type="notebook",
        )
        return []

    def _container(self, node):
        if node.get("nb_element") == "cell_code":  # only captions, and not what it has shown
            return [line for figure in node.findall(nodes.figure) for line in self._caption(figure)]
        return self._inside(node)

    def _compound(self, node):
        return [] if "toctree-wrapper" in node["classes"] else self._inside(node)

    def _rubric(self, node):
        return [f"**{self._inline.text_of(node)}**"]

    _title = _rubric

    def _image(self, node):
        return [self._inline.text_of(nodes.inline("", "", node.copy()))]

    def _raw(self, node):
        return [node.astext().strip()] if "html" in node.get("format", "").split() else []

    def _literal_block(self, node):
        text = node.astext().rstrip()
        fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
        language = node.get("language", "")
        return [f"{fence}{'' if language in ('none', 'default') else language}\n{text}\n{fence}"]

    _doctest_block = _literal_block

    def _math_block(self, node):
        lines = [line for line in node.astext().strip().splitlines() if line.strip()]
        text = "\n".join(lines)
        if _AMS.match(text):  # these are display mathematics by themselves
            return [text]
        tag = rf" \tag{{{node['number']}}}" if node.get("number") else ""
        return [f"$$\n{text}{tag}\n$$"]

    def _figure(self, node):
        above = [child for child in node.children if not isinstance(child, nodes.caption)]
        return [block for child in above for block in self._block(child)] + self._caption(node)

    def _animation_video(self, node):
        folder = "_static/animations/"
        film, still = (self._link(f"/{folder}{node[name]}") for name in ("video", "poster"))
        words = self._inline.words(node)
        blocks = [f"[![{words}]({still})]({film})" if film else f"*{words}*"]
        if steps := [[self._inline.text_of(_line(said))] for *_, said in node.get("steps", ())]:
            blocks.append(_list([f"{number}." for number, _ in enumerate(steps, 1)], steps))
        return blocks

    def _block_quote(self, node):
        return [_quote(self._inside(node))]

    def _Admonition(self, node):  # noqa: N802
        if "dropdown" in node["classes"]:  # folded on the page, such as a hint
            return self._dropdown_main(node)
        return [_quote(self._inside(node))]

    def _dropdown_main(self, node):  # of sphinx-design
        title, *content = node.children
        words = "".join(t for t in title.findall(nodes.Text) if not isinstance(t.parent, nodes.raw))
        return [
            f"<details>\n<summary>{escape(words)}</summary>",
            *(block for child in content for block in self._block(child)),
            "</details>",
        ]

    def _bullet_list(self, node):
        return [_list((["-"] * len(node.children)), map(self._inside, node.children))]

    def _enumerated_list(self, node):
        start = int(node.get("start", 1))
        marks = [f"{start + index}." for index in range(len(node.children))]
        return [_list(marks, map(self._inside, node.children))]

    def _definition_list_item(self, node):
        terms = [f"**{self._inline.text_of(t)}**" for t in node.findall(nodes.term)]
        (definition,) = (c for c in node.children if isinstance(c, nodes.definition))
        first, *more = self._inside(definition) or [""]
        return [_list(["-"], [[f"{', '.join(terms)}: {first}", *more]])]

    def _footnote(self, node):
        label, *content = node.children
        blocks = [block for child in content for block in self._block(child)] or [""]
        return [rf"\[{label.astext()}\] {blocks[0]}", *blocks[1:]]

    def _transition(self, node):
        return ["---"]

    def _table(self, node):
        rows = [
            [table_cell("<br>".join(self._inside(entry))) for entry in row.children]
            for row in node.findall(nodes.row)
        ]
        if not next(node.findall(nodes.thead), None):
            rows.insert(0, [""] * len(rows[0]))
        rows.insert(1, ["---"] * len(rows[0]))
        titles = [f"**{self._inline.text_of(t)}**" for t in node.findall(nodes.title)]
        return [*titles, "\n".join(f"| {' | '.join(row)} |" for row in rows)]


def _line(words):
    return nodes.inline("", "", nodes.Text(words))


def _quote(blocks):
    lines = "\n\n".join(blocks).splitlines()
    return "\n".join(f"> {line}".rstrip() for line in lines)


def _list(marks, items):
    """Set each item, a list of blocks, behind its mark."""
    written = []
    for mark, blocks in zip(marks, items, strict=True):
        indent = " " * (len(mark) + 1)
        text = "\n\n".join(blocks).replace("\n", f"\n{indent}")
        written.append(f"{mark} {text}".rstrip())
    return "\n".join(re.sub(r"\n +\n", "\n\n", item) for item in written)
