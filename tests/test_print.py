"""The book on paper: pages printed by themselves, and all of them as one PDF."""

import io

import pytest
from browser import axe_violations
from pypdf import PdfReader

from book import pdf
from book._ext.commit import commit
from book.browser import browser_command
from book.contents import Part, pages, parts
from book.one_document import Document

PIXEL = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30">'
    '<rect width="40" height="30" fill="teal"/></svg>'
)
PAGE = """<!doctype html><html lang="en"><head>
<link rel="stylesheet" href="../_static/print.css?v=1"></head><body><nav>Menu</nav>
<article class="bd-article"><section id="{name}"><h1>{title}<a class="headerlink" href="#x">#</a>
</h1>{body}</section></article></body></html>"""
FIRST = """<p id="p">See <a href="second.html#far">far</a>, <a href="#fig?kernel=box">near</a>,
<a href="second.html">the page</a>, <a href="first.ipynb">a notebook</a>,
<a href="https://example.org/">elsewhere</a>.</p>
<figure id="fig"><video src="film.mp4"></video><img class="animation-still" loading="lazy"
src="../_static/still.svg" alt="A still" aria-hidden="true">
<img class="only-dark" src="dark.svg" alt="Dark">
</figure>"""
SECOND = """<section id="far"><h2>Far &amp; wide</h2><details><summary>Hint</summary>
<p>Unfolded.</p>
</details><details class="hide"><summary>Show</summary><pre>drawing()</pre></details>
<form><fieldset><legend>Which?</legend><label><input type="radio">(a) This one.</label></fieldset>
<p class="js-only" hidden><label for="p">Number</label></p><p class="answer-submit">Check</p></form>
<p aria-describedby="p far">Described.</p></section>"""
PARTS = [Part("", ("book/first",)), Part("The part", ("book/second",))]
CONFIG = "title: A small book\nauthor: Somebody\n"
TOC = "root: book/first\nparts:\n- caption: The part\n  chapters:\n  - file: book/second\n"


@pytest.fixture
def small(tmp_path, root, monkeypatch):
    """Return the root of a book of two pages that is built, and its site."""
    site = tmp_path / "_build" / "html"
    for folder in ("book", "_static"):
        (site / folder).mkdir(parents=True)
    for name, title, body in [("first", "One", FIRST), ("second", 'Two "q"', SECOND)]:
        page = PAGE.format(name=name, title=title, body=body)
        (site / "book" / f"{name}.html").write_text(page, "utf-8")
    (site / "_static" / "still.svg").write_text(PIXEL, "utf-8")
    style = (root / "book" / "_static" / "print.css").read_text("utf-8")
    (site / "_static" / "print.css?v=1".partition("?")[0]).write_text(style, "utf-8")
    (tmp_path / "_config.yml").write_text(CONFIG, "utf-8")
    (tmp_path / "_toc.yml").write_text(TOC, "utf-8")
    monkeypatch.setenv("LECTURE_COMMIT", "0123456789" * 4)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    monkeypatch.delenv("LECTURE_SITE", raising=False)
    return tmp_path, site


def test_the_order_is_that_of_the_contents(small, root):
    assert parts(small[0]) == PARTS
    assert pages(small[0]) == ["book/first", "book/second"]
    assert len(pages(root)) > 15
    assert all((root / f"{page}.md").is_file() for page in pages(root))


def test_links_lead_inside_the_document_or_out_of_it(small):
    html = Document(small[1], PARTS, "https://lecture.example/").html("Title")
    for target in ("#book-second--far", "#book-first--fig", "#book-second", "https://example.org/"):
        assert f'href="{target}"' in html
    assert 'href="https://lecture.example/book/first.ipynb"' in html
    assert 'id="book-first--p"' in html
    assert 'aria-describedby="book-second--p book-second--far"' in html
    assert ".ipynb" not in Document(small[1], PARTS).html("Title"), "published nowhere"


def test_paper_has_stills_and_open_hints_and_no_menus(small):
    html = Document(small[1], PARTS).html("Title")
    assert 'src="/_static/still.svg"' in html
    assert "<details open" in html
    assert "(a) This one." in html
    for left_out in (
        "<video",
        "Menu",
        "drawing()",
        "headerlink",
        "dark.svg",
        "Check",
        "Number",
        'loading="lazy"',
    ):
        assert left_out not in html


def test_a_page_without_an_article_is_named(small):
    (small[1] / "book" / "second.html").write_text("<p>Half built</p>", "utf-8")
    with pytest.raises(ValueError, match=r"second\.html has no article: build the site"):
        Document(small[1], PARTS)


@pytest.fixture
def in_small(small, chromium, monkeypatch):
    """Return a printing of the small book by the browser that is open already."""

    class Playwright:
        def __enter__(self):
            self.chromium = self
            return self

        def __exit__(self, *problem):
            pass

        def launch(self, **options):
            assert options["executable_path"] == browser_command()
            return Borrowed()

    class Borrowed:
        new_context = staticmethod(chromium.new_context)

        def close(self):
            pass

    monkeypatch.setattr(pdf, "sync_playwright", Playwright)
    return lambda: pdf.make(small[1], small[0])


def outline(items):
    return [outline(item) if isinstance(item, list) else item.title for item in items]


def test_the_pdf_has_contents_bookmarks_links_and_tags(in_small):
    made = in_small()
    assert made == in_small(), "the same site gives the same file"
    reader = PdfReader(io.BytesIO(made))
    texts = [page.extract_text() for page in reader.pages]
    assert len(texts) == 4
    assert "A small book" in texts[0]
    assert "commit 012345678901" in texts[0]
    assert "14 November 2023" in texts[0]
    lines = texts[1].split("\n")
    assert [line.split()[-1] for line in lines if "One" in line or "wide" in line] == ["3", "4"]
    assert "Unfolded." in texts[3]
    assert outline(reader.outline) == ["One", "The part", ['Two "q"', ["Far & wide"]]]
    assert reader.metadata.title == "A small book"
    assert reader.metadata.author == "Somebody"
    assert reader.metadata["/CreationDate"] == "D:20231114221320+00'00'"
    assert reader.root_object["/MarkInfo"]["/Marked"]
    assert reader.root_object["/Lang"] == "en"
    assert {tuple(map(round, page.mediabox[2:])) for page in reader.pages} == {(595, 842)}


def test_links_of_the_pdf_go_to_their_sheets(in_small):
    reader = PdfReader(io.BytesIO(in_small()))
    leads = []
    for annotation in reader.pages[2]["/Annots"]:
        link = annotation.get_object()
        if "/Dest" in link:
            place = reader.named_destinations[str(link["/Dest"])]
            leads.append(reader.get_destination_page_number(place))
        else:
            leads.append(link["/A"]["/URI"])
    assert leads == [3, 2, 3, "https://example.org/"]


def test_a_file_that_is_not_there_is_named(in_small, small):
    (small[1] / "_static" / "still.svg").unlink()
    with pytest.raises(FileNotFoundError, match=r"/_static/still\.svg of the pages are not in"):
        in_small()


def test_a_bookmark_to_nowhere_is_refused(in_small):
    with pytest.raises(ValueError, match=r"nothing in the PDF is named gone \(Gone\)"):
        pdf.finish(in_small(), [(0, "Gone", "gone")], {})


def test_a_date_that_is_none_is_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    with pytest.raises(ValueError, match=r"SOURCE_DATE_EPOCH \(yesterday\) is not a whole number"):
        commit(tmp_path)


HIDDEN = """() => ["#pst-primary-sidebar", "#pst-secondary-sidebar", ".prev-next-footer",
  ".header-article", "video", ".copybtn", ".answer-submit", ".sd-summary-state-marker"].filter(
    (selector) => [...document.querySelectorAll(selector)].some((e) => e.checkVisibility()))"""


def test_a_page_of_the_site_prints_without_what_leads_elsewhere(visit, address):
    page = visit(color_scheme="dark", viewport={"width": 720, "height": 1000}).page
    page.goto(address + "book/exercises.html")
    hint = page.locator("#ex-output-size details").first.locator("p").first
    assert not hint.is_visible()
    page.emulate_media(media="print", color_scheme="dark")
    assert hint.is_visible()
    assert page.evaluate(HIDDEN) == []
    article = page.locator("article.bd-article")
    ground = article.evaluate("article => getComputedStyle(article).backgroundColor")
    assert ground == "rgb(255, 255, 255)"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("name", ["convolution", "api-convolution", "exercises"])
def test_what_is_printed_from_the_dark_mode_can_be_read(visit, address, name):
    page = visit(color_scheme="dark", viewport={"width": 720, "height": 1000}).page
    page.goto(f"{address}book/{name}.html")
    page.emulate_media(media="print", color_scheme="dark")
    found = dict(axe_violations(page, "article.bd-article"))
    assert found.get("color-contrast", []) == []
