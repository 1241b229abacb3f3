"""Things to be counted with pencil and paper: the counts, and the usual wrong ones."""

import math

from cnnlib import shapes
from cnnlib.exercises.answers import Number
from cnnlib.exercises.entry import Exercise
from cnnlib.exercises.verdict import Slip

_N, _K, _S, _P = 100, 11, 4, 6  # size, kernel size, stride, padding
_STACK = [shapes.Window(k, stride=s) for k, s in [(5, 1), (2, 2), (3, 1), (2, 2), (3, 1)]]

EXERCISES = (
    Exercise(
        "output-size",
        1,
        ("convolution 1", "convolutional-layers 5", "pytorch-layers 2", "floor"),
        Number(
            "Height of the output, in pixels",
            shapes.conv_output_size(_N, _K, _S, _P),
            (
                Slip(
                    math.ceil((_N + 2 * _P - _K) / _S) + 1,
                    "You rounded up. A window that does not fit is left out: the formula has a "
                    "floor.",
                ),
                Slip(
                    (_N + 2 * _P - _K) // _S + 1 - 1,
                    "You counted the steps, not the places: with none there is already one place. "
                    "Add 1.",
                ),
                Slip(
                    (_N + _P - _K) // _S + 1,
                    "You added the padding once. It is on both sides.",
                ),
                Slip(
                    (_N - _K) // _S + 1,
                    "That is without padding: 6 pixels are added on either side.",
                ),
            ),
            "The floor leaves the last window that does not fit out.",
        ),
    ),
    Exercise(
        "dilation-span",
        1,
        ("convolutional-layers 5", "pytorch-layers 2", "dilation 1 or 0"),
        Number(
            "Pixels from the first weight to the last, both counted",
            4 * (3 - 1) + 1,
            (
                Slip(
                    4 * 3,
                    "That is dilation times kernel size. Three weights have only two gaps.",
                ),
                Slip(
                    (4 + 1) * (3 - 1) + 1,
                    "You took the dilation for the number of pixels left out. It is the distance: "
                    "at 1 the weights touch, and 0 is not allowed.",
                ),
                Slip(
                    4 * (3 - 1),
                    "That is the distance between the first and the last weight. Count both ends: "
                    "add 1.",
                ),
                Slip(3, "There are 3 weights, but they lie 4 pixels apart."),
            ),
            "Two gaps of four pixels, and one pixel more.",
        ),
    ),
    Exercise(
        "parameters",
        1,
        ("convolutional-layers 1", "pytorch-layers 2", "bias and channels"),
        Number(
            "Number of parameters",
            shapes.count_parameters((24, 12, 5, 5)).total,
            (
                Slip(
                    shapes.count_parameters((24, 12, 5, 5)).weights,
                    "Those are the weights. Each output channel has a bias as well.",
                ),
                Slip(
                    shapes.count_parameters((24, 1, 5, 5)).total,
                    "You forgot the input channels: each kernel has a slice for each of the 12.",
                ),
                Slip(
                    24 * 12 * (25 + 1),
                    "You gave each slice of a kernel its own bias. The slices' sums are added up "
                    "first: one bias for an output channel.",
                ),
                Slip(
                    24 * 12 * 25 + 1,
                    "There is one bias for each output channel, not one for the layer.",
                ),
                Slip(
                    24 * 12 * 25 + 12,
                    "The biases belong to the output channels, of which there are 24.",
                ),
            ),
            "24 kernels of 12 slices of 25 weights, and 24 biases. The image's size is not in it.",
        ),
    ),
    Exercise(
        "receptive-field",
        2,
        ("convolutional-layers 5", "receptive field or kernel size"),
        Number(
            "Side of the receptive field, in pixels of the image",
            shapes.receptive_field(_STACK).size,
            (
                Slip(
                    3,
                    "That is the kernel size of the last layer: what it sees of the map before "
                    "it. Each pixel of that map has seen more.",
                ),
                Slip(
                    1 + sum(w.kernel_size - 1 for w in _STACK),
                    "You added up the kernels as if there were no strides. After a stride of 2 a "
                    "step is two pixels of the image.",
                ),
                Slip(
                    shapes.receptive_field(_STACK).size - 1,
                    "You added up what each layer adds, and forgot the pixel to start with.",
                ),
                Slip(
                    math.prod(w.kernel_size for w in _STACK),
                    "Kernel sizes do not multiply: neighbouring windows overlap.",
                ),
                Slip(
                    shapes.receptive_field([w for w in _STACK if w.stride == 1]).size,
                    "You left the poolings out. They have a kernel and a stride like any layer.",
                ),
            ),
            "1 + 4·1 + 1·1 + 2·2 + 1·2 + 2·4: each step is worth the strides before it.",
        ),
    ),
    Exercise(
        "dense-memory",
        1,
        ("why-convolutions 1",),
        Number(
            "Memory for the weights, in GB of 10⁹ bytes",
            shapes.count_parameters((1000, 3 * 1000 * 1000)).weights * 4 / 1e9,
            (
                Slip(
                    3,
                    "That is the number of weights, in 10⁹. A float32 takes four bytes.",
                ),
                Slip(4, "You forgot that the image has three colours."),
                Slip(24, "Those would be float64, of eight bytes."),
                Slip(
                    0.012,
                    "You counted the pixels once. Each of the 1,000 neurons has a weight for each.",
                ),
            ),
            "For the first layer of a small network. Training takes several times as much.",
        ),
    ),
    Exercise(
        "initial-weights",
        2,
        ("pytorch-training 3", "bias and channels"),
        Number(
            "Standard deviation of the weights (three decimals)",
            math.sqrt(2 / (32 * 9)),
            (
                Slip(2 / (32 * 9), "That is the variance. The standard deviation is its root."),
                Slip(
                    math.sqrt(2 / 9),
                    "You forgot the channels: an output adds up 9 products for each of the 32.",
                ),
                Slip(
                    math.sqrt(2 / 32),
                    "You forgot the kernel's size: an output adds up 9 products for each channel.",
                ),
                Slip(
                    math.sqrt(1 / (32 * 9)),
                    "That is without ReLU, which halves the mean square: hence the 2.",
                ),
                Slip(
                    math.sqrt(2 / (48 * 9)),
                    "You counted the output channels. What is added up are the inputs.",
                ),
            ),
            "Each output adds up 32 · 9 products.",
            decimals=3,
        ),
    ),
    Exercise(
        "cheap-accuracy",
        1,
        ("fashion-mnist 1",),
        Number(
            "Expected accuracy in per cent",
            100 * (1 / 10 + 9 / 10 * 1 / 9),
            (
                Slip(10, "That is for guessing all. A tenth of the images it knows for sure."),
                Slip(19, "Where it guesses, nine classes are left, not ten."),
                Slip(55, "Guessing among nine is right in one case of nine, not of two."),
                Slip(
                    100 * (1 / 10 + 1 / 9),
                    "It guesses for nine tenths of the images only.",
                ),
                Slip(0.2, "That is the share. In per cent, please."),
            ),
            "A tenth for sure, and a ninth of the other nine tenths.",
            decimals=1,
        ),
    ),
)
