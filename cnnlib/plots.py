"""Drawings of arrays: arrays and an Axes in, the Axes out, in the one style of the book."""

from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib import pyplot as plt
from matplotlib.patches import Rectangle

from cnnlib import palette

STYLE = Path(__file__).with_name("book.mplstyle")


def use_style():
    """Switch Matplotlib to the style of the book, and notebooks to vector graphics."""
    plt.style.use(STYLE)
    if "inline" in mpl.get_backend():
        from matplotlib_inline.backend_inline import set_matplotlib_formats

        set_matplotlib_formats("svg")


def number_grid(ax, values, color=palette.INPUT, *, at=(0, 0), window=None, title=None):
    """Draw a matrix as a grid of its numbers, tinted by their size.

    Several grids on the same Axes have cells of the same size.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw; its axes are turned off and its cells are square.
    values : array_like, shape (H, W)
        The numbers.
    color : color
        Colour of the role that the matrix plays: `palette.INPUT`, `KERNEL` or `OUTPUT`.
    at : tuple of float
        ``(row, column)`` of the grid's top left corner, in cells.
    window : tuple of int, optional
        ``(row, column, height, width)`` of cells to frame in the kernel's colour.
    title : str, optional
        Title above the grid.

    Returns
    -------
    matplotlib.axes.Axes
        `ax`.

    Raises
    ------
    ValueError
        If `values` is not a matrix.
    """
    values = np.asarray(values)
    if values.ndim != 2:
        raise ValueError(f"`values` has shape {values.shape}: give a matrix (H, W)")
    top, left = at
    height, width = values.shape
    largest = np.abs(values).max(initial=0) or 1
    for (i, j), value in np.ndenumerate(values):
        tint = 0.06 + 0.34 * abs(value) / largest
        cell = (left + j, top + i), 1, 1
        ax.add_patch(Rectangle(*cell, facecolor=color, alpha=tint, linewidth=0))
        ax.add_patch(Rectangle(*cell, fill=False, edgecolor=palette.GRID, linewidth=1))
        ax.text(left + j + 0.5, top + i + 0.5, number(value), ha="center", va="center")
    ax.add_patch(Rectangle((left, top), width, height, fill=False, edgecolor=color, linewidth=2))
    if window is not None:
        row, column, rows, columns = window
        corner = left + column, top + row
        ax.add_patch(
            Rectangle(corner, columns, rows, fill=False, edgecolor=palette.KERNEL, linewidth=4)
        )
    if title is not None:
        ax.text(left + width / 2, top - 0.25, title, ha="center", va="bottom")
    ax.set_aspect("equal")
    ax.margins(0.02)
    ax.autoscale_view()
    if not ax.yaxis_inverted():
        ax.invert_yaxis()
    ax.set_axis_off()
    return ax


def image(ax, pixels, *, signed=False, limit=None, title=None):
    """Draw an image: gray as it is, signed values in two hues with white at zero.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw; its axes are turned off.
    pixels : array_like, shape (H, W) or (H, W, 3)
        Values from 0 to 1 where they are not signed; others are shown as black or white.
    signed : bool
        Whether to use a diverging map centred at zero (negative blue, positive orange).
    limit : float, optional
        Value of the map's end where `signed`; the largest magnitude where not given.
    title : str, optional
        Title above the image.

    Returns
    -------
    matplotlib.axes.Axes
        `ax`.
    """
    pixels = np.asarray(pixels)
    if signed:
        limit = limit or np.abs(pixels).max(initial=0) or 1
        ax.imshow(pixels, cmap=_diverging(), vmin=-limit, vmax=limit)
    else:
        ax.imshow(pixels, cmap="gray", vmin=0, vmax=1)
    ax.set_axis_off()
    if title is not None:
        ax.set_title(title)
    return ax


def number(value):
    """Write a number as briefly as a cell of a grid wants it, with a true minus sign.

    Examples
    --------
    >>> number(-2.0), number(0.25), number(1 / 3)
    ('−2', '0.25', '0.33')
    """
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text.replace("-", "−")


def _diverging():
    return mpl.colors.LinearSegmentedColormap.from_list(
        "signed", [palette.INPUT, palette.PAPER, palette.KERNEL]
    )
