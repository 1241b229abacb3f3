"""Fold solutions, leave them out where that is wanted, and refuse one that its check refuses.

On the site a solution is a ``<details>``: it opens without scripts, by keyboard, for a browser that
finds a word in it, and for a link that leads into it.

``SOLUTIONS=no`` leaves out what stands between ``{solution-start}`` and ``{solution-end}``: from
the pages before anything reads them, so that the cells do not run either, and from the sources
that the site offers.
"""

import os
import re
from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.errors import ConfigError
from sphinx.util import logging
from sphinx_exercise.nodes import solution_node

from cnnlib import atomic

logger = logging.getLogger(__name__)

_SOLUTION = re.compile(
    r"^(?P<start>`{3,}|:{3,})\{solution-start\}.*?"
    r"^(?P<end>`{3,}|:{3,})\{solution-end\}[ \t]*\n(?P=end)[ \t]*\n?",
    re.MULTILINE | re.DOTALL,
)


def wanted():
    """Return whether this build shows solutions: unless the environment says ``SOLUTIONS=no``."""
    choice = os.environ.get("SOLUTIONS", "yes")
    if choice not in ("yes", "no"):
        raise ConfigError(f"`SOLUTIONS` ({choice!r}) is neither 'yes' nor 'no': use one of them")
    return choice == "yes"


def strip(text):
    """Return the text of a page without its solutions."""
    return _SOLUTION.sub("", text)


def shown(text):
    """Return the text of a page as this build shows it."""
    return text if wanted() else strip(text)


def note_choice(app, config):
    """Read all pages again when the choice is another one."""
    config.solutions = "yes" if wanted() else "no"


def on_source_read(app, docname, source):
    """Take the solutions out before cells are executed and fingerprints made."""
    source[0] = shown(source[0])


def warn_of_refused_solutions(app, doctree):
    """Warn of a solution in which `exercises.check` says that it is wrong."""
    for solution in doctree.findall(solution_node):
        for block in solution.findall(nodes.literal_block):
            if block.astext().startswith("Not yet."):
                logger.warning(
                    "the solution of %s is refused by its own check: %s",
                    solution.get("target_label", "an exercise"),
                    " ".join(block.astext().split()),
                    location=solution,
                    type="exercise",
                )


def strip_sources(app, exception):
    """Take the solutions out of the sources that the site offers."""
    if exception is None and app.builder.format == "html" and not wanted():
        for path in Path(app.outdir, "_sources").rglob("*.md"):
            text = path.read_text("utf-8")
            if strip(text) != text:
                atomic.write(path, strip(text))


def visit_html(writer, node):
    """Begin a fold under the solution's title, without the title's link to the exercise above."""
    node.title = node.pop(0)
    words = escape(" ".join(node.title.astext().split()))
    writer.body.append(writer.starttag(node, "details", CLASS="admonition"))
    writer.body.append(f'<summary class="admonition-title">{words}</summary>\n')


def depart_html(writer, node):
    """End it, and leave the node as it was: a notebook is made of it, too."""
    node.insert(0, node.title)
    writer.body.append("</details>\n")


def setup(app):
    """Register with Sphinx."""
    app.setup_extension("sphinx_exercise")
    html = visit_html, depart_html
    app.add_node(solution_node, override=True, html=html)
    app.add_config_value("solutions", "yes", "env", [str])
    app.connect("config-inited", note_choice, priority=1)
    app.connect("source-read", on_source_read, priority=100)  # before `execution_cache`
    app.connect("doctree-read", warn_of_refused_solutions, priority=900)
    app.connect("build-finished", strip_sources)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
