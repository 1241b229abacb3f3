"""What each page was made of: said in its footer, and kept beside the site as ``build.json``.

A page is written again when it has changed, not at each commit. So the commit gets into the footers
when the build has finished, in pages old and new alike. ``build.json`` has for each page the
digest of its code, the numbers that its cells handed to sentences, and what they printed and drew,
and for each film its fingerprint: from two of them `book.changes` tells what a change changed.
What a clock has told (`varying`) is not in it: two builds of one commit give the same file.
"""

import hashlib
import json
import os
import re
from html import escape
from importlib.metadata import version
from pathlib import Path
from platform import python_version

import addresses
from commit import NO_DATE, commit
from docutils import nodes
from varying import CLASS

from animations.catalogue import read_manifest
from cnnlib import atomic
from cnnlib.freshness import page_fingerprint
from cnnlib.page_cells import page_code

DATED = re.compile(rb"<dc:date>.*?</dc:date>")
PLACE = re.compile(r'(<span class="build-commit">).*?(</span><!-- commit -->)', re.DOTALL)


def default_date(app, config):
    """Date what the build makes by the commit (of Matplotlib, for one), unless it is told to."""
    if "SOURCE_DATE_EPOCH" not in os.environ:
        date = commit(app.srcdir).date
        if date != NO_DATE:
            os.environ["SOURCE_DATE_EPOCH"] = f"{date.timestamp():.0f}"


def note_page(app, doctree):
    """Keep what the cells of a page that is read have printed and drawn."""
    env = app.env
    text = Path(env.doc2path(env.docname)).read_text("utf-8")
    code = page_code(text)
    if not code.strip():
        records(env).pop(env.docname, None)
        return
    digest = hashlib.sha256((code + page_fingerprint(text, app.srcdir)).encode()).hexdigest()
    records(env)[env.docname] = {
        "code": digest,
        "outputs": [
            output(node, app.srcdir)
            for node in doctree.findall(nodes.container)
            if _is_kept_output(node)
        ],
    }


def output(node, root):
    """Return what a cell printed, line by line, and the digests of what it drew (dict)."""
    blocks = [block for block in node.findall(nodes.literal_block) if not _stands_for_image(block)]
    printed = [line for block in blocks for line in _lines(block)]
    drawn = [_picture(Path(root, image["uri"].lstrip("/"))) for image in node.findall(nodes.image)]
    return {"printed": printed, "drawn": drawn}


def _picture(path):
    """Digest a picture; when it was drawn is not in it."""
    if not path.is_file():  # another extension draws it later, under a name that tells it
        return path.stem
    return hashlib.sha256(DATED.sub(b"", path.read_bytes())).hexdigest()


def _lines(block):
    return re.sub(r"\x1b\[[0-9;]*m", "", block.astext()).splitlines()


def _stands_for_image(block):
    """Tell whether a text is what a picture offers to those that cannot show it."""
    while block is not None and block.get("nb_element") != "mime_bundle":
        block = block.parent
    return block is not None and next(block.findall(nodes.image), None) is not None


def _is_kept_output(node):
    return node.get("nb_element") == "cell_code_output" and CLASS not in node.parent["classes"]


def records(env):
    """Return what is kept of each page (dict by name)."""
    if not hasattr(env, "build_records"):
        env.build_records = {}
    return env.build_records


def forget_page(app, env, docname):
    """Forget a page before it is read again."""
    records(env).pop(docname, None)


def say_execution(app, pagename, templatename, context, doctree):
    """Give the footer's template the words on how the page was executed."""
    data = getattr(app.env, "nb_metadata", {}).get(pagename, {}).get("exec_data")
    context["execution"] = execution(data["runtime"]) if data else ""


def execution(seconds):
    """Return the sentence on the execution of a page that took some seconds, or nobody knows."""
    took = "" if seconds is None else f' in <span class="varies">{seconds:.0f} s</span>'
    return (
        f"The code of this page ran{took} on a processor (Python {python_version()}, NumPy "
        f"{version('numpy')}, PyTorch {version('torch')}), and is run again when it or the code "
        "behind it changes."
    )


def say_commit(source, repository):
    """Return the words on the commit, in HTML.

    Parameters
    ----------
    source : commit.Commit
        What the site is built of.
    repository : str
        The address of the source, "" where it is not published.
    """
    if not source.name:
        return "Built of a source without a known commit."
    name = f"<code>{source.name[:12]}</code>"
    if repository:
        name = f'<a href="{escape(repository)}/commit/{source.name}">{name}</a>'
    date = f'<time datetime="{source.date:%Y-%m-%d}">{source.date.day} {source.date:%B %Y}</time>'
    changed = ", with local changes" if source.changed else ""
    return f"Built of commit {name} of {date}{changed}."


def finish(app, exception):
    """Write ``build.json``, and the commit into the footers of all pages."""
    if exception is not None or app.builder.format != "html":
        return
    source = commit(app.srcdir)
    _write(Path(app.outdir, "build.json"), json.dumps(record(app, source), indent=1) + "\n")
    words = say_commit(source, addresses.repository_address())
    for path in sorted(Path(app.outdir).rglob("*.html")):
        text = path.read_text("utf-8")
        _write(path, PLACE.sub(lambda place: place[1] + words + place[2], text))


def record(app, source):
    """Return what ``build.json`` holds (dict)."""
    executed = Path(app.outdir).parent / "jupyter_execute"
    pages = {}
    for name in sorted(records(app.env)):
        keys = app.env.nb_metadata.get(name, {}).get("glue", [])
        glued = json.loads((executed / f"{name}.glue.json").read_text("utf-8")) if keys else {}
        kept = sorted(set(keys) - set(app.env.metadata[name].get("varying_keys", ())))
        values = {key: glued[key]["data"].get("text/plain", "") for key in kept}
        pages[name] = records(app.env)[name] | {"glued": values}
    rows = read_manifest(Path(app.srcdir))
    films = {name: row["fingerprint"] for name, row in sorted(rows.items())}
    return {
        "commit": source.name,
        "changed": source.changed,
        "date": f"{source.date:%Y-%m-%dT%H:%M:%SZ}",
        "pages": pages,
        "films": films,
    }


def _write(path, text):
    """Write a file whose text is another, at once."""
    if path.exists() and path.read_text("utf-8") == text:
        return
    atomic.write(path, text)


def setup(app):
    """Register with Sphinx."""
    app.connect("config-inited", default_date, priority=1)
    app.connect("doctree-read", note_page)
    app.connect("env-purge-doc", forget_page)
    app.connect("html-page-context", say_execution)
    # Before what makes the finished site of the pages (its priority is the default, 500).
    app.connect("build-finished", finish, priority=400)
    # The records of pages read in another process would be lost.
    return {"env_version": 1, "parallel_read_safe": False, "parallel_write_safe": True}
