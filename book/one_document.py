"""The built pages of the book as one document of HTML, to be printed at once.

Printed at once, links between pages are links inside the document, and one tree of tags describes
all of it to a screen reader; joining printed pages would lose both. Names (``id``) are made the
document's own by the page's in front. What a reader on paper cannot use goes: films leave their
stills, interactive figures theirs (they need no script for it); hints and solutions are open, and
code that is folded on the site, since it only draws, is left out.
"""

import posixpath
from copy import copy
from html import escape
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlparse

from bs4 import BeautifulSoup

# A printed page has no use for these.
REMOVED = (
    "script, noscript, template, video, a.headerlink, .animation-bar, .animation-transcript, "
    ".answer-submit, .answer-verdict, .js-only, .only-dark, .sd-summary-state-marker, details.hide"
)
# Attributes that name elements of the page, by one name or by several.
NAMING = ("id", "for", "headers", "aria-labelledby", "aria-describedby", "aria-controls")


class Document:
    """The pages of a site, put together.

    Parameters
    ----------
    site : pathlib.Path
        The folder of the built site.
    parts : list of book.contents.Part
        What is in it.
    published : str
        The address of the published site, "" where there is none: then links to files of the site
        that are not in the document are only words.
    """

    def __init__(self, site, parts, published=""):
        self.site, self.parts, self.published = Path(site), parts, published.rstrip("/")
        self.names = {f"{page}.html": page for part in parts for page in part.pages}
        self.styles = []  # addresses in the site, each once
        self.entries = []  # (level, words, name) of what the contents list
        self.body = "".join(self._part(part) for part in parts)

    def html(self, title, front=""):
        """Return the whole document, with what comes before the first page."""
        styles = "".join(f'<link rel="stylesheet" href="/{path}">\n' for path in self.styles)
        return (
            '<!doctype html>\n<html lang="en" data-theme="light" data-mode="light">\n<head>\n'
            f'<meta charset="utf-8">\n<title>{escape(title)}</title>\n{styles}{self._heads()}'
            f'</head>\n<body class="whole-book">\n{front}{self.body}</body>\n</html>\n'
        )

    def _heads(self):
        """Return the style that names the page of the book at the head of each sheet."""
        rules = (
            f"#{name} {{ page: {name}; }}\n"
            f"@page {name} {{ @top-right {{ content: {_css_text(words)}; }} }}\n"
            for level, words, name in self.entries
            if level == 1
        )
        return f"<style>\n{''.join(rules)}</style>\n"

    def _part(self, part):
        if part.title:
            self.entries.append((0, part.title, key(part.pages[0])))
        return "".join(self._page(page, part.title) for page in part.pages)

    def _page(self, name, part):
        path = self.site / f"{name}.html"
        soup = BeautifulSoup(path.read_text("utf-8"), "html.parser")
        for link in soup.select("head link[rel~=stylesheet][href]"):
            style = posixpath.normpath(posixpath.join(posixpath.dirname(name), link["href"]))
            if style not in self.styles:
                self.styles.append(style)
        article = soup.select_one("article.bd-article")
        if article is None:
            raise ValueError(f"{path} has no article: build the site with `make book` first")
        for element in article.select(REMOVED):
            element.decompose()
        for image in article.select("img"):
            image["loading"] = "eager"
            image.attrs.pop("srcset", None)  # paper is for the whole picture
            image.attrs.pop("aria-hidden", None)  # a film's still: here it stands for the film
            image["src"] = self._file(name, image["src"])
        for details in article.select("details"):
            details["open"] = ""
        for link in article.select("a[href]"):
            self._lead(link, name)
        self._list(article, name)
        for element in article.find_all(True):
            for attribute in NAMING:
                if value := element.get(attribute):
                    words = value.split() if isinstance(value, str) else value
                    element[attribute] = " ".join(key(name, word) for word in words)
        over = f'<p class="part-title">{escape(part)}</p>' if part else ""
        return f'<section class="book-page bd-content" id="{key(name)}">{over}{article}</section>\n'

    def _list(self, article, name):
        """Note the page and its sections for the contents."""
        for heading in article.select("section > h1, section > h2"):
            if heading.find_parent(class_="admonition"):
                continue
            alone = copy(heading)
            for spoken in alone.select(".katex-mathml"):  # else a formula is there twice
                spoken.decompose()
            level, words = int(heading.name[1]), " ".join(alone.get_text().split())
            place = heading.parent["id"] if level > 1 else ""
            self.entries.append((level, words, key(name, place)))

    def _file(self, page, address):
        """Return the address in the document of a file that a page names."""
        if urlparse(address).scheme:
            return address
        return "/" + posixpath.normpath(posixpath.join(posixpath.dirname(page), address))

    def _lead(self, link, page):
        """Have a link of a page lead inside the document, out of it, or nowhere."""
        address, anchor = urldefrag(link["href"])
        anchor = anchor.partition("?")[0]  # what follows is the state of a figure
        if urlparse(address).scheme:
            return
        path = unquote(self._file(page, address)[1:]) if address else f"{page}.html"
        if path in self.names:
            link["href"] = f"#{key(self.names[path], unquote(anchor))}"
        elif self.published:
            link["href"] = f"{self.published}/{path}"
        else:
            del link["href"]


def key(page, anchor=""):
    """Return the name in the document of a page, or of a place on it."""
    page = page.replace("/", "-")
    return f"{page}--{anchor}" if anchor else page


def _css_text(words):
    return '"' + words.replace("\\", "\\\\").replace('"', '\\"') + '"'
