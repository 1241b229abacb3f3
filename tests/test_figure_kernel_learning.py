"""The figure kernel-learning: its descent is cnnlib's and PyTorch's, and a reader can steer it."""

import json
import re

import numpy as np
import pytest
import torch
from browser import axe_violations
from matplotlib import pyplot as plt
from test_figures import FRAMES, LEARNING, SMALL, Shown, show  # noqa: F401 (a fixture)
from torch.nn import functional

from cnnlib import kernels
from cnnlib.conv import conv2d, conv2d_backward

# Makes what descent.js exports, and grids from rows, known to the page.
ENTRY = """
import * as descent from %s;
import { fromRows } from %s;
Object.assign(globalThis, descent, { fromRows });
"""


@pytest.fixture(scope="module")
def module(root):
    """Return the figure's Python module."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(root)
        from book._figures import kernel_learning

        yield kernel_learning


@pytest.fixture(scope="module")
def evaluate(chromium, root, tmp_path_factory):
    """Evaluate a function of arguments (arrays as rows) with descent.js in the browser."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(root / "book" / "_ext")
        from figure_files import bundle
    folder = tmp_path_factory.mktemp("descent")
    figures = root / "book" / "_figures"
    names = [json.dumps(str(figures / name)) for name in ("descent.js", "arithmetic.js")]
    (folder / "entry.js").write_text(ENTRY % tuple(names), "utf-8")
    bundle(root, folder / "entry.js", {}, folder / "bundle.js")
    page = chromium.new_page()
    page.add_script_tag(path=folder / "bundle.js")

    def run(function, *arguments):
        plain = [a.tolist() if isinstance(a, np.ndarray) else a for a in arguments]
        return page.evaluate(f"given => ({function})(...given)", plain)

    yield run
    page.close()


HESSIAN = "(image, size) => Array.from(hessian(windowsOf(fromRows(image), size)).data)"
GRADIENT = """(image, difference, drawn) =>
  Array.from(gradientOf(fromRows(image), fromRows(difference), drawn).data)"""
DESCEND = """(image, start, target, options) => {
  const size = { height: 3, width: 3 };
  const windows = windowsOf(fromRows(image), size);
  const given = { windows, H: hessian(windows), start: start.flat(), target: target.flat() };
  const found = descend({ ...given, ...options });
  return { ...found, weights: Array.from(found.weights) };
}"""
EIGEN = """rows => eigen(fromRows(rows)).map(({ value, vector }) => [value, ...vector])"""


def windows_of(image):
    return np.lib.stride_tricks.sliding_window_view(image, (3, 3)).reshape(-1, 9)


def hessian_of(image):
    windows = windows_of(image)
    return 2 / len(windows) * windows.T @ windows


def losses_of(module, image, steps, rate=0.5, start="random_0", target="sobel_x"):
    target, start = module.targets()[target], module.starts()[start]
    return module.descend(image, target, start, rate, steps)


def test_gradient_is_that_of_the_library(evaluate):
    rng = np.random.default_rng(1)
    for _ in range(30):
        image = rng.normal(size=rng.integers(5, 20, size=2))
        size = rng.integers(1, 5, size=2)
        kernel, target = rng.normal(size=(2, 1, 1, *size))
        x = image[None, None]
        difference = conv2d(x, kernel) - conv2d(x, target)
        _, wanted, _ = conv2d_backward(2 * difference / difference.size, x, kernel)
        found = evaluate(GRADIENT, image, difference[0, 0], None)
        np.testing.assert_allclose(found, wanted.ravel(), rtol=1e-12, atol=1e-14)
        drawn = rng.integers(0, difference.size, size=7).tolist()  # one may come twice
        counted = np.zeros(difference.size)
        np.add.at(counted, drawn, 2 / 7 * difference.ravel()[drawn])
        _, wanted, _ = conv2d_backward(counted.reshape(difference.shape), x, kernel)
        found = evaluate(GRADIENT, image, difference[0, 0], drawn)
        np.testing.assert_allclose(found, wanted.ravel(), rtol=1e-12, atol=1e-14)


def test_hessian_is_that_of_the_windows(evaluate):
    rng = np.random.default_rng(2)
    for _ in range(10):
        image = rng.normal(size=rng.integers(3, 20, size=2))
        found = evaluate(HESSIAN, image, {"height": 3, "width": 3})
        np.testing.assert_allclose(found, hessian_of(image).ravel(), rtol=1e-12, atol=1e-14)


def test_eigenvectors_are_those_of_numpy(evaluate, module):
    rng = np.random.default_rng(3)
    factors = [rng.normal(size=(9, rank)) for rank in (9, 9, 9, 4, 1)]
    matrices = [f @ f.T for f in factors] + [np.eye(9), np.zeros((9, 9))]
    matrices += [hessian_of(make() / 255) for make in module.PICTURES.values()]
    for matrix in matrices:
        found = np.array(evaluate(EIGEN, matrix))
        values, vectors = found[:, 0], found[:, 1:]
        scale = max(np.abs(matrix).max(), 1e-300)
        np.testing.assert_allclose(
            values, np.linalg.eigvalsh(matrix)[::-1], rtol=1e-12, atol=1e-13 * 9 * scale
        )
        assert (np.diff(values) <= 0).all()
        np.testing.assert_allclose(vectors @ vectors.T, np.eye(9), atol=1e-13)
        np.testing.assert_allclose(
            vectors @ matrix, values[:, None] * vectors, atol=1e-13 * 9 * scale
        )
    edge = hessian_of(module.PICTURES["edge"]() / 255)
    assert [row[0] == 0 for row in evaluate(EIGEN, edge)] == 3 * [False] + 6 * [True]


def test_descent_is_that_of_the_library(evaluate, module):
    for name, rate in [("shirt", 0.5), ("photograph", 0.3), ("digit", 0.95)]:
        image = module.PICTURES[name]() / 255
        target, start = module.targets()["sobel_x"], module.starts()["random_3"]
        learned, losses = module.descend(image, target, start, rate, 60)
        found = evaluate(DESCEND, image, start, target, {"rate": rate, "steps": 60})
        np.testing.assert_allclose(found["losses"], losses, rtol=1e-9)
        np.testing.assert_allclose(found["weights"], learned[-1].ravel(), rtol=1e-9, atol=1e-11)


def test_momentum_is_that_of_pytorch(evaluate, module):
    image = module.PICTURES["shirt"]() / 255
    target, start = module.targets()["laplacian"], module.starts()["random_1"]
    x, weight = torch.tensor(image)[None, None], torch.tensor(start)[None, None].requires_grad_()
    wanted = functional.conv2d(x, torch.tensor(target)[None, None])
    optimizer = torch.optim.SGD([weight], lr=0.4, momentum=0.9)
    losses = []
    for _ in range(81):
        optimizer.zero_grad()
        loss = functional.mse_loss(functional.conv2d(x, weight), wanted)
        losses.append(loss.item())
        loss.backward()
        optimizer.step()
    found = evaluate(DESCEND, image, start, target, {"rate": 0.4, "momentum": 0.9, "steps": 80})
    np.testing.assert_allclose(found["losses"], losses, rtol=1e-9)


def test_factor_is_the_spectral_radius_of_a_step(evaluate):
    for momentum in (0, 0.5, 0.9):
        for rate in (0, 0.01, 0.5, 1, 1.99 * (1 + momentum) / 2, 2.01 * (1 + momentum), 7):
            step = np.array([[1 + momentum - 1.0 * rate, -momentum], [1, 0]])
            radius = np.abs(np.linalg.eigvals(step)).max()
            found = evaluate("factorOf", 1.0, rate, momentum)
            assert abs(found) == pytest.approx(radius, rel=1e-12)
            if momentum == 0:
                assert found == pytest.approx(1 - rate)


@pytest.mark.parametrize("momentum", [0, 0.5, 0.9])
def test_threshold_divides_convergence_from_divergence(evaluate, module, momentum):
    image = module.PICTURES["shirt"]() / 255
    threshold = (1 + momentum) * module.threshold(image)
    target, start = module.targets()["sobel_x"], module.starts()["random_0"]
    options = {"momentum": momentum, "steps": 20_000}
    below, above = (
        evaluate(DESCEND, image, start, target, options | {"rate": part * threshold})
        for part in (0.99, 1.01)
    )
    assert below["losses"][-1] < 1e-20
    assert not below["diverged"]
    assert above["diverged"]
    assert above["losses"][-1] > 1e30
    assert above["losses"][-2] <= 1e30, "it ends as soon as it has diverged"
    if momentum == 0:
        assert min(above["losses"]) < above["losses"][0], "at first it learns"


@pytest.mark.parametrize("batch", [1, 16])
def test_small_steps_on_random_windows_never_lead_away(evaluate, module, batch):
    image = module.PICTURES["shirt"]() / 255
    safe = 1 / (windows_of(image) ** 2).sum(axis=1).max()
    target, start = module.targets()["sobel_x"], module.starts()["random_0"]

    def distance(rate, steps):
        options = {"rate": rate, "batch": batch, "steps": steps}
        found = evaluate(DESCEND, image, start, target, options)
        assert len(found["drawn"]) == batch
        return np.linalg.norm(found["weights"] - target.ravel())

    distances = [distance(safe, steps) for steps in range(40)]
    assert (np.diff(distances) <= 1e-12).all()
    assert distances[-1] < distances[0]
    assert max(distance(10 * safe, steps) for steps in range(5)) > distances[0]


def test_losses_of_random_windows_are_those_of_the_whole_picture(evaluate, module):
    image = module.PICTURES["shirt"]() / 255
    target, start = module.targets()["sobel_x"], module.starts()["random_0"]
    options = {"rate": 0.1, "batch": 1, "steps": 30}
    found = evaluate(DESCEND, image, start, target, options)
    error = np.array(found["weights"]) - target.ravel()
    wanted = ((windows_of(image) @ error) ** 2).mean()
    assert found["losses"][-1] == pytest.approx(wanted, rel=1e-10)
    assert (np.diff(found["losses"]) > 0).any(), "it is noisy"
    assert evaluate(DESCEND, image, start, target, options) == found, "the same each time"


class Learning(Shown):
    """The figure in an open page."""

    def press(self, name):
        self.live.get_by_role("button", name=name, exact=True).click()
        self.settle()

    @property
    def rate(self):
        return self.live.get_by_label("Learning rate", exact=True)

    def sentence(self):
        self.settle()
        return self.live.locator(".figure-readout").first.inner_text()

    def step(self):
        return int(re.match(r"(?:Step|At step) (\d+)", self.sentence())[1])

    def loss(self):
        return as_number(re.search(r"the loss is (.+?)\. The", self.sentence())[1])

    def kernel(self):
        """Return the numbers that stand in the table of the kernel."""
        self.settle()
        cells = self.live.locator(".figure-area-weights .figure-cell").all_inner_texts()
        return np.array([as_number(text) for text in cells])

    def table(self):
        """Return eigenvalue, factor and error of each direction, as they stand in the table."""
        rows = self.live.locator(".figure-directions tbody tr").all()
        return np.array(
            [[as_number(t) for t in row.locator("td").all_inner_texts()] for row in rows]
        )


def as_number(text):
    """Read a number as the figure writes it: 0.1, −3e−5, × 0.9 or 1.2 · 10⁻⁷."""
    plain = text.translate(str.maketrans("−⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "--0123456789")).removeprefix("× ").strip()
    return float(re.sub(r" · 10(-?\d+)", r"e\1", plain))


@pytest.fixture
def learn(show):  # noqa: F811
    """Open the figure, at a state if one is given."""

    def open_figure(state="", **options):
        shown = show(LEARNING, f"#{LEARNING[1]}?{state}" if state else "", **options)
        shown.__class__ = Learning
        return shown

    return open_figure


def test_what_is_shown_is_what_the_library_computes(learn, module):
    figure = learn()
    image = module.PICTURES["shirt"]() / 255
    learned, losses = losses_of(module, image, 111)
    for name, steps in [(None, 0), ("1 step", 1), ("10 steps", 11), ("100 steps", 111)]:
        if name:
            figure.press(name)
        assert figure.step() == steps
        assert figure.loss() == pytest.approx(losses[steps], rel=6e-3)
        np.testing.assert_allclose(figure.kernel(), learned[steps].ravel(), atol=0.0051)
    assert as_number(re.search(r"2/λ₁ = (.+?):", figure.sentence())[1]) == pytest.approx(
        module.threshold(image), rel=6e-3
    )
    eigenvalues, vectors = np.linalg.eigh(hessian_of(image))
    error = (learned[111] - kernels.sobel("x")).ravel() @ vectors
    rows = figure.table()
    np.testing.assert_allclose(rows[:, 0], eigenvalues[::-1], rtol=0.13)  # 0.004 has one digit
    np.testing.assert_allclose(rows[:, 1], 1 - 0.5 * eigenvalues[::-1], atol=6e-4)
    np.testing.assert_allclose(np.abs(rows[:, 2]), np.abs(error[::-1]), rtol=0.5, atol=1e-12)
    np.testing.assert_allclose(np.abs(rows[4:, 2]), np.abs(error[::-1])[4:], rtol=6e-3)
    figure.press("Back to step 0")
    assert figure.step() == 0
    assert figure.window.wrong == []


def test_maps_are_those_of_the_library(learn, module):
    figure = learn("picture=digit&target=laplacian&step=7&centred=on")
    image = module.PICTURES["digit"]() / 255
    image = image - image.mean()
    learned, _ = losses_of(module, image, 7, target="laplacian")
    for name, kernel in [("wanted", kernels.laplacian()), ("found", learned[7])]:
        found = np.array(figure.result(f"{name}.data"))
        wanted = conv2d(image[None, None], kernel[None, None]).ravel()
        np.testing.assert_allclose(found, wanted, atol=1e-9)


def test_a_gradient_can_be_chosen_and_is_explained(learn, module):
    figure = learn()
    image = module.PICTURES["shirt"]() / 255
    error = (module.starts()["random_0"] - kernels.sobel("x")).ravel()
    gradient = (hessian_of(image) @ error).reshape(3, 3)
    cell = figure.live.get_by_role("button", name="row 3, column 2")
    cell.focus()
    figure.page.keyboard.press("Enter")
    figure.settle()
    assert cell.get_attribute("aria-pressed") == "true"
    assert figure.live.locator("[aria-pressed=true]").count() == 1
    explained = figure.live.locator(".figure-readout").last.inner_text()
    assert "row 3, column 2" in explained
    slope = re.search(r"twice the mean: (.+?), the", explained)[1]
    assert as_number(slope) == pytest.approx(gradient[2, 1], rel=6e-3)
    frame = figure.live.locator(".figure-area-input rect")
    assert [frame.get_attribute(key) for key in ("y", "x", "height")] == ["2", "1", "26"]


def test_random_windows_are_framed_and_make_the_curve_noisy(learn):
    figure = learn("rate=0.1&step=50")
    assert not (np.diff(figure.result("losses")) > 0).any()
    figure.choose("A step looks at", "1")
    assert (np.diff(figure.result("losses")) > 0).any()
    frames = figure.live.locator(".figure-area-input rect")
    assert frames.count() == 1
    assert frames.get_attribute("height") == "3"
    figure.choose("A step looks at", "16")
    assert frames.count() == 16
    assert "that threshold does not hold" in figure.sentence()


def test_above_the_threshold_it_falls_first_and_then_diverges(learn, module):
    figure = learn()
    image = module.PICTURES["shirt"]() / 255
    figure.rate.fill(f"{1.01 * module.threshold(image):.4f}")
    figure.press("10 steps")
    assert figure.loss() < 1.877
    assert "in direction 1 each step makes the error 1.02 times as large" in figure.sentence()
    for _ in range(4):
        figure.press("100 steps")
    assert figure.loss() > 1e5
    figure.rate.fill("100")
    assert "the loss has passed 10³⁰, and the descent ends" in figure.sentence()
    ended = figure.step()
    figure.press("10 steps")
    assert figure.step() == ended
    figure.rate.fill("0.5")
    figure.press("1 step")
    assert figure.loss() < 1
    assert figure.window.wrong == []


def test_the_slider_sets_the_rate_as_part_of_the_threshold(learn, module):
    figure = learn()
    slider = figure.live.get_by_role("slider")
    assert slider.get_attribute("aria-valuetext") == "0.74 of the threshold"
    slider.focus()
    figure.page.keyboard.press("End")
    figure.settle()
    threshold = module.threshold(module.PICTURES["shirt"]() / 255)
    assert float(figure.rate.input_value()) == pytest.approx(1.25 * threshold, rel=1e-3)
    figure.page.keyboard.press("ArrowLeft")
    figure.settle()
    assert float(figure.rate.input_value()) == pytest.approx(1.24 * threshold, rel=1e-3)


def test_it_runs_and_pauses_and_stops_out_of_sight(learn):
    figure = learn(reduced_motion="no-preference")
    assert figure.step() == 0, "nothing moves before it is asked for"
    arrives = "([figure, step]) => figure.result.step >= step"
    figure.press("Run")
    figure.page.wait_for_function(arrives, arg=[figure.element.element_handle(), 3])
    figure.press("Pause")
    assert figure.live.get_by_role("button", name="Run", exact=True).is_visible()
    figure.press("Run")
    figure.page.evaluate("scrollTo(0, 0)")
    figure.page.wait_for_function(
        "live => [...live.querySelectorAll('button')].some((one) => one.textContent === 'Run')",
        arg=figure.live.element_handle(),
    )
    assert figure.window.wrong == []


def test_a_run_ends_where_the_descent_does(learn):
    figure = learn("rate=100&step=2")
    figure.press("Run")
    figure.live.get_by_role("button", name="Run", exact=True).wait_for()
    assert "the descent ends" in figure.sentence()
    figure = learn("step=995")
    figure.press("Run")
    figure.live.get_by_role("button", name="Run", exact=True).wait_for()
    assert "Step 1000, the last one here" in figure.sentence()


def test_it_can_be_tapped(learn):
    figure = learn(has_touch=True, viewport={"width": 390, "height": 844})
    figure.live.get_by_role("button", name="10 steps", exact=True).tap()
    figure.live.get_by_label("Subtract its mean").tap()
    assert figure.step() == 10
    assert figure.state() == {"step": "10", "centred": "on"}


def test_wild_input_is_refused_and_nothing_is_lost(learn):
    figure = learn("step=5")
    for text in ("fast", "-1", "1e9", "", "NaN"):
        figure.rate.fill(text)
        assert "is not a number from 0 to 1000" in figure.status()
        assert figure.rate.get_attribute("aria-invalid") == "true"
    figure.rate.blur()
    assert figure.rate.input_value() == "0.5"
    target = figure.live.get_by_role("group", name="Target kernel, weights")
    cell = target.get_by_label("Row 1, column 1", exact=True)
    cell.fill("abc")
    assert "is not a number" in figure.status()
    cell.fill("1000000")
    assert figure.status() == ""
    assert figure.loss() > 1e10
    for text in ("0", "0.5"):
        figure.rate.fill(text)
    assert figure.step() == 5
    assert figure.window.wrong == []


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("rate=fast", "“fast” is not a number from 0 to 1000."),
        ("target=1,2;3,4", "A kernel here has at least 3 rows and columns."),
        ("start=1,2,3,4;1,2,3,4;1,2,3,4", "A kernel here has at most 3 rows and columns."),
        ("step=-1", "“-1” is not a whole number from 0 to 1000."),
        ("step=1001", "“1001” is not a whole number from 0 to 1000."),
        ("batch=2", "“2” is none of all, 16, 1."),
        ("colour=red", "This figure has no “colour”."),
    ],
)
def test_a_wild_address_is_said(learn, state, said):
    figure = learn(f"{state}&picture=digit")
    assert said in figure.status()
    assert figure.state() == {"picture": "digit"}, "the rest is taken"


def test_no_difference_at_all_is_no_error(learn):
    figure = learn("target=0,0,0;0,0,0;0,0,0&start=zeros&step=20")
    assert figure.loss() == 0
    assert figure.window.wrong == []


def test_the_address_leads_to_the_same_state(learn):
    figure = learn()
    figure.choose("Picture", "edge")
    figure.choose("Momentum", "0.9")
    figure.choose("Start", "random_4")
    figure.rate.fill("0.05")
    target = figure.live.get_by_role("group", name="Target kernel, weights")
    target.get_by_label("Row 2, column 2", exact=True).fill("-0.5")
    figure.press("10 steps")
    link = figure.live.get_by_role("link", name="Link to this state").get_attribute("href")
    again = learn(link.split("?")[1])
    assert again.state() == figure.state()
    assert len(again.state()) == 6
    assert again.sentence() == figure.sentence()
    again.press("Start again")
    assert again.state() == {}


def test_what_the_picture_does_not_show_is_not_learnt(learn, module):
    figure = learn("picture=edge&rate=0.2&step=1000")
    assert "In 6 directions λ is 0" in figure.sentence()
    rows = figure.table()
    assert (rows[3:, :2] == [0, 1]).all()
    start, now = (
        np.array(figure.result(f"directions.map(d => d.{key})")) for key in ("before", "now")
    )
    np.testing.assert_allclose(now[3:], start[3:], rtol=1e-9)
    assert np.abs(now[:3]).max() < 1e-3


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing_while_it_diverges(learn, mode, width):
    state = "rate=0.8&step=200&batch=all&weight=1,1"
    figure = learn(state, viewport={"width": width, "height": 844}, color_scheme=mode)
    assert axe_violations(figure.page, within="kernel-learning") == []
    too_wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert figure.page.evaluate(too_wide) == 0
    assert figure.element.evaluate(SMALL) == []


def test_it_works_offline_and_asks_nobody(learn, address):
    figure = learn()
    figure.window.context.set_offline(True)
    figure.press("10 steps")
    figure.choose("Picture", "noise")
    figure.page.evaluate(FRAMES)
    assert figure.step() == 10
    assert figure.window.wrong == []
    assert figure.window.strangers(address) == []


def test_the_still_shows_a_descent_below_and_one_above_the_threshold(module):
    figure = module.still(module.INITIAL)
    curves = [line.get_ydata() for ax in figure.axes for line in ax.lines]
    assert len(curves) == 3
    assert [curve[-1] < curve[0] for curve in curves] == [True, True, False]
    assert curves[0][-1] < curves[1][-1], "a tenth of the threshold is slower"
    plt.close(figure)


def test_the_way_back_keeps_the_focus_at_its_end(learn):
    figure = learn("step=3")
    back = figure.live.get_by_role("button", name="Back to step 0", exact=True)
    assert back.get_attribute("aria-disabled") == "false"
    back.focus()
    for _ in range(2):  # the second time it does nothing
        figure.page.keyboard.press("Enter")
        assert figure.step() == 0
        assert back.get_attribute("aria-disabled") == "true"
        assert back.evaluate("button => button === document.activeElement")
