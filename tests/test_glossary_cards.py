"""Terms of the glossary in the pages: which words are linked, and the cards that explain them."""

import sys

import pytest
from browser import axe_violations
from bs4 import BeautifulSoup

PAGE = "book/convolutional-layers.html"
LINK = "a.glossary-term"


@pytest.fixture
def glossary_links(root, monkeypatch):
    monkeypatch.setattr(sys, "path", [str(root / "book" / "_ext"), *sys.path])
    import glossary_links

    return glossary_links


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Kernels slide.", ["Kernels"]),
        ("max pooling, then pooling", ["max pooling", "pooling"]),
        ("a max\npooling", ["max\npooling"]),
        ("an equivariant layer", ["equivariant"]),
        ("batches of images", ["batches"]),
        ("a subkernel, kernel-like, kernel_size", []),
        ("nothing at all", []),
    ],
)
def test_terms_are_found_in_their_forms(glossary_links, text, found):
    names = ["kernel", "pooling", "max pooling", "equivariance", "batch"]
    finder, by_form = glossary_links.pattern(names)
    matches = [match[0] for match in finder.finditer(text)]
    assert matches == found
    assert all(by_form[" ".join(match.lower().split())] in names for match in matches)


def test_other_forms_are_those_of_terms(glossary_links, site):
    soup = BeautifulSoup((site / "book/glossary.html").read_text("utf-8"), "html.parser")
    terms = {term.get_text(strip=True).rstrip("#") for term in soup.select("dl.glossary dt")}
    assert set(glossary_links.FORMS) <= terms


def test_each_page_links_the_first_use_and_carries_the_definition(site):
    pages = 0
    for path in sorted((site / "book").glob("*.html")):
        soup = BeautifulSoup(path.read_text("utf-8"), "html.parser")
        links = [link["href"] for link in soup.select(LINK)]
        assert len(links) == len(set(links)), f"{path.name}: a term is linked twice"
        assert not soup.select(
            f":is(h1, h2, h3, figcaption, pre, table, .admonition, .cell) {LINK}, a {LINK}"
        )
        template = soup.find(id="glossary-cards") or BeautifulSoup()
        cards = {card["data-term"] for card in template.find_all(attrs={"data-term": True})}
        assert cards == {link.partition("#")[2] for link in links}
        pages += bool(links)
    assert pages > 10


def test_formulas_in_definitions_are_set(site):
    soup = BeautifulSoup((site / "book/symmetry.html").read_text("utf-8"), "html.parser")
    assert soup.find(attrs={"data-term": "term-commutator"}).select_one(".katex math")


@pytest.fixture
def reading(visit, address):
    """Open the page; return the window, its first linked term, and the card."""

    def open_page(base=address, **options):
        window = visit(reduced_motion="reduce", **options)
        window.page.goto(base + PAGE)
        return window, window.page.locator(LINK).first, window.page.get_by_role("tooltip")

    return open_page


def test_a_card_shows_on_hover_stays_under_the_pointer_and_goes(reading):
    window, link, card = reading()
    link.hover()
    card.wait_for()
    assert card.locator("strong").inner_text() == "bias"
    assert "learned, like the weights" in card.inner_text()
    window.page.clock.install()
    card.hover()
    window.page.clock.run_for(2000)
    assert card.is_visible(), "the pointer rests on it"
    window.page.clock.resume()
    window.page.keyboard.press("Escape")
    assert card.count() == 0
    link.hover()
    card.wait_for()
    window.page.mouse.move(0, 0)
    card.wait_for(state="hidden")
    assert window.wrong == []


def test_a_card_shows_on_focus_and_escape_keeps_the_focus(reading):
    window, link, card = reading()
    link.focus()
    card.wait_for()
    assert link.get_attribute("aria-describedby") == card.get_attribute("id")
    window.page.keyboard.press("Escape")
    assert card.count() == 0
    assert link.get_attribute("aria-describedby") is None
    assert link.evaluate("element => element === document.activeElement")
    link.blur()
    link.focus()
    card.wait_for()
    link.blur()
    assert card.count() == 0


def test_a_first_tap_shows_the_card_and_a_second_follows_the_link(reading):
    window, link, card = reading(has_touch=True, viewport={"width": 390, "height": 844})
    link.tap()
    card.wait_for()
    assert window.page.url.endswith(PAGE)
    box = card.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    link.tap()
    window.page.wait_for_url("**/glossary.html#term-bias")
    window.page.go_back()
    link.tap()
    card.wait_for()
    window.page.locator(".bd-article h1").tap()
    assert card.count() == 0


def test_cards_work_from_a_disk_and_load_nothing(reading, site):
    window, link, card = reading(base=f"{site.as_uri()}/")
    before = len(window.requests)
    link.focus()
    card.wait_for()
    assert [url for url in window.requests[before:] if "glossary" in url] == []
    assert window.wrong == []


def test_without_scripts_the_link_leads_to_the_glossary(reading):
    window, link, card = reading(java_script_enabled=False)
    link.hover()
    assert card.count() == 0
    link.click()
    assert window.page.url.endswith("glossary.html#term-bias")


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_an_open_card_is_accessible(reading, mode):
    window, link, card = reading(color_scheme=mode)
    link.focus()
    card.wait_for()
    assert axe_violations(window.page) == []
