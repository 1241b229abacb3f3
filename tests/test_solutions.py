"""The site without its solutions, and solutions that their own checks refuse."""

import ast
import re

from cnnlib.page_cells import page_code

EXERCISE = """
```{exercise} A size
:label: ex-output-size

How large?

:::{answer} output-size
:::
```

````{solution-start} ex-output-size
:class: dropdown
````

So it goes, in secret:

```{code-cell} python3
from pathlib import Path

from cnnlib import exercises

with Path("../executions.txt").open("a") as log:
    log.write("solution\\n")
exercises.check("output-size", 26)
```

````{solution-end}
````

After the exercise.
"""


def add(book, text):
    page = book.root / "book" / "page.md"
    page.write_text(page.read_text("utf-8") + text, "utf-8")


def site_text(book):
    site = book.root / "_build" / "html"
    offered = [
        *site.rglob("*.html"),
        *site.rglob("*.js"),
        *site.rglob("*.md"),
        *site.rglob("*.ipynb"),
    ]
    return "\n".join(path.read_text("utf-8") for path in offered)


def test_make_book_leaves_solutions_out_and_brings_them_back(book):
    add(book, EXERCISE)
    # Making the environment is not what is tested here.
    result = book.build("make", "--old-file=env", "book", "SOLUTIONS=no")
    assert result.returncode == 0, result.stderr
    assert "solution" not in book.executions()
    text = site_text(book)
    assert "How large?" in text
    assert "answer-form" in text
    assert "After the exercise." in text
    assert "in secret" not in text
    assert "output-size&quot;, 26" not in text
    assert 'check("output-size", 26)' not in text
    result = book.build("make", "--old-file=env", "book")
    assert result.returncode == 0, result.stderr
    assert "solution" in book.executions()
    assert site_text(book).count("in secret") >= 2, "the page and its source"


def test_another_choice_than_yes_or_no_is_refused(book):
    result = book.build(SOLUTIONS="maybe")
    assert result.returncode != 0
    assert "`SOLUTIONS` ('maybe') is neither" in result.stdout + result.stderr


def test_a_solution_that_its_check_refuses_fails_first_and_again(book):
    add(book, EXERCISE.replace('"output-size", 26', '"output-size", 27'))
    for _ in range(2):
        result = book.build()
        assert result.returncode != 0
        assert "refused by its own check: Not yet. You rounded up" in result.stderr


def test_an_unknown_exercise_fails(book):
    add(book, "\n:::{answer} no-such-size\n:::\n")
    result = book.build()
    assert result.returncode != 0
    assert "`name` ('no-such-size') is no exercise" in result.stderr


def test_an_edited_bank_reaches_the_form(book):
    add(book, EXERCISE)
    assert book.build().returncode == 0
    book.edit(
        "cnnlib/exercises/by_hand_counts.py",
        "Height of the output, in pixels",
        "Height of the map, in pixels",
    )
    assert book.build().returncode == 0
    assert "Height of the map, in pixels" in site_text(book)


def names_in(code, context):
    nodes = ast.walk(ast.parse(code))
    return {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, context)}


def test_no_page_needs_its_solutions(root):
    gated = re.compile(r"\{solution-start\}.*?\{solution-end\}", re.S)
    for path in (root / "book").glob("*.md"):
        text = path.read_text("utf-8")
        rest = gated.sub("", text)
        in_solutions = page_code("\n".join(gated.findall(text)))
        glued = set(re.findall(r'glue\("([^"]+)"', in_solutions))
        shown = set(re.findall(r"\{glue:[a-z]+\}`([^`:]+)", rest))
        assert not glued & shown, f"{path}: {glued & shown} is glued in a solution only"
        # What a cell outside uses must not come from a solution alone.
        only = names_in(in_solutions, ast.Store) - names_in(page_code(rest), ast.Store)
        only |= {
            node.name
            for node in ast.walk(ast.parse(in_solutions))
            if isinstance(node, ast.FunctionDef | ast.ClassDef)
        }
        defined = {
            getattr(node, "name", None) or getattr(node, "arg", None)
            for node in ast.walk(ast.parse(page_code(rest)))
        }
        used = names_in(page_code(rest), ast.Load) & only - defined
        assert not used, f"{path}: {used} comes from a solution"
