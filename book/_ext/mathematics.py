r"""Set every formula while the site is built, with KaTeX from npm, its style sheet and its fonts.

sphinxcontrib-katex does the Sphinx side. Its own server is asked through a socket, sometimes before
it listens; here the same KaTeX is asked through a pipe, which cannot be too early. A formula that
KaTeX does not understand is a warning with its page and line, and so an error (see `strict`).
"""

import atexit
import json
import re
import shutil
import subprocess
import sys
from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.errors import ExtensionError
from sphinx.util import logging
from sphinxcontrib import katex

logger = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parents[2]
KATEX = ROOT / "node_modules" / "katex" / "dist"
SHORT = 16  # letters, which even a small screen has on one line
_MARK = re.compile(r"[.,;:!?)\]”’…]+")
OPTIONS = {"throwOnError": True, "strict": "error", "output": "htmlAndMathml"}


class Typesetter:
    """A Node process that sets formulas; started with the first one."""

    def __init__(self):
        self._process = None

    def set(self, latex, options=None):
        """Return the HTML of a formula.

        Parameters
        ----------
        latex : str
            The formula, without dollar signs.
        options : dict, optional
            Options of KaTeX, such as ``{"displayMode": True}``.

        Raises
        ------
        ValueError
            If KaTeX does not understand the formula.
        """
        if self._process is None:
            self._start()
        request = json.dumps({"latex": latex, "options": OPTIONS | (options or {})})
        self._process.stdin.write(request + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        if "error" in answer:
            raise ValueError(f"{answer['error']} (in the formula {latex!r})")
        return answer["html"]

    def _start(self):
        beside_python = Path(sys.executable).parent / "node"
        node = str(beside_python) if beside_python.exists() else shutil.which("node")
        if node is None or not KATEX.is_dir():
            raise ExtensionError(
                "formulas are set with Node and KaTeX, which are not there: run `make env`"
            )
        self._process = subprocess.Popen(
            [node, str(Path(__file__).with_name("katex_pipe.js")), str(KATEX / "katex.min.js")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        atexit.register(self._process.kill)


_typesetter = Typesetter()


def check_formulas(app, doctree):
    """Warn of each formula of a page that KaTeX does not understand."""
    for node in doctree.findall(lambda n: isinstance(n, nodes.math | nodes.math_block)):
        try:
            _typesetter.set(node.astext())
        except ValueError as error:
            logger.warning("%s", error, location=node, type="math")


def set_formula(latex, options=None):
    """Return the HTML of a formula, or its source where `check_formulas` has warned of it."""
    try:
        return _typesetter.set(latex, options)
    except ValueError:
        return escape(latex)


def _shown(html):
    """Return the letters of a formula that is set."""
    return re.sub(r"<[^>]*>", "", html.partition('class="katex-html"')[2].partition(">")[2])


def keep_marks(app, doctree, docname):
    """Keep a full stop, and what else closes, on the line of the short formula before it.

    A formula is set as boxes, and a browser would break the line behind each of them. A long one
    has to be broken somewhere, so its mark may be left alone.
    """
    for formula in list(doctree.findall(nodes.math)):
        after = formula.next_node(descend=False, siblings=True)
        mark = _MARK.match(after) if isinstance(after, nodes.Text) else None
        if mark and len(_shown(set_formula(formula.astext()))) <= SHORT:
            place = formula.parent.index(formula)
            together = nodes.inline("", "", classes=["formula-and-mark"])
            after.parent[place : place + 2] = [together, nodes.Text(after[mark.end() :])]
            together += [formula, nodes.Text(mark[0])]


def copy_style(app, exception):
    """Put KaTeX's style sheet and WOFF2 fonts into the site."""
    if exception is None and app.builder.format == "html":
        target = Path(app.outdir) / "_static" / "katex"
        (target / "fonts").mkdir(parents=True, exist_ok=True)
        for source in [KATEX / "katex.min.css", *(KATEX / "fonts").glob("*.woff2")]:
            shutil.copyfile(source, target / source.relative_to(KATEX))


def setup(app):
    """Register with Sphinx."""
    app.setup_extension("sphinxcontrib.katex")
    katex.render_latex = set_formula
    app.connect("doctree-read", check_formulas)
    app.connect("doctree-resolved", keep_marks, priority=900)
    app.connect("build-finished", copy_style)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
