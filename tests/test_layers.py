"""Layers do what their names say."""

import pytest
import torch
from torch.nn import functional

from cnnlib import kernels
from cnnlib.layers import BlurPool, Residual, ShufflePixels


def test_a_residual_adds_its_input():
    double = torch.nn.Conv2d(2, 2, 1, groups=2, bias=False)
    torch.nn.init.constant_(double.weight, 2.0)
    x = torch.rand(1, 2, 3, 3)
    assert torch.allclose(Residual(double)(x), 3 * x)


def test_shuffling_loses_nothing_and_is_always_the_same():
    x = torch.arange(2 * 3 * 4 * 5.0).view(2, 3, 4, 5)
    shuffle = ShufflePixels(4, 5)
    y = shuffle(x)
    assert not torch.equal(y, x)
    assert torch.equal(y.flatten(2).sort().values, x.flatten(2).sort().values)
    assert torch.equal(y, ShufflePixels(4, 5)(x))
    # All channels and images alike: differences of channels stay where they are.
    assert torch.equal(y[:, 1] - y[:, 0], torch.full((2, 4, 5), 20.0))
    assert not shuffle.state_dict(), "the order is no weight"


@pytest.mark.parametrize("size", range(1, 7))
@pytest.mark.parametrize(("mode", "torchs"), [("reflect", "reflect"), ("zeros", "constant")])
def test_a_blur_pool_blurs_with_the_binomial_kernel_and_subsamples(size, mode, torchs):
    maps = torch.rand(2, 3, 9, 12, dtype=torch.float64)
    before, after = (size - 1) // 2, size // 2
    padded = functional.pad(maps, (before, after, before, after), torchs)
    kernel = torch.tensor(kernels.binomial(size)).expand(3, 1, -1, -1)
    for stride in (1, 2, 3):
        expected = functional.conv2d(padded, kernel, stride=stride, groups=3)
        assert torch.allclose(BlurPool(size, stride, mode)(maps), expected, rtol=0, atol=1e-15)
        assert expected.shape[2:] == (-(-9 // stride), -(-12 // stride))


def test_a_blur_pool_of_two_is_an_average_pooling():
    maps = torch.rand(1, 2, 8, 8)
    assert torch.equal(BlurPool(2, 2)(maps), functional.avg_pool2d(maps, 2))


def test_a_blur_pool_takes_away_what_the_subsampling_would_alias():
    checkerboard = (torch.arange(8)[:, None] + torch.arange(8)) % 2.0
    blurred = BlurPool(3, 2, "circular")(checkerboard[None, None])
    assert torch.equal(blurred, torch.full((1, 1, 4, 4), 0.5))
    assert torch.equal(checkerboard[::2, ::2], torch.zeros(4, 4)), "without a blur: all black"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0,), r"`size` \(0\) is less than 1"),
        ((3, 0), r"`stride` \(0\) is less than 1"),
        ((3, 2, "mirror"), r"`padding_mode` \('mirror'\) is unknown: use one of"),
    ],
)
def test_a_blur_pool_names_what_is_wrong(arguments, message):
    with pytest.raises(ValueError, match=message):
        BlurPool(*arguments)


@pytest.mark.parametrize("mode", ["reflect", "zeros", "replicate", "circular"])
@pytest.mark.parametrize("size", range(1, 7))
def test_a_blur_pool_names_maps_that_are_too_small(size, mode):
    blur = BlurPool(size, 2, mode)
    for height in range(1, 6):
        maps = torch.rand(1, 1, height, 9)
        if height < blur.least:
            with pytest.raises(ValueError, match=rf"`maps` of {height} × 9 pixels are too small"):
                blur(maps)
        else:
            assert blur(maps).shape == (1, 1, -(-height // 2), 5)
    assert blur.least == {"reflect": size // 2 + 1, "circular": max(1, size // 2)}.get(mode, 1)
