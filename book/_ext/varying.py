"""Mark in each page what differs from build to build: outputs and numbers that a clock has made.

They get the class ``varies`` (`clocks` finds them), and so does the description of a page whose
first sentences have such a number. `book.compare` holds two builds of one commit against each other
and leaves out nothing else; ``build.json`` and the index of the search leave them out.
"""

import re

from clocks import Followed
from docutils import nodes
from myst_nb.core.read import read_myst_markdown_notebook
from myst_nb.ext.glue.roles import PasteTextRole

CLASS = "varies"
_DESCRIPTION = re.compile(
    r'<meta (?=[^>]*(?:name|property)="(?:(?:og:)?description|og:image:alt)")[^>]*>'
)


class MarkedTextRole(PasteTextRole):
    """Paste a number into a sentence, and keep the name under which a cell handed it over."""

    def run(self):
        """Return what MyST-NB returns, with the name in it."""
        made, messages = super().run()
        for node in made:
            node["glued"] = self.text.rsplit(":", 1)[0]
        return made, messages


def follow(text):
    """Return what varies on a page (`clocks.Followed`), and the place of each of its cells.

    Parameters
    ----------
    text : str
        The page, in MyST Markdown.
    """
    notebook = read_myst_markdown_notebook(text)
    code = [
        (index, cell)
        for index, cell in enumerate(notebook.cells if notebook else [])
        if cell.cell_type == "code"
    ]
    followed = Followed((cell.source, cell.metadata.get("tags", [])) for _, cell in code)
    return followed, [index for index, _ in code]


def keep_text(app, docname, source):
    """Follow the clocks of a page that is about to be read, without what others leave out of it."""
    app.env.temp_data["varying"] = follow(source[0])


def mark(app, doctree):
    """Give the class to what varies on a page that has been read."""
    followed, places = app.env.temp_data.pop("varying")
    varies = {place for place, told in zip(places, followed.cells, strict=True) if told}
    for cell in doctree.findall(nodes.container):
        if cell.get("nb_element") == "cell_code" and cell.get("cell_index") in varies:
            cell["classes"].append(CLASS)
    for node in doctree.findall(nodes.inline):
        if followed.key_varies(node.get("glued", "")):
            node["classes"].append(CLASS)
    app.env.metadata[app.env.docname]["varying_keys"] = sorted(
        key
        for key in app.env.nb_metadata.get(app.env.docname, {}).get("glue", [])
        if followed.key_varies(key)
    )


def varies(node):
    """Tell whether a node is a number that differs from build to build."""
    return isinstance(node, nodes.inline) and CLASS in node["classes"]


def mark_description(app, pagename, templatename, context, doctree):
    """Give the class to what a page says of itself in its head."""
    numbers = [node.astext() for node in doctree.findall(varies)] if doctree else []

    def marked(tag):
        told = any(number in tag[0] for number in numbers)
        return tag[0].replace("<meta ", f'<meta class="{CLASS}" ') if told else tag[0]

    context["metatags"] = _DESCRIPTION.sub(marked, context.get("metatags", ""))


def setup(app):
    """Register with Sphinx."""
    app.add_role_to_domain("glue", "text", MarkedTextRole(), override=True)
    app.connect("source-read", keep_text, priority=900)
    app.connect("doctree-read", mark, priority=100)  # before `build_record` looks
    app.connect("html-page-context", mark_description, priority=900)  # once it is there
    return {"parallel_read_safe": True, "parallel_write_safe": True}
