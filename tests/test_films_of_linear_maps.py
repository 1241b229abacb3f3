"""What the films of wires, receptive fields, shifts and spectra show is what `cnnlib` computes."""

import importlib
import warnings

import numpy as np
import pytest

from cnnlib import shapes
from cnnlib.conv import convolve2d, cross_correlate2d

FILMS = {
    "sparse_connections": "SparseConnections",
    "receptive_field": "ReceptiveField",
    "equivariance": "Equivariance",
    "convolution_theorem": "ConvolutionTheorem",
}


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    """Return the scenes as they end, by module."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pydub, which Manim imports, has invalid escape sequences
        import manim
    settings = {
        "media_dir": str(tmp_path_factory.mktemp("media")),
        "verbosity": "ERROR",
        "progress_bar": "none",
        "format": "png",  # the last frame only
        "pixel_width": 1280,
        "pixel_height": 720,
    }
    scenes = {}
    with manim.tempconfig(settings):
        for module, name in FILMS.items():
            scenes[module] = getattr(importlib.import_module(f"animations.{module}"), name)()
            scenes[module].render()
    return scenes


def family(scene, kind):
    """List all mobjects of a kind in a scene, also those inside others."""
    members = (member for mobject in scene.mobjects for member in mobject.get_family())
    return [member for member in members if isinstance(member, kind)]


def texts(scene):
    from animations.lettering import Lettering

    return [member.text for member in family(scene, Lettering)]


def pictures(scene):
    from animations.images import Picture

    return family(scene, Picture)


def words(scene):
    return [said for *_, said in scene.steps]


# All of them


@pytest.mark.parametrize("module", FILMS)
def test_film_lasts_from_6_to_25_seconds_and_its_steps_follow_each_other(films, module):
    scene = films[module]
    frames = [frame for _, frame, _ in scene.steps]
    assert 6 <= scene.time <= 25
    assert frames == sorted(set(frames))
    assert frames[-1] < scene.time * scene.frame_rate


@pytest.mark.parametrize("module", FILMS)
def test_no_letters_lie_on_others(films, module):
    from animations.lettering import Lettering

    lines = [line for line in family(films[module], Lettering) if line.text.strip()]
    for index, one in enumerate(lines):
        for other in lines[index + 1 :]:
            distance = np.abs(one.get_center() - other.get_center())[:2]
            reach = np.array([one.width + other.width, one.height + other.height]) / 2
            assert (distance >= reach).any(), (one.text, other.text)


# Sparse connections


def test_matrix_convolves_as_the_library_does(films):
    scene = films["sparse_connections"]
    x = np.array([3.0, 1, 4, 1, 5, 9, 2, 6])
    expected = cross_correlate2d(x[None], scene.kernel)[0]
    np.testing.assert_array_equal(scene.band @ x, expected)
    assert expected.tolist() == [3 + 2 - 4, 1 + 8 - 1, 4 + 2 - 5, 1 + 10 - 9, 5 + 18 - 2, 9 + 4 - 6]


def test_shown_numbers_are_the_matrix(films):
    from animations.grid import NumberGrid
    from animations.lettering import Lettering, format_number

    scene = films["sparse_connections"]
    (grid,) = family(scene, NumberGrid)
    lines = family(scene, Lettering)
    for place, value in np.ndenumerate(scene.band):
        here = [m.text for m in lines if np.allclose(m.get_center(), grid.center_of(*place))]
        assert here == ([format_number(value)] if value else [])


def test_wires_and_cells_have_one_colour_along_a_diagonal(films):
    from manim import Line

    from animations.grid import NumberGrid
    from cnnlib import palette

    scene = films["sparse_connections"]
    (grid,) = family(scene, NumberGrid)
    wires = [m for m in family(scene, Line) if m.has_points() and m.get_stroke_opacity() > 0]
    near, far = scene.sort_places()
    assert len(near) + len(far) == scene.band.size
    assert sorted(near) == sorted(zip(*np.nonzero(scene.band), strict=True))
    for row, column in near:
        ends = scene.node("input", column), scene.node("output", row)
        (wire,) = (w for w in wires if np.allclose([w.get_start(), w.get_end()], ends, atol=1e-6))
        colour = getattr(palette, scene.colours[column - row]).lower()
        assert wire.get_stroke_color().to_hex().lower() == colour
        assert grid.cell(row, column).get_fill_color().to_hex().lower() == colour
    assert all(grid.cell(*place).get_fill_opacity() == 0 for place in far)


def test_wires_and_weights_are_counted(films):
    scene = films["sparse_connections"]
    assert "18 wires, 3 weights" in texts(scene)
    assert "48 wires" in words(scene)[0]
    assert "18 of 48" in words(scene)[1]
    assert "0, 0, 1, 2, −1, 0, 0, 0" in words(scene)[3]


# The receptive field


@pytest.mark.parametrize("index", [0, 1])
def test_lit_pixels_are_the_receptive_field(films, index):
    stack = films["receptive_field"].stacks[index]
    for depth in range(1, len(stack.windows) + 1):
        field = shapes.receptive_field(stack.windows[:depth])
        seen = stack.seen(depth, 0)
        assert (seen[0], seen[-1]) == field.span(stack.outputs(depth) // 2)
        assert len(seen) == field.size
        assert seen[0] >= 0
        assert seen[-1] < stack.pixels


def test_last_frame_tells_both_fields(films):
    scene = films["receptive_field"]
    assert [text for text in texts(scene) if "sees" in text] == ["sees 7 pixels", "sees 8 pixels"]
    assert "add 2 each: 3, 5 and 7." in words(scene)[-1]
    assert "stride 2: 3, 4 and 8," in words(scene)[-1]


def test_number_of_each_line_stays_at_its_right(films):
    from animations.lettering import Lettering

    scene = films["receptive_field"]
    lines = family(scene, Lettering)
    for stack, sizes in zip(scene.stacks, ((3, 5, 7), (3, 4, 8)), strict=True):
        for depth, size in enumerate(sizes, start=1):
            end = stack.place(depth, stack.outputs(depth) - 1)
            (here,) = (m for m in lines if abs(m.get_center() - end).max() < 0.8)
            assert here.text == str(size)
            assert here.get_left()[0] > end[0] + 0.25


def test_lit_squares_stand_on_the_pixels_that_are_seen(films):
    from manim import Square

    from animations.receptive_field import SEEN
    from animations.roles import OUTPUT

    scene = films["receptive_field"]
    colours = SEEN.shade.to_hex(), OUTPUT.line
    lit = [
        square.get_center()
        for square in family(scene, Square)
        if square.get_fill_color().to_hex() in colours
    ]
    expected = [
        stack.place(below, index)
        for stack in scene.stacks
        for below in range(4)
        for index in stack.seen(3, below)
    ]
    assert sorted(np.round(lit, 6).tolist()) == sorted(np.round(expected, 6).tolist())


# Equivariance


def test_without_a_stride_both_ways_end_alike(films):
    scene = films["equivariance"]
    (_, above), (_, below) = scene.two_ways(1, 5)
    np.testing.assert_array_equal(above, below)
    assert np.abs(above).max() > 0


def test_arrows_say_how_far_image_and_map_are_shifted(films):
    scene = films["equivariance"]
    shifts = {way: scene.shift_of_map(*way) for way in scene.rounds}
    assert shifts == {(1, 5): 5, (2, 5): 3, (2, 6): 3}
    assert {"shift 6", "shift 3"} <= set(texts(scene))


def test_stride_spoils_odd_shifts_only(films):
    scene = films["equivariance"]
    assert [scene.difference(2, shift) for shift in (2, 4, 6)] == [0, 0, 0]
    assert min(scene.difference(2, shift) for shift in (1, 3, 5)) > 0.1


def test_map_away_from_the_border_is_the_cross_correlation(films):
    scene = films["equivariance"]
    inside = scene.convolve(scene.image, 1)[1:-1, 1:-1]
    np.testing.assert_allclose(inside, cross_correlate2d(scene.image, scene.kernel), atol=1e-12)


def test_last_frame_shows_the_last_two_ways_and_all_differences(films):
    scene = films["equivariance"]
    shown = [picture.values for picture in pictures(scene)]
    (moved, above), (plain, below) = scene.two_ways(2, 6)
    for expected in (scene.image, moved, plain):
        assert sum(np.array_equal(expected, values) for values in shown) == 1
    np.testing.assert_array_equal(above, below)
    assert sum(np.array_equal(above, values) for values in shown) == 2
    assert len(shown) == 5
    written = texts(scene)
    for stride, shift in scene.rounds:
        after = written[written.index(f"stride {stride}, shift {shift}:") + 1]
        assert after == f"{round(scene.difference(stride, shift), 2):g}"
    assert [after for after in written if after in ("0", "0.91")] == ["0", "0.91", "0"]


# The convolution theorem


def test_product_of_the_spectra_is_the_circular_convolution(films):
    scene = films["convolution_theorem"]
    half = scene.kernel.shape[0] // 2
    around = np.pad(scene.image, half, mode="wrap")
    np.testing.assert_allclose(scene.back, convolve2d(around, scene.kernel), atol=1e-12)
    assert 0 < scene.difference() < 1e-13


def test_last_frame_shows_images_and_spectra(films):
    scene = films["convolution_theorem"]
    sizes = [np.log1p(np.abs(spectrum)) for spectrum in scene.spectra]
    shown = [picture.values for picture in pictures(scene)]
    for expected in (scene.image, scene.field, scene.back, *sizes):
        assert sum(np.array_equal(expected, values) for values in shown) == 1
    np.testing.assert_allclose(scene.spectra[0] * scene.spectra[1], scene.spectra[2])
    assert {"image", "kernel", "convolution", "×", "∗"} <= set(texts(scene))


# Pictures


def test_signed_pictures_have_the_paper_at_zero_and_two_colours_for_the_signs():
    from animations.signed_maps import blend
    from cnnlib import palette

    negative, zero, positive = blend([-2.0, 0, 2], limit=2)
    assert "#{:02X}{:02X}{:02X}".format(*negative) == palette.INPUT
    assert "#{:02X}{:02X}{:02X}".format(*zero) == palette.PAPER
    assert "#{:02X}{:02X}{:02X}".format(*positive) == palette.KERNEL


def test_gray_pictures_go_from_black_at_zero_to_white_at_their_maximum():
    from animations.gray_maps import blend_gray

    assert blend_gray(np.array([[-1.0, 0, 1, 2]])).tolist() == [[0, 0, 128, 255]]
    assert blend_gray(np.zeros((2, 2))).max() == 0


def test_camera_draws_each_pixel_of_a_picture(films):
    scene = films["equivariance"]
    (picture,) = (p for p in pictures(scene) if np.array_equal(p.values, scene.image))
    frame = scene.camera.pixel_array
    rows = len(picture.values)
    left, top = picture.image.get_corner([-1, 1, 0])[:2]
    size = picture.image.height / rows
    for row, column in [(2, 3), (14, 14), (18, 20)]:
        x, y = left + (column + 0.5) * size, top - (row + 0.5) * size
        drawn = frame[int((4 - y) * 90), int((64 / 9 + x) * 90), :3]
        assert drawn.tolist() == [round(picture.values[row, column] * 255)] * 3
