"""Give the layers that PyTorch has no name for."""

import torch
from torch import nn

_SHUFFLE_SEED = 0


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
