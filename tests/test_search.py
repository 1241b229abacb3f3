"""Instant search: what is in the index, what comes first, and how it is used."""

import gzip
import json
import re
import sys

import pytest
from browser import axe_violations

from cnnlib.exercises import BANK

MOST_BYTES = 150_000  # of the index, as a server sends it

# What readers type, and what must come first: the kind of thing and the end of its address.
FIRST = {
    "output size": ("equation", "convolutional-layers.html#equation-eq-output-size"),
    "output size formula": ("equation", "convolutional-layers.html#equation-eq-output-size"),
    "receptive field": ("term", "glossary.html#term-receptive-field"),
    "stride": ("term", "glossary.html#term-stride"),
    "equivariance": ("term", "glossary.html#term-equivariance"),
    "Nyquist": ("term", "glossary.html#term-Nyquist-frequency"),
    "convoluton": ("term", "glossary.html#term-convolution"),
    "How large is the output?": ("exercise", "exercises.html#ex-output-size"),
    "count the parameters": ("exercise", "exercises.html#ex-parameters"),
    "softmax": ("term", "glossary.html#term-softmax"),
    "conv_output_size": ("library", "api-convolution.html#cnnlib.shapes.conv_output_size"),
    "convolution theorem": ("equation", "convolution.html#equation-eq-convolution-theorem"),
    "cross entropy": ("term", "glossary.html#term-cross-entropy"),
    "notation": ("page", "notation.html"),
}
# What must be among the first five.
AMONG = {
    "gaussian kernel": "api-convolution.html#cnnlib.kernels.gaussian",
    "cross entropy": "pytorch-training.html#equation-eq-cross-entropy",
}


@pytest.fixture(scope="module")
def index(site):
    text = (site / "_static/search/index.js").read_text("utf-8")
    return json.loads(text.removeprefix("window.lectureIndex=").rstrip(";\n"))


@pytest.fixture
def opened(visit, address):
    """Open a page and its search by keyboard."""

    def open_search(name="book/convolution.html", base=address, **options):
        window = visit(reduced_motion="reduce", **options)
        window.page.goto(base + name)
        window.page.keyboard.press("Control+k")
        window.page.wait_for_function("() => window.lectureSearch")
        return window

    return open_search


def results(page):
    return page.locator(".search-dialog .search-hit")


def test_what_is_meant_comes_first(opened):
    page = opened().page
    ask = "query => window.lectureSearch.find(query).map((hit) => [hit.kind, hit.href])"
    wrong = {}
    for query, (kind, place) in FIRST.items():
        hits = page.evaluate(ask, query)
        if not hits or hits[0] != [kind, f"book/{place}"]:
            wrong[query] = hits[:3]
    for query, place in AMONG.items():
        hits = page.evaluate(ask, query)
        if not any(href.endswith(place) for _, href in hits[:5]):
            wrong[query] = hits[:5]
    assert wrong == {}
    assert page.evaluate(ask, "xyzzyqq") == []
    assert page.evaluate(ask, "  ") == []
    assert page.evaluate(ask, "$^{(*+?") == []


def test_everything_with_a_place_is_in_the_index(index, site, root):
    places = {f"{index['pages'][page][0]}#{anchor}" for page, _, anchor, *_ in index["entries"]}
    assert {f"ex-{name}" for name in BANK} <= {place.partition("#")[2] for place in places}
    for path in (root / "book").glob("*.md"):
        for label in re.findall(r"^\$\$ \((eq-[\w-]+)\)$", path.read_text("utf-8"), re.MULTILINE):
            assert f"book/{path.stem}.html#equation-{label}" in places
    films = json.loads((root / "book/_static/animations/manifest.json").read_text("utf-8"))
    titles = {title for _, kind, _, title, *_ in index["entries"] if kind == "film"}
    assert titles == {row["title"] for row in films.values()}


def test_every_entry_leads_somewhere(index, site):
    for number, (page, _title) in enumerate(index["pages"]):
        text = (site / page).read_text("utf-8")
        for of_page, _, anchor, *_ in index["entries"]:
            if of_page == number and anchor:
                assert f'id="{anchor}"' in text, f"{page}#{anchor}"


def test_the_index_is_small_and_reads_well(index, site):
    assert len(gzip.compress((site / "_static/search/index.js").read_bytes())) <= MOST_BYTES
    whole = json.dumps(index, ensure_ascii=False)
    for garbage in (r"\\frac", r"\\text", r"\\begin", "katex", "import numpy"):
        assert garbage not in whole
    (formula,) = (row[5] for row in index["entries"] if row[2] == "equation-eq-output-size")
    assert formula == "n_out = ⌊(n + 2p − d(k − 1) − 1)/s⌋ + 1"


def test_solutions_and_hints_are_not_found(index):
    text = json.dumps(index, ensure_ascii=False)
    assert "Turned by half a turn the kernel is" not in text, "the solution of ex-flip-or-not"
    assert "how many steps of 4 fit" not in text, "the hint of ex-output-size"


def test_what_stands_in_a_table_is_found(index):
    (page,) = (n for n, (address, *_) in enumerate(index["pages"]) if "notation" in address)
    text = next(text for place, kind, *_, text in index["entries"] if place == page)
    assert "time constant of the detector" in text


def test_nothing_is_loaded_before_the_search_is_opened(visit, address):
    window = visit()
    window.page.goto(address + "book/convolution.html", wait_until="networkidle")
    known = ("searchindex", "searchtools", "language_data", "_static/search/")
    assert [url for url in window.requests if any(name in url for name in known)] == []
    with window.page.expect_response("**/_static/search/index.js"):
        window.page.get_by_role("button", name="Search").first.click()
    window.page.locator(".search-dialog input").wait_for()
    assert window.wrong == []


def test_what_is_typed_while_it_loads_is_not_lost(visit, address):
    window = visit(viewport={"width": 390, "height": 800})
    page = window.page
    page.goto(address + "book/convolution.html", wait_until="networkidle")
    held = []
    page.route("**/_static/search/index.js", lambda route: held.append(route))
    with page.expect_request("**/_static/search/engine.js"):  # the last; index.js is held
        page.keyboard.press("Control+k")
    page.keyboard.type("kernel")
    field = page.locator(".search-dialog input")
    assert field.input_value() == "kernel"
    assert field.bounding_box()["height"] >= 44  # its style is there
    status = page.locator(".search-dialog [role=status]")
    assert status.inner_text() == "Loading the index…"
    (index,) = held
    index.continue_()
    results(page).first.wait_for()
    assert status.inner_text() != "Loading the index…"
    assert window.wrong == []


def test_an_index_that_does_not_come_is_asked_for_again(visit, address):
    page = visit().page
    page.goto(address + "book/convolution.html", wait_until="networkidle")
    page.route("**/_static/search/index.js", lambda route: route.abort())
    page.keyboard.press("Control+k")
    page.keyboard.type("kernel")
    page.get_by_text("The index could not be loaded.").wait_for()
    page.unroute("**/_static/search/index.js")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    results(page).first.wait_for()


def test_search_by_keyboard_alone(opened):
    window = opened()
    page = window.page
    page.keyboard.type("convolution theorem")
    results(page).first.wait_for()
    status = page.locator(".search-dialog [role=status]")
    assert re.fullmatch(r"\d+ results(, the best \d+)? on \d+ pages?", status.inner_text())
    assert page.locator(".search-hit mark").first.inner_text().lower() in "convolution theorem"
    for key, number in [("ArrowDown", 0), ("ArrowDown", 1), ("ArrowUp", 0)]:
        page.keyboard.press(key)
        assert results(page).nth(number).evaluate("link => link === document.activeElement")
    page.keyboard.type("s")  # goes on typing
    assert page.locator(".search-dialog input").input_value() == "convolution theorems"
    page.keyboard.press("Backspace")
    page.keyboard.press("Enter")  # the first result
    page.wait_for_url("**#*")
    assert page.locator(".search-dialog[open]").count() == 0
    assert window.wrong == []


def test_escape_and_no_key_by_itself(opened):
    page = opened().page
    page.keyboard.press("Escape")
    assert not page.locator(".search-dialog").is_visible()
    button = page.get_by_role("button", name="Search").first
    button.focus()
    page.keyboard.press("/")
    assert not page.locator(".search-dialog").is_visible()
    page.keyboard.press("Control+k")
    assert page.locator(".search-dialog input").evaluate("e => e === document.activeElement")
    page.keyboard.type("stride")
    results(page).first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    assert not page.locator(".search-dialog").is_visible()
    page.keyboard.press("Control+k")
    page.keyboard.type("a/b")  # the old query is selected
    assert page.locator(".search-dialog input").input_value() == "a/b"
    page.keyboard.press("Escape")
    assert button.evaluate("element => element === document.activeElement")


def test_nothing_found_is_said(opened):
    page = opened().page
    page.keyboard.type("xyzzyqq")
    said = page.locator(".search-dialog [role=status]")
    assert said.inner_text().startswith("Nothing found for “xyzzyqq”.")
    page.keyboard.press("ArrowDown")  # there is nowhere to go
    assert page.locator(".search-dialog input").evaluate("e => e === document.activeElement")


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_results_are_accessible(opened, width, mode):
    window = opened(viewport={"width": width, "height": 800}, color_scheme=mode)
    page = window.page
    page.keyboard.type("kernel")
    results(page).first.wait_for()
    page.keyboard.press("ArrowDown")
    assert axe_violations(page) == []
    wide = page.locator(".search-dialog").evaluate("e => e.scrollWidth - e.clientWidth")
    assert wide <= 0
    assert window.wrong == []


def test_it_works_from_a_disk(opened, site):
    window = opened(base=f"{site.as_uri()}/")
    window.page.keyboard.type("stride")
    results(window.page).first.click()
    window.page.wait_for_url("**/glossary.html#term-stride")
    assert window.wrong == []


def test_the_search_page_takes_a_query(visit, address):
    window = visit()
    window.page.goto(address + "search.html?q=stride")
    hit = window.page.locator(".search-hit").first
    hit.wait_for()
    assert hit.get_attribute("href").endswith("glossary.html#term-stride")
    window.page.keyboard.press("Control+k")  # the dialog works beside it
    window.page.keyboard.type("softmax")
    results(window.page).first.wait_for()
    assert window.wrong == []


def test_a_field_that_was_reached_before_the_script_searches(visit, address):
    page = visit().page
    held = []
    page.route("**/lecture-site.js*", lambda route: held.append(route))
    with page.expect_request("**/lecture-site.js*"):
        page.goto(address + "search.html", wait_until="commit")
    page.locator("#search-in-page").focus()
    (script,) = held
    script.continue_()
    page.wait_for_function("() => window.lectureSearch")
    page.keyboard.type("stride")
    page.locator(".search-hit").first.wait_for()


def test_without_scripts_there_are_the_contents(visit, address):
    page = visit(java_script_enabled=False).page
    page.goto(address + "search.html")
    assert page.get_by_text("This browser runs no scripts").is_visible()
    page.get_by_role("article").get_by_role("link", name="How large is the output?").first.click()
    assert "convolutional-layers.html#" in page.url


def test_an_index_that_does_not_come_is_said(visit, address):
    page = visit().page
    page.route("**/_static/search/index.js", lambda route: route.abort())
    page.goto(address + "search.html?q=kernel")
    page.get_by_text("The index could not be loaded. Reload the page.").wait_for()
    page.goto(address + "book/index.html")
    page.keyboard.press("Control+k")
    page.get_by_text("The index could not be loaded. Close the search").wait_for()
    page.keyboard.press("Escape")
    page.unroute("**/_static/search/index.js")
    page.keyboard.press("Control+k")
    page.wait_for_function("() => window.lectureSearch")
    page.keyboard.type("stride")
    results(page).first.wait_for()


@pytest.fixture
def in_words(root, monkeypatch):
    monkeypatch.setattr(sys, "path", [str(root / "book" / "_ext"), *sys.path])
    import formula_words
    import mathematics

    setter = mathematics.Typesetter()
    monkeypatch.setattr(formula_words, "set_formula", mathematics.set_formula)
    monkeypatch.setattr(mathematics, "_typesetter", setter)
    formula_words.in_words.cache_clear()
    yield formula_words.in_words
    if setter._process:
        with setter._process as process:
            process.kill()


@pytest.mark.parametrize(
    ("latex", "words"),
    [
        (r"a^2", "a^2"),
        (r"\frac{a + b}{c}", "(a + b)/c"),
        (r"w_{oc}", "w_oc"),
        (r"\sum_c x_c", "∑_c x_c"),
        (r"\sqrt{n}/2", "√n/2"),
        (r"\sigma \le 1", "σ ≤ 1"),
        (r"\begin{aligned}a &= b \\ c &= d\end{aligned}", "a = b; c = d"),
        (r"\frac{1}", r"\frac{1}"),  # wrong: reported elsewhere, and no reason to stop
    ],
)
def test_formulas_in_words(in_words, latex, words):
    assert in_words(latex).replace(" ", "") == words.replace(" ", "")
