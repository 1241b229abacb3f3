"""Words and numbers, set on a baseline that does not depend on which letters they hold.

Manim centres a text on its outline, so that "input" and "kernel", placed alike, do not stand on
one line. Here every text is made with its baseline through the origin and its middle at x = 0:
shift it to where it belongs. Sizes are ems in scene units; one unit is 90 pixels of 720.
"""

import functools

from manim import DOWN, LEFT, Text, VGroup

from animations.roles import PLAIN

FONT = "DejaVu Sans"
CAP_HEIGHT = 0.729  # of an em, as are the digits
MINUS = "\N{MINUS SIGN}"
TIMES = "\N{MULTIPLICATION SIGN}"

_COUNTS = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve"),
)
_SET_AT = 24  # small: Pango breaks lines at the width of the film
_SIZE_OF_UNIT_EM = 72  # Manim's font size whose em is one scene unit


class Lettering(VGroup):
    """A line of text, its baseline through the origin and its middle at x = 0.

    Parameters
    ----------
    text : str
        One line.
    size : float
        Height of an em in scene units.
    role : Role
        Whose ink to use.

    Attributes
    ----------
    text : str
        The line.
    submobjects : list
        A glyph for each character, spaces included (empty), in order.
    """

    def __init__(self, text, size=0.5, role=PLAIN):
        self.text = text
        ruler_and_text = Text(
            f"H{text}",
            font=_installed_font(),
            font_size=_SET_AT,
            color=role.ink,
            disable_ligatures=True,  # keeps one glyph a character
            warn_missing_font=False,
        )
        ruler_and_text.scale(size * _SIZE_OF_UNIT_EM / _SET_AT)
        baseline = ruler_and_text[0].get_bottom()[1]
        super().__init__(*ruler_and_text[1:])
        self.shift(LEFT * self.get_center()[0] + DOWN * baseline)


def number(value, size=0.5, role=PLAIN):
    """Set a number with the middle of its digits at the origin."""
    return Lettering(format_number(value), size, role).shift(DOWN * CAP_HEIGHT / 2 * size)


@functools.cache
def _installed_font():
    if FONT not in Text.font_list():
        raise RuntimeError(f"the font {FONT} is not installed: see apt.txt (fonts-dejavu-core)")
    return FONT


def format_number(value):
    """Write a number as the pages do: shortest form, a true minus sign.

    Examples
    --------
    >>> format_number(-1.0)
    '−1'
    >>> format_number(0.25)
    '0.25'
    """
    return f"{value + 0:g}".replace("-", MINUS)


def format_size(shape):
    """Write how many rows and columns a matrix has.

    Examples
    --------
    >>> format_size((2, 3))
    '2×3'
    """
    return TIMES.join(map(str, shape))


def spell(count):
    """Write a count from zero to twelve as a word.

    Examples
    --------
    >>> spell(9)
    'nine'
    """
    return _COUNTS[count]


def format_rows(values):
    """Write a matrix in a sentence, its rows apart by semicolons.

    Examples
    --------
    >>> format_rows([[1, 0, -1], [2, 1, 0]])
    '1, 0, −1; 2, 1, 0'
    """
    return "; ".join(", ".join(map(format_number, row)) for row in values)
