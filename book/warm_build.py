"""Keep the Sphinx of ``jupyter-book build .`` in memory, and build again whenever asked.

Most of a build is its beginning: Python imports Sphinx and the extensions, these start, and the
environment is read. `book.serve` starts this module as a process, writes a line to it for each
build (JSON, the list of files that were saved) and reads a line of answer:

- ``problems``, the warnings and the error of this build, with their places;
- ``imported``, the files of this repository that the process has imported: when one of them
  changes, only another process can build with it;
- ``written``, the pages that were written.

It is Jupyter Book's own command with another class for the application, so that there is no second
list of settings that could differ. What Sphinx says goes to standard error.
"""

import atexit
import json
import os
import re
import sys
from logging import WARNING
from pathlib import Path

import jupyter_book.sphinx
from jupyter_book.cli.main import main as jupyter_book_command
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.console import strip_colors
from sphinxcontrib import katex

from cnnlib import atomic

ROOT = Path(__file__).resolve().parents[1]


class Problems(logging.WarningStreamHandler):
    """Keep what Sphinx warns of, and in which pages.

    Of Sphinx's own class, since Sphinx holds back what goes there, and so says it once.
    """

    def __init__(self, app):
        super().__init__()
        self.setLevel(WARNING)
        self.app = app
        self.forget()

    def forget(self):
        """Begin a build."""
        self.texts, self.pages = [], set()

    def emit(self, record):
        """Keep a warning; Sphinx's own handler has put its place into words before."""
        kinds = getattr(record, "type", ""), getattr(record, "subtype", "")
        if logging.is_suppressed_warning(*kinds, self.app.config.suppress_warnings):
            return
        self.texts.append(strip_colors(record.getMessage()))
        place = str(getattr(record, "location", None) or "")
        for docname in self.app.env.found_docs if self.app.env else ():
            if place.startswith(str(self.app.env.doc2path(docname))):
                self.pages.add(docname)


class WarmSphinx(Sphinx):
    """An application that builds as often as it is asked."""

    requests, answers = sys.stdin, sys.stdout

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.problems = Problems(self)
        logging.logging.getLogger(logging.NAMESPACE).addHandler(self.problems)
        self._unfinished, self._written = set(), []
        self._keep_katex_files()
        # Where only pages were saved, the code behind the others has not moved: do not ask.
        self._only_pages, self._moved = False, lambda *arguments: ()
        for listener in list(self.events.listeners["env-get-outdated"]):
            if listener.handler.__name__ == "on_get_outdated":
                self._moved = listener.handler
                self.disconnect(listener.id)
        self.connect("env-get-outdated", self._read_again)
        self.connect("env-before-read-docs", self._note_pages)
        self.connect("html-page-context", self._note_written, priority=999)

    def build(self, force_all=False, filenames=None):
        """Answer requests until there are no more."""
        for line in self.requests:
            changed = json.loads(line)
            self._only_pages = bool(changed) and all(name.endswith(".md") for name in changed)
            self._refresh(changed)
            self._build_once()
            answer = {
                "problems": self.problems.texts,
                "written": self._written,
                "imported": sorted(imported_files(ROOT)),
            }
            print(json.dumps(answer), file=self.answers, flush=True)

    def _build_once(self):
        self.problems.forget()
        self._warncount, self.statuscode, self._written = 0, 0, []
        # Sphinx keeps the pages that it has looked at, as if a process built only once.
        self.env._pickled_doctree_cache.clear()
        try:
            super().build()
        except Exception as error:  # the next save may mend it
            self.problems.texts.append(in_words(error))
            print(in_words(error), file=sys.stderr, flush=True)
            self._unfinished |= self.problems.pages
        else:
            # Sphinx warns only of what it does; until it is mended, do it again.
            self._unfinished = set(self.problems.pages)

    def _keep_katex_files(self):
        # sphinxcontrib-katex removes its files after the build, and expects no other.
        for listener in list(self.events.listeners["build-finished"]):
            if listener.handler is katex.builder_finished:
                self.disconnect(listener.id)
                atexit.register(listener.handler, self, None)

    def _read_again(self, app, env, added, changed, removed):
        again = self._unfinished & env.found_docs
        if not self._only_pages:
            again |= set(self._moved(app, env, added, changed, removed))
        return sorted(again)

    def _note_pages(self, app, env, docnames):
        # All of these have to be written, also where an error ends this build before.
        self._unfinished |= set(docnames)

    def _note_written(self, app, pagename, templatename, context, doctree):
        if doctree is not None:
            self._written.append(pagename)

    def _refresh(self, changed):
        """Bring files into the site that no page depends on."""
        for path in (Path(self.srcdir, name) for name in changed):
            for folder in self.config.html_static_path:
                inside = Path(self.srcdir, folder)
                if path.is_file() and path.is_relative_to(inside):
                    target = Path(self.outdir, "_static", path.relative_to(inside))
                    atomic.write(target, path.read_bytes())


def in_words(error):
    """Return what has gone wrong, with what caused it."""
    words = f"{type(error).__name__}: {error}"
    words = f"{words}\n{error.__cause__}" if error.__cause__ else words
    return re.sub(r"\x1b\[[0-9;]*m", "", words)  # the colours of IPython


def imported_files(root):
    """Yield the paths of the modules of this repository that this process has imported."""
    for module in list(sys.modules.values()):
        path = getattr(module, "__file__", None)
        if path and Path(path).is_relative_to(root):
            inside = Path(path).relative_to(root)
            if inside.parts[0] not in (".venv", "node_modules"):
                yield inside.as_posix()


def main():
    """Answer on what was standard output, and let nothing else write there."""
    WarmSphinx.answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    jupyter_book.sphinx.Sphinx = WarmSphinx
    jupyter_book_command(["build", str(ROOT)])


if __name__ == "__main__":
    main()
