"""`cnnlib.conv` by hand, against PyTorch and SciPy on random configurations, and on bad input.

The random values are standard normal, so sums of up to 48 products stay below about 50; a
tolerance is absolute on that scale.
"""

import re
import tracemalloc
import warnings
from unittest.mock import patch

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal as scipy_signal

from cnnlib import conv_methods
from cnnlib.conv import METHODS, conv2d, conv2d_backward, convolve1d, convolve2d, cross_correlate2d
from cnnlib.conv_inputs import PADDING_MODES

TOLERANCE = {"float32": 2e-5, "float64": 5e-14}
MODES = ("full", "same", "valid")

every_method = pytest.mark.parametrize("method", METHODS)


def reproducible(examples):
    return settings(max_examples=examples, deadline=None, derandomize=True)


# By hand


@every_method
def test_the_lectures_feature_map(method):
    # A 4×4 input and a 2×3 kernel make a 3×2 feature map; its first value is
    # 1·1 + 2·0 + 3·2 + 5·0 + 6·3 + 7·(−1) = 18, and a pixel on adds the weights' sum, 5.
    x = np.arange(1.0, 17).reshape(1, 1, 4, 4)
    weight = np.array([[[[1.0, 0, 2], [0, 3, -1]]]])
    expected = [[18, 23], [38, 43], [58, 63]]
    np.testing.assert_allclose(conv2d(x, weight, method=method)[0, 0], expected, atol=1e-13)


@every_method
def test_channels_add_up_and_kernels_stack(method):
    x = np.array([[[[1.0, 2]], [[10, 20]]]])  # (N, C, H, W) = (1, 2, 1, 2)
    weight = np.array([[[[1.0]], [[1]]], [[[0]], [[2]]], [[[3]], [[0]]]])  # (3, 2, 1, 1)
    bias = np.array([0, 100.0, -3])
    expected = [[[[11, 22]], [[120, 140]], [[0, 3]]]]
    np.testing.assert_allclose(conv2d(x, weight, bias, method=method), expected, atol=1e-13)


@every_method
def test_groups_do_not_see_each_other(method):
    x = np.array([[[[1.0]], [[10]], [[100]], [[1000]]]])
    weight = np.ones((2, 2, 1, 1))
    np.testing.assert_allclose(
        conv2d(x, weight, groups=2, method=method).ravel(), [11, 1100], rtol=1e-13
    )


@every_method
def test_stride_and_dilation(method):
    x = np.arange(7.0).reshape(1, 1, 1, 7)
    pair = np.array([[[[1.0, 10]]]])
    for arguments, expected in [
        ({}, [10, 21, 32, 43, 54, 65]),
        ({"stride": (1, 2)}, [10, 32, 54]),
        ({"dilation": (1, 3)}, [30, 41, 52, 63]),
        ({"stride": (1, 3), "dilation": (1, 2)}, [20, 53]),
        ({"padding": (0, 1)}, [0, 10, 21, 32, 43, 54, 65, 6]),
        ({"padding": "same"}, [10, 21, 32, 43, 54, 65, 6]),  # the extra zero comes after
        ({"padding": "same", "dilation": (1, 2)}, [10, 20, 31, 42, 53, 64, 5]),
    ]:
        output = conv2d(x, pair, method=method, **arguments)
        np.testing.assert_allclose(output.ravel(), expected, atol=1e-13, err_msg=str(arguments))


@every_method
@pytest.mark.parametrize(
    ("padding_mode", "expected"),
    [
        ("zeros", [3, 6, 5]),
        ("reflect", [5, 6, 7]),
        ("replicate", [4, 6, 8]),
        ("circular", [6, 6, 6]),
    ],
)
def test_borders(method, padding_mode, expected):
    x = np.array([[[[1.0, 2, 3]]]])
    weight = np.ones((1, 1, 1, 3))
    output = conv2d(x, weight, padding=(0, 1), padding_mode=padding_mode, method=method)
    np.testing.assert_allclose(output.ravel(), expected, atol=1e-13)


@every_method
def test_the_kernel_is_not_flipped(method):
    dot = np.zeros((1, 1, 3, 3))
    dot[..., 1, 1] = 1
    weight = np.array([[[[1.0, 2], [3, 4]]]])
    output = conv2d(dot, weight, method=method)[0, 0]
    np.testing.assert_allclose(output, [[4, 3], [2, 1]], atol=1e-13)
    np.testing.assert_allclose(convolve2d(dot[0, 0], weight[0, 0]), [[1, 2], [3, 4]])
    assert not np.allclose(output, conv2d(dot, weight[..., ::-1, ::-1], method=method)[0, 0])


def test_convolution_by_hand():
    np.testing.assert_array_equal(convolve1d([1, 2, 3], [1, 10, 100]), [1, 12, 123, 230, 300])
    np.testing.assert_array_equal(convolve1d([1, 2, 3], [1, 10, 100], "same"), [12, 123, 230])
    np.testing.assert_array_equal(convolve1d([1, 2, 3], [1, 10, 100], "valid"), [123])
    # An even kernel: "same" takes the first of two middles, and the second without the flip.
    np.testing.assert_array_equal(convolve1d([1, 2, 3], [1, 10], "same"), [1, 12, 23])
    np.testing.assert_array_equal(convolve2d([[1, 2, 3]], [[1, 10]], "same"), [[1, 12, 23]])
    np.testing.assert_array_equal(cross_correlate2d([[1, 2, 3]], [[1, 10]], "same"), [[21, 32, 3]])
    np.testing.assert_array_equal(
        cross_correlate2d([[1, 2], [3, 4]], [[1, 0], [0, 10]], "full"),
        [[10, 20, 0], [30, 41, 2], [0, 3, 4]],
    )


def test_gradients_by_hand():
    x = np.array([[[[1.0, 2, 3]]]])
    weight = np.array([[[[10.0, 100]]]])
    grad_output = np.array([[[[1.0, -1]]]])
    grad_x, grad_weight, grad_bias = conv2d_backward(grad_output, x, weight)
    np.testing.assert_array_equal(grad_x.ravel(), [10, 100 - 10, -100])
    np.testing.assert_array_equal(grad_weight.ravel(), [1 - 2, 2 - 3])
    np.testing.assert_array_equal(grad_bias, [0])


# Against PyTorch, on random configurations


@st.composite
def configurations(draw, paddings=("int", "pair", "same", "valid")):
    """Draw shapes and arguments that fit together, empty batches and tight fits included."""
    pair = st.tuples
    groups = draw(st.integers(1, 3))
    channels, kernels = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    kernel_size = draw(pair(st.integers(1, 4), st.integers(1, 4)))
    dilation = draw(pair(st.integers(1, 3), st.integers(1, 3)))
    stride = draw(pair(st.integers(1, 3), st.integers(1, 3)))
    padding = {
        "int": st.integers(0, 3),
        "pair": pair(st.integers(0, 3), st.integers(0, 3)),
        "same": st.just("same"),
        "valid": st.just("valid"),
    }[draw(st.sampled_from(paddings))]
    padding = draw(padding)
    if padding == "same":
        stride = (1, 1)
    added = {"same": (99, 99), "valid": (0, 0)}.get(padding, padding)
    added = added if isinstance(added, tuple) else (added, added)
    size = tuple(
        max(1, d * (k - 1) + 1 - 2 * p) + draw(st.integers(0, 5))
        for k, d, p in zip(kernel_size, dilation, added, strict=True)
    )
    batch = draw(st.sampled_from([1, 2, 3, 1, 2, 0]))
    return {
        "x_shape": (batch, groups * channels, *size),
        "weight_shape": (groups * kernels, channels, *kernel_size),
        "bias": draw(st.booleans()),
        "dtype": draw(st.sampled_from(["float32", "float64"])),
        "seed": draw(st.integers(0, 2**32 - 1)),
        "options": {
            "stride": stride[0] if stride[0] == stride[1] else stride,
            "padding": padding,
            "dilation": dilation[0] if dilation[0] == dilation[1] else dilation,
            "groups": groups,
        },
    }


def arrays(case):
    rng = np.random.default_rng(case["seed"])
    x = rng.standard_normal(case["x_shape"]).astype(case["dtype"])
    weight = rng.standard_normal(case["weight_shape"]).astype(case["dtype"])
    bias = rng.standard_normal(len(weight)).astype(case["dtype"]) if case["bias"] else None
    return x, weight, bias


def in_pytorch(function, *arguments, **options):
    """Call PyTorch, which remarks on what "same" costs it with even kernels."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Using padding='same' with even kernel", UserWarning)
        return function(*arguments, **options)


@reproducible(1200)
@given(case=configurations(), block_values=st.sampled_from([1, 60, conv_methods.BLOCK_VALUES]))
def test_every_method_is_pytorchs(case, block_values):
    x, weight, bias = arrays(case)
    expected = in_pytorch(
        torch.nn.functional.conv2d,
        torch.from_numpy(x),
        torch.from_numpy(weight),
        None if bias is None else torch.from_numpy(bias),
        **case["options"],
    ).numpy()
    for method in METHODS:
        with patch.object(conv_methods, "BLOCK_VALUES", block_values):
            output = conv2d(x, weight, bias, method=method, **case["options"])
        assert output.shape == expected.shape
        assert output.dtype == case["dtype"]
        assert output.flags.c_contiguous
        np.testing.assert_allclose(
            output, expected, rtol=0, atol=TOLERANCE[case["dtype"]], err_msg=method
        )


@reproducible(300)
@given(case=configurations(), padding_mode=st.sampled_from([*PADDING_MODES]))
def test_every_padding_mode_is_pytorchs(case, padding_mode):
    x, weight, _ = arrays(case)
    layer = in_pytorch(
        torch.nn.Conv2d,
        x.shape[1],
        len(weight),
        weight.shape[2:],
        bias=False,
        padding_mode=padding_mode,
        **case["options"],
    )
    layer.weight = torch.nn.Parameter(torch.from_numpy(weight), requires_grad=False)
    try:
        expected = in_pytorch(layer, torch.from_numpy(x)).numpy()
    except RuntimeError:
        if padding_mode not in ("reflect", "circular"):
            raise
        # There is less image than the mode needs.
        with pytest.raises(ValueError, match=r"exceeds what `padding_mode` .* can repeat"):
            conv2d(x, weight, padding_mode=padding_mode, **case["options"])
        return
    output = conv2d(x, weight, padding_mode=padding_mode, **case["options"])
    np.testing.assert_allclose(output, expected, rtol=0, atol=TOLERANCE[case["dtype"]])


@reproducible(400)
@given(case=configurations())
def test_gradients_are_autograds(case):
    x, weight, bias = arrays(case | {"bias": True})
    tensors = [torch.from_numpy(array).requires_grad_() for array in (x, weight, bias)]
    output = in_pytorch(torch.nn.functional.conv2d, *tensors, **case["options"])
    grad_output = np.random.default_rng(1).standard_normal(output.shape).astype(x.dtype)
    output.backward(torch.from_numpy(grad_output))
    gradients = conv2d_backward(grad_output, x, weight, **case["options"])
    for name, gradient, tensor in zip(("x", "weight", "bias"), gradients, tensors, strict=True):
        assert gradient.dtype == x.dtype
        assert gradient.shape == tuple(tensor.shape)
        np.testing.assert_allclose(
            gradient, tensor.grad.numpy(), rtol=0, atol=TOLERANCE[case["dtype"]], err_msg=name
        )


def test_gradients_are_finite_differences():
    rng = np.random.default_rng(2)
    options = {"stride": (2, 1), "padding": (1, 2), "dilation": (1, 2), "groups": 2}
    x, weight = rng.standard_normal((2, 4, 6, 7)), rng.standard_normal((2, 2, 3, 2))
    bias = rng.standard_normal(2)
    grad_output = rng.standard_normal(conv2d(x, weight, bias, **options).shape)

    def loss(x, weight, bias):
        return np.sum(grad_output * conv2d(x, weight, bias, **options))

    gradients = conv2d_backward(grad_output, x, weight, **options)
    for position, gradient in enumerate(gradients):
        direction = rng.standard_normal(gradient.shape)
        sides = []
        for step in (1e-4, -1e-4):
            moved = [x, weight, bias]
            moved[position] = moved[position] + step * direction
            sides.append(loss(*moved))
        slope = (sides[0] - sides[1]) / 2e-4
        assert slope == pytest.approx(np.sum(gradient * direction), rel=1e-8)


# Against SciPy

scipy_dtypes = st.sampled_from(["float32", "float64", "uint8", "int16", "bool"])


def drawn(rng, shape, dtype):
    # Small integers, so that SciPy's integer arithmetic does not overflow.
    return (2 * rng.standard_normal(shape)).clip(0 if dtype == "uint8" else -9, 9).astype(dtype)


@reproducible(400)
@given(
    size=st.tuples(st.integers(1, 7), st.integers(1, 7)),
    kernel_size=st.tuples(st.integers(1, 5), st.integers(1, 5)),
    dtypes=st.tuples(scipy_dtypes, scipy_dtypes),
    mode=st.sampled_from(MODES),
    seed=st.integers(0, 2**32 - 1),
)
def test_two_dimensions_are_scipys(size, kernel_size, dtypes, mode, seed):
    rng = np.random.default_rng(seed)
    image, kernel = drawn(rng, size, dtypes[0]), drawn(rng, kernel_size, dtypes[1])
    for function, by_scipy in [
        (convolve2d, scipy_signal.convolve2d),
        (cross_correlate2d, scipy_signal.correlate2d),
    ]:
        if mode == "valid" and any(np.greater(kernel_size, size)):
            with pytest.raises(ValueError, match=r"`kernel` .* exceeds what it slides over"):
                function(image, kernel, mode)
            continue
        output = function(image, kernel, mode)
        assert output.dtype == ("float32" if dtypes == ("float32", "float32") else "float64")
        expected = by_scipy(image.astype(output.dtype), kernel.astype(output.dtype), mode)
        assert output.shape == expected.shape
        np.testing.assert_allclose(output, expected, rtol=0, atol=2 * TOLERANCE[str(output.dtype)])


@reproducible(200)
@given(
    size=st.integers(1, 12),
    kernel_size=st.integers(1, 14),
    mode=st.sampled_from(MODES),
    seed=st.integers(0, 2**32 - 1),
)
def test_one_dimension_is_scipys(size, kernel_size, mode, seed):
    rng = np.random.default_rng(seed)
    signal, kernel = rng.standard_normal(size), rng.standard_normal(kernel_size)
    if mode == "valid" and kernel_size > size:
        with pytest.raises(ValueError, match=r"`kernel` .* exceeds what it slides over"):
            convolve1d(signal, kernel, mode)
        return
    expected = scipy_signal.convolve(signal, kernel, mode, method="direct")
    output = convolve1d(signal, kernel, mode)
    assert output.shape == expected.shape
    np.testing.assert_allclose(output, expected, rtol=0, atol=1e-13)


def test_convolution_commutes_and_correlation_does_not():
    rng = np.random.default_rng(3)
    image, kernel = rng.standard_normal((5, 6)), rng.standard_normal((3, 2))
    np.testing.assert_allclose(
        convolve2d(image, kernel, "full"), convolve2d(kernel, image, "full"), atol=1e-14
    )
    one_way = cross_correlate2d(image, kernel, "full")
    other_way = cross_correlate2d(kernel, image, "full")
    assert not np.allclose(one_way, other_way)
    np.testing.assert_allclose(one_way, other_way[::-1, ::-1], atol=1e-14)


# Dtypes, memory, NaN


@every_method
def test_float16_is_summed_up_in_float32(method):
    rng = np.random.default_rng(4)
    x = rng.standard_normal((1, 3, 9, 9)).astype("float16")
    weight = rng.standard_normal((2, 3, 5, 5)).astype("float16")
    output = conv2d(x, weight, method=method)
    assert output.dtype == "float16"
    exact = conv2d(x.astype(float), weight.astype(float))
    # Rounded once: half a unit in the last place, and a little.
    np.testing.assert_allclose(output, exact, rtol=0.51 * 2**-10, atol=1e-4)


@every_method
def test_long_double_gains_digits(method):
    third = np.full((1, 1, 1, 3), 1, np.longdouble) / 3
    output = conv2d(third, np.ones((1, 1, 1, 3), np.longdouble), method=method)
    assert output.dtype == np.longdouble
    assert abs(output.item() - 1) <= 4 * np.finfo(np.longdouble).eps


@every_method
def test_foreign_byte_order_is_read(method):
    # FITS files, for one, are big-endian.
    x = np.arange(9.0).reshape(1, 1, 3, 3)
    weight = np.ones((1, 1, 2, 2))
    swapped = conv2d(x.astype(">f8"), weight, method=method)
    assert swapped.dtype.isnative
    np.testing.assert_allclose(swapped, conv2d(x, weight), atol=1e-13)


@every_method
def test_arguments_are_left_alone(method):
    x = np.arange(2.0 * 3 * 5 * 4).reshape(5, 4, 3, 2).transpose(3, 2, 0, 1)[:, :, ::-1]
    weight = np.ones((2, 3, 1, 1))
    for array in (x, weight):
        array.flags.writeable = False
    before = x.copy()
    output = conv2d(x, weight, method=method)
    output += 1
    np.testing.assert_array_equal(x, before)
    gradients = conv2d_backward(output, x, weight)
    for gradient in gradients:
        gradient += 1
    np.testing.assert_array_equal(x, before)
    np.testing.assert_array_equal(weight, 1)


def test_bytes_do_not_overflow():
    np.testing.assert_array_equal(
        cross_correlate2d(np.full((2, 2), 200, np.uint8), np.full((2, 2), 2, np.uint8)), [[1600]]
    )


def test_a_photograph_does_not_fill_the_memory():
    image, kernel = np.zeros((400, 500)), np.ones((15, 15))
    tracemalloc.start()
    cross_correlate2d(image, kernel)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # Two blocks, the last and the next; all columns at once would take 225 times the image.
    assert peak < 4 * image.nbytes + 2 * 8 * conv_methods.BLOCK_VALUES


@every_method
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_nan_and_infinity_spread_as_documented(method, bad):
    x = np.ones((2, 2, 5, 6))
    x[0, 1, 1, 2] = bad
    weight = np.ones((2, 1, 2, 2))
    weight[1, 0, 0, 0] = 0  # 0 × inf is NaN, too
    spoilt = ~np.isfinite(conv2d(x, weight, groups=2, method=method))
    assert not spoilt[1].any(), "the other image"
    assert not spoilt[0, 0].any(), "the other group"
    if method == "fft":
        assert spoilt[0, 1].all()
    else:
        expected = np.zeros((4, 5), bool)
        expected[0:2, 1:3] = True
        np.testing.assert_array_equal(spoilt[0, 1], expected)


def test_nan_reaches_the_gradients():
    x = np.ones((1, 1, 3, 3))
    grad_output = np.ones((1, 1, 2, 2))
    grad_output[0, 0, 0, 0] = np.nan
    grad_x, grad_weight, grad_bias = conv2d_backward(grad_output, x, np.ones((1, 1, 2, 2)))
    expected = [[True, True, False], [True, True, False], [False] * 3]
    np.testing.assert_array_equal(np.isnan(grad_x[0, 0]), expected)
    assert np.isnan(grad_weight).all()
    assert np.isnan(grad_bias).all()


def test_fast_lengths_are_the_next_ones():
    smooth = sorted(2**a * 3**b * 5**c for a in range(10) for b in range(7) for c in range(5))
    for length in range(1, 500):
        assert conv_methods.fast_length(length) == next(n for n in smooth if n >= length)


def test_long_signals_are_transformed_too():
    assert conv_methods.fast_length(70_001) == 72_000
    row = np.arange(70_001.0)[None, None, None]
    found = conv2d(row, np.ones((1, 1, 1, 3)), method="fft")
    np.testing.assert_allclose(found, conv2d(row, np.ones((1, 1, 1, 3))), rtol=0, atol=1e-6)


# Bad input: the argument, the value, the rule, the remedy

GOOD = {"x": np.ones((2, 4, 5, 6)), "weight": np.ones((6, 2, 3, 3)), "groups": 2}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"x": np.ones((5, 6))},
            "`x` has shape (5, 6), but needs the four axes (N, C_in, H, W): put the missing ones "
            "before it, as `x[None, None]` does",
        ),
        (
            {"weight": np.ones((2, 3, 3))},
            "`weight` has shape (2, 3, 3), but needs the four axes (C_out, C_in / groups, kH, kW)",
        ),
        ({"x": np.ones((2, 4, 5, 6), int)}, "`x` has dtype int64, not a float: use `x.astype(f"),
        ({"x": np.ones((2, 4, 5, 6), bool)}, "`x` has dtype bool, not a float: use"),
        ({"x": np.ones((2, 4, 5, 6), object)}, "`x` has dtype object, not a float: use"),
        ({"x": "image.png"}, "`x` has dtype <U9, not a float"),
        (
            {"x": np.ones((2, 4, 5, 6), complex)},
            "`x` has dtype complex128, not a real float: take `x.real` and `x.imag` one by one",
        ),
        (
            {"weight": np.ones((6, 2, 3, 3), "float32")},
            "`weight` has dtype float32, but `x` has float64: use `weight.astype(x.dtype)`",
        ),
        (
            {"groups": 1},
            "`x` has 4 channels, but `weight` of shape (6, 2, 3, 3) with `groups` (1) needs "
            "1 × 2 = 2: make them equal",
        ),
        (
            {"weight": np.ones((5, 2, 3, 3))},
            "`weight` has 5 kernels, not a multiple of `groups` (2): give each group as many",
        ),
        ({"x": np.ones((2, 4, 0, 6))}, "`x` has shape (2, 4, 0, 6), images without a pixel: give"),
        ({"x": np.ones((2, 4, 5, 0)), "padding": 3}, "`x` has shape (2, 4, 5, 0), images without"),
        ({"weight": np.ones((0, 2, 3, 3))}, "`weight` has shape (0, 2, 3, 3), which is empty"),
        (
            {"weight": np.ones((6, 2, 7, 3))},
            "`kernel_size` (7) exceeds the padded input height (5): increase `padding` or use a "
            "smaller kernel",
        ),
        (
            {"dilation": (1, 3)},
            "`kernel_size` (3) with `dilation` (3) spans 7 pixels and exceeds the padded input "
            "width (6): increase",
        ),
        ({"bias": np.ones(5)}, "`bias` has shape (5,), but `x`, `weight` and the other"),
        ({"bias": np.ones(6, int)}, "`bias` has dtype int64, not a float"),
        ({"bias": np.ones(6, "f4")}, "`bias` has dtype float32, but `x` has float64: use"),
        ({"groups": 0}, "`groups` (0) is less than 1"),
        ({"groups": True}, "`groups` (True) is not an integer"),
        ({"stride": 0}, "`stride` (0) is less than 1: use an integer of at least 1"),
        ({"stride": (1, 2, 3)}, "`stride` ((1, 2, 3)) has 3 entries: use an integer or a (height"),
        ({"stride": 1.5}, "`stride` (1.5) is not an integer"),
        ({"stride": True}, "`stride` (True) is not an integer"),
        ({"dilation": 0}, "`dilation` (0) is less than 1"),
        ({"padding": -1}, "`padding` (-1) is less than 0: use an integer of at least 0"),
        ({"padding": "SAME"}, "`padding` ('SAME') is unknown: use 'same', 'valid', an integer or"),
        ({"padding": "same", "stride": 2}, "`padding` ('same') needs stride 1, but `stride` is 2"),
        ({"padding": None}, "`padding` (None) is not an integer"),
        (
            {"padding_mode": "mirror"},
            "`padding_mode` ('mirror') is unknown: use one of 'zeros', 'reflect', 'replicate', "
            "'circular'",
        ),
        (
            {"padding": 5, "padding_mode": "reflect"},
            "`padding` (5) exceeds what `padding_mode` ('reflect') can repeat of the input "
            "height (5): use at most 4, or 'zeros'",
        ),
        (
            {"padding": (0, 7), "padding_mode": "circular"},
            "`padding` (7) exceeds what `padding_mode` ('circular') can repeat of the input "
            "width (6): use at most 6, or 'zeros'",
        ),
        ({"method": "winograd"}, "`method` ('winograd') is unknown: use one of 'loops', 'im2col'"),
        ({"method": ["fft"]}, "`method` (['fft']) is unknown"),
    ],
)
def test_conv2d_refuses(changes, message):
    conv2d(**GOOD)
    with pytest.raises(ValueError, match=re.escape(message)):
        conv2d(**(GOOD | changes))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"grad_output": np.ones((2, 6, 3, 3))},
            "`grad_output` has shape (2, 6, 3, 3), but `x`, `weight` and the other arguments make "
            "it (2, 6, 3, 4)",
        ),
        ({"grad_output": np.ones((2, 6, 3, 4), int)}, "`grad_output` has dtype int64"),
        ({"grad_output": np.ones((2, 6, 3, 4), "f4")}, "`grad_output` has dtype float32, but `x`"),
        ({"x": np.ones((4, 5, 6))}, "`x` has shape (4, 5, 6), but needs the four axes"),
        ({"groups": 1}, "`x` has 4 channels"),
        ({"stride": -1}, "`stride` (-1) is less than 1"),
        ({"padding": "same", "stride": 2}, "`padding` ('same') needs stride 1"),
    ],
)
def test_conv2d_backward_refuses(changes, message):
    good = GOOD | {"grad_output": np.ones((2, 6, 3, 4))}
    conv2d_backward(**good)
    with pytest.raises(ValueError, match=re.escape(message)):
        conv2d_backward(**(good | changes))


@pytest.mark.parametrize("function", [convolve1d, convolve2d, cross_correlate2d])
@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda good: (good[None], good), "has shape {deeper}: give it {axes}"),
        (lambda good: (good, good[None]), "`kernel` has shape {deeper}: give it {axes}"),
        (lambda good: (good[:0], good), "has shape {empty}: give it {axes} and at least one value"),
        (lambda good: (good * 1j, good), "has dtype complex128, not a real float"),
        (lambda good: (good, good.astype(str)), "`kernel` has dtype <U32, not a float"),
        (lambda good: (good, good.astype(object)), "`kernel` has dtype object, not a float"),
        (lambda good: (good, good, "reflect"), "`mode` ('reflect') is unknown: use one of 'full'"),
        (lambda good: (good, good, None), "`mode` (None) is unknown"),
    ],
)
def test_convolutions_refuse(function, spoil, message):
    good = np.ones(3) if function is convolve1d else np.ones((3, 4))
    function(good, good)
    message = message.format(
        deeper=(1, *good.shape),
        empty=(0, *good.shape[1:]),
        axes="1 axis" if good.ndim == 1 else "2 axes",
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        function(*spoil(good))


@pytest.mark.parametrize("function", [convolve2d, cross_correlate2d])
def test_a_kernel_that_does_not_fit_is_not_swapped(function):
    image, kernel = np.ones((5, 5)), np.ones((2, 6))
    message = (
        "`kernel` (2, 6) exceeds what it slides over (5, 5) in `mode` ('valid'): use 'same' or "
        "'full', or a smaller kernel"
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        function(image, kernel)
    assert function(image, kernel, "same").shape == (5, 5)
