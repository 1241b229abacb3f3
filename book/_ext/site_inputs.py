"""Keep the site in step with what Sphinx does not watch: static files, extensions, lost pages.

A digest of each kind is a setting of the site. A changed setting makes Sphinx write every page
again (static files: their addresses carry a checksum; the lock of what comes from npm, such as
KaTeX) or read every page again (extensions; the outputs of cells stay in their cache).
"""

import hashlib
import shutil
from pathlib import Path

from sphinx.builders.html import BuildInfo

EXTENSIONS = Path(__file__).parent
NPM_LOCK = "package-lock.json"


def digest(folder, pattern="*"):
    """Digest names and contents of the files below a folder."""
    total = hashlib.sha256()
    for path in sorted(Path(folder).rglob(pattern)):
        if path.is_file() and "__pycache__" not in path.parts:
            total.update(path.relative_to(folder).as_posix().encode() + b"\0")
            total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def note_inputs(app, config):
    """Set the digests for this build."""
    folders = [Path(app.srcdir, folder) for folder in config.html_static_path]
    config.static_files_digest = "".join(digest(folder) for folder in folders)
    lock = Path(app.srcdir, NPM_LOCK)
    config.npm_digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    config.extensions_digest = digest(EXTENSIONS)


def remove_pages_of(app, env, added, changed, removed):
    """Take pages that are no more out of the site, where Sphinx would leave them."""
    if app.builder.format == "html":
        for docname in removed:
            page = Path(app.builder.get_outfilename(docname))
            for path in (page, page.with_suffix(".ipynb")):
                path.unlink(missing_ok=True)
    return []


def refresh_source_pages(app):
    """Have the pages of source code written again where all other pages are, with their menus.

    By itself, ``sphinx.ext.viewcode`` writes a page only when the module has changed.
    """
    try:
        with Path(app.outdir, ".buildinfo").open(encoding="utf-8") as file:
            same = BuildInfo.load(file) == app.builder.build_info
    except (OSError, ValueError):
        same = False
    if not same:
        shutil.rmtree(Path(app.outdir, "_modules"), ignore_errors=True)
    return []


def setup(app):
    """Register with Sphinx."""
    app.add_config_value("static_files_digest", "", "html", [str])
    app.add_config_value("npm_digest", "", "html", [str])
    app.add_config_value("extensions_digest", "", "env", [str])
    # Before other extensions add folders of their own to html_static_path.
    app.connect("config-inited", note_inputs, priority=1)
    app.connect("env-get-outdated", remove_pages_of)
    app.connect("html-collect-pages", refresh_source_pages, priority=1)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
