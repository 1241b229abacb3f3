"""The figure fourier-view: cnnlib's and NumPy's numbers, and what a reader does with it."""

import itertools
import math

import numpy as np
import pytest
from test_figures import FRAMES, VIEW, Shown, show  # noqa: F401 (a fixture)

from cnnlib import kernels

SIZE, HIGHEST = 9, 4


@pytest.fixture
def module(root, monkeypatch):
    """Return the figure's Python module, which draws its still."""
    monkeypatch.syspath_prepend(root)
    from book._figures import fourier_view

    return fourier_view


class View(Shown):
    """The figure in an open page."""

    @property
    def plane(self):
        return self.live.get_by_role("application")

    def choose(self, label, option):
        self.live.get_by_role("combobox", name=label, exact=True).select_option(option)
        self.settle()

    def box(self, label):
        return self.live.get_by_role("textbox", name=label, exact=True)

    def grid(self, expression):
        """Return a grid of what the figure has computed."""
        self.settle()
        found = self.element.evaluate(
            f"({{ result, state }}) => {{ const g = {expression};"
            " return [[g.height, g.width], Array.from(g.data)]; }"
        )
        return np.reshape(found[1], found[0]).astype(float)

    def kernel(self):
        return self.grid("state.kernel")

    def at(self):
        """Return gain and phase of the chosen wave."""
        self.settle()
        found = self.element.evaluate("figure => figure.result.at")
        return found["gain"], found["phase"]

    def point(self, down, right):
        """Return where a wave is on the screen."""
        box = self.plane.bounding_box()
        return (
            box["x"] + (right + HIGHEST + 0.5) / SIZE * box["width"],
            box["y"] + (down + HIGHEST + 0.5) / SIZE * box["height"],
        )

    def chosen(self):
        return self.element.evaluate("({ state }) => [state.down, state.right]")

    def readout(self):
        self.settle()
        return self.live.locator(".figure-readout").inner_text()


@pytest.fixture
def view(show):  # noqa: F811
    def open_view(fragment="", **options):
        window = show(VIEW, fragment, **options).window
        shown = View(window, VIEW[1])
        shown.plane.scroll_into_view_if_needed()
        return shown

    return open_view


def transform(kernel):
    """Return the kernel's discrete Fourier transform, counted from the middle of both."""
    return np.fft.fftshift(np.fft.fft2(np.fft.ifftshift(kernel)))


@pytest.mark.parametrize("operation", ["convolution", "cross-correlation"])
def test_the_response_is_the_transform_of_the_kernel(view, module, operation):
    shown = view()
    shown.choose("Operation", operation)
    fine = (np.arange(63) + 0.5) / 63 - 0.5
    for name in kernels.names():
        shown.choose("Kernel", name)
        kernel = module.kernel_named(name)
        assert np.array_equal(shown.kernel(), kernel)
        wanted = module.response(kernel, fine, operation)
        on_grid = transform(kernel) if operation == "convolution" else transform(kernel).conj()
        np.testing.assert_allclose(wanted[3::7, 3::7], on_grid, atol=1e-12)
        for part, numbers in {
            "magnitude": np.abs(wanted),
            "real": wanted.real,
            "imaginary": wanted.imag,
        }.items():
            shown.choose("Part shown", part)
            np.testing.assert_allclose(shown.grid("result.plane"), numbers, atol=1e-12)


@pytest.mark.parametrize("operation", ["convolution", "cross-correlation"])
def test_gain_and_phase_are_what_happens_to_the_wave(view, module, operation):
    shown = view(f"#fig-fourier-view?kernel=sobel_x&operation={operation}&down=0&right=1")
    rng = np.random.default_rng(4)
    kernel = np.round(rng.normal(size=(SIZE, SIZE)), 2)
    text = ";".join(",".join(map(str, row)) for row in kernel)
    rows, columns = np.mgrid[:27, :27]
    for name, (down, right) in itertools.product(
        ("sobel_x", "box", text), [(0, 0), (0, 3), (-1, 4), (2, -3)]
    ):
        shown.element.evaluate(
            "(figure, [text, down, right]) => figure.set({ down, right,"
            " kernel: figure.constructor.fields.kernel.read(text) })",
            [name, down, right],
        )
        gain, phase = shown.at()
        angle = 2 * np.pi * (down * rows + right * columns) / SIZE
        before, after = shown.grid("result.wave[0]"), shown.grid("result.wave[1]")
        np.testing.assert_allclose(before, np.cos(angle), atol=1e-12)
        wanted = gain * np.cos(angle + math.radians(phase))
        np.testing.assert_allclose(after, wanted, atol=1e-10)
        used = kernel if name == text else module.kernel_named(name)
        np.testing.assert_allclose(after, module.filtered(before, used, operation), atol=1e-12)
        image = shown.grid("result.image[0]")
        wanted = module.filtered(image, used, operation)
        assert np.array_equal(shown.grid("result.image[1]"), wanted), "to the last bit"


def test_the_response_is_painted_and_the_kernel_follows(view):
    shown = view()
    before = transform(shown.kernel())
    shown.choose("Brush", "erase")
    shown.page.mouse.move(*shown.point(-1, 1))
    shown.page.mouse.down()
    shown.page.mouse.move(*shown.point(0, 1))
    shown.page.mouse.move(*shown.point(1, 2))
    shown.page.mouse.up()
    shown.page.mouse.move(*shown.point(0, 0))
    wanted = before.copy()
    for down, right in [(-1, 1), (0, 1), (1, 2)]:
        wanted[HIGHEST + down, HIGHEST + right] = 0
        wanted[HIGHEST - down, HIGHEST - right] = 0
    np.testing.assert_allclose(transform(shown.kernel()), wanted, atol=1e-3)
    assert "is gone" in shown.readout()
    shown.choose("Brush", "raise")
    shown.page.mouse.click(*shown.point(0, 0))
    assert shown.at() == pytest.approx((1.25, 0), abs=1e-3)
    assert shown.kernel().sum() == pytest.approx(1.25, abs=1e-3)
    shown.choose("Brush", "lower")
    for _ in range(6):
        shown.page.mouse.click(*shown.point(0, 0))
    assert shown.at()[0] == pytest.approx(0, abs=1e-3), "and not below"
    assert shown.window.wrong == []


def test_a_wave_is_chosen_by_pointer_and_keys(view):
    shown = view()
    shown.page.mouse.click(*shown.point(-3, 2))
    assert shown.chosen() == [-3, 2]
    shown.page.keyboard.press("ArrowDown")
    shown.page.keyboard.press("ArrowRight")
    assert shown.chosen() == [-2, 3]
    for _ in range(3):
        shown.page.keyboard.press("ArrowRight")
    assert shown.chosen() == [-2, 4], "not beyond the end"
    assert "−2/9 down and 4/9 to the right" in shown.readout()
    assert "−2/9 down" in shown.plane.get_attribute("aria-label")


def test_keys_change_a_gain(view):
    shown = view()
    shown.plane.focus()
    gain, phase = shown.at()
    shown.page.keyboard.press("+")
    assert shown.at() == pytest.approx((gain + 0.25, phase), abs=1e-3)
    shown.page.keyboard.press("-")
    assert shown.at() == pytest.approx((gain, phase), abs=1e-3)
    shown.page.keyboard.press("Delete")
    assert "is gone" in shown.readout()


def test_a_finger_paints(view):
    shown = view(has_touch=True, viewport={"width": 390, "height": 844})
    shown.choose("Brush", "raise")
    shown.plane.scroll_into_view_if_needed()
    before = transform(shown.kernel())
    shown.page.touchscreen.tap(*shown.point(3, 3))
    after = transform(shown.kernel())
    changed = np.argwhere(np.abs(after - before) > 0.1) - HIGHEST
    assert changed.tolist() == [[-3, -3], [3, 3]]


def test_gain_and_phase_are_typed(view):
    shown = view()
    others = transform(shown.kernel())
    shown.box("Gain").fill("0,8")
    shown.box("Phase in degrees").fill("−90")
    assert shown.at() == pytest.approx((0.8, -90), abs=0.05)
    found = transform(shown.kernel())
    assert found[HIGHEST, HIGHEST + 2] == pytest.approx(-0.8j, abs=1e-3)
    assert found[HIGHEST, HIGHEST - 2] == pytest.approx(0.8j, abs=1e-3), "so the kernel is real"
    found[HIGHEST, [HIGHEST - 2, HIGHEST + 2]] = others[HIGHEST, [HIGHEST - 2, HIGHEST + 2]] = 0
    np.testing.assert_allclose(found, others, atol=1e-3)


def test_a_weight_is_typed_and_the_response_follows(view):
    shown = view()
    shown.cell(1, 9).fill("1")
    kernel = shown.kernel()
    assert kernel[0, 8] == 1
    wanted = transform(kernel)[HIGHEST, HIGHEST + 2]
    gain, phase = shown.at()
    assert gain * np.exp(1j * math.radians(phase)) == pytest.approx(wanted, abs=1e-9)


def test_only_the_phase_notices_the_mirror(view):
    shown = view("#fig-fourier-view?kernel=sobel_x")
    gain, phase = shown.at()
    assert phase == pytest.approx(-90)
    shown.choose("Operation", "cross-correlation")
    assert shown.at() == pytest.approx((gain, 90))


@pytest.mark.parametrize(
    ("label", "text", "message"),
    [
        ("Gain", "much", "“much” is not a number from 0 to 1000"),
        ("Gain", "-1", "“-1” is not a number from 0 to 1000"),
        ("Gain", "1e99", "“1e99” is not a number"),
        ("Phase in degrees", "270", "“270” is not a number from -180 to 180"),
        ("Row 5, column 5", "x", "“x” is not a number"),
    ],
)
def test_wild_numbers_are_refused_with_a_message(view, label, text, message):
    shown = view()
    shown.box(label).fill(text)
    assert message in shown.status()
    assert shown.box(label).get_attribute("aria-invalid") == "true"
    assert shown.state() == {}
    assert shown.window.wrong == []


def test_what_no_real_kernel_can_do_is_said(view):
    shown = view("#fig-fourier-view?down=0&right=0")
    shown.box("Phase in degrees").fill("90")
    assert "its phase is 0° or 180°" in shown.status()
    shown.box("Phase in degrees").fill("180")
    assert shown.status() == ""
    assert shown.kernel().sum() == pytest.approx(-1, abs=1e-3)
    shown.choose("Kernel", "laplacian")
    shown.box("Phase in degrees").fill("180")
    assert "A wave that is gone has no phase" in shown.status()


def test_the_address_carries_the_state(view):
    shown = view()
    shown.choose("Kernel", "gaussian")
    shown.box("Gain").fill("0")
    shown.choose("Part shown", "real")
    shown.page.wait_for_function("() => location.hash.includes('shown=real')")
    fragment = shown.page.evaluate("location.hash")
    assert len(fragment) < 1500
    again = view(fragment)
    assert again.state() == shown.state()
    assert np.array_equal(again.kernel(), shown.kernel())
    assert again.readout() == shown.readout()
    again.live.get_by_role("button", name="Start again").click()
    assert again.state() == {}


@pytest.mark.parametrize("text", ["1,2;3", "1", "0,1,0;1,-4,1;0,1,0", "x"])
def test_a_kernel_of_another_size_is_refused_by_words(view, text):
    shown = view(f"#fig-fourier-view?kernel={text}&right=1")
    assert "The address cannot be followed" in shown.status()
    assert shown.state() == {"right": "1"}


def test_it_works_without_a_network(view):
    shown = view()
    shown.window.context.set_offline(True)
    shown.choose("Picture", "noise")
    shown.plane.focus()
    shown.page.keyboard.press("Delete")
    assert shown.grid("result.image[1]").shape == (28, 28)
    assert shown.window.wrong == []


def test_a_situation_is_there_as_often_as_it_is_asked_for(visit, address):
    page = visit(reduced_motion="reduce").page
    page.goto(f"{address}book/{VIEW[0]}.html")
    figure = page.locator(f"#{VIEW[1]}")
    link = page.locator(f"a.reference[href='#{VIEW[1]}?right=3']")
    assert figure.locator(".figure-live").count() == 0
    for _ in range(2):
        link.click()
        page.evaluate(FRAMES)
        assert "3/9 to the right" in figure.locator(".figure-readout").inner_text()
        # The focus comes with the change of the address, which a browser tells later than it draws.
        holds = "name => document.getElementById(name).contains(document.activeElement)"
        page.wait_for_function(holds, arg=VIEW[1])
        top = figure.evaluate("figure => figure.getBoundingClientRect().top")
        assert 0 <= top < 200, "it is in sight"
        page.evaluate("scrollTo(0, 0)")
        page.evaluate("document.activeElement.blur()")
