"""Warnings are errors in every build, with or without ``-W``, the first time and every time.

Sphinx by itself forgives: a build with warnings exits 0, and the next one does not even repeat
them, since nothing has changed. Here a build with a warning exits 1 and leaves no environment
behind, so that the next one reads every page again (executed cells stay in the cache) and warns
again.

An image that says nothing to those who cannot see it is a warning too.
"""

from pathlib import Path

from docutils import nodes
from sphinx.application import ENV_PICKLE_FILENAME
from sphinx.util import logging

logger = logging.getLogger(__name__)

ALT_REMEDY = (
    "give `:alt:` to a directive; begin a code cell with `mystnb: {image: {alt: …}}` between "
    "two `---` lines"
)


def warn_of_images_without_words(app, doctree):
    """Warn of each image of a page that has no alternative text, with its place."""
    for image in doctree.findall(nodes.image):
        if not image.get("alt", "").strip():
            logger.warning(
                "image without alternative text: %s", ALT_REMEDY, location=image, type="alt"
            )


def forget_a_build_with_warnings(app, exception):
    """Remove the pickled environment where a warning was given."""
    if app._warncount:
        (Path(app.doctreedir) / ENV_PICKLE_FILENAME).unlink(missing_ok=True)


def setup(app):
    """Register with Sphinx."""
    app.keep_going = True  # report all, and exit 1 if there was any
    app.connect("doctree-read", warn_of_images_without_words)
    app.connect("build-finished", forget_a_build_with_warnings)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
