"""What a check says of an answer, and the slips that it knows by name."""

import textwrap
from dataclasses import dataclass


@dataclass(frozen=True)
class Verdict:
    """Say whether an answer is right, and why not; true if it is right.

    Attributes
    ----------
    right : bool
    message : str
        Plain text. A verdict is displayed as its text.
    """

    right: bool
    message: str

    def __bool__(self):
        return self.right

    def __str__(self):
        text = ("Right. " if self.right else "Not yet. ") + self.message
        # Longer lines would not be seen whole on a page.
        return "\n".join(textwrap.fill(line, 76) for line in text.splitlines())

    __repr__ = __str__


@dataclass(frozen=True)
class Slip:
    """Hold a usual wrong answer and what to say to it.

    Attributes
    ----------
    answer : object
        What the slip leads to, in the form of the exercise's answer: a number, an option, a grid,
        or a function that makes the slip.
    message : str
        What went wrong, and where to look.
    """

    answer: object
    message: str


def right(message=""):
    """Return the verdict on a right answer."""
    return Verdict(True, message)


def wrong(message):
    """Return the verdict on a wrong answer."""
    return Verdict(False, message)
