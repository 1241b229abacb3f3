"""Say what a kernel does to waves, and how the power of an image is spread over them.

Frequencies are in cycles per pixel, from -1/2 to 1/2: `nu_y` down the rows, `nu_x` along them.
`numpy.fft.fftfreq` gives those of a discrete Fourier transform.
"""

import numpy as np


def transfer_function(kernel, nu_y, nu_x):
    r"""Return the factors by which a kernel multiplies waves that it slides over as it is.

    A wave $\mathrm{e}^{2\pi\mathrm{i}(\nu_y i + \nu_x j)}$ over rows i and columns j comes out of
    the cross-correlation (`cnnlib.conv.conv2d`, circular padding "same") times
    $H(\nu_y, \nu_x) = \sum_{m, n} K(m, n)\, \mathrm{e}^{2\pi\mathrm{i}(\nu_y m + \nu_x n)}$. For a
    convolution, which turns the kernel, take the complex conjugate.

    Bracewell, "The Fourier Transform and Its Applications" (2000), on the convolution theorem.

    Parameters
    ----------
    kernel : array_like of real numbers, shape (..., kH, kW)
        One kernel or a stack of them. (m, n) counts from the middle; with an even size, from the
        pixel before the middle, as the padding "same" does.
    nu_y, nu_x : array_like of float, shape (U,) and (V,)
        Cycles per pixel.

    Returns
    -------
    array of complex128, shape (..., U, V)

    Raises
    ------
    ValueError
        If `kernel` has less than two axes, or `nu_y` or `nu_x` another number of them than one.

    Examples
    --------
    >>> blur = [[0.25, 0.5, 0.25]]
    >>> transfer_function(blur, [0], [0, 0.25, 0.5]).real.round(3)
    array([[1. , 0.5, 0. ]])
    """
    kernel = np.asarray(kernel, dtype=float)
    if kernel.ndim < 2:
        raise ValueError(
            f"`kernel` has shape {kernel.shape}: give rows and columns, as (1, k) for a single row"
        )
    waves = []
    for name, nu, size in zip(("nu_y", "nu_x"), (nu_y, nu_x), kernel.shape[-2:], strict=True):
        nu = np.asarray(nu, dtype=float)
        if nu.ndim != 1:
            raise ValueError(f"`{name}` has shape {nu.shape}: give the frequencies of one axis")
        waves.append(np.exp(2j * np.pi * np.outer(nu, np.arange(size) - (size - 1) // 2)))
    along_y, along_x = waves
    return along_y @ kernel @ along_x.T


def power_spectrum(image, bins=24):
    r"""Return the power of an image at each frequency, averaged over all directions.

    The mean is taken off and a Hann window laid over the image, so that its border, where a
    periodic image would jump, counts for nothing. White noise of variance $\sigma^2$ has the power
    $\sigma^2$ at all frequencies.

    Welch, "The use of fast Fourier transform for the estimation of power spectra" (1967),
    doi:10.1109/TAU.1967.1161901, for the window and its normalisation.

    Parameters
    ----------
    image : array_like of float, shape (H, W)
    bins : int
        Rings of equal width from 0 to 1/2 cycle per pixel.

    Returns
    -------
    nu, power : array of float64, shape (B,)
        Mean frequency and mean power of each ring that holds a frequency; zero is left out.

    Raises
    ------
    ValueError
        If `image` is no matrix of at least 4 × 4, or `bins` is less than 1.

    Examples
    --------
    >>> noise = np.random.default_rng(0).normal(0, 3, (128, 128))
    >>> nu, power = power_spectrum(noise, bins=1)
    >>> power.round(1)
    array([9.])
    """
    image = np.asarray(image, dtype=float)
    if image.ndim != 2 or min(image.shape) < 4:
        raise ValueError(f"`image` has shape {image.shape}: give at least 4 rows and 4 columns")
    if bins < 1:
        raise ValueError(f"`bins` ({bins}) is less than 1: use a positive integer")
    window = np.outer(*(np.hanning(size + 2)[1:-1] for size in image.shape))
    windowed = (image - np.average(image, weights=window)) * window
    power = np.abs(np.fft.fft2(windowed)) ** 2 / np.sum(window**2)
    nu = np.hypot(*np.meshgrid(*map(np.fft.fftfreq, image.shape), indexing="ij"))
    inside = (nu > 0) & (nu < 0.5)
    ring = (nu[inside] * 2 * bins).astype(int)
    count = np.bincount(ring, minlength=bins)
    held = count > 0
    means = (np.bincount(ring, values[inside], bins)[held] / count[held] for values in (nu, power))
    return tuple(means)
