"""The page for addresses that are none: ``404.html``, with the search and the contents.

A server sends it in place of whatever was asked for, at any depth; so its addresses must not depend
on where it seems to be. Where the site's own address is known (`addresses`), they begin at its
root; in a build at home they stay relative, and the page works where it lies.
"""

import re
from pathlib import Path
from urllib.parse import urljoin, urlparse

import addresses
from search_index import contents

from cnnlib import atomic

NAME = "404"
_ADDRESS = re.compile(r'(?P<before>\s(?:href|src|action|data-content_root)=")(?P<uri>[^"]*)(?=")')


def from_the_root(html, root):
    """Return a page of the site's folder whose addresses begin at its root.

    Parameters
    ----------
    html : str
        A page that lies in the folder of the site.
    root : str
        The path of that folder on its server, such as ``"/lecture/"``.
    """

    def replace(match):
        uri = match["uri"]
        if uri.startswith("#") or urlparse(uri).scheme:
            return match[0]
        return match["before"] + urljoin(root, uri or "./")

    return _ADDRESS.sub(replace, html)


def collect_pages(app):
    """Make the page."""
    yield NAME, {"title": "There is no such page", "contents": contents(app)}, "404.html"


def root_addresses(app, exception):
    """Have the page work wherever it is sent."""
    site = addresses.site()
    if exception is None and app.builder.format == "html" and site:
        page = Path(app.outdir, f"{NAME}.html")
        atomic.write(page, from_the_root(page.read_text("utf-8"), urlparse(site).path))


def setup(app):
    """Register with Sphinx."""
    app.connect("html-collect-pages", collect_pages)
    app.connect("build-finished", root_addresses, priority=950)  # after all that changes pages
    return {"parallel_read_safe": True, "parallel_write_safe": True}
