"""Check a reader's answers, and say what is wrong with one in a way that teaches.

>>> from cnnlib import exercises
>>> exercises.check("output-size", 27)
Not yet. You rounded up. A window that does not fit is left out: the formula
has a floor.
>>> bool(exercises.check("output-size", 27))
False
"""

from cnnlib.exercises.bank import BANK, GENERAL, OF_PAGES, Exercise, check, find

__all__ = ["BANK", "GENERAL", "OF_PAGES", "Exercise", "check", "find"]
