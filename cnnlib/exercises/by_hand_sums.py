"""Sums to be done with pencil and paper: their results, and the usual wrong ones."""

import math

import numpy as np

from cnnlib import conv, kernels
from cnnlib.conv_inputs import pad
from cnnlib.exercises.answers import Grid, Number
from cnnlib.exercises.entry import Exercise
from cnnlib.exercises.verdict import Slip

_IMAGE = np.array([[1, 2, 0], [0, 3, 1], [4, 1, 2]])
_KERNEL = np.array([[1, 0], [2, -1]])
_ROW = np.array([0, 0, 9, 1, 0, 4, 2, 0])
_BINOMIAL = kernels.binomial(3)[1] / kernels.binomial(3)[1].sum()


def _pooled(row):
    return row.reshape(-1, 2).max(1)


def _padded(mode):
    return pad(np.array([[[[1, 2, 3, 4]]]]), ((0, 0), (2, 2)), mode).ravel()


EXERCISES = (
    Exercise(
        "slide-and-flip",
        1,
        ("convolution 1", "flip or no flip"),
        Grid(
            "The four numbers of the result",
            conv.convolve2d(_IMAGE, _KERNEL),
            (
                Slip(
                    conv.cross_correlate2d(_IMAGE, _KERNEL),
                    "That is the cross-correlation: you laid the kernel on the image as it "
                    "stands. A convolution flips it first, along both axes.",
                ),
                Slip(
                    conv.cross_correlate2d(_IMAGE, _KERNEL[::-1]),
                    "You flipped the kernel upside down only. Both axes are flipped: it is turned "
                    "by half a turn.",
                ),
                Slip(
                    conv.cross_correlate2d(_IMAGE, _KERNEL[:, ::-1]),
                    "You flipped the kernel left to right only. Both axes are flipped: it is "
                    "turned by half a turn.",
                ),
                Slip(
                    conv.convolve2d(_IMAGE, _KERNEL.T),
                    "That is the convolution with the transposed kernel: you exchanged rows and "
                    "columns. The flip is a half turn, no transposition.",
                ),
            ),
            "Half a turn, then slide, multiply and add.",
        ),
    ),
    Exercise(
        "padding-modes",
        1,
        ("convolution 4", "pytorch-layers 3", "padding modes"),
        Grid(
            "The eight numbers",
            _padded("reflect"),
            (
                Slip(_padded("zeros"), "That is padding with zeros."),
                Slip(
                    _padded("replicate"),
                    "That is “replicate”: the border pixel repeated.",
                ),
                Slip(
                    _padded("circular"),
                    "That is “circular”: the other end of the row comes round.",
                ),
                Slip(
                    np.pad([1, 2, 3, 4], 2, mode="symmetric"),
                    "You mirrored at the edge of the border pixel, so that it stands there twice. "
                    "“reflect” mirrors at its middle and does not repeat it.",
                ),
            ),
            "The mirror stands in the middle of the border pixel.",
        ),
    ),
    Exercise(
        "pool-and-shift",
        2,
        ("convolutional-layers 4", "pytorch-layers 4", "pooling and shifts"),
        Grid(
            "The four pooled numbers after the shift",
            _pooled(np.roll(_ROW, 1)),
            (
                Slip(
                    _pooled(_ROW),
                    "That is the pooling before the shift. Pooling is not invariant: the blocks "
                    "stay where they are, and the numbers cross their borders.",
                ),
                Slip(
                    np.roll(_pooled(_ROW), 1),
                    "You moved the pooled row by one. That would be a shift by two pixels of the "
                    "row before the pooling; one pixel is no whole step.",
                ),
                Slip(
                    _pooled(np.roll(_ROW, -1)),
                    "You moved the row to the left.",
                ),
                Slip(
                    np.roll(_ROW, 1).reshape(-1, 2).sum(1),
                    "You added the two numbers up. Max pooling keeps the larger.",
                ),
            ),
            "The 1 that the 9 had covered has become visible: neither moved nor unchanged.",
        ),
    ),
    Exercise(
        "noise-after-blur",
        2,
        ("convolution 3",),
        Number(
            "Share of the noise's standard deviation that is left (two decimals)",
            math.sqrt((_BINOMIAL**2).sum()),
            (
                Slip(
                    1.0,
                    "That the weights add up to 1 keeps the signal's mean. Noise adds up in "
                    "squares.",
                ),
                Slip(
                    0.375,
                    "That is the share of the variance. The standard deviation is its root.",
                ),
                Slip(
                    1 / math.sqrt(3),
                    "That holds for three equal weights. These are 1/4, 1/2 and 1/4.",
                ),
                Slip(
                    math.sqrt(6),
                    "You forgot to divide the kernel by 4: its weights are 1/4, 1/2, 1/4.",
                ),
            ),
            "The root of 1/16 + 4/16 + 1/16.",
            decimals=2,
        ),
    ),
    Exercise(
        "aliasing",
        3,
        ("convolutional-layers 3", "aliasing"),
        Number(
            "Period of the stripes that are left, in pixels of the original image",
            1 / abs(1 / 3 - 1 / 2),
            (
                Slip(
                    3,
                    "In pixels of the small image, yes. Each of them is two pixels of the "
                    "original.",
                ),
                Slip(
                    1.5,
                    "A coarser grid cannot show finer stripes.",
                ),
                Slip(
                    2 * 3 * 2,
                    "You counted in pixels of the small image and then doubled twice. In the small "
                    "image the period is 3 of its pixels.",
                ),
                Slip(
                    4,
                    "That is the finest period that the coarse grid can hold. These stripes are "
                    "finer, and come back as others.",
                ),
            ),
            "The frequency 1/3 comes back at |1/3 − 1/2| = 1/6. A blur before the stride would "
            "have weakened it: (1, 2, 1)/4 to a quarter.",
        ),
    ),
)
