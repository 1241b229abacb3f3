"""The ``animation-gallery`` directive: all films of the lecture, in the order of its pages.

.. code-block:: md

    ```{animation-gallery}
    ```

A film's title, its point, video and steps come from the manifest of the renderings; where it is
explained, and what it shows in words, from the page that embeds it. A film that no page embeds is
a warning, and so an error.
"""

from pathlib import Path

import addresses
from animation import animation_video, places_by_page
from docutils import nodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from animations.catalogue import manifest_path, read_manifest

_log = logging.getLogger(__name__)


class animation_gallery(nodes.General, nodes.Element):  # noqa: N801 (docutils nodes are lower case)
    """The place of the gallery, filled when all pages have been read."""


class AnimationGallery(SphinxDirective):
    """Show all films, each with its page and its source."""

    def run(self):
        """Return the gallery's place."""
        self.env.note_dependency(str(manifest_path(Path(self.env.srcdir))))
        self.env.animation_gallery = self.env.docname, []
        gallery = animation_gallery()
        self.set_source_info(gallery)
        return [gallery]


def list_places(env):
    """List where films are shown, in the order in which the book is read.

    Returns
    -------
    list of tuple
        (scene, page, its title, anchor, alt); a scene is there as often as it is shown.
    """
    return [
        (scene, docname, env.titles[docname].astext(), anchor, alt)
        for docname in _reading_order(env, env.config.root_doc)
        for scene, anchor, alt in places_by_page(env).get(docname, [])
    ]


def _reading_order(env, docname):
    yield docname
    for child in env.toctree_includes.get(docname, []):
        yield from _reading_order(env, child)


def galleries_to_write(app, env):
    """Name the gallery's page if films have moved since it was written."""
    gallery, shown = getattr(env, "animation_gallery", ("", []))
    places = list_places(env)
    if gallery not in env.found_docs or shown == places:
        return []
    env.animation_gallery = gallery, places
    return [gallery]


def fill(app, doctree, docname):
    """Put the films into the gallery."""
    for gallery in list(doctree.findall(animation_gallery)):
        rows, places = read_manifest(Path(app.srcdir)), {}
        for scene, *place in list_places(app.env):
            places.setdefault(scene, []).append(place)
        for scene in sorted(set(rows) - set(places)):
            _log.warning("no page shows the film %s: embed it", scene, location=gallery)
        films = (_film(app, docname, scene, rows[scene], places[scene]) for scene in places)
        gallery.replace_self(nodes.container("", *films, classes=["film-gallery"]))


def _film(app, docname, scene, row, places):
    where = nodes.paragraph("", "Explained in ")
    for number, (page, title, anchor, _) in enumerate(places):
        address = app.builder.get_relative_uri(docname, page) + (f"#{anchor}" if anchor else "")
        where += [nodes.Text(" and ")] if number else []
        where += nodes.reference("", title, internal=True, refuri=address)
    where += [nodes.Text("; the scene is "), _source(scene), nodes.Text(".")]
    return nodes.section(
        "",
        nodes.title("", row["title"]),
        animation_video(**row, alt=places[0][-1], in_gallery=True),
        nodes.paragraph("", row["point"]),
        where,
        ids=[nodes.make_id(f"film-{scene}")],
        classes=["film-entry"],
    )


def _source(scene):
    path = f"animations/{scene.rpartition('.')[0]}.py"
    if not (address := addresses.source(path)):
        return nodes.literal("", path)
    return nodes.reference("", path, refuri=address)


def setup(app):
    """Register with Sphinx."""
    app.setup_extension("animation")
    app.add_node(animation_gallery)
    app.add_directive("animation-gallery", AnimationGallery)
    app.connect("env-updated", galleries_to_write)
    app.connect("doctree-resolved", fill)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
