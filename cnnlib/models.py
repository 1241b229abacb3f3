"""Build the networks of the lecture, by name and from a seed.

Each takes images of shape (N, C, H, W), float32 from 0 (black) to 1, and returns logits of shape
(N, classes), float32: no softmax, which belongs to the loss.
"""

import inspect
import math

import torch
from torch import nn

from cnnlib import shapes
from cnnlib.classifier import Classifier, as_shape
from cnnlib.layers import BlurPool, Residual
from cnnlib.rotations import RotationNet
from cnnlib.whitened import WhitenedNet

POOLINGS = ("max", "average", "stride", "blurred-max", "blurred-stride", "none")


class FullyConnected(Classifier):
    """Connect every pixel to every hidden neuron: the lecture's 784-512-10 by default.

    Parameters
    ----------
    hidden : tuple of int
        Neurons of each hidden layer. Without any, this is a linear classifier.
    image_shape : tuple of int
        (C, H, W).
    classes : int
    dropout : float
        Probability that a hidden neuron is left out in a training step.
    shuffled : bool
        Whether `cnnlib.layers.ShufflePixels` comes first.

    Raises
    ------
    ValueError
        If an argument is out of its range.
    """

    def __init__(
        self, hidden=(512,), image_shape=(1, 28, 28), classes=10, dropout=0.0, shuffled=False
    ):
        super().__init__(image_shape, shuffled)
        features = math.prod(self.image_shape)
        self.layers = nn.Sequential(nn.Flatten(), *_linear(features, hidden, classes, dropout))


class ConvNet(Classifier):
    """Stack stages of 3×3 convolutions that keep the size, each stage ending in a pooling.

    Parameters
    ----------
    stages : tuple of tuple of int
        For each stage, the output channels of its convolutions.
    hidden : tuple of int
        Neurons of the fully connected layers between the last feature map and the logits.
    image_shape : tuple of int
        (C, H, W).
    classes : int
    pooling : {"max", "average", "stride", "blurred-max", "blurred-stride", "none"}
        What ends a stage: a 2×2 pooling; or its last convolution has stride 2; or one of these
        with the subsampling left to `cnnlib.layers.BlurPool`; or nothing. The maximum is taken
        before the ReLU, which then has a quarter of the work; since ReLU never falls,
        max(ReLU(x)) = ReLU(max(x)), and the result is the same.
    nonlinear : bool
        Whether a ReLU follows each convolution and hidden layer. Without it, the network is an
        affine map of the image, whatever its depth (but for max pooling).
    batch_norm : bool
        Whether batch normalisation follows each convolution, which then has no bias.
    residual : bool
        Whether a convolution that keeps the number of channels has its input added to its output.
    global_pool : bool
        Whether the last feature maps are averaged to one number each before the first fully
        connected layer.
    dropout : float
        Probability that a feature is left out before each fully connected layer, in training.
    shuffled : bool
        Whether `cnnlib.layers.ShufflePixels` comes first.

    Raises
    ------
    ValueError
        If an argument is out of its range, or if the image is too small for so many stages.
    """

    def __init__(
        self,
        stages=((32,), (64,)),
        hidden=(),
        image_shape=(1, 28, 28),
        classes=10,
        *,
        pooling="max",
        nonlinear=True,
        batch_norm=False,
        residual=False,
        global_pool=False,
        dropout=0.0,
        shuffled=False,
    ):
        super().__init__(image_shape, shuffled)
        if pooling not in POOLINGS:
            raise ValueError(f"`pooling` ({pooling!r}) is unknown: use one of {POOLINGS}")
        if not isinstance(stages, tuple | list) or not stages:
            raise ValueError(
                f"`stages` ({stages!r}) is none: give the channels, such as ((32,), (64,))"
            )
        channels, *size = self.image_shape
        layers = []
        for widths in stages:
            widths = as_shape("stages", widths)
            if not widths:
                raise ValueError(
                    f"`stages` ({stages!r}) has one without a convolution: give each at least one"
                )
            for index, width in enumerate(widths):
                last = index == len(widths) - 1
                stride = 2 if last and pooling == "stride" else 1
                block = [nn.Conv2d(channels, width, 3, stride, padding=1, bias=not batch_norm)]
                size = shapes.conv_output_size(tuple(size), 3, stride, padding=1)
                block += [nn.BatchNorm2d(width)] if batch_norm else []
                same = channels == width and stride == 1
                inside = residual and same
                # ReLU never falls, so it may wait for the maximum: the same numbers, sooner.
                pool_first = last and pooling.endswith("max") and not inside
                block += [_maximum(pooling)] if pool_first else []
                block += [nn.ReLU()] if nonlinear else []
                layers += [Residual(*block)] if inside else block
                channels = width
            if pooling == "average":
                layers.append(nn.AvgPool2d(2))
            elif pooling.endswith("max") and not pool_first:
                layers.append(_maximum(pooling))
            if pooling in ("max", "average"):
                size = shapes.conv_output_size(size, 2, stride=2)
            elif pooling.startswith("blurred"):
                layers.append(BlurPool())
                if pooling == "blurred-max":
                    size = shapes.conv_output_size(size, 2)
                if min(size) < layers[-1].least:
                    raise ValueError(
                        f"`stages` ({stages!r}) leave {size[0]} × {size[1]} pixels to blur: use "
                        f"fewer, or larger images than `image_shape` ({image_shape!r})"
                    )
                size = shapes.conv_output_size(size, 3, stride=2, padding=1)
        if global_pool:
            layers.append(nn.AdaptiveAvgPool2d(1))
            size = (1, 1)
        features = channels * math.prod(size)
        self.layers = nn.Sequential(
            *layers, nn.Flatten(), *_linear(features, hidden, classes, dropout, nonlinear, dropout)
        )


_NETWORKS = {
    "fully-connected": (FullyConnected, {}),
    "cnn-small": (ConvNet, {}),
    "cnn-large": (ConvNet, {"hidden": (128,)}),
    "cnn-deep": (ConvNet, {"stages": ((32, 32), (64, 64), (128,)), "batch_norm": True}),
    "cnn-residual": (
        ConvNet,
        {
            "stages": ((32, 32), (64, 64), (128, 128)),
            "batch_norm": True,
            "residual": True,
            "global_pool": True,
        },
    ),
    "cnn-whitened": (WhitenedNet, {}),
    "cnn-shifts": (
        ConvNet,
        {"stages": ((16,), (32,), (64,)), "batch_norm": True, "global_pool": True},
    ),
    "cnn-rotations": (RotationNet, {}),
}


def names():
    """Return the names of the networks that `build` knows.

    Examples
    --------
    >>> names()  # doctest: +NORMALIZE_WHITESPACE
    ('fully-connected', 'cnn-small', 'cnn-large', 'cnn-deep', 'cnn-residual', 'cnn-whitened',
    'cnn-shifts', 'cnn-rotations')
    """
    return tuple(_NETWORKS)


def build(name, *, seed=0, **options):
    """Build a network by name, with initial weights that its seed alone decides.

    Of 28×28 images and ten classes, "fully-connected" (784-512-10) has 407 thousand parameters,
    "cnn-small" (two convolutions) 50, "cnn-large" (and a hidden layer of 128) 422, "cnn-deep"
    (five convolutions with batch normalisation) 151, and "cnn-residual" (six, some with a residual
    connection, and global pooling) 288. "cnn-whitened" (`cnnlib.whitened`) takes 32×32 images in
    colour, and learns 1,971 thousand. "cnn-shifts" (three convolutions, global pooling) and
    "cnn-rotations" (`cnnlib.rotations`) are there to be looked at under shifts and rotations.
    PyTorch's random state stays as it is.

    Parameters
    ----------
    name : str
        One of `names()`.
    seed : int
    **options
        In place of the named network's own, see `FullyConnected`, `ConvNet`,
        `cnnlib.whitened.WhitenedNet` and `cnnlib.rotations.RotationNet`.

    Returns
    -------
    torch.nn.Module

    Raises
    ------
    ValueError
        If the name or an option is unknown, or an option's value is out of its range.

    Examples
    --------
    >>> count_parameters(build("cnn-small"))
    50186
    >>> build("cnn-small", image_shape=(3, 32, 32))(torch.zeros(5, 3, 32, 32)).shape
    torch.Size([5, 10])
    """
    if name not in _NETWORKS:
        raise ValueError(f"`name` ({name!r}) is unknown: use one of {names()}")
    network, defaults = _NETWORKS[name]
    known = tuple(inspect.signature(network).parameters)
    for option in options:
        if option not in known:
            raise ValueError(f"`{option}` is no option of {name!r}: use some of {known}")
    seed = shapes.as_integer("seed", seed, 0)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return network(**defaults | options)


def count_parameters(model):
    """Return how many numbers a network learns (int)."""
    return sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)


def _maximum(pooling):
    """Return a maximum over 2×2, of all places where what follows subsamples."""
    return nn.MaxPool2d(2, stride=1 if pooling == "blurred-max" else 2)


def _linear(features, hidden, classes, dropout, nonlinear=True, first_dropout=0.0):
    if not isinstance(dropout, int | float) or not 0 <= dropout < 1:
        raise ValueError(f"`dropout` ({dropout!r}) is out of range: use one from 0 to below 1")
    layers = []
    for width in as_shape("hidden", hidden):
        layers += [nn.Dropout(first_dropout)] if first_dropout else []
        layers.append(nn.Linear(features, width))
        layers += [nn.ReLU()] if nonlinear else []
        features, first_dropout = width, dropout
    layers += [nn.Dropout(first_dropout)] if first_dropout else []
    return [*layers, nn.Linear(features, shapes.as_integer("classes", classes, 2))]
