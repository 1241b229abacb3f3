"""What varies from build to build is found from a page's code."""

import re

import pytest
from myst_nb.core.read import read_myst_markdown_notebook


@pytest.fixture
def followed(root, monkeypatch):
    monkeypatch.syspath_prepend(root / "book" / "_ext")
    from clocks import Followed

    return lambda *cells: Followed([c if isinstance(c, tuple) else (c, []) for c in cells])


def test_a_reading_is_followed_to_sentences_and_prints(followed):
    page = followed(
        "import time\nstart = time.perf_counter()\nsize = 3",
        "print(size)",
        "took = time.perf_counter() - start",
        "print(took)",
        'glue("size", size)\nglue("took", took)',
    )
    assert page.cells == [True, False, True, True, True]
    assert page.key_varies("took")
    assert not page.key_varies("size")


def test_functions_methods_and_items_carry_it_on(followed):
    page = followed(
        "from timeit import repeat\ndef ms(f, start=0):\n    return min(repeat(f))",
        "took, rows = {}, []\nrows.append(ms(len))",
        "for n in (1, 2):\n    took[n] = ms(n)\n    glue(f'of-{n}', took[n])",
        "print(rows)",
        "print(len(took))",
        "def start():\n    rows = [1]\n    return rows",
        "print(start())",
    )
    assert page.cells == [True, True, True, True, True, False, False]
    assert page.key_varies("of-1")
    assert not page.key_varies("of")


def test_loops_carry_it_to_their_own_earlier_lines(followed):
    page = followed(
        "import time\nlast = 0\nfor n in (1, 2):\n    seen = last\n    last = time.time()",
        "for value in [seen]:\n    glue('seen', value)",
    )
    assert page.key_varies("seen")


def test_what_is_no_clock_does_not_vary(followed):
    page = followed("time = linspace(0, 1)\nprint(time.max())", "import numpy as timeit", "timeit")
    assert page.cells == [False, False, False]


def test_a_name_given_something_else_varies_no_more(followed):
    page = followed("import time\nx = time.time()\nx = 3", "print(x)")
    assert page.cells == [True, False]
    page = followed("import time\nx = time.time()", "for x in (1, 2):\n    print(x)", "print(x)")
    assert page.cells == [True, False, False]


def test_what_is_added_to_it_varies_on(followed):
    page = followed("import time\nx = time.time()", "x += 1", "print(x)", "y = 0\ny += 1")
    assert page.cells == [True, True, True, False]


@pytest.mark.parametrize(
    "counting",
    [
        "while time() - start < 1:\n    n += 1",
        "while True:\n    n += 1\n    if time() > start + 1:\n        break",
        "now = last = 0\nwhile last < 5:\n    n += 1\n    last = now\n    now = time()",
        "for _ in range(int(time()) % 7):\n    n = n + 1",
        "if time() > start:\n    n = 1",
        "if time() > start:\n    pass\nelse:\n    for _ in range(3):\n        n = 2",
        "n = 1 if time() > start else 2",
    ],
)
def test_what_a_clock_decides_on_varies(followed, counting):
    page = followed(
        "from time import time\nstart = time()\nn = other = 0",
        counting,
        "print(n)\nglue('n', n)",
        "print(other)",
        "while other < 3:\n    other += 1\n    if other == 2:\n        break\nprint(other)",
    )
    assert page.cells == [True, True, True, False, False]
    assert page.key_varies("n")


def test_what_is_glued_or_changed_where_a_clock_decides_varies(followed):
    page = followed(
        "import time\nrows = []\nif time.time() > 5:\n    rows.append(1)\n    glue('late', 1)",
        "print(rows)",
    )
    assert page.cells == [True, True]
    assert page.key_varies("late")


def test_a_value_that_may_have_stayed_varies(followed):
    page = followed("import time\nx = time.time()", "if ready:\n    x = 3", "print(x)")
    assert page.cells == [True, False, True]


@pytest.mark.parametrize(
    ("code", "varies"),
    [
        ("from datetime import datetime\nprint(datetime.now())", True),
        ("import datetime as dt\nprint(dt.date.today())", True),
        ("import datetime as dt\nprint(dt.timedelta(days=3))", False),
        ("from time import *\nprint(perf_counter())", True),
        ("from timeit import *\nprint(repeat(f))", True),
    ],
)
def test_all_clocks_of_the_standard_library_are_known(followed, code, varies):
    assert followed(code).cells == [varies]


@pytest.mark.parametrize("line", ["%timeit -n 3 f()", "%%time\nf()", "  %time f()"])
def test_a_command_that_measures_varies(followed, line):
    assert followed(line, "%matplotlib inline\nf()").cells == [True, False]


def test_what_a_command_has_measured_is_followed(followed):
    page = followed("took = %timeit -o f()\nsize = 3", "print(took)", "size", "took = !ls", "took")
    assert page.cells == [True, True, False, False, False]
    assert followed("x = (7\n    % 4)\nget_ipython().run_cell(code)", "x").cells == [False, False]


def test_a_tag_says_what_the_code_does_not_show(followed):
    page = followed(("run = fit()", ["varies"]), "glue('spent', run.seconds)", "1 +")
    assert page.cells == [True, True, False]
    assert page.key_varies("spent")


def test_the_pages_of_the_book(followed, root):
    varying = {}
    for path in (root / "book").glob("*.md"):
        notebook = read_myst_markdown_notebook(path.read_text("utf-8"))
        cells = [c for c in notebook.cells if c.cell_type == "code"]
        page = followed(*((c.source, c.metadata.get("tags", [])) for c in cells))
        if any(page.cells):
            varying[path.stem] = page
    assert {"convolution", "fourier", "why-convolutions"} <= set(varying)
    assert "symmetry" not in varying
    assert varying["convolution"].key_varies("loops-over-im2col")
    assert not varying["convolution"].key_varies("noise-predicted")
    assert varying["why-convolutions"].key_varies("hd-ms")


def test_what_varies_is_marked_in_a_head_and_left_out_of_the_search(site, path_on_server):
    page = (site / "book" / "pytorch-training.html").read_text("utf-8")
    (took,) = re.findall(r"Then, ([\d.]+) seconds after", page.partition("<body")[0])[:1]
    tags = re.findall(r"<meta [^>]*A dozen lines describe[^>]*>", page)
    assert len(tags) == (2 if path_on_server == "/" else 3)  # one for those who share the page
    assert all('class="varies"' in tag and took in tag for tag in tags)
    index = (site / "_static" / "search" / "index.js").read_text("utf-8")
    assert "Then, … seconds after" in index
    others = (site / "book" / "convolutional-layers.html").read_text("utf-8")
    assert "varies" not in others.partition("<body")[0]
