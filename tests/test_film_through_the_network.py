"""The film of a garment's way shows what the trained network makes of it."""

import importlib
import warnings
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
import torch

from animations.catalogue import FOLDER, read_manifest
from cnnlib import archive, datasets

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def manim(tmp_path_factory):
    """Return Manim, without its word on this module's warnings, writing to a temporary folder."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pydub, which it imports, has invalid escape sequences
        import manim
    media = tmp_path_factory.mktemp("media")
    settings = {"media_dir": str(media), "verbosity": "ERROR", "progress_bar": "none"}
    with manim.tempconfig({**settings, "pixel_width": 1280, "pixel_height": 720}):
        yield manim


@pytest.fixture(scope="module")
def finished(manim):
    """Return the scene as it ends."""
    from animations.through_the_network import ThroughTheNetwork

    with manim.tempconfig({"format": "png"}):  # the last frame only
        scene = ThroughTheNetwork()
        scene.render()
    return scene


@pytest.fixture(scope="module")
def garment():
    """Return the first shirt of the shipped sample, (1, 1, 28, 28), from 0 to 1."""
    test = datasets.load("fashion-mnist", "test", sample=True)
    first = np.flatnonzero(test.labels == test.classes.index("Shirt"))[0]
    return torch.tensor(test.images[first, ..., 0] / 255).float()[None, None]


def shown(scene, kind):
    """Return all mobjects of a kind, also those inside others, in the order of drawing."""
    family = (part for m in scene.mobjects for part in m.get_family())
    return [part for part in dict.fromkeys(family) if isinstance(part, kind)]


def test_probabilities_are_the_networks(finished, garment):
    network = archive.load_network("fashion-mnist/cnn-small")
    with torch.no_grad():
        expected = network(garment).softmax(1)[0].numpy()
    np.testing.assert_allclose(finished.shares, expected, atol=1e-6)
    assert finished.classes[expected.argmax()] == "Shirt"


def test_bars_are_as_long_as_the_probabilities_say(finished, manim):
    rectangles = [m for m in shown(finished, manim.Rectangle) if m.get_fill_opacity() == 1]
    bars = [m for m in rectangles if not isinstance(m, manim.Square)]  # which lie below maps
    assert len(bars) == 10
    widths = np.array([bar.width for bar in bars])
    likely = np.argsort(finished.shares)[::-1][:2]
    ratio = finished.shares[likely[1]] / finished.shares[likely[0]]
    np.testing.assert_allclose(widths[likely[1]] / widths[likely[0]], ratio, rtol=1e-3)
    assert widths.argmax() == likely[0]


def test_maps_shown_are_those_of_the_network(finished, garment):
    gray_maps = importlib.import_module("animations.gray_maps")
    network = archive.load_network("fashion-mnist/cnn-small")
    with torch.no_grad():
        x, stages = network.standardise(garment), []
        for index, layer in enumerate(network.layers):
            x = layer(x)
            if index in (0, 2, 3, 5):  # convolution, and pooling with ReLU, twice
                stages.append(x.relu()[0].numpy())
    image, *maps = shown(finished, gray_maps.GrayMap)
    np.testing.assert_allclose(image.values / 255, garment[0, 0], atol=1e-6)
    assert len(maps) == 12
    for k, stage in enumerate(stages):
        for channel, drawn in zip(finished.channels[k], maps[3 * k : 3 * k + 3], strict=True):
            np.testing.assert_allclose(drawn.values, stage[channel], atol=1e-5)
            assert drawn.rows_shown == len(drawn.values)
            brightest = np.unravel_index(drawn.values.argmax(), drawn.values.shape)
            assert drawn.image.pixel_array[brightest][0] == 255


def test_reader_lies_on_the_rows_that_a_result_needs(manim):
    gray_maps = importlib.import_module("animations.gray_maps")
    source = gray_maps.GrayMap(np.eye(4), 4)  # a row is one unit high, the top at 2
    kernel = gray_maps.RowReader([source], 3, 1, 1)
    for row, middle in enumerate((1.5, 0.5, -0.5, -1.5)):
        assert kernel.read(row)[0].get_center()[1] == pytest.approx(middle)
    pooling = gray_maps.RowReader([source], 2, 2)
    assert [pooling.read(row)[0].get_center()[1] for row in range(2)] == pytest.approx([1, -1])


def test_frames_read_what_the_layers_slide(finished):
    layers = archive.load_network("fashion-mnist/cnn-small").layers
    convolution, pooling = layers[0], layers[1]
    window = finished.windows[0]
    assert (window.kernel_size,) * 2 == convolution.kernel_size
    assert (window.stride,) * 2 == convolution.stride
    assert (window.padding,) * 2 == convolution.padding
    window = finished.windows[1]
    assert window.kernel_size == pooling.kernel_size
    assert window.stride == pooling.stride
    assert window.padding == pooling.padding
    said = [words for *_, words in finished.steps]
    assert "32 kernels of three rows and columns" in said[1]
    assert "Of each two by two numbers" in said[2]


def test_camera_lays_pixels_without_mixing_them(manim):
    from animations.gray_maps import GrayMap
    from animations.pixel_camera import PixelCamera

    with manim.tempconfig({"frame_height": 8, "frame_width": 8 * 1280 / 720}):
        camera = PixelCamera(pixel_width=1280, pixel_height=720)
        camera.reset()
        camera.capture_mobjects([GrayMap([[0, 1], [0.5, 0]], 1).image])
    found = camera.pixel_array[315:405, 595:685, 0]
    np.testing.assert_array_equal(found[::45, ::45], [[0, 255], [128, 0]])
    assert set(np.unique(found)) == {0, 128, 255}


def test_film_builds_the_maps_row_by_row(finished):
    """The upper half of a map is to be seen before the lower."""
    row = read_manifest(ROOT)["through_the_network.ThroughTheNetwork"]
    (_, start, _), (_, end, _) = row["steps"][:2]
    halves = []
    with av.open(ROOT / FOLDER / row["video"]) as film:
        for frame in film.decode(video=0):
            if start < frame.time < end:
                column = frame.to_ndarray(format="gray")[:, 260:325]  # the first map of conv 1
                halves.append((column[125:150].mean() < 150, column[175:195].mean() < 150))
    assert halves[0] == (False, False)
    assert (True, False) in halves
    assert halves[-1] == (True, True)
    assert (False, True) not in halves


def test_steps_follow_the_layers(finished):
    _, times, words = zip(*finished.steps, strict=True)
    assert all(a < b for a, b in pairwise(times))
    assert [w.split(":")[0] for w in words[1:5]] == ["conv 1", "pool 1", "conv 2", "pool 2"]
    assert f"Shirt {100 * finished.shares.max():.0f} %" in words[-1]
