"""Begin every network of the lecture alike: check the images, and standardise their pixels."""

import torch
from torch import nn

from cnnlib import shapes
from cnnlib.layers import ShufflePixels

# Mean and standard deviation of the training pixels, of Fashion-MNIST and of each channel of
# CIFAR-10. Each network begins by taking them off, so that its weights and their scale belong
# together.
PIXEL_MEAN, PIXEL_DEVIATION = 0.2860, 0.3530
COLOUR_MEAN, COLOUR_DEVIATION = (0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)


class Classifier(nn.Module):
    """Check the images' shape, which `flatten` would only notice some layers later.

    A network adds its `layers`: standardised images (N, C, H, W) to logits (N, classes).

    Parameters
    ----------
    image_shape : tuple of int
        (C, H, W).
    shuffled : bool
        Whether `cnnlib.layers.ShufflePixels` comes first.

    Raises
    ------
    ValueError
        If `image_shape` is not three positive integers.
    """

    def __init__(self, image_shape, shuffled=False):
        super().__init__()
        self.image_shape = as_shape("image_shape", image_shape)
        if len(self.image_shape) != 3:
            raise ValueError(f"`image_shape` ({image_shape!r}) is not (C, H, W): use three numbers")
        colour = self.image_shape[0] == 3
        mean = COLOUR_MEAN if colour else (PIXEL_MEAN,)
        deviation = COLOUR_DEVIATION if colour else (PIXEL_DEVIATION,)
        for name, values in {"mean": mean, "deviation": deviation}.items():
            self.register_buffer(name, torch.tensor(values)[:, None, None], persistent=False)
        self.arrange = ShufflePixels(*self.image_shape[1:]) if shuffled else nn.Identity()

    def forward(self, images):
        """Return the logits, of shape (N, classes), of images of shape (N, C, H, W)."""
        if images.ndim != 4 or tuple(images.shape[1:]) != self.image_shape:
            expected = ", ".join(map(str, self.image_shape))
            raise ValueError(
                f"`images` has shape {tuple(images.shape)}, where this network takes "
                f"(N, {expected}): move the channels in front of the rows, or build the network "
                "with another `image_shape`"
            )
        if not images.is_floating_point():
            raise ValueError(
                f"`images` has dtype {images.dtype}, where this network takes floats from 0 to 1: "
                "divide by 255"
            )
        return self.layers(self.arrange(self.standardise(images)))

    def standardise(self, images):
        """Return images with the training pixels' mean taken off and their deviation divided by."""
        return (images - self.mean) / self.deviation


def as_shape(name, value):
    """Return a tuple of positive integers, or raise a ValueError that names the argument."""
    if not isinstance(value, tuple | list):
        raise ValueError(f"`{name}` ({value!r}) is no tuple: use a tuple of integers")
    return tuple(shapes.as_integer(name, entry, 1) for entry in value)
