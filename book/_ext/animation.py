"""The ``animation`` directive: a rendered Manim scene as a figure of the page.

.. code-block:: md

    ```{animation} sliding_kernel.SlidingKernel
    :name: fig-sliding-kernel
    :alt: what the animation shows, in words

    The caption.
    ```

The directive takes the video and the poster that ``python -m animations`` has rendered, and
nothing of Manim. A rendering whose scene has changed since is an error that names the command.
"""

import json
from pathlib import Path
from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective
from sphinx.util.osutil import relative_uri

from cnnlib.freshness import LOCK, fingerprint, needed_files

FOLDER = Path("book/_static/animations")


class animation_video(nodes.General, nodes.Element):  # noqa: N801 (docutils nodes are lower case)
    """A video with its poster, its words and a still for print."""


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
        figure = nodes.figure("", video, classes=["animation"])
        if self.content:
            caption = nodes.caption()
            self.state.nested_parse(self.content, self.content_offset, caption)
            caption.children = caption.children[0].children  # out of its paragraph
            figure += caption
        self.set_source_info(figure)
        self.add_name(figure)
        return [figure]

    def _rendering(self, scene):
        root = Path(self.env.srcdir)
        module = f"animations.{scene.rpartition('.')[0]}"
        command = f"run `python -m animations {scene}`"
        manifest = root / FOLDER / "manifest.json"
        self.env.note_dependency(str(manifest))
        for needed in [root / LOCK, *needed_files(module, root)]:  # read the page again with them
            self.env.note_dependency(str(needed))
        rows = json.loads(manifest.read_text("utf-8")) if manifest.exists() else {}
        if scene not in rows:
            known = ", ".join(sorted(rows)) or "none"
            raise self.error(f"no scene {scene} has been rendered ({known} are there): {command}")
        try:
            fresh = rows[scene]["fingerprint"] == fingerprint(module, root)
        except ValueError as error:
            raise self.error(f"animation {scene}: {error}") from error
        if not fresh:
            raise self.error(f"the rendering of {scene} is older than the scene: {command}")
        return rows[scene]


def visit_html(writer, node):
    """Write the video; the still beside it is for print and for readers without video."""
    page = writer.builder.get_target_uri(writer.builder.current_docname)
    folder = relative_uri(page, "_static/animations/")
    alt = writer.attval(node["alt"])
    size = f'width="{node["width"]}" height="{node["height"]}"'
    writer.body.append(
        f'<video class="animation-video" controls muted playsinline preload="none" {size} '
        f'poster="{folder}{node["poster"]}" aria-label="{alt}">'
        f'<source src="{folder}{node["video"]}" type="video/mp4"></video>'
        f'<img class="animation-still" src="{folder}{node["poster"]}" {size} loading="lazy" '
        f'alt="{alt}">'
    )
    raise nodes.SkipNode


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
    return {"parallel_read_safe": True, "parallel_write_safe": True}
