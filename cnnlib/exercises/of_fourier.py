"""Checks of the exercises on the page `fourier`."""

import numpy as np

from cnnlib import kernels, shapes, spectra
from cnnlib.exercises.answers import Choice, Number
from cnnlib.exercises.entry import Exercise
from cnnlib.exercises.functions import Function
from cnnlib.exercises.verdict import Slip

_IMAGE, _KERNEL = (20, 30), (5, 7)
_ALL = np.prod(_IMAGE)
_RIGHT = np.prod(shapes.conv_output_size(_IMAGE, _KERNEL))
_CORNER = (_KERNEL[0] - 1) * (_KERNEL[1] - 1)

_TWELVE = np.fft.fftfreq(12)
_ALONG_ONE_AXIS = np.abs(spectra.transfer_function(kernels.box(4), [0], _TWELVE)[0]) < 1e-12
_LOST = np.abs(spectra.transfer_function(kernels.box(4), _TWELVE, _TWELVE)) < 1e-12


def _layer_transfer(kernel, nu_y, nu_x):
    return spectra.transfer_function(kernel, [nu_y], [nu_x])[0, 0]


def _from_the_corner(kernel, nu_y, nu_x):
    m, n = np.indices(kernel.shape)
    return (kernel * np.exp(2j * np.pi * (nu_y * m + nu_x * n))).sum()


def _draw_kernel(rng, size):
    rows, columns = 2 * (size // 3) + 1, 2 * (size // 2) + 3
    return rng.normal(size=(rows, columns)), *rng.uniform(-0.5, 0.5, 2)


EXERCISES = (
    Exercise(
        "layer-transfer",
        2,
        ("fourier 1", "flip or no flip"),
        Function(
            "layer_transfer(kernel, nu_y, nu_x)",
            _layer_transfer,
            _draw_kernel,
            (
                Slip(
                    lambda kernel, nu_y, nu_x: _layer_transfer(kernel, nu_y, nu_x).conjugate(),
                    "That is the convolution's: a layer looks at the pixel m rows down, where the "
                    "wave is ahead, so the sign in the exponent is plus.",
                ),
                Slip(
                    _from_the_corner,
                    "You count from the kernel's corner, which shifts the image. Count from its "
                    "middle.",
                ),
                Slip(
                    lambda kernel, nu_y, nu_x: _layer_transfer(kernel, nu_x, nu_y),
                    "Rows go with nu_y and columns with nu_x: you have exchanged the two.",
                ),
                Slip(
                    lambda kernel, nu_y, nu_x: abs(_layer_transfer(kernel, nu_y, nu_x)),
                    "That says how much of the wave is left, and not where: the phase is missing.",
                ),
            ),
        ),
    ),
    Exercise(
        "isotropic",
        3,
        ("fourier 2",),
        Number(
            "The weight b in the middle",
            4,
            (
                Slip(2, "That is Sobel's: its errors of direction fall with the square of ν."),
                Slip(1, "That is the plain mean of three (Prewitt's kernel), which is worse."),
                Slip(6, "That is b + 2: the sum of the three weights."),
                Slip(
                    10 / 3,
                    "That is Scharr's, best over a broad band of frequencies. For low ones alone "
                    "there is a better one.",
                ),
            ),
            decimals=1,
        ),
    ),
    Exercise(
        "spoiled",
        1,
        ("fourier 3",),
        Number(
            "Wrong results",
            _ALL - _RIGHT,
            (
                Slip(_RIGHT, "Those are the right ones, where the kernel does not reach around."),
                Slip(_ALL - _RIGHT + _CORNER, "You have counted the corner twice."),
                Slip(
                    _CORNER,
                    "Those are wrong along both axes. One is enough to be wrong.",
                ),
                Slip(
                    _ALL - np.prod(np.subtract(_IMAGE, _KERNEL)),
                    "A kernel of k pixels reaches k − 1 pixels back, not k.",
                ),
            ),
        ),
    ),
    Exercise(
        "white-kernels",
        2,
        ("fourier 4",),
        Choice(
            "You answer:",
            "Random kernels do that as well: count it in random layers.",
            (
                Slip(
                    "Right: 17 of 32 is more than half.",
                    "More than half of what chance gives? That was not counted.",
                ),
                Slip(
                    "Right: what a kernel prefers must have been learned.",
                    "Each kernel prefers something, a random one too: only the mean is white.",
                ),
                Slip(
                    "Wrong: nine weights are too few to have a spectrum.",
                    "Any kernel has a transfer function, at every frequency.",
                ),
            ),
        ),
    ),
    Exercise(
        "lost-waves",
        2,
        ("fourier 5",),
        Number(
            "Waves lost",
            _LOST.sum(),
            (
                Slip(144 - 9, "Those are lost if every fourth mean is kept. Here all are."),
                Slip(
                    12 * _ALONG_ONE_AXIS.sum(),
                    "Those are lost because of their rows. Others are because of their columns.",
                ),
                Slip(
                    24 * _ALONG_ONE_AXIS.sum(),
                    "You have counted those twice that are lost along both axes.",
                ),
                Slip(
                    _ALONG_ONE_AXIS.sum() ** 2,
                    "A zero along one axis is enough: the factors are multiplied.",
                ),
                Slip((~_LOST).sum(), "Those are the waves that are kept."),
            ),
        ),
    ),
    Exercise(
        "squared",
        1,
        ("fourier 6", "aliasing"),
        Number(
            "Cycles per pixel",
            0.4,
            (
                Slip(0.6, "So it would be without a grid. Which wave looks the same on pixels?"),
                Slip(0.3, "A square has half the period: the frequency doubles."),
                Slip(0.1, "It is folded at one half, and not taken modulo one half."),
            ),
            decimals=1,
        ),
    ),
)
