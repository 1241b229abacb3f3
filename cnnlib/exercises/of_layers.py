"""Checks of the exercises on the pages `convolutional-layers` and `pytorch-layers`."""

import numpy as np

from cnnlib import shapes
from cnnlib.exercises.answers import Choice, Grid, Number
from cnnlib.exercises.entry import Exercise
from cnnlib.exercises.verdict import Slip

_LAYER = shapes.count_parameters((32, 16, 5, 5))
_SMALL = 2 * shapes.count_parameters((16, 16, 3, 3)).weights
_LARGE = shapes.count_parameters((16, 16, 5, 5)).weights
_DENSE = shapes.count_parameters((128, 64, 3, 3)).weights
_SEPARABLE = shapes.count_parameters((64, 1, 3, 3), (128, 64, 1, 1)).weights

EXERCISES = (
    Exercise(
        "count-layer",
        1,
        ("convolutional-layers 1", "bias and channels"),
        Number(
            "Parameters of the convolutional layer",
            _LAYER.total,
            (
                Slip(_LAYER.weights, "Those are the weights. Add the 32 biases."),
                Slip(
                    shapes.count_parameters((32, 1, 5, 5)).total,
                    "You forgot the 16 input channels.",
                ),
                Slip(
                    _LAYER.total * 100,
                    "You counted the weights once for each pixel of the output. They are shared.",
                ),
                Slip(32 * 16 * 26, "A bias belongs to an output channel, not to each slice."),
            ),
        ),
    ),
    Exercise(
        "which",
        2,
        ("convolutional-layers 3", "equivariance or invariance"),
        Choice(
            "Equivariant under shifts by any number of pixels are",
            "(i), (ii) and (iv).",
            (
                Slip(
                    "(ii) and (iv) only.",
                    "And (i)? A number without a place, shifted, is the same number.",
                ),
                Slip(
                    "(ii), (iii) and (iv).",
                    "(iii) multiplies by the column's number: it matters where a pixel stands.",
                ),
                Slip(
                    "(i), (ii), (iv) and (v).",
                    "(v): a shift by one brings the other half of the columns.",
                ),
            ),
        ),
    ),
    Exercise(
        "dropped",
        1,
        ("convolutional-layers 5", "floor"),
        Number(
            "Number of the column that is never looked at",
            29,
            (
                Slip(30, "The columns are counted from 0 to 29."),
                Slip(28, "The last window starts at column 26 and ends at 28."),
                Slip(0, "The first window starts at column 0."),
            ),
        ),
    ),
    Exercise(
        "whole",
        2,
        ("convolutional-layers 5", "receptive field or kernel size"),
        Number(
            "Number of layers without pooling",
            next(n for n in range(99) if shapes.receptive_field([shapes.Window(3)] * n).size >= 28),
            (
                Slip(10, "Windows overlap: a layer adds 2 pixels to the field, not 3."),
                Slip(13, "With 13 the field is 27 pixels wide."),
                Slip(28, "A layer adds a pixel on both sides."),
                Slip(9, "Windows overlap: a layer adds 2 pixels to the field, and not 3 or so."),
            ),
        ),
    ),
    Exercise(
        "two-for-one",
        2,
        ("convolutional-layers 5", "receptive field or kernel size"),
        Number(
            "Weights of the two layers of 3 × 3, over those of the one of 5 × 5 (two decimals)",
            _SMALL / _LARGE,
            (
                Slip(_SMALL / 2 / _LARGE, "There are two layers of 3 × 3."),
                Slip(_LARGE / _SMALL, "That is the inverse."),
                Slip(
                    6 / 5,
                    "A kernel has k² weights for each pair of channels, not k.",
                ),
            ),
            decimals=2,
        ),
    ),
    Exercise(
        "circulant",
        3,
        ("convolutional-layers 2",),
        Choice(
            "Which theorem is this?",
            "The convolution theorem.",
            (
                Slip(
                    "Parseval's theorem.",
                    "That one says that the transform keeps lengths; nothing is convolved in it.",
                ),
                Slip(
                    "The sampling theorem.",
                    "That one says how fine a grid must be.",
                ),
                Slip(
                    "The central limit theorem.",
                    "That one says what many convolutions of a distribution tend to.",
                ),
            ),
        ),
    ),
    Exercise(
        "stack-sizes",
        1,
        ("pytorch-layers 2", "floor"),
        Grid(
            "Channels, height and width that come out",
            [32, 6, 6],
            (
                Slip([32, 7, 7], "(14 − 3)/2 is 5.5: the floor leaves 5, and one more place."),
                Slip([32, 5, 5], "You counted the steps of the last pooling; add 1."),
                Slip([3, 6, 6], "A convolution has as many channels as it has kernels."),
                Slip([48, 6, 6], "Output channels replace the input's; they do not add up."),
            ),
        ),
    ),
    Exercise(
        "same-dilation",
        1,
        ("pytorch-layers 2", "dilation 1 or 0"),
        Number(
            "Padding for k = 5, d = 3",
            3 * (5 - 1) // 2,
            (
                Slip(2, "That is for weights that touch, d = 1."),
                Slip(12, "That is for both sides together."),
                Slip(7, "Between five weights there are four gaps, not five."),
                Slip(8, "A dilation of 3 is a distance of 3, not three pixels left out."),
            ),
        ),
    ),
    Exercise(
        "depthwise-separable",
        2,
        ("pytorch-layers 4", "bias and channels"),
        Number(
            "Factor by which the number of weights falls (one decimal)",
            _DENSE / _SEPARABLE,
            (
                Slip(9, "That is the limit for many channels; here there are 128."),
                Slip(128, "That is without the 1 × 1 convolution."),
                Slip(_SEPARABLE / _DENSE, "That is the inverse."),
            ),
            decimals=1,
        ),
    ),
    Exercise(
        "boundary",
        2,
        ("pytorch-layers 3", "padding modes"),
        Grid(
            "The Laplacian of 4, 4, 4, 4 with zeros around",
            np.convolve([0, 4, 4, 4, 4, 0], [1, -2, 1], "valid"),
            (
                Slip([0, 0, 0, 0], "That is so for the other modes; with zeros there is an edge."),
                Slip([-8, 0, 0, -8], "4 − 8 + 0 at the border: one neighbour is still a 4."),
                Slip([4, 0, 0, 4], "The sign: 0 − 2 · 4 + 4."),
            ),
        ),
    ),
    Exercise(
        "pool-gradient",
        2,
        ("pytorch-layers 5",),
        Grid(
            "The gradient of max pooling",
            [[0, 0], [0, 8]],
            (
                Slip([[2, 2], [2, 2]], "That is average pooling, which hands each a quarter."),
                Slip([[8, 8], [8, 8]], "Only the pixel that was passed on makes a difference."),
                Slip([[0, 0], [0, 1]], "Multiply by g = 8."),
                Slip([[8, 0], [0, 0]], "The largest pixel is the last."),
            ),
        ),
    ),
)
