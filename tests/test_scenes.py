"""Each scene, played without its film: its numbers are right, and its steps say what it shows."""

import importlib
import json
import warnings
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from animations.catalogue import find_scenes, read_manifest
from cnnlib.conv import convolve2d, cross_correlate2d

ROOT = Path(__file__).resolve().parents[1]
SCENES = find_scenes(ROOT)
HALF_WIDTH, HALF_HEIGHT = 64 / 9, 4  # of the picture, in scene units
MARGIN = 0.18
CONTROLS = -4 + 8 / 6  # a player lays its controls over what is below


@pytest.fixture(scope="module")
def play(tmp_path_factory):
    """Return a function that plays a scene, once, and gives back what it has at its end.

    At each step the scene also notes how far its things reach, which of its words and numbers
    overlap, and what its grids show.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pydub, which Manim imports, has invalid escape sequences
        import manim
    media = tmp_path_factory.mktemp("media")

    @cache
    def play(name):
        module, _, attribute = name.partition(".")
        scene_class = getattr(importlib.import_module(f"animations.{module}"), attribute)

        class Watched(scene_class):
            def step(self, words):
                super().step(words)
                self.seen.append(look(self))

        Watched.__name__ = attribute
        settings = {
            **{"media_dir": str(media), "verbosity": "ERROR", "progress_bar": "none"},
            **{"pixel_width": 1280, "pixel_height": 720, "format": "png", "frame_rate": 30},
        }
        with manim.tempconfig(settings):
            scene = Watched()
            scene.seen = []
            scene.render()
        return scene

    return play


def look(scene):
    """Note what a picture shows: its reach and foot, overlapping words, wrong numbers."""
    grid, lettering = (importlib.import_module(f"animations.{n}") for n in ("grid", "lettering"))
    drawn = importlib.import_module("manim").VMobject  # a tracker is none
    family = [part for mobject in scene.mobjects for part in mobject.get_family()]
    family = [part for part in family if isinstance(part, drawn)]
    shown = [part for part in family if part.has_points() and (filled(part) or outlined(part))]
    corners = [part.get_corner(c) for part in shown for c in ([1, 1, 0], [-1, -1, 0])]
    words = {
        id(part): part
        for part in family
        if isinstance(part, lettering.Lettering)
        and any(map(filled, part.family_members_with_points()))
    }
    grids = [part for part in family if isinstance(part, grid.NumberGrid)]
    return {
        "reach": np.abs(corners).max(axis=0)[:2],
        "lowest": np.min(corners, axis=0)[1],
        "overlaps": overlaps([word for word in words.values() if word.z_index >= 0]),  # not covered
        "wrong": [fault for one in grids for fault in wrong_numbers(one, words.values())],
    }


def filled(part):
    return part.get_fill_opacity() > 0


def outlined(part):
    return part.get_stroke_width() > 0 and part.get_stroke_opacity() > 0


def overlaps(words):
    """List the pairs of texts whose boxes overlap."""
    middles = np.array([word.get_center()[:2] for word in words])
    sizes = np.array([[word.width, word.height] for word in words])
    near = np.abs(middles[:, None] - middles) < (sizes[:, None] + sizes) / 2
    pairs = np.argwhere(np.triu(near.all(axis=-1), 1))
    return [(words[one].text, words[other].text) for one, other in pairs]


def wrong_numbers(grid, words):
    """List the filled cells of a grid near whose middle its number does not stand.

    A grid in which no number stands shows its values by colours alone.
    """
    format_number = importlib.import_module("animations.lettering").format_number
    middles = np.array([word.get_center() for word in words])
    texts = np.array([word.text for word in words])
    wrong, numbered = [], False
    for place, value in np.ndenumerate(grid.values):
        away = np.linalg.norm(middles - grid.cell(*place).get_center(), axis=1)
        near = texts[away < 0.35 * grid.cell_size]
        numbered |= near.size > 0
        empty = grid.cell(*place).get_fill_opacity() == 0
        if format_number(value) not in near and not (empty and near.size == 0):
            wrong.append((place, format_number(value), list(near)))
    return wrong if numbered else []


def grids_of(scene):
    """Return the values of the grids that are on the stage, in their order."""
    grid = importlib.import_module("animations.grid")
    family = [part for mobject in scene.mobjects for part in mobject.get_family()]
    return [part.values for part in family if isinstance(part, grid.NumberGrid)]


# All scenes


@pytest.mark.parametrize("name", SCENES)
def test_steps_are_those_of_the_manifest(play, name):
    row, scene = read_manifest(ROOT)[name], play(name)
    assert [words for *_, words in row["steps"]] == [words for *_, words in scene.steps]
    assert (row["title"], row["point"]) == (scene.title, scene.point)


@pytest.mark.parametrize("name", SCENES)
def test_steps_stand_in_order_inside_the_film(name):
    row = read_manifest(ROOT)[name]
    times = [seconds for _, seconds, _ in row["steps"]]
    for (_, there, _), (since, then, words) in pairwise(row["steps"]):
        assert there < since <= then, f"the picture does not rest before {words!r}"
    assert len(times) >= 3
    assert times == sorted(set(times))
    assert 0 <= times[0] < 1
    assert times[-1] <= row["duration"] - 1, "the conclusion stands too short"


@pytest.mark.parametrize("name", SCENES)
def test_point_is_a_sentence_and_the_title_none(name):
    row = read_manifest(ROOT)[name]
    assert row["point"].endswith(".")
    assert 20 <= len(row["point"]) <= 120
    assert row["title"]
    assert not row["title"].endswith(".")


@pytest.mark.parametrize("name", SCENES)
def test_nothing_is_cut_off_at_any_step(play, name):
    reach = np.array([seen["reach"] for seen in play(name).seen]).max(axis=0)
    assert reach[0] < HALF_WIDTH - MARGIN
    assert reach[1] < HALF_HEIGHT - MARGIN


@pytest.mark.parametrize("name", SCENES)
def test_nothing_is_under_the_controls_at_any_step(play, name):
    assert min(seen["lowest"] for seen in play(name).seen) > CONTROLS


@pytest.mark.parametrize("name", SCENES)
def test_no_words_overlap_at_any_step(play, name):
    assert [seen["overlaps"] for seen in play(name).seen if seen["overlaps"]] == []


@pytest.mark.parametrize("name", SCENES)
def test_grids_show_their_values_at_every_step(play, name):
    assert [seen["wrong"] for seen in play(name).seen if seen["wrong"]] == []


# Their numbers


def test_flipped_kernel_ends_with_both_maps_and_their_difference(play):
    scene = play("flipped_kernel.FlippedKernel")
    image, kernel, above, turned, below, difference = grids_of(scene)
    np.testing.assert_array_equal(above, [[3, 0], [4, 2]])  # by hand
    np.testing.assert_array_equal(below, [[-1, 4], [2, 0]])
    np.testing.assert_array_equal(above, cross_correlate2d(image, kernel))
    np.testing.assert_array_equal(below, convolve2d(image, kernel))
    np.testing.assert_array_equal(turned, np.rot90(kernel, 2))
    np.testing.assert_array_equal(difference, above - below)
    assert (difference != 0).all(), "the page says so"
    assert "differ in 4 of 4 places" in scene.steps[-1][-1]


def test_padding_shows_what_torch_computes(play):
    scene = play("padding.Padding")
    x, ones = torch.from_numpy(scene.image)[None, None], torch.ones(1, 1, 3, 3).double()
    for amount, (*_, words) in zip((0, 1, 2), scene.steps[1:4], strict=True):
        assert words.endswith(f" {rows(nn.functional.conv2d(x, ones, padding=amount)[0, 0])}.")
    _, *maps, padded = sorted(grids_of(scene), key=np.size)
    assert sorted(map(np.shape, [*maps, padded])) == [(3, 4)] * 3 + [(5, 6)]
    by_torch = {"zeros": "constant", "reflect": "reflect", "circular": "circular"}
    for (mode, torch_mode), (*_, words) in zip(by_torch.items(), scene.steps[4:7], strict=True):
        around = nn.functional.pad(x, (1, 1, 1, 1), mode=torch_mode)
        result = nn.functional.conv2d(around, ones)[0, 0].numpy()
        assert mode in words
        assert rows(around[0, 0]) in words
        assert any(np.array_equal(shown, result) for shown in maps)
    np.testing.assert_array_equal(padded, around[0, 0])
    assert "agree in 2 of 12 places (54 and 63)" in scene.steps[-1][-1]


def test_stride_keeps_every_second_number_and_drops_the_last_row_and_column(play):
    scene = play("stride.Stride")
    image, every, second = grids_of(scene)
    x = torch.from_numpy(image)[None, None].requires_grad_()
    result = nn.functional.conv2d(x, torch.ones(1, 1, 3, 3).double(), stride=2)
    np.testing.assert_array_equal(second, result[0, 0].detach())
    np.testing.assert_array_equal(second, every[::2, ::2])
    result.sum().backward()
    unread = np.argwhere(x.grad[0, 0].numpy() == 0)
    assert {tuple(map(int, place)) for place in unread} == set(scene.find_dropped())
    assert all(5 in place for place in scene.find_dropped())
    assert f"{len(unread)} of the 36 pixels, the last row and the last" in scene.steps[-1][-1]


def test_dilation_shows_what_torch_computes(play):
    scene = play("dilation.Dilation")
    image, *maps = grids_of(scene)
    x, ones = torch.from_numpy(image)[None, None], torch.ones(1, 1, 3, 3).double()
    assert [shown.shape for shown in maps] == [(5, 5), (3, 3), (1, 1)]
    for dilation, shown in enumerate(maps, start=1):
        np.testing.assert_array_equal(shown, nn.functional.conv2d(x, ones, dilation=dilation)[0, 0])
    assert "span 3, 5, 7 of the 7 pixels" in scene.steps[-1][-1]


def test_pooling_shows_what_torch_computes(play):
    image, largest, means = grids_of(play("pooling.Pooling"))
    x = torch.from_numpy(image)[None, None].double()
    np.testing.assert_array_equal(largest, nn.functional.max_pool2d(x, 2)[0, 0])
    np.testing.assert_array_equal(means, nn.functional.avg_pool2d(x, 2)[0, 0])


def test_the_page_computes_the_numbers_of_the_pooling(play):
    page = (ROOT / "book" / "convolutional-layers.md").read_text("utf-8")
    assert f"values = np.array({json.dumps(play('pooling.Pooling').image.tolist())})" in page


def rows(values):
    """Write a matrix as the steps do."""
    return importlib.import_module("animations.lettering").format_rows(values.numpy())


def test_rule_below_the_grids_is_that_of_the_kernel(play):
    window_sums = importlib.import_module("animations.window_sums")
    kernel = np.ones((2, 3))
    total = window_sums.over_window(kernel)
    assert window_sums.write_rule(total).text == "each number: the sum over a 2×3 window"
    assert window_sums.say_rule(kernel, total).startswith("A kernel of six ones: ")


# What a step may be


@pytest.fixture
def stage(play):
    stage = importlib.import_module("animations.stage")
    scene = stage.LectureScene()
    scene.setup()
    return scene


def test_words_of_a_step_are_sentences(stage):
    with pytest.raises(ValueError, match=r"`words` \('no stop'\) end in no full stop"):
        stage.step("no stop")


def test_two_steps_have_time_between_them(stage):
    stage.step("One.")
    with pytest.raises(ValueError, match=r"`words` \('Two\.'\) stand at the same frame \(0\)"):
        stage.step("Two.")
