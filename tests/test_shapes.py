import re

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnlib.shapes import (
    ParameterCount,
    ReceptiveField,
    Window,
    conv_output_size,
    count_multiply_accumulates,
    count_parameters,
    padding_amounts,
    receptive_field,
)

reproducible = settings(max_examples=300, deadline=None, derandomize=True)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        # The animation of the lecture: a 4×4 input and a 2×3 kernel make a 3×2 feature map.
        ({"size": (4, 4), "kernel_size": (2, 3)}, (3, 2)),
        ({"size": 28, "kernel_size": 5}, 24),
        ({"size": 5, "kernel_size": 5}, 1),
        ({"size": 28, "kernel_size": 3, "padding": 1}, 28),
        ({"size": 28, "kernel_size": 3, "padding": "valid"}, 26),
        ({"size": 28, "kernel_size": 4, "padding": "same"}, 28),
        ({"size": 28, "kernel_size": 4, "padding": "same", "dilation": 3}, 28),
        # (7 − 2) / 2 = 2.5, floored: the last column is out of reach.
        ({"size": 7, "kernel_size": 2, "stride": 2}, 3),
        ({"size": 8, "kernel_size": 2, "stride": 2}, 4),
        # A kernel of 3 taps 2 apart spans 5 pixels.
        ({"size": 7, "kernel_size": 3, "dilation": 2}, 3),
        # AlexNet's first layer: (227 − 11) / 4 + 1.
        ({"size": 227, "kernel_size": 11, "stride": 4}, 55),
        ({"size": 6, "kernel_size": 3, "padding": (0, 1)}, (4, 6)),
        ({"size": (6, 9), "kernel_size": 3, "stride": (1, 2), "dilation": (2, 1)}, (2, 4)),
        ({"size": np.int64(28), "kernel_size": np.uint8(5)}, 24),
    ],
)
def test_output_size_by_hand(arguments, expected):
    assert conv_output_size(**arguments) == expected


def test_output_size_is_an_int_only_for_ints():
    assert type(conv_output_size(28, 3)) is int
    assert conv_output_size(28, (3, 3)) == (26, 26)


@reproducible
@given(
    size=st.integers(1, 20),
    kernel_size=st.integers(1, 6),
    stride=st.integers(1, 5),
    padding=st.integers(0, 4),
    dilation=st.integers(1, 4),
)
def test_output_size_counts_positions(size, kernel_size, stride, padding, dilation):
    last_tap = dilation * (kernel_size - 1)
    starts = range(-padding, size + padding - last_tap, stride)
    if len(starts):
        assert conv_output_size(size, kernel_size, stride, padding, dilation) == len(starts)
    else:
        with pytest.raises(ValueError, match="exceeds the padded input size"):
            conv_output_size(size, kernel_size, stride, padding, dilation)


def test_same_padding_puts_the_odd_pixel_after():
    assert padding_amounts("same", (4, 3)) == ((1, 2), (1, 1))
    assert padding_amounts("same", (4, 3), dilation=(3, 2)) == ((4, 5), (2, 2))
    assert padding_amounts("valid", 3) == ((0, 0), (0, 0))
    assert padding_amounts((0, 2), 3) == ((0, 0), (2, 2))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"size": 5, "kernel_size": 7},
            "`kernel_size` (7) exceeds the padded input size (5): increase `padding` or use a "
            "smaller kernel",
        ),
        (
            {"size": (5, 9), "kernel_size": 8, "padding": 1},
            "`kernel_size` (8) exceeds the padded input height (7): increase",
        ),
        (
            {"size": (9, 5), "kernel_size": 8, "padding": 1},
            "`kernel_size` (8) exceeds the padded input width (7): increase",
        ),
        (
            {"size": 5, "kernel_size": 3, "dilation": 4},
            "`kernel_size` (3) with `dilation` (4) spans 9 pixels and exceeds the padded input "
            "size (5): increase",
        ),
        ({"size": 0, "kernel_size": 1}, "`size` (0) is less than 1: use an integer of at least 1"),
        ({"size": 5, "kernel_size": 0}, "`kernel_size` (0) is less than 1: use an integer"),
        ({"size": 5, "kernel_size": 3, "stride": 0}, "`stride` (0) is less than 1"),
        ({"size": 5, "kernel_size": 3, "stride": (1, -1)}, "`stride` (-1) is less than 1"),
        ({"size": 5, "kernel_size": 3, "dilation": 0}, "`dilation` (0) is less than 1"),
        ({"size": 5, "kernel_size": 3, "padding": -1}, "`padding` (-1) is less than 0"),
        ({"size": 5, "kernel_size": 3, "stride": True}, "`stride` (True) is not an integer: use"),
        ({"size": 5, "kernel_size": 3.0}, "`kernel_size` (3.0) is not an integer: use an"),
        ({"size": 5, "kernel_size": 3, "stride": np.True_}, "is not an integer"),
        ({"size": 5, "kernel_size": (3, 3, 3)}, "`kernel_size` ((3, 3, 3)) has 3 entries: use"),
        ({"size": 5, "kernel_size": 3, "padding": "full"}, "`padding` ('full') is unknown: use"),
        (
            {"size": 5, "kernel_size": 3, "padding": "same", "stride": 2},
            "`padding` ('same') needs stride 1, but `stride` is 2: use an integer",
        ),
    ],
)
def test_output_size_refuses(arguments, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        conv_output_size(**arguments)


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        ([], ReceptiveField(1, 1, 0)),
        ([Window(3)], ReceptiveField(3, 1, 0)),
        ([Window(3), Window(3)], ReceptiveField(5, 1, 0)),
        ([Window(3), Window(3), Window(3)], ReceptiveField(7, 1, 0)),
        ([Window(3, dilation=2)], ReceptiveField(5, 1, 0)),
        ([Window(2, stride=2), Window(2, stride=2)], ReceptiveField(4, 4, 0)),
        # 3, then + (2 − 1) × 1, then + (3 − 1) × 2; the start: − 1 − 0 − 2.
        (
            [Window(3, padding=1), Window(2, stride=2), Window(3, padding=1)],
            ReceptiveField(8, 2, -3),
        ),
        # A stride of 2 after the kernel: the next layer's taps are 2 pixels apart.
        ([Window(3, stride=2), Window(3)], ReceptiveField(7, 2, 0)),
        ([Window(3), Window(3, stride=2)], ReceptiveField(5, 2, 0)),
    ],
)
def test_receptive_field_by_hand(layers, expected):
    assert receptive_field(layers) == expected


def test_span_moves_by_the_jump():
    field = receptive_field([Window(3, padding=1), Window(2, stride=2)])
    assert [field.span(index) for index in range(3)] == [(-1, 2), (1, 4), (3, 6)]


layer_lists = st.lists(
    st.builds(
        Window, st.integers(1, 4), st.integers(1, 3), st.integers(0, 2), dilation=st.integers(1, 3)
    ),
    max_size=3,
)


@reproducible
@given(layers=layer_lists)
def test_receptive_field_is_where_the_gradient_is(layers):
    field = receptive_field(layers)
    x = torch.ones(1, 1, 3 * field.size + 3 * field.jump + 8, requires_grad=True)
    output = x
    for layer in layers:
        output = torch.nn.functional.conv1d(
            output,
            torch.ones(1, 1, layer.kernel_size),
            stride=layer.stride,
            padding=layer.padding,
            dilation=layer.dilation,
        )
    index = output.shape[2] // 2
    output[0, 0, index].backward()
    seen = x.grad[0, 0].nonzero().flatten().tolist()
    assert (seen[0], seen[-1]) == field.span(index)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"kernel_size": 0}, "`kernel_size` (0) is less than 1"),
        ({"kernel_size": (3, 3)}, "`kernel_size` ((3, 3)) is not an integer"),
        ({"kernel_size": 3, "stride": 0}, "`stride` (0) is less than 1"),
        ({"kernel_size": 3, "padding": -1}, "`padding` (-1) is less than 0"),
        ({"kernel_size": 3, "dilation": 0}, "`dilation` (0) is less than 1"),
    ],
)
def test_window_refuses(arguments, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        Window(**arguments)


def test_receptive_field_refuses_bare_numbers():
    with pytest.raises(ValueError, match=re.escape("`layers` holds 3: describe each layer by a")):
        receptive_field([3, 3])


def test_the_lectures_own_count():
    # 784 × 512 + 512 × 1 weights; the 512 hidden neurons and the output have a bias each.
    count = count_parameters((512, 784), (1, 512))
    assert count == ParameterCount(weights=401_920, biases=513)
    assert count.total == 402_433
    assert count_parameters((512, 784), (1, 512), bias=False).total == 401_920


@pytest.mark.parametrize(
    "layer",
    [
        torch.nn.Linear(7, 3),
        torch.nn.Linear(7, 3, bias=False),
        torch.nn.Conv2d(6, 4, (3, 5)),
        torch.nn.Conv2d(6, 4, 3, groups=2, bias=False),
    ],
)
def test_parameters_as_pytorch_counts(layer):
    count = count_parameters(tuple(layer.weight.shape), bias=layer.bias is not None)
    assert count.weights == layer.weight.numel()
    assert count.total == sum(parameter.numel() for parameter in layer.parameters())


def test_multiply_accumulates_by_hand():
    # 2 × 3 taps at each of 3 × 2 positions.
    assert count_multiply_accumulates((1, 1, 2, 3), output_size=(3, 2)) == 36
    assert count_multiply_accumulates((8, 4, 3, 3), output_size=10) == 8 * 4 * 9 * 100
    assert count_multiply_accumulates((512, 784)) == 401_408


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((512,), "`weight_shape` ((512,)) is none: use (out_features, in_features) or"),
        (512, "`weight_shape` (512) is none"),
        ((512, 0), "`weight_shape` (0) is less than 1"),
        ((512, 7.0), "`weight_shape` (7.0) is not an integer"),
    ],
)
def test_counts_refuse(shape, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        count_parameters(shape)
    with pytest.raises(ValueError, match=re.escape(message)):
        count_multiply_accumulates(shape)
