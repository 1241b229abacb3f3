"""What is far from the screen is not laid out: it is found and reached all the same."""

import re

import pytest

PHONE = {"width": 390, "height": 844}
PAGE = "book/convolution.html"

# The paragraphs that are not laid out, as far as an element in them can say it.
WAITING = """() => [...document.querySelectorAll(".bd-article section section > p > :first-child")]
  .filter((e) => !e.closest("details") && !e.checkVisibility({ contentVisibilityAuto: true }))
  .map((e) => e.parentElement)"""

# Where a figure stands, once nothing moves any more, and what in sight does not show itself.
ARRIVED = """async (id) => {
  const figure = document.getElementById(id);
  const top = () => figure.getBoundingClientRect().top;
  const frame = () => new Promise(requestAnimationFrame);
  let [still, last] = [0, NaN];
  while (still < 5) {
    await frame();
    still = top() === last ? still + 1 : 0;
    last = top();
  }
  return last;
}"""
MISSING = """() => {
  const inSight = (element) => {
    const { top, bottom, width } = element.getBoundingClientRect();
    return element.checkVisibility() && top < innerHeight && bottom > 0 && width > 0;
  };
  const images = [...document.images].filter((i) => !(i.complete && i.naturalWidth));
  const figures = [...document.querySelectorAll("figure.interactive > *")]
    .filter((e) => e.localName.includes("-") && !e.querySelector(".figure-live"));
  return [...images, ...figures].filter(inSight).map((e) => e.outerHTML.slice(0, 120));
}"""

# Whether the contents at the side mark the section of an element, or one that begins soon in it.
MARKED = """(id) => {
  const marks = [...document.querySelectorAll("#pst-page-toc-nav a[aria-current]")];
  const named = (section) => document.querySelector(`#pst-page-toc-nav a[href="#${section.id}"]`);
  let section = document.getElementById(id).closest("section");
  while (!named(section)) section = section.parentElement.closest("section");
  const marked = marks.length === 1 && document.getElementById(marks[0].hash.slice(1));
  return marked && section.contains(marked) && marked.getBoundingClientRect().top < innerHeight / 2;
}"""

SCROLLING = """() => [...document.querySelectorAll(".katex-display")]
  .filter((e) => e.checkVisibility({ contentVisibilityAuto: true }))
  .filter((e) => e.scrollWidth > e.clientWidth).map((e) => e.tabIndex)"""


def test_paragraphs_wait_until_they_are_near(visit, address):
    page = visit(waiting=True, viewport=PHONE).page
    page.goto(address + PAGE)
    waiting = page.evaluate(f"({WAITING})().length")
    assert waiting > 20
    last = page.evaluate_handle(f"({WAITING})().at(-1)")
    last.evaluate("paragraph => paragraph.scrollIntoView()")
    page.wait_for_function(f"(last) => !({WAITING})().includes(last)", arg=last)


@pytest.mark.parametrize("name", ["convolution", "pytorch-layers", "cifar-10-results"])
def test_a_link_leads_to_a_figure_and_all_in_sight_shows_itself(visit, address, site, name):
    text = (site / "book" / f"{name}.html").read_text("utf-8")
    figures = re.findall(r'<figure[^>]* id="([^"]+)"', text)
    assert len(figures) > 4
    window = visit(waiting=True, viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    for figure in figures:
        window.page.goto("about:blank")
        window.page.goto(f"{address}book/{name}.html#{figure}")
        assert -1 <= window.page.evaluate(ARRIVED, figure) < 150, figure
        window.page.wait_for_function(f"() => ({MISSING})().length === 0")
        window.page.wait_for_function(MARKED, arg=figure)
    assert window.wrong == []


def test_after_a_jump_no_button_lies_over_the_text_until_one_goes_up(visit, address):
    page = visit(waiting=True, viewport=PHONE).page
    page.goto(f"{address}book/inside-the-network.html#ex-frozen")
    page.evaluate(ARRIVED, "ex-frozen")
    button = page.locator("#pst-back-to-top")
    # As the theme does when the page moves up, which it may do by itself.
    button.evaluate("button => { button.style.display = 'block'; }")
    assert not button.is_visible()
    page.keyboard.press("Shift")
    button.wait_for()


def test_the_contents_mark_the_section_in_sight_in_both_directions(visit, address):
    page = visit(waiting=True, viewport={"width": 1280, "height": 800}).page
    page.goto(address + PAGE)
    sections = page.locator("#pst-page-toc-nav a").evaluate_all(
        "(links) => links.map((link) => link.hash.slice(1))"
    )
    assert len(sections) > 8
    go = "(id) => document.getElementById(id).scrollIntoView({ behavior: 'instant' })"
    del sections[-1]  # it cannot come to the top
    for section in [*sections, *reversed(sections)]:
        page.evaluate(go, section)
        page.wait_for_function(MARKED, arg=section)
    page.evaluate("scrollTo({ top: 0, behavior: 'instant' })")
    page.wait_for_function("() => !document.querySelector('#pst-page-toc-nav [aria-current]')")


def test_words_are_found_in_what_waits(visit, address):
    page = visit(waiting=True, viewport=PHONE).page
    page.goto(address + PAGE)
    words = page.evaluate(
        f"""() => ({WAITING})().map((p) => p.firstChild)
              .filter((n) => n.nodeType === Node.TEXT_NODE && n.textContent.length > 30)
              .at(-1).textContent.slice(0, 30)"""
    )
    assert page.evaluate("(words) => window.find(words)", words)
    assert page.evaluate("getSelection().toString()") == words
    page.wait_for_function(
        """() => {
             const { top } = getSelection().getRangeAt(0).getBoundingClientRect();
             return top > 0 && top < innerHeight;
           }"""
    )


def test_formulas_that_scroll_are_reached_once_they_are_laid_out(visit, address):
    page = visit(waiting=True, viewport={"width": 320, "height": 640}).page
    page.goto(address + PAGE)
    before = len(page.evaluate(SCROLLING))
    for formula in page.locator(".katex-display").all():
        formula.scroll_into_view_if_needed()
        page.wait_for_function(f"() => ({SCROLLING})().every((index) => index === 0)")
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    assert before < len(
        page.evaluate(f"({SCROLLING.replace('contentVisibilityAuto: true', '')})()")
    )
