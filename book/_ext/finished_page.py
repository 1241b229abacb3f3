"""Read what a page asks for, and write its head anew: few requests, no script inside the page.

What Sphinx, the theme and the extensions put there one by one is read off, and the page gets one
style sheet, one script, and the scripts that only it needs. A head that has been written so is
left alone but for the names of the files, so that this can be done to every page of every build.
"""

import re
from html.parser import HTMLParser
from urllib.parse import urlparse

from bs4 import BeautifulSoup
from sphinx.errors import ExtensionError

SHEET, FIRST = "lecture-site.css", "first-paint.js"
# What all pages run; the theme's half by itself, so that a page can be painted between the two.
SCRIPT, THEME_SCRIPT = "lecture-site.js", "theme-site.js"

# What pages do without: icons are a font (see `finished_fonts`), and the search has its own page.
UNUSED = {"scripts/fontawesome.js"}
FOR_SEARCH = {"searchtools.js", "language_data.js", "../searchindex.js"}
# What runs; the others hold data. In the text of a page these signs are escaped.
_SCRIPT = re.compile(r'<script\b(?![^>]*\btype="application/)[^>]*>.*?</script>\s*', re.DOTALL)
# Code in attributes, which the policy forbids; lecture.js does what a button calls.
_HANDLER = re.compile(r'(<[a-z][^<>]*?\s)on([a-z]+)="([^"]*)"')
CALLS = {"window.print()", "toggleFullScreen()"}
_UNREAD = re.compile(r"DOCUMENTATION_OPTIONS\.pagename = '[^']*';")  # by a menu that we have not


def policy(wasm=False):
    """Return what the browser may do for a page, as Content-Security-Policy says it.

    ``'self'`` means nothing for a page from a disk in some browsers, so that ``file:`` stands
    beside it; a page from a server cannot load from there. KaTeX sets formulas by style attributes;
    browsers that do not tell them from style sheets read ``style-src``.

    Parameters
    ----------
    wasm : bool
        Whether the page runs WebAssembly.
    """
    own = "'self' file:"
    rules = {
        "default-src": own,
        "script-src": own + (" 'wasm-unsafe-eval'" if wasm else ""),
        "style-src": f"{own} 'unsafe-inline'",
        "style-src-elem": own,
        "style-src-attr": "'unsafe-inline'",
        "img-src": f"{own} data: blob:",
        "media-src": f"{own} blob:",
        "object-src": "'none'",
        "frame-src": "'none'",
        "base-uri": "'none'",
        "form-action": own,
    }
    return "; ".join(f"{name} {sources}" for name, sources in rules.items())


class Asked(HTMLParser):
    """What a page's elements could be named by in a style sheet, and what its formulas show.

    Attributes
    ----------
    words : set of str
        Names of elements, classes, identifiers, attributes and their values.
    characters : set of str
        What stands in the formulas that are seen.
    """

    def __init__(self, text):
        super().__init__()
        self.words, self.characters, self._depth = set(), set(), 0
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        """Note the names; count the elements inside a formula, all of which are closed."""
        classes = ""
        self.words.add(tag)
        for name, value in attributes:
            self.words.add(name)
            if name == "class":
                classes = value or ""
            if name not in ("href", "src", "alt", "title", "content", "d", "style"):
                self.words.update((value or "").split())
        if self._depth or "katex-html" in classes:
            self._depth += 1

    def handle_endtag(self, tag):
        """Leave an element of a formula."""
        self._depth = max(self._depth - 1, 0)

    def handle_data(self, data):
        """Note the characters of a formula."""
        if self._depth:
            self.characters.update(data)


class Page:
    """A page of the site.

    Parameters
    ----------
    name : str
        Its path in the site.
    text : str
        Its HTML, as Sphinx or `finished` wrote it.

    Attributes
    ----------
    finished : bool
        Whether it is as `finished` writes it.
    sheets : list of str
        The style sheets of a page that is not finished, as paths below ``_static``.
    scripts : list of str
        Its scripts, in the order in which they run: paths below ``_static``, or after ``inline:``
        what stood in the page.
    """

    def __init__(self, name, text):
        self.name = name
        head, _, body = text.partition("</head>")
        self._before, _, inner = head.partition("<head>")
        self._head = BeautifulSoup(inner, "html.parser")
        self._scripts_of_body = BeautifulSoup("".join(_SCRIPT.findall(body)), "html.parser")
        self._body = body
        links = self._head.find_all("link", rel="stylesheet", href=True)
        self.root = next((link["href"].partition("_static/")[0] for link in links), "")
        self._links = [link for link in links if not link.get("media")]
        names = [self._path(link["href"]) for link in self._links]
        self.finished = SHEET in names
        self.sheets = [name for name in names if name != SHEET]
        self.scripts = []
        for found in self._runnable():
            script = self._path(found["src"]) if "src" in found.attrs else f"inline:{found.string}"
            if script not in {SCRIPT, THEME_SCRIPT, FIRST} and self._wants(script):
                self.scripts.append(script)

    def _runnable(self):
        found = self._head.find_all("script") + self._scripts_of_body.find_all("script")
        return [script for script in found if _SCRIPT.fullmatch(str(script))]

    def _path(self, address):
        path = urlparse(address).path.removeprefix(self.root)
        return path.removeprefix("_static/") if path.startswith("_static/") else f"../{path}"

    def _wants(self, script):
        if script.startswith("inline:"):
            early = "document.documentElement.dataset.mode" in script  # `FIRST` does it
            return not early and not _UNREAD.fullmatch(script.removeprefix("inline:").strip())
        return script not in UNUSED and (script not in FOR_SEARCH or self.name == "search.html")

    def finish(self, sheet, scripts, fonts=(), wasm=False):
        """Return the finished page.

        Parameters
        ----------
        sheet : str
            The path of its style sheet below ``_static``, as the other paths are.
        scripts : list of str
            Those of its scripts: the one that runs before the page is seen, then those that wait.
        fonts : list of str
            Those of the fonts that it surely needs.
        wasm : bool
            Whether it runs WebAssembly.

        Returns
        -------
        str
        """
        head, new = self._head, self._head.new_tag
        rules = {"http-equiv": "Content-Security-Policy", "content": policy(wasm)}
        first, *waiting = (new("script", src=self._address(path)) for path in scripts)
        if fonts:
            first["data-fonts"] = " ".join(map(self._address, fonts))
        for script in waiting:
            script["defer"] = ""
        for left_out in [
            *self._links,
            *self._runnable(),
            *head.find_all("link", rel="preload", attrs={"as": "script"}),
            *(e for e in head.find_all("noscript") if e.find("style")),  # lecture.css says it
            *head.find_all("meta", attrs={"http-equiv": rules["http-equiv"]}),
            *head.find_all("meta", attrs={"name": "viewport"})[1:],
        ]:
            left_out.extract()
        charset, *others = head.find_all(recursive=False)
        sheet = new("link", rel="stylesheet", href=self._address(sheet))
        lines = [charset, new("meta", attrs=rules), first, sheet, *waiting, *others]
        head = "\n".join(map(str, lines))
        body = _HANDLER.sub(self._name_call, _SCRIPT.sub("", self._body))
        return f"{self._before}<head>\n{head}\n</head>{body}"

    def _name_call(self, found):
        tag, event, code = found.groups()
        if event != "click" or code not in CALLS:
            raise ExtensionError(
                f"`on{event}` ({code}) in {self.name} would not run, since pages forbid code in "
                "attributes: listen to the event in a file of `html_js_files`"
            )
        return f'{tag}data-calls="{code}"'

    def _address(self, path):
        outside = path.removeprefix("../")
        return self.root + (outside if outside != path else f"_static/{path}")
