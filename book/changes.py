"""Say what a change of the source changed in the site: ``python -m book.changes OLD NEW``.

OLD and NEW are ``build.json`` of two built sites, or their folders. What comes out is Markdown, for
the comment on a pull request: pages executed again, numbers that moved, outputs that are others,
films rendered again. What clocks measure is not in ``build.json``, so that it never counts.
"""

import argparse
import difflib
import json
import sys
from itertools import islice
from pathlib import Path

MOST_LINES = 60  # of a page's printed output; a comment is there to be read


def read(place):
    """Return what a site's ``build.json`` holds (dict).

    Parameters
    ----------
    place : pathlib.Path
        The file, or the folder of the site.
    """
    path = place / "build.json" if place.is_dir() else place
    if not path.is_file():
        raise FileNotFoundError(
            f"{path} is not there: give the folder of a site that `make book` has built, or the "
            "build.json of a published one"
        )
    record = json.loads(path.read_text("utf-8"))
    if not isinstance(record, dict) or not {"pages", "films", "commit"} <= set(record):
        raise ValueError(f"{path} is no record of a build: it has no pages, films or commit")
    return record


def changes(old, new):
    """Return the Markdown that says what is other in the new site (str)."""
    before, after = old["pages"], new["pages"]
    executed = [name for name in after if after[name]["code"] != before.get(name, {}).get("code")]
    rendered = sorted(k for k, digest in new["films"].items() if digest != old["films"].get(k))
    told = [
        f"Compared with the site of commit {_code(old['commit'][:12] or 'unknown')}:",
        _list("Pages executed again", executed),
        _list("Pages that are gone", [name for name in before if name not in after]),
        _list("Animations rendered again", rendered),
        _list("Animations that are gone", sorted(set(old["films"]) - set(new["films"]))),
    ]
    for name in after:
        told += [_numbers(name, before.get(name), after[name])]
        told += [_outputs(name, before.get(name), after[name])]
    told = [part for part in told if part]
    if len(told) == 1:
        told.append("No page is executed again, no number moves, no animation is rendered again.")
    return "\n\n".join(told) + "\n"


def _list(title, names):
    if not names:
        return ""
    return f"**{title}** ({len(names)}): {', '.join(map(_code, names))}"


def _numbers(page, before, after):
    """Return the table of the numbers in a page's sentences that moved."""
    if before is None:
        return ""
    old, new = before["glued"], after["glued"]
    moved = [key for key in sorted({*old, *new}) if old.get(key) != new.get(key)]
    if not moved:
        return ""
    rows = (f"| {_code(k)} | {_cell(old.get(k))} | {_cell(new.get(k))} |" for k in moved)
    head = [f"**Numbers that moved in {_code(page)}**", "", "| | before | after |", "| - | - | - |"]
    return "\n".join([*head, *rows])


def _outputs(page, before, after):
    """Return the lines of a page's printed output that are others, and how many figures are."""
    if before is None:
        return ""
    old, new = _printed(before), _printed(after)
    lines = changed_lines(old, new)
    drawn = len({*_drawn(after)} - {*_drawn(before)})
    if not lines and not drawn:
        return ""
    title = f"**Outputs of {_code(page)}**"
    title += f": {drawn} other picture{'s' * (drawn > 1)}" if drawn else ""
    if not lines:
        return title
    left_out = [f"… and {len(lines) - MOST_LINES} lines more"] * (len(lines) > MOST_LINES)
    shown = [line.replace("```", "'''") for line in lines[:MOST_LINES]] + left_out
    return "\n".join([title, "", "```diff", *shown, "```"])


def changed_lines(old, new):
    """Return the lines that differ, each after its sign.

    Examples
    --------
    >>> changed_lines(["same", "-- a rule --"], ["same"])
    ['--- a rule --']
    """
    lines = islice(difflib.unified_diff(old, new, n=0, lineterm=""), 2, None)  # less the names
    return [line for line in lines if not line.startswith("@@")]


def _printed(page):
    return [line for output in page["outputs"] for line in output["printed"]]


def _drawn(page):
    return [digest for output in page["outputs"] for digest in output["drawn"]]


def _code(words):
    return f"`{words.replace('`', '')}`"


def _cell(value):
    """Return a number for a table: short, and no Markdown of its own."""
    if value is None:
        return "–"
    short = value if len(value) <= 40 else f"{value[:39]}…"
    return _code(short.replace("|", "\\|").replace("\n", " "))


def main(arguments=None):
    """Print the changes."""
    parser = argparse.ArgumentParser(
        prog="python -m book.changes", description=__doc__.split("\n")[0]
    )
    parser.add_argument("old", type=Path, help="build.json or folder of the site before")
    parser.add_argument("new", type=Path, help="build.json or folder of the site after")
    given = parser.parse_args(arguments)
    try:
        print(changes(read(given.old), read(given.new)), end="")
    except (FileNotFoundError, ValueError) as error:
        parser.exit(2, f"{error}\n")


if __name__ == "__main__":
    sys.exit(main())
