"""Answers that are functions: tried on fresh random inputs, from small to larger ones."""

import copy
import secrets
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cnnlib.exercises.verdict import Slip, right, wrong

TRIALS = 24


@dataclass(frozen=True)
class Function:
    """A function that must do what ours does.

    Attributes
    ----------
    signature : str
        How it is called, as in ``"correlate(image, kernel)"``.
    answer : callable
        Ours.
    draw : callable
        ``draw(rng, size)`` returns a tuple of arguments; `size` grows from 1, and with it the
        arguments.
    slips : tuple of Slip
        Functions that make the usual slips, with what to say to those who wrote one.
    praise : str
    tolerance : float
        Largest difference that counts as rounding, relative to the largest expected value.
    exactly : bool
        Whether an int is asked for, and a float is wrong.
    adapt : callable
        Wraps a function, also the reader's, into one of the drawn arguments: where it is to do
        something to a network rather than to return something.
    trials : int
    """

    signature: str
    answer: Callable
    draw: Callable
    slips: tuple[Slip, ...]
    praise: str = ""
    tolerance: float = 1e-4
    exactly: bool = False
    adapt: Callable = lambda function: function
    trials: int = TRIALS

    def check(self, answer, seed=None):
        """Return the verdict on a function; the same `seed` tries the same inputs."""
        if not callable(answer):
            kind = type(answer).__name__
            return wrong(
                f"This wants the function itself, {self.signature} without its brackets and "
                f"arguments, and you gave an object of type {kind}."
            )
        seed = secrets.randbelow(1_000_000) if seed is None else seed
        rng = np.random.default_rng(seed)
        trials = [self.draw(rng, 1 + number // 3) for number in range(self.trials)]
        answer = self.adapt(answer)
        for arguments in trials:  # sizes grow, so that the first to fail is small
            expected = self.adapt(self.answer)(*copy.deepcopy(arguments))
            problem = self._problem(answer, arguments, expected)
            if problem:
                named = self._named(answer, trials)
                return wrong(
                    f"{named or problem}\n{self._report(arguments, expected, answer)}\n"
                    f"(The same inputs again: seed={seed}.)"
                )
        return right(self.praise)

    def _problem(self, function, arguments, expected):
        """Say what is wrong with the result for these arguments, or return None."""
        given = copy.deepcopy(arguments)
        try:
            result = function(*given)
        except Exception as error:  # whatever a reader's function may do
            return f"Your function stopped with {type(error).__name__}: {error}"
        if not _same_arguments(given, arguments):
            return "Your function changes what it is given. Work on a copy."
        return _difference(result, expected, self.tolerance, self.exactly)

    def _named(self, function, trials):
        """Return the message of the slip that gives what the function gives, or None."""
        results = [_as_float(_run(function, arguments)) for arguments in trials]
        for slip in self.slips:
            slipping = self.adapt(slip.answer)
            if all(
                _difference(result, _as_float(_run(slipping, arguments)), self.tolerance, False)
                is None
                for result, arguments in zip(results, trials, strict=True)
            ):
                return slip.message
        return None

    def _report(self, arguments, expected, function):
        """Show one failing case."""
        result = _run(function, arguments)
        rows = [("for", ", ".join(_show(argument) for argument in arguments))]
        rows += [("expected", _show(expected)), ("yours", _show(result))]
        return "\n".join(f"{words}: {text}" for words, text in rows)


@dataclass(frozen=True)
class Built:
    """Something that is built rather than computed, such as a network: judged by what it does.

    Attributes
    ----------
    signature : str
        What to give.
    answer : callable
        Builds a right answer.
    judge : callable
        ``judge(answer, rng)`` returns what is wrong in words, or None.
    slips : tuple of Slip
        Builders of usual wrong answers; the judge says to each what the slip says.
    praise : str
    """

    signature: str
    answer: Callable
    judge: Callable
    slips: tuple[Slip, ...]
    praise: str = ""

    def check(self, answer, seed=None):
        """Return the verdict on what was built; the same `seed` tries the same inputs."""
        seed = secrets.randbelow(1_000_000) if seed is None else seed
        try:
            problem = self.judge(copy.deepcopy(answer), np.random.default_rng(seed))
        except Exception as error:  # whatever a reader's network may do
            problem = f"It stopped with {type(error).__name__}: {error}"
        return (
            wrong(f"{problem}\n(The same inputs again: seed={seed}.)")
            if problem
            else right(self.praise)
        )


class _Stopped:
    """Stands for the result of a function that stopped with an error."""

    def __repr__(self):
        return "an error"


def _run(function, arguments):
    try:
        return function(*copy.deepcopy(arguments))
    except Exception:  # the caller only compares
        return _Stopped()


def _as_float(result):
    """Return what is in a tensor of one number: which slip was made comes before its type."""
    return result.item() if hasattr(result, "detach") and result.ndim == 0 else result


def _same_arguments(one, other):
    return all(
        _difference(a, b, tolerance=0, exactly=False) is None
        for a, b in zip(one, other, strict=True)
        if isinstance(a, np.ndarray) or hasattr(a, "detach")
    )


def _as_numpy(value):
    if not hasattr(value, "detach"):
        return np.asarray(value)
    tensor = value.detach().cpu()
    try:
        return tensor.numpy()
    except TypeError:  # NumPy knows no bfloat16
        return tensor.float().numpy()


def _difference(result, expected, tolerance, exactly):
    """Say how a result differs from the expected one, or return None if it does not."""
    if isinstance(result, _Stopped) or isinstance(expected, _Stopped):
        return None if type(result) is type(expected) else "One of them stops with an error."
    if result is None:
        return "Your function returns nothing: does it end in a `return`?"
    if isinstance(expected, float) and hasattr(result, "detach"):
        return "A float is expected, and yours is a tensor: `.item()` gives its number."
    if hasattr(expected, "detach") and not hasattr(result, "detach"):
        return f"A tensor is expected, and yours is of type {type(result).__name__}."
    try:
        ours, theirs = _as_numpy(expected), _as_numpy(result)
    except (TypeError, ValueError, RuntimeError):
        return f"An array is expected, and yours is of type {type(result).__name__}."
    if theirs.dtype.kind not in "iufcb":
        return f"Numbers are expected, and yours has the dtype {theirs.dtype}."
    if ours.shape != theirs.shape:
        return f"The shape should be {ours.shape}, and yours is {theirs.shape}."
    if exactly and theirs.dtype.kind not in "iu":
        return f"A whole number of Python's type int is expected; yours is a {theirs.dtype}."
    if theirs.dtype.kind == "c" and ours.dtype.kind != "c":
        return "Your result is complex: the imaginary part is rounding; take `.real`."
    if hasattr(expected, "detach") and result.dtype != expected.dtype:
        return f"The dtype should be {expected.dtype}, and yours is {result.dtype}."
    scale = max(1.0, float(np.abs(ours).max(initial=0)))
    with np.errstate(invalid="ignore", over="ignore"):
        close = np.isclose(
            theirs.astype(ours.dtype if ours.dtype.kind == "c" else float),
            ours,
            rtol=0,
            atol=tolerance * scale,
            equal_nan=True,
        )
    if close.all():
        return None
    return f"{int((~close).sum())} of {close.size} numbers differ."


def _show(value):
    """Show an argument or a result, cut off where it is large."""
    if isinstance(value, _Stopped | str | int | float):
        return repr(value)
    if isinstance(value, tuple | list):
        return f"({', '.join(map(_show, value))})"
    if not (isinstance(value, np.ndarray | np.generic) or hasattr(value, "detach")):
        return f"a {type(value).__name__}"
    array = _as_numpy(value)
    text = np.array2string(array, precision=3, suppress_small=True, threshold=30, separator=", ")
    return " ".join(text.split()) + (f" (shape {array.shape})" if array.ndim > 1 else "")
