"""What kernels do to waves: by hand, by the discrete transform, and by a layer."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnlib import kernels
from cnnlib.conv import conv2d
from cnnlib.spectra import power_spectrum, transfer_function


def test_a_difference_and_a_mean_by_hand():
    # (b − a) at a quarter cycle: the right neighbour is i times the left one, so i − 1; and half
    # of their sum, (1 + i) / 2. The first of two taps is the middle.
    np.testing.assert_allclose(transfer_function([[-1, 1]], [0], [0.25]), [[1j - 1]], atol=1e-15)
    np.testing.assert_allclose(transfer_function([[0.5, 0.5]], [0], [0.25]), [[0.5 + 0.5j]])
    # Down the rows, and of three taps the second is the middle: −e^(−iπ/2) + e^(iπ/2) = 2i.
    np.testing.assert_allclose(
        transfer_function([[-1], [0], [1]], [0.25, 0.5], [0]), [[2j], [0]], atol=1e-15
    )


def test_at_frequency_zero_stands_the_sum():
    for name in kernels.names():
        kernel = kernels.get(name)
        assert transfer_function(kernel, [0], [0])[0, 0] == pytest.approx(kernel.sum())


def test_named_kernels_by_formula():
    nu = np.linspace(-0.5, 0.5, 17)
    y, x = np.pi * nu[:, None], np.pi * nu
    sobel = 8j * np.sin(2 * x) * np.cos(y) ** 2
    laplacian = -4 * (np.sin(y) ** 2 + np.sin(x) ** 2)
    np.testing.assert_allclose(transfer_function(kernels.sobel("x"), nu, nu), sobel, atol=1e-14)
    np.testing.assert_allclose(
        transfer_function(kernels.laplacian(), nu, nu), laplacian, atol=1e-14
    )


sizes = st.integers(1, 5)


@given(sizes, sizes, st.integers(5, 9), st.integers(5, 9), st.integers(0, 2**32 - 1))
def test_a_circular_layer_multiplies_each_wave(rows, columns, height, width, seed):
    rng = np.random.default_rng(seed)
    kernel = rng.normal(size=(rows, columns))
    image = rng.normal(size=(height, width))
    through = conv2d(image[None, None], kernel[None, None], padding="same", padding_mode="circular")
    factors = transfer_function(kernel, np.fft.fftfreq(height), np.fft.fftfreq(width))
    np.testing.assert_allclose(np.fft.fft2(through[0, 0]), factors * np.fft.fft2(image), atol=1e-11)


def test_a_stack_of_kernels_is_taken_one_by_one():
    stack = np.random.default_rng(1).normal(size=(2, 4, 3, 3))
    nu = np.fft.fftfreq(8)
    all_at_once = transfer_function(stack, nu, nu[:5])
    assert all_at_once.shape == (2, 4, 8, 5)
    np.testing.assert_allclose(all_at_once[1, 2], transfer_function(stack[1, 2], nu, nu[:5]))


def test_a_wave_has_its_power_at_its_frequency():
    wave = np.tile(np.cos(2 * np.pi * 0.2 * np.arange(100)), (100, 1))
    nu, power = power_spectrum(wave, bins=20)
    assert nu[power.argmax()] == pytest.approx(0.2, abs=0.025)
    assert power[np.abs(nu - 0.2) > 0.08].max() < 1e-3 * power.max()


def test_the_power_of_white_noise_is_its_variance_everywhere():
    rng = np.random.default_rng(2)
    found = [power_spectrum(rng.normal(5, 3, (256, 256)), bins=8) for _ in range(30)]
    # The mean that is taken off is missing from the innermost ring: a fortieth.
    np.testing.assert_allclose(np.mean([power for _, power in found], axis=0), 9, rtol=0.08)
    nu = found[0][0]
    assert np.all(np.diff(nu) > 0)
    assert 0 < nu[0] < nu[-1] < 0.5


def test_a_slope_does_not_look_like_a_jump():
    slope = np.add.outer(np.zeros(64), np.arange(64.0))
    unwindowed = np.abs(np.fft.fft2(slope - slope.mean())) ** 2 / slope.size
    _, power = power_spectrum(slope, bins=8)
    assert power[-1] < 1e-3 * unwindowed[0, 28:32].mean()


def test_rings_without_a_frequency_are_left_out():
    nu, power = power_spectrum(np.random.default_rng(3).normal(size=(8, 8)), bins=100)
    assert len(nu) == len(power) < 100
    assert np.all(np.isfinite(power))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: transfer_function([1, 2, 1], [0], [0]), "`kernel` has shape (3,): give rows"),
        (lambda: transfer_function(np.ones((3, 3)), 0, [0]), "`nu_y` has shape (): give the"),
        (lambda: transfer_function(np.ones((3, 3)), [0], [[0]]), "`nu_x` has shape (1, 1): give"),
        (lambda: power_spectrum(np.ones(9)), "`image` has shape (9,): give at least 4 rows"),
        (lambda: power_spectrum(np.ones((9, 3))), "`image` has shape (9, 3): give at least 4"),
        (lambda: power_spectrum(np.ones((9, 9)), bins=0), "`bins` (0) is less than 1: use a"),
    ],
)
def test_bad_arguments(call, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        call()
