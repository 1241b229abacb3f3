"""Checks of the exercises on the page of the CIFAR-10 ladder."""

from cnnlib import shapes
from cnnlib.exercises.answers import Choice, Number
from cnnlib.exercises.entry import Exercise
from cnnlib.exercises.verdict import Slip

_LAYERS = (32, 3, 3, 3), (64, 32, 3, 3), (10, 64 * 8 * 8)
_COUNT = shapes.count_parameters(*_LAYERS)

EXERCISES = (
    Exercise(
        "weights-and-work",
        1,
        ("cifar-10 4", "bias and channels"),
        Number(
            "Weights and biases of the rung “convolutions”",
            _COUNT.total,
            (
                Slip(_COUNT.weights, "The biases are missing: one for each kernel and output."),
                Slip(
                    shapes.count_parameters((32, 1, 3, 3), (64, 1, 3, 3), _LAYERS[-1]).total,
                    "A kernel has a slice for each input channel.",
                ),
                Slip(
                    shapes.count_parameters(*_LAYERS[:2], (10, 64 * 32 * 32)).total,
                    "Two poolings have left 8 × 8 pixels of each map.",
                ),
            ),
        ),
    ),
    Exercise(
        "two-heads",
        2,
        ("cifar-10 1",),
        Choice(
            "If each image comes as often mirrored, a best template of a linear map is",
            "its own mirror image.",
            (
                Slip(
                    "the mean image of its class.",
                    "It must also tell the class from the nine others.",
                ),
                Slip(
                    "one for each side, of which the better one counts.",
                    "A linear map has one template for each class; choosing is not linear.",
                ),
                Slip("uniform.", "Above and below still differ, and so do colours."),
            ),
        ),
    ),
    Exercise(
        "fold",
        2,
        ("cifar-10 2",),
        Choice(
            "With a = γ/√(σ² + ε), weight and bias of the convolution become",
            "a w and β − a μ",
            (
                Slip("a w and β", "The mean is taken off before the scale is applied."),
                Slip("w and β − a μ", "Normalisation scales what the convolution gives."),
                Slip(
                    "a w and β + a μ", "The sign: the mean is taken off, so it is taken off here."
                ),
            ),
        ),
    ),
    Exercise(
        "half-as-wide",
        1,
        ("cifar-10 4",),
        Number(
            "Factor by which the products of a convolution between inner layers fall",
            4,
            (
                Slip(2, "Half as many inputs and half as many outputs."),
                Slip(8, "The sizes of the maps stay as they are."),
                Slip(1, "Products are summed over input channels, for each output channel."),
            ),
        ),
    ),
    Exercise(
        "two-ideas",
        2,
        ("cifar-10 3",),
        Number(
            "Trainings for all combinations of six ideas, three each",
            3 * 2**6,
            (
                Slip(2**6, "Three trainings of each combination."),
                Slip(3 * 6, "That is each idea alone. Any of them can go with any others."),
                Slip(3 * 6**2, "Each idea is there or is not: two choices, six times."),
                Slip(3 * (2**6 - 1), "The combination with none of them counts, too."),
            ),
        ),
    ),
    Exercise(
        "which-network",
        1,
        ("cifar-10 5",),
        Choice(
            "Nothing but 3 × 3 kernels, poolings, and a large fully connected end: this is",
            "VGG.",
            (
                Slip("LeNet-5.", "Its kernels have 5 × 5 weights, its end is small."),
                Slip("AlexNet.", "Its first kernels have 11 × 11 weights."),
                Slip("ResNet.", "It adds inputs to outputs, and ends in a global average."),
            ),
        ),
    ),
)
