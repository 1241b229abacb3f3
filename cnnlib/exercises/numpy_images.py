"""Exercises to be written in NumPy: borders, sizes, pooling, blurring and probabilities."""

import math

import numpy as np

from cnnlib import shapes
from cnnlib.exercises.entry import Exercise
from cnnlib.exercises.functions import Function
from cnnlib.exercises.verdict import Slip


def _draw_sizes(rng, size):
    while True:
        n, k = int(rng.integers(3, 12 * size + 8)), int(rng.integers(2, 6))
        stride, dilation = int(rng.integers(1, 5)), int(rng.integers(1, 4))
        padding = int(rng.integers(4))
        if n + 2 * padding > dilation * (k - 1):
            return n, k, stride, padding, dilation


def output_size(n, k, stride, padding, dilation):
    """Return the size of a feature map."""
    return shapes.conv_output_size(n, k, stride, padding, dilation)


def _draw_padding(rng, size):
    image = rng.integers(0, 10, (size + 2, size + 3)).astype(float)
    image[0] += 10  # so that no border looks like another
    return image, int(rng.choice([1, 2, 0, size + 4]))


def _pad(mode, both=True):
    def padded(image, p):
        return np.pad(image, p if both else ((0, 0), (p, p)), mode=mode)

    return padded


def _draw_pooling(rng, size):
    shape = 2 * size + 2 + rng.integers(2, size=2)
    return (rng.integers(-9, 10, shape).astype(float),)


def _pool(function):
    def pooled(image):
        H, W = image.shape[0] // 2, image.shape[1] // 2
        return function(image[: 2 * H, : 2 * W].reshape(H, 2, W, 2), axis=(1, 3))

    return pooled


def _pool_with_ceil(image):
    padded = np.pad(image, [(0, n % 2) for n in image.shape], constant_values=-np.inf)
    return _pool(np.max)(padded)


def _pool_sliding(image):
    return np.lib.stride_tricks.sliding_window_view(image, (2, 2)).max((2, 3))


def _blurred(signal):
    return (np.roll(signal, 1) + 2 * signal + np.roll(signal, -1)) / 4


def _draw_logits(rng, size):
    return (rng.normal(size=(size, size + 1)) * rng.choice([1, 1000]),)


def softmax(logits):
    """Return the probabilities of each row."""
    powers = np.exp(logits - logits.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True)


def _naive(logits):
    with np.errstate(over="ignore", invalid="ignore"):
        powers = np.exp(logits)
        return powers / powers.sum(1, keepdims=True)


EXERCISES = (
    Exercise(
        "output-size-function",
        1,
        ("convolutional-layers 5", "pytorch-layers 2", "floor", "dilation 1 or 0"),
        Function(
            "output_size(n, k, stride, padding, dilation)",
            output_size,
            _draw_sizes,
            (
                Slip(
                    lambda n, k, s, p, d: math.ceil((n + 2 * p - d * (k - 1) - 1) / s) + 1,
                    "You rounded up. A window that does not fit is left out.",
                ),
                Slip(
                    lambda n, k, s, p, d: math.ceil((n + 2 * p - d * (k - 1) - 1) / s),
                    "You rounded up and left out the 1: that agrees only where the division "
                    "leaves a remainder.",
                ),
                Slip(
                    lambda n, k, s, p, d: (n + 2 * p - (d + 1) * (k - 1) - 1) // s + 1,
                    "Your dilation is one too large: it is the distance of the weights, and at 1 "
                    "they touch.",
                ),
                Slip(
                    lambda n, k, s, p, d: (n + 2 * p - d * k) // s + 1,
                    "A dilated kernel spans d (k − 1) + 1 pixels, not d k.",
                ),
                Slip(
                    lambda n, k, s, p, d: (n + p - d * (k - 1) - 1) // s + 1,
                    "You added the padding once. It is on both sides.",
                ),
                Slip(
                    lambda n, k, s, p, d: (n + 2 * p - d * (k - 1) - 1) // s,
                    "You counted the steps, not the places: add 1.",
                ),
            ),
            "It agrees on all sizes tried.",
            exactly=True,
        ),
    ),
    Exercise(
        "pad-circular",
        1,
        ("convolution 4", "pytorch-layers 3", "padding modes"),
        Function(
            "pad_circular(image, p)",
            _pad("wrap"),
            _draw_padding,
            (
                Slip(_pad("constant"), "Those are zeros around the image."),
                Slip(_pad("edge"), "That is “replicate”: your border pixels are repeated."),
                Slip(_pad("reflect"), "That is “reflect”: the image is mirrored at its border."),
                Slip(
                    _pad("wrap", both=False),
                    "The columns are right; the rows go round as well, and so do the corners.",
                ),
            ),
            "The right edge meets the left one, the bottom the top.",
        ),
    ),
    Exercise(
        "max-pool",
        1,
        ("convolutional-layers 4", "pytorch-layers 4", "floor"),
        Function(
            "max_pool(image)",
            _pool(np.max),
            _draw_pooling,
            (
                Slip(_pool(np.mean), "That is average pooling."),
                Slip(
                    _pool_with_ceil,
                    "You kept the incomplete blocks at the end. By default they are left out "
                    "(floor).",
                ),
                Slip(
                    _pool_sliding,
                    "Your blocks overlap: that is a stride of 1. The stride of a pooling is its "
                    "block.",
                ),
                Slip(
                    lambda image: _pool(np.max)(np.abs(image)),
                    "You took the largest absolute value. −9 is smaller than 1.",
                ),
                Slip(
                    lambda image: image[:-1:2, :-1:2][: len(image) // 2],
                    "You kept the first pixel of each block. It is to be the largest.",
                ),
            ),
            "Blocks of 2 × 2, the incomplete ones left out.",
        ),
    ),
    Exercise(
        "blur-then-subsample",
        2,
        ("convolutional-layers 3", "aliasing", "pooling and shifts"),
        Function(
            "blur_then_subsample(signal)",
            lambda signal: _blurred(signal)[::2],
            lambda rng, size: (rng.integers(-9, 10, 2 * size + 4).astype(float),),
            (
                Slip(
                    lambda signal: signal[::2].copy(),
                    "You left the blur out: what is too fine for the new grid comes back as "
                    "something else.",
                ),
                Slip(
                    lambda signal: _blurred(signal[::2]),
                    "You blurred after throwing numbers away. By then the damage is done: blur "
                    "first.",
                ),
                Slip(
                    lambda signal: _blurred(signal)[1::2],
                    "You kept the odd places. The first number stays.",
                ),
                Slip(
                    lambda signal: 4 * _blurred(signal)[::2],
                    "The weights 1, 2, 1 add up to 4: divide by it, so that a constant stays.",
                ),
                Slip(
                    lambda signal: np.convolve(signal, [0.25, 0.5, 0.25], "same")[::2],
                    "Your borders are zeros. Here the signal is a circle.",
                ),
            ),
            "First the blur, then the stride.",
        ),
    ),
    Exercise(
        "softmax",
        2,
        ("pytorch-training 2",),
        Function(
            "softmax(logits)",
            softmax,
            _draw_logits,
            (
                Slip(
                    _naive,
                    "exp overflows for large logits. Subtract each row's largest first: that "
                    "changes no probability.",
                ),
                Slip(
                    lambda logits: softmax(logits.T).T,
                    "Your columns add up to 1. The classes are along the last axis.",
                ),
                Slip(
                    lambda logits: (
                        logits
                        - logits.max(1, keepdims=True)
                        - np.log(
                            np.exp(logits - logits.max(1, keepdims=True)).sum(1, keepdims=True)
                        )
                    ),
                    "Those are the logarithms of the probabilities.",
                ),
                Slip(
                    lambda logits: np.exp(logits - logits.max(1, keepdims=True)),
                    "Your rows do not add up to 1: divide by their sums.",
                ),
                Slip(
                    lambda logits: np.eye(logits.shape[1])[logits.argmax(1)],
                    "You gave the largest all there is. The softmax leaves the others their share.",
                ),
            ),
            "Stable, however large the logits.",
        ),
    ),
)
