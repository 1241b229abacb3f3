"""What readers have set: zoom, contrast, forced colours, motion, and where the keyboard is."""

import pytest

from cnnlib import palette, palette_dark

# 400 % on a screen of 1280 pixels. Tables, code and formulas may scroll by themselves.
ZOOMED = {"width": 320, "height": 640}

# What reaches beyond the page, without what lies in something that scrolls or is hidden.
TOO_WIDE = """() => {
  const beyond = (element) => element.getBoundingClientRect().right > innerWidth + 1;
  const scrolls = (element) => {
    for (let up = element; up && up !== document.body; up = up.parentElement) {
      if (getComputedStyle(up).overflowX !== "visible") return true;
    }
    return false;
  };
  const wide = (element) => element.checkVisibility() && beyond(element) && !scrolls(element);
  const found = [...document.querySelectorAll(".bd-article *")].filter(wide);
  const page = document.documentElement;
  if (page.scrollWidth > page.clientWidth) found.push(page);
  return found.map((element) => element.outerHTML.slice(0, 120));
}"""

# What can have the focus and shows no outline of 2 pixels, in a colour that differs from none.
UNMARKED = """() => {
  const kinds = "a[href], button, input, select, summary, video, [tabindex='0']";
  const found = [...document.querySelectorAll(kinds)].filter((element) => {
    if (!element.checkVisibility({ visibilityProperty: true })) return false;
    element.focus({ focusVisible: true, preventScroll: true });
    if (document.activeElement !== element) return false; // disabled
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    return outlineStyle === "none" || parseFloat(outlineWidth) < 2;
  });
  return found.map((element) => element.outerHTML.slice(0, 120));
}"""

UNFOLD = (
    """() => document.querySelectorAll("details").forEach((element) => { element.open = true; })"""
)

# The contrast of the outline with the page, as WCAG counts it.
CONTRAST_OF_FOCUS = """() => {
  const light = (text) => {
    const [r, g, b] = text.match(/[\\d.]+/g).slice(0, 3).map((n) => n / 255)
      .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const link = document.querySelector(".bd-article p a[href]");
  link.focus({ focusVisible: true });
  const [ring, ground] = [getComputedStyle(link), getComputedStyle(document.body)];
  const lights = [ring.outlineColor, ground.backgroundColor].map(light);
  const [dim, bright] = lights.sort((a, b) => a - b);
  return (bright + 0.05) / (dim + 0.05);
}"""


@pytest.fixture(scope="session")
def pages(site):
    return sorted(f"book/{path.name}" for path in (site / "book").glob("*.html"))


def test_pages_fit_at_400_percent_and_show_where_the_focus_is(visit, address, pages):
    window = visit(viewport=ZOOMED, reduced_motion="reduce")
    page, faults = window.page, {}
    for name in pages:
        page.goto(address + name, wait_until="load")
        page.evaluate(UNFOLD)
        wide, unmarked = page.evaluate(TOO_WIDE), page.evaluate(UNMARKED)
        moving = page.evaluate("document.getAnimations().length")
        if wide or unmarked or moving or window.wrong:
            faults[name] = wide, unmarked, moving, list(window.wrong)
            window.wrong.clear()
    assert faults == {}, faults


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_the_focus_stands_out(visit, address, mode):
    page = visit(color_scheme=mode).page
    page.goto(f"{address}book/convolution.html")
    assert page.evaluate(CONTRAST_OF_FOCUS) >= 3


STYLE = "(name) => getComputedStyle(document.body).getPropertyValue(name)"


@pytest.mark.parametrize(("mode", "ink"), [("light", "#000"), ("dark", "#fff")])
def test_more_contrast_is_given_to_who_asks(visit, address, mode, ink):
    page = visit(color_scheme=mode).page
    page.goto(f"{address}book/convolution.html")
    assert page.evaluate(STYLE, "--pst-color-text-base") != ink
    page.emulate_media(contrast="more")
    for name in ("text-base", "text-muted", "border"):
        assert page.evaluate(STYLE, f"--pst-color-{name}") == ink, name


def test_cells_keep_the_colours_that_say_their_value(visit, address):
    page = visit(viewport={"width": 1280, "height": 800}).page
    page.goto(f"{address}book/convolution.html")
    page.locator("#fig-playground").scroll_into_view_if_needed()
    cell = page.locator("#fig-playground .figure-grid input").first
    before = cell.evaluate("cell => getComputedStyle(cell).backgroundColor")
    page.emulate_media(forced_colors="active")
    assert cell.evaluate("cell => getComputedStyle(cell).backgroundColor") == before


def test_a_figure_in_use_follows_the_mode(visit, address):
    page = visit(viewport={"width": 1280, "height": 800}, color_scheme="light").page
    page.goto(f"{address}book/convolution.html")
    figure = page.locator("#fig-playground")
    figure.scroll_into_view_if_needed()
    strip = figure.locator(".figure-strip")
    strip.wait_for()

    def shows(colours):
        wanted = list(bytes.fromhex(colours.INPUT[1:]))
        page.wait_for_function(
            """wanted => document.querySelector("#fig-playground .figure-strip")
                 .style.background.includes(`rgb(${wanted.join(", ")})`)""",
            arg=wanted,
        )

    shows(palette)
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    shows(palette_dark)
