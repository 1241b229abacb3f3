"""The figure trained-network: PyTorch's numbers in the page, and what a reader does with it."""

import gzip
import json
import re

import numpy as np
import pytest
import torch
from browser import axe_violations
from test_figures import SMALL, Shown, picture_file, show  # noqa: F401 (a fixture)

from cnnlib import archive, fashion_mnist, shapes

PAGE = "inside-the-network"
NAME = "fig-trained-network"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}

ANSWERED = f"""() => {{
  const figure = document.querySelector("#{NAME} > :first-child");
  return figure.answer && !figure.asking && figure.asked === figure.result.image;
}}"""

# Set fields to texts as in the address, and return the picture, and what the network makes of it.
ASK = """async (figure, texts) => {
  const { fields } = figure.constructor;
  const values = Object.entries(texts).map(([key, text]) => [key, fields[key].read(text)]);
  figure.set({ ...figure.start, ...Object.fromEntries(values) });
  const { image } = figure.result;
  const names = ["probabilities", "layer_0", "layer_2", "layer_3", "layer_5"];
  const found = await figure.network.run([image], names);
  const numbers = names.map((name) => [name, [...found[name]]]);
  return { image: [...image.data], ...Object.fromEntries(numbers) };
}"""


class Live(Shown):
    """The figure in an open page."""

    def load(self):
        self.live.get_by_role("button", name="Load the network").click()
        self.live.get_by_text("The network says:").wait_for()
        self.answered()  # and has been shown: nothing moves below the pointer any more
        return self

    def answered(self):
        """Wait until the network has answered for what is shown."""
        self.settle()
        self.page.wait_for_function(ANSWERED)
        self.settle()

    def ask(self, **texts):
        return {key: np.array(all_) for key, all_ in self.element.evaluate(ASK, texts).items()}

    def shares(self):
        """Return the ten numbers beside the bars."""
        self.answered()
        texts = self.live.locator(".figure-share").all_inner_texts()
        return [float(text.removesuffix(" %")) / 100 for text in texts]

    def picture(self, area):
        return self.live.locator(f".figure-area-{area} .figure-picture")

    def box(self, area):
        """Return where a picture is on the screen."""
        self.picture(area).scroll_into_view_if_needed()
        self.settle()
        return self.picture(area).bounding_box()

    def frames(self, area):
        """Return the frames on a picture: their role, row, column, height and width."""
        self.settle()
        read = """rects => rects.map((rect) => [rect.classList[1].slice(7),
          ...["y", "x", "height", "width"].map((key) => Number(rect.getAttribute(key)))])"""
        return self.picture(area).locator("rect").evaluate_all(read)

    def readout(self):
        self.settle()
        return self.live.locator(".figure-all-maps .figure-readout").inner_text()


@pytest.fixture
def live(show):  # noqa: F811
    def open_figure(fragment="", **options):
        return Live(show((PAGE, NAME), fragment, **options).window, NAME)

    return open_figure


@pytest.fixture
def module(root, monkeypatch):
    """Return the figure's Python module."""
    monkeypatch.syspath_prepend(root)
    from book._figures import trained_network

    return trained_network


@pytest.fixture(scope="session")
def network():
    return archive.load_network("fashion-mnist/cnn-small")


def outputs(network, image):
    """Return what each layer makes of an image, and the probabilities, flat."""
    found, x = {}, network.standardise(torch.tensor(image, dtype=torch.float32)[None, None])
    with torch.no_grad():
        for index, layer in enumerate(network.layers):
            x = layer(x)
            found[f"layer_{index}"] = x.flatten().numpy()
    return found | {"probabilities": x.softmax(1)[0].numpy()}


SITUATIONS = [
    {},
    *({"picture": name} for name in ("shirt", "coat", "bag", "sandal", "sneaker", "ankle-boot")),
    {"right": "4"},
    {"down": "-7", "right": "3", "picture": "bag"},
    *({"turn": str(turn)} for turn in (90, -45, 180, 17)),
    {"invert": "on", "turn": "30", "right": "-5", "picture": "sneaker"},
    {"cover": "on", "square": "9", "at": "3,25"},
    {"cover": "on", "square": "3", "at": "27,0", "turn": "-90", "picture": "coat"},
]


def test_the_page_computes_what_pytorch_computes(live, module, network):
    shown = live().load()
    for state in SITUATIONS:
        found = shown.ask(**state)
        image = module.input_of(module.INITIAL | state)
        assert found["image"] == pytest.approx(image.ravel(), abs=1e-9), state
        wanted = outputs(network, image)
        for name in ("layer_0", "layer_2", "layer_3", "layer_5"):
            np.testing.assert_allclose(found[name], wanted[name], atol=1e-4, err_msg=str(state))
        np.testing.assert_allclose(found["probabilities"], wanted["probabilities"], atol=1e-4)
    assert shown.window.wrong == []


def test_nothing_is_loaded_before_a_reader_asks(live, site, address):
    shown = live()
    words = shown.live.inner_text()
    assert not [url for url in shown.window.requests if "onnx" in url]
    assert shown.live.locator(".figure-bars").is_hidden()
    script = (site / "_static/figures/trained-network.js").read_bytes()
    assert len(gzip.compress(script)) < 30_000
    shown.load()
    loaded = {url.rsplit("/")[-1] for url in shown.window.requests if "onnx" in url}
    assert {name.rpartition(".")[2] for name in loaded} == {"mjs", "wasm", "onnx"}
    size = sum((site / "_static/figures" / name).stat().st_size for name in loaded)
    assert f"Load the network ({size / 1e6:.1f} MB)" in words
    assert shown.window.strangers(address) == []
    assert shown.window.wrong == []


def test_only_the_page_with_the_figure_has_its_script(site):
    having = [
        p.stem for p in (site / "book").glob("*.html") if "trained-network.js" in p.read_text()
    ]
    assert having == [PAGE]
    notebook = json.loads((site / "book" / f"{PAGE}.ipynb").read_text())
    text = "".join("".join(cell["source"]) for cell in notebook["cells"])
    assert "On the site, this is a figure to take hold of." in text


def test_the_bars_show_the_probabilities(live, module, network):
    shown = live().load()
    wanted = outputs(network, module.input_of(module.INITIAL))["probabilities"]
    assert shown.shares() == pytest.approx(wanted, abs=6e-4)
    best = int(wanted.argmax())
    said = shown.live.get_by_text("The network says:").inner_text()
    assert said == f"The network says: {fashion_mnist.CLASSES[best]}, {100 * wanted[best]:.1f} %."
    assert shown.live.locator(".figure-most").inner_text().startswith(fashion_mnist.CLASSES[best])


def test_a_shift_by_mouse_keys_and_slider(live, module, network):
    shown = live().load()
    box = shown.box("input")
    pixel = box["width"] / 28
    shown.page.mouse.move(box["x"] + 10.5 * pixel, box["y"] + 10.5 * pixel)
    shown.page.mouse.down()
    shown.page.mouse.move(box["x"] + 13.5 * pixel, box["y"] + 8.5 * pixel)
    shown.page.mouse.up()
    assert shown.state() == {"right": "3", "down": "-2"}
    shown.picture("input").focus()
    for key in ("ArrowRight", "ArrowDown", "ArrowDown"):
        shown.page.keyboard.press(key)
    assert shown.state() == {"right": "4"}
    shown.live.get_by_label("Turn (degrees)").press("ArrowRight")
    state = {"right": "4", "turn": "1"}
    assert shown.state() == state
    wanted = outputs(network, module.input_of(module.INITIAL | state))["probabilities"]
    assert shown.shares() == pytest.approx(wanted, abs=6e-4)


def windows(layer, stage):
    """Return what an output of a layer slides over, as the lecture writes it."""
    convolution, pooling = shapes.Window(3, padding=1), shapes.Window(2, stride=2)
    slid = [convolution, pooling] * layer
    return slid if stage == "pooled" else slid[:-1]


@pytest.mark.parametrize("stage", ["pooled", "convolved"])
@pytest.mark.parametrize(("layer", "place"), [(1, (5, 9)), (2, (3, 4)), (2, (0, 6))])
def test_a_number_on_a_map_shows_its_receptive_field(live, network, module, stage, layer, place):
    row, column = place
    shown = live(f"#{NAME}?unit={layer},21,{row},{column}&stage={stage}").load()
    field = shapes.receptive_field(windows(layer, stage))
    top, left = (field.start + field.jump * place for place in place)
    assert ["kernel", top, left, field.size, field.size] in shown.frames("input")
    name, size = {
        (1, "pooled"): ("layer_2", 14),
        (1, "convolved"): ("layer_0", 28),
        (2, "pooled"): ("layer_5", 7),
        (2, "convolved"): ("layer_3", 14),
    }[layer, stage]
    maps = outputs(network, module.input_of(module.INITIAL))[name].reshape(-1, size, size)
    said = shown.readout().replace("−", "-")
    kind = {"pooled": "pool", "convolved": "conv"}[stage]
    start = f"Map 21 of {kind} {layer}, row {row}, column {column}: "
    assert said.startswith(start)
    assert float(re.match(r"-?\d+(\.\d+)?", said[len(start) :])[0]) == pytest.approx(
        maps[21, row, column], abs=6e-4
    )
    assert f"is {np.abs(maps[21]).max():.3f}".rstrip("0") in said
    rows = f"rows {max(top, 0)} to {min(top + field.size, 28) - 1}"
    columns = f"columns {max(left, 0)} to {min(left + field.size, 28) - 1}"
    assert f"sees {rows} and {columns} of the input" in said
    assert ("and padding" in said) == (min(top, left) < 0 or max(top, left) + field.size > 28)
    read = [frame for frame in shown.frames("layer-1") if frame[0] == "tap"]
    assert len(read) == (32 if layer == 2 else 0)


def test_maps_are_chosen_on_by_mouse_and_keys(live):
    shown = live().load()
    atlas, box = shown.picture("layer-1"), shown.box("layer-1")
    pixel = box["width"] / (8 * 15 - 1)
    shown.page.mouse.move(box["x"] + (15 + 13.5) * pixel, box["y"] + (15 + 2.5) * pixel)
    assert shown.state() == {"unit": "1,9,2,13"}
    assert ["output", 17, 28, 1, 1] in shown.frames("layer-1")
    assert ["border", 15, 15, 14, 14] in shown.frames("layer-1")
    atlas.focus()
    for key, unit in {
        "ArrowRight": "1,10,2,0",  # over the gap
        "ArrowLeft": "1,9,2,13",
        "ArrowUp": "1,9,1,13",
        "PageDown": "1,10,1,13",
        "PageUp": "1,9,1,13",
    }.items():
        shown.page.keyboard.press(key)
        assert shown.state() == {"unit": unit}, key
    shown.picture("layer-2").focus()
    shown.page.keyboard.press("ArrowDown")
    assert shown.state() == {"unit": "2,0,1,0"}


def test_two_keys_within_a_frame_both_count(live):
    shown = live().load()
    shown.picture("layer-1").evaluate(
        """picture => {
          for (let n = 0; n < 2; n++) {
            picture.dispatchEvent(new KeyboardEvent("keydown", { key: "PageDown", bubbles: true }));
          }
        }"""
    )
    assert shown.state() == {"unit": "1,2,0,0"}


def test_the_maps_are_painted_as_they_are(live, module, network):
    shown = live(f"#{NAME}?picture=shirt").load()
    maps = outputs(network, module.input_of(module.INITIAL | {"picture": "shirt"}))["layer_2"]
    maps = maps.reshape(32, 14, 14)
    scaled = module.side_by_side(maps)
    gaps = np.isnan(scaled)
    painted = (
        shown.picture("layer-1")
        .locator("canvas")
        .evaluate(
            """canvas => Array.from(
          canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data)"""
        )
    )
    painted = np.array(painted).reshape(*scaled.shape, 4)
    assert np.all(painted[gaps] == 0), "nothing between the maps"
    assert np.all(painted[~gaps][:, 3] == 255)
    assert np.abs(painted[~gaps][:, 0] - 255 * scaled[~gaps]).max() <= 1


def test_the_occlusion_map_is_pytorchs(live, module, network):
    shown = live(f"#{NAME}?picture=sneaker&square=7&class=Ankle boot").load()
    shown.live.get_by_role("button", name="Slide the square").click()
    words = shown.live.get_by_text("The probability of Ankle boot")
    words.wait_for()
    image = module.input_of(module.INITIAL | {"picture": "sneaker"})
    covered = np.repeat(image[None], 28 * 28, axis=0)
    for n, one in enumerate(covered):
        row, column = divmod(n, 28)
        one[max(row - 3, 0) : row + 4, max(column - 3, 0) : column + 4] = 0
    with torch.no_grad():
        found = network(torch.tensor(covered, dtype=torch.float32)[:, None]).softmax(1)[:, 9]
        whole = network(torch.tensor(image, dtype=torch.float32)[None, None]).softmax(1)[0, 9]
    change = (found - whole).numpy()
    shown_map = shown.element.evaluate("figure => [...figure.slidMap.data]")
    assert shown_map == pytest.approx(change, abs=1e-4)
    fall = f"{-100 * change.min():.1f}"
    row, column = divmod(int(change.argmin()), 28)
    place = f"row {row}, column {column}"
    assert words.inner_text() == (
        f"The probability of Ankle boot falls most, by {fall} points, at {place}."
    )
    shown.live.get_by_label("Shift right", exact=True).press("ArrowRight")
    shown.answered()
    assert shown.picture("occlusion").is_hidden(), "it was of another picture"
    assert words.count() == 0


def test_the_square_follows_the_hand_and_the_keys(live):
    shown = live(f"#{NAME}?cover=on&square=5").load()
    box = shown.box("input")
    shown.page.mouse.click(box["x"] + 6.5 / 28 * box["width"], box["y"] + 20.5 / 28 * box["width"])
    assert shown.state() == {"cover": "on", "at": "20,6"}
    shown.picture("input").focus()
    shown.page.keyboard.press("ArrowUp")
    assert shown.state() == {"cover": "on", "at": "19,6"}
    assert ["border", 17, 4, 5, 5] in shown.frames("input")
    image = shown.ask(cover="on", at="19,6")["image"].reshape(28, 28)
    assert not image[17:22, 4:9].any()


def test_a_drawing_is_named_too(live, network):
    shown = live(f"#{NAME}?picture=drawing").load()
    wanted = outputs(network, np.zeros((28, 28)))["probabilities"]
    assert shown.shares() == pytest.approx(wanted, abs=6e-4)
    shown.picture("input").focus()
    for key in ("ArrowDown", "ArrowRight", "Space"):
        shown.page.keyboard.press(key)
    drawn = np.zeros((28, 28))
    drawn[1, 1] = 1
    assert shown.shares() == pytest.approx(outputs(network, drawn)["probabilities"], abs=6e-4)
    again = live(shown.link()).load()
    assert again.shares() == shown.shares()
    again.live.get_by_label("Shift right", exact=True).press("ArrowRight")
    box = again.box("input")
    again.page.mouse.click(box["x"] + 8.5 / 28 * box["width"], box["y"] + 3.5 / 28 * box["width"])
    image = np.array(again.result("image.data")).reshape(28, 28)
    assert image.sum() == 5, "a stroke is two pixels wide"
    assert image[3:5, 8:10].all(), "under the pointer, also on what is shifted"
    assert image[1, 2] == 1


def open_file(shown, file):
    with shown.page.expect_file_chooser() as chooser:
        shown.live.get_by_role("button", name="Open a picture").click()
    chooser.value.set_files(file)


def test_a_photograph_of_twenty_megapixels_becomes_an_input(live, network):
    shown = live().load()
    before = len(shown.window.requests)
    open_file(shown, picture_file(4000, 5000))
    shown.live.get_by_label("Invert").and_(shown.page.locator(":checked")).wait_for()
    gray = np.full((28, 28), 0.8)  # the picture's 51 of 255, inverted
    assert shown.shares() == pytest.approx(outputs(network, gray)["probabilities"], abs=6e-4)
    assert shown.state() == {"picture": "own", "invert": "on"}
    own = ("blob:", "data:")
    sent = [url for url in shown.window.requests[before:] if not url.startswith(own)]
    assert not [url for url in sent if "favicon" not in url], "nothing leaves the page"
    open_file(shown, {"name": "a.png", "mimeType": "image/png", "buffer": b"no picture"})
    shown.live.get_by_text("“a.png” is no picture").wait_for()
    assert shown.state() == {"picture": "own", "invert": "on"}


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("picture=own", "There is no picture of your own yet"),
        ("picture=cat", "“cat” is none of t-shirt, shirt"),
        ("turn=181", "“181” is not a whole number from -180 to 180"),
        ("unit=3,0,0,0", "“3,0,0,0” is no place on a map"),
        ("unit=1,32,0,0", "“1,32,0,0” is no place on a map"),
        ("unit=2,0,14,0", "“2,0,14,0” is no place on a map"),
        ("unit=2,0,-1,0", "“2,0,-1,0” is no place on a map"),
        ("at=28,0", "“28,0” is no place"),
        ("square=4", "“4” is none of 3, 5, 7"),
        ("class=Hat", "“Hat” is none of likeliest"),
    ],
)
def test_a_wild_address_is_answered_with_words(live, query, words):
    shown = live(f"#{NAME}?{query}")
    assert words in shown.status()
    assert shown.state() == {}
    assert shown.window.wrong == []


def test_a_place_beyond_a_pooled_map_is_brought_back(live):
    shown = live(f"#{NAME}?unit=2,5,13,13").load()
    assert shown.readout().startswith("Map 5 of pool 2, row 6, column 6:")


def test_the_state_is_in_the_address_and_comes_back(live):
    shown = live().load()
    shown.live.get_by_label("Picture", exact=True).select_option("sandal")
    shown.live.get_by_label("Shift down").press("ArrowLeft")
    shown.page.wait_for_url(f"**/{PAGE}.html#{NAME}?*down=-1*")
    shares = shown.shares()
    again = live(shown.link())
    assert again.state() == {"picture": "sandal", "down": "-1"}
    assert again.load().shares() == shares
    again.live.get_by_role("button", name="Start again").click()
    again.settle()
    assert again.state() == {}


def test_without_a_connection_there_are_words_and_another_try(live):
    shown = live()
    shown.window.context.set_offline(True)
    shown.live.get_by_role("button", name="Load the network").click()
    shown.live.get_by_text("The network could not be loaded").wait_for()
    shown.window.context.set_offline(False)
    shown.load()
    assert shown.status() == ""
    shown.window.context.set_offline(True)
    shown.live.get_by_label("Picture", exact=True).select_option("bag")
    assert max(shown.shares()) > 0.9, "what is loaded needs no connection"


def test_from_a_disk_the_figure_says_what_it_needs(live, site):
    shown = live(base=f"{site.as_uri()}/")
    assert "only where a server hands out the page" in shown.live.inner_text()
    assert shown.live.get_by_role("button", name="Load the network").count() == 0
    shown.live.get_by_label("Picture", exact=True).select_option("bag")
    assert shown.state() == {"picture": "bag"}
    assert shown.window.wrong == []


def test_a_finger_moves_the_square_and_chooses_a_number(live):
    shown = live(f"#{NAME}?cover=on", **PHONE).load()
    target = shown.picture("input")
    target.scroll_into_view_if_needed()
    target.tap(position={"x": 2, "y": 2})
    assert shown.state() == {"cover": "on", "at": "0,0"}
    target = shown.picture("layer-2")
    target.scroll_into_view_if_needed()
    target.tap(position={"x": 1, "y": 1})
    assert shown.state()["unit"] == "2,0,0,0"
    assert shown.element.evaluate(SMALL) == []


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing_while_it_is_used(live, mode, width):
    shown = live(viewport={"width": width, "height": 844}, color_scheme=mode)
    assert axe_violations(shown.page, within="trained-network") == []
    shown.load()
    shown.live.get_by_role("button", name="Slide the square").click()
    shown.live.get_by_text("The probability of").wait_for()
    assert axe_violations(shown.page, within="trained-network") == []
    too_wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert shown.page.evaluate(too_wide) == 0
    assert shown.window.wrong == []


def test_a_missing_runtime_fails_the_build_with_its_remedy(module, root, monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(root / "book" / "_ext")
    import figure_files
    from sphinx.errors import ExtensionError

    with pytest.raises(ExtensionError, match="which is not there: run `make env`"):
        figure_files.write_file(tmp_path / "x.wasm", tmp_path / "no-such.wasm")


def test_the_focus_goes_on_to_what_has_been_loaded(live):
    shown = live()
    shown.live.get_by_role("button", name="Load the network").focus()
    shown.page.keyboard.press("Enter")
    shown.page.keyboard.press("Enter")  # it is on its way: nothing is asked for twice
    shown.live.get_by_text("The network says:").wait_for()
    focused = shown.page.evaluate("document.activeElement.className")
    assert "figure-area-probabilities" in focused
    runtimes = [url for url in shown.window.requests if url.endswith(".wasm")]
    assert len(runtimes) == 1


def test_after_a_run_that_fails_the_network_is_asked_again(live):
    shown = live().load()
    shown.element.evaluate("""figure => {
      const { session } = figure.network;
      const { run } = session;
      session.run = () => { session.run = run; throw new Error("planted"); };
    }""")
    with shown.page.expect_event("pageerror"):
        shown.live.get_by_label("Invert").click()
    shown.live.get_by_label("Invert").click()
    shown.answered()
