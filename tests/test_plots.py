"""Figures by what they draw."""

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_hex

from cnnlib import palette, plots


@pytest.fixture
def ax():
    fig, ax = plt.subplots()
    yield ax
    plt.close(fig)


def frames(ax, color):
    """Return the boxes (x, y, width, height) of the outlines in a colour."""
    return [
        patch.get_bbox().bounds
        for patch in ax.patches
        if not patch.get_fill() and to_hex(patch.get_edgecolor()) == color.lower()
    ]


def test_number_grid_writes_every_number_in_its_cell(ax):
    assert plots.number_grid(ax, [[1, -2], [0.25, 0]], palette.OUTPUT, title="map") is ax
    texts = {text.get_text(): text.get_position() for text in ax.texts}
    assert texts["1"] == (0.5, 0.5)
    assert texts["−2"] == (1.5, 0.5)
    assert texts["0.25"] == (0.5, 1.5)
    assert texts["0"] == (1.5, 1.5)
    assert texts["map"][0] == 1
    assert frames(ax, palette.OUTPUT) == [(0, 0, 2, 2)]
    assert ax.yaxis_inverted(), "row 0 is above row 1"
    assert not ax.axison


def test_number_grids_share_an_axes(ax):
    plots.number_grid(ax, np.zeros((4, 4)), palette.INPUT, window=(0, 1, 2, 3))
    plots.number_grid(ax, np.zeros((2, 3)), palette.OUTPUT, at=(1, 5))
    assert frames(ax, palette.INPUT) == [(0, 0, 4, 4)]
    assert frames(ax, palette.KERNEL) == [(1, 0, 3, 2)]
    assert frames(ax, palette.OUTPUT) == [(5, 1, 3, 2)]
    assert ax.yaxis_inverted()
    left, right = ax.get_xlim()
    bottom, top = ax.get_ylim()
    assert left < 0 < 8 < right
    assert top < 0 < 4 < bottom


def test_number_grid_tints_by_magnitude(ax):
    plots.number_grid(ax, [[0, 1, -2]], palette.KERNEL)
    tints = [patch.get_alpha() for patch in ax.patches if patch.get_fill()]
    assert tints[0] < tints[1] < tints[2]


@pytest.mark.parametrize("values", [3, [1, 2], np.zeros((2, 2, 2))])
def test_number_grid_wants_a_matrix(ax, values):
    with pytest.raises(ValueError, match=r"`values` has shape .*: give a matrix \(H, W\)"):
        plots.number_grid(ax, values)


def test_gray_images_keep_their_brightness(ax):
    plots.image(ax, [[0.2, 0.4]], title="eye")
    drawn = ax.images[0]
    assert drawn.get_clim() == (0, 1)
    assert drawn.cmap.name == "gray"
    assert ax.get_title() == "eye"


@pytest.mark.parametrize(("limit", "expected"), [(None, 3), (2, 2)])
def test_signed_images_are_white_at_zero(ax, limit, expected):
    plots.image(ax, [[-3.0, 0, 1]], signed=True, limit=limit)
    drawn = ax.images[0]
    assert drawn.get_clim() == (-expected, expected)
    assert to_hex(drawn.cmap(drawn.norm(0.0)))[1:3] >= "fe"
    assert to_hex(drawn.cmap(drawn.norm(-9.0))) == palette.INPUT.lower()
    assert to_hex(drawn.cmap(drawn.norm(9.0))) == palette.KERNEL.lower()


def test_an_image_of_zeros_is_drawn(ax):
    plots.image(ax, np.zeros((2, 2)), signed=True)
    assert ax.images[0].get_clim() == (-1, 1)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (-0.0, "0"), (-0.001, "0"), (2.0, "2"), (-1.5, "−1.5"), (1 / 9, "0.11"), (10, "10")],
)
def test_numbers_are_brief(value, text):
    assert plots.number(value) == text


def test_the_style_speaks_the_palette():
    with mpl.rc_context():
        plots.use_style()
        cycle = mpl.rcParams["axes.prop_cycle"].by_key()["color"]
        roles = [palette.INPUT, palette.KERNEL, palette.OUTPUT, palette.ACCENT, palette.MUTED]
        assert cycle == roles
        assert mpl.rcParams["svg.hashsalt"] == "cnnlib", "figures are the same in every build"
