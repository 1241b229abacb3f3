import re

import numpy as np
import pytest
from scipy import ndimage

from cnnlib import kernels
from cnnlib.conv import cross_correlate2d

SUM_TO_ONE = ["identity", "box", "gaussian", "binomial", "sharpen"]
SUM_TO_ZERO = ["sobel_x", "sobel_y", "laplacian"]


def test_names_and_get():
    assert sorted(kernels.names()) == sorted(SUM_TO_ONE + SUM_TO_ZERO)
    for name in kernels.names():
        kernel = kernels.get(name)
        assert kernel.dtype == np.float64
        assert kernel.ndim == 2


@pytest.mark.parametrize("name", SUM_TO_ONE)
def test_sums_to_one(name):
    assert kernels.get(name).sum() == pytest.approx(1, abs=1e-15)


@pytest.mark.parametrize("name", SUM_TO_ZERO)
def test_sums_to_zero(name):
    assert kernels.get(name).sum() == 0


@pytest.mark.parametrize("name", kernels.names())
def test_every_call_gives_a_new_array(name):
    kernels.get(name)[:] = 7
    assert not np.any(kernels.get(name) == 7)


def test_values_by_hand():
    np.testing.assert_array_equal(kernels.sobel("x"), [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    np.testing.assert_array_equal(kernels.sobel("y"), [[-1, -2, -1], [0, 0, 0], [1, 2, 1]])
    np.testing.assert_array_equal(kernels.laplacian(), [[0, 1, 0], [1, -4, 1], [0, 1, 0]])
    np.testing.assert_array_equal(kernels.sharpen(), [[0, -1, 0], [-1, 5, -1], [0, -1, 0]])
    np.testing.assert_array_equal(kernels.box(2), [[0.25, 0.25], [0.25, 0.25]])
    np.testing.assert_array_equal(kernels.identity(1), [[1]])
    np.testing.assert_array_equal(kernels.binomial(1), [[1]])
    np.testing.assert_array_equal(kernels.binomial(2), [[0.25, 0.25], [0.25, 0.25]])
    np.testing.assert_array_equal(16 * kernels.binomial(4)[0], [0.25, 0.75, 0.75, 0.25])
    # exp(−1/2) = 0.6065 beside 1: the row is 0.2741, 0.4519, 0.2741.
    expected = np.outer([0.27406862, 0.45186276, 0.27406862], [0.27406862, 0.45186276, 0.27406862])
    np.testing.assert_allclose(kernels.gaussian(3, sigma=1), expected, atol=1e-8)


@pytest.mark.parametrize("sigma", [0.5, 1, 2.5])
def test_gaussian_as_scipy(sigma):
    dot = np.zeros((9, 9))
    dot[4, 4] = 1
    expected = ndimage.gaussian_filter(dot, sigma, radius=4)
    np.testing.assert_allclose(kernels.gaussian(9, sigma), expected, atol=1e-15)


@pytest.mark.parametrize("size", [1, 2, 5, 6])
def test_a_narrow_gaussian_stays_a_blur(size):
    kernel = kernels.gaussian(size, sigma=1e-3)
    assert kernel.sum() == pytest.approx(1)
    assert np.count_nonzero(kernel) == (1 if size % 2 else 4)


@pytest.mark.parametrize("sigma", [1e-200, 5e-324, 1e-100, 1e-20, np.float32(1e-30)])
def test_the_narrowest_gaussian_is_the_middle(sigma):
    np.testing.assert_array_equal(kernels.gaussian(3, sigma), kernels.identity(3))
    np.testing.assert_array_equal(kernels.gaussian(2, sigma), kernels.box(2))


@pytest.mark.parametrize("sigma", [1e20, 1e200, 10**200, np.float32(1e30)])
def test_the_widest_gaussian_is_a_box(sigma):
    np.testing.assert_allclose(kernels.gaussian(3, sigma), kernels.box(3), rtol=1e-15)


def test_binomial_is_nearly_gaussian():
    # The variance of n fair coins is n / 4. Within a thirtieth of the peak.
    np.testing.assert_allclose(kernels.binomial(17), kernels.gaussian(17, sigma=2), atol=1.3e-3)


def test_binomial_takes_the_checkerboard_to_zero():
    checkerboard = np.indices((6, 6)).sum(axis=0) % 2 * 2.0 - 1
    for size in (2, 3, 4):
        np.testing.assert_allclose(
            cross_correlate2d(checkerboard, kernels.binomial(size)), 0, atol=1e-16
        )


def test_derivatives_on_a_slope():
    y, x = np.indices((6, 7), dtype=float)
    slope = 3 * x - 2 * y
    # Sobel's weights make 8 times the slope; positive to the right and downwards.
    np.testing.assert_array_equal(cross_correlate2d(slope, kernels.sobel("x")), 24)
    np.testing.assert_array_equal(cross_correlate2d(slope, kernels.sobel("y")), -16)
    np.testing.assert_array_equal(cross_correlate2d(slope, kernels.laplacian()), 0)
    np.testing.assert_array_equal(cross_correlate2d(x**2 + y**2, kernels.laplacian()), 4)
    np.testing.assert_array_equal(
        cross_correlate2d(slope, kernels.sharpen()), cross_correlate2d(slope, kernels.identity())
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: kernels.get("blur"), "`name` ('blur') is unknown: use one of identity, box"),
        (lambda: kernels.get(3), "`name` (3) is unknown"),
        (lambda: kernels.identity(4), "`size` (4) is even, so that no pixel is the middle: use"),
        (lambda: kernels.identity(0), "`size` (0) is less than 1: use an integer of at least 1"),
        (lambda: kernels.box(2.5), "`size` (2.5) is not an integer: use an integer of"),
        (lambda: kernels.box(True), "`size` (True) is not an integer"),
        (lambda: kernels.binomial(-3), "`size` (-3) is less than 1"),
        (lambda: kernels.gaussian("5"), "`size` ('5') is not an integer"),
        (lambda: kernels.gaussian(5, sigma=0), "`sigma` (0) is not a positive number: give it in"),
        (lambda: kernels.gaussian(5, sigma=float("nan")), "`sigma` (nan) is not a positive"),
        (lambda: kernels.gaussian(5, sigma="1"), "`sigma` ('1') is not a positive number"),
        (lambda: kernels.sobel("z"), "`axis` ('z') is unknown: use 'x' or 'y'"),
        (lambda: kernels.sobel(0), "`axis` (0) is unknown"),
    ],
)
def test_bad_arguments(call, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        call()
