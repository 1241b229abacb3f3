"""Count before computing: output sizes, receptive fields, parameters, multiply-accumulates."""

import math
import operator
from collections.abc import Iterable
from dataclasses import dataclass


def as_integer(name: str, value: object, minimum: int | None = None) -> int:
    """Return `value` as an int of at least `minimum`, or say why argument `name` is not one."""
    rule = "use an integer" if minimum is None else f"use an integer of at least {minimum}"
    try:
        # Python counts bools as ints, but `stride=True` is a slip.
        number = operator.index(None if isinstance(value, bool) else value)
    except TypeError:
        raise ValueError(f"`{name}` ({value!r}) is not an integer: {rule}") from None
    if minimum is not None and number < minimum:
        raise ValueError(f"`{name}` ({number}) is less than {minimum}: {rule}")
    return number


def as_pair(name: str, value: object, minimum: int) -> tuple[int, int]:
    """Return an int, or a (height, width) pair of them, as a pair; check as `as_integer` does."""
    if not isinstance(value, tuple | list):
        number = as_integer(name, value, minimum)
        return number, number
    if len(value) != 2:
        raise ValueError(
            f"`{name}` ({value!r}) has {len(value)} entries: use an integer or a "
            "(height, width) pair"
        )
    return as_integer(name, value[0], minimum), as_integer(name, value[1], minimum)


def check_option(name: str, value: object, options: Iterable[str]) -> None:
    """Raise `ValueError` unless the value of argument `name` is one of the options."""
    if not isinstance(value, str) or value not in options:
        known = ", ".join(repr(option) for option in options)
        raise ValueError(f"`{name}` ({value!r}) is unknown: use one of {known}")


def padding_amounts(padding, kernel_size, stride=1, dilation=1) -> tuple[tuple[int, int], ...]:
    """Return how many rows and columns `padding` adds before and after the image's own.

    Parameters
    ----------
    padding : int, pair of int, "same" or "valid"
        So many pixels on either side; as many as keep the size (where their sum is odd, the
        extra one comes after, as in PyTorch); or none.
    kernel_size, stride, dilation : int or (height, width) pair of int
        What "same" depends on.

    Returns
    -------
    ((top, bottom), (left, right))

    Raises
    ------
    ValueError
        If an argument is not as above, or if `padding` is `"same"` with a stride above 1.

    Examples
    --------
    >>> padding_amounts("same", (3, 4))
    ((1, 1), (1, 2))
    """
    if not isinstance(padding, str):
        return tuple((pixels, pixels) for pixels in as_pair("padding", padding, 0))
    if padding == "valid":
        return (0, 0), (0, 0)
    if padding != "same":
        raise ValueError(
            f"`padding` ({padding!r}) is unknown: use 'same', 'valid', an integer or a pair"
        )
    if as_pair("stride", stride, 1) != (1, 1):
        raise ValueError(
            f"`padding` ('same') needs stride 1, but `stride` is {stride}: use an integer"
        )
    kernel_size, dilation = as_pair("kernel_size", kernel_size, 1), as_pair("dilation", dilation, 1)
    totals = (d * (k - 1) for k, d in zip(kernel_size, dilation, strict=True))
    return tuple((total // 2, total - total // 2) for total in totals)


def conv_output_size(size, kernel_size, stride=1, padding=0, dilation=1):
    r"""Count the positions of a sliding kernel, of a convolution or of a pooling.

    With $i$ pixels in, $p$ added on both sides together, and a kernel of $k$ taps that are
    $d$ pixels apart, moved by $s$ pixels at a time,

    $$ o = \left\lfloor \frac{i + p - d\,(k - 1) - 1}{s} \right\rfloor + 1. $$

    The floor drops the last rows and columns, those that the stride does not reach.

    Parameters
    ----------
    size, kernel_size, stride, dilation : int or (height, width) pair of int
        In pixels. An int stands for both axes.
    padding : int, pair of int, "same" or "valid"
        Pixels added on either side, see `padding_amounts`.

    Returns
    -------
    int or (height, width) pair of int
        A pair if one of the arguments is a pair.

    Raises
    ------
    ValueError
        If the kernel exceeds the padded input, or if an argument is out of its range.

    References
    ----------
    Dumoulin and Visin, "A guide to convolution arithmetic for deep learning" (2016),
    arXiv:1603.07285, relationship 15 (there $p$ is the padding of one side).

    Examples
    --------
    >>> conv_output_size(28, kernel_size=5)
    24
    >>> conv_output_size(32, kernel_size=3, stride=2, padding=1)  # 15.5, floored, plus 1
    16
    >>> conv_output_size((1080, 1920), kernel_size=(3, 5), padding="same")
    (1080, 1920)
    """
    arguments = size, kernel_size, stride, padding, dilation
    is_pair = any(isinstance(argument, tuple | list) for argument in arguments)
    by_argument = (
        ("height", "width") if is_pair else ("size", "size"),
        as_pair("size", size, 1),
        as_pair("kernel_size", kernel_size, 1),
        as_pair("stride", stride, 1),
        padding_amounts(padding, kernel_size, stride, dilation),
        as_pair("dilation", dilation, 1),
    )
    height, width = (_positions(*along_axis) for along_axis in zip(*by_argument, strict=True))
    return (height, width) if is_pair else height


def _positions(axis, size, kernel_size, stride, padding, dilation) -> int:
    padded = size + sum(padding)
    span = dilation * (kernel_size - 1) + 1
    if span > padded:
        dilated = f" with `dilation` ({dilation}) spans {span} pixels and" if dilation > 1 else ""
        raise ValueError(
            f"`kernel_size` ({kernel_size}){dilated} exceeds the padded input {axis} ({padded}): "
            "increase `padding` or use a smaller kernel"
        )
    return (padded - span) // stride + 1


@dataclass(frozen=True)
class Window:
    """Describe what a layer slides along an axis, in ints as `conv_output_size` takes them."""

    kernel_size: int
    stride: int = 1
    padding: int = 0
    dilation: int = 1

    def __post_init__(self):
        for name, minimum in {"kernel_size": 1, "stride": 1, "padding": 0, "dilation": 1}.items():
            as_integer(name, getattr(self, name), minimum)


@dataclass(frozen=True)
class ReceptiveField:
    """Hold which input pixels an output pixel sees, along one axis.

    Attributes
    ----------
    size : int
        Pixels from the first to the last that one output pixel depends on.
    jump : int
        Input pixels between the fields of two neighbouring output pixels.
    start : int
        First input pixel in the field of output pixel 0; negative inside the padding.
    """

    size: int
    jump: int
    start: int

    def span(self, index: int) -> tuple[int, int]:
        """Return the first and the last input pixel that output pixel `index` sees."""
        first = self.start + index * self.jump
        return first, first + self.size - 1


def receptive_field(layers: Iterable[Window]) -> ReceptiveField:
    r"""Trace an output pixel back to the input pixels that it sees, along one axis.

    $$ r = 1 + \sum_l d_l\,(k_l - 1)\,j_{l-1}, \qquad j_l = j_{l-1}\,s_l, \qquad j_0 = 1 $$

    Parameters
    ----------
    layers : iterable of Window
        From input to output. Without any, an output pixel is an input pixel.

    Raises
    ------
    ValueError
        If a layer is not a `Window`.

    References
    ----------
    Araujo, Norris and Sim, "Computing Receptive Fields of Convolutional Neural Networks",
    Distill (2019), doi:10.23915/distill.00021; the dilation is added here. How much each of
    these pixels counts is another matter: Luo et al. (2016), arXiv:1701.04128.

    Examples
    --------
    >>> receptive_field([Window(3, padding=1), Window(2, stride=2), Window(3, padding=1)])
    ReceptiveField(size=8, jump=2, start=-3)
    """
    size, jump, start = 1, 1, 0
    for layer in layers:
        if not isinstance(layer, Window):
            raise ValueError(f"`layers` holds {layer!r}: describe each layer by a `Window`")
        size += layer.dilation * (layer.kernel_size - 1) * jump
        start -= layer.padding * jump
        jump *= layer.stride
    return ReceptiveField(size, jump, start)


@dataclass(frozen=True)
class ParameterCount:
    """Hold a number of parameters, weights and biases told apart."""

    weights: int
    biases: int

    @property
    def total(self) -> int:
        """Weights and biases together."""
        return self.weights + self.biases


def count_parameters(*weight_shapes: tuple[int, ...], bias: bool = True) -> ParameterCount:
    """Count what layers learn, from the shapes of their weights.

    Parameters
    ----------
    *weight_shapes : tuple of int
        One per layer, outputs first, as PyTorch has them: (out_features, in_features) for a
        linear layer, (C_out, C_in/groups, kH, kW) for a convolution.
    bias : bool
        Whether the layers add a bias to each output feature or channel.

    Raises
    ------
    ValueError
        If a shape has fewer than two entries, or one that is not a positive integer.

    Examples
    --------
    >>> count_parameters((512, 784), (1, 512))  # 28×28 pixels, 512 hidden neurons, one output
    ParameterCount(weights=401920, biases=513)
    >>> count_parameters((32, 1, 3, 3)).total  # 32 kernels of 3×3
    320
    """
    weights = sum(_weights(shape) for shape in weight_shapes)
    biases = sum(shape[0] for shape in weight_shapes) if bias else 0
    return ParameterCount(weights, biases)


def count_multiply_accumulates(weight_shape: tuple[int, ...], output_size=1) -> int:
    """Count the products that a layer sums up for one input, biases apart.

    Parameters
    ----------
    weight_shape : tuple of int
        As in `count_parameters`.
    output_size : int or (height, width) pair of int
        Pixels of the feature map: a convolution uses each weight once for each of them.

    Raises
    ------
    ValueError
        If an argument is not as above.

    Examples
    --------
    The convolution has 1394 times fewer weights than the linear layer, but half as much to do:

    >>> count_multiply_accumulates((512, 784))
    401408
    >>> count_multiply_accumulates((32, 1, 3, 3), output_size=conv_output_size(28, 3))
    194688
    """
    return _weights(weight_shape) * math.prod(as_pair("output_size", output_size, 1))


def _weights(shape: tuple[int, ...]) -> int:
    if not isinstance(shape, tuple | list) or len(shape) < 2:
        raise ValueError(
            f"`weight_shape` ({shape!r}) is none: use (out_features, in_features) or "
            "(C_out, C_in/groups, kH, kW)"
        )
    return math.prod(as_integer("weight_shape", length, 1) for length in shape)
