"""Show every picture of a page in the reader's mode, without a shift, and only when it comes near.

A figure of Matplotlib becomes two, drawn for light and for dark pages (`figure_drawing`). The one
that is not shown is not displayed (``lecture.css``), and so is neither loaded nor read out; print
shows the light one. Both have all attributes, so that the place is kept before anything is loaded.
Other pictures get their size, if the page has given none, and wait as well.

All of them wait: a picture on the first screen comes at once in spite of it, and one that did not
wait would be loaded in both modes.
"""

import hashlib
import io
import re
from html import escape
from pathlib import Path

import figure_drawing
from docutils import nodes
from PIL import Image
from sphinx.util import logging

from cnnlib import atomic
from cnnlib.freshness import fingerprint

logger = logging.getLogger(__name__)

# How `write_modes` names drawings, and MyST-NB what it has from cells.
_DRAWING = re.compile(r"[0-9a-f]{16}-(?:light|dark)\.svg|[0-9a-f]{64}\.(?:svg|png|jpeg)")

# What every picture of the site has.
WAITING = 'loading="lazy" decoding="async"'


def write_modes(folder, svg):
    """Write a figure's two drawings into a folder; return their names, light and dark.

    Parameters
    ----------
    folder : pathlib.Path
    svg : str
        What Matplotlib has drawn.

    Returns
    -------
    tuple of str
        Named by what is in them, so that a drawing that two pages show is there once.

    Raises
    ------
    ValueError
        If a colour has no dark partner.
    """
    names = []
    for mode, drawing in zip(("light", "dark"), figure_drawing.light_and_dark(svg), strict=True):
        content = drawing.encode()
        name = f"{hashlib.sha256(content).hexdigest()[:16]}-{mode}.svg"
        target = folder / name
        if not target.exists():
            atomic.write(target, content)
        names.append(name)
    return tuple(names)


def write_small(picture, folder):
    """Write a picture at half its width into a folder, for where it is shown small.

    Parameters
    ----------
    picture, folder : pathlib.Path

    Returns
    -------
    str
        The file's name.
    """
    target, data = folder / f"{picture.stem}-small.webp", io.BytesIO()
    with Image.open(picture) as image:
        width, height = image.size
        half = image.convert("RGB").resize((width // 2, height // 2), Image.Resampling.LANCZOS)
    half.save(data, "WEBP", quality=60, method=6)
    atomic.write(target, data.getvalue())
    return target.name


def in_both_modes(sources, size, alt, kind="", more="", small=("", "")):
    """Return the HTML of a figure's two drawings.

    Parameters
    ----------
    sources : tuple of str
        Addresses of the light and the dark one.
    size : tuple of int
        Width and height in the page's pixels.
    alt : str
        The figure in words.
    kind : str
        More classes.
    more : str
        More attributes.
    small : tuple of str
        Addresses of both at half the width, from which the browser may choose.
    """
    width, height = size
    choices = (
        f' srcset="{half} {width // 2}w, {whole} {width}w" sizes="auto, 100vw"' if half else ""
        for half, whole in zip(small, sources, strict=True)
    )
    return "".join(
        f'<img class="{f"{kind} only-{mode}".strip()}" src="{source}" alt="{escape(alt)}" '
        f'width="{width}" height="{height}" {WAITING}{more}{choice}>'
        for mode, source, choice in zip(("light", "dark"), sources, choices, strict=True)
    )


def visit_image(writer, node):
    """Write a picture; a figure of Matplotlib in both modes."""
    builder = writer.builder
    source = Path(builder.srcdir, node["uri"])
    svg = source.read_text("utf-8") if source.suffix == ".svg" and source.is_file() else ""
    if not figure_drawing.is_drawing(svg):
        _visit_other(writer, node, source)
        return
    try:
        names = write_modes(Path(builder.outdir, builder.imagedir), svg)
    except ValueError as error:
        logger.warning("figure: %s", error, location=node, type="figure")
        raise nodes.SkipNode from error
    builder.images.pop(node["uri"], None)  # the drawing that these two are made of
    sources = [f"{builder.imgpath}/{name}" for name in names]
    classes = " ".join(node.get("classes", []))
    # In an element of its own: the theme hides what follows a picture of the other mode.
    pair = in_both_modes(sources, figure_drawing.size(svg), node.get("alt", ""), classes)
    writer.body.append(f'<span class="figure-modes">{pair}</span>')
    raise nodes.SkipNode


def _visit_other(writer, node, source):
    """Write a picture as Sphinx does, with its size and the order to wait."""
    sized = "width" in node or "height" in node or "scale" in node
    start = len(writer.body)
    type(writer).visit_image(writer, node)
    more = f" {WAITING}"
    if not sized and source.is_file() and source.suffix != ".svg":
        with Image.open(source) as image:
            more += ' width="{}" height="{}"'.format(*image.size)
    written = "".join(writer.body[start:])
    writer.body[start:] = [written.replace("<img ", f"<img{more} ", 1)]


def depart_image(writer, node):
    """Leave a picture that was not skipped."""
    type(writer).depart_image(writer, node)


def remove_unshown(site):
    """Take pictures of earlier builds, which no page shows any more, out of a built site.

    Parameters
    ----------
    site : pathlib.Path
    """
    pages = (path.read_text("utf-8") for path in site.rglob("*.html"))
    shown = {name for page in pages for name in _DRAWING.findall(page)}
    for path in site.rglob("*.*"):
        if _DRAWING.fullmatch(path.name) and path.name not in shown:
            path.unlink()


def tidy(app, exception):
    """Do it once all pages are written."""
    if exception is None and app.builder.format == "html":
        remove_unshown(Path(app.outdir))


def note_colours(app, config):
    """Have the pages written again where a dark colour is another."""
    config.dark_colours_digest = fingerprint("cnnlib.palette_dark", Path(app.srcdir))


def setup(app):
    """Register with Sphinx."""
    app.add_config_value("dark_colours_digest", "", "html", [str])
    app.connect("config-inited", note_colours)
    app.connect("build-finished", tidy)
    app.add_node(nodes.image, override=True, html=(visit_image, depart_image))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
