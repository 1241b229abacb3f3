"""Instant search: an index of our own, where Sphinx's knows no formula and no exercise.

While a page is written, what can be found on it (`search_entries`) is kept beside its doctree. When
the build is finished, the pages' entries become ``_static/search/index.js``, and esbuild makes of
``book/_search`` the engine and the style sheet of results beside it. A reader's browser loads these
three when the search is opened (``_static/search.js``), not before; they are classic scripts, so
that the search works from a disk.

``search.html`` is the same search as a page; without scripts it offers the contents.
"""

import json
from pathlib import Path

from docutils import nodes
from figure_files import bundle, write_file
from search_entries import Reader

from cnnlib import atomic

SOURCE = Path("book/_search")
KEPT = "search"  # a folder beside the doctrees


def keep_entries(app, pagename, templatename, context, doctree):
    """Keep what can be found on a page that is written."""
    if doctree is not None and pagename in app.env.found_docs:
        rows = [entry.row() for entry in Reader().read(doctree)]
        atomic.write(_kept(app, pagename), json.dumps(rows, ensure_ascii=False))


def index(app):
    """Return the index: the pages in their order, and the rows of their entries."""
    pages, entries = [], []
    for docname in in_order(app.env):
        rows = json.loads(_kept(app, docname).read_text("utf-8"))
        entries += [[len(pages), *row] for row in rows]
        title = app.env.titles[docname].astext()
        pages.append([app.builder.get_target_uri(docname), title])
    return {"pages": pages, "entries": entries}


def in_order(env):
    """Return the names of all pages, in the order of the contents."""
    found = []

    def follow(docname):
        if docname not in found:
            found.append(docname)
            for child in env.toctree_includes.get(docname, ()):
                follow(child)

    follow(env.config.root_doc)
    return found


def write_search(app, exception):
    """Write the index and the engine into the site."""
    if exception is not None or app.builder.format != "html":
        return
    folder, root = Path(app.outdir, "_static", "search"), Path(app.srcdir)
    text = json.dumps(index(app), ensure_ascii=False, separators=(",", ":"))
    write_file(folder / "index.js", f"window.lectureIndex={text};\n".encode())
    write_file(folder / "results.css", root / SOURCE / "results.css")
    bundle(root, root / SOURCE / "engine.js", {}, folder / "engine.js")


def contents(app):
    """Return the pages and their sections, for readers who would rather look than search."""
    found = []
    for docname in in_order(app.env):
        page = app.env.tocs[docname].children[0]
        below = [child for child in page.children if isinstance(child, nodes.bullet_list)]
        sections = [
            item.next_node(nodes.reference)
            for listed in below
            for item in listed.children
            if isinstance(item, nodes.list_item)  # and no list of further pages
        ]
        links = [{"title": link.astext(), "anchor": link["anchorname"]} for link in sections]
        title = app.env.titles[docname].astext()
        found.append({"docname": docname, "title": title, "sections": links})
    return found


def collect_pages(app):
    """Give the search its page."""
    yield "search", {"title": "Search", "contents": contents(app)}, "search.html"


def take_over(app):
    """Have Sphinx make no index and no page of its own."""
    if app.builder.format == "html":
        app.builder.search = False


def _kept(app, docname):
    return Path(app.doctreedir, KEPT, f"{docname}.json")


def setup(app):
    """Register with Sphinx."""
    app.connect("builder-inited", take_over)
    app.connect("html-page-context", keep_entries)
    app.connect("html-collect-pages", collect_pages)
    app.connect("build-finished", write_search)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
