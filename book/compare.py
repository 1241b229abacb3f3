"""Hold two builds of one commit against each other: ``python -m book.compare ONE TWO``.

Two sites built of one commit are alike to the last byte, but for what clocks measure: outputs,
numbers and pictures inside elements of the class ``varies``, and what a page's head says of them
(`varying` marks all). The command lists every other difference and exits 1 if there is one.
"""

import argparse
import posixpath
import re
import sys
from pathlib import Path
from urllib.parse import urlparse

from bs4 import BeautifulSoup

from book.changes import changed_lines

_NUMBER = re.compile(r"\d[\d.,]*")


def without_varying(text):
    """Return a page without what varies, and the addresses of pictures in that.

    Parameters
    ----------
    text : str
        HTML.

    Returns
    -------
    (str, list of str)
    """
    soup = BeautifulSoup(text, "html.parser")
    pictures = []
    for element in soup.select("meta.varies"):
        del element["content"]
    for element in soup.select(".varies"):
        outputs = element.select(".cell_output") if "cell" in element["class"] else [element]
        for output in outputs:
            pictures += [image["src"] for image in output.select("img[src]")]
            output.clear()
    return str(soup), pictures


def differences(one, two):
    """Return what differs between two sites, as lines to print.

    Parameters
    ----------
    one, two : pathlib.Path
        The folders of the sites.
    """
    first, second = _files(one), _files(two)
    pictures = _varying_pictures(one) | _varying_pictures(two)
    found = []
    for name in sorted({*first, *second} - pictures):
        if name not in first or name not in second:
            found.append(f"{name}: only in {one if name in first else two}")
        elif first[name].read_bytes() != second[name].read_bytes():
            found += _difference(name, first[name], second[name])
    return found


def _files(folder):
    if not (folder / "index.html").is_file():
        raise FileNotFoundError(f"{folder} has no index.html: give the folder of a built site")
    return {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file()}


def _varying_pictures(site):
    """Return the files of pictures that a clock's reading is drawn in."""
    return {
        posixpath.normpath(posixpath.join(path.parent.relative_to(site).as_posix(), address))
        for path in site.rglob("*.html")
        for address in without_varying(path.read_text("utf-8"))[1]
        if not urlparse(address).scheme
    }


def _difference(name, first, second):
    """Return the lines on two files of one name, none where only that differs which may."""
    try:
        texts = [path.read_text("utf-8") for path in (first, second)]
    except UnicodeDecodeError:
        return [f"{name}: other bytes"]
    if name.endswith(".html"):
        texts = [without_varying(text)[0] for text in texts]
    elif name.endswith(".ipynb"):
        # Its sentences are those of the page, where all but what clocks have said is compared.
        said = [_varying_words(path.with_suffix(".html")) for path in (first, second)]
        if all(said):
            for words in sorted(set().union(*said), key=len, reverse=True):
                texts = [text.replace(words, "") for text in texts]
            texts = [_NUMBER.sub("0", text) for text in texts]
    changed = changed_lines(*[text.splitlines() for text in texts])
    return [f"{name}: {line[:200]}" for line in changed]


def _varying_words(page):
    """Return what clocks have said in a page's sentences, in words as well as in numbers."""
    soup = BeautifulSoup(page.read_text("utf-8") if page.is_file() else "", "html.parser")
    return {element.get_text() for element in soup.select(".pasted-text.varies")}


def main(arguments=None):
    """Print the differences; return 1 if there are any."""
    parser = argparse.ArgumentParser(
        prog="python -m book.compare", description=__doc__.split("\n")[0]
    )
    parser.add_argument("one", type=Path, help="folder of a built site")
    parser.add_argument("two", type=Path, help="folder of another, of the same commit")
    given = parser.parse_args(arguments)
    try:
        found = differences(given.one, given.two)
    except FileNotFoundError as error:
        parser.exit(2, f"{error}\n")
    print("\n".join(found) or "The two sites are alike, but for what clocks measure.")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
