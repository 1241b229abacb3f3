"""Kinds of command-line arguments that benchmarks share: what would measure nothing is refused."""

import argparse

from cnnlib import recipes


def positive(text):
    """Return a whole number from 1 (int).

    Raises
    ------
    argparse.ArgumentTypeError
        If the text is none.
    """
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1")
    return int(text)


def cifar_experiment(name):
    """Return the experiment on CIFAR-10 of a name, or whose name alone begins with it.

    Raises
    ------
    argparse.ArgumentTypeError
        If there is none, or several are meant.
    """
    try:
        found = recipes.find(name)
    except ValueError:
        found = ()
    if len(found) == 1 and found[0].dataset == "cifar-10":
        return found[0]
    meant, known = (
        [e.name for e in some if e.dataset == "cifar-10"] for some in (found, recipes.EXPERIMENTS)
    )
    raise argparse.ArgumentTypeError(
        f"{name!r} is no one experiment on CIFAR-10: use one of {', '.join(meant or known)}"
    )
