"""Print the built site as one PDF: ``python -m book.pdf`` makes ``_build/cnn-lecture.pdf``.

Chromium prints all pages at once (`book.one_document`), tagged for screen readers, with links that
lead inside the file. It knows on which sheet a place has come only when it has printed; so the
first printing tells the numbers of the contents, and the second has them. pypdf then adds
bookmarks and what the file says of itself. The same site gives the same file: its date is that of
the commit.
"""

import argparse
import io
import logging
import mimetypes
import os
import sys
from html import escape
from pathlib import Path
from urllib.parse import unquote, urlparse

import yaml
from playwright.sync_api import sync_playwright
from pypdf import PdfReader, PdfWriter
from pypdf.generic import BooleanObject, DictionaryObject, Fit, NameObject

from book._ext.commit import NO_DATE, commit
from book.browser import browser_command
from book.contents import parts
from book.one_document import Document
from cnnlib import atomic

ROOT = Path(__file__).resolve().parents[1]
TARGET = Path("_build/cnn-lecture.pdf")
# No server: the browser's requests for this address are answered from the site's folder.
ADDRESS = "http://lecture.invalid"


def front_matter(document, title, author, source, numbers):
    """Return the title page and the contents.

    Parameters
    ----------
    document : book.one_document.Document
        What the contents list.
    title, author : str
        Of the book.
    source : book._ext.commit.Commit
        What the title page says of where the text comes from.
    numbers : dict
        The number of the sheet of each name; what has none yet gets three digits.
    """
    dated = "" if source.date == NO_DATE else f"{source.date.day} {source.date:%B %Y}"
    made = f"commit {source.name[:12]}" if source.name else ""
    made += ", with local changes" if source.name and source.changed else ""
    said = "".join(f"<p>{escape(words)}</p>" for words in (author, dated, made) if words)
    rows = "".join(
        f'<li class="level-{level}"><a href="#{name}"><span>{escape(words)}</span>'
        f'<span class="sheet">{numbers.get(name, 888) if level else ""}</span></a></li>\n'
        for level, words, name in document.entries
    )
    return (
        f'<section class="title-page"><h1>{escape(title)}</h1><p>An executable lecture</p>{said}'
        "<p>Films and figures to take hold of stand here as pictures; on the site they move. Code "
        "that is folded there is left out here.</p>"
        f'</section>\n<nav class="book-contents" aria-labelledby="contents">'
        f'<h1 id="contents">Contents</h1><ul>\n{rows}</ul></nav>\n'
    )


def print_html(browser, html, site):
    """Return the PDF of a document whose files lie in a site's folder (bytes)."""
    missing = []

    def answer(route):
        path = unquote(urlparse(route.request.url).path)
        file = Path(site, path[1:])
        if path == "/":
            route.fulfill(body=html, content_type="text/html; charset=utf-8")
        elif file.is_file():
            kind = mimetypes.guess_type(file.name)[0]
            route.fulfill(body=file.read_bytes(), content_type=kind or "application/octet-stream")
        else:
            missing.append(path)
            route.abort()

    # Without scripts, each figure and film is what it is on paper: its still.
    context = browser.new_context(java_script_enabled=False, color_scheme="light")
    try:
        page = context.new_page()
        page.set_default_timeout(0)  # a whole book takes as long as it takes
        page.route("**/*", answer)
        page.goto(f"{ADDRESS}/", wait_until="load")
        if missing:
            raise FileNotFoundError(
                f"{', '.join(sorted(set(missing)))} of the pages are not in {site}: build the "
                "site again with `make book`"
            )
        return page.pdf(prefer_css_page_size=True, print_background=True, tagged=True)
    finally:
        context.close()


def sheets(pdf):
    """Return the number of the sheet, from 1, of each named place of a PDF (dict)."""
    reader = PdfReader(io.BytesIO(pdf))
    return {
        name.removeprefix("/"): reader.get_destination_page_number(place) + 1
        for name, place in reader.named_destinations.items()
    }


def finish(pdf, entries, information):
    """Return a printed PDF with bookmarks and with what it says of itself (bytes).

    Parameters
    ----------
    pdf : bytes
        As Chromium printed it.
    entries : list of tuple
        Level, words and named place of each bookmark, in order; levels begin at 0.
    information : dict
        Of the document, such as ``{"/Title": "…"}``.
    """
    reader = PdfReader(io.BytesIO(pdf))
    places = {name.removeprefix("/"): at for name, at in reader.named_destinations.items()}
    writer = PdfWriter(clone_from=reader)
    above = []  # the last bookmark of each level
    for level, words, name in entries:
        if name not in places:
            raise ValueError(
                f"nothing in the PDF is named {name} ({words}): a heading that the contents list "
                "must be printed, so let no style hide it"
            )
        above = [(at, item) for at, item in above if at < level]
        item = writer.add_outline_item(
            title=words,
            page_number=reader.get_destination_page_number(places[name]),
            parent=above[-1][1] if above else None,
            fit=Fit.xyz(top=places[name].top),
            is_open=level == 0,
        )
        above.append((level, item))
    writer.pdf_header = reader.pdf_header
    writer.page_mode = "/UseOutlines"
    writer.root_object[NameObject("/ViewerPreferences")] = DictionaryObject(
        {NameObject("/DisplayDocTitle"): BooleanObject(True)}
    )
    writer.metadata = information
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def make(site, root=ROOT):
    """Return the PDF of a built site (bytes)."""
    config = yaml.safe_load(Path(root, "_config.yml").read_text("utf-8"))
    source, title = commit(root), config["title"]
    document = Document(site, parts(root), os.environ.get("LECTURE_SITE", ""))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=browser_command(), args=["--no-sandbox", "--disable-gpu"]
        )
        try:
            numbers, known = {}, None
            while numbers != known:  # twice, unless longer contents have moved what follows
                known = numbers
                front = front_matter(document, title, config["author"], source, known)
                pdf = print_html(browser, document.html(title, front), site)
                numbers = sheets(pdf)
        finally:
            browser.close()
    date = f"D:{source.date:%Y%m%d%H%M%S}+00'00'"
    return finish(
        pdf,
        document.entries,
        {
            "/Title": title,
            "/Author": config["author"],
            "/Subject": "An executable lecture",
            "/Creator": source.name and f"commit {source.name}",
            "/Producer": "Chromium, pypdf",
            "/CreationDate": date,
            "/ModDate": date,
        },
    )


def main(arguments=None):
    """Print the site into a file."""
    parser = argparse.ArgumentParser(prog="python -m book.pdf", description=__doc__.split("\n")[0])
    parser.add_argument("--site", type=Path, default=ROOT / "_build/html", help="the built site")
    parser.add_argument("--output", type=Path, default=ROOT / TARGET, help=f"({TARGET})")
    given = parser.parse_args(arguments)
    # It finds more objects than Chromium announces, since it counts those inside others.
    logging.getLogger("pypdf").setLevel(logging.ERROR)
    pdf = make(given.site)
    atomic.write(given.output, pdf)
    count = len(PdfReader(io.BytesIO(pdf)).pages)
    print(f"{given.output}: {count} sheets, {len(pdf) / 1e6:.1f} MB")


if __name__ == "__main__":
    sys.exit(main())
