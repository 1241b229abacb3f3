"""Run `jupyter-book build .` in a process that has its imports already.

Most of a small build is Python importing Sphinx and what comes with it. A server of the standard
library imports that once and forks for each build: what lies in the book's own folder (`cnnlib`,
`book/_ext`) is imported by the build itself, and nothing of one is left for the next but the seed
of Python's hashes.
"""

import multiprocessing
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

COMMAND = ["jupyter-book", "build", "."]
IMPORTED = [
    "bs4",
    "fontTools.subset",
    "jupyter_book.cli.main",
    "jupyter_book.sphinx",
    "matplotlib.pyplot",
    "myst_nb.sphinx_ext",
    "sphinx.builders.html",
    "sphinx.ext.autodoc",
    "sphinx_book_theme",
    "sphinx_design.extension",
    "sphinx_exercise",
    "sphinx_external_toc",
    "sphinx_sitemap",
    "sphinxcontrib.bibtex",
    "sphinxcontrib.katex",
    "sphinxext.opengraph",
]

_server = multiprocessing.get_context("forkserver")
_server.set_forkserver_preload(IMPORTED)


def build(folder, environment):
    """Build the book in a folder; return the completed command, with what it said."""
    with TemporaryDirectory() as said:
        files = [Path(said, name) for name in ("stdout", "stderr")]
        process = _server.Process(target=_become_the_command, args=(folder, environment, files))
        process.start()
        process.join()
        texts = [file.read_text("utf-8") for file in files]
    return subprocess.CompletedProcess(COMMAND, process.exitcode, *texts)


def _become_the_command(folder, environment, files):
    for number, file in enumerate(files, start=1):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND), number)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.path[:0] = environment["PYTHONPATH"].split(os.pathsep)
    sys.argv[:] = COMMAND

    from jupyter_book.cli.main import main

    sys.exit(main())
