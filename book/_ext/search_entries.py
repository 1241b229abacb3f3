"""Read off a page what a reader may look for: an entry for each thing that has a place of its own.

These are the page and its sections, exercises, numbered equations, the terms of the glossary,
figures, films and figures to take hold of, and what the library offers. An entry holds its title,
other names by which it goes, and its text; what has an entry of its own is not in the text of the
section around it. Code, results of cells, hints and solutions are in none, nor are numbers that a
clock has measured.
"""

import re
from dataclasses import dataclass, field

from animation import animation_video
from answer_forms import answer_form
from docutils import nodes
from formula_words import in_words
from interactive import interactive_figure
from sphinx import addnodes
from sphinx_design.dropdown import dropdown_main
from sphinx_exercise.nodes import (
    exercise_enumerable_node,
    exercise_node,
    solution_node,
)
from varying import varies

_LEFT_OUT = (
    nodes.literal_block,
    nodes.comment,
    nodes.raw,
    nodes.Invisible,
    nodes.image,
    solution_node,
    dropdown_main,
    answer_form,
    addnodes.toctree,
)
_EXERCISES = (exercise_node, exercise_enumerable_node)
_PARAGRAPHS = (nodes.paragraph, nodes.list_item, nodes.term, nodes.definition, nodes.title)
_PARAGRAPHS += (nodes.entry,)
MOST_LETTERS = 90  # of a title


@dataclass
class Entry:
    """Something to find: what it is, where, how it is called, what it says."""

    kind: str
    title: str
    anchor: str = ""
    names: str = ""
    text: list = field(default_factory=list)

    def row(self):
        """Return the entry as the index has it."""
        return [self.kind, self.anchor, self.title, self.names, _line("".join(self.text))]


class Reader:
    """Collect the entries of a page's doctree."""

    def __init__(self):
        self.entries = []

    def read(self, doctree):
        """Return the entries, in the order of the page."""
        outside = Entry("page", "")
        self._read_children(doctree, outside)
        return [entry for entry in self.entries if entry.title]

    def _add(self, *arguments, **options):
        self.entries.append(Entry(*arguments, **options))
        return self.entries[-1]

    def _read_children(self, node, entry):
        for child in node.children:
            self._read(child, entry)

    def _read(self, node, entry):
        if isinstance(node, nodes.Text):
            entry.text.append(str(node))
        elif varies(node):
            entry.text.append("…")
        elif isinstance(node, nodes.math):
            entry.text.append(in_words(node.astext()))
        elif isinstance(node, _LEFT_OUT):
            return
        elif isinstance(node, nodes.section):
            self._section(node, entry)
        elif isinstance(node, _EXERCISES):
            self._exercise(node)
        elif isinstance(node, nodes.math_block):
            self._equation(node, entry)
        elif isinstance(node, nodes.figure):
            self._figure(node)
        elif isinstance(node, addnodes.glossary):
            self._glossary(node)
        elif isinstance(node, addnodes.desc):
            self._documented(node)
        elif not (isinstance(node, nodes.title) and isinstance(node.parent, nodes.section)):
            self._read_children(node, entry)
            if isinstance(node, _PARAGRAPHS):
                entry.text.append(" ")

    def _section(self, node, entry):
        if "film-entry" in node["classes"]:  # of the gallery: the film is on its page
            return
        if not isinstance(node.next_node(), nodes.title):  # the body of an exercise
            self._read_children(node, entry)
            return
        kind = "section" if self.entries else "page"
        anchor = node["ids"][0] if self.entries else ""
        self._read_children(node, self._add(kind, words_of(node.next_node(nodes.title)), anchor))

    def _exercise(self, node):
        # Its number is not yet in the title, whose words are those of the author.
        title = words_of(node.next_node(nodes.title))
        title = re.sub(r"^Exercise (\d+|%s)\s*", "", title).strip("() ") or "Exercise"
        entry = self._add("exercise", title, node["ids"][0])
        for child in node.children:
            if not isinstance(child, nodes.title):
                self._read(child, entry)

    def _equation(self, node, entry):
        formula = in_words(node.astext())
        entry.text.append(f" {formula} ")
        if node.get("label"):
            title = node["label"].removeprefix("eq-").replace("-", " ")
            title = f"{title[:1].upper()}{title[1:]}"
            self._add("equation", title, f"equation-{node['label']}", _lead(node), [formula])

    def _figure(self, node):
        if not node["ids"]:
            return
        film, held = node.next_node(animation_video), node.next_node(interactive_figure)
        caption = words_of(node.next_node(nodes.caption))
        kind = "film" if film else "interactive" if held else "figure"
        title = film["title"] if film else _first_sentence(caption)
        picture = film or held or node.next_node(nodes.image) or {}
        text = [caption, " ", picture.get("alt", "")]
        name = node["ids"][0].removeprefix("fig-").replace("-", " ")
        self._add(kind, title or name, node["ids"][0], name, text)

    def _glossary(self, node):
        for item in node.findall(nodes.definition_list_item):
            term = item.next_node(nodes.term)
            text = [words_of(item.next_node(nodes.definition))]
            self._add("term", words_of(term), term["ids"][0], text=text)

    def _documented(self, node):
        signature = node.next_node(addnodes.desc_signature)
        if signature["ids"]:
            anchor = signature["ids"][0]
            module, _, name = anchor.rpartition(".")
            first = node.next_node(addnodes.desc_content).next_node(nodes.paragraph)
            text = [words_of(first) if first is not None else ""]
            # Words for those who know no underscores: "conv output size".
            spelt = re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", name)
            self._add("library", f"{module.removeprefix('cnnlib.')}.{name}", anchor, spelt, text)
        for inner in node.next_node(addnodes.desc_content).findall(addnodes.desc):
            if inner.parent.parent is node:
                self._documented(inner)


def words_of(node):
    """Return the words of a node on one line, its formulas in plain text ("" for none)."""
    if node is None:
        return ""
    entry = Entry("", "")
    reader = Reader()
    for child in node.children:
        reader._read(child, entry)
    return _line("".join(entry.text))


def _lead(node):
    """Return by what names an equation goes around it: its heading, and what is set in bold."""
    section = node.parent
    while section is not None and not isinstance(section, nodes.section):
        section = section.parent
    heading = words_of(section.next_node(nodes.title)) if section is not None else ""
    siblings, place = node.parent.children, node.parent.index(node)
    near = [s for s in siblings[max(place - 2, 0) : place + 3] if isinstance(s, nodes.paragraph)]
    bold = [words_of(strong) for paragraph in near for strong in paragraph.findall(nodes.strong)]
    return _line(" ".join([heading, *bold]))


def _first_sentence(text):
    sentence = re.split(r"(?<=[.?!])\s", text, maxsplit=1)[0].rstrip(".")
    if len(sentence.partition(": ")[0].split()) > 3:  # more than "Above: "
        sentence = sentence.partition(": ")[0]
    if len(sentence) <= MOST_LETTERS:
        return sentence
    return sentence[:MOST_LETTERS].rpartition(" ")[0] + "…"


def _line(text):
    return " ".join(text.split())
