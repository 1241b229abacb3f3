"""Figures for dark pages: their colours, their pixels, and both versions on every page."""

import base64
import io
import re
import sys
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from bs4 import BeautifulSoup
from matplotlib.figure import Figure
from PIL import Image

from cnnlib import palette, palette_dark, plots

EXTENSIONS = Path(__file__).resolve().parents[1] / "book" / "_ext"
sys.path.insert(0, str(EXTENSIONS))

import figure_colours  # noqa: E402
import figure_drawing  # noqa: E402
import page_images  # noqa: E402

ROLES = ("INPUT", "KERNEL", "OUTPUT", "ACCENT")
PALETTES = pytest.mark.parametrize("colours", [palette, palette_dark], ids=["light", "dark"])


def mixed(ground, hue, share):
    """Return a colour laid over another, as a transparent one looks."""
    two = (np.array(mpl.colors.to_rgb(c)) for c in (ground, hue))
    below, above = two
    return mpl.colors.to_hex((1 - share) * below + share * above)


def test_contrast_is_that_of_wcag():
    assert figure_colours.contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert figure_colours.contrast("#767676", "#FFFFFF") == pytest.approx(4.54, abs=0.01)
    assert figure_colours.contrast("#123456", "#123456") == 1


def test_every_colour_has_a_partner():
    names = {name for name in vars(palette) if name.isupper()}
    assert names <= set(vars(palette_dark))
    assert len(figure_colours.partners()) == len(names) + 1, "and the style sheet's grid"


@PALETTES
def test_words_and_lines_stand_out(colours):
    def on_paper(name):
        return figure_colours.contrast(getattr(colours, name), colours.PAPER)

    assert {name: on_paper(name) for name in (*ROLES, "MUTED") if on_paper(name) < 3} == {}
    for name in (*(f"{role}_INK" for role in ROLES), "INK", "MUTED"):
        assert on_paper(name) >= 4.5, name
    for role in ROLES:
        hue = getattr(colours, role)
        tint = mixed(colours.PAPER, hue, 0.1)
        assert figure_colours.contrast(getattr(colours, f"{role}_INK"), tint) >= 4.5, role
        fullest = mixed(colours.PAPER, hue, 0.4)  # as in `plots.number_grid`
        assert figure_colours.contrast(colours.INK, fullest) >= 4.5, role


def test_roles_may_be_words_on_a_dark_page():
    for role in ROLES:
        hue = getattr(palette_dark, role)
        assert figure_colours.contrast(hue, palette_dark.PAPER) >= 4.5, role
    assert figure_colours.contrast(palette_dark.INK, palette_dark.MOST) >= 4.5


def test_the_dark_ground_is_the_pages(visit, address):
    page = visit(color_scheme="dark").page
    page.goto(f"{address}book/index.html")
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == "rgb({}, {}, {})".format(*bytes.fromhex(palette_dark.PAPER[1:]))


def test_colours_are_swapped_and_others_refused():
    drawn = '<svg width="1pt"><path style="fill: #0072b2; stroke: #FFFFFF"/></svg>'
    dark = figure_colours.darken_drawing(drawn)
    assert f"fill: {palette_dark.INPUT.lower()}" in dark
    assert f"stroke: {palette_dark.PAPER.lower()}" in dark
    assert f'<svg fill="{palette_dark.INK.lower()}"' in dark, "what has no colour is black"
    with pytest.raises(ValueError, match=r"#123456 has no partner .* give it one in cnnlib\."):
        figure_colours.darken_drawing('<svg><path style="fill: #123456"/></svg>')


def test_white_lines_on_pictures_stay_white():
    line = '<path style="fill: none; stroke: #ffffff"/>'
    drawn = f'<svg><g id="axes_1"><image/>{line}</g><g id="axes_2">{line}</g></svg>'
    on_picture, beside = figure_colours.darken_drawing(drawn).split('id="axes_2"')
    assert "stroke: #ffffff" in on_picture
    assert f"stroke: {palette_dark.PAPER.lower()}" in beside


def figure(values, size=(3, 2), **options):
    """Return the SVG of a figure with one picture."""
    with mpl.rc_context():
        plots.use_style()
        fig = Figure(figsize=size)
        plots.image(fig.subplots(), values, **options)
        written = io.StringIO()
        fig.savefig(written, format="svg")
    return written.getvalue()


def pictures(svg):
    """Return the pixels in a drawing."""
    found = re.findall(r"data:image/webp;base64,([^\"]*)", svg)
    files = (io.BytesIO(base64.b64decode(text)) for text in found)
    return [np.array(Image.open(file).convert("RGB")) for file in files]


@pytest.mark.parametrize("shape", [(5, 7), (28, 28), (40, 60), (1, 2)])
@pytest.mark.parametrize("size", [(3, 2), (2.37, 1.91)])
def test_a_picture_gets_its_own_pixels_back(shape, size):
    values = np.random.default_rng(0).integers(0, 256, shape) / 255
    light, dark = figure_drawing.light_and_dark(figure(values, size))
    assert light.count("image-rendering: pixelated") == 1
    for drawing in (light, dark):
        (found,) = pictures(drawing)
        # Matplotlib writes the last row first, and rounds grays to its map of 256.
        np.testing.assert_allclose(found[::-1, :, 0], 255 * values, atol=1.01)


def test_a_photograph_stays_smooth():
    values = np.random.default_rng(0).random((400, 400))
    light, dark = figure_drawing.light_and_dark(figure(values))
    assert "pixelated" not in light + dark
    assert pictures(light)[0].shape[0] < 200, "as many pixels as were drawn"


def test_signed_values_have_the_dark_ground_at_zero():
    values = np.array([[-1.0, 0, 1], [0, 0.5, 0]])
    (found,) = pictures(figure_drawing.light_and_dark(figure(values, signed=True))[1])
    hues = [palette_dark.INPUT, palette_dark.PAPER, palette_dark.KERNEL]
    expected = np.array([mpl.colors.to_rgb(hue) for hue in hues]) * 255
    np.testing.assert_allclose(found[1], expected, atol=2)
    between = (expected[1] + expected[2]) / 2
    np.testing.assert_allclose(found[0, 1], between, atol=2)


def test_shares_begin_at_the_dark_ground():
    light = figure_colours.maps()["shares"][0]
    dark = figure_colours.darken_picture(light[None])[0]
    ends = [mpl.colors.to_rgb(hue) for hue in (palette_dark.PAPER, palette_dark.MOST)]
    np.testing.assert_allclose(dark[[0, -1]], np.array(ends) * 255, atol=1)


def test_gray_pictures_are_left_as_they_are():
    gray = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2)
    assert figure_colours.darken_picture(gray) is gray


def test_drawings_are_the_same_in_every_build(tmp_path):
    svg = figure(np.eye(3))
    later = re.sub(r"<dc:date>.*?</dc:date>", "<dc:date>2001-01-01</dc:date>", svg)
    assert later != svg
    names = page_images.write_modes(tmp_path, svg)
    assert page_images.write_modes(tmp_path, later) == names
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)


def test_a_drawing_says_its_size_in_points():
    assert figure_drawing.size('<svg x="" width="72pt" height="36.4pt">') == (96, 49)
    with pytest.raises(ValueError, match="no width and height in points: draw it with Matplotlib"):
        figure_drawing.size('<svg width="72px">')


def test_drawings_that_no_page_shows_go(tmp_path):
    names = [f"{'0123456789abcde'}{n}-{mode}.svg" for n in (0, 1) for mode in ("light", "dark")]
    names.append("0" * 64 + ".png")
    for name in (*names, "photograph.svg"):
        (tmp_path / name).write_text("<svg/>")
    (tmp_path / "page.html").write_text("".join(f'<img src="{name}">' for name in names[:2]))
    page_images.remove_unshown(tmp_path)
    kept = {path.name for path in tmp_path.iterdir()}
    assert kept == {*names[:2], "photograph.svg", "page.html"}


def test_both_versions_say_the_same():
    html = page_images.in_both_modes(("a", "b"), (3, 2), 'a "word"', "figure-still")
    light, dark = BeautifulSoup(html, "html.parser").find_all("img")
    assert (light["src"], dark["src"]) == ("a", "b")
    assert light["class"] == ["figure-still", "only-light"]
    assert {light["alt"], dark["alt"]} == {'a "word"'}


def test_where_pictures_are_small_the_browser_may_choose(tmp_path):
    Image.new("RGB", (20, 10), "red").save(tmp_path / "film.webp")
    name = page_images.write_small(tmp_path / "film.webp", tmp_path / "new")
    with Image.open(tmp_path / "new" / name) as small:
        assert small.size == (10, 5)
    assert [path.name for path in (tmp_path / "new").iterdir()] == [name]
    html = page_images.in_both_modes(("a", "b"), (20, 10), "a film", small=("c", "d"))
    light, dark = BeautifulSoup(html, "html.parser").find_all("img")
    assert (light["srcset"], dark["srcset"]) == ("c 10w, a 20w", "d 10w, b 20w")


def test_a_colour_without_partner_fails_the_build(book):
    book.edit(
        "book/page.md",
        'print("size"',
        "from matplotlib import pyplot as plt\n\nfrom cnnlib import plots\n\nplots.use_style()\n"
        'plt.plot([1, 2], color="#123456")\nprint("size"',
    )
    result = book.build()
    assert result.returncode == 1
    assert "the colour #123456 has no partner for dark pages" in result.stdout + result.stderr


@pytest.fixture(scope="session")
def images(site):
    """Return the pictures of each page."""
    pages = sorted((site / "book").glob("*.html"))
    return {page: BeautifulSoup(page.read_text("utf-8"), "html.parser")("img") for page in pages}


def test_every_picture_keeps_its_place_and_waits(images):
    for page, found in images.items():
        for image in found:
            assert int(image["width"]) > 0, (page, image)
            assert int(image["height"]) > 0, (page, image)
            assert (image["loading"], image["decoding"]) == ("lazy", "async"), (page, image)
            assert image["alt"], (page, image)


def test_every_figure_is_there_for_both_modes(images):
    drawings = 0
    for page, found in images.items():
        light, dark = ([i for i in found if f"only-{m}" in i["class"]] for m in ("light", "dark"))
        shared = ("alt", "width", "height")
        assert [[i[s] for s in shared] for i in light] == [[i[s] for s in shared] for i in dark]
        for image in (*light, *dark):
            if "animation-still" in image["class"]:
                continue
            svg = (page.parent / image["src"]).read_text("utf-8")
            assert figure_drawing.size(svg) == (int(image["width"]), int(image["height"]))
        assert [i["src"] for i in found if i not in light + dark and i["src"].endswith("svg")] == []
        drawings += len(light)
    assert drawings > 50


def test_dark_figures_lie_on_the_page_without_a_sheet(visit, address):
    page = visit(color_scheme="dark").page
    page.goto(f"{address}book/fourier.html")
    dark = page.locator(".cell_output img.only-dark").first
    style = "image => { const s = getComputedStyle(image); return [s.padding, s.filter]; }"
    assert dark.evaluate(style) == ["0px", "none"]


def test_a_page_loads_and_tells_only_what_it_shows(visit, address):
    window = visit(color_scheme="dark")
    page = window.page
    page.goto(f"{address}book/fourier.html")
    dark = page.locator("figure:has(.figure-modes) img.only-dark").first
    dark.scroll_into_view_if_needed()
    page.wait_for_load_state("networkidle")
    assert [url for url in window.requests if url.endswith("-dark.svg")]
    assert [url for url in window.requests if url.endswith("-light.svg")] == []
    assert page.get_by_role("img", name=dark.get_attribute("alt"), exact=True).count() == 1
    page.emulate_media(media="print")
    assert not dark.is_visible()
    assert page.locator("figure:has(.figure-modes) img.only-light").first.is_visible()
