"""The ``animation`` directive: a rendered Manim scene as a figure of the page.

.. code-block:: md

    ```{animation} sliding_kernel.SlidingKernel
    :name: fig-sliding-kernel
    :alt: what the animation shows, in words

    The caption.
    ```

The directive takes the videos and the posters that ``python -m animations`` has rendered, and
nothing of Manim. A rendering whose scene has changed since, or that lacks a file, is an error that
names the command.

Each film is drawn for light pages and for dark ones. Where there are scripts, ``_static/film.js``
shows the one of the page's mode; where there are none, pages are light, and so are films.

The steps that the scene has marked stand below the video as a transcript. From it
``_static/film-steps.js`` takes the times and the words for its two buttons.
"""

from html import escape
from pathlib import Path
from typing import ClassVar

from captions import caption
from docutils import nodes
from docutils.parsers.rst import directives
from page_images import in_both_modes, write_small
from sphinx.util.docutils import SphinxDirective
from sphinx.util.osutil import relative_uri

from animations.catalogue import (
    COMMAND,
    FOLDER,
    PACKAGE,
    files_of,
    manifest_path,
    read_manifest,
    why_stale,
)
from cnnlib.freshness import LOCK, needed_files


class animation_video(nodes.General, nodes.Element):  # noqa: N801 (docutils nodes are lower case)
    """A video, its steps in words and its poster, each in both modes."""


class Animation(SphinxDirective):
    """Show a rendered scene, named as ``module.Class``."""

    required_arguments = 1
    has_content = True
    option_spec: ClassVar = {"name": directives.unchanged, "alt": directives.unchanged_required}

    def run(self):
        """Return a figure, or raise an error at the directive's line."""
        scene = self.arguments[0]
        if not self.options.get("alt"):
            raise self.error(f"animation {scene} has no `:alt:`: say in words what it shows")
        row = self._rendering(scene)
        video = animation_video(alt=self.options["alt"], **row)
        figure = nodes.figure("", video, classes=["animation-player"])
        if self.content:
            figure += caption(self)
        self.set_source_info(figure)
        self.add_name(figure)
        place = scene, next(iter(figure["ids"]), ""), video["alt"]
        places_by_page(self.env).setdefault(self.env.docname, []).append(place)
        return [figure]

    def _rendering(self, scene):
        root = Path(self.env.srcdir)
        command = f"run `{COMMAND} {scene}`"
        module = f"{PACKAGE}.{scene.rpartition('.')[0]}"
        self.env.note_dependency(str(manifest_path(root)))
        try:
            rows = read_manifest(root)
            films = [root / FOLDER / name for name in files_of(rows.get(scene, {}))]
            for path in (root / LOCK, *films, *needed_files(module, root)):
                self.env.note_dependency(str(path))  # read the page again with it
            why = why_stale(scene, root)
        except ValueError as error:
            raise self.error(f"animation {scene}: {error}") from error
        if scene not in rows:
            known = ", ".join(sorted(rows)) or "none"
            raise self.error(f"no scene {scene} has been rendered ({known} are there): {command}")
        if why:
            raise self.error(f"the rendering of {scene} is not fresh ({why}): {command}")
        return rows[scene]


def places_by_page(env):
    """Return what each page shows: a dict of lists of (scene, anchor, alt), in the page's order."""
    if not hasattr(env, "animation_places"):
        env.animation_places = {}
    return env.animation_places


def forget_places(app, env, docname):
    """Forget what a page showed before it is read again."""
    places_by_page(env).pop(docname, None)


def visit_html(writer, node):
    """Write the video over a still, which is what one sees of it before it plays, and on paper.

    The dark source is for ``film.js`` alone: without scripts a page is light, and so is the film.
    """
    page = writer.builder.get_target_uri(writer.builder.current_docname)
    folder = relative_uri(page, "_static/animations/")
    size = node["width"], node["height"]
    sized = 'width="{}" height="{}"'.format(*size)
    # Without any poster, Chromium lays gray over the still.
    nothing = f"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' {sized}/>"
    stills = [folder + node["poster"], folder + node["dark_poster"]]
    small = _small_stills(writer.builder, node) if node.get("in_gallery") else ("", "")
    kind = "gallery-video" if node.get("in_gallery") else "animation-video"
    hidden = ' aria-hidden="true"'
    stills = in_both_modes(stills, size, node["alt"], "animation-still", hidden, small)
    writer.body.append(
        f'<div class="animation-screen">{stills}'
        f'<video class="film {kind}" controls muted playsinline preload="none" {sized} '
        f'poster="{escape(nothing)}" aria-label="{writer.attval(node["alt"])}">'
        f'<source src="{folder}{node["dark_video"]}" type="video/mp4" '
        'media="not all">'
        f'<source src="{folder}{node["video"]}" type="video/mp4"></video></div>'
    )
    if not node.get("in_gallery"):
        writer.body.append(step_bar(node) + transcript(node["steps"]))
    raise nodes.SkipNode


def _small_stills(builder, row):
    """Write both stills for a gallery, which shows many and each of them small."""
    rendered = Path(builder.srcdir, FOLDER)
    target = Path(builder.outdir, builder.imagedir)
    names = (write_small(rendered / row[key], target) for key in ("poster", "dark_poster"))
    return [f"{builder.imgpath}/{name}" for name in names]


def step_bar(row):
    """Write the two buttons and the place of the words; before the first step it has the point."""
    longest = max((words for *_, words in row["steps"]), key=len)
    last = f"Step {len(row['steps'])} of {len(row['steps'])}: {longest}"  # reserves the room
    return (
        f'<div class="animation-bar" role="group" aria-label="Steps of “{escape(row["title"])}”">'
        '<button type="button" aria-disabled="true">Previous step</button>'
        '<button type="button">Next step</button>'
        f'<p class="animation-words" aria-live="polite" data-longest="{escape(last)}">'
        f"<span>{escape(row['point'])}</span></p></div>"
    )


def transcript(steps):
    """Write the steps as a folded list, each with its time, and with when it begins."""
    items = (
        f'<li data-since="{since:g}" data-seconds="{seconds:g}">'
        f'<span class="animation-time">{seconds:.1f} s</span> <span>{escape(words)}</span></li>'
        for since, seconds, words in steps
    )
    return (
        '<details class="animation-transcript"><summary>Transcript</summary>'
        f"<ol>{''.join(items)}</ol></details>"
    )


def visit_other(writer, node):
    """Leave the words where a writer knows no video."""
    raise nodes.SkipNode


def setup(app):
    """Register with Sphinx."""
    app.add_node(
        animation_video,
        html=(visit_html, None),
        latex=(visit_other, None),
        text=(visit_other, None),
    )
    app.add_directive("animation", Animation)
    app.connect("env-purge-doc", forget_places)
    # The places of pages read in another process would be lost.
    return {"env_version": 2, "parallel_read_safe": False, "parallel_write_safe": True}
