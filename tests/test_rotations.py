"""Group convolutions commute with quarter turns, and ordinary ones don't."""

import pytest
import torch
from torch.nn import functional

from cnnlib import models
from cnnlib.rotations import GroupConv2d, RotationNet, turn_maps


@pytest.fixture(autouse=True)
def always_the_same():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield


def maps(channels=2, sheets=4):
    return torch.rand(2, channels, sheets, 8, 8, dtype=torch.float64)


def test_a_turn_of_maps_by_hand():
    one = torch.zeros(1, 1, 4, 2, 2)
    one[0, 0, 1, 0, 1] = 1  # second sheet, top right
    turned = turn_maps(one)
    assert turned[0, 0, 2, 0, 0] == 1, "counterclockwise to the top left, on the third sheet"
    assert turned.sum() == 1
    assert torch.equal(turn_maps(one, 4), one)


@pytest.mark.parametrize("turns", range(1, 4))
@pytest.mark.parametrize("in_rotations", [1, 4])
def test_a_group_convolution_commutes_with_turns(in_rotations, turns):
    layer = GroupConv2d(2, 3, in_rotations=in_rotations).double()
    x = maps(sheets=in_rotations)
    assert layer(x).shape == (2, 3, 4, 8, 8)
    difference = layer(turn_maps(x, turns)) - turn_maps(layer(x), turns)
    assert difference.abs().max() < 1e-14


def test_it_commutes_with_shifts_away_from_the_border():
    layer, x = GroupConv2d(2, 3).double(), maps()
    x[..., [0, -1]] = 0
    difference = layer(x.roll(1, -1)) - layer(x).roll(1, -1)
    assert difference[..., 2:-1].abs().max() < 1e-14


def test_it_is_the_sum_over_the_group():
    layer, x = GroupConv2d(2, 3).double(), maps()
    weight = layer.weight.unflatten(1, (2, 4))
    for r in range(4):
        expected = layer.bias[:, None, None]
        for s in range(4):
            kernel = torch.rot90(weight[:, :, (s - r) % 4], r, (-2, -1))
            expected = expected + functional.conv2d(x[:, :, s], kernel, padding=1)
        assert torch.allclose(layer(x)[:, :, r], expected)


def test_without_rotations_it_is_a_convolution():
    layer = GroupConv2d(2, 3, in_rotations=1, rotations=1).double()
    x = maps(sheets=1)
    expected = functional.conv2d(x[:, :, 0], layer.weight, layer.bias, padding=1)
    assert torch.equal(layer(x)[:, :, 0], expected)
    assert (layer(turn_maps(x)) - turn_maps(layer(x))).abs().max() > 0.1


@pytest.mark.parametrize("turns", range(1, 4))
def test_the_network_is_invariant_and_its_gradient_too(turns):
    network = models.build("cnn-rotations", widths=(4, 4, 8)).double()
    images = torch.rand(3, 1, 28, 28, dtype=torch.float64)
    turned = torch.rot90(images, turns, (2, 3))
    assert torch.allclose(network(images), network(turned), rtol=0, atol=1e-14)
    gradients = []
    for batch in (images, turned):
        network.zero_grad()
        functional.cross_entropy(network(batch), torch.tensor([1, 2, 3])).backward()
        gradients.append(network.convolutions[1].weight.grad.clone())
    assert torch.allclose(*gradients, rtol=0, atol=1e-14), "turned images teach nothing new"


def test_the_plain_network_is_not_invariant():
    network = models.build("cnn-rotations", rotations=1).double()
    images = torch.rand(3, 1, 28, 28, dtype=torch.float64)
    assert (network(images) - network(torch.rot90(images, 1, (2, 3)))).abs().max() > 1e-3


def test_half_as_wide_has_as_many_parameters_and_a_quarter_a_quarter():
    def weights(widths, rotations):
        network = RotationNet(widths, rotations=rotations)
        return sum(layer.weight.numel() for layer in network.convolutions[1:])

    assert weights((16, 32, 32), 4) == weights((32, 64, 64), 1) == 4 * weights((8, 16, 16), 4)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: GroupConv2d(1, 1, rotations=2), r"`rotations` \(2\) is neither 1 nor 4"),
        (lambda: GroupConv2d(1, 1, in_rotations=True), r"`in_rotations` \(True\) is neither"),
        (lambda: GroupConv2d(1, 1, rotations=1), r"`rotations` \(1\) would forget the input's"),
        (lambda: GroupConv2d(1, 1, 2), r"`kernel_size` \(2\) is even"),
        (lambda: GroupConv2d(0, 1), r"`in_channels` \(0\) is less than 1"),
        (lambda: RotationNet((4, 4)), r"`widths` \(\(4, 4\)\) has 2 entries: use three"),
        (lambda: RotationNet(image_shape=(1, 28, 24)), r"`image_shape` .* is not square"),
        (lambda: RotationNet(image_shape=(1, 30, 30)), r"with a side that 4 divides"),
    ],
)
def test_bad_arguments_are_named(make, message):
    with pytest.raises(ValueError, match=message):
        make()
