"""All exercises of the lecture: each has one entry here and one place in the book.

An entry's name is the label in the book without ``ex-``: ``output-size`` checks `ex-output-size`.
"""

import difflib

from cnnlib.exercises import (
    by_hand_choices,
    by_hand_counts,
    by_hand_sums,
    measuring,
    networks,
    numpy_images,
    numpy_sums,
    of_fourier,
    of_kernels,
    of_ladder,
    of_layers,
    of_records,
    of_symmetry,
    of_training,
    projects,
    with_pytorch,
)
from cnnlib.exercises.entry import Exercise

# On the page of exercises, and on the pages that the exercises are about.
GENERAL = {
    exercise.name: exercise
    for module in (
        *(by_hand_sums, by_hand_counts, by_hand_choices, numpy_sums, numpy_images),
        *(with_pytorch, networks, measuring, projects),
    )
    for exercise in module.EXERCISES
}
OF_PAGES = {
    exercise.name: exercise
    for module in (
        *(of_kernels, of_layers, of_symmetry, of_fourier),
        *(of_training, of_records, of_ladder),
    )
    for exercise in module.EXERCISES
}
BANK = GENERAL | OF_PAGES


def find(name) -> Exercise:
    """Return an exercise by name.

    Raises
    ------
    ValueError
        If there is none of that name; the nearest names are suggested.
    """
    if name not in BANK:
        near = difflib.get_close_matches(str(name), BANK, n=3, cutoff=0.4) or sorted(BANK)
        raise ValueError(f"`name` ({name!r}) is no exercise: did you mean {', '.join(near)}?")
    return BANK[name]


def check(name, answer, *, seed=None):
    """Check an answer.

    Parameters
    ----------
    name : str
        The exercise's name, as it stands beside it.
    answer : object
        A number, a letter, an array, a function or a network, as the exercise asks.
    seed : int, optional
        For the random inputs on which a function is tried; else they are new each time.

    Returns
    -------
    cnnlib.exercises.verdict.Verdict
        True if the answer is right; its text says what is wrong.

    Raises
    ------
    ValueError
        If there is no exercise of that name.

    Examples
    --------
    >>> check("dilation-span", 12)
    Not yet. That is dilation times kernel size. Three weights have only two
    gaps.
    """
    return find(name).answer.check(answer, seed)
