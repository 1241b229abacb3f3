"""A page becomes a notebook with the same words, formulas and code; addresses lead to it."""

import re

import nbformat
import pytest
from bs4 import BeautifulSoup
from docutils import nodes
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin
from sphinx_design.dropdown import dropdown_main, dropdown_title

from cnnlib.page_cells import page_code

MARKDOWN = MarkdownIt("commonmark").enable("table").use(dollarmath_plugin)


@pytest.fixture
def extensions(root, monkeypatch):
    monkeypatch.syspath_prepend(root / "book" / "_ext")


@pytest.fixture
def writer(extensions):
    from notebook_inline import InlineWriter

    return InlineWriter({"there.html": "https://site/there.html"}.get)


@pytest.fixture
def convert(extensions):
    """Return the cells that nodes become, in a section of their own."""
    from notebook_text import NotebookText

    def convert(*children, link=lambda uri: None, number=lambda node: ""):
        text = NotebookText(link, number)
        text.add_page(nodes.section("", *children))
        return text.cells

    return convert


@pytest.fixture
def markdown(convert):
    def markdown(*children, **options):
        (cell,) = convert(*children, **options)
        return cell["source"]

    return markdown


def paragraph(*children):
    return nodes.paragraph("", "", *[nodes.Text(c) if isinstance(c, str) else c for c in children])


def shown(markdown):
    """Return the text that a reader of Markdown sees, formulas left out."""
    page = BeautifulSoup(MARKDOWN.render(markdown), "html.parser")
    for formula in page.select(".math"):
        formula.decompose()
    return " ".join(page.get_text().split())


reproducible = settings(max_examples=300, deadline=None, derandomize=True)
AWKWARD = st.text("ab1. \\`*_[]()<>&#+-=!|$~;'\"\n", min_size=1)


@reproducible
@given(text=AWKWARD)
def test_words_arrive_as_they_are(root, text):
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(root / "book" / "_ext")
        from notebook_inline import InlineWriter

        written = InlineWriter(lambda uri: None).text_of(paragraph(text))
    assert shown(written) == " ".join(text.split())


@reproducible
@given(text=st.text("ab` \\*$", min_size=1).filter(str.strip))
def test_code_arrives_as_it_is(root, text):
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(root / "book" / "_ext")
        from notebook_inline import code_span

        written = code_span(text)
    page = BeautifulSoup(MarkdownIt("commonmark").render(f"x{written}x"), "html.parser")
    assert page.code.get_text().strip() == text.strip()


def test_marks_touch_what_they_mark(writer):
    bold = nodes.strong("", "", nodes.Text(" two "))
    assert writer.text_of(paragraph("one", bold, "three")) == "one **two** three"


def test_formulas_are_left_alone(writer):
    assert writer.text_of(paragraph("of ", nodes.math("", r"x_1 * y_2\n"))) == r"of $x_1 * y_2\n$"


def test_references_are_links_where_they_lead_somewhere(writer):
    def reference(uri):
        return nodes.reference("", "", nodes.inline("", "there [1]"), refuri=uri)

    assert writer.text_of(paragraph(reference("there.html"))) == (
        r"[there \[1\]](https://site/there.html)"
    )
    assert writer.text_of(paragraph(reference("nowhere.html"))) == r"there \[1\]"


def test_displayed_formulas_have_their_number(markdown):
    block = nodes.math_block("", "a = b\n\n+ c\n", number=3)
    assert markdown(block) == "$$\na = b\n+ c \\tag{3}\n$$"
    aligned = r"\begin{align} a &= b \end{align}"
    assert markdown(nodes.math_block("", aligned, number=None)) == aligned


def test_a_fence_is_longer_than_what_is_in_it(markdown):
    code = nodes.literal_block("", "```\nx\n```\n", language="md")
    assert markdown(code) == "````md\n```\nx\n```\n````"


def test_admonitions_are_quotations_and_hints_are_folded(markdown):
    content = (nodes.title("", "Why & how"), paragraph("First."), paragraph("Second."))
    assert markdown(nodes.admonition("", *content)) == (
        "> **Why & how**\n>\n> First.\n>\n> Second."
    )
    folded = "<details>\n<summary>Why &amp; how</summary>\n\nFirst.\n\nSecond.\n\n</details>"
    assert markdown(nodes.admonition("", *content, classes=["dropdown"])) == folded
    icon = nodes.raw("", nodes.Text("<svg></svg>"), format="html")
    title = dropdown_title("", "", nodes.inline("", "Why & how"), icon)
    assert markdown(dropdown_main("", title, *content[1:])) == folded


def test_lists_nest(markdown):
    inner = nodes.bullet_list("", nodes.list_item("", paragraph("b")))
    outer = nodes.enumerated_list(
        "", nodes.list_item("", paragraph("a"), inner), nodes.list_item("", paragraph("c")), start=9
    )
    assert markdown(outer) == "9. a\n\n   - b\n10. c"


def test_definitions_are_a_list(markdown):
    item = nodes.definition_list_item(
        "", nodes.term("", "stride"), nodes.definition("", paragraph("The step."), paragraph("2."))
    )
    assert markdown(nodes.definition_list("", item)) == "- **stride**: The step.\n\n  2."


def test_bars_do_not_end_the_cells_of_a_table(markdown):
    def row(*cells):
        return nodes.row("", *(nodes.entry("", cell) for cell in cells))

    group = nodes.tgroup(
        "",
        nodes.thead("", row(paragraph("a|b"), paragraph("size"))),
        nodes.tbody("", row(paragraph(nodes.literal("", "x|y")), paragraph(nodes.math("", "|x|")))),
    )
    assert markdown(nodes.table("", group)) == (
        "| a\\|b | size |\n| --- | --- |\n| `x\\|y` | $\\vert x\\vert $ |"
    )


def test_pictures_are_words_where_the_site_is_not_published(markdown):
    figure = nodes.figure(
        "", nodes.image(uri="cat.png", alt="a cat"), nodes.caption("", "Chelsea.")
    )
    name = {"number": lambda node: "Fig. 2"}
    assert markdown(figure, **name) == "*a cat*\n\n**Fig. 2.** Chelsea."
    assert markdown(figure, link=lambda uri: f"https://site/{uri}", **name) == (
        "![a cat](https://site/cat.png)\n\n**Fig. 2.** Chelsea."
    )


def test_a_film_is_a_picture_that_leads_to_it(extensions, markdown):
    from animation import animation_video

    film = animation_video(alt="it slides", video="a.mp4", poster="a.webp")
    assert markdown(film) == "*it slides*"
    film["steps"] = [[0.5, "It starts."], [2.0, "2 * 3."]]
    assert markdown(film) == "*it slides*\n\n1. It starts.\n2. 2 \\* 3."
    del film["steps"]
    assert markdown(film, link=lambda uri: f"https://site{uri}") == (
        "[![it slides](https://site/_static/animations/a.webp)]"
        "(https://site/_static/animations/a.mp4)"
    )


def test_what_cannot_be_shown_says_its_words_or_is_a_warning(markdown, convert, caplog):
    class novelty(nodes.General, nodes.Element):  # noqa: N801
        pass

    assert markdown(novelty(alt="a toy")) == "*a toy*"
    assert markdown(novelty(notebook="Call `toy()`.")) == "Call `toy()`."
    assert convert(novelty(notebook="")) == []
    assert caplog.text == ""
    assert convert(novelty()) == []
    assert "a notebook cannot show novelty" in caplog.text


def code(text, *tags):
    from notebook_text import cell_source

    return cell_source(source=text, tags=list(tags))


def kinds(cells):
    return [(cell["cell_type"][0], cell["source"]) for cell in cells]


def test_cells_come_out_of_what_is_around_them(convert):
    around = nodes.container("", paragraph("a"), code("1", "hide-input"), paragraph("b"))
    cells = convert(around, code("2"))
    assert kinds(cells) == [("m", "a"), ("c", "1"), ("m", "b"), ("c", "2")]
    assert cells[1]["metadata"] == {"tags": ["hide-input"], "jupyter": {"source_hidden": True}}
    assert cells[3]["metadata"] == {}


def test_of_a_cell_that_draws_only_the_caption_is_kept(convert):
    figure = nodes.figure("", nodes.image(uri="x.svg", alt="x"), nodes.caption("", "See."))
    shows = nodes.container("", nodes.literal_block("", "draw()"), figure, nb_element="cell_code")
    assert kinds(convert(code("draw()"), shows)) == [("c", "draw()"), ("m", "See.")]


def solution(*content):
    from sphinx_exercise.nodes import solution_node

    return solution_node("", nodes.title("", "Solution"), *content)


def is_folded(cell):
    return "jp-MarkdownHeadingCollapsed" in cell["metadata"]


def test_a_solution_is_folded_up_to_the_next_heading(convert):
    after = nodes.section("", nodes.title("", "More"), paragraph("text"))
    cells = convert(solution(paragraph("so"), code("1")), after)
    assert kinds(cells) == [("m", "## Solution\n\nso"), ("c", "1"), ("m", "# More\n\ntext")]
    assert [is_folded(cell) for cell in cells] == [True, False, False]


def test_a_solution_is_not_folded_where_that_would_hide_what_follows(convert):
    folded, *others = convert(solution(code("1")), paragraph("text"))
    assert not is_folded(folded)
    assert kinds(others) == [("c", "1"), ("m", "text")]


def test_every_page_with_cells_has_a_valid_notebook_with_all_of_its_code(root, site):
    pages = [p for p in (root / "book").glob("*.md") if "{code-cell}" in p.read_text("utf-8")]
    assert {p.stem for p in pages} == {p.stem for p in site.rglob("*.ipynb")}
    for page in pages:
        made = nbformat.read(site / "book" / f"{page.stem}.ipynb", as_version=4)
        nbformat.validate(made)
        first, *cells = (cell for cell in made.cells if cell.cell_type == "code")
        assert first is made.cells[0]
        assert not any(cell.outputs or cell.execution_count for cell in cells)
        code = "\n".join(cell.source for cell in cells)
        assert code.split() == page_code(page.read_text("utf-8")).split(), page.name


def sentences(html):
    """Return the paragraphs, items and headings of a built page, formulas and outputs left out."""
    article = BeautifulSoup(html, "html.parser").select_one("article")
    out = ".katex, .cell, .headerlink, .toctree-wrapper, table, figure > :not(figcaption)"
    in_a_browser = "form, .answer-call, .exercise-progress"
    for element in article.select(f"{out}, {in_a_browser}"):
        element.decompose()
    for element in article.select("p, h1, h2, h3"):
        yield squeezed(element.get_text())


def squeezed(text):
    return re.sub(r"\W+", "", text)


def test_every_sentence_of_a_page_is_in_its_notebook(site):
    for path in sorted(site.glob("book/*.ipynb")):
        made = nbformat.read(path, as_version=4)
        words = squeezed("".join(shown(c.source) for c in made.cells if c.cell_type == "markdown"))
        missing = [
            s for s in sentences(path.with_suffix(".html").read_text("utf-8")) if s not in words
        ]
        assert missing == [], path.name
