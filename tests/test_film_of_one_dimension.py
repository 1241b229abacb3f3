"""What the film of convolution in one dimension shows is what `cnnlib` and the integral give."""

import warnings

import numpy as np
import pytest

from cnnlib.conv import convolve1d

SUMS = [2, 4, -1, 5, 5, -3]  # of 2, 0, 1, 3 with 1, 2, −1, by hand


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """Return the scene as it ends, with the areas that it shaded, by time, at its steps."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pydub, which Manim imports, has invalid escape sequences
        import manim
    from animations.convolution_1d import Convolution1D

    class Watched(Convolution1D):
        def step(self, words):
            super().step(words)
            self.shaded.append((self.t.get_value(), shaded_area(self)))
            self.heights.append(self.below_the_axis())

        def below_the_axis(self):
            dot = self.dot.get_center() - self.below.point(0)
            return (dot / [*self.below.scale_of_axes, 1])[:2]

    Watched.__name__ = Convolution1D.__name__
    settings = {
        "media_dir": str(tmp_path_factory.mktemp("media")),
        "verbosity": "ERROR",
        "progress_bar": "none",
        "format": "png",  # the last frame only
        "pixel_width": 1280,
        "pixel_height": 720,
        "frame_rate": 30,
    }
    with manim.tempconfig(settings):
        scene = Watched()
        scene.shaded, scene.heights = [], []
        scene.render()
    return scene


def shaded_area(scene):
    """Measure the area of the shaded polygon, in the units of the axes."""
    corners = (scene.product.get_anchors() - scene.above.point(0))[:, :2]
    x, y = (corners / scene.above.scale_of_axes).T
    return abs(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1))) / 2


def exact_area(t):
    """Integrate exp(−(t − τ)/T)/T over the τ from 1 to 4 that lie before t."""
    start, end, constant = 1, np.clip(t, 1, 4), 1.5
    return np.exp((end - t) / constant) - np.exp((np.minimum(start, end) - t) / constant)


def numbers_of(scene):
    from animations.grid import NumberGrid

    family = (part for mobject in scene.mobjects for part in mobject.get_family())
    return [part.values.tolist() for part in family if isinstance(part, NumberGrid)]


def texts(scene):
    from animations.lettering import Lettering

    family = (part for mobject in scene.mobjects for part in mobject.get_family())
    return [part.text for part in family if isinstance(part, Lettering)]


def words(scene):
    return [said for *_, said in scene.steps]


# The curves


def test_curve_is_the_integral(film):
    exact = np.array([exact_area(t) for t in film.times])
    np.testing.assert_allclose(film.areas, exact, atol=1e-5)
    assert exact_area(4.0) == pytest.approx(1 - np.exp(-2))  # the capacitor, charged for 3 ms


def test_drawn_curve_goes_through_the_areas(film):
    drawn = (film.trace.get_anchors() - film.below.point(0)) / [*film.below.scale_of_axes, 1]
    times, heights, _ = drawn.T
    assert (times.min(), times.max()) == pytest.approx((0, film.last))
    np.testing.assert_allclose(heights, [exact_area(t) for t in times], atol=1e-4)


def test_shaded_area_is_the_integral_and_the_height_of_the_dot(film):
    times = {t for t, _ in film.shaded}
    assert times == {0, *film.stops}
    for (t, area), dot in zip(film.shaded, film.heights, strict=True):
        assert area == pytest.approx(exact_area(t), abs=1e-3)
        assert dot == pytest.approx([t, exact_area(t)], abs=1e-3)


def test_kernel_is_drawn_turned_round(film):
    drawn = (film.kernel.get_anchors() - film.above.point(0)) / [*film.above.scale_of_axes, 1]
    times, heights, _ = drawn[1:].T
    assert times.max() == pytest.approx(film.rest)
    assert times.min() == pytest.approx(film.first, abs=0.05)
    curve = heights > 1e-9  # without the foot of the jump
    expected = np.exp((times - film.rest) / 1.5) / 1.5
    np.testing.assert_allclose(heights[curve], expected[curve], atol=1e-6)


def test_words_say_the_areas(film):
    said = words(film)
    assert "the area is 0." in said[1]
    for t, sentence in zip(film.stops, said[2:5], strict=True):
        assert f"to t = {t} ms" in sentence
        assert f"is {exact_area(t):.2f}," in sentence
    assert "rises to 0.86 at 4 ms" in said[5]


# The numbers


def test_sums_are_the_convolution(film):
    assert film.sums.tolist() == SUMS
    np.testing.assert_array_equal(film.sums, convolve1d(film.signal, film.weights))


def test_products_at_each_place_add_up_to_the_sum(film):
    for t, total in enumerate(SUMS):
        met, weights = film.pair_up(t)
        assert met @ weights == total


def test_words_write_out_the_sums(film):
    assert words(film)[8:14] == [
        "At t = 0: 2·1 = 2.",
        "At t = 1: 2·2 + 0·1 = 4.",
        "At t = 2: 2·(−1) + 0·2 + 1·1 = −1.",
        "At t = 3: 0·(−1) + 1·2 + 3·1 = 5.",
        "At t = 4: 1·(−1) + 3·2 = 5.",
        "At t = 5: 3·(−1) = −3.",
    ]


# The film


def test_last_frame_tells_both_halves(film):
    assert numbers_of(film) == [[[2, 0, 1, 3]], [[-1, 2, 1]], [SUMS]]
    shown = texts(film)
    assert not [text for text in shown if text.startswith(("area", "t = 2"))]
    assert film.line in film.mobjects
    time, total = film.line
    assert time.text == "t = 3:"
    assert total.text == "0·(−1) + 1·2 + 3·1 = 5"
    for name in ("input", "kernel", "convolution"):
        assert shown.count(name) == 2
    for digits, cell in zip(film.result.numbers, film.result.cells, strict=True):
        assert digits in film.mobjects
        np.testing.assert_allclose(digits.get_center(), cell.get_center(), atol=1e-6)


def test_turned_kernel_starts_over_the_lit_cell(film):
    from animations.roles import OUTPUT

    t = film.rest_of_sum
    lit = film.result.cell(0, t)
    assert lit.get_fill_color().to_hex() == OUTPUT.shade.to_hex()
    family = (part for mobject in film.mobjects for part in mobject.get_family())
    written = (part for part in family if getattr(part, "text", "") == str(t))
    (time,) = {part for part in written if part.get_top()[1] < lit.get_bottom()[1]}
    columns = [film.window[0].cells[-1], film.input[0].cell(0, t), lit, film.marker, time]
    assert np.ptp([cell.get_center()[0] for cell in columns]) < 1e-6


def test_steps_follow_each_other_inside_the_film(film):
    frames = [frame for _, frame, _ in film.steps]
    assert 10 <= film.time <= 25
    assert frames == sorted(set(frames))
    assert frames[0] == 0
    assert frames[-1] <= (film.time - 1) * film.frame_rate
    order = ["turned round", "slid to t = 2", "slid to t = 4", "slid to t = 6", "areas for all t"]
    order += ["same for numbers", "kernel turned", *(f"At t = {t}:" for t in range(6)), "6 sums"]
    for part, said in zip(order, words(film)[1:], strict=True):
        assert part in said
