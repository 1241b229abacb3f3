"""Say a formula in one line of plain text, for a search index: what a reader would type or see.

KaTeX knows what each command means; its MathML has the characters and their arrangement.
"""

import functools
import re
from xml.etree import ElementTree

from mathematics import set_formula

_MATH = re.compile(r"<math.*?</math>", re.DOTALL)
_INVISIBLE = dict.fromkeys(map(ord, "\u2061\u2062\u2063\u2064\u200b"))
_SPACED = set("=+−-<>≤≥≈→←⋆∗⋅×:∈")
# What stands between the parts of an arrangement.
_BETWEEN = {
    "msub": "_",
    "msup": "^",
    "munder": "_",
    "mover": "^",
    "msubsup": "_^",
    "munderover": "_^",
    "mfrac": "/",
}


@functools.lru_cache(4096)
def in_words(latex):
    """Return a formula as plain text, such as "n_out = ⌊n/s⌋ + 1".

    Parameters
    ----------
    latex : str
        The formula, without dollar signs. One that KaTeX does not understand is returned as it is.
    """
    found = _MATH.search(set_formula(latex, {"output": "mathml"}))
    if not found:
        return latex
    text = _say(ElementTree.fromstring(found[0])).translate(_INVISIBLE)  # noqa: S314 (KaTeX's own)
    return " ".join(text.split())


def _say(element):
    kind = element.tag.rpartition("}")[2]
    parts = [_say(child) for child in element]
    if kind == "annotation":
        return ""
    if kind in _BETWEEN:
        marks = ["", *_BETWEEN[kind]]
        if kind in ("munder", "mover") and re.fullmatch(r"\s*\W\s*", parts[1]):  # an accent
            return "".join(parts)
        return "".join(mark + _grouped(part) for mark, part in zip(marks, parts, strict=True))
    if kind in ("msqrt", "mroot"):
        return f"√{_grouped(''.join(parts[:1] if kind == 'mroot' else parts))}"
    if kind in ("mtable", "mtr"):
        return (" " if kind == "mtr" else "; ").join(parts)
    text = "".join([element.text or "", *parts])
    if kind == "mo" and text.strip() in _SPACED:
        return f" {text.strip()} "
    return " " if kind == "mspace" else text


def _grouped(text):
    text = text.strip()
    return text if re.fullmatch(r"\w*|.", text) else f"({text})"
