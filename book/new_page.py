"""Start a page: ``python -m book.new_page NAME`` writes book/NAME.md and lists it in _toc.yml.

The page has the header that makes its cells run, and the order in which a page of this book
unfolds: question, goals, idea, measurement, summary, exercises. `book.lint` reports what is still
to be written.
"""

import argparse
import re
import sys
from pathlib import Path

import yaml

from book.lint import files_of
from cnnlib import atomic

ROOT = Path(__file__).resolve().parents[1]
NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")

SKELETON = """\
---
file_format: mystnb
kernelspec:
  name: python3
---

# {title}

% write: the question of this page and its result, in two sentences; numbers by {{glue:text}}

:::{{admonition}} After this page you can
:class: goals

% write: three to five things that a reader can do afterwards, as a list

% write: what one has to know, as links to pages, and how long it takes
:::

```{{code-cell}} python3
from cnnlib import plots

plots.use_style()
```

% write: a section with its title: the idea, the equation, a cell, a figure, what to see in it

## Summary

% write: what has come out, in a few points

## Exercises

% write: one exercise or more, each with its solution (see "Add an exercise" in CONTRIBUTING.md)
"""


def new_page(name, root):
    """Write a page and list it behind the last page that is no back matter.

    What is there of it already stays: a page that is not listed is listed, and one that is listed
    and not there is written.

    Parameters
    ----------
    name : str
        Its name in addresses: lower-case words with hyphens, such as ``"deep-dreams"``.
    root : pathlib.Path
        The repository.

    Returns
    -------
    pathlib.Path
        The page.

    Raises
    ------
    ValueError
        If `name` is no such name, or if there is a page of that name, and it is listed.
    """
    page, contents = root / "book" / f"{name}.md", root / "_toc.yml"
    if not NAME.fullmatch(name):
        raise ValueError(
            f"`name` ({name!r}) is no name of a page: use lower-case words, digits and hyphens, "
            "such as deep-dreams"
        )
    text = contents.read_text("utf-8")
    written, listed = page.exists(), f"book/{name}" in files_of(yaml.safe_load(text))
    if written and listed:
        raise ValueError(f"`name` ({name!r}) is the name of a page already: choose another")
    if not written:  # first, since a build fails of a page that is listed and not there
        atomic.write(page, SKELETON.format(title=name.replace("-", " ").capitalize()))
    if not listed:
        atomic.write(contents, with_page(text, name))
    return page


def with_page(contents, name):
    """Return a table of contents that lists one more page; its comments and order stay."""
    lines = contents.splitlines(keepends=True)
    back = next((i for i, line in enumerate(lines) if "Back matter" in line), len(lines))
    last = max(i for i, line in enumerate(lines[:back]) if "- file:" in line)
    indent = lines[last].partition("-")[0]
    lines[last] = lines[last].rstrip("\n") + f"\n{indent}- file: book/{name}\n"
    return "".join(lines)


def main(arguments=None, root=ROOT):
    """Write the page, and say where it is."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("name", help="the page's name in addresses, such as deep-dreams")
    try:
        page = new_page(parser.parse_args(arguments).name, root)
    except ValueError as error:
        parser.error(str(error))
    print(f"{page.relative_to(root)} is there and listed in _toc.yml: put it where it belongs")
    print("`make serve` shows it, `make lint` says what is still to be written")


if __name__ == "__main__":
    sys.exit(main())
