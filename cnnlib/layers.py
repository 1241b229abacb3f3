"""Give the layers that PyTorch has no name for."""

import torch
from torch import nn
from torch.nn import functional

from cnnlib import shapes

_SHUFFLE_SEED = 0
_PADDING_MODES = {"zeros": "constant", "reflect": "reflect", "replicate": "replicate"}
_PADDING_MODES["circular"] = "circular"


class Residual(nn.Sequential):
    """Add what the layers make of a feature map to it: x + f(x), of the same shape.

    References
    ----------
    He, Zhang, Ren and Sun, "Deep Residual Learning for Image Recognition" (2015),
    arXiv:1512.03385, equation 1.
    """

    def forward(self, features):
        """Return features (N, C, H, W) with what the layers make of them added."""
        return features + super().forward(features)


class ShufflePixels(nn.Module):
    """Put the pixels of each image in another order, always the same, all channels alike.

    Nothing is lost: a fully connected network can learn as well from it. Neighbours are no
    neighbours any more.

    Parameters
    ----------
    height, width : int
        Of the images.
    """

    def __init__(self, height, width):
        super().__init__()
        order = torch.randperm(
            height * width, generator=torch.Generator().manual_seed(_SHUFFLE_SEED)
        )
        self.register_buffer("order", order, persistent=False)

    def forward(self, images):
        """Return images (N, C, H, W), their pixels in another order."""
        return images.flatten(2)[:, :, self.order].view(images.shape)


class BlurPool(nn.Module):
    """Blur each channel with `cnnlib.kernels.binomial`, then keep every `stride`-th pixel.

    What subsamples a map aliases its high frequencies, whatever it is for; this layer takes them
    away first. It is a drop-in: for `MaxPool2d(k, stride)`, use `MaxPool2d(k, 1)` and this after
    the nonlinearity; for `Conv2d(…, stride=s)`, the same with stride 1, the nonlinearity, and this.

    Parameters
    ----------
    size : int
        Rows and columns of the kernel. 1 subsamples without a blur, 2 is average pooling where
        the stride is 2.
    stride : int
    padding_mode : {"reflect", "zeros", "replicate", "circular"}
        What lies beyond the border. So much is added that n pixels become ⌈n / stride⌉.

    Raises
    ------
    ValueError
        If an argument is out of its range.

    References
    ----------
    Zhang, "Making Convolutional Networks Shift-Invariant Again" (2019), arXiv:1904.11486,
    section 3.

    Examples
    --------
    >>> maps = torch.tensor([1.0, 0.0] * 4).expand(1, 1, 8, 8)
    >>> maps[..., 0, ::2], BlurPool()(maps)[0, 0, 0]
    (tensor([[[1., 1., 1., 1.]]]), tensor([0.5000, 0.5000, 0.5000, 0.5000]))
    """

    def __init__(self, size=3, stride=2, padding_mode="reflect"):
        super().__init__()
        if padding_mode not in _PADDING_MODES:
            raise ValueError(
                f"`padding_mode` ({padding_mode!r}) is unknown: use one of {tuple(_PADDING_MODES)}"
            )
        self.size = shapes.as_integer("size", size, 1)
        self.stride = shapes.as_integer("stride", stride, 1)
        self.padding_mode = padding_mode

    @property
    def least(self):
        """Rows and columns that a map must have to be mirrored, or repeated, at its border."""
        kept_back = {"reflect": 1, "circular": 0}
        after = self.size // 2
        return max(1, after + kept_back[self.padding_mode]) if self.padding_mode in kept_back else 1

    def forward(self, maps):
        """Return maps (N, C, H, W) as (N, C, ⌈H / stride⌉, ⌈W / stride⌉)."""
        if min(maps.shape[2:]) < self.least:
            height, width = maps.shape[2:]
            raise ValueError(
                f"`maps` of {height} × {width} pixels are too small for `padding_mode` "
                f"({self.padding_mode!r}) with `size` ({self.size}): give at least {self.least} × "
                f"{self.least}, or use 'replicate'"
            )
        before, after = (self.size - 1) // 2, self.size // 2
        mode = _PADDING_MODES[self.padding_mode]
        maps = functional.pad(maps, (before, after, before, after), mode)
        if self.size == 1:
            return maps[..., :: self.stride, :: self.stride]
        # Each mean of 2×2 neighbours is one more row of Pascal's triangle, and costs less than a
        # convolution of each channel with a kernel of its own.
        for _ in range(self.size - 2):
            maps = functional.avg_pool2d(maps, 2, stride=1)
        return functional.avg_pool2d(maps, 2, self.stride)

    def extra_repr(self):
        """Return the arguments for the layer's representation."""
        return f"size={self.size}, stride={self.stride}, padding_mode={self.padding_mode!r}"
