"""Move images and feature maps, and measure whether a layer or a network goes along.

A layer L is equivariant under a transformation T of its input if L T = T' L, where T' is what T
does to its output; it is invariant if T' does nothing. What is left of L T - T' L, the commutator,
says where and by how much that fails.
"""

from typing import NamedTuple

import torch
from torch.nn import functional

from cnnlib import shapes
from cnnlib.moves import Flip, Shift, Turn

__all__ = [
    "Commutator",
    "Flip",
    "Shift",
    "Turn",
    "classes_under_shifts",
    "commutator",
    "gradient_field",
    "matrix_of",
    "project",
    "shift_consistency",
    "spread",
]


class Commutator(NamedTuple):
    """What is left of L T - T' L on some images.

    Attributes
    ----------
    error : tensor, of the shape of the layer's output
    size : float
        Euclidean norm of `error`, in parts of that of T' L; 0 where nothing is left.
    """

    error: torch.Tensor
    size: float


@torch.no_grad()
def commutator(layer, transform, images, transform_output=None):
    """Transform and then apply a layer; then the other way round; and compare.

    Parameters
    ----------
    layer : callable
        A layer or a whole network, of images.
    transform : callable
        What happens to the images: a `Shift`, a `Flip`, a `Turn`, or another.
    images : tensor
        As `layer` takes them.
    transform_output : callable, optional
        What the same is for the output; `transform` itself where not given. For invariance, the
        identity: ``lambda output: output``.

    Returns
    -------
    Commutator

    Raises
    ------
    ValueError
        If the two ways lead to different shapes.

    Examples
    --------
    >>> images = torch.rand(1, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    >>> commutator(torch.relu, Shift(1, 2), images).size
    0.0
    """
    found = layer(transform(images))
    expected = (transform_output or transform)(layer(images))
    if found.shape != expected.shape:
        raise ValueError(
            f"`layer` gives shape {tuple(found.shape)} of transformed images, where "
            f"`transform_output` makes {tuple(expected.shape)}: give the transformation of the "
            "output that belongs to `transform`"
        )
    error = found - expected
    size = error.norm()
    return Commutator(error, (size / expected.norm()).item() if size else 0.0)


@torch.no_grad()
def matrix_of(linear, shape):
    """Return the matrix of a linear map of images, the answers to unit images as its columns.

    Parameters
    ----------
    linear : callable
        Images (N, *shape), float64, to anything of N entries.
    shape : tuple of int
        Of one image.

    Returns
    -------
    tensor of float64, shape (outputs, inputs)

    Examples
    --------
    >>> matrix_of(Shift(columns=1), (1, 3))
    tensor([[0., 0., 1.],
            [1., 0., 0.],
            [0., 1., 0.]], dtype=torch.float64)
    """
    units = torch.eye(torch.Size(shape).numel(), dtype=torch.float64)
    return linear(units.view(-1, *shape)).flatten(1).T


def project(matrix, group):
    r"""Return of all matrices that commute with a group the one nearest to a given matrix.

    It is the mean of the matrix as seen by each member, $\frac{1}{|G|} \sum_g P_g^{T} M P_g$
    (nearest in the Euclidean norm of its entries).

    Parameters
    ----------
    matrix : tensor of float64, shape (n, n)
    group : sequence of tensor, shape (n, n)
        The permutation matrices of *all* members of the group, as `matrix_of` returns them.

    Returns
    -------
    tensor of float64, shape (n, n)

    Raises
    ------
    ValueError
        If there is no member, or the shapes don't fit.

    Examples
    --------
    >>> shifts = [matrix_of(Shift(columns=s), (1, 3)) for s in range(3)]
    >>> project(torch.tensor([[3.0, 0.0, 6.0], [0.0, 6.0, 0.0], [0.0, 0.0, 0.0]]).double(), shifts)
    tensor([[3., 0., 2.],
            [2., 3., 0.],
            [0., 2., 3.]], dtype=torch.float64)
    """
    group = list(group)
    if not group or any(member.shape != matrix.shape for member in group):
        raise ValueError(
            f"`group` has {len(group)} members, of which each should have the matrix's shape "
            f"{tuple(matrix.shape)}: give the matrices of all members, the identity included"
        )
    return sum(member.T @ matrix @ member for member in group) / len(group)


@torch.no_grad()
def classes_under_shifts(model, images, most=2, batch_size=1000):
    """Return which classes a network names as images are moved, black coming in.

    Parameters
    ----------
    model : torch.nn.Module
        Images (N, C, H, W) to logits (N, classes).
    images : tensor of float32
    most : int
        Pixels: all shifts by up to so many along both axes.
    batch_size : int

    Returns
    -------
    tensor of int64, shape ((2 · most + 1)², N)
        Row by row of the shifts, from (-most, -most).
    """
    model.eval()
    steps = range(-shapes.as_integer("most", most, 0), most + 1)
    found = []
    for shift in (Shift(row, column, "black") for row in steps for column in steps):
        batches = shift(images).split(batch_size)
        found.append(torch.cat([model(batch).argmax(1) for batch in batches]))
    return torch.stack(found)


def shift_consistency(classes):
    """Return how often two different shifts of an image are given the same class.

    Parameters
    ----------
    classes : tensor of int64, shape (S, N)
        What `classes_under_shifts` returns, S at least 2.

    Returns
    -------
    tensor of float64, shape (N,)
        For each image, the share of all pairs of shifts; its mean is what Zhang (2019),
        arXiv:1904.11486, calls the classification consistency, there of random pairs.

    Examples
    --------
    >>> shift_consistency(torch.tensor([[3, 3], [3, 5], [3, 5], [3, 7]]))
    tensor([1.0000, 0.1667], dtype=torch.float64)
    """
    shifts = len(classes)
    if shifts < 2:
        raise ValueError(f"`classes` is of {shifts} shifts: a pair needs two, with `most` above 0")
    counts = functional.one_hot(classes).sum(0).double()  # (N, classes)
    return (counts * (counts - 1)).sum(1) / (shifts * (shifts - 1))


def gradient_field(layers, images, seed=0):
    """Measure how much each input pixel moves the middle of the output.

    Parameters
    ----------
    layers : callable
        Images (N, C, H, W) to maps (N, C', H', W').
    images : tensor of float
    seed : int
        Of the signs with which the channels' middle pixels are added up, anew for each image, so
        that on average their gradients don't mix.

    Returns
    -------
    tensor of the images' dtype, shape (H, W)
        Mean square of the gradient over images and channels, in parts of its sum.

    References
    ----------
    Luo, Li, Urtasun and Zemel, "Understanding the Effective Receptive Field in Deep Convolutional
    Neural Networks" (2016), arXiv:1701.04128.
    """
    inputs = images.detach().clone().requires_grad_()
    maps = layers(inputs)
    middle = maps[:, :, maps.shape[2] // 2, maps.shape[3] // 2]
    generator = torch.Generator().manual_seed(seed)
    signs = torch.randint(2, middle.shape, generator=generator).to(middle) * 2 - 1
    (gradient,) = torch.autograd.grad((signs * middle).sum(), inputs)
    square = gradient.square().mean((0, 1))
    return square / square.sum()


def spread(field):
    """Return the standard deviation of a distribution over pixels, down and across.

    Parameters
    ----------
    field : tensor, shape (H, W)
        Not negative.

    Returns
    -------
    tuple of float
        In pixels.

    Examples
    --------
    >>> spread(torch.tensor([[1.0, 0.0, 1.0]]))
    (0.0, 1.0)
    """
    found = []
    for axis in (1, 0):
        profile = field.double().sum(axis) / field.double().sum()
        places = torch.arange(len(profile), dtype=torch.float64, device=profile.device)
        mean = (profile * places).sum()
        found.append((profile * (places - mean).square()).sum().sqrt().item())
    return tuple(found)
