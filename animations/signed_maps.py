"""Matrices of signed numbers in colour: orange above zero, blue below, paper at zero."""

import numpy as np
from manim import RESAMPLING_ALGORITHMS, Group, ImageMobject, ManimColor, Square, VGroup

from animations.lettering import MINUS, Lettering
from animations.roles import PLAIN
from cnnlib import palette


def blend(values, limit):
    """Turn numbers into colours.

    Parameters
    ----------
    values : array_like
        Of any shape.
    limit : float
        At this distance from zero, and beyond, the colour is full.

    Returns
    -------
    array of uint8, shape (*shape, 3)
    """
    values = np.asarray(values, float)
    part = np.clip(np.abs(values) / limit, 0, 1)[..., None]
    paper, above, below = (
        255 * ManimColor(colour).to_rgb()
        for colour in (palette.PAPER, palette.KERNEL, palette.INPUT)
    )
    full = np.where(values[..., None] > 0, above, below)
    return np.round(paper + part * (full - paper)).astype(np.uint8)


class SignedMap(Group):
    """A matrix as an image in a thin border.

    Parameters
    ----------
    values : array_like
        Shape (rows, columns).
    side : float
        Height and width in scene units.
    limit : float
        See `blend`.
    role : Role
        Whose colour the border has.

    Attributes
    ----------
    values : numpy.ndarray
        The matrix that is shown.
    """

    def __init__(self, values, side, limit, role):
        self.limit = limit
        self.image = ImageMobject(blend(values, limit))
        self.image.set_resampling_algorithm(RESAMPLING_ALGORITHMS["nearest"])
        self.image.stretch_to_fit_height(side).stretch_to_fit_width(side)
        super().__init__(self.image, Square(side).set_stroke(role.line, width=2))
        self.show(values)

    def show(self, values):
        """Show another matrix of the same shape."""
        self.values = np.asarray(values, float)
        self.image.pixel_array[..., :3] = blend(values, self.limit)
        return self


class SignedWeights(VGroup):
    """A small kernel as coloured cells with a number, rounded to one decimal, in each.

    Parameters
    ----------
    values : array_like
        The kernel, shape (rows, columns).
    limit : float
        See `blend`; the colour is thinned, so that the digits can be read on it.
    cell_size : float
        Side of a cell in scene units.
    """

    thinned = 0.45

    def __init__(self, values, limit, cell_size=0.95):
        self.values = np.asarray(values, float)
        self.limit, self.cell_size = limit, cell_size
        self.cells = VGroup(*(Square(cell_size) for _ in range(self.values.size)))
        self.cells.arrange_in_grid(*self.values.shape, buff=0).set_stroke(PLAIN.line, width=2)
        self.numbers = VGroup()
        super().__init__(self.cells, self.numbers)
        self.show(values)

    def show(self, values):
        """Show another kernel of the same shape."""
        self.values = np.asarray(values, float)
        colours = blend(self.values, self.limit / self.thinned).reshape(-1, 3)
        self.numbers.submobjects = []
        for cell, colour, value in zip(self.cells, colours, self.values.flat, strict=True):
            cell.set_fill(ManimColor.from_rgb(tuple(int(c) for c in colour)), opacity=1)
            digits = Lettering(format_tenths(value), 0.37 * self.cell_size)
            self.numbers.add(digits.shift(cell.get_center() - digits.get_center()))
        return self


def format_tenths(value):
    """Write a number with one decimal and a true minus sign.

    Examples
    --------
    >>> format_tenths(-1.04), format_tenths(-0.02)
    ('−1.0', '0.0')
    """
    return f"{round(float(value), 1) + 0:.1f}".replace("-", MINUS)
