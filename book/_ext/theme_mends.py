"""Mend what the theme and others leave undone; templates in ``_templates`` do the same."""

from html import escape
from pathlib import Path

import addresses
from finished_page import policy
from sphinx.errors import ExtensionError

from cnnlib import atomic

# What others write into the body of a page, and what it should be.
MENDED = {
    # MyST-NB hides the words on a folded cell behind a vaguer name.
    '<summary aria-label="Toggle hidden content">': "<summary>",
    # One name for all of a page's exercises, where names must differ.
    '<section id="exercise-content">': "<section>",
    '<section id="solution-content">': "<section>",
    # Docutils gives references a role that is deprecated, inside a list that wants items.
    ' role="doc-biblioentry"': ' role="listitem"',
}

# What scripts do that costs readers, and what they should do instead.
MENDED_SCRIPTS = {
    "scripts/pydata-sphinx-theme.js": {
        # Makes reachable what scrolls, one element after the other, so that each lays out the page
        # anew; and puts the focus on what does not scroll. lecture.js does it at once, and right.
        "e.tabIndex=e.scrollWidth>e.clientWidth||e.scrollHeight>e.clientHeight?0:-1": "",
        # Moves the menu to the page's own entry: not before the page has been laid out anyway.
        'e(function(){if(!document.querySelector(".bd-docs-nav"))return;': (
            'requestAnimationFrame(function(){if(!document.querySelector(".bd-docs-nav"))return;'
        ),
        # Looks for the section in sight; nor this.
        'window.addEventListener("resize",_(c,300)),c()': (
            'window.addEventListener("resize",_(c,300)),requestAnimationFrame(c)'
        ),
        # Marks in the contents at the side the heading that was last seen: none after a jump to
        # where no heading is near, and the wrong one after going back up. Sections are better.
        'o.querySelector(":is(h1,h2,h3,h4,h5,h6)")||o}(e)': "o}(e)",
        "if(o)return;const t=e.filter(e=>e.isIntersecting).pop();if(!t)return;const n=t.target;": (
            "e.forEach(e=>{e.target.inSight=e.isIntersecting});if(o)return;"
            "const n=Array.from(a.keys()).filter(e=>e.inSight).pop();"
        ),
        # Asks the observer of its own changes to do it again.
        'new MutationObserver(t).observe(document.getElementById("main-content"),'
        "{subtree:!0,childList:!0}),": "",
    },
    "scripts/sphinx-book-theme.js": {
        # Takes the focus from a button that is used, so that a keyboard has lost its place.
        "t.blur()": "0",
    },
    "scripts/bootstrap.js": {
        # Lays out the page before it has been styled, to learn the height of a header.
        'document.getElementsByClassName("bd-header")[0].getBoundingClientRect()': "{bottom:0}",
    },
}


def mended_script(name, code):
    """Return a script, mended where something is known of it.

    Parameters
    ----------
    name : str
        Its path below ``_static``.
    code : str
        What is in it.

    Raises
    ------
    sphinx.errors.ExtensionError
        If what is to be mended is not there, as in another version of the theme.
    """
    for theirs, ours in MENDED_SCRIPTS.get(name, {}).items():
        if theirs not in code:
            raise ExtensionError(
                f"{name} no longer has what is to be mended ({theirs!r}): see whether the new "
                "version needs it, and bring `MENDED_SCRIPTS` in theme_mends.py up to date"
            )
        code = code.replace(theirs, ours)
    return code


# What search engines show of pages that no file of the book makes.
DESCRIPTIONS = {
    "404": "There is no page at this address: search the lecture, or go on from its contents.",
    "search": (
        "Search the lecture on convolutional neural networks: sections, equations, terms, "
        "exercises, films and the functions of its library."
    ),
    "genindex": "The functions and classes of cnnlib, the lecture's library, by their names.",
    "_modules/index": "The source of cnnlib, the lecture's library, module by module.",
}


def describe(app, pagename, templatename, context, doctree):
    """Describe pages that have no first sentence to be described by."""
    words = DESCRIPTIONS.get(pagename)
    if words is None and pagename.startswith("_modules/"):
        module = pagename.removeprefix("_modules/").replace("/", ".")
        words = f"The source of {module}, a module of the lecture's library."
    if words is not None:
        tag = f'<meta name="description" content="{escape(words)}">'
        context["metatags"] = context.get("metatags", "") + tag


def mend_body(app, pagename, templatename, context, doctree):
    """Replace markup that tells assistive technology less than it should."""
    for theirs, ours in MENDED.items():
        if "body" in context:
            context["body"] = context["body"].replace(theirs, ours)


def write_front_door(app, exception):
    """Send visitors of the site's folder on to the first page.

    The root of the book lies in ``book/``; the redirect that Jupyter Book would leave has no
    title, no language and no words.
    """
    if exception is None and app.builder.format == "html":
        first = app.builder.get_target_uri(app.config.root_doc)
        title = escape(app.config.html_title)
        atomic.write(
            Path(app.outdir, "index.html"),
            f'<!doctype html>\n<html lang="{app.config.language}">\n<meta charset="utf-8">\n'
            f'<meta http-equiv="Content-Security-Policy" content="{policy()}">\n'
            f"<title>{title}</title>\n"
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f'<meta http-equiv="refresh" content="0; url={first}">\n'
            f'<link rel="canonical" href="{addresses.site(first) or first}">\n'
            # Browsers that are not told of an icon ask for one that is not there.
            '<link rel="icon" href="_static/favicon.svg">\n'
            f'<main><h1>{title}</h1><p><a href="{first}">Read the lecture</a></p></main>\n'
            "</html>\n",
        )


def setup(app):
    """Register with Sphinx."""
    app.connect("html-page-context", describe)
    app.connect("html-page-context", mend_body)
    app.connect("build-finished", write_front_door)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
