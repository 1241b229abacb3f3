"""Follow an image through a network: what each layer gives, learns and computes."""

from dataclasses import dataclass

import torch
from torch import nn
from torch.nn.modules.batchnorm import _NormBase
from torch.nn.modules.pooling import _AdaptiveAvgPoolNd, _AdaptiveMaxPoolNd, _AvgPoolNd, _MaxPoolNd

from cnnlib import shapes
from cnnlib.layers import BlurPool, Residual
from cnnlib.rotations import GroupConv2d

_POOLINGS = (_AvgPoolNd, _MaxPoolNd, _AdaptiveAvgPoolNd, _AdaptiveMaxPoolNd, BlurPool)
_WEIGHTED = (nn.Conv2d, GroupConv2d, nn.Linear)
_NORMALISATIONS = (_NormBase, nn.GroupNorm, nn.LayerNorm)


@dataclass(frozen=True)
class Step:
    """Hold what one layer makes of an image.

    Attributes
    ----------
    kind : {"convolution", "pooling", "linear"}
    shape : tuple of int
        Of the output: (C, H, W), or (features,). The sheets of a `cnnlib.rotations.GroupConv2d`
        count as channels.
    parameters : int
    multiply_accumulates : int
        Products that the layer sums up for one image.
    """

    kind: str
    shape: tuple[int, ...]
    parameters: int
    multiply_accumulates: int


@dataclass(frozen=True)
class Trace:
    """Hold an image's way through a network.

    Attributes
    ----------
    image_shape : tuple of int
        (C, H, W).
    steps : tuple of Step
        Convolutions, poolings and linear layers, in the order in which they are computed.
    additions : tuple of (int, int)
        For each residual connection, how many steps are done where it leaves and where it arrives.
    """

    image_shape: tuple[int, int, int]
    steps: tuple[Step, ...]
    additions: tuple[tuple[int, int], ...]

    @property
    def multiply_accumulates(self):
        """Products of all convolutions and linear layers, for one image (int).

        Normalisations, poolings and nonlinearities, which cost little beside them, are left out.
        """
        return sum(step.multiply_accumulates for step in self.steps)


def trace(model, image_shape=None, residual_blocks=(Residual,)):
    """Show a network one image of zeros, and note what each layer does.

    Parameters
    ----------
    model : torch.nn.Module
        Stays as it is. On PyTorch's device "meta", shapes are computed and nothing else.
    image_shape : tuple of int, optional
        (C, H, W), in place of the network's own `image_shape`.
    residual_blocks : tuple of type
        Modules that add their input to what their layers make of it.

    Returns
    -------
    Trace

    Raises
    ------
    ValueError
        If a layer has weights and is neither a convolution of images, nor linear, nor a
        normalisation: it would be left out.

    Examples
    --------
    >>> from cnnlib import models
    >>> for step in trace(models.build("cnn-small")).steps:
    ...     print(step.kind, step.shape, step.multiply_accumulates)
    convolution (32, 28, 28) 225792
    pooling (32, 14, 14) 0
    convolution (64, 14, 14) 3612672
    pooling (64, 7, 7) 0
    linear (10,) 31360
    """
    steps, additions, leaving = [], [], []

    def note(layer, inputs, output):
        shape = tuple(output.shape[1:])
        if output.ndim == 5:  # sheet by sheet
            shape = tuple(output.flatten(1, 2).shape[1:])
        kind = "linear" if isinstance(layer, nn.Linear) else "convolution"
        if isinstance(layer, _POOLINGS):
            kind = "pooling"
            if output.shape == inputs[0].shape:
                return  # an adaptive pooling that has nothing to do
        products = 0
        if kind != "pooling":
            weight = layer.kernels() if isinstance(layer, GroupConv2d) else layer.weight
            size = shape[1:] or 1
            products = shapes.count_multiply_accumulates(tuple(weight.shape), size)
        learnt = sum(parameter.numel() for parameter in layer.parameters())
        steps.append(Step(kind, shape, learnt, products))

    def leave(block, inputs):
        leaving.append(len(steps))

    def arrive(block, inputs, output):
        additions.append((leaving.pop(), len(steps)))

    for name, module in model.named_modules():
        known = isinstance(module, (*_WEIGHTED, *_NORMALISATIONS))
        if not known and next(module.parameters(recurse=False), None) is not None:
            raise ValueError(
                f"`model` has weights in {name or 'itself'} ({type(module).__name__}), which would "
                "not be counted: trace a network of convolutions, linear layers, normalisations"
            )
    handles = []
    for module in model.modules():
        if isinstance(module, (*_WEIGHTED, *_POOLINGS)):
            handles.append(module.register_forward_hook(note))
        if isinstance(module, residual_blocks):
            handles.append(module.register_forward_pre_hook(leave))
            handles.append(module.register_forward_hook(arrive))
    shape = tuple(image_shape or model.image_shape)
    training = {module: module.training for module in model.modules()}
    try:
        with torch.no_grad():
            model.eval()(next(model.parameters()).new_zeros(1, *shape))
    finally:
        for module, was in training.items():
            module.training = was
        for handle in handles:
            handle.remove()
    return Trace(shape, tuple(steps), tuple(additions))
