"""Make of Matplotlib's SVG the two drawings that a page shows, small and the same in every build.

What says when and by what it was drawn is left out, and hundredths of a point are precise enough.
An embedded picture is a PNG that Matplotlib has already enlarged, pixel by pixel: it gets back the
pixels that the array had, which a browser enlarges with sharp edges to any density. A photograph,
whose pixels are finer than the screen's, stays smooth. Both are written as WebP.
"""

import base64
import io
import re

import numpy as np
from figure_colours import darken_drawing, darken_picture
from PIL import Image

_LEFT_OUT = re.compile(r"<\?xml.*?\?>|<!DOCTYPE.*?>|<metadata>.*?</metadata>|<!--.*?-->", re.DOTALL)
_NUMBER = re.compile(r"(?:scale|matrix)\([^)]*\)|-?\d+\.\d{3,}")
_PICTURE = re.compile(r'<image xlink:href="data:image/png;base64,([^"]*)"')
_SIZE = re.compile(r'<svg [^>]*?width="([\d.]+)pt" height="([\d.]+)pt"')
_BY_MATPLOTLIB = "<dc:title>Matplotlib"
_FEW = 256  # colours: a picture with more is a photograph, which may lose a little
_FINEST = 0.8  # pixels of the original, for one of the enlargement


def is_drawing(svg):
    """Tell whether Matplotlib has drawn an SVG."""
    return _BY_MATPLOTLIB in svg


def light_and_dark(svg):
    """Return the drawings for a light and for a dark page.

    Parameters
    ----------
    svg : str
        What Matplotlib has written.

    Returns
    -------
    tuple of str
        Light, dark.

    Raises
    ------
    ValueError
        If a colour has no dark partner.
    """
    small = re.sub(r">\s+<", "><", re.sub(r" ?\n", " ", _LEFT_OUT.sub("", svg))).strip()
    small = _NUMBER.sub(_round, small)
    return (
        _PICTURE.sub(lambda match: _picture(match, None), small),
        _PICTURE.sub(lambda match: _picture(match, darken_picture), darken_drawing(small)),
    )


def size(svg):
    """Return a drawing's width and height in the page's pixels, 96 an inch.

    Raises
    ------
    ValueError
        If it does not say them in points, as Matplotlib does.
    """
    match = _SIZE.search(svg)
    if match is None:
        raise ValueError("the SVG has no width and height in points: draw it with Matplotlib")
    return tuple(round(float(side) * 4 / 3) for side in match.groups())


def original(pixels):
    """Return a picture of which `pixels` is an enlargement, or None if it is none.

    Rows and columns of an enlargement come in runs of equal ones, even but for rounding. The
    picture has the fewest rows and columns for which that is so.

    Parameters
    ----------
    pixels : numpy.ndarray, shape (H, W, C)

    Returns
    -------
    numpy.ndarray or None
    """
    for axis in (0, 1):
        chosen = _even_runs(pixels, axis)
        if chosen is None:
            return None
        pixels = np.take(pixels, chosen, axis)
    return pixels


def _even_runs(pixels, axis):
    """Return where, along the axis, each row of the original picture is found, or None."""
    length = pixels.shape[axis]
    rows = np.moveaxis(pixels, axis, 0).reshape(length, -1)
    ends = 1 + np.flatnonzero((rows[1:] != rows[:-1]).any(1))
    for count in range(len(ends) + 1, int(_FINEST * length) + 1):
        nearest = np.round(ends * count / length)
        close = np.abs(nearest * length / count - ends) <= 1
        if close.all() and len(set(nearest)) == len(ends):
            run_of_row = np.searchsorted(nearest, np.arange(count), side="right")
            return np.append(0, ends)[run_of_row]
    return None


def _round(match):
    text = match[0]
    if text[0] in "sm":
        return text
    return f"{float(text):.2f}".rstrip("0").rstrip(".")


def _picture(match, repaint):
    """Return the head of an image element with the picture repainted and written anew."""
    with Image.open(io.BytesIO(base64.b64decode(match[1]))) as file:
        has_alpha = file.mode in ("RGBA", "LA") and file.getchannel("A").getextrema()[0] < 255
        picture = np.array(file.convert("RGBA" if has_alpha else "RGB"))
    if repaint is not None:
        picture[..., :3] = repaint(picture[..., :3])
    small = original(picture)
    written = io.BytesIO()
    image = Image.fromarray(picture if small is None else small)
    exact = small is not None or image.getcolors(_FEW) is not None
    image.save(written, "WEBP", lossless=exact, quality=90, method=6)
    data = base64.b64encode(written.getvalue()).decode()
    sharp = ' preserveAspectRatio="none" style="image-rendering: pixelated"'
    return f'<image{"" if small is None else sharp} xlink:href="data:image/webp;base64,{data}"'
