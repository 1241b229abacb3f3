"""Matrices as pictures that stay as they are: gray for images, orange and blue for signed maps."""

import numpy as np
from manim import Group, ImageMobject, Rectangle

from animations.gray_maps import blend_gray
from animations.roles import PLAIN
from animations.signed_maps import blend


class Picture(Group):
    """A matrix, a square for each number, in a thin frame.

    Parameters
    ----------
    values : array_like
        Matrix, shape (rows, columns).
    height : float
        In scene units.
    limit : float, optional
        Of a signed map, see `animations.signed_maps.blend`; without it the picture is gray, see
        `animations.gray_maps.blend_gray`.
    role : Role
        Whose line the frame has.

    Attributes
    ----------
    values : numpy.ndarray
        The matrix.
    image : ImageMobject
        Its squares.
    border : Rectangle
        The frame.
    """

    def __init__(self, values, height, limit=None, role=PLAIN):
        self.values = np.asarray(values, dtype=float)
        colours = blend_gray(self.values) if limit is None else blend(self.values, limit)
        self.image = ImageMobject(colours)
        self.image.height = height
        self.border = Rectangle(width=self.image.width, height=self.image.height)
        self.border.set_stroke(role.line, width=2.2)
        super().__init__(self.image, self.border)
