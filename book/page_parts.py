"""A page of the book in parts that can be asked about: headings, sentences, formulas, cells.

MyST's own parser reads the page; the parts of a directive's content are parts of the page too, each
with its line in the file.
"""

import re
from dataclasses import dataclass, field

import yaml
from markdown_it.renderer import RendererHTML
from myst_parser.config.main import MdParserConfig
from myst_parser.parsers.mdit import create_md_parser

DIRECTIVE = re.compile(r"\{(?P<name>[\w:-]+)\}\s*(?P<argument>.*)", re.DOTALL)
# Directives whose content is no Markdown.
OPAQUE = {"code-cell", "code-block", "math", "bibliography", "raw", "tableofcontents"}
HIDDEN = "§"  # stands in a sentence for code, a formula or a role
# What stands before a term that is being defined, in bold.
DEFINES = re.compile(r"\b(?:called|call it|is|are)(?: (?:a|an|the|its|their))? $")


@dataclass
class Part:
    """Something of a page: what it is, its line, and what it says."""

    kind: str
    line: int
    text: str = ""
    name: str = ""  # of a role or a directive; the level of a heading
    argument: str = ""
    options: dict = field(default_factory=dict)


def parts_of(text, extensions):
    """Return the parts of a page, in its order.

    Parameters
    ----------
    text : str
        The page, in MyST Markdown.
    extensions : iterable of str
        The extensions of the syntax that the book is written with (``_config.yml``).

    Returns
    -------
    list of Part
        Of the kinds ``header`` (options: the front matter), ``heading`` (name: its level),
        ``sentences`` (a line of prose, with `HIDDEN` for what is no prose), ``strong`` (name:
        "defined" for a term), ``role``, ``formula``, ``image``, ``directive``,
        ``cell`` (text: its code), ``comment``.
    """
    config = MdParserConfig(enable_extensions=set(extensions) - {"linkify"})
    parser = create_md_parser(config, RendererHTML)
    parser.disable("smartquotes", ignoreInvalid=True)
    return list(_parts(parser, text, 0))


def _parts(parser, text, above):
    level = None
    for token in parser.parse(text):
        line = above + 1 + (token.map[0] if token.map else 0)
        if token.type == "front_matter":
            yield Part("header", line, options=yaml.safe_load(token.content) or {})
        elif token.type == "heading_open":
            level = token.tag[1:]
        elif token.type == "inline":
            if level:
                yield Part("heading", line, token.content, name=level)
                level = None
            yield from _inline(token.children, line)
        elif token.type in ("math_block", "math_block_label", "amsmath"):
            yield Part("formula", line, token.content)
        elif token.type in ("myst_line_comment", "comment"):
            yield Part("comment", line, token.content.strip())
        elif match := DIRECTIVE.match(token.info.strip()):  # a fence
            yield from _directive(parser, match, token.content, line)


def _directive(parser, match, content, line):
    options, body, skipped = _split(content)
    found = Part("directive", line, body, match["name"], match["argument"].strip(), options)
    if match["name"] == "code-cell":
        found.kind = "cell"
    yield found
    if match["name"] == "math":
        yield Part("formula", line, body)
    elif match["name"] not in OPAQUE:
        yield from _parts(parser, body, line + skipped)


def _split(content):
    """Return a directive's options, its body, and how many lines the options take."""
    lines = content.split("\n")
    count, options = 0, {}
    if lines[0].rstrip() == "---" and "---" in (stripped := [x.rstrip() for x in lines[1:]]):
        count = stripped.index("---") + 2
        options = yaml.safe_load("\n".join(lines[1 : count - 1])) or {}
    else:
        while count < len(lines) and (match := re.match(r":([\w-]+):(.*)", lines[count])):
            options[match[1]] = match[2].strip()
            count += 1
    return options, "\n".join(lines[count:]), count


def _inline(children, line):
    sentence, strong, in_strong = "", "", False
    began = line
    for child in children:
        if child.type in ("softbreak", "hardbreak"):
            yield Part("sentences", line, sentence)
            sentence, line = "", line + 1
            continue
        if child.type in ("text", "smartquotes"):
            sentence += child.content
            strong += child.content if in_strong else ""
            continue
        if child.type == "strong_open":
            strong, in_strong = "", True
        elif child.type == "strong_close":
            in_strong = False
            before = sentence.removesuffix(strong)
            kind = "defined" if DEFINES.search(before) and strong.islower() else ""
            yield Part("strong", line, strong, name=kind)
        elif child.type.startswith("math_inline"):
            yield Part("formula", line, child.content, name="inline")
            sentence += HIDDEN
        elif child.type == "myst_role":
            yield Part("role", line, child.content, child.meta["name"])
            sentence += f"{HIDDEN}{child.meta['name']}{HIDDEN}"
        elif child.type == "image":
            yield Part("image", line, child.content, argument=child.attrs.get("src", ""))
        elif child.type == "code_inline":
            sentence += HIDDEN
        line += child.content.count("\n")
    yield Part("sentences", max(line, began), sentence)
