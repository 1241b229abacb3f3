"""Execute a page again when the code behind it has changed, and only then.

MyST-NB keeps the outputs of executed pages in a cache whose key is the page's code cells and its
kernel. That key says nothing of the modules that the cells import: after an edit of ``cnnlib`` the
pages would show yesterday's results. So the fingerprint of what the cells import
(`cnnlib.freshness`) joins the kernel in the page's header while the page is read, and with it the
key; and pages whose fingerprint has moved are read again. Prose is in neither, so that editing it
executes nothing.
"""

import json
import os
import re
from pathlib import Path

import yaml

from cnnlib.freshness import page_fingerprint

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
    fingerprint = page_fingerprint(source[0], app.srcdir)
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
        if known.get(docname) != page_fingerprint(_text(env, docname), app.srcdir)
    ]


def _fingerprints(env):
    if not hasattr(env, "page_fingerprints"):
        env.page_fingerprints = {}
    return env.page_fingerprints


def _text(env, docname):
    return Path(env.doc2path(docname)).read_text(encoding="utf-8")


def setup(app):
    """Register with Sphinx."""
    # Pages time NumPy. With threads of its own it waits for a busy core at every product.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    app.connect("source-read", on_source_read)
    app.connect("env-get-outdated", on_get_outdated)
    # Fingerprints of pages read in another process would be lost.
    return {"env_version": 1, "parallel_read_safe": False, "parallel_write_safe": True}
