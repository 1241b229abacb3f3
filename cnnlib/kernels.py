"""Name the kernels that people chose by hand before networks learned theirs.

Each is a new float64 array of shape (rows, columns), to slide over an image as it is, without
flipping (`cnnlib.conv.cross_correlate2d`, `cnnlib.conv.conv2d`). x grows to the right, y
downwards. Kernels that blur or sharpen sum to 1 and so keep the mean brightness; those that
differentiate sum to 0 and so ignore it.
"""

import math

import numpy as np

from cnnlib.shapes import as_integer


def identity(size=3):
    """Return a single 1 in the middle: the image comes out as it went in.

    Parameters
    ----------
    size : int
        Rows and columns, odd.

    Returns
    -------
    array of float64, shape (size, size)

    Raises
    ------
    ValueError
        If `size` is not an odd positive integer.

    Examples
    --------
    >>> identity(3)
    array([[0., 0., 0.],
           [0., 1., 0.],
           [0., 0., 0.]])
    """
    size = as_integer("size", size, 1)
    if size % 2 == 0:
        raise ValueError(f"`size` ({size}) is even, so that no pixel is the middle: use an odd one")
    kernel = np.zeros((size, size))
    kernel[size // 2, size // 2] = 1
    return kernel


def box(size=3):
    """Return the kernel of the local mean, which weighs all pixels alike; it sums to 1.

    Gonzalez and Woods, "Digital Image Processing", section on smoothing filters.

    Parameters
    ----------
    size : int
        Rows and columns.

    Returns
    -------
    array of float64, shape (size, size)

    Raises
    ------
    ValueError
        If `size` is not a positive integer.

    Examples
    --------
    >>> box(2)
    array([[0.25, 0.25],
           [0.25, 0.25]])
    """
    size = as_integer("size", size, 1)
    return np.full((size, size), 1 / size**2)


def gaussian(size=5, sigma=1.0):
    r"""Return samples of $\exp(-(x^2 + y^2) / 2\sigma^2)$ around the middle, scaled to sum to 1.

    Marr and Hildreth, "Theory of edge detection" (1980), doi:10.1098/rspb.1980.0020, for the
    choice of this blur: none is better localised in space and in frequency together.

    Parameters
    ----------
    size : int
        Rows and columns; about $6\sigma$ holds nearly all of it.
    sigma : float
        Standard deviation in pixels.

    Returns
    -------
    array of float64, shape (size, size)

    Raises
    ------
    ValueError
        If `size` is not a positive integer or `sigma` not a positive number.

    Examples
    --------
    >>> gaussian(3, sigma=1).round(3)
    array([[0.075, 0.124, 0.075],
           [0.124, 0.204, 0.124],
           [0.075, 0.124, 0.075]])
    """
    size = as_integer("size", size, 1)
    if not (isinstance(sigma, int | float | np.number) and 0 < sigma < math.inf):
        raise ValueError(f"`sigma` ({sigma!r}) is not a positive number: give it in pixels")
    # Further out, the square of the width is no float, and the samples stay the same.
    sigma = min(max(float(sigma), 1e-100), 1e100)
    # The same samples, divided by their largest: a narrow Gaussian of even size stays above zero.
    squares = (np.arange(size) - (size - 1) / 2) ** 2
    profile = np.exp((squares.min() - squares) / (2 * sigma**2))
    profile /= profile.sum()
    return np.outer(profile, profile)


def binomial(size=3):
    r"""Return the blur of Pascal's triangle, $\binom{n}{i}\binom{n}{j} / 4^n$ with $n$ = size − 1.

    It sums to 1, and nearly is a Gaussian with a standard deviation of $\sqrt{n} / 2$ pixels.
    From size 2 it takes the highest frequency, one pixel bright and one dark, to zero.

    Zhang, "Making Convolutional Networks Shift-Invariant Again" (2019), arXiv:1904.11486,
    puts it before subsampling.

    Parameters
    ----------
    size : int
        Rows and columns.

    Returns
    -------
    array of float64, shape (size, size)

    Raises
    ------
    ValueError
        If `size` is not a positive integer.

    Examples
    --------
    >>> 16 * binomial(3)
    array([[1., 2., 1.],
           [2., 4., 2.],
           [1., 2., 1.]])
    """
    size = as_integer("size", size, 1)
    row = np.array([math.comb(size - 1, i) / 2 ** (size - 1) for i in range(size)])
    return np.outer(row, row)


def sobel(axis):
    """Return Sobel's derivative along x or y, smoothed across; it sums to 0.

    Positive where the image grows brighter to the right ("x") or downwards ("y"). The weights
    are the usual integers: on a brightness that grows by 1 per pixel they give 8.

    Sobel and Feldman (1968), in Duda and Hart, "Pattern Classification and Scene Analysis"
    (1973), page 271.

    Parameters
    ----------
    axis : {"x", "y"}
        The direction of the derivative.

    Returns
    -------
    array of float64, shape (3, 3)

    Raises
    ------
    ValueError
        If `axis` is another.

    Examples
    --------
    >>> sobel("x")
    array([[-1.,  0.,  1.],
           [-2.,  0.,  2.],
           [-1.,  0.,  1.]])
    """
    if axis not in ("x", "y"):
        raise ValueError(f"`axis` ({axis!r}) is unknown: use 'x' or 'y'")
    along_x = np.outer([1.0, 2.0, 1.0], [-1.0, 0.0, 1.0])
    return along_x if axis == "x" else along_x.T.copy()


def laplacian():
    r"""Return the five-point stencil of $\partial_x^2 + \partial_y^2$; it sums to 0.

    The middle is negative: a bright dot gives a negative value, a dark one a positive. On
    $x^2 + y^2$ in pixels it gives 4, as the derivative does.

    Abramowitz and Stegun, "Handbook of Mathematical Functions" (1964), equation 25.3.30.

    Returns
    -------
    array of float64, shape (3, 3)

    Examples
    --------
    >>> laplacian()
    array([[ 0.,  1.,  0.],
           [ 1., -4.,  1.],
           [ 0.,  1.,  0.]])
    """
    return np.array([[0.0, 1.0, 0.0], [1.0, -4.0, 1.0], [0.0, 1.0, 0.0]])


def sharpen():
    """Return the identity minus the Laplacian, which makes edges steeper; it sums to 1.

    Gonzalez and Woods, "Digital Image Processing", section on sharpening by the Laplacian.

    Returns
    -------
    array of float64, shape (3, 3)

    Examples
    --------
    >>> sharpen()
    array([[ 0., -1.,  0.],
           [-1.,  5., -1.],
           [ 0., -1.,  0.]])
    """
    return identity(3) - laplacian()


_NAMED = {
    "identity": identity,
    "box": box,
    "gaussian": gaussian,
    "binomial": binomial,
    "sobel_x": lambda: sobel("x"),
    "sobel_y": lambda: sobel("y"),
    "laplacian": laplacian,
    "sharpen": sharpen,
}


def names():
    """Return the names that `get` knows, blurs before derivatives.

    Examples
    --------
    >>> names()
    ('identity', 'box', 'gaussian', 'binomial', 'sobel_x', 'sobel_y', 'laplacian', 'sharpen')
    """
    return tuple(_NAMED)


def get(name):
    """Return a kernel by its name, with the default size.

    Parameters
    ----------
    name : str
        One of `names()`.

    Returns
    -------
    array of float64, shape (kH, kW)
        New at each call.

    Raises
    ------
    ValueError
        If there is no kernel of this name.

    Examples
    --------
    >>> get("box").shape
    (3, 3)
    """
    if not isinstance(name, str) or name not in _NAMED:
        raise ValueError(f"`name` ({name!r}) is unknown: use one of {', '.join(_NAMED)}")
    return _NAMED[name]()
