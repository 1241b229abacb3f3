"""The site by keyboard alone: a button that is used keeps the focus, and says what it has done."""

import re

import pytest

FOCUS = """() => {
  const element = document.activeElement;
  return element.getAttribute("aria-label") || element.title || element.textContent.trim();
}"""
LAPTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def open_page(visit, address):
    def open_page(name, **options):
        page = visit(waiting=True, reduced_motion="reduce", **options).page
        page.goto(f"{address}book/{name}.html")
        return page

    return open_page


def press_on(page, selector, *keys):
    page.locator(selector).first.focus()
    for key in keys:
        page.keyboard.press(key)


def test_who_copies_stays_where_they_are(open_page):
    page = open_page("convolution", viewport=LAPTOP)
    press_on(page, "button.copybtn", "Enter")
    assert page.evaluate("document.activeElement.className").startswith("copybtn")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('article') !== null")


def test_every_tab_leads_somewhere_also_into_blocks_that_are_not_laid_out(open_page):
    page = open_page("convolutional-layers", viewport=LAPTOP)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # past the contents
    for number in range(60):
        page.keyboard.press("Tab")
        page.evaluate(
            "new Promise(requestAnimationFrame).then(() => new Promise(requestAnimationFrame))"
        )
        assert page.evaluate("document.activeElement !== document.body"), number


def test_modes_are_gone_through_and_told(open_page):
    page = open_page("index", viewport=LAPTOP, color_scheme="light")
    names = []
    press_on(page, ".theme-switch-button")
    for _ in range(4):
        names.append(page.evaluate(FOCUS))
        page.keyboard.press("Enter")
    assert names[0] == names[3] == "Color mode: auto"
    assert sorted(names[:3]) == ["Color mode: auto", "Color mode: dark", "Color mode: light"]


def test_an_explanation_goes_with_escape(open_page):
    page = open_page("index", viewport=LAPTOP)
    page.locator(".theme-switch-button").focus()
    page.locator(".tooltip").wait_for()
    page.keyboard.press("Escape")
    page.locator(".tooltip").wait_for(state="detached")
    assert page.evaluate(FOCUS).startswith("Color mode")


def test_the_menu_says_whether_it_is_there(open_page):
    page = open_page("index", viewport=LAPTOP)
    toggle = page.locator(".primary-toggle")
    toggle.focus()
    for shown in ("false", "true"):
        page.keyboard.press("Enter")
        page.wait_for_function(
            """(shown) => document.activeElement.matches(".primary-toggle")
                 && document.activeElement.ariaExpanded === shown""",
            arg=shown,
        )
        assert page.locator(".bd-sidebar-primary").is_visible() == (shown == "true")


@pytest.mark.parametrize(
    ("button", "dialog", "name"),
    [
        (".primary-toggle", "#pst-primary-sidebar-modal", "Menu"),
        (".secondary-toggle", "#pst-secondary-sidebar-modal", "Contents"),
        (".search-button", ".search-dialog", "Search"),
    ],
)
def test_a_dialog_gives_the_focus_back(open_page, button, dialog, name):
    page = open_page("convolution", viewport=PHONE)
    visible = page.locator(f"{button}:visible").first
    visible.focus()
    page.keyboard.press("Enter")
    page.get_by_role("dialog", name=name).wait_for()
    assert page.evaluate(f"document.activeElement.closest({dialog!r}) !== null")
    page.keyboard.press("Escape")
    page.wait_for_function(f"() => document.activeElement.matches({button!r})")


def test_hints_and_outputs_show_their_outline_inside(open_page):
    page = open_page("exercises", viewport=LAPTOP)
    for selector in ("summary.sd-summary-title", "div.cell_output pre"):
        element = page.locator(selector).first
        element.evaluate("e => { e.tabIndex = 0; e.focus({ focusVisible: true }); }")
        style = element.evaluate(
            "e => [getComputedStyle(e).outlineStyle, getComputedStyle(e).outlineOffset]"
        )
        assert style == ["solid", "-3px"], selector


@pytest.mark.parametrize("name", ["convolution", "fourier", "pytorch-layers", "exercises"])
def test_names_of_elements_are_their_own(open_page, name):
    page = open_page(name, viewport=LAPTOP)
    for figure in page.locator("figure.interactive").all():
        figure.scroll_into_view_if_needed()
        figure.locator(".figure-live").wait_for()
    twice = page.evaluate(
        """() => {
             const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
             return ids.filter((id, n) => ids.indexOf(id) !== n);
           }"""
    )
    assert twice == []
    unnamed = page.evaluate(
        """() => [...document.querySelectorAll(".figure-live select")]
             .filter((select) => select.labels.length !== 1).map((select) => select.outerHTML)"""
    )
    assert unnamed == []


def test_a_layer_is_moved_again_by_the_same_key(open_page):
    page = open_page("pytorch-layers", viewport=LAPTOP)
    page.locator("shape-calculator").scroll_into_view_if_needed()
    layers = page.locator("shape-calculator .figure-layers > li")
    layers.first.wait_for()
    count = layers.count()
    assert count > 2
    page.get_by_role("button", name="Move layer 1 down").focus()
    for n in range(2, count):
        page.keyboard.press("Enter")
        assert page.evaluate(FOCUS) == f"Move layer {n} down"
    page.keyboard.press("Enter")
    assert page.evaluate(FOCUS) == f"Move layer {count} up", "there is no further down"


def test_many_weights_need_not_be_gone_through(open_page):
    page = open_page("convolution", viewport=LAPTOP)
    figure = page.locator("fourier-view")
    figure.scroll_into_view_if_needed()
    skip = figure.get_by_role("button", name="Go past the weights")
    skip.focus()
    assert skip.bounding_box()["x"] >= 0, "seen when it has the focus"
    page.keyboard.press("Enter")
    assert not re.fullmatch(r"Row \d, column \d", page.evaluate(FOCUS))
    page.keyboard.press("Shift+Tab")
    assert page.evaluate(FOCUS) == "Row 9, column 9"
