"""Build convolutions that commute with quarter turns as well as with shifts, out of `conv2d`.

A feature map of such a layer has four sheets, one for each direction in which its kernel has been
laid on the image. A turn of the image turns each sheet, and moves it on to the next place.

Cohen and Welling, "Group Equivariant Convolutional Networks" (2016), arXiv:1602.07576, for the
group p4.
"""

import math

import torch
from torch import nn
from torch.nn import functional

from cnnlib import shapes
from cnnlib.classifier import Classifier, as_shape


def turn_maps(maps, turns=1):
    """Turn the feature maps of a `GroupConv2d` as a turn of its input does.

    Parameters
    ----------
    maps : tensor, shape (N, C, rotations, H, W)
        With four rotations; or one, of a layer that knows no turns.
    turns : int
        Quarter turns, counterclockwise.

    Returns
    -------
    tensor, shape (N, C, rotations, W, H) for an odd number of turns
    """
    return torch.rot90(maps, turns, dims=(-2, -1)).roll(turns, dims=2)


class GroupConv2d(nn.Module):
    r"""Convolve over shifts and quarter turns, keeping the size.

    Output sheet r of kernel o is $\sum_{i, s} x_{i, s} \star R^r w_{o, i, s - r}$: the kernel
    turned by r, its slices for the input's sheets moved on by r. One `conv2d` does it, with the
    four turned copies as its kernels.

    Parameters
    ----------
    in_channels, out_channels : int
    kernel_size : int
        Odd.
    in_rotations : {4, 1}
        Sheets of the input: 1 for an image.
    rotations : {4, 1}
        Sheets of the output. 1 (with `in_rotations=1`) is `torch.nn.Conv2d`.

    Raises
    ------
    ValueError
        If an argument is out of its range.
    """

    def __init__(self, in_channels, out_channels, kernel_size=3, *, in_rotations=4, rotations=4):
        super().__init__()
        for name, value in {"in_rotations": in_rotations, "rotations": rotations}.items():
            if isinstance(value, bool) or value not in (1, 4):
                raise ValueError(f"`{name}` ({value!r}) is neither 1 nor 4: use one of them")
        if in_rotations > rotations:
            raise ValueError(
                f"`rotations` ({rotations}) would forget the input's directions "
                f"(`in_rotations` = {in_rotations}): use 4, and average over them in the end"
            )
        size = shapes.as_integer("kernel_size", kernel_size, 1)
        if size % 2 == 0:
            raise ValueError(f"`kernel_size` ({size}) is even: use an odd one, to keep the size")
        inputs = shapes.as_integer("in_channels", in_channels, 1)
        outputs = shapes.as_integer("out_channels", out_channels, 1)
        self.rotations, self.in_rotations = rotations, in_rotations
        self.weight = nn.Parameter(torch.empty(outputs, inputs * in_rotations, size, size))
        self.bias = nn.Parameter(torch.empty(outputs))
        bound = 1 / math.sqrt(inputs * in_rotations * size**2)  # as torch.nn.Conv2d begins
        nn.init.uniform_(self.weight, -bound, bound)
        nn.init.uniform_(self.bias, -bound, bound)

    def kernels(self):
        """Return the turned copies, (out · sheets, in · in_rotations, k, k)."""
        weight = self.weight.unflatten(1, (-1, self.in_rotations))  # (out, in, sheets, k, k)
        copies = [turn_maps(weight, turns) for turns in range(self.rotations)]
        return torch.stack(copies, 1).flatten(0, 1).flatten(1, 2)

    def forward(self, maps):
        """Return maps (N, C, in_rotations, H, W) as (N, out_channels, rotations, H, W)."""
        bias = self.bias.repeat_interleave(self.rotations)
        padding = self.weight.shape[-1] // 2
        found = functional.conv2d(maps.flatten(1, 2), self.kernels(), bias, padding=padding)
        return found.unflatten(1, (-1, self.rotations))


class RotationNet(Classifier):
    """Stack three convolutions over shifts and quarter turns, and forget both in the end.

    With `rotations=1`, the same network of ordinary convolutions. Its poolings lie between the
    convolutions, two of them, so that 2×2 blocks fill the maps of a 28×28 image and a turn moves
    blocks onto blocks. The last maps are averaged over all places; of the four sheets the largest
    average counts.

    Parameters
    ----------
    widths : tuple of int
        Output channels of the three convolutions.
    image_shape : tuple of int
        (C, H, W), with H = W a multiple of 4.
    classes : int
    rotations : {4, 1}

    Raises
    ------
    ValueError
        If an argument is out of its range.
    """

    def __init__(self, widths=(16, 32, 64), image_shape=(1, 28, 28), classes=10, *, rotations=4):
        super().__init__(image_shape)
        widths = as_shape("widths", widths)
        channels, height, width = self.image_shape
        if len(widths) != 3:
            raise ValueError(f"`widths` ({widths!r}) has {len(widths)} entries: use three")
        if height != width or height % 4:
            raise ValueError(
                f"`image_shape` ({image_shape!r}) is not square with a side that 4 divides: a "
                "turn would not move pooled blocks onto blocks; pad the images"
            )
        convolutions, normalisations, sheets = [], [], 1
        for out_channels in widths:
            convolutions.append(
                GroupConv2d(channels, out_channels, in_rotations=sheets, rotations=rotations)
            )
            normalisations.append(nn.BatchNorm3d(out_channels))  # of all sheets of a map alike
            channels, sheets = out_channels, rotations
        self.convolutions = nn.ModuleList(convolutions)
        self.normalisations = nn.ModuleList(normalisations)
        self.pool = nn.MaxPool3d((1, 2, 2))  # of each sheet by itself
        self.head = nn.Linear(channels, shapes.as_integer("classes", classes, 2))

    def features(self, images):
        """Return the last feature maps of standardised images: (N, C, rotations, H/4, W/4)."""
        maps = images.unsqueeze(2)
        layers = zip(self.convolutions, self.normalisations, strict=True)
        for index, (convolution, normalise) in enumerate(layers):
            if index:
                maps = self.pool(maps)
            maps = normalise(convolution(maps)).relu()
        return maps

    def layers(self, images):
        """Return the logits of standardised images."""
        return self.head(self.features(images).mean((-2, -1)).amax(2))
