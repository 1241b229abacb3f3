"""What the tests of the site rely on: axe finds what is planted, in whatever part of a page."""

import pytest
from browser import axe_violations

# Words that are made pale, most of them among thousands of their kind.
PLACES = {
    "code": ("convolutional-layers", ".highlight pre .k"),
    "a signature": ("api-convolution", "dl.py > dt .n"),
    "prose": ("convolutional-layers", ".bd-article p em"),
    "a figure": ("convolutional-layers", "equivariance-explorer label"),
}

SPOIL = """(selector) => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`${selector} { color: rgb(210, 210, 210) !important; }`);
  document.adoptedStyleSheets.push(sheet);
}"""


@pytest.mark.parametrize("place", PLACES)
def test_axe_finds_pale_words(visit, address, place):
    name, selector = PLACES[place]
    page = visit(color_scheme="light", reduced_motion="reduce").page
    page.goto(f"{address}book/{name}.html")
    page.evaluate(SPOIL, selector)
    if place == "a figure":
        page.locator("equivariance-explorer").scroll_into_view_if_needed()
        page.locator("equivariance-explorer .figure-live").wait_for()
        assert axe_violations(page, within="figure.interactive")
    else:
        assert axe_violations(page, within="footer") == []
    ((rule, said),) = axe_violations(page)
    assert rule == "color-contrast"
    assert said
