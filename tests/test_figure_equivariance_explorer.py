"""The figure equivariance-explorer: cnnlib's numbers, and what a reader does with it."""

import itertools
import re

import numpy as np
import pytest
from test_figures import EXPLORER, Shown, show  # noqa: F401 (a fixture)

from cnnlib import kernels

MAPS = "feature", "strided", "pooled"

# Set fields to texts as in the address, and return what came of it.
SET = """(figure, texts) => {
  const { fields } = figure.constructor;
  const values = Object.entries(texts).map(([key, text]) => [key, fields[key].read(text)]);
  figure.set(Object.fromEntries(values));
  figure.update();
  const rows = ({ width, height, data }) =>
    Array.from({ length: height }, (_, i) => Array.from(data.slice(i * width, (i + 1) * width)));
  return figure.result.maps.map((map) =>
    [rows(map.found), rows(map.expected), rows(map.error), map.size]);
}"""


@pytest.fixture
def module(root, monkeypatch):
    """Return the figure's Python module, which draws its still."""
    monkeypatch.syspath_prepend(root)
    from book._figures import equivariance_explorer

    return equivariance_explorer


class Explorer(Shown):
    """The figure in an open page."""

    @property
    def input(self):
        return self.live.get_by_role("application")

    def choose(self, label, option):
        self.live.get_by_role("combobox", name=label, exact=True).select_option(option)
        self.settle()

    def amounts(self):
        """Return the three numbers below the differences."""
        self.settle()
        return self.live.locator(".figure-amount").all_inner_texts()

    def shift(self):
        self.settle()
        boxes = [self.live.get_by_label(words, exact=True) for words in ("Down", "Right")]
        return [int(box.input_value()) for box in boxes]

    def set(self, **texts):
        maps = self.element.evaluate(SET, texts)
        return {
            name: [*map(np.array, three), size]
            for name, (*three, size) in zip(MAPS, maps, strict=True)
        }


@pytest.fixture
def explorer(show):  # noqa: F811
    def open_explorer(fragment="", **options):
        return Explorer(show(EXPLORER, fragment, **options).window, EXPLORER[1])

    return open_explorer


def states():
    """Yield states that differ in everything that a reader can set."""
    shifts = itertools.cycle([(0, 5), (3, -2), (-4, 8), (16, -7), (0, 0)])
    pictures = itertools.cycle(["photograph", "garment", "noise", "digit"])
    named = itertools.cycle(kernels.names())
    for border, stride, blur, compare in itertools.product(
        ("circular", "zeros"), "124", ("none", "3", "7"), ("between", "nearest")
    ):
        down, right = next(shifts)
        chosen = {"picture": next(pictures), "kernel": next(named)}
        yield chosen | {
            "border": border,
            "stride": stride,
            "blur": blur,
            "compare": compare,
            "down": str(down),
            "right": str(right),
        }


def test_both_ways_are_those_of_the_library(explorer, module):
    shown = explorer()
    for state in states():
        maps = shown.set(**state)
        for name, ways in module.two_ways(state).items():
            found, expected, error, size = maps[name]
            np.testing.assert_allclose(found, ways[0], rtol=1e-12, atol=1e-12, err_msg=str(state))
            np.testing.assert_allclose(expected, ways[1], rtol=1e-12, atol=1e-12)
            np.testing.assert_allclose(error, ways[0] - ways[1], rtol=0, atol=2e-12)
            wanted = np.linalg.norm(ways[0] - ways[1]) / np.linalg.norm(ways[1])
            assert size == pytest.approx(wanted, rel=1e-9, abs=1e-12), (name, state)


@pytest.mark.parametrize("stride", ["1", "2", "4"])
def test_with_circular_borders_a_shift_that_the_stride_divides_is_exact(explorer, stride):
    shown = explorer()
    for kernel, shift in itertools.product(kernels.names(), (1, 2, 3, 4, -8)):
        by = {"down": str(-shift), "right": str(shift)}
        maps = shown.set(kernel=kernel, stride=stride, blur="3", **by)
        assert maps["feature"][3] == 0
        for name in ("strided", "pooled"):
            assert (maps[name][3] == 0) == (shift % int(stride) == 0), (name, kernel, shift)
    assert shown.amounts() == ["exactly 0"] * 3


def test_with_zeros_only_a_stripe_at_the_border_differs(explorer):
    maps = explorer().set(border="zeros", stride="1", down="0", right="5")
    error = maps["feature"][2]
    assert sorted(set(np.nonzero(error)[1])) == [4, 59]
    assert maps["feature"][3] > 0.1


def test_a_blur_before_the_stride_lessens_what_an_odd_shift_does(explorer):
    shown = explorer()
    for name, start in (("strided", 0.5), ("pooled", 0.4)):
        sizes = [shown.set(blur=blur)[name][3] for blur in ("none", "3", "5", "7")]
        assert sizes[0] > start
        assert sizes == sorted(sizes, reverse=True)
        assert sizes[2] < sizes[0] / 4


def test_it_is_dragged(explorer):
    shown = explorer()
    assert shown.amounts()[0] == "exactly 0"
    assert shown.amounts()[1] != "exactly 0"
    box = shown.input.bounding_box()
    pixel = box["width"] / 60
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    mouse = shown.page.mouse
    mouse.move(*middle)
    mouse.down()
    mouse.move(middle[0] - 2 * pixel, middle[1] + pixel)
    mouse.move(middle[0] + pixel, middle[1] + 2 * pixel)
    assert shown.amounts() == ["exactly 0"] * 3
    assert shown.shift() == [2, 6]
    mouse.move(middle[0] + 100 * pixel, middle[1])
    mouse.up()
    shown.settle()
    assert shown.shift() == [0, 16]
    mouse.move(*middle)
    shown.settle()
    assert shown.shift() == [0, 16], "it is let go"
    assert shown.window.wrong == []


def test_it_is_dragged_by_a_finger(explorer):
    shown = explorer(has_touch=True, viewport={"width": 390, "height": 844})
    shown.input.scroll_into_view_if_needed()
    box = shown.input.bounding_box()
    pixel, x, y = box["width"] / 60, box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    before = shown.page.evaluate("scrollY")
    send = shown.window.context.new_cdp_session(shown.page).send
    for kind, points in [
        ("touchStart", [{"x": x, "y": y}]),
        ("touchMove", [{"x": x + pixel, "y": y - 20 * pixel}]),
        ("touchMove", [{"x": x - 4 * pixel, "y": y - 4 * pixel}]),
        ("touchEnd", []),
    ]:
        send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    shown.settle()
    assert shown.shift() == [-4, 1]
    assert shown.page.evaluate("scrollY") == before, "the page stays where it is"


def test_keys_move_it(explorer):
    shown = explorer()
    shown.input.focus()
    shown.page.keyboard.press("ArrowRight")
    assert shown.amounts() == ["exactly 0"] * 3
    shown.page.keyboard.press("ArrowUp")
    assert shown.shift() == [-1, 6]
    assert shown.amounts()[1] != "exactly 0"
    label = shown.input.get_attribute("aria-label")
    assert "moved 1 pixel up and 6 pixels to the right" in label


def test_it_says_what_is_compared(explorer):
    shown = explorer()
    readout = shown.live.locator(".figure-readout")
    assert "should move 2.5 pixels to the right. Between its pixels" in readout.inner_text()
    shown.choose("Moves by parts of a pixel", "nearest")
    assert "nearest that they can is 3 pixels to the right" in readout.inner_text()
    shown.choose("Stride", "1")
    assert "and so should each map" in readout.inner_text()
    shown.choose("Stride", "4")
    shown.live.get_by_label("Right", exact=True).fill("-8")
    shown.settle()
    assert "should move 2 pixels to the left. Differences:" in readout.inner_text()
    assert "strided map exactly 0" in readout.inner_text()


@pytest.mark.parametrize("text", ["abc", "17", "-17", "1.5", "1e9", "NaN", "🐈"])
def test_wild_numbers_are_refused_with_a_message(explorer, text):
    shown = explorer()
    box = shown.live.get_by_label("Right", exact=True)
    box.fill(text)
    assert "is not a whole number from -16 to 16" in shown.status()
    assert box.get_attribute("aria-invalid") == "true"
    assert shown.state() == {}, "the state is what it was"
    box.press("Tab")
    assert box.input_value() == "5"
    assert shown.window.wrong == []


def test_the_address_carries_the_state(explorer):
    shown = explorer()
    shown.choose("Blur before the stride", "5")
    shown.choose("Picture", "noise")
    shown.live.get_by_label("Down", exact=True).fill("−3")
    shown.page.wait_for_function("() => location.hash.includes('down=-3')")
    fragment = shown.page.evaluate("location.hash")
    amounts = shown.amounts()
    again = explorer(fragment)
    assert again.state() == {"picture": "noise", "blur": "5", "down": "-3"}
    assert again.amounts() == amounts
    again.live.get_by_role("button", name="Start again").click()
    assert again.state() == {}


def test_a_wild_address_is_said_and_the_rest_taken(explorer):
    shown = explorer("#fig-equivariance-explorer?stride=3&down=1000&colour=red&right=4")
    status = shown.status()
    for part in ("“3” is none of 1, 2, 4", "“1000” is not a whole number", "no “colour”"):
        assert part in status
    assert shown.state() == {"right": "4"}
    assert shown.amounts() == ["exactly 0"] * 3


def test_it_works_without_a_network(explorer):
    shown = explorer()
    shown.window.context.set_offline(True)
    shown.choose("Border", "zeros")
    assert all(re.fullmatch(r"[\d.]+ %", amount) for amount in shown.amounts())
    assert shown.window.wrong == []


def test_commands_of_the_browser_with_arrow_keys_are_left_to_it(explorer):
    shown = explorer()
    before = shown.shift()
    shown.page.evaluate(
        "addEventListener('keydown', (event) => { globalThis.isTaken = event.defaultPrevented; })"
    )
    for target in (shown.input, shown.live.get_by_label("Down", exact=True)):
        target.focus()
        shown.page.keyboard.press("Control+ArrowUp")
        assert not shown.page.evaluate("isTaken")
        assert shown.shift() == before
    shown.page.keyboard.press("ArrowUp")
    assert shown.page.evaluate("isTaken")
    assert shown.shift() == [before[0] + 1, before[1]], "in a box, it counts up"
