"""The ``interactive`` directive: a figure that readers take hold of in the page.

.. code-block:: md

    ```{interactive} convolution-playground
    :name: fig-playground
    :alt: what the figure shows, in words (required)
    :state: kernel=box&stride=2

    The caption.
    ```

A figure is two files in ``book/_figures``: ``convolution-playground.js``, an element of that name,
and ``convolution_playground.py`` with

- ``INITIAL``, what it starts with: texts by the keys that it has in the page's address; ``:state:``
  changes some of them;
- ``data()``, what it needs of `cnnlib`, for JSON (the script imports it from "figure-data");
- ``still(state)``, the picture for print and for readers without scripts.

`figure_files` makes the script and the picture; only the pages that use a figure load them.

A sentence can lead to an exact situation of a figure on its page:
``{situation}`blur it <fig-playground?kernel=box>` ``.
"""

from html import escape
from pathlib import Path
from typing import ClassVar
from urllib.parse import parse_qsl, quote, urlencode

import figure_files
from captions import caption
from docutils import nodes
from docutils.parsers.rst import directives
from figure_files import FOLDER
from page_images import in_both_modes
from site_inputs import digest
from sphinx.util import logging
from sphinx.util.docutils import ReferenceRole, SphinxDirective
from sphinx.util.osutil import relative_uri

from cnnlib.freshness import LOCK, fingerprint, needed_files

logger = logging.getLogger(__name__)


class interactive_figure(nodes.General, nodes.Element):  # noqa: N801 (docutils nodes are lower case)
    """A figure's element, with its still picture inside."""


class Interactive(SphinxDirective):
    """Show an interactive figure, named as its script."""

    required_arguments = 1
    has_content = True
    option_spec: ClassVar = {
        "name": directives.unchanged_required,
        "alt": directives.unchanged_required,
        "state": directives.unchanged_required,
    }

    def run(self):
        """Return a figure, or raise an error at the directive's line."""
        name, root = self.arguments[0], Path(self.env.srcdir)
        known = sorted(path.stem for path in (root / FOLDER).glob("*-*.js"))
        if name not in known:
            raise self.error(
                f"no interactive figure {name}: {FOLDER} has {', '.join(known) or 'none'}"
            )
        for option, what in {
            "alt": "say in words what it shows",
            "name": "name it, since its state in the page's address needs a name",
        }.items():
            if not self.options.get(option):
                raise self.error(f"interactive {name} has no `:{option}:`: {what}")
        needed = needed_files(figure_files.module_of(name), root)
        for path in [root / LOCK, *needed]:  # read the page again with them
            self.env.note_dependency(str(path))
        state = self._state(figure_files.module(name).INITIAL)
        words = self.options["alt"]
        element = interactive_figure(
            figure=name,
            alt=words,
            state=state,
            notebook=f"*On the site, this is a figure to take hold of.* {words}",
        )
        figure = nodes.figure("", element, classes=["interactive"])
        if self.content:
            figure += caption(self)
        self.set_source_info(element)
        self.set_source_info(figure)
        self.add_name(figure)
        return [figure]

    def _state(self, initial):
        """Return what the figure starts with in this place."""
        name, given = self.arguments[0], self.options.get("state", "")
        try:
            state = dict(parse_qsl(given, strict_parsing=bool(given)))
        except ValueError as error:
            raise self.error(
                f"`:state:` ({given}) of {name} is unreadable: write it like key=text&key=text"
            ) from error
        for key in state:
            if key not in initial:
                raise self.error(f"`:state:` of {name} has no {key}: use {', '.join(initial)}")
        return initial | state


class Situation(ReferenceRole):
    """Lead to a figure of the page, set as after the question mark."""

    def run(self):
        """Return the link."""
        link = nodes.reference(
            self.rawtext,
            self.title,
            internal=True,
            refuri=f"#{quote(self.target, safe='?=&,;:')}",
            situation=self.target,
        )
        self.set_source_info(link)
        return [link], []


def check_situations(app, doctree):
    """Warn of links to figures that the page has not, or to what they cannot be set to."""
    known = {
        identifier: node["figure"]
        for node in doctree.findall(interactive_figure)
        for identifier in node.parent["ids"]
    }
    for link in doctree.findall(lambda node: "situation" in getattr(node, "attributes", ())):
        name, _, query = link["situation"].partition("?")
        keys = set(dict(parse_qsl(query)))
        if name not in known:
            text = f"no interactive figure {name} on this page: {', '.join(known) or 'none'} is"
        elif not keys or keys - set(figure_files.module(known[name]).INITIAL):
            keys = ", ".join(figure_files.module(known[name]).INITIAL)
            text = f"{link['situation']} says nothing that {name} can be set to: use {keys}"
        else:
            continue
        logger.warning("situation: %s", text, location=link, type="interactive")


def visit_html(writer, node):
    """Write the element; without the script, the still picture inside is the figure."""
    page = writer.builder.get_target_uri(writer.builder.current_docname)
    name, state = node["figure"], node["state"]
    stills, size = figure_files.write_still(writer.builder.app, name, state)
    sources = tuple(relative_uri(page, f"_static/{still}") for still in stills)
    writer.body.append(
        f'<{name} state="{escape(urlencode(state, safe=",;", quote_via=quote))}">'
        f"{in_both_modes(sources, size, node['alt'], 'figure-still')}</{name}>"
    )
    raise nodes.SkipNode


def visit_other(writer, node):
    """Leave a figure out where a writer knows no scripts."""
    raise nodes.SkipNode


def add_files(app, pagename, templatename, context, doctree):
    """Give their scripts and the style sheet to the pages that have figures."""
    found = {node["figure"] for node in doctree.findall(interactive_figure)} if doctree else ()
    for name in sorted(found):
        app.add_js_file(figure_files.write_script(app, name), defer="defer")
    if found:
        app.add_css_file(figure_files.write_style(app))


def note_sources(app, config):
    """Have the pages written again where a figure's script or data are others."""
    root = Path(app.srcdir)
    modules = sorted((root / FOLDER).glob("*.py"))
    made_of = [fingerprint(f"book._figures.{path.stem}", root) for path in modules]
    config.figures_digest = " ".join([digest(root / FOLDER), *made_of])


def setup(app):
    """Register with Sphinx."""
    app.add_config_value("figures_digest", "", "html", [str])
    app.add_node(
        interactive_figure,
        html=(visit_html, None),
        latex=(visit_other, None),
        text=(visit_other, None),
    )
    app.add_directive("interactive", Interactive)
    app.add_role("situation", Situation())
    app.connect("doctree-read", check_situations)
    app.connect("config-inited", note_sources)
    app.connect("html-page-context", add_files)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
