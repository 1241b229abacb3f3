"""Answers that can be written down: a number, one of several options, a small grid of numbers.

Each has a canonical spelling, a string; two answers are the same if they are spelled alike. The
forms of the website know nothing but these spellings, so what a page says is what `check` says.
"""

import hashlib
import math
from dataclasses import dataclass

import numpy as np

from cnnlib.exercises.verdict import Slip, right, wrong


def spell(value, decimals):
    """Spell a number with so many decimals; with none, a whole number (others as they are).

    Examples
    --------
    >>> spell(0.6124, 2), spell(26.0, 0), spell(2.5, 0), spell(-0.0, 1)
    ('0.61', '26', '2.5', '0.0')
    """
    value = float(value)
    if not math.isfinite(value):
        return str(value)
    if decimals == 0:
        nearest = math.floor(value + 0.5)
        return str(nearest) if abs(value - nearest) < 1e-9 else repr(value)
    unit = 10**decimals
    if not math.isfinite(value * unit):
        return str(value)
    hundredths = math.floor(value * unit + 0.5)  # as JavaScript's Math.round
    return f"{hundredths / unit + 0.0:.{decimals}f}"


def _as_array(answer):
    """Return an answer as a float64 array, or None where it is none: torch's tensors too."""
    if isinstance(answer, str | bytes | bool) or answer is None:
        return None
    try:
        if hasattr(answer, "detach"):
            answer = answer.detach().cpu()
            # NumPy knows no bfloat16.
            answer = (answer.double() if answer.is_floating_point() else answer).numpy()
        array = np.asarray(answer)
        if array.dtype == bool or array.dtype.kind not in "iuf":
            return None
        return array.astype(np.float64)
    except (TypeError, ValueError, RuntimeError):  # the last is PyTorch's
        return None


class Written:
    """What the three kinds share: slips by their spelling, and a word for anything else."""

    def all_spellings(self):
        """Yield each known answer's spelling with its verdict, the right one first."""
        yield self.spelling(self.answer), right(self.praise)
        for slip in self.slips:
            yield self.spelling(slip.answer), wrong(slip.message)

    def check(self, answer, seed=None):
        """Return the verdict on an answer."""
        problem = self.problem(answer)
        if problem:
            return wrong(problem)
        return dict(reversed(list(self.all_spellings()))).get(
            self.spelling(answer), wrong(self.otherwise)
        )


@dataclass(frozen=True)
class Number(Written):
    """A number, to so many decimals; integers exactly.

    Attributes
    ----------
    label : str
        What is asked for, with its unit: the words beside the field.
    answer : float
    slips : tuple of Slip
    praise, otherwise : str
        What is said to the right answer, and to a wrong one that is not known.
    decimals : int
    """

    label: str
    answer: float
    slips: tuple[Slip, ...]
    praise: str = ""
    otherwise: str = "That is not it, and it is none of the usual slips."
    decimals: int = 0

    def problem(self, answer):
        """Say what is wrong with an answer's kind, or return None."""
        array = _as_array(answer)
        if array is None:
            return f"This wants a number, and you gave {answer!r}."
        if array.size != 1:
            return f"This wants one number, and you gave an array of shape {array.shape}."
        if not np.isfinite(array).all():
            return f"This wants a finite number, and you gave {array.item()}."
        return None

    def spelling(self, answer):
        """Return the canonical spelling of an answer."""
        return spell(_as_array(answer).item(), self.decimals)


@dataclass(frozen=True)
class Choice(Written):
    """One of several options, given as its letter or in its words; attributes as of `Number`."""

    label: str
    answer: str
    slips: tuple[Slip, ...]
    praise: str = ""
    otherwise: str = "That is none of the options."

    @property
    def options(self):
        """The options in the order in which they are shown, fixed but no hint at the answer."""
        texts = [self.answer, *(slip.answer for slip in self.slips)]
        return sorted(texts, key=lambda text: hashlib.sha256((self.label + text).encode()).digest())

    def problem(self, answer):
        """Say what is wrong with an answer's kind, or return None."""
        letters = "abcdefgh"[: len(self.options)]
        if isinstance(answer, str):
            given = answer.strip().strip("().").lower()
            if given in letters and len(given) == 1:
                return None
            if any(answer.strip() == option for option in self.options):
                return None
        listed = "; ".join(f"({x}) {t}" for x, t in zip(letters, self.options, strict=True))
        return f"Give one of the letters {', '.join(letters)}, as a string: {listed}."

    def spelling(self, answer):
        """Return the letter of an option."""
        if answer.strip() in self.options:
            return "abcdefgh"[self.options.index(answer.strip())]
        return answer.strip().strip("().").lower()


@dataclass(frozen=True)
class Grid(Written):
    """A row or a small matrix of numbers; attributes as of `Number`."""

    label: str
    answer: object
    slips: tuple[Slip, ...]
    praise: str = ""
    otherwise: str = "That is not it, and it is none of the usual slips."
    decimals: int = 0

    @property
    def shape(self):
        """(rows, columns); a row has one."""
        return np.atleast_2d(self.answer).shape

    def problem(self, answer):
        """Say what is wrong with an answer's kind or shape, or return None."""
        array = _as_array(answer)
        expected = np.shape(self.answer)
        if array is None:
            return f"This wants an array of numbers, and you gave {answer!r}."
        if array.size == np.size(self.answer) and np.atleast_2d(array).shape != self.shape:
            return (
                f"These are as many numbers as there are places: give them as an array of shape "
                f"{expected}, yours has {array.shape}."
            )
        if array.size != np.size(self.answer):
            return (
                f"This wants an array of shape {expected}, and yours has {array.shape}: how many "
                "places are there?"
            )
        if not np.isfinite(array).all():
            return "This wants finite numbers, and one of yours is not."
        return None

    def spelling(self, answer):
        """Return the canonical spelling: rows top to bottom, entries with commas."""
        return ",".join(spell(value, self.decimals) for value in _as_array(answer).ravel())
