"""Arrays as pictures: gray for images, orange and blue for signed values."""

import numpy as np
from manim import Camera, Group, ImageMobject, ManimColor, Rectangle
from PIL import Image

from animations.roles import PLAIN
from cnnlib import palette


class WithPictures:
    """What a scene with pictures is besides a `LectureScene`: name it before that."""

    budget = 500_000

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, camera_class=PictureCamera, **options)


class PictureCamera(Camera):
    """A camera for upright pictures, whose pixels it draws as sharp squares.

    Manim's own hands Pillow a float array as a picture, which Pillow now refuses.
    """

    def display_image_mobject(self, image_mobject, pixel_array):
        """Lay a picture over what has been drawn."""
        corners = self.points_to_subpixel_coords(image_mobject, image_mobject.points)
        ends = np.rint([corners.min(axis=0), corners.max(axis=0)])
        (left, top), (right, bottom) = ends.astype(int)
        picture = Image.fromarray(image_mobject.get_pixel_array())
        picture = picture.resize((right - left, bottom - top), Image.Resampling.NEAREST)
        colours = np.asarray(picture, dtype=float)
        alpha = colours[..., 3:] / 255
        ground = pixel_array[top:bottom, left:right, :3]
        ground[:] = np.rint(ground + alpha * (colours[..., :3] - ground))


class Picture(Group):
    """A matrix, a square for each number, in a thin frame.

    Parameters
    ----------
    values : array_like
        Matrix, shape (rows, columns).
    height : float
        In scene units.
    signed : bool
        Blue below zero, white at it, orange above; otherwise black at `limits[0]`, white at
        `limits[1]`.
    limits : tuple of float, optional
        The ends of the scale; by default those of the values. Of a signed picture only the
        second counts, for both signs.
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

    def __init__(self, values, height, signed=False, limits=None, role=PLAIN):
        self.values = np.asarray(values, dtype=float)
        self.image = ImageMobject(paint(self.values, signed, limits))
        self.image.height = height
        self.border = Rectangle(width=self.image.width, height=self.image.height)
        self.border.set_stroke(role.line, width=2.2)
        super().__init__(self.image, self.border)


def paint(values, signed=False, limits=None):
    """Turn a matrix into colours, see `Picture`.

    Returns
    -------
    array of uint8, shape (rows, columns, 3)

    Examples
    --------
    >>> paint(np.array([[0.0, 1.0]])).tolist()
    [[[0, 0, 0], [255, 255, 255]]]
    """
    low, high = limits or (values.min(), np.abs(values).max() if signed else values.max())
    if not signed:
        gray = np.clip((values - low) / (high - low or 1), 0, 1)
        return np.uint8(np.rint(255 * gray))[..., None].repeat(3, axis=-1)
    part = np.clip(values / (high or 1), -1, 1)[..., None]
    paper, negative, positive = (
        np.array(ManimColor(colour).to_int_rgb(), dtype=float)
        for colour in (palette.PAPER, palette.INPUT, palette.KERNEL)
    )
    return np.uint8(
        np.rint(paper + np.abs(part) * (np.where(part < 0, negative, positive) - paper))
    )
