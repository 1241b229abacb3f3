"""Put a notebook beside every page that has cells, and offer it in the page's menu.

A notebook is the page as it was built: its text by `notebook_text`, with the numbers that the build
computed, and all its code cells, also those that the page does not show, since others build on
them. Outputs are left out, to be computed by whoever runs it. Its first cell installs ``cnnlib`` at
the commit of the page, where that is published (`addresses`) and ``cnnlib`` is not there.
"""

from pathlib import Path
from urllib.parse import urljoin, urlparse

import addresses
import nbformat
from docutils import nodes
from markdown_it.token import Token
from myst_nb import sphinx_ as myst_nb_sphinx
from notebook_text import NotebookText, cell_source

from cnnlib import atomic

EXTRA = "notebook"  # in pyproject.toml: what notebooks need

FIND = """\
# Run this cell first. The pages run `cnnlib`, the library of this lecture.
try:
    import cnnlib
except ModuleNotFoundError:
"""
INSTALL = '    %pip install --quiet "{requirement}"\n'
ASK = """\
    raise ModuleNotFoundError(
        "this copy of the lecture does not know where its source is published, so that `cnnlib` "
        "cannot be installed from here: run `pip install '.[{extra}]'` in the folder of the source"
    ) from None
"""
# Pages carry numbers into their sentences by MyST-NB's `glue`. Here it prints them.
GLUE = """

# The numbers in the sentences are those of the published page. Where a cell hands some to a
# sentence by `glue`, see what they are here.
import sys
import types


def glue(name, value, display=True):
    print(f"{name}: {value:.4g}" if isinstance(value, float) else f"{name}: {value}")


sys.modules["myst_nb"] = types.ModuleType("myst_nb")
sys.modules["myst_nb"].glue = glue
"""


def first_cell(requirement, cells):
    """Return the source of a notebook's first cell.

    Parameters
    ----------
    requirement : str or None
        What pip has to install where ``cnnlib`` is not.
    cells : iterable of str
        The code of the page.
    """
    source = FIND + (
        INSTALL.format(requirement=requirement) if requirement else ASK.format(extra=EXTRA)
    )
    if any("myst_nb" in cell for cell in cells):
        source += GLUE
    return source.rstrip()


def notebook(cells, requirement):
    """Return the notebook of a page.

    Parameters
    ----------
    cells : list of dict
        Of `notebook_text.NotebookText`.
    requirement : str or None
        See `first_cell`.

    Returns
    -------
    nbformat.NotebookNode
        Valid. Cells are named by their order, so that the same page gives the same notebook.
    """
    code = [cell["source"] for cell in cells if cell["cell_type"] == "code"]
    first = {"cell_type": "code", "source": first_cell(requirement, code), "metadata": {}}
    made, folded = [], []
    for index, cell in enumerate([first, *cells]):
        name = f"cell-{index}"
        make = getattr(nbformat.v4, f"new_{cell['cell_type']}_cell")
        # Colab knows cells by the name in their metadata, and keeps the folded ones in a list.
        made.append(make(cell["source"], id=name, metadata=cell["metadata"] | {"id": name}))
        if "jp-MarkdownHeadingCollapsed" in cell["metadata"]:
            folded.append(name)
    metadata = {
        "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
        "language_info": {"name": "python"},
        "colab": {"collapsed_sections": folded},
    }
    whole = nbformat.v4.new_notebook(cells=made, metadata=metadata)
    nbformat.validate(whole)
    return whole


def write_notebook(app, pagename, templatename, context, doctree):
    """Write the notebook of a page beside it, and tell the menu."""
    path = f"{pagename}.ipynb"
    target = Path(app.outdir, path)
    if doctree is None or not next(doctree.findall(cell_source), None):
        target.unlink(missing_ok=True)
        return
    text = NotebookText(_links(app, pagename), _numbers(app, pagename))
    text.add_page(doctree)
    whole = notebook(text.cells, app.config.notebook_requirement)
    atomic.write(target, nbformat.writes(whole) + "\n")
    context["notebook"] = path


def offer_notebook(app, pagename, templatename, context, doctree):
    """Put the notebook at the head of the theme's menu of downloads."""
    if "notebook" not in context:
        return
    (menu,) = (b for b in context["header_buttons"] if b["label"] == "download-buttons")
    menu["tooltip"] = "Take this page with you"
    buttons = [
        {
            "type": "link",
            "url": Path(context["notebook"]).name,
            "text": "Notebook",
            "icon": "fas fa-code",
            "tooltip": "Download the page as a notebook",
            "label": "download-notebook-button",
        }
    ]
    if address := addresses.colab(context["notebook"]):
        buttons.append(
            {
                "type": "link",
                "url": address,
                "text": "Colab",
                "icon": "fas fa-rocket",
                "tooltip": "Open the notebook in Colab",
                "label": "launch-colab-button",
            }
        )
    menu["buttons"] = buttons + menu["buttons"]


def mark_cells(notebook, *arguments):
    """Have MyST-NB parse a page, with a mark in it for each code cell.

    MyST-NB itself drops the cells that a page does not show (``remove-cell``) without a trace.
    """
    waiting = [(i, c) for i, c in enumerate(notebook.cells) if c.cell_type == "code"]
    lines = notebook.metadata.get("source_map") or range(len(notebook.cells))
    marked = []
    for token in _parse(notebook, *arguments):
        reached = token.meta.get("index") if token.type != "nb_finalise" else len(notebook.cells)
        while waiting and token.level == 0 and reached is not None and waiting[0][0] <= reached:
            index, cell = waiting.pop(0)
            line, tags = lines[index] + 1, list(cell.metadata.get("tags", []))
            mark = Token("nb_cell_source", "", 0, content=cell.source, map=[line, line])
            mark.meta = {"tags": tags}
            marked.append(mark)
        marked.append(token)
    return marked


_parse = myst_nb_sphinx.notebook_to_tokens


def render_mark(renderer, token):
    """Make a node of a mark."""
    mark = cell_source(source=token.content, tags=token.meta["tags"])
    renderer.add_line_and_source_path(mark, token)
    renderer.current_node.append(mark)


def _links(app, pagename):
    def link(uri):
        if urlparse(uri).scheme:
            return uri
        if uri.startswith("#"):  # the notebook has it itself
            return None
        if uri in app.builder.images:
            return addresses.site(f"{app.builder.imagedir}/{app.builder.images[uri]}")
        if uri.startswith("/"):
            return addresses.site(uri[1:])
        base = addresses.site(app.builder.get_target_uri(pagename))
        return base and urljoin(base, uri)

    return link


def _numbers(app, pagename):
    def number(node):
        kind = app.env.domains["std"].get_enumerable_node_type(node)
        known = app.env.toc_fignumbers.get(pagename, {}).get(kind, {})
        found = next((known[name] for name in node["ids"] if name in known), None)
        return app.config.numfig_format[kind] % ".".join(map(str, found)) if found else ""

    return number


def note_requirement(app, config):
    """Have all notebooks written again where the commit to install is another."""
    config.notebook_requirement = addresses.requirement(EXTRA)


def skip(writer, node):
    """Leave marks out of every other form of the page."""
    raise nodes.SkipNode


def setup(app):
    """Register with Sphinx."""
    app.add_config_value("notebook_requirement", None, "html", [str])
    app.add_node(cell_source, html=(skip, None), latex=(skip, None), text=(skip, None))
    myst_nb_sphinx.notebook_to_tokens = mark_cells
    myst_nb_sphinx.SphinxNbRenderer.render_nb_cell_source = render_mark
    app.connect("config-inited", note_requirement, priority=2)
    app.connect("html-page-context", write_notebook)
    app.connect("html-page-context", offer_notebook, priority=600)  # the theme's menu is there
    return {"parallel_read_safe": True, "parallel_write_safe": True}
