"""Link the first use of each term of the glossary on each page, and show what it means on the spot.

A term is linked where a page's prose first uses it: not in headings, captions, tables, boxes,
exercises, code or other links. Its plural is found by rule; other forms of it stand in `FORMS`.
A ``{term}`` role links by hand, and then nothing else links that term on the page.

The definitions that a page links to lie in it, in a template that browsers do not show;
``_static/glossary-cards.js`` shows one beside its link, on hover, on focus, or at a finger's first
tap. Without scripts the link leads to the glossary.
"""

import copy
import hashlib
import re
from html import escape
from pathlib import Path

from docutils import nodes
from sphinx import addnodes

CLASS = "glossary-term"

# How sentences use a term besides its plural.
FORMS = {
    "aliasing": ("aliased",),
    "anti-aliasing": ("anti-aliased",),
    "dilation": ("dilated",),
    "equivariance": ("equivariant",),
    "invariance": ("invariant",),
    "overfitting": ("overfit", "overfits"),
    "batch normalisation": ("batch norm",),
    "data augmentation": ("augmentation",),
    "multiply-accumulate": ("multiply-accumulates",),
    "saliency map": ("saliency",),
    "Sobel kernel": ("Sobel", "Sobel’s kernel"),
    "subsampling": ("subsampled",),
    "whitening": ("whitened",),
}

_NO_PROSE = (
    nodes.Admonition,
    nodes.figure,
    nodes.table,
    nodes.footnote,
    nodes.citation,
    nodes.block_quote,
    addnodes.glossary,
    addnodes.desc,
    addnodes.versionmodified,
)
_NO_WORDS = (nodes.reference, nodes.literal, nodes.math, nodes.raw, nodes.footnote_reference)


def terms(env):
    """Return where each term is defined: (page, anchor), a dict by the term."""
    return {
        name: place
        for (kind, name), place in env.get_domain("std").objects.items()
        if kind == "term" and name[0].isalpha()
    }


def forms(term):
    """Return the words by which a sentence uses a term, the plural among them."""
    if term.endswith("y"):
        plural = f"{term[:-1]}ies"
    elif term.endswith(("s", "x", "ch", "sh")):
        plural = f"{term}es"
    else:
        plural = f"{term}s"
    return (term, plural, *FORMS.get(term, ()))


def pattern(names):
    """Return what finds any form of any term, and the terms by their forms in lower case."""
    by_form = {form.lower(): name for name in names for form in forms(name)}
    longest_first = sorted(by_form, key=lambda form: (-len(form), form))
    spelt = "|".join(re.escape(form).replace(r"\ ", r"\s+") for form in longest_first)
    return re.compile(rf"(?<![\w-])(?:{spelt})(?![\w-])", re.IGNORECASE), by_form


def link_terms(app, doctree, docname):
    """Link the first use of each term on a page."""
    if app.builder.format != "html":
        return
    known = terms(app.env)
    reference = docname in {page for page, _ in known.values()} or doctree.next_node(addnodes.desc)
    if not known or reference:
        return
    anchors = {anchor for _, anchor in known.values()}
    linked = set()
    for by_hand in doctree.findall(nodes.reference):
        if anchor_of(by_hand) in anchors:
            by_hand["classes"].append(CLASS)
            linked.add(anchor_of(by_hand))
    finder, by_form = pattern(known)

    def link(match):
        page, anchor = known[by_form[" ".join(match[0].lower().split())]]
        if anchor in linked:
            return nodes.Text(match[0])
        linked.add(anchor)
        uri = f"{app.builder.get_relative_uri(docname, page)}#{anchor}"
        return nodes.reference("", match[0], internal=True, refuri=uri, classes=[CLASS])

    for text in prose(doctree):
        parts, end = [], 0
        for match in finder.finditer(str(text)):
            parts += [nodes.Text(str(text)[end : match.start()]), link(match)]
            end = match.end()
        if any(isinstance(part, nodes.reference) for part in parts):
            text.parent.replace(text, [*parts, nodes.Text(str(text)[end:])])


def prose(doctree):
    """Return the texts of a page's paragraphs, in order."""
    paragraphs = [p for p in doctree.findall(nodes.paragraph) if not _within(p, _NO_PROSE)]
    texts = [text for paragraph in paragraphs for text in paragraph.findall(nodes.Text)]
    return [text for text in texts if not _within(text, _NO_WORDS)]


def anchor_of(reference):
    """Return the anchor to which a reference leads, "" for none."""
    return (reference.get("refuri") or "").partition("#")[2]


def _within(node, kinds):
    parent = node.parent
    while parent is not None:
        if isinstance(parent, kinds) or "cell" in parent.get("classes", ()):
            return True
        parent = parent.parent
    return False


def definitions(app):
    """Return the definitions as HTML: (term, definition), a dict by anchor. Made once a build."""
    if not hasattr(app.builder, "glossary_definitions"):
        found = {}
        for page in sorted({page for page, _ in terms(app.env).values()}):
            doctree = app.env.get_and_resolve_doctree(page, app.builder)
            for item in doctree.findall(nodes.definition_list_item):
                content = copy.deepcopy(item.next_node(nodes.definition))
                for reference in list(content.findall(nodes.reference)):  # relative to its page
                    reference.parent.replace(reference, reference.children)
                html = app.builder.render_partial(nodes.container("", *content))["fragment"]
                for term in item.findall(nodes.term):  # several may have one definition
                    found |= dict.fromkeys(term["ids"], (term.astext(), html))
        app.builder.glossary_definitions = found
    return app.builder.glossary_definitions


def add_cards(app, pagename, templatename, context, doctree):
    """Put the definitions of the terms that a page links into it, and what shows them."""
    if doctree is None:
        return
    found = [r for r in doctree.findall(nodes.reference) if CLASS in r["classes"]]
    anchors = list(dict.fromkeys(map(anchor_of, found)))
    if anchors:
        known = definitions(app)
        cards = "".join(
            f'<div data-term="{anchor}"><strong>{escape(known[anchor][0])}</strong> '
            f"{known[anchor][1]}</div>"
            for anchor in anchors
        )
        context["body"] += f'<template id="glossary-cards">{cards}</template>\n'
        app.add_js_file("glossary-cards.js", defer="defer")
        app.add_css_file("glossary-cards.css")


def write_all_after_an_edit(app, env):
    """Have all pages written again where the glossary has changed."""
    vars(app.builder).pop("glossary_definitions", None)  # of a build before, by the same builder
    pages = sorted({page for page, _ in terms(env).values()})
    text = "".join(Path(env.doc2path(page)).read_text("utf-8") for page in pages)
    now = hashlib.sha256(text.encode()).hexdigest()
    before, env.glossary_digest = getattr(env, "glossary_digest", None), now
    return sorted(env.found_docs) if now != before else []


def setup(app):
    """Register with Sphinx."""
    app.connect("doctree-resolved", link_terms)
    app.connect("html-page-context", add_cards)
    app.connect("env-updated", write_all_after_an_edit)
    return {"env_version": 1, "parallel_read_safe": True, "parallel_write_safe": True}
