"""The interactive figures, used as a person would: by mouse, keyboard and touch, and wildly."""

import gzip
import io
import re

import numpy as np
import pytest
import torch
from browser import axe_violations
from PIL import Image

from benchmarks import figures as benchmark
from cnnlib import conv, kernels

PLAYGROUND = "convolution", "fig-playground"
CALCULATOR = "pytorch-layers", "fig-shape-calculator"
EXPLORER = "convolutional-layers", "fig-equivariance-explorer"
VIEW = "convolution", "fig-fourier-view"
LEARNING = "pytorch-layers", "fig-kernel-learning"
TRAINED = "inside-the-network", "fig-trained-network"
ALL = [PLAYGROUND, CALCULATOR, EXPLORER, VIEW, LEARNING, TRAINED]

# A change is shown with the next frame, after which this one comes.
FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


class Shown:
    """A figure in an open page."""

    def __init__(self, window, name):
        self.window, self.page, self.name = window, window.page, name
        self.place = self.page.locator(f"#{name}")
        self.element = self.place.locator("> :first-child")
        self.place.scroll_into_view_if_needed()
        self.live = self.place.locator(".figure-live")
        self.live.wait_for()
        self.settle()

    def settle(self):
        self.page.evaluate(FRAMES)

    def result(self, expression):
        """Return a part of what the figure has computed."""
        self.settle()
        return self.element.evaluate(f"figure => figure.result.{expression}")

    def output(self):
        """Return the feature map of the playground."""
        found = self.result("output")
        return np.array(found["data"]).reshape(found["height"], found["width"])

    def state(self):
        return self.element.evaluate("figure => figure.texts() ?? {}")

    def status(self):
        self.settle()
        return self.live.locator(".figure-status").inner_text()

    def link(self):
        self.settle()
        return self.live.get_by_role("link", name="Link to this state").get_attribute("href")

    def choose(self, label, option):
        self.live.get_by_label(label, exact=True).select_option(option)
        self.settle()

    def cell(self, row, column):
        return self.live.get_by_label(f"Row {row}, column {column}", exact=True)


@pytest.fixture
def show(visit, address):
    """Open a figure's page at an address and bring the figure into sight."""

    def open_figure(figure, fragment="", base=address, **options):
        page, name = figure
        window = visit(**({"reduced_motion": "reduce"} | options))
        window.page.goto(f"{base}book/{page}.html{fragment}")
        return Shown(window, name)

    return open_figure


@pytest.fixture
def pictures(root):
    """Return the pictures that the playground starts from, as float64."""
    from book._figures import pictures

    return {name: getattr(pictures, name)() / 255 for name in ("digit", "garment", "photograph")}


def feature_map(image, kernel, **options):
    weight = np.ascontiguousarray(kernel)[None, None]
    return conv.conv2d(image[None, None], weight, method="loops", **options)[0, 0]


def test_every_figure_is_in_the_list_and_in_the_benchmark(root):
    in_pages = {}
    for page in (root / "book").glob("*.md"):
        directives = re.split(
            r"^`{3,}\{interactive\} ", page.read_text("utf-8"), flags=re.MULTILINE
        )
        for text in directives[1:]:
            label = re.search(r"^:name: (\S+)$", text, re.MULTILINE)[1]
            in_pages[text.split()[0]] = page.stem, label
    modules = (root / "book" / "_figures").glob("*.py")
    starting = {m.stem.replace("_", "-") for m in modules if "\nINITIAL = " in m.read_text("utf-8")}
    assert starting == set(in_pages)
    assert sorted(in_pages.values()) == sorted(ALL)
    assert {name: page for name, (page, _) in benchmark.CHANGES.items()} == {
        name: page for name, (page, _) in in_pages.items()
    }


@pytest.mark.parametrize("figure", ALL)
def test_a_figure_is_built_only_when_it_comes_near(visit, address, figure):
    page, name = figure
    window = visit()
    window.page.goto(f"{address}book/{page}.html")
    window.page.evaluate(FRAMES)
    assert window.page.locator(f"#{name} .figure-live").count() == 0
    assert window.page.locator(f"#{name} img.only-light").get_attribute("alt")
    window.page.locator(f"#{name}").scroll_into_view_if_needed()
    window.page.locator(f"#{name} .figure-live").wait_for()
    assert window.wrong == []


@pytest.mark.parametrize("figure", ALL)
def test_without_scripts_and_in_print_there_is_a_picture(visit, show, address, figure):
    page, name = figure
    window = visit(java_script_enabled=False)
    window.page.goto(f"{address}book/{page}.html")
    assert window.page.locator(f"#{name} img.only-light").is_visible()
    shown = show(figure)
    still = shown.place.locator("img.only-light")
    assert not still.is_visible()
    shown.page.emulate_media(media="print")
    assert still.is_visible()
    assert still.evaluate("async (image) => { await image.decode(); return image.naturalWidth; }")
    assert not shown.live.is_visible()


@pytest.mark.parametrize("figure", ALL)
def test_figures_work_from_a_disk(show, site, figure):
    shown = show(figure, base=f"{site.as_uri()}/")
    shown.live.get_by_role("button", name="Start again").click()
    assert shown.window.wrong == []
    assert shown.window.strangers(site.as_uri()) == []


# The trained network has more to be looked at once it is loaded: its own file does so.
@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("page", sorted({page for page, _ in ALL if page != TRAINED[0]}))
def test_axe_finds_nothing_in_figures_in_use(show, page, mode, width):
    """All figures of a page are looked at together."""
    first, *others = (figure for figure in ALL if figure[0] == page)
    shown = show(first, viewport={"width": width, "height": 844}, color_scheme=mode)
    for figure in (shown, *(Shown(shown.window, name) for _, name in others)):
        for control in figure.live.locator("select").all():
            control.select_option(index=1)
        figure.settle()
    assert axe_violations(shown.page, within="figure.interactive") == []
    too_wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert shown.page.evaluate(too_wide) == 0


# WCAG 2.2, 2.5.8: at least 24 by 24 pixels.
SMALL = """figure => [...figure.querySelectorAll("button, select, input, [tabindex='0']")]
  .filter((control) => control.checkVisibility())
  .map((control) => [control.ariaLabel || control.textContent, control.getBoundingClientRect()])
  .filter(([, box]) => box.width < 24 || box.height < 24)
  .map(([words]) => words)"""


@pytest.mark.parametrize("figure", ALL)
def test_controls_are_large_enough_for_fingers(show, figure):
    shown = show(figure, viewport={"width": 390, "height": 844})
    assert shown.element.evaluate(SMALL) == []


@pytest.mark.parametrize("operation", ["cross-correlation", "convolution"])
@pytest.mark.parametrize("picture", ["digit", "garment", "photograph"])
def test_the_feature_map_is_the_librarys(show, pictures, picture, operation):
    shown = show(PLAYGROUND)
    shown.choose("Input", picture)
    shown.choose("Kernel", "sharpen")
    shown.choose("Operation", operation)
    shown.choose("Stride", "2")
    shown.choose("Padding", "3")
    shown.choose("Padding mode", "reflect")
    shown.choose("Dilation", "2")
    shown.cell(1, 1).fill("-1/3")
    kernel = kernels.sharpen()
    kernel[0, 0] = -1 / 3
    if operation == "convolution":
        kernel = kernel[::-1, ::-1]
    options = {"stride": 2, "padding": 3, "padding_mode": "reflect", "dilation": 2}
    wanted = feature_map(pictures[picture], kernel, **options)
    assert np.array_equal(shown.output(), wanted), "to the last bit"


def test_a_pixel_is_explained_by_its_products(show, pictures):
    shown = show(PLAYGROUND)
    box = shown.live.locator(".figure-area-output canvas").bounding_box()
    middle = box["x"] + 10.5 / 58 * box["width"], box["y"] + 20.5 / 58 * box["height"]
    shown.page.mouse.move(*middle)
    covered = pictures["photograph"][20:23, 10:13]
    total = np.sum(kernels.sobel("x") * covered)
    words = shown.live.locator(".figure-readout")
    shown.settle()
    number = f"{total:.4f}".rstrip("0").rstrip(".").replace("-", "−")
    assert words.inner_text() == f"Output pixel [20, 10]: the 9 products add up to {number}."
    cells = shown.live.locator(".figure-area-window .figure-cell").all_inner_texts()
    assert [float(cell) for cell in cells] == pytest.approx(covered.ravel(), abs=0.005)
    shown.live.locator(".figure-area-output [role=application]").focus()
    shown.page.keyboard.press("ArrowLeft")
    shown.page.keyboard.press("ArrowDown")
    shown.settle()
    assert words.inner_text().startswith("Output pixel [21, 9]:")
    assert words.get_attribute("role") == "status"


def test_the_kernel_is_edited_by_keys_and_by_dragging(show):
    shown = show(PLAYGROUND)
    cell = shown.cell(2, 2)
    cell.focus()
    shown.page.keyboard.press("ArrowUp")
    shown.page.keyboard.press("ArrowUp")
    assert shown.state()["kernel"] == "-1,0,1;-2,0.5,2;-1,0,1"
    box = cell.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    shown.page.mouse.move(x, y)
    shown.page.mouse.down()
    shown.page.mouse.move(x + 33, y)
    shown.page.mouse.up()
    assert shown.state()["kernel"] == "-1,0,1;-2,1.5,2;-1,0,1"
    shown.choose("Rows", "1")
    assert shown.state()["kernel"] == "-2,1.5,2"
    shown.live.get_by_role("button", name="Start again").click()
    shown.settle()
    assert shown.state() == {}
    assert cell.input_value() == "0"


@pytest.mark.parametrize("text", ["abc", "1e999", "2,3,4", "1/0", "<b>", "9" * 400])
def test_letters_in_a_cell_are_refused_with_words(show, text):
    shown = show(PLAYGROUND)
    before = shown.output()
    shown.cell(1, 1).fill(text)
    assert "is not a number" in shown.status()
    assert shown.cell(1, 1).get_attribute("aria-invalid") == "true"
    assert np.array_equal(shown.output(), before)
    shown.cell(1, 2).focus()
    assert shown.cell(1, 1).input_value() == "−1", "what it was"
    shown.cell(1, 2).fill("1")
    assert shown.status() == ""
    assert shown.window.wrong == []


def test_what_cannot_be_computed_is_said_in_the_librarys_words(show):
    shown = show(PLAYGROUND)
    shown.choose("Padding", "same")
    shown.choose("Stride", "2")
    assert shown.status() == "padding ('same') needs stride 1, but stride is 2: use an integer"
    assert shown.live.get_by_label("Stride").input_value() == "1"
    assert shown.output().shape == (60, 60)


def test_the_state_is_in_the_address_and_comes_back(show):
    shown = show(PLAYGROUND)
    shown.choose("Input", "garment")
    shown.choose("Kernel", "laplacian")
    shown.choose("Dilation", "3")
    shown.page.wait_for_url("**/convolution.html#fig-playground?*dilation=3*")
    link = shown.link()
    assert shown.page.url.endswith(link)
    again = show(PLAYGROUND, link)
    assert again.state() == {"picture": "garment", "kernel": "laplacian", "dilation": "3"}
    assert np.array_equal(again.output(), shown.output())
    assert again.place.evaluate("figure => figure.getBoundingClientRect().top") < 200


def test_ordinary_anchors_go_on_working(show):
    shown = show(PLAYGROUND, "#at-the-border")
    assert shown.page.url.endswith("#at-the-border")
    shown.page.evaluate("location.hash = '#summary'")
    shown.settle()
    assert shown.state() == {}
    assert shown.window.wrong == []


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("kernel=", "“” is not a number"),
        ("kernel=1,2;3", "not equally long"),
        ("kernel=1,2,3,4,5,6,7,8", "at most 7 rows and columns"),
        ("stride=0", "“0” is not a whole number from 1 to 4"),
        ("stride=2&padding=same", "needs stride 1"),
        ("picture=own", "cannot carry a picture of your own"),
        ("drawing=abc", "is no drawing of 28 × 28 pixels"),
        ("pixel=x", "is no place"),
        ("colour=red", "has no “colour”"),
        ("kernel=%FF", "is not a number"),
    ],
)
def test_a_wild_address_is_answered_with_words(show, query, words):
    shown = show(PLAYGROUND, f"#fig-playground?{query}")
    assert words in shown.status()
    assert shown.output().size > 0
    assert shown.window.wrong == []


@pytest.mark.parametrize("figure", ALL)
def test_situations_in_the_text_set_the_figure(show, figure):
    shown = show(figure)
    links = shown.page.locator(f"a.reference[href^='#{shown.name}?']").all()
    assert links
    for link in links:
        link.click()
        assert shown.status() == ""
        assert shown.state() != {}
        focused = "document.activeElement.closest('figure')?.id"
        assert shown.page.evaluate(focused) == shown.name


def test_a_drawing_is_made_by_mouse_and_by_keys(show):
    shown = show(PLAYGROUND, "#fig-playground?picture=drawing")
    shown.live.get_by_role("button", name="Clear").click()
    picture = shown.live.locator(".figure-area-input [role=application]")
    box = picture.bounding_box()
    at = lambda row, column: (  # noqa: E731
        box["x"] + (column + 0.5) / 28 * box["width"],
        box["y"] + (row + 0.5) / 28 * box["height"],
    )
    shown.page.mouse.move(*at(5, 5))
    shown.page.mouse.down()
    shown.page.mouse.move(*at(5, 15))
    shown.page.mouse.up()
    shown.page.mouse.move(*at(20, 20))
    wanted = np.zeros((28, 28))
    wanted[5:7, 5:17] = 1
    found = shown.result("image.data")
    assert np.array_equal(np.array(found).reshape(28, 28), wanted)
    picture.focus()
    shown.page.keyboard.press("ArrowUp")
    shown.page.keyboard.press("Space")
    wanted[4, 15] = 1
    found = shown.result("image.data")
    assert np.array_equal(np.array(found).reshape(28, 28), wanted)
    again = show(PLAYGROUND, shown.link())
    found = again.result("image.data")
    assert np.array_equal(np.array(found).reshape(28, 28), wanted)


def picture_file(height, width, kind="jpeg"):
    made = io.BytesIO()
    Image.new("L", (width, height), 51).save(made, kind)
    return {"name": f"picture.{kind}", "mimeType": f"image/{kind}", "buffer": made.getvalue()}


def test_a_photograph_of_twenty_megapixels_is_taken(show):
    shown = show(PLAYGROUND)
    shown.choose("Kernel", "identity")
    with shown.page.expect_file_chooser() as chooser:
        shown.live.get_by_role("button", name="Open a picture").click()
    chooser.value.set_files(picture_file(4000, 5000))
    shown.page.wait_for_function(
        "() => document.querySelector('#fig-playground > :first-child').state.picture === 'own'"
    )
    assert shown.output() == pytest.approx(np.full((58, 58), 0.2), abs=1e-9)
    assert shown.window.wrong == []


def test_what_is_no_picture_is_refused_with_words(show):
    shown = show(PLAYGROUND)
    with shown.page.expect_file_chooser() as chooser:
        shown.live.get_by_role("button", name="Open a picture").click()
    chooser.value.set_files({"name": "a.png", "mimeType": "image/png", "buffer": b"no picture"})
    shown.live.get_by_text("“a.png” is no picture").wait_for()
    assert shown.state() == {}


def test_without_a_camera_there_are_words(show):
    shown = show(PLAYGROUND)
    shown.live.get_by_role("button", name="Camera").click()
    shown.live.get_by_text("There is no camera to be had").wait_for()
    assert shown.state() == {}


# A camera that sees nothing but white.
CAMERA = """() => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 64, height: 48 });
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff";
  setInterval(() => context.fillRect(0, 0, 64, 48), 20);
  globalThis.stream = canvas.captureStream(30);
  navigator.mediaDevices.getUserMedia = async () => stream;
}"""
ENDED = "() => stream.getTracks().every((track) => track.readyState === 'ended')"


@pytest.mark.parametrize("leave", ["out of sight", "another input", "its button"])
def test_the_camera_is_let_go(show, leave):
    shown = show(PLAYGROUND, "#fig-playground?kernel=identity")
    shown.page.evaluate(CAMERA)
    shown.live.get_by_role("button", name="Camera").click()
    stop = shown.live.get_by_role("button", name="Stop the camera")
    stop.wait_for()
    white = "() => document.querySelector('#fig-playground > *').result.output.data[0] > 0.999"
    shown.page.wait_for_function(white)
    if leave == "out of sight":
        shown.page.evaluate("scrollTo(0, 0)")
    elif leave == "another input":
        shown.choose("Input", "digit")
    else:
        stop.click()
    shown.page.wait_for_function(ENDED)
    assert shown.state().get("picture") == {"another input": "digit"}.get(leave, "own")
    assert shown.window.wrong == []


def test_a_finger_chooses_a_pixel(show):
    options = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    shown = show(PLAYGROUND, **options)
    target = shown.live.locator(".figure-area-output canvas")
    target.scroll_into_view_if_needed()
    target.tap(position={"x": 1, "y": 1}, force=True)
    shown.settle()
    assert shown.live.locator(".figure-readout").inner_text().startswith("Output pixel [0, 0]:")
    assert shown.state() == {"pixel": "0,0"}


def measured(code, channels, size):
    """Run the code that the calculator gives; return the output's shape and the parameters."""
    names = {}
    exec(code, names)
    stack = names["stack"].eval()
    with torch.no_grad():
        shape = tuple(stack(torch.zeros(1, channels, size, size)).shape[1:])
    return shape, sum(p.numel() for p in stack.parameters())


STACKS = [
    "",
    "layers=conv:8:3:2:1:1;conv:8:3:2:1:1;average:3:1:1&channels=3&size=33",
    "layers=conv:4:5:1:0:2;max:3:2:1:1;conv:6:1:1:0:1&size=40",
    "layers=max:2:1:1:2&size=9&channels=5",
    "layers=&size=7",
]


@pytest.mark.parametrize("query", STACKS)
def test_the_calculators_code_makes_what_it_says(show, query):
    shown = show(CALCULATOR, f"#fig-shape-calculator?{query}" if query else "")
    code = shown.live.locator("pre code").inner_text()
    words = shown.live.get_by_text(re.compile("^In all")).inner_text()
    channels, size, *_ = numbers = [int(n) for n in re.findall(r"\d+", words.replace(",", ""))]
    shape, parameters = measured(code, channels, size)
    assert numbers[3:6] == list(shape)
    assert numbers[6] == parameters
    assert shown.status() == ""


def test_layers_are_added_moved_changed_and_removed_by_keys(show):
    shown = show(CALCULATOR)
    press = shown.page.keyboard.press
    shown.live.get_by_role("button", name="Add a convolution").focus()
    press("Enter")
    focused = shown.page.evaluate("document.activeElement.ariaLabel")
    assert focused == "Layer 5, out_channels"
    press("ArrowUp")
    shown.live.get_by_role("button", name="Move layer 5 up").focus()
    press("Enter")
    shown.live.get_by_role("button", name="Remove layer 1", exact=True).focus()
    press("Enter")
    assert shown.status() == "Layer 1 is removed."
    assert shown.state()["layers"] == "max:2:2:0:1;conv:32:3:1:1:1;conv:17:3:1:1:1;max:2:2:0:1"
    for _ in range(4):
        shown.live.get_by_role("button", name="Remove layer 1", exact=True).click()
    assert shown.state()["layers"] == ""
    assert shown.live.locator("pre code").inner_text() == (
        "from torch import nn\n\nstack = nn.Sequential(\n)\n"
    )


def test_the_receptive_field_is_that_of_the_gradient(show):
    shown = show(CALCULATOR, "#fig-shape-calculator?pixel=2,5")
    names = {}
    exec(shown.live.locator("pre code").inner_text(), names)
    image = torch.zeros(1, 1, 28, 28, requires_grad=True)
    for module in names["stack"]:
        if isinstance(module, torch.nn.Conv2d):
            torch.nn.init.ones_(module.weight)
    stack = [
        torch.nn.AvgPool2d(2) if isinstance(m, torch.nn.MaxPool2d) else m for m in names["stack"]
    ]
    torch.nn.Sequential(*stack)(image)[0, :, 2, 5].sum().backward()
    rows, columns = (image.grad[0, 0].abs().sum(axis).nonzero().ravel() for axis in (1, 0))
    words = shown.live.get_by_text(re.compile("^Pixel")).inner_text()
    assert f"rows {rows[0]} to {rows[-1]}, columns {columns[0]} to {columns[-1]}." in words


@pytest.mark.parametrize("text", ["0", "x", "2.5", "-3", "100000"])
def test_a_wild_number_of_a_layer_is_refused(show, text):
    shown = show(CALCULATOR)
    field = shown.live.get_by_label("Layer 1, kernel_size")
    field.fill(text)
    assert "is not a whole number from 1 to 64" in shown.status()
    field.fill("31")
    assert "Layer 1: kernel_size (31) exceeds the padded input size (30)" in shown.status()
    assert shown.state() == {}
    assert shown.window.wrong == []


def test_a_link_of_two_figures_sets_both_and_changes_of_one_keep_the_other(show):
    query = "#fig-playground?stride=2/fig-elsewhere?a=b"
    shown = show(PLAYGROUND, query)
    assert shown.state() == {"stride": "2"}
    shown.choose("Stride", "3")
    shown.page.wait_for_url("**#fig-playground?stride=3/fig-elsewhere?a=b")


def test_a_figure_out_of_sight_does_nothing(show):
    shown = show(PLAYGROUND)
    shown.page.evaluate("scrollTo(0, 0)")
    counted = """async () => {
      let drawn = 0;
      const figure = document.querySelector("#fig-playground > :first-child");
      const put = CanvasRenderingContext2D.prototype.putImageData;
      CanvasRenderingContext2D.prototype.putImageData = function (...given) {
        if (figure.contains(this.canvas)) drawn += 1; // others may have come near
        return put.apply(this, given);
      };
      const away = new Promise((gone) => new IntersectionObserver(
        ([entry]) => entry.isIntersecting || gone(), { rootMargin: "200px" }).observe(figure));
      await away;
      figure.set({ stride: 2 });
      await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
      return drawn;
    }"""
    assert shown.page.evaluate(counted) == 0
    shown.place.scroll_into_view_if_needed()
    assert shown.output().shape == (29, 29)


def test_figures_are_light(site):
    scripts = list((site / "_static" / "figures").glob("*.js"))
    assert scripts
    for script in scripts:
        assert len(gzip.compress(script.read_bytes())) < 30_000, script.name


@pytest.mark.parametrize(("argument", "status"), [("--help", 0), ("--rounds", 2)])
def test_the_benchmark_measures_only_where_nothing_else_is_asked(argument, status, capsys):
    with pytest.raises(SystemExit) as ended:
        benchmark.main([argument])
    assert ended.value.code == status
    assert "usage: python -m benchmarks.figures [-h]" in "".join(capsys.readouterr())
