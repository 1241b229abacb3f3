"""Cut the fonts of a style sheet down to the characters that the site shows in them."""

import hashlib
import re
from io import BytesIO
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

from cnnlib import atomic

FOLDER = "fonts"
# What most formulas begin with.
AT_ONCE = ("KaTeX_Main-Regular", "KaTeX_Math-Italic")

_FACE = re.compile(r"@font-face\s*\{[^}]*\}")
_WOFF2 = re.compile(r'url\("?([^")]+\.woff2)"?\)')
_SOURCES = re.compile(r"src:[^;}]*")
_TEXT = re.compile(r"""(?:content|--[\w-]+)\s*:\s*(?:"([^"]*)"|'([^']*)')""")
_ESCAPE = re.compile(r"\\([0-9a-fA-F]{1,6})\s?|\\(.)")


def icons(css):
    """Return the characters that a style sheet puts into pages."""
    texts = [one or other for one, other in _TEXT.findall(css)]
    shown = (
        _ESCAPE.sub(lambda found: chr(int(found[1], 16)) if found[1] else found[2], text)
        for text in texts
    )
    return set("".join(shown))


def subset(font, characters):
    """Return a font with these characters only, as WOFF2; None if it has none of them.

    Parameters
    ----------
    font : pathlib.Path
    characters : set of str
    """
    whole = TTFont(font, recalcTimestamp=False)
    wanted = {ord(character) for character in characters} & set(whole.getBestCmap())
    if not wanted:
        return None
    # Formulas are set letter by letter, so that nothing is to be kerned or joined.
    subsetter = Subsetter(Options(flavor="woff2", layout_features=[], hinting=False))
    subsetter.populate(unicodes=wanted)
    subsetter.subset(whole)
    whole.flavor = "woff2"
    data = BytesIO()
    whole.save(data)
    return data.getvalue()


def with_subsets(css, static, formulas):
    """Write the fonts that a style sheet needs; return it with them.

    A face of a font of which nothing is shown is left out, and so are the formats that only old
    browsers ask for.

    Parameters
    ----------
    css : str
        With addresses as from ``_static``.
    static : pathlib.Path
        The folder.
    formulas : set of str
        The characters of formulas.

    Returns
    -------
    css : str
    names : dict
        The paths in the folder of the new fonts, by the names of the old ones.
    """
    (static / FOLDER).mkdir(exist_ok=True)
    shown_icons, names = icons(css), {}

    def replace(face):
        source = _WOFF2.search(face[0])
        if source is None:
            return face[0]
        path = Path(source[1])
        data = subset(static / path, formulas if "KaTeX" in path.name else shown_icons)
        if data is None:
            return ""
        # Named by what is in it, since a browser keeps what it has under a name.
        digest = hashlib.sha256(data).hexdigest()[:8]
        names[path.stem] = f"{FOLDER}/{path.stem}.{digest}.woff2"
        atomic.write(static / names[path.stem], data)
        return _SOURCES.sub(f'src:url("{names[path.stem]}") format("woff2")', face[0])

    css = _FACE.sub(replace, css)
    for path in set((static / FOLDER).iterdir()) - {static / name for name in names.values()}:
        path.unlink()  # of an earlier build
    return css, names
