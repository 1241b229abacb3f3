"""What is in the book, in which order: its parts and pages, and the sections of a built page."""

from dataclasses import dataclass
from pathlib import Path

import yaml


@dataclass(frozen=True)
class Part:
    """A part of the book: its title, "" before the first, and the names of its pages."""

    title: str
    pages: tuple


def parts(root):
    """Return the parts of the book in order, read from ``_toc.yml`` (list of `Part`)."""
    toc = yaml.safe_load(Path(root, "_toc.yml").read_text("utf-8"))
    found = [Part("", (toc["root"],))]
    for part in toc.get("parts") or [{"chapters": toc.get("chapters", [])}]:
        found.append(Part(part.get("caption") or "", tuple(_files(part["chapters"]))))
    return found


def _files(chapters):
    for chapter in chapters:
        if "file" in chapter:
            yield chapter["file"]
        yield from _files(chapter.get("sections", []))


def pages(root):
    """Return the names of all pages in order, such as ``"book/convolution"``."""
    return [page for part in parts(root) for page in part.pages]
