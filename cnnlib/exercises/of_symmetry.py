"""Checks of the exercises on the pages of symmetry and of aliasing."""

from cnnlib import shapes
from cnnlib.exercises.answers import Choice, Number
from cnnlib.exercises.entry import Exercise
from cnnlib.exercises.verdict import Slip

_PIXELS = 6 * 6
_REACH = shapes.receptive_field([shapes.Window(3, padding=1)] * 5).size // 2
_FREQUENCY = 0.35

EXERCISES = (
    Exercise(
        "free-numbers",
        1,
        ("symmetry 2",),
        Number(
            "Free numbers of the map",
            _PIXELS,
            (
                Slip(_PIXELS**2, "That is a map without any symmetry: a number for each pair."),
                Slip(9, "Symmetry gives sharing, not smallness: nothing says 3 × 3."),
                Slip(2 * _PIXELS, "A linear map has no bias, and the kernel is all that is left."),
                Slip(1, "Only a multiple of the identity? The kernel may reach everywhere."),
            ),
        ),
    ),
    Exercise(
        "spoilt-columns",
        2,
        ("symmetry 1", "symmetry 3", "receptive field or kernel size"),
        Number(
            "Columns in which the two may differ",
            # What comes in is as black as the padding: the first layer cannot tell them apart.
            (2 + _REACH - 1) + _REACH,
            (
                Slip(
                    (2 + _REACH) + _REACH,
                    "Nearly: but what comes in is black like the padding, so that on the left the "
                    "first layer sees no difference.",
                ),
                Slip(2 * _REACH, "The two columns that come in count, too."),
                Slip(
                    2 + 2 * (2 * _REACH + 1),
                    "A window of 11 reaches 5 pixels to either side.",
                ),
                Slip(2 + _REACH - 1, "There is a border at the right as well."),
                Slip(2, "Five layers carry what happens at the border on by five pixels."),
            ),
        ),
    ),
    Exercise(
        "mirror-kernel",
        2,
        ("symmetry 1", "symmetry 2"),
        Choice(
            "A convolution commutes with the mirror if its kernel is",
            "its own mirror image; horizontal edges can be found so.",
            (
                Slip(
                    "its own mirror image; so no edge can be found.",
                    "Look at Sobel's derivative along y: each of its rows is symmetric.",
                ),
                Slip(
                    "its own mirror image with the sign changed.",
                    "Then the map of a mirrored image would change its sign.",
                ),
                Slip(
                    "anything: every convolution commutes with mirrors.",
                    "It commutes with all shifts. Try a kernel that moves the image to the right.",
                ),
            ),
        ),
    ),
    Exercise(
        "group-weights",
        2,
        ("symmetry 5", "bias and channels"),
        Number(
            "Weights",
            16 * 8 * 4 * 9,
            (
                Slip(16 * 8 * 9, "The input has four sheets, and each has a slice."),
                Slip(
                    4 * 16 * 8 * 4 * 9,
                    "Turned copies share their weights: only differences of directions count.",
                ),
                Slip(16 * 8 * 4 * 9 + 16, "That is with a bias for each channel."),
            ),
        ),
    ),
    Exercise(
        "ask-four-times",
        3,
        ("symmetry 4", "symmetry 5", "equivariance or invariance"),
        Choice(
            "The average of an ordinary network's answers to an image in all four directions is",
            "exactly invariant, and only as good as the network is on turned images.",
            (
                Slip(
                    "nearly invariant, since the network has learnt upright images.",
                    "A turn of the image exchanges the four terms of the sum, whatever they are.",
                ),
                Slip(
                    "exactly invariant, and so as accurate as the group network.",
                    "Invariant and right are two things: measure what it names turned garments.",
                ),
                Slip(
                    "equivariant, not invariant.",
                    "Its output is ten numbers, and none of them moves.",
                ),
            ),
        ),
    ),
    Exercise(
        "folded-frequency",
        1,
        ("aliasing 1", "aliasing"),
        Number(
            "Cycles per old pixel of the slower wave (two decimals)",
            0.5 - _FREQUENCY,
            (
                Slip(_FREQUENCY, "That is above 1/4, the Nyquist frequency of every second pixel."),
                Slip(_FREQUENCY - 0.25, "It is mirrored at 1/4, not moved by 1/4."),
                Slip(_FREQUENCY - 0.5, "But for the sign, which a cosine does not see."),
                Slip(2 * (0.5 - _FREQUENCY), "That is in cycles per new pixel."),
                Slip(2 * _FREQUENCY, "That is the fast wave, in cycles per new pixel."),
            ),
            decimals=2,
        ),
    ),
    Exercise(
        "noise-above",
        2,
        ("aliasing 1", "aliasing 2"),
        Number(
            "Share of the variance (four decimals)",
            15 / 16,
            (
                Slip(3 / 4, "Along one axis; there are two."),
                Slip(1 / 16, "That is what lies below."),
                Slip((3 / 4) ** 2, "Too fast along both axes; along one of them is enough."),
                Slip(0.938, "Give four decimals."),
            ),
            decimals=4,
        ),
    ),
    Exercise(
        "pool-of-three",
        2,
        ("aliasing 3", "pooling and shifts"),
        Choice(
            "MaxPool2d(3, stride=2, padding=1) becomes",
            "MaxPool2d(3, stride=1, padding=1), then BlurPool(3, 2)",
            (
                Slip(
                    "BlurPool(3, 2), then MaxPool2d(3, stride=1, padding=1)",
                    "That subsamples before the maximum is taken: other maxima.",
                ),
                Slip(
                    "BlurPool(3, 1), then MaxPool2d(3, stride=2, padding=1)",
                    "The maximum behind the blur makes high frequencies, and then subsamples.",
                ),
                Slip(
                    "MaxPool2d(3, stride=2, padding=1), then BlurPool(3, 1)",
                    "Too late: what has been folded can't be told from what belongs there.",
                ),
            ),
        ),
    ),
    Exercise(
        "before-or-after",
        3,
        ("aliasing 2", "aliasing 4", "aliasing 5"),
        Choice(
            "A blur of the images alone",
            "helps the first subsampling; the layers make high frequencies of their own.",
            (
                Slip(
                    "does the same as blurs inside, since convolutions commute.",
                    "With each other they do, but there are ReLUs and subsamplings between them.",
                ),
                Slip(
                    "does nothing, since aliasing happens inside.",
                    "The first maps are made of the image: what it lacks, they can't fold.",
                ),
                Slip(
                    "does better, since nothing fast is ever there.",
                    "Measure in front of the third subsampling.",
                ),
            ),
        ),
    ),
    Exercise(
        "polyphase",
        3,
        ("aliasing 5", "aliasing"),
        Choice(
            "On a torus with even sides, the strongest sub-grid keeps the global average under",
            "all shifts, up to rounding.",
            (
                Slip(
                    "shifts by even numbers of pixels only.",
                    "That is the plain subsampling. Here an odd shift makes another one win.",
                ),
                Slip(
                    "no shift, since the choice is not linear.",
                    "It need not be linear: a shift only exchanges the four candidates.",
                ),
                Slip(
                    "all shifts, but only if nothing lies above the Nyquist frequency.",
                    "The noise of the solution has three quarters of its variance above it.",
                ),
            ),
        ),
    ),
)
