"""Make one small style sheet of those that pages ask for: joined, purged, minified."""

import json
import posixpath
import re
from pathlib import Path

from node_tools import PURGECSS, run_tool
from sphinx.errors import ExtensionError

_IMPORT = re.compile(r"""@import\s+(?:url\()?["']?([^"')]+)["']?\)?\s*;""")
_URL = re.compile(r"""url\(\s*["']?(?!data:|#)([^"')]+)["']?\s*\)""")

# What only scripts add, under names that they put together.
KEPT = ("show", "collapse", "collapsing", "headerlink", "data-theme", "data-mode", "dark", "light")


def joined(static, names):
    """Return style sheets as one, with what they import, and addresses as from ``_static``.

    Parameters
    ----------
    static : pathlib.Path
        The folder.
    names : list of str
        Their paths in it, in the order of the cascade.

    Raises
    ------
    sphinx.errors.ExtensionError
        If one is not there.
    """
    return "\n".join(_read(static, name) for name in names)


def _read(static, name):
    path = Path(static, name)
    if not path.is_file():
        raise ExtensionError(
            f"a page asks for the style sheet {name}, which is not in {static}: "
            "add its folder to `html_static_path`, or do not ask for it"
        )
    folder = posixpath.dirname(name)

    def place(address):
        return posixpath.normpath(posixpath.join(folder, address.partition("?")[0]))

    text = path.read_text("utf-8").removeprefix("\ufeff").replace('@charset "UTF-8";', "")
    text = _URL.sub(lambda found: f'url("{place(found[1])}")', _unmapped(text))
    return _IMPORT.sub(lambda found: _read(static, place(found[1])), text)


def _unmapped(text):
    return re.sub(r"/\*# sourceMappingURL=.*?\*/", "", text)


def purged(css, words):
    """Return the rules that could match elements with these names.

    Parameters
    ----------
    css : str
    words : set of str
        Names of elements, classes, identifiers, attributes and their values.
    """
    request = json.dumps({"css": css, "words": sorted(words), "keep": KEPT})
    script = Path(__file__).with_name("purge_styles.js")
    return run_tool(script, PURGECSS, text=request)


def words_of_scripts(texts):
    """Return what scripts could name elements by: the words of their texts."""
    return {word for text in texts for word in re.findall(r"[\w-]+", text)}
