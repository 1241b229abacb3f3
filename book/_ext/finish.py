"""Bring the built site to the form in which it is read: fast, and safe.

Every page gets one style sheet, of which others' rules stay where some page needs them and ours
stay all, two scripts that wait until the page is there, fonts with the characters that are shown,
and a Content-Security-Policy. The steps are in `finished_styles`, `finished_fonts` and
`finished_page`.

Sphinx writes only what is stale, into a site that is finished already. What its pages asked for
before is kept beside its own environment, so that old and new pages come to the same state; where
nothing has changed, nothing is done. ``LECTURE_FINISH=no`` leaves all as Sphinx wrote it.
"""

import hashlib
import json
import os
import shutil
from pathlib import Path

import finished_fonts
import finished_styles
from figure_files import STYLE
from finished_page import FIRST, SCRIPT, SHEET, THEME_SCRIPT, Asked, Page
from node_tools import minified
from site_inputs import EXTENSIONS, digest
from sphinx.errors import ConfigError, ExtensionError
from sphinx.util import logging
from theme_mends import mended_script

from cnnlib import atomic

logger = logging.getLogger(__name__)

STATIC = "book/_static"
# What the theme brings for other uses. Sphinx copies it again with the next page that it writes.
# The fonts that the finished ones are made of stay: a new commit in the footers finishes all pages
# anew, while Sphinx writes none.
UNASKED = (
    *("scripts/fontawesome.js*", "**/*.map", "**/*webpack-macros.html", "locales"),
    *("katex/fonts", "sphinx-thebe*"),
)


def wanted():
    """Return whether this build is finished: unless ``LECTURE_FINISH=no``."""
    choice = os.environ.get("LECTURE_FINISH", "yes")
    if choice not in ("yes", "no"):
        raise ConfigError(f"`LECTURE_FINISH` ({choice!r}) is neither 'yes' nor 'no': use one")
    return choice == "yes"


def in_order(lists):
    """Merge lists of which each has its names in the right order."""
    merged = []
    for names in lists:
        place = 0
        for name in names:
            if name not in merged:
                merged.insert(place, name)
            place = merged.index(name) + 1
    return merged


class Site:
    """The pages of a built site, and what they ask for.

    Parameters
    ----------
    folder : pathlib.Path
        Where it lies.
    kept : pathlib.Path
        The file that keeps from build to build what the pages asked for.
    own : collection of str
        The style sheets of the book itself, which stay whole: they hold little that no page needs,
        and rules for what scripts add under names that they put together, and for the PDF.
    """

    def __init__(self, folder, kept, own=()):
        self.folder, self.static, self._file = folder, folder / "_static", kept
        self.own = own
        self._kept = json.loads(kept.read_text("utf-8")) if kept.exists() else {}
        self.texts = {
            path.relative_to(folder).as_posix(): text
            for path in sorted(folder.rglob("*.html"))
            if self.static not in path.parents
            if "<head>" in (text := path.read_text("utf-8"))
        }

    def state(self):
        """Digest the pages and all that they are made of."""
        total = hashlib.sha256(digest(EXTENSIONS).encode())
        asked = self._kept.get("pages", {}).values()
        names = {name for page in asked for name in page["sheets"] + page["scripts"]}
        files = {name for name in names if not name.startswith("inline:")}  # else it is the code
        for name, text in self.texts.items():
            total.update(f"{name}\0{text}".encode())
        for name in sorted({*files, SHEET, SCRIPT, THEME_SCRIPT, FIRST}):
            path = self.static / name
            total.update(path.read_bytes() if path.is_file() else b"-")
        return total.hexdigest()

    def is_finished(self):
        """Return whether all is as it was left."""
        return self._kept.get("state") == self.state()

    def finish(self):
        """Write the shared files, then the pages."""
        pages = {name: Page(name, text) for name, text in self.texts.items()}
        asked = {name: self._asked(page) for name, page in pages.items()}
        scripts = in_order(page["scripts"] for page in asked.values())
        common = [s for s in scripts if all(s in page["scripts"] for page in asked.values())]
        code = {name: self._code(name) for name in scripts}
        for file, of_theme in ((SCRIPT, False), (THEME_SCRIPT, True)):
            parts = [code[name] for name in common if name.startswith("scripts/") == of_theme]
            atomic.write(self.static / file, minified("\n;\n".join(parts), "js"))

        read = {name: Asked(text) for name, text in self.texts.items()}
        words = set().union(*(page.words for page in read.values()))
        words |= finished_styles.words_of_scripts(code.values())
        sheets = in_order(page["sheets"] for page in asked.values())
        own = [name for name in sheets if name in self.own]
        others = finished_styles.joined(self.static, [s for s in sheets if s not in self.own])
        css = finished_styles.purged(others, words)
        css += f"\n{finished_styles.joined(self.static, own)}"
        shown = set().union(*(page.characters for page in read.values()))
        css, fonts = finished_fonts.with_subsets(css, self.static, shown)
        atomic.write(self.static / SHEET, minified(css, "css"))

        at_once = [fonts[name] for name in finished_fonts.AT_ONCE if name in fonts]
        for name, page in pages.items():
            own = [script for script in asked[name]["scripts"] if script not in common]
            scripts = (FIRST, SCRIPT, THEME_SCRIPT, *map(self._file_of, own))
            text = page.finish(
                self._versioned(SHEET),
                [self._versioned(script) for script in scripts],
                fonts=at_once if read[name].characters else (),
                wasm=any(".wasm" in code[script] for script in own),
            )
            if text != self.texts[name]:
                self.texts[name] = text
                atomic.write(self.folder / name, text)
        self._kept = {"pages": asked}
        self._kept["state"] = self.state()
        atomic.write(self._file, json.dumps(self._kept))

    def _asked(self, page):
        """Return what a page asks for, or asked for before it was finished."""
        if not page.finished:
            return {"sheets": page.sheets, "scripts": page.scripts}
        try:
            return self._kept["pages"][page.name]
        except KeyError as error:
            raise ExtensionError(
                f"nothing is known of what the finished page {page.name} is made of: "
                f"remove {self.folder} and build again"
            ) from error

    def _code(self, name):
        if name.startswith("inline:"):
            return name.removeprefix("inline:")
        path = self.static / name
        if not path.is_file():
            raise ExtensionError(f"a page asks for the script {name}, which is not there")
        return mended_script(name, path.read_text("utf-8"))

    def _file_of(self, name):
        """Return the file of a script; what stood in a page gets one."""
        if not name.startswith("inline:"):
            return name
        code = minified(self._code(name), "js")
        file = f"page-scripts/{hashlib.sha256(code.encode()).hexdigest()[:8]}.js"
        atomic.write(self.static / file, code)
        return file

    def _versioned(self, name):
        """Return a path with a sign of what is in the file, as Sphinx does it."""
        return f"{name}?v={hashlib.sha256((self.static / name).read_bytes()).hexdigest()[:8]}"


def remove_unasked(static):
    """Take out of the site what no page asks for."""
    for pattern in UNASKED:
        for path in sorted(static.glob(pattern)):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)


def check_wish(app, config):
    """Refuse at once what says neither whether to finish nor that one should not."""
    wanted()


def finish_site(app, exception):
    """Finish the site that Sphinx has written."""
    if exception is not None or app.builder.format != "html" or not wanted():
        return
    own = {path.name for path in Path(app.srcdir, STATIC).glob("*.css")} | {STYLE}
    site = Site(Path(app.outdir), Path(app.doctreedir, "finished.json"), own)
    if not site.is_finished():
        site.finish()
        logger.info("finished the site: %d pages", len(site.texts))
    remove_unasked(site.static)


def setup(app):
    """Register with Sphinx."""
    app.connect("config-inited", check_wish)
    app.connect("build-finished", finish_site, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
