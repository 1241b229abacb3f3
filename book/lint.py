"""Read the pages for what a build cannot see: ``python -m book.lint``, or some pages by name.

Each fault is a line of ``file:line: rule: what is wrong; remedy``, and the command fails. The rules
are in `book.lint_rules`; a page waives one with its reason, in a comment right above the fault (or,
for what is wrong with the whole page, anywhere)::

    % lint: cells (the whole algorithm is the lesson)
"""

import argparse
import re
import sys
from pathlib import Path

import yaml

from book.lint_rules import RULES, Page, of_kind, symbols_in
from book.page_parts import parts_of

ROOT = Path(__file__).resolve().parents[1]
WAIVER = re.compile(r"lint:\s*(?P<rule>[\w-]+)\s*(?:\((?P<reason>.+)\))?\s*$")


def syntax(root):
    """Return the extensions of MyST that the book is written with."""
    settings = yaml.safe_load((root / "_config.yml").read_text("utf-8"))
    return settings["parse"]["myst_enable_extensions"]


def read_pages(root):
    """Return all pages of the book with what their rules need, a dict by their paths."""
    extensions = syntax(root)
    found = sorted((root / "book").glob("*.md"))
    texts = {path: path.read_text("utf-8") for path in found}
    parts = {path: parts_of(text, extensions) for path, text in texts.items()}
    symbols, terms = set(), set()
    for path, of_page in parts.items():
        if path.stem == "notation":
            for part in of_page:
                symbols |= symbols_in(part.text) if part.kind == "formula" else set()
        for part in of_page:
            if part.kind == "directive" and part.name == "glossary":
                terms |= {t.strip().lower() for t in re.findall(r"(?m)^(\S.*)$", part.text)}
    contents = yaml.safe_load((root / "_toc.yml").read_text("utf-8"))
    listed = set(files_of(contents))
    return {
        path: Page(
            path.stem,
            texts[path],
            of_page,
            symbols,
            terms,
            in_contents=f"book/{path.stem}" in listed,
            is_root=contents["root"] == f"book/{path.stem}",
        )
        for path, of_page in parts.items()
    }


def files_of(contents):
    """Yield the pages that a table of contents names, at any depth."""
    if isinstance(contents, dict):
        yield from (contents[key] for key in ("root", "file") if key in contents)
        for value in contents.values():
            yield from files_of(value)
    elif isinstance(contents, list):
        for entry in contents:
            yield from files_of(entry)


def faults(page):
    """Yield what is wrong with a page: (line, rule, what, remedy), in the order of its lines."""
    yield from sorted((*_of_rules(page), *_of_waivers(page)))


def _of_rules(page):
    waived = {}
    for part, match in _waivers(page):
        if match and match["reason"]:
            waived.setdefault(match["rule"], {1}).update(_lines_below(page, part.line))
    for rule in RULES:
        name = rule.__name__
        for line, what, remedy in rule(page):
            if line not in waived.get(name, ()):
                yield line, name, what, remedy


def _lines_below(page, line):
    """Return the lines of the paragraph, table or cell that follows a line."""
    lines = page.text.split("\n")
    while line < len(lines) and not lines[line].strip():
        line += 1
    end = line
    while end < len(lines) and lines[end].strip():
        end += 1
    return range(line + 1, end + 1)


def _waivers(page):
    for part in of_kind(page, "comment"):
        if part.text.startswith("lint:"):
            yield part, WAIVER.match(part.text)


def _of_waivers(page):
    known = [rule.__name__ for rule in RULES]
    for part, match in _waivers(page):
        if not match or not match["reason"] or match["rule"] not in known:
            remedy = f"write `% lint: rule (reason)`, with one of {', '.join(known)}"
            yield part.line, "waiver", f"{part.text!r} waives nothing", remedy


def main(arguments=None, root=ROOT):
    """Print what is wrong; return 1 if there is anything."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("page", nargs="*", help="pages by their names, as convolution (all)")
    wanted = parser.parse_args(arguments).page
    pages = {path.stem: (path, page) for path, page in read_pages(root).items()}
    if unknown := sorted(set(wanted) - set(pages)):
        parser.error(f"no page {', '.join(unknown)} in book/: use {', '.join(pages)}")
    count = 0
    for name in wanted or pages:
        path, page = pages[name]
        for line, rule, what, remedy in faults(page):
            print(f"{path.relative_to(root)}:{line}: {rule}: {what}; {remedy}")
            count += 1
    return min(count, 1)


if __name__ == "__main__":
    sys.exit(main())
