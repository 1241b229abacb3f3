"""The small pictures that the figures start from, as gray values from 0 (black) to 255 (white)."""

from importlib.resources import files
from itertools import pairwise

import numpy as np
from skimage import color, data, transform

STROKES = {  # (row, column) of the corners of a line, on 28 × 28 pixels
    "four": [[(4, 16), (17, 6), (17, 22)], [(4, 16), (24, 16)]],
}


def digit(name="four", width=1.3):
    """Draw a digit with a pen.

    Parameters
    ----------
    name : str
        One of `STROKES`.
    width : float
        Half of the pen's width in pixels.

    Returns
    -------
    array of uint8, shape (28, 28)

    Examples
    --------
    >>> int(digit()[17, 10]), int(digit()[0, 0])
    (255, 0)
    """
    pixels = np.stack(np.mgrid[:28, :28], axis=-1).astype(float)
    distance = np.full((28, 28), np.inf)
    for line in STROKES[name]:
        corners = np.array(line, dtype=float)
        for start, end in pairwise(corners):
            along = end - start
            part = np.clip((pixels - start) @ along / (along @ along), 0, 1)
            gap = pixels - start - part[..., None] * along
            distance = np.minimum(distance, np.hypot(*np.moveaxis(gap, -1, 0)))
    return np.uint8(np.rint(255 * np.clip(width + 0.5 - distance, 0, 1)))


def garment(index=0):
    """Return a garment of the test images that ship with the library.

    Parameters
    ----------
    index : int
        Which of them.

    Returns
    -------
    array of uint8, shape (28, 28)

    Examples
    --------
    >>> garment().shape
    (28, 28)
    """
    with np.load(files("cnnlib") / "samples" / "fashion_mnist.npz") as sample:
        return sample["test_images"][index, :, :, 0]


def photograph(size=60):
    """Return Chelsea's face (a cat, photographed by Stéfan van der Walt, CC0), made smaller.

    Parameters
    ----------
    size : int
        Rows and columns; a divisor of 300.

    Returns
    -------
    array of uint8, shape (size, size)

    Examples
    --------
    >>> photograph().shape
    (60, 60)
    """
    gray = color.rgb2gray(data.chelsea())[:, 90:390]
    small = transform.downscale_local_mean(gray, (300 // size, 300 // size))
    return np.uint8(np.rint(255 * small))


def noise(size=28):
    """Return noise, which hides nothing: each pixel by itself, all values alike.

    Parameters
    ----------
    size : int
        Rows and columns.

    Returns
    -------
    array of uint8, shape (size, size)
        The same at each call.

    Examples
    --------
    >>> noise().shape
    (28, 28)
    """
    return np.random.default_rng(2026).integers(0, 256, size=(size, size), dtype=np.uint8)


# By their names, for figures that offer them all.
PICTURES = {
    "photograph": photograph,
    "garment": garment,
    "digit": digit,
    "noise": noise,
}
