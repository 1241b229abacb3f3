"""Figures by what they draw."""

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_hex

from cnnlib import palette, plots, record


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


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([[np.nan, 1.0]], [0.06, 0.4]),
        ([[np.nan, np.nan]], [0.06, 0.06]),
        ([[np.inf, 1.0]], [0.4, 0.06]),
        (np.int8([[-128, 1]]), [0.4, 0.06 + 0.34 / 128]),
        (np.float32([[0.5, -1]]), [0.23, 0.4]),
        ([[True, False]], [0.4, 0.06]),
    ],
)
def test_number_grid_tints_whatever_is_in_it(ax, values, expected):
    plots.number_grid(ax, values, palette.KERNEL)
    tints = [patch.get_alpha() for patch in ax.patches if patch.get_fill()]
    assert tints == pytest.approx(expected)


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


@pytest.mark.parametrize(
    ("pixels", "limit"),
    [
        (np.uint8([[0, 200]]), 200),
        (np.int8([[-128, 1]]), 128),
        ([[np.nan, -2.0]], 2),
        ([[np.inf, 3.0]], 3),
        ([[True, False]], 1),
    ],
)
def test_the_end_of_a_signed_map_is_the_largest_finite_magnitude(ax, pixels, limit):
    plots.image(ax, pixels, signed=True)
    assert ax.images[0].get_clim() == (-limit, limit)
    ax.figure.canvas.draw()


@pytest.mark.parametrize("value", [np.nan, -np.inf])
def test_a_signed_image_without_a_finite_number_is_refused(ax, value):
    with pytest.raises(ValueError, match="`pixels` holds no finite number: "):
        plots.image(ax, np.full((2, 2), value), signed=True)


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


def test_learning_curves_show_mean_and_range():
    rows = [
        tuple(record.EpochRow(e, 1.0, 0.5 + 0.1 * e, 1.0, 0.4 + 0.1 * e + s) for e in (1, 2))
        for s in (0.0, 0.1)
    ]
    runs = [record.RunRecord(s, "d", {}, "t", None, 1.0, "w", r) for s, r in enumerate(rows)]
    result = record.ExperimentRecord("x", {}, record.DatasetRecord("d", "s", {}), tuple(runs))
    ax = plots.learning_curves(plt.figure().subplots(), result, palette.KERNEL, "small")
    train, validation = ax.lines
    np.testing.assert_allclose(train.get_ydata(), [40, 30])
    np.testing.assert_allclose(validation.get_ydata(), [45, 35])
    assert train.get_linestyle() == "--"
    assert ax.texts[0].get_text() == "small"


def test_the_confusion_matrix_has_shares_of_the_rows():
    ax = plots.confusion_matrix(plt.figure().subplots(), [[3, 1], [0, 8]], ("cat", "dog"))
    assert {(t.get_position(), t.get_text()) for t in ax.texts} == {
        ((0, 0), "75"),
        ((1, 0), "25"),
        ((1, 1), "100"),
    }
    shown = ax.images[0].get_array()
    assert shown[0, 0] == 0, "what is right is not shaded"
    assert shown[0, 1] == 25
    assert not any(line.get_visible() for line in (*ax.get_xgridlines(), *ax.get_ygridlines()))
    with pytest.raises(ValueError, match=r"`counts` has shape \(2, 3\), where 2 `classes` need"):
        plots.confusion_matrix(ax, np.zeros((2, 3)), ("cat", "dog"))


def test_reliability_has_a_point_for_each_range_with_images():
    confidence = np.repeat([0.55, 0.95, 0.25], [50, 100, 5])
    correct = np.r_[np.arange(50) < 30, np.arange(100) < 90, np.ones(5, bool)]
    ax = plots.reliability(plt.figure().subplots(), confidence, correct)
    points = [line for line in ax.lines if line.get_marker() == "o"]
    found = [(p.get_xdata()[0], p.get_ydata()[0]) for p in points]
    np.testing.assert_allclose(found, [(0.55, 0.6), (0.95, 0.9)])
    intervals = [line.get_ydata() for line in ax.lines[1:] if line.get_marker() != "o"]
    # Wilson's interval of 90 of 100, by hand
    np.testing.assert_allclose(intervals[1], [0.8256, 0.9448], atol=2e-4)


def test_what_is_missing_is_said_in_its_place():
    fig, _ = plt.subplots(2, 3)
    plots.missing(fig, "CIFAR-10's images", "make data")
    (ax,) = fig.axes
    (text,) = ax.texts
    assert "CIFAR-10's images" in text.get_text()
    assert "make data" in text.get_text()
