"""The book fails loudly and executes again just what changed (on a book of two pages)."""

import ast
import json

import pytest

from cnnlib.page_cells import page_code

FOLDER = "book/_static/animations"

CELL = """
```{code-cell} python3
%s
```
"""

BUILT = ["index", "page"]  # what was executed when the book was built

FAILURES = {
    "failing cell": (CELL % "raise RuntimeError('planted')", "planted"),
    "broken cross-reference": ("\nSee {ref}`nowhere-at-all`.\n", "nowhere-at-all"),
    "broken document": ("\nSee {doc}`no-such-page`.\n", "no-such-page"),
    "missing glue": ("\n{glue:text}`never-glued`\n", "never-glued"),
    "missing citation": ("\n{cite:p}`nobody1900`\n", "nobody1900"),
    "missing figure": ("\n```{figure} gone.png\n:alt: words\n```\n", "gone.png"),
    "figure without words": (
        "\n```{figure} _static/favicon.svg\n```\n",
        "image without alternative text",
    ),
    "plot without words": (
        CELL % "from matplotlib import pyplot as plt\nplt.plot([1, 2]);",
        "image without alternative text",
    ),
    "animation without words": ("\n```{animation} sliding_kernel.SlidingKernel\n```\n", "`:alt:`"),
    "unknown animation": (
        "\n```{animation} sliding_kernel.Gone\n:alt: words\n```\n",
        "python -m animations sliding_kernel.Gone",
    ),
    "formula that is none": ("\n$\\frac{1}$\n", "KaTeX parse error"),
}


@pytest.mark.parametrize("name", FAILURES)
def test_a_planted_failure_fails_the_build_first_and_again(book, name):
    planted, message = FAILURES[name]
    page = book.root / "book" / "page.md"
    page.write_text(page.read_text("utf-8") + planted, "utf-8")
    for attempt in ("first", "again, unchanged"):
        result = book.build()
        assert result.returncode != 0, attempt
        assert message in result.stdout + result.stderr, attempt


def test_a_failing_cell_fails_the_build_also_beside_another_page(book):
    book.edit("book/index.md", "import conv ", "import conv  ")
    book.edit("book/page.md", 'print("size"', 'raise RuntimeError("planted")\nprint("size"')
    for executed in ([*BUILT, "index", "page"], [*BUILT, "index", "page", "page"]):
        result = book.build()
        assert result.returncode != 0
        assert "planted" in result.stdout + result.stderr
        assert "page.md" in result.stdout + result.stderr
        assert book.executions() == sorted(executed), "the other page is in the cache"


def test_a_page_without_its_header_fails_first_and_again(book):
    page = book.root / "book" / "page.md"
    page.write_text(page.read_text("utf-8").split("---\n", 2)[2], "utf-8")
    for _ in range(2):
        result = book.build()
        assert result.returncode != 0
        assert "code-cell" in result.stderr


def test_make_book_fails_where_the_build_fails(book):
    assert book.build("make", "book").returncode == 0
    book.edit("book/page.md", "A formula", "See {ref}`nowhere-at-all`. A formula")
    for _ in range(2):
        result = book.build("make", "book")
        assert result.returncode != 0
        assert "nowhere-at-all" in result.stderr


def test_a_mended_book_builds_again(book):
    book.edit("book/page.md", "A formula", "See {ref}`nowhere-at-all`. A formula")
    assert book.build().returncode != 0
    book.edit("book/page.md", "See {ref}`nowhere-at-all`. ", "")
    assert book.build().returncode == 0
    assert book.executions() == BUILT, "mending prose executes nothing"


def test_prose_executes_nothing(book):
    book.edit("book/page.md", "A formula", "A short formula")
    result = book.build()
    assert result.returncode == 0, result.stderr
    assert book.executions() == BUILT
    assert "A short formula" in (book.root / "_build/html/book/page.html").read_text("utf-8")


def test_an_unchanged_book_does_nothing(book):
    result = book.build()
    assert result.returncode == 0, result.stderr
    assert "no targets are out of date" in result.stdout


def test_an_edited_cell_is_executed(book):
    book.edit("book/page.md", "conv_output_size(4, 2)", "conv_output_size(7, 2)")
    assert book.build().returncode == 0
    assert book.executions() == [*BUILT, "page"]
    assert "size 6" in _outputs(book)


def test_an_edited_function_executes_all_that_import_it_also_indirectly(book):
    shapes = book.root / "cnnlib" / "shapes.py"
    replaced = "\n\ndef count_multiply_accumulates(*sizes):\n    return 4321\n"
    shapes.write_text(shapes.read_text("utf-8") + replaced, "utf-8")
    assert book.build().returncode == 0
    assert book.executions() == sorted([*BUILT, "index", "page"])


def test_an_edited_function_executes_only_those_that_import_it(book):
    conv = book.root / "cnnlib" / "conv.py"
    conv.write_text(conv.read_text("utf-8") + "\n\nADDED = 1\n", "utf-8")
    assert book.build().returncode == 0
    assert book.executions() == sorted([*BUILT, "index"])


def test_other_modules_comments_and_docstrings_execute_nothing(book):
    kernels = book.root / "cnnlib" / "kernels.py"
    kernels.write_text(kernels.read_text("utf-8") + "\n\nUNUSED = 1\n", "utf-8")
    shapes = book.root / "cnnlib" / "shapes.py"
    shapes.write_text(shapes.read_text("utf-8") + "\n# a comment\n", "utf-8")
    assert book.build().returncode == 0
    assert book.executions() == BUILT


def test_a_docstring_of_a_list_is_followed(book):
    listed, full = (f"```{{library}}\n{o}cnnlib.shapes\n```\n\n" for o in (":list:\n\n", ""))
    book.edit("book/index.md", "It goes on", f"{listed}It goes on")
    book.edit("book/page.md", "A formula", f"{full}A formula")
    assert book.build().returncode == 0
    shapes = book.root / "cnnlib" / "shapes.py"
    shapes.write_text(shapes.read_text("utf-8").replace('"""', '"""Say it anew. ', 1), "utf-8")
    result = book.build()
    assert result.returncode == 0, result.stderr
    index = (book.root / "_build/html/book/index.html").read_text("utf-8")
    assert "Say it anew." in index
    assert book.executions() == BUILT


def test_another_lock_of_npm_writes_all_pages_and_executes_nothing(book):
    book.edit("package-lock.json", '"lockfileVersion": 3', '"lockfileVersion":  3')
    result = book.build()
    assert result.returncode == 0, result.stderr
    assert "targets for 2 source files that are out of date" in result.stdout
    assert book.executions() == BUILT


def test_going_back_finds_the_cached_outputs(book):
    book.edit("book/page.md", "conv_output_size(4, 2)", "conv_output_size(7, 2)")
    assert book.build().returncode == 0
    book.edit("book/page.md", "conv_output_size(7, 2)", "conv_output_size(4, 2)")
    assert book.build().returncode == 0
    assert book.executions() == [*BUILT, "page"]


def test_a_stale_animation_fails_the_build_with_its_remedy(book):
    book.edit(
        "book/page.md",
        "A formula",
        "```{animation} sliding_kernel.SlidingKernel\n:alt: words\n\nIt slides.\n```\n\nA formula",
    )
    assert book.build().returncode == 0
    scene = book.root / "animations" / "sliding_kernel.py"
    scene.write_text(scene.read_text("utf-8") + "\n\nMOVED = 1\n", "utf-8")
    for _ in range(2):
        result = book.build()
        assert result.returncode != 0
        assert "python -m animations sliding_kernel.SlidingKernel" in result.stderr


ALL_FILMS = "```{animation-gallery}\n```\n\nA formula"


def test_a_film_that_no_page_shows_fails_the_build(book):
    book.edit("book/page.md", "A formula", ALL_FILMS)
    for _ in range(2):
        result = book.build()
        assert result.returncode != 0
        assert "no page shows the film sliding_kernel.SlidingKernel: embed it" in result.stderr


def test_the_gallery_follows_a_film_to_another_page(book):
    manifest = json.loads((book.root / FOLDER / "manifest.json").read_text("utf-8"))
    films = "".join(f"```{{animation}} {scene}\n:alt: words\n```\n\n" for scene in manifest)
    book.edit("book/page.md", "A formula", ALL_FILMS)
    book.edit("book/index.md", "It goes on", films + "It goes on")
    assert book.build().returncode == 0
    assert "Explained in <a" in _outputs(book)
    assert 'href="index.html">A book of two pages</a>' in _outputs(book)
    book.edit("book/index.md", "# A book of two pages", "# A book with films")
    assert book.build().returncode == 0
    assert 'href="index.html">A book with films</a>' in _outputs(book)
    assert book.executions() == BUILT, "films execute nothing"


def _outputs(book):
    return (book.root / "_build/html/book/page.html").read_text("utf-8")


def assignments(tree):
    return [ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Assign)]


def test_the_page_computes_the_numbers_of_its_animation(root):
    scene = ast.parse((root / "animations" / "sliding_kernel.py").read_text("utf-8"))
    page = page_code((root / "book" / "convolution.md").read_text("utf-8"))
    arrays = [a for a in assignments(scene) if a.startswith(("image = np.", "kernel = np."))]
    assert len(arrays) == 2
    assert set(arrays) <= set(assignments(ast.parse(page)))
