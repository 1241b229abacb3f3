"""Exercises to be written in NumPy: the sliding sum and what is made of it."""

import numpy as np

from cnnlib import conv
from cnnlib.exercises.entry import Exercise
from cnnlib.exercises.functions import Function
from cnnlib.exercises.verdict import Slip


def _draw_image(rng, size):
    kernel = rng.integers(-3, 4, (min(size, 3), min(size + 1, 4)))
    image = rng.integers(-5, 6, (len(kernel) + size, kernel.shape[1] + size + 1))
    return image.astype(float), kernel.astype(float)


def _draw_signal(rng, size):
    return (
        rng.integers(-5, 6, size + 2 + rng.integers(2)).astype(float),
        rng.integers(-3, 4, size + 1).astype(float),
    )


def _without_a_length(signal, kernel):
    length = len(signal) + len(kernel) - 1
    return np.fft.irfft(np.fft.rfft(signal, length) * np.fft.rfft(kernel, length))


def _by_fft(signal, kernel, conjugate=False, length=None):
    length = length or len(signal) + len(kernel) - 1
    spectrum = np.fft.rfft(kernel, length)
    spectrum = spectrum.conj() if conjugate else spectrum
    return np.fft.irfft(np.fft.rfft(signal, length) * spectrum, length)


def _draw_layer(rng, size):
    c_in, c_out, k = 1 + size, 2 + size, min(1 + size, 3)
    return (
        rng.normal(size=(c_in, k + size, k + 1 + size)),
        rng.normal(size=(c_out, c_in, k, k)),
        rng.normal(size=c_out),
    )


def layer(x, weight, bias):
    """Return the feature maps of one image, (C_out, H', W')."""
    return conv.conv2d(x[None], weight, bias)[0]


def _draw_patches(rng, size):
    return rng.integers(0, 10, (size + 2, size + 3)).astype(float), min(size + 1, 3)


def patches(image, k):
    """Return all k×k patches as the rows of a matrix."""
    windows = np.lib.stride_tricks.sliding_window_view(image, (k, k))
    return windows.reshape(-1, k * k).copy()


def _apart(image, k):
    blocks = np.lib.stride_tricks.sliding_window_view(image, (k, k))[::k, ::k]
    return blocks.reshape(-1, k * k).copy()


def _by_columns(image, k):
    windows = np.lib.stride_tricks.sliding_window_view(image, (k, k))
    return windows.transpose(0, 1, 3, 2).reshape(-1, k * k)


def matrix(kernel, n):
    """Return the matrix that cross-correlates n numbers with a kernel."""
    rows = np.zeros((n - len(kernel) + 1, n))
    for i, row in enumerate(rows):
        row[i : i + len(kernel)] = kernel
    return rows


def _circulant(kernel, n):
    row = np.zeros(n)
    row[: len(kernel)] = kernel
    return np.stack([np.roll(row, i) for i in range(n)])


def _draw_gradient(rng, size):
    k = min(1 + size, 3)
    image = rng.normal(size=(k + size, k + size + 1))
    return image, rng.normal(size=(size + 1, size + 2))


EXERCISES = (
    Exercise(
        "correlate",
        1,
        ("convolution 5", "flip or no flip"),
        Function(
            "correlate(image, kernel)",
            conv.cross_correlate2d,
            _draw_image,
            (
                Slip(
                    conv.convolve2d,
                    "That is the true convolution: your kernel is flipped. A cross-correlation "
                    "lays it on as it stands.",
                ),
                Slip(
                    lambda image, kernel: conv.cross_correlate2d(image, kernel).T,
                    "That is the transposed result: rows and columns are exchanged.",
                ),
                Slip(
                    lambda image, kernel: conv.cross_correlate2d(image, kernel)[:-1, :-1],
                    "The last row and the last column are missing: there are H − kH + 1 places, "
                    "and `range(H - kH)` stops one too early.",
                ),
                Slip(
                    lambda image, kernel: conv.cross_correlate2d(image, kernel, "full"),
                    "That is “full”. Keep to the places where the kernel lies wholly on the image.",
                ),
                Slip(
                    lambda image, kernel: conv.cross_correlate2d(image, kernel) / kernel.size,
                    "You took the mean of the products. It is their sum.",
                ),
            ),
            "The same numbers as the library's.",
        ),
    ),
    Exercise(
        "convolve-fft",
        2,
        ("convolution 5",),
        Function(
            "convolve_fft(signal, kernel)",
            _by_fft,
            _draw_signal,
            (
                Slip(
                    lambda signal, kernel: _by_fft(signal, kernel, length=len(signal)),
                    "The ends wrap around: the transform of n numbers knows only circles. Pad "
                    "both with zeros to the length of the result, n + k − 1.",
                ),
                Slip(
                    lambda signal, kernel: _by_fft(signal, kernel, conjugate=True),
                    "A conjugated spectrum is a kernel turned round: that is a correlation.",
                ),
                Slip(
                    lambda signal, kernel: np.convolve(signal, kernel[::-1]),
                    "Your kernel is flipped: that is a correlation.",
                ),
                Slip(
                    _without_a_length,
                    "`irfft` takes the length to be even unless you name it: give it n + k − 1.",
                ),
                Slip(
                    lambda signal, kernel: np.convolve(signal, kernel, "same"),
                    "That is “same”. The result has n + k − 1 numbers.",
                ),
            ),
            "The product of spectra, with room for the ends.",
        ),
    ),
    Exercise(
        "conv-layer",
        2,
        (
            *("convolutional-layers 1", "pytorch-layers 4", "bias and channels"),
            "shared across space, not channels",
        ),
        Function(
            "conv_layer(x, weight, bias)",
            layer,
            _draw_layer,
            (
                Slip(
                    lambda x, weight, bias: layer(x, weight, 0 * bias),
                    "You forgot the bias: one number for each output channel.",
                ),
                Slip(
                    lambda x, weight, bias: layer(x, np.repeat(weight[:, :1], len(x), 1), bias),
                    "Every input channel meets the same slice of your kernel. Each has its own: "
                    "weights are shared across space, not across channels.",
                ),
                Slip(
                    lambda x, weight, bias: layer(x, weight / len(x), bias),
                    "You averaged over the input channels. They are added up.",
                ),
                Slip(
                    lambda x, weight, bias: layer(x, weight[..., ::-1, ::-1].copy(), bias),
                    "Your kernels are flipped. A layer does not flip.",
                ),
                Slip(
                    lambda x, weight, bias: layer(x, weight, len(x) * bias),
                    "You added the bias once for each input channel. Add it once.",
                ),
            ),
            "Sum over the window and the input channels, plus one bias.",
        ),
    ),
    Exercise(
        "patches",
        2,
        ("convolution 5",),
        Function(
            "patches(image, k)",
            patches,
            _draw_patches,
            (
                Slip(
                    lambda image, k: patches(image, k).T.copy(),
                    "That is the transposed matrix: one patch is to be one row.",
                ),
                Slip(
                    _by_columns,
                    "You read each patch column by column; NumPy reads it row by row, and so does "
                    "`kernel.ravel()`.",
                ),
                Slip(
                    _apart,
                    "Your patches do not overlap. The window moves by one pixel at a time.",
                ),
                Slip(
                    lambda image, k: patches(image, k)[:, ::-1],
                    "Each of your patches is flipped.",
                ),
            ),
            "`patches(image, k) @ kernel.ravel()` is now a cross-correlation.",
        ),
    ),
    Exercise(
        "matrix",
        2,
        ("convolutional-layers 2",),
        Function(
            "matrix(kernel, n)",
            matrix,
            lambda rng, size: (rng.integers(1, 9, 1 + size).astype(float), 2 + 2 * size),
            (
                Slip(
                    lambda kernel, n: matrix(kernel[::-1], n),
                    "The kernel stands in your rows flipped: that is the matrix of the true "
                    "convolution.",
                ),
                Slip(
                    lambda kernel, n: matrix(kernel, n).T.copy(),
                    "That is the transposed matrix, which does what a transposed convolution does. "
                    "The rows belong to the outputs.",
                ),
                Slip(
                    _circulant,
                    "Your kernel leaves the row at the right and comes in again at the left: that "
                    "is a circular border. Without padding there are n − k + 1 rows.",
                ),
                Slip(
                    lambda kernel, n: np.full((n - len(kernel) + 1, n), kernel[0]),
                    "Most entries are zero: an output sees k inputs only.",
                ),
            ),
            "Sparse, with the same k numbers in each row.",
        ),
    ),
    Exercise(
        "kernel-gradient",
        3,
        ("pytorch-layers 5", "flip or no flip"),
        Function(
            "kernel_gradient(image, grad_output)",
            conv.cross_correlate2d,
            _draw_gradient,
            (
                Slip(
                    conv.convolve2d,
                    "The result is turned round: you convolved. The gradient with respect to the "
                    "kernel is a cross-correlation of image and gradient.",
                ),
                Slip(
                    lambda image, grad: conv.cross_correlate2d(image, grad) / grad.size,
                    "You averaged over the places. Each uses the weight, and their shares add up.",
                ),
                Slip(
                    lambda image, grad: conv.cross_correlate2d(image, grad, "full"),
                    "That has more numbers than the kernel. The gradient has the kernel's shape, "
                    "(H − H′ + 1, W − W′ + 1).",
                ),
                Slip(
                    lambda image, grad: conv.cross_correlate2d(image, np.ones_like(grad)),
                    "You left the gradient of the output out of the product (chain rule).",
                ),
            ),
            "The same sliding sum once more.",
        ),
    ),
)
