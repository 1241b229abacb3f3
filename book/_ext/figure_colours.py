"""Repaint a figure for a dark page: every colour by its partner, every map of numbers by its own.

Matplotlib has drawn the figure once, as SVG, in the colours of `cnnlib.palette` and of the style
sheet. Nothing is guessed here: a colour without a partner in `cnnlib.palette_dark` is an error.
Embedded pictures are repainted where each of their pixels is in a map that we know (signed values,
shares), and are photographs otherwise, which stay as they are.
"""

import re
from functools import cache, partial

import matplotlib as mpl
import numpy as np
from matplotlib.colors import LinearSegmentedColormap, to_hex, to_rgb

from cnnlib import palette, palette_dark, plots

COLOUR = re.compile(r"\b(fill|stroke): (#[0-9a-fA-F]{6})\b")


@cache
def partners():
    """Return the dark colour of each colour that a figure may have (dict, upper case)."""
    pairs = {
        hue.upper(): getattr(palette_dark, name)
        for name, hue in vars(palette).items()
        if name.isupper()
    }
    style = mpl.rc_params_from_file(plots.STYLE, use_default_template=False)
    return pairs | {to_hex(style["grid.color"]).upper(): palette_dark.RULE}


@cache
def maps():
    """Return the maps of numbers, each as (light, dark) tables of 256 colours, uint8 (256, 3)."""

    def table(*hues):
        return _table(LinearSegmentedColormap.from_list("", hues))

    light, dark = palette, palette_dark
    return {
        "signed": (
            table(light.INPUT, light.PAPER, light.KERNEL),
            table(dark.INPUT, dark.PAPER, dark.KERNEL),
        ),
        "shares": (_table(mpl.colormaps["Oranges"]), table(dark.PAPER, dark.MOST)),
    }


def _table(colormap):
    return colormap(np.arange(256), bytes=True)[:, :3]


def darken_drawing(svg):
    """Return a figure's SVG with every colour replaced by its partner.

    White lines on pictures stay white: the picture is as bright as it was.

    Raises
    ------
    ValueError
        If a colour has none.
    """

    def swap(match, on_picture):
        hue = match[2].upper()
        if on_picture and match[1] == "stroke" and hue == palette.PAPER:
            return match[0]
        if hue not in partners():
            raise ValueError(
                f"the colour {hue} has no partner for dark pages: draw with those of "
                "cnnlib.palette, or give it one in cnnlib.palette_dark"
            )
        return f"{match[1]}: {partners()[hue].lower()}"

    parts = re.split(r'(?=<g id="axes_\d+">)', svg)
    painted = (COLOUR.sub(partial(swap, on_picture="<image" in part), part) for part in parts)
    # Matplotlib writes no colour where it is black.
    return "".join(painted).replace("<svg ", f'<svg fill="{palette_dark.INK.lower()}" ', 1)


def darken_picture(pixels):
    """Return an embedded picture as a dark page shows it.

    Parameters
    ----------
    pixels : numpy.ndarray of uint8, shape (H, W, 3)

    Returns
    -------
    numpy.ndarray of uint8, shape (H, W, 3)
        `pixels` itself where it is no map of numbers.
    """
    codes = _codes(pixels)
    for light, dark in maps().values():
        known, first = np.unique(_codes(light), return_index=True)
        if np.isin(codes, known).all():
            return dark[first[np.searchsorted(known, codes)]]
    return pixels


def _codes(colours):
    """Return each colour as one number."""
    return colours.astype(int) @ np.array([1 << 16, 1 << 8, 1])


def contrast(one, other):
    """Return the contrast of two colours, from 1 to 21.

    Source: WCAG 2.2, "contrast ratio" and "relative luminance".
    """
    dim, bright = sorted(_luminance(hue) for hue in (one, other))
    return (bright + 0.05) / (dim + 0.05)


def _luminance(hue):
    linear = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(hue))
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
