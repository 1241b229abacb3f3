"""What commutes with what, as theorems: and how far from the border, and by which shifts, not."""

import math

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from cnnlib import models, shapes, symmetry
from cnnlib.layers import BlurPool
from cnnlib.symmetry import Flip, Shift, Turn, commutator, matrix_of, project


@pytest.fixture(autouse=True)
def always_the_same():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield


def noise(*shape, size=12):
    return torch.randn(*(shape or (2, 3, size, size)), dtype=torch.float64)


def circular(stride=1, kernel_size=3, **options):
    """Return a convolution on a torus that keeps the size, but for its stride."""
    padding = {"padding": kernel_size // 2, "padding_mode": "circular"}
    return nn.Conv2d(3, 4, kernel_size, stride, **padding, **options).double()


EVERY_SHIFT = [(row, column) for row in range(-5, 7) for column in (-7, -1, 0, 2, 5)]


# ------------------------------------------------------------------------------------ operators


def test_a_shift_by_hand():
    image = torch.arange(6).view(2, 3)
    assert Shift(columns=1)(image).tolist() == [[2, 0, 1], [5, 3, 4]]
    assert Shift(rows=-1)(image).tolist() == [[3, 4, 5], [0, 1, 2]]
    assert Shift(1, -1, "black")(image).tolist() == [[0, 0, 0], [1, 2, 0]]
    assert Shift(-1, 2, "black")(image).tolist() == [[0, 0, 3], [0, 0, 0]]
    assert Shift(5, 0, "black")(image).tolist() == [[0, 0, 0], [0, 0, 0]]
    assert Shift(0, -5, "black")(image).tolist() == [[0, 0, 0], [0, 0, 0]]
    assert image.tolist() == [[0, 1, 2], [3, 4, 5]], "the image itself stays"


def test_shifts_add_up_and_turns_and_flips_are_a_group():
    x = noise()
    assert torch.equal(Shift(2, 3)(Shift(-5, 4)(x)), Shift(-3, 7)(x))
    assert torch.equal(Turn(3)(Turn(1)(x)), x)
    assert torch.equal(Turn(2)(x), Flip("rows")(Flip()(x)))
    assert torch.equal(Flip()(Turn()(x)), Turn(-1)(Flip()(x))), "the dihedral group's relation"
    assert Flip()(torch.tensor([[1, 2]])).tolist() == [[2, 1]]
    assert Turn()(torch.tensor([[1, 2]])).tolist() == [[2], [1]], "counterclockwise"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Shift(0.5), r"`rows` \(0.5\) is not an integer: use an integer"),
        (lambda: Shift(columns=True), r"`columns` \(True\) is not an integer"),
        (lambda: Shift(border="white"), r"`border` \('white'\) is unknown: use one of"),
        (lambda: Flip("diagonal"), r"`axis` \('diagonal'\) is unknown"),
        (lambda: Turn("x"), r"`quarters` \('x'\) is not an integer: use an integer"),
        (lambda: Turn(0.5), r"`quarters` \(0.5\) is not an integer"),
        (lambda: Turn(True), r"`quarters` \(True\) is not an integer"),
    ],
)
def test_bad_operators_are_named(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_numpys_integers_are_integers():
    assert Shift(np.int64(1), np.int8(-2)) == Shift(1, -2)
    assert Turn(np.int64(3)) == Turn(3)
    assert type(Shift(np.int64(1)).rows) is int


def test_a_shift_asks_no_other_device_for_anything():
    maps = torch.empty(1, 1, 4, 4, device="meta")
    for by in (2, 0, -1, 9, -9):
        assert Shift(by, -by, "black")(maps).shape == maps.shape


def test_a_shift_hands_gradients_back():
    image = torch.ones(1, 3, requires_grad=True)
    Shift(columns=1, border="black")(image).sum().backward()
    assert image.grad.tolist() == [[1, 1, 0]]


# ------------------------------------------------------------------------------------- theorems


@pytest.mark.parametrize("kernel_size", [1, 3, 5])
@pytest.mark.parametrize("dilation", [1, 2])
def test_a_circular_convolution_commutes_with_every_shift(kernel_size, dilation):
    padding = dilation * (kernel_size - 1) // 2
    layer = nn.Conv2d(
        3, 4, kernel_size, padding=padding, padding_mode="circular", dilation=dilation
    )
    layer, x = layer.double(), noise()
    for shift in EVERY_SHIFT:
        assert commutator(layer, Shift(*shift), x).error.abs().max() < 1e-13, shift


def test_it_does_not_commute_with_turns_and_flips_unless_its_kernel_does():
    layer, x = circular(bias=False), noise()
    for transform in (Turn(), Turn(2), Flip(), Flip("rows")):
        assert commutator(layer, transform, x).size > 0.1
    with torch.no_grad():
        weight = sum(Turn(k)(layer.weight) for k in range(4)) / 4
        layer.weight.copy_((weight + Flip()(weight)) / 2)
    for transform in (Turn(), Turn(2), Flip(), Flip("rows")):
        assert commutator(layer, transform, x).size < 1e-14


@pytest.mark.parametrize("depth", [1, 2, 3])
@pytest.mark.parametrize(("rows", "columns"), [(0, 3), (-2, 0), (1, -4)])
def test_zero_padding_breaks_it_only_within_a_computed_distance_of_the_border(depth, rows, columns):
    layers = nn.Sequential(
        *(nn.Conv2d(2, 2, 3, padding=1, bias=False) for _ in range(depth))
    ).double()
    size, x = 20, noise(2, 2, 20, 20)
    error = commutator(layers, Shift(rows, columns, "black"), x).error.abs().amax((0, 1))
    reach = shapes.receptive_field([shapes.Window(3, padding=1)] * depth).size // 2
    assert reach == depth
    # What a pixel sees is at most `reach` away: beyond the border, or in what has come in.
    for axis, by in enumerate((rows, columns)):
        first = max(by, 0) + reach if by else 0
        last = size + min(by, 0) - reach if by else size
        error = error.narrow(axis, first, last - first)
    assert error.max() < 1e-13
    whole = commutator(layers, Shift(rows, columns, "black"), x)
    assert whole.size > 0.01, "and there, it does break it"


@pytest.mark.parametrize("stride", [2, 3, 4])
def test_a_stride_commutes_with_its_multiples_and_with_nothing_else(stride):
    layer, x = circular(stride), noise()
    for by in range(1, 12):
        moved = layer(Shift(columns=by)(x))
        errors = [(moved - Shift(columns=t)(layer(x))).abs().max() for t in range(12 // stride)]
        assert (min(errors) < 1e-13) == (by % stride == 0), by
        if by % stride == 0:
            after = Shift(columns=by // stride)
            assert commutator(layer, Shift(columns=by), x, after).size < 1e-14


@pytest.mark.parametrize("function", [torch.relu, torch.tanh, functional.gelu, torch.square])
def test_what_acts_on_each_pixel_by_itself_commutes_exactly(function):
    x = noise()
    for transform in (Shift(3, -2), Shift(1, 1, "black"), Turn(), Flip()):
        assert torch.equal(function(transform(x)), transform(function(x)))


@pytest.mark.parametrize(
    "pool",
    [nn.MaxPool2d(2), nn.AvgPool2d(2), BlurPool(3, 2, "circular"), BlurPool(1, 2, "circular")],
    ids=["max", "average", "blurred", "bare"],
)
def test_pooling_with_a_stride_breaks_it(pool):
    x = noise()
    assert commutator(pool, Shift(2, 4), x, Shift(1, 2)).size < 1e-14
    odd = [commutator(pool, Shift(1, 0), x, Shift(t, 0)).size for t in (0, 1)]
    assert min(odd) > 0.3, "even a blur only lessens it"


def test_a_blur_lessens_what_a_stride_breaks():
    smooth = functional.avg_pool2d(noise(8, 1, 64, 64), 5, 1)[..., :56, :56]
    everywhere = functional.max_pool2d(functional.pad(smooth, (0, 1, 0, 1), "circular"), 2, 1)
    bare, blurred = (
        commutator(BlurPool(size, 2, "circular"), Shift(1), everywhere, lambda y: y).size
        for size in (1, 5)
    )
    assert blurred < 0.7 * bare


def test_the_global_average_of_an_equivariant_map_is_invariant():
    layers = nn.Sequential(circular(), nn.ReLU(), nn.AdaptiveAvgPool2d(1)).double()
    x = noise()
    for shift in EVERY_SHIFT:
        assert commutator(layers, Shift(*shift), x, lambda y: y).size < 1e-14
    strided = nn.Sequential(circular(2), nn.ReLU(), nn.AdaptiveAvgPool2d(1)).double()
    assert commutator(strided, Shift(1), x, lambda y: y).size > 0.01
    assert commutator(strided, Shift(2), x, lambda y: y).size < 1e-14


def test_where_nothing_is_left_the_size_is_zero():
    found = commutator(torch.relu, Shift(1, 0), -torch.ones(1, 1, 4, 4))
    assert found.size == 0
    assert torch.equal(found.error, torch.zeros(1, 1, 4, 4))
    nothing = commutator(lambda x: x, Flip(), torch.ones(1, 1, 4, 4), torch.zeros_like)
    assert nothing.size == math.inf


def test_shapes_that_do_not_fit_are_named():
    with pytest.raises(ValueError, match=r"`layer` gives shape \(1, 1, 4, 6\).*makes \(1, 1, 6, 4"):
        commutator(lambda x: x[..., :4, :], Turn(), noise(1, 1, 6, 6))


# ------------------------------------------------------- what commutes with all shifts convolves


def shifts_of(shape):
    return [matrix_of(Shift(r, c), shape) for r in range(shape[0]) for c in range(shape[1])]


def test_the_matrix_of_a_convolution_is_the_convolution():
    layer = nn.Conv2d(1, 1, 3, padding=1, padding_mode="circular", bias=False).double()
    matrix, x = matrix_of(layer, (1, 5, 6)), noise(1, 1, 5, 6)
    assert matrix.shape == (30, 30)
    assert torch.allclose(matrix @ x.flatten(), layer(x).flatten())


def test_what_is_projected_onto_the_commutant_of_all_shifts_is_a_circular_convolution():
    shape = (4, 5)
    group, matrix = shifts_of(shape), noise(20, 20)
    found = project(matrix, group)
    for member in group:
        assert torch.allclose(member @ found, found @ member)
    kernel = found[:, 0].view(shape)  # the answer to the unit image at the corner
    for place, column in enumerate(found.T):
        row, across = divmod(place, shape[1])
        assert torch.allclose(column.view(shape), Shift(row, across)(kernel))


def test_the_projection_is_one_and_nearest():
    group, matrix = shifts_of((3, 3)), noise(9, 9)
    found = project(matrix, group)
    assert torch.allclose(project(found, group), found)
    other = project(noise(9, 9), group)
    assert abs(((matrix - found) * other).sum()) < 1e-12, "what is left is orthogonal to all"


def test_a_group_must_fit():
    with pytest.raises(ValueError, match=r"`group` has 0 members"):
        project(noise(4, 4), [])
    with pytest.raises(ValueError, match=r"matrix's shape \(4, 4\): give the matrices of all"):
        project(noise(4, 4), shifts_of((3, 1)))


# ---------------------------------------------------------------------------------- classifiers


class Bright(nn.Module):
    """Name the half in which an image is brightest."""

    def forward(self, images):
        columns = images.mean((1, 2))
        half = columns.shape[1] // 2
        return torch.stack([columns[:, :half].sum(1), columns[:, half:].sum(1)], 1)


def test_classes_under_shifts_by_hand():
    image = torch.zeros(1, 1, 6, 6)
    image[..., 3, 3] = 1  # the first column of the right half
    classes = symmetry.classes_under_shifts(Bright(), image, most=1)
    assert classes.shape == (9, 1)
    assert classes.flatten().tolist() == [0, 1, 1] * 3, "left by one, and it is in the left half"
    expected = (math.comb(3, 2) + math.comb(6, 2)) / math.comb(9, 2)
    assert symmetry.shift_consistency(classes).item() == pytest.approx(expected)


def test_consistency_of_an_invariant_and_of_a_random_classifier():
    same = torch.full((5, 7), 3)
    assert torch.equal(symmetry.shift_consistency(same), torch.ones(7, dtype=torch.float64))
    random = torch.randint(10, (25, 4000))
    assert symmetry.shift_consistency(random).mean().item() == pytest.approx(0.1, abs=0.005)
    with pytest.raises(ValueError, match=r"`classes` is of 1 shifts: a pair needs two"):
        symmetry.shift_consistency(same[:1])
    with pytest.raises(ValueError, match=r"`most` \(-1\) is less than 0"):
        symmetry.classes_under_shifts(Bright(), torch.zeros(1, 1, 4, 4), -1)


# ----------------------------------------------------------------------------- receptive fields


def test_the_field_of_one_kernel_is_its_square():
    layer = nn.Conv2d(1, 1, 3, padding=1, bias=False).double()
    field = symmetry.gradient_field(layer, noise(1, 1, 9, 9))
    square = layer.weight.detach()[0, 0].square()
    assert torch.allclose(field[3:6, 3:6], square / square.sum())
    assert field.sum().item() == pytest.approx(1)
    assert torch.count_nonzero(field) == 9


def test_nothing_outside_the_receptive_field_that_shapes_computes_moves_the_middle():
    layers = models.build("cnn-shifts", stages=((4,), (4,)), batch_norm=False).double().layers[:-3]
    windows = [shapes.Window(3, padding=1), shapes.Window(2, stride=2)] * 2
    field = symmetry.gradient_field(layers, noise(16, 1, 28, 28))
    seen = field.nonzero()
    extent = (seen.amax(0) - seen.amin(0) + 1).tolist()
    assert extent == [shapes.receptive_field(windows).size] * 2


def test_random_kernels_spread_as_a_random_walk():
    depth, width = 6, 32
    layers = nn.Sequential(
        nn.Conv2d(1, width, 3, padding=1, bias=False),
        *(nn.Conv2d(width, width, 3, padding=1, bias=False) for _ in range(depth - 1)),
    )
    field = symmetry.gradient_field(layers, torch.randn(8, 1, 41, 41))
    # Nine equal shares have a variance of (3² − 1) / 12 along an axis; variances add up.
    for found in symmetry.spread(field):
        assert found == pytest.approx(math.sqrt(depth * (3**2 - 1) / 12), rel=0.1)


def test_the_spread_by_hand():
    field = torch.zeros(7, 7)
    field[1, 2] = field[5, 2] = 0.5
    assert symmetry.spread(field) == (2.0, 0.0)
    assert symmetry.spread(10 * field) == (2.0, 0.0), "shares need not add up to 1"
