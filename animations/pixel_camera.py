"""What a scene with pictures is besides a `LectureScene`: larger, and filmed pixel by pixel.

Manim's own camera turns each image in perspective and blends it with the whole frame, in a way that
newer versions of Pillow refuse. The lecture's images are upright and small.
"""

import numpy as np
from manim import DOWN, LEFT, RIGHT, UP, Camera

FILM_PIXEL = 1 / 90  # scene units


class WithPictures:
    """A mixin for scenes with pictures: name it before `LectureScene`."""

    budget = 500_000

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, camera_class=PixelCamera, **options)


class PixelCamera(Camera):
    """A camera for upright images: nearest pixel, no interpolation."""

    def display_image_mobject(self, image_mobject, pixel_array):
        """Blend an image, shape (rows, columns, 4), with what is below it."""
        corners = np.array([image_mobject.get_corner(c) for c in (UP + LEFT, DOWN + RIGHT)])
        corners = np.round(self.points_to_subpixel_coords(image_mobject, corners)).astype(int)
        (left, top), (right, bottom) = corners
        picture = image_mobject.get_pixel_array()
        rows = _nearest(bottom - top, len(picture))
        columns = _nearest(right - left, picture.shape[1])
        above = picture[np.ix_(rows, columns)].astype(float)
        below = pixel_array[top:bottom, left:right]
        part = above[..., 3:] / 255
        below[..., :3] = np.round(part * above[..., :3] + (1 - part) * below[..., :3])


def _nearest(length, count):
    """Find for each of `length` film pixels the image's pixel, of `count`, that covers it."""
    return np.arange(length) * count // length
