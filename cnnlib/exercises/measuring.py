"""Exercises that measure a network: how it takes shifts, and what its decision rests on."""

import numpy as np

from cnnlib.exercises.entry import Exercise
from cnnlib.exercises.functions import Function
from cnnlib.exercises.verdict import Slip


def equivariance_error(layer, x, shift):
    """Return the largest difference between shifting before and after a layer."""
    before, after = layer(x.roll(shift, -1)), layer(x).roll(shift, -1)
    return (before - after).abs().max().item()


def _draw_layer(rng, size):
    import torch
    from torch import nn

    mode = ("zeros", "circular")[rng.integers(2)]
    layer = nn.Conv2d(1, size, 3, padding=1, padding_mode=mode)
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.copy_(torch.tensor(rng.normal(size=parameter.shape)))
    x = rng.normal(size=(1, 1, size + 3, size + 4)).astype(np.float32)
    return layer, torch.tensor(x), int(rng.integers(1, 3))


def _largest(difference):
    return difference.abs().max().item()


def _draw_photograph(rng, size):
    import torch
    from torch import nn

    network = nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.Tanh(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 3)
    )
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(torch.tensor(rng.normal(size=parameter.shape)))
    image = torch.tensor(rng.normal(size=(3, size + 2, size + 3)), dtype=torch.float32)
    return network, image, int(rng.integers(3))


def _gradient(network, image, target, of=lambda logits: logits):
    image = image.clone().requires_grad_()
    of(network(image[None]))[0, target].backward()
    return image.grad


def saliency(network, image, target):
    """Return how strongly a logit depends on each pixel."""
    return _gradient(network, image, target).abs().amax(0)


EXERCISES = (
    Exercise(
        "equivariance-error",
        2,
        ("convolutional-layers 3", "equivariance or invariance", "padding modes"),
        Function(
            "equivariance_error(layer, x, shift)",
            equivariance_error,
            _draw_layer,
            (
                Slip(
                    lambda layer, x, shift: _largest(layer(x.roll(shift, -1)) - layer(x)),
                    "You compared with the unshifted map: that measures invariance. Shift the map "
                    "as well.",
                ),
                Slip(
                    lambda layer, x, shift: _largest(
                        layer(x.roll(shift, -1)) - layer(x).roll(-shift, -1)
                    ),
                    "You shifted the map the other way.",
                ),
                Slip(
                    lambda layer, x, shift: _largest(
                        layer(x.roll(shift, -2)) - layer(x).roll(shift, -2)
                    ),
                    "You shifted along the height. The columns are the last axis.",
                ),
                Slip(
                    lambda layer, x, shift: (
                        (layer(x.roll(shift, -1)) - layer(x).roll(shift, -1)).abs().mean().item()
                    ),
                    "That is the mean difference. Ask for the largest: one wrong border is enough.",
                ),
            ),
            "Zero for circular padding, but for rounding, and not for zeros.",
        ),
    ),
    Exercise(
        "saliency",
        3,
        ("inside-the-network 4", "pytorch-training 6"),
        Function(
            "saliency(network, image, target)",
            saliency,
            _draw_photograph,
            (
                Slip(
                    lambda *arguments: _gradient(*arguments).amax(0),
                    "You kept the signs. A pixel counts whichever way it pulls: take the absolute "
                    "value before the maximum.",
                ),
                Slip(
                    lambda *arguments: _gradient(*arguments).abs().mean(0),
                    "You averaged over the colours. Take the largest of the three.",
                ),
                Slip(
                    lambda *arguments: (
                        _gradient(*arguments, lambda logits: logits.softmax(1)).abs().amax(0)
                    ),
                    "You took the gradient of the probability, which also falls when other "
                    "classes rise. Take the logit's.",
                ),
                Slip(
                    lambda *arguments: _gradient(*arguments).abs(),
                    "There is still an axis for the colours: take the largest along it.",
                ),
            ),
            "One number for each pixel.",
        ),
    ),
)
