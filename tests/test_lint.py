"""The rules of a page, each on a planted fault and on a clean text."""

import pytest

from book import lint
from book.lint_rules import Page
from book.page_parts import parts_of

CLEAN = """\
---
file_format: mystnb
kernelspec:
  name: python3
---

# A page

It names the kernel $k$, and finds {glue:text}`gain:.1f` points. That is an **idea**.

:::{admonition} After this page you can
:class: goals

- do it.
:::

```{code-cell} python3
---
mystnb:
  image:
    alt: A line that rises.
---
fig, ax = plt.subplots()
```

$$
y = k \\sum_{q} q
$$

## Summary

It works; $y$ is what comes out, as in {term}`idea`.

```{exercise} Try it
:label: ex-try

Take 0.35 of it.
```

````{solution-start} ex-try
:class: dropdown
````

Half of 0.35 points.

````{solution-end}
````
"""
LINES = "x = 1\n" * 26
FAULTS = {
    "alt": [
        ("    alt: A line that rises.", "    alt: ''", 17, "a cell that draws"),
        ("## Summary", "```{figure} a.png\n```\n\n## Summary", 30, "`figure` a.png"),
        ("## Summary", "![](a.png)\n\n## Summary", 30, "the image a.png"),
    ],
    "typed": [
        ("{glue:text}`gain:.1f` points", "3.5 points", 9, "'3.5 points'"),
        ("{glue:text}`gain:.1f` points", "a loss of 0.53", 9, "'0.53'"),
        ("- do it.", "- get 91.2 % right.", 14, "'91.2 %'"),
    ],
    "cells": [
        ("fig, ax = plt.subplots()\n", LINES, 17, "26 lines"),
        ("fig, ax = plt.subplots()\n", f"x = {'1' * 75}\n", 17, "has 79 columns"),
    ],
    "headings": [
        ("## Summary", "## Summary\n\n#### Deep", 32, "from level 2 to 4"),
        ("## Summary", "## Summary\n\n# Another", 32, "second title"),
        ("# A page", "## A page", 7, "from level 0 to 2"),
    ],
    "symbols": [("y = k", "y = \\zeta k", 26, "the symbol \\zeta")],
    "terms": [
        ("{term}`idea`", "{term}`The notion <notion>`", 32, "'notion'"),
        ("an **idea**", "called a **scheme**", 9, "'scheme'"),
    ],
    "goals": [(":class: goals", ":class: note", 1, "no goals")],
    "summary": [("## Summary", "## The end", 1, "no summary")],
    "header": [("file_format: mystnb\n", "", 1, "no header")],
    "solutions": [("solution-start} ex-try", "solution-start} ex-other", 34, "ex-try")],
    "unfinished": [("It works;", "% write: what works\n\nIt works;", 32, "what works")],
}
PLANTED = [(rule, *fault) for rule, faults in FAULTS.items() for fault in faults]


def page(text, **changes):
    parts = parts_of(text, ["colon_fence", "dollarmath"])
    known = {"symbols": set(), "terms": {"idea"}, "in_contents": True} | changes
    return Page("page", text, parts, **known)


def found(text, **changes):
    return [fault[:3] for fault in lint.faults(page(text, **changes))]


def test_a_clean_page_has_no_faults():
    assert found(CLEAN) == []


@pytest.mark.parametrize(("rule", "old", "new", "line", "words"), PLANTED)
def test_a_planted_fault_is_found_at_its_line(rule, old, new, line, words):
    assert CLEAN.count(old) == 1
    ((where, which, what),) = found(CLEAN.replace(old, new))
    assert (where, which) == (line, rule)
    assert words in what


def test_a_page_that_no_reader_comes_to():
    assert [fault[1] for fault in found(CLEAN, in_contents=False)] == ["contents"]


def test_a_symbol_of_the_notation_table_is_explained():
    assert found(CLEAN.replace("y = k", "y = \\zeta k"), symbols={"\\zeta"}) == []


@pytest.mark.parametrize(
    "sentence",
    [
        "They report 15.32 % {cite:p}`somebody`.",
        "The 97.5 % quantile, in `0.25` and $0.25$ and Python 3.11.",
        "A wave of 0.4 cycles per pixel, 3 × 3 kernels, in 2012, on 10,000 images.",
    ],
)
def test_numbers_of_others_definitions_and_code_are_no_measurements(sentence):
    assert found(CLEAN.replace("It works;", f"{sentence} It works;")) == []


def test_functions_that_draw_and_hidden_cells_need_no_words():
    defined = "def draw():\n    plt.figure()\n"
    assert found(CLEAN + f"\n```{{code-cell}} python3\n{defined}```\n") == []
    hidden = ":tags: [remove-cell]\n\nplt.figure()\n"
    assert found(CLEAN + f"\n```{{code-cell}} python3\n{hidden}{LINES}```\n") == []


def test_a_reason_waives_a_fault_right_below_it():
    planted = "It is 3.5 points.\n\nIt works;"
    waived = f"% lint: typed (a bound, no result)\n\n{planted}"
    assert found(CLEAN.replace("It works;", waived)) == []
    late = CLEAN.replace("It works;", f"% lint: typed (a bound)\n\nNothing.\n\n{planted}")
    assert [fault[1] for fault in found(late)] == ["typed"]
    no_summary = CLEAN.replace("## Summary", "% lint: summary (a list)\n\n## A list")
    assert found(no_summary) == []


@pytest.mark.parametrize(
    "waiver", ["% lint: typed", "% lint: types (a reason)", "% lint: typed ()"]
)
def test_a_waiver_without_reason_or_rule_waives_nothing(waiver):
    text = CLEAN.replace("It works;", f"{waiver}\n\nIt works;")
    ((line, rule, what),) = found(text)
    assert (line, rule) == (32, "waiver")
    assert "waives nothing" in what


def test_the_pages_of_the_book_are_clean(root, capsys):
    assert lint.main([], root) == 0, capsys.readouterr().out


def test_a_fault_fails_the_command_with_its_place(tmp_path, root, capsys):
    (tmp_path / "book").mkdir()
    (tmp_path / "_config.yml").write_text((root / "_config.yml").read_text("utf-8"), "utf-8")
    (tmp_path / "_toc.yml").write_text("root: book/page\n", "utf-8")
    (tmp_path / "book" / "page.md").write_text(CLEAN, "utf-8")
    assert lint.main([], tmp_path) == 1  # no glossary there
    assert "book/page.md:9: terms: 'idea' is defined" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        lint.main(["gone"], tmp_path)
    assert "no page gone in book/: use page" in capsys.readouterr().err
