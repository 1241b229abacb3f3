"""Build the network that learns CIFAR-10 fast.

Its shape is that of the record holders: a first layer that is not learnt but computed, three
groups of convolutions, few parameters outside them. Page, "How to Train Your ResNet" (2018-2019);
tysam-code, "hlb-CIFAR10" (2023); Jordan, "94% on CIFAR-10 in 3.29 Seconds on a Single GPU" (2024),
arXiv:2404.00498, whose widths and constants are the default here.
"""

import torch
from torch import nn

from cnnlib import shapes
from cnnlib.classifier import Classifier, as_shape
from cnnlib.layers import Residual

WHITENING_IMAGES = 5000
# Added to the patches' variances, so that the noise in the faintest directions is not blown up.
WHITENING_FLOOR = 5e-4


class WhitenedNet(Classifier):
    """Whiten 2×2 patches, then stack groups of 3×3 convolutions, each of which halves the size.

    Parameters
    ----------
    widths : tuple of int
        Output channels of each group.
    image_shape : tuple of int
        (C, H, W).
    classes : int
    convolutions : {2, 3}
        Of each group. The third comes with a residual connection over itself and the second.

    Raises
    ------
    ValueError
        If an argument is out of its range, or if the image is too small for so many groups.
    """

    # What is learnt in the first part of a training alone, see `cnnlib.optimizers`.
    learnt_early = ("whiten.bias",)

    def __init__(
        self, widths=(64, 256, 256), image_shape=(3, 32, 32), classes=10, *, convolutions=2
    ):
        super().__init__(image_shape)
        widths = as_shape("widths", widths)
        if convolutions not in (2, 3):
            raise ValueError(f"`convolutions` ({convolutions!r}) of a group: use 2 or 3")
        channels, *size = self.image_shape
        self.whiten = nn.Conv2d(channels, 2 * channels * 2**2, 2)
        self.whiten.weight.requires_grad_(False)
        size = shapes.conv_output_size(tuple(size), 2)
        channels = self.whiten.out_channels
        groups = []
        for width in widths:
            groups += _group(channels, width, convolutions)
            size = shapes.conv_output_size(size, 2, stride=2)
            channels = width
        self.groups = nn.Sequential(nn.GELU(), *groups, nn.MaxPool2d(size), nn.Flatten())
        self.head = nn.Linear(channels, shapes.as_integer("classes", classes, 2), bias=False)
        with torch.no_grad():
            self.head.weight /= self.head.weight.std()

    def layers(self, images):
        """Return the logits of standardised images."""
        return self.head(self.features(images)) / self.head.in_features

    def features(self, images):
        """Return what the head sees of standardised images: (N, channels of the last group)."""
        return self.groups(self.whiten(images))

    @torch.no_grad()
    def prepare(self, images):
        r"""Compute the first layer from the first images of the training set.

        Its kernels are the eigenvectors $v_i$ of the second moments of 2×2 patches (the mean is
        that of the data set, not of the patches), divided by $\sqrt{\lambda_i + \epsilon}$, and
        the same with the other sign: each feature is then as large as any other in the mean of
        squares, and no two go together, but for the copies with the other sign.

        Parameters
        ----------
        images : tensor of float32, shape (N, C, H, W)
            From 0 to 1, as the network takes them.
        """
        images = self.standardise(images[:WHITENING_IMAGES])
        channels = images.shape[1]
        patches = images.unfold(2, 2, 1).unfold(3, 2, 1)  # (N, C, H - 1, W - 1, 2, 2)
        patches = patches.permute(0, 2, 3, 1, 4, 5).reshape(-1, channels * 4)
        variances, directions = torch.linalg.eigh(patches.T @ patches / len(patches))
        kernels = (directions / (variances + WHITENING_FLOOR).sqrt()).T.reshape(-1, channels, 2, 2)
        self.whiten.weight.copy_(torch.cat([kernels, -kernels]))


def _group(channels, width, convolutions):
    """Return the layers of a group; pooling first leaves the others a quarter of the work."""
    first = [_convolution(channels, width), nn.MaxPool2d(2), _normalisation(width), nn.GELU()]
    second = [_convolution(width, width), _normalisation(width)]
    if convolutions == 2:
        return [*first, *second, nn.GELU()]
    third = [_convolution(width, width), _normalisation(width)]
    return [*first, Residual(*second, nn.GELU(), *third), nn.GELU()]


def _convolution(channels, width):
    layer = nn.Conv2d(channels, width, 3, padding=1, bias=False)
    # The first kernels begin as the identity, which hands all of the input on.
    nn.init.dirac_(layer.weight.data[: min(channels, width)])
    return layer


def _normalisation(width):
    """Return a batch normalisation that follows its batches closely and learns shifts alone."""
    layer = nn.BatchNorm2d(width, eps=1e-12, momentum=0.4)
    layer.weight.requires_grad_(False)
    return layer
