"""The film of channels shows the library's numbers, all of them and in order."""

import importlib
import warnings

import numpy as np
import pytest

from cnnlib.conv import conv2d
from cnnlib.shapes import count_parameters

# By hand: what each slice finds, place by place, and the sums.
PARTS = [
    [(4, 2, -1), (1, 2, 1), (2, 3, 0), (3, -3, -2)],
    [(1, 0, 4), (5, 0, 5), (5, 2, 0), (2, 0, 3)],
]
MAPS = [[[5, 4], [5, -2]], [[5, 10], [7, 5]]]


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """Return the scene as it ends."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pydub, which Manim imports, has invalid escapes
        import manim
    from animations.channels import Channels

    settings = {
        "media_dir": str(tmp_path_factory.mktemp("media")),
        "format": "png",  # the last frame only
        "verbosity": "ERROR",
        "progress_bar": "none",
        "pixel_width": 1280,
        "pixel_height": 720,
    }
    with manim.tempconfig(settings):
        scene = Channels()
        scene.render()
        yield scene


def shown(scene, kind):
    """List the scene's mobjects of a kind, also those inside others."""
    return [m for top in scene.mobjects for m in top.get_family() if isinstance(m, kind)]


def grids(scene, role):
    from animations.grid import NumberGrid

    return [grid for grid in shown(scene, NumberGrid) if grid.role is role]


def test_maps_are_those_of_the_library_and_those_by_hand(finished):
    image, weight = finished.image[None].astype(float), finished.weight.astype(float)
    np.testing.assert_array_equal(conv2d(image, weight, method="loops")[0], MAPS)
    np.testing.assert_array_equal(finished.maps, MAPS)
    for kernel, place in np.ndindex(2, 4):
        parts = finished.find_parts(kernel, divmod(place, 2))
        np.testing.assert_array_equal(parts, PARTS[kernel][place])
        assert sum(parts) == finished.maps[(kernel, *divmod(place, 2))]


def test_last_frame_has_all_channels_slices_and_maps(finished):
    roles = importlib.import_module("animations.roles")
    for role, expected in (
        (roles.INPUT, finished.image),
        (roles.KERNEL, finished.weight.reshape(6, 2, 2)),
        (roles.OUTPUT, np.array(MAPS)),
    ):
        values = [grid.values for grid in grids(finished, role)]
        np.testing.assert_array_equal(values, expected)


def test_every_number_has_come_into_its_cell(finished):
    from animations.lettering import Lettering
    from animations.roles import OUTPUT

    digits = [m for m in finished.mobjects if isinstance(m, Lettering)]
    for grid in grids(finished, OUTPUT):
        for place in np.ndindex(2, 2):
            at_place = [m for m in digits if np.allclose(m.get_center(), grid.center_of(*place))]
            assert [m.text for m in at_place] == [f"{grid.values[place]:g}".replace("-", "−")]


def test_slices_stand_under_their_channels_and_maps_in_their_kernels_rows(finished):
    roles = importlib.import_module("animations.roles")
    channels, slices = grids(finished, roles.INPUT), grids(finished, roles.KERNEL)
    maps = grids(finished, roles.OUTPUT)
    for k, part in enumerate(slices):
        kernel, channel = divmod(k, 3)
        assert part.get_center()[0] == pytest.approx(channels[channel].get_center()[0])
        assert part.get_center()[1] == pytest.approx(maps[kernel].get_center()[1])


def test_sums_are_those_by_hand_with_parentheses_round_what_is_negative(finished):
    places = [(kernel, divmod(place, 2)) for kernel, place in np.ndindex(2, 4)]
    assert [" ".join(finished.word_sum(*place)) for place in places] == [
        *("4 2 (−1) 5", "1 2 1 4", "2 3 0 5", "3 (−3) (−2) −2"),
        *("1 0 4 5", "5 0 5 10", "5 2 0 7", "2 0 3 5"),
    ]


def test_what_a_slice_finds_stands_below_it_and_the_sum_below_the_map(finished):
    roles = importlib.import_module("animations.roles")
    slices, maps = grids(finished, roles.KERNEL), grids(finished, roles.OUTPUT)
    for kernel, place in np.ndindex(2, 4):
        *parts, _, total = finished.write_sum(kernel, divmod(place, 2))
        row = [*slices[3 * kernel : 3 * kernel + 3], maps[kernel]]
        for grid, text in zip(row, [part[-1] for part in parts] + [total], strict=True):
            assert text.get_center()[0] == pytest.approx(grid.get_center()[0])
            assert text.get_top()[1] < grid.get_bottom()[1]


def test_film_ends_on_the_number_of_weights(finished):
    from animations.lettering import Lettering

    texts = [m.text for m in shown(finished, Lettering)]
    assert f"{count_parameters((2, 3, 2, 2)).weights} weights" in texts
    assert "2 × 3 × 2 × 2" in texts


def test_steps_tell_the_numbers_in_order(finished):
    frames = [frame for _, frame, _ in finished.steps]
    assert frames == sorted(set(frames))
    expected = (
        "1, 0, 2; 1, 3, 1; 2, 1, 0",  # the first channel
        "finds 4, 2, −1. Their sum, 5",
        "5, 4; 5, −2.",
        "Slice 3: 1, 0; 0, 2.",  # of the second kernel
        "5, 10; 7, 5.",
        "24 weights",
    )
    for part, (*_, words) in zip(expected, finished.steps, strict=True):
        assert part in words


def test_no_sum_is_left_behind_when_the_weights_are_counted(finished):
    count = finished.make_count()
    near = [m for m in finished.mobjects if overlap(m, count)]
    assert [[line.text for line in m] for m in near] == [[line.text for line in count]]


def overlap(one, other):
    distance = np.abs(one.get_center() - other.get_center())[:2]
    return (distance < np.array([one.width + other.width, one.height + other.height]) / 2).all()
