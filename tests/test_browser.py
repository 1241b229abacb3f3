"""What the tests of the site rely on: axe finds what is planted, in whatever part of a page."""

from browser import axe_violations

# Where words are made pale, most of them among thousands of their kind.
PLACES = {
    "code": ".highlight pre .k",
    "a formula": ".katex-html .mord",
    "prose": ".bd-article p em",
    "a figure": "equivariance-explorer .figure-live label",
}

SPOIL = """(selector) => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`${selector} { color: rgb(210, 210, 210) !important; }`);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets.slice(0, 1), sheet];
}"""


def test_axe_finds_pale_words(visit, address):
    page = visit(color_scheme="light", reduced_motion="reduce").page
    page.goto(address + "book/convolutional-layers.html")
    page.locator("equivariance-explorer").scroll_into_view_if_needed()
    page.locator("equivariance-explorer .figure-live").wait_for()
    assert axe_violations(page) == []
    for place, selector in PLACES.items():
        page.evaluate(SPOIL, selector)
        found = axe_violations(page)
        assert [rule for rule, _ in found] == ["color-contrast"], place
        inside = axe_violations(page, within="figure.interactive")
        assert bool(inside) == (place == "a figure")
