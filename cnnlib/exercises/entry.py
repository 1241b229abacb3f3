"""An exercise in the bank."""

from dataclasses import dataclass

from cnnlib.exercises.answers import Choice, Grid, Number
from cnnlib.exercises.functions import Built, Function


@dataclass(frozen=True)
class Exercise:
    """Hold what is known of an exercise, but for its words, which stand in the book.

    Attributes
    ----------
    name : str
        ``output-size`` for the exercise with the label ``ex-output-size``.
    level : int
        1 (recall), 2 (use) or 3 (think).
    covers : tuple of str
        Learning goals of pages, as ``"convolution 1"`` for the first of that page, and classic
        misconceptions, by the names in `MISCONCEPTIONS`.
    answer : Number, Choice, Grid, Function or Built
    """

    name: str
    level: int
    covers: tuple[str, ...]
    answer: Number | Choice | Grid | Function | Built


MISCONCEPTIONS = (
    *("flip or no flip", "equivariance or invariance", "bias and channels", "floor"),
    *("receptive field or kernel size", "padding modes", "dilation 1 or 0", "pooling and shifts"),
    *("aliasing", "shared across space, not channels"),
)
