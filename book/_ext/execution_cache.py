"""Execute a page again when the code behind it has changed, and only then.

MyST-NB keeps the outputs of executed pages in a cache whose key is the page's code cells and its
kernel. That key says nothing of the modules that the cells import: after an edit of ``cnnlib`` the
pages would show yesterday's results. So the fingerprint of what the cells import
(`cnnlib.freshness`) joins the kernel in the page's header while the page is read, and with it the
key; and pages whose fingerprint has moved are read again. Prose is in neither, so that editing it
executes nothing. Which data sets a page names, and where they lie on this machine, counts alike:
a page that had to do without the images is executed again when they have come.
"""

import json
import os
import re
from pathlib import Path

import yaml
from solutions import shown
from sphinx.util import logging

from cnnlib import datasets
from cnnlib.freshness import page_fingerprint
from cnnlib.page_cells import page_code

_log = logging.getLogger(__name__)
_HEADER = re.compile(r"\A---\n(.*?\n)---[ \t]*\n", re.DOTALL)


def add_fingerprint(text, fingerprint):
    """Return the page with the fingerprint beside its kernel's name, all lines where they were.

    A page without a kernel in its header is returned as it is.
    """
    match = _HEADER.match(text)
    header = yaml.safe_load(match[1]) if match else None
    if not isinstance(header, dict) or "kernelspec" not in header:
        return text
    header["kernelspec"]["fingerprint"] = fingerprint
    blank = "\n" * match[1].count("\n")
    return f"---\n{json.dumps(header)}{blank}---\n{text[match.end() :]}"


def on_source_read(app, docname, source):
    """Put the fingerprint into the page that Sphinx is about to parse, and remember it."""
    fingerprint = _fingerprint(source[0], app.srcdir)
    _fingerprints(app.env)[docname] = fingerprint
    source[0] = add_fingerprint(source[0], fingerprint)


def on_get_outdated(app, env, added, changed, removed):
    """Name the pages whose code has moved although the page itself has not."""
    known = _fingerprints(env)
    for docname in removed:
        known.pop(docname, None)
    return [
        docname
        for docname in sorted(env.found_docs - added - changed)
        if known.get(docname) != _fingerprint(_text(env, docname), app.srcdir)
    ]


def on_build_finished(app, exception):
    """Name the pages that were made without images, and the command that gets these."""
    if exception:
        return
    for docname in sorted(app.env.found_docs):
        for name, place in places_of_data(_text(app.env, docname)).items():
            if place is None:
                _log.info(
                    "%s: %s is not on this machine, and figures with its images say so: get it "
                    "with `make data`, then build again",
                    docname,
                    name,
                )


def places_of_data(text):
    """Return where the data sets that a page's cells name lie on this machine (dict)."""
    named = set(re.findall(r"""["']([\w-]+)["']""", page_code(text)))
    return {name: datasets.at_hand(name) for name in datasets.names() if name in named}


def _fingerprint(text, root):
    places = places_of_data(text)
    return page_fingerprint(text, root) + (json.dumps(places) if places else "")


def _fingerprints(env):
    if not hasattr(env, "page_fingerprints"):
        env.page_fingerprints = {}
    return env.page_fingerprints


def _text(env, docname):
    return shown(Path(env.doc2path(docname)).read_text(encoding="utf-8"))


def setup(app):
    """Register with Sphinx."""
    # Pages time NumPy. With threads of its own it waits for a busy core at every product.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    app.connect("source-read", on_source_read)
    app.connect("env-get-outdated", on_get_outdated)
    app.connect("build-finished", on_build_finished)
    # Fingerprints of pages read in another process would be lost.
    return {"env_version": 1, "parallel_read_safe": False, "parallel_write_safe": True}
