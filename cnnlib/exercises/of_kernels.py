"""Checks of the exercises on the pages `why-convolutions` and `convolution`."""

import numpy as np

from cnnlib import conv, kernels, shapes
from cnnlib.exercises.answers import Choice, Grid, Number
from cnnlib.exercises.entry import Exercise
from cnnlib.exercises.verdict import Slip

_SIGNAL, _DIFFERENCE = np.array([1, 3, 0, 2]), np.array([1, 0, -1])
_CIFAR = shapes.count_parameters((512, 3 * 32 * 32), (10, 512))


def _one_at(row, column):
    kernel = np.zeros((3, 3))
    kernel[row, column] = 1
    return kernel


def _frame(padding_mode="zeros", padding=2):
    kernel = kernels.box(2 * padding + 1)[None, None]
    blurred = conv.conv2d(np.ones((1, 1, 9, 9)), kernel, padding=padding, padding_mode=padding_mode)
    return blurred[0, 0][[0, 0, 1], [0, 4, 4]]


EXERCISES = (
    Exercise(
        "count-cifar",
        1,
        ("why-convolutions 1", "bias and channels"),
        Number(
            "Weights and biases together, with one hidden layer",
            _CIFAR.total,
            (
                Slip(_CIFAR.weights, "Those are the weights; 522 neurons have a bias each."),
                Slip(
                    shapes.count_parameters((512, 32 * 32), (10, 512)).total,
                    "You forgot that each pixel has three colours.",
                ),
                Slip(
                    shapes.count_parameters((512, 3 * 32 * 32)).total,
                    "That is the hidden layer. The ten outputs have weights and biases as well.",
                ),
            ),
        ),
    ),
    Exercise(
        "gentle",
        2,
        ("why-convolutions 3",),
        Choice(
            "Pixels are shuffled within blocks of 4 × 4 only. The curve",
            "falls at short distances and hardly changes at long ones.",
            (
                Slip(
                    "stays as it is, since each block keeps its pixels.",
                    "Neighbours within a block are no neighbours any more.",
                ),
                Slip(
                    "falls to nothing at all distances, as after a full shuffle.",
                    "A pixel moves by three places at most. What is 14 pixels away stays about "
                    "as far away.",
                ),
                Slip(
                    "changes at long distances and stays at short ones.",
                    "It is the other way round: what moves by up to three places is, at a "
                    "distance of 1, everything, and at 14 little.",
                ),
            ),
        ),
    ),
    Exercise(
        "smaller",
        2,
        ("why-convolutions 2",),
        Choice(
            "With four hidden neurons the test loss",
            "rises again too, only later; its lowest value is about the same.",
            (
                Slip(
                    "never rises: four neurons are too few to overfit.",
                    "Four neurons still have several weights for each of these few images.",
                ),
                Slip(
                    "rises sooner, since less can be learned.",
                    "A smaller network needs longer to learn by heart.",
                ),
                Slip(
                    "gets far lower, since what is small generalises.",
                    "Size alone does not tell a network what an image is.",
                ),
            ),
        ),
    ),
    Exercise(
        "by-hand",
        1,
        ("convolution 1", "convolution 2", "flip or no flip"),
        Grid(
            "The six numbers of the convolution",
            conv.convolve1d(_SIGNAL, _DIFFERENCE),
            (
                Slip(
                    conv.convolve1d(_SIGNAL, _DIFFERENCE[::-1]),
                    "That is the cross-correlation: you did not reverse the kernel.",
                ),
                Slip(
                    conv.convolve1d(_SIGNAL, np.abs(_DIFFERENCE)),
                    "You lost the minus of the kernel.",
                ),
                Slip(
                    conv.convolve1d(_SIGNAL, _DIFFERENCE)[::-1],
                    "You read the result from the right, or reversed the signal and the kernel.",
                ),
            ),
        ),
    ),
    Exercise(
        "shift",
        2,
        ("convolution 2", "flip or no flip"),
        Grid(
            "The kernel that moves to the right, if convolved with",
            _one_at(1, 2),
            (
                Slip(
                    _one_at(1, 0),
                    "That one moves to the left: you thought of a layer's cross-correlation. A "
                    "convolution stamps the kernel at each pixel.",
                ),
                Slip(_one_at(1, 1), "That one leaves everything where it is."),
                Slip(_one_at(2, 1), "That one moves down: rows and columns are exchanged."),
                Slip(_one_at(0, 1), "That one moves up."),
            ),
        ),
    ),
    Exercise(
        "separable",
        2,
        ("convolution 5",),
        Number(
            "How many times fewer multiplications for a kernel of 7 × 7 (one decimal)",
            7**2 / (2 * 7),
            (
                Slip(7, "There are two passes, of 7 multiplications each."),
                Slip(2 * 7 / 7**2, "That is the inverse of the factor."),
                Slip(14, "That is what is left: of 49, how many times fewer?"),
            ),
            decimals=1,
        ),
    ),
    Exercise(
        "associative",
        3,
        ("convolution 2", "flip or no flip"),
        Choice(
            "One cross-correlation that does the work of two, with A and then with B, has the "
            "kernel",
            "A ∗ B, their convolution.",
            (
                Slip(
                    "A ⋆ B, their cross-correlation.",
                    "Measure it: the cross-correlation is not associative.",
                ),
                Slip(
                    "A + B, their sum.",
                    "The sum belongs to layers side by side; these follow each other.",
                ),
                Slip(
                    "None: two cross-correlations are more than one.",
                    "Both are linear and commute with shifts; so does their succession.",
                ),
            ),
        ),
    ),
    Exercise(
        "border",
        2,
        ("convolution 4", "padding modes"),
        Grid(
            "Corner, edge, one further in (two decimals)",
            _frame(),
            (
                Slip(_frame("replicate"), "That is “replicate”: here the frame is zero."),
                Slip(_frame(padding=1), "That is the box of 3 × 3, with a frame of one pixel."),
                Slip(
                    [0.25, 0.5, 1],
                    "Half of the window's width lies outside only if the window ends at its "
                    "middle. Count pixels: 3 of 5 lie inside.",
                ),
            ),
            decimals=2,
        ),
    ),
)
