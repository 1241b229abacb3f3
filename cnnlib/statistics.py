"""Summarize a few runs: mean, standard deviation, and how well they fix the mean."""

import math
import statistics
from dataclasses import dataclass

from cnnlib.shapes import as_integer


@dataclass(frozen=True)
class Summary:
    """Hold what n values come to, each in their own unit.

    Attributes
    ----------
    n : int
    mean, minimum, median : float
    standard_deviation : float or None
        Of the population, estimated from the sample (n - 1); None for one value.
    interval : (float, float) or None
        The 95 % confidence interval of the mean; None for one value.
    """

    n: int
    mean: float
    standard_deviation: float | None
    interval: tuple[float, float] | None
    minimum: float
    median: float


def summarize(values):
    r"""Summarize values that are independent and of one, nearly normal, distribution.

    The interval of the mean is $\bar x \pm t_{0.975,\,n-1}\, s / \sqrt n$: of intervals made so,
    95 % hold the true mean. It speaks of other seeds, not of other data.

    Parameters
    ----------
    values : sequence of float

    Returns
    -------
    Summary

    Raises
    ------
    ValueError
        If there is no value, or one is not finite.

    References
    ----------
    Student, "The Probable Error of a Mean", Biometrika 6 (1908), 1-25, doi:10.2307/2331554.

    Examples
    --------
    >>> summary = summarize([90, 92, 94])
    >>> summary.mean, summary.standard_deviation
    (92.0, 2.0)
    >>> [round(end, 2) for end in summary.interval]
    [87.03, 96.97]
    """
    values = [float(value) for value in values]
    if not values:
        raise ValueError("`values` is empty: give at least one run that has the quantity")
    if not all(math.isfinite(value) for value in values):
        raise ValueError(f"`values` ({values}) has one that is not finite: leave that run out")
    n, mean = len(values), statistics.fmean(values)
    deviation = interval = None
    if n > 1:
        deviation = statistics.stdev(values)
        half = t_quantile(n - 1) * deviation / math.sqrt(n)
        interval = mean - half, mean + half
    return Summary(n, mean, deviation, interval, min(values), statistics.median(values))


def difference(values, others):
    r"""Return by how much the mean of values exceeds that of others, with its interval.

    Both are taken to scatter alike, with the variance $s^2$ that they have together within each:
    the 95 % confidence interval is $\bar x - \bar y \pm t_{0.975,\,n+m-2}\, s
    \sqrt{1/n + 1/m}$.

    Parameters
    ----------
    values, others : sequence of float
        n and m independent values, at least two each.

    Returns
    -------
    mean : float
    interval : (float, float)

    Raises
    ------
    ValueError
        If there are fewer than two of one, or one is not finite.

    References
    ----------
    Student, see `summarize`.

    Examples
    --------
    >>> mean, (low, high) = difference([3, 4, 5], [1, 2, 3])
    >>> mean, round(low, 2), round(high, 2)
    (2.0, -0.27, 4.27)
    """
    one, other = summarize(values), summarize(others)
    for name, summary in {"values": one, "others": other}.items():
        if summary.n < 2:
            raise ValueError(f"`{name}` has {summary.n} value: give at least two, to see a scatter")
    degrees = one.n + other.n - 2
    squares = sum((s.n - 1) * s.standard_deviation**2 for s in (one, other))
    half = t_quantile(degrees) * math.sqrt(squares / degrees * (1 / one.n + 1 / other.n))
    mean = one.mean - other.mean
    return mean, (mean - half, mean + half)


def t_quantile(degrees, confidence=0.95):
    r"""Return t such that Student's variable lies in $\pm t$ with the given probability.

    The probability has a closed form for whole degrees of freedom; bisection inverts it.

    Parameters
    ----------
    degrees : int
        Degrees of freedom, at least 1.
    confidence : float
        Between 0 and 1.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If an argument is out of its range.

    Examples
    --------
    >>> round(t_quantile(4), 3)
    2.776
    """
    degrees = as_integer("degrees", degrees, 1)
    if not 0 < confidence < 1:
        raise ValueError(f"`confidence` ({confidence!r}) is out of range: use one between 0 and 1")
    low, high = 0.0, math.pi / 2  # of the angle whose tangent is t / sqrt(degrees)
    for _ in range(100):
        middle = (low + high) / 2
        if _central_probability(middle, degrees) < confidence:
            low = middle
        else:
            high = middle
    return math.sqrt(degrees) * math.tan(high)


def _central_probability(angle, degrees):
    """Return P(|T| < t), where tan(angle) = t / sqrt(degrees).

    Abramowitz and Stegun, "Handbook of Mathematical Functions" (1964), 26.7.3 and 26.7.4.
    """
    sine, cosine = math.sin(angle), math.cos(angle)
    odd = degrees % 2
    term = cosine if odd else 1.0
    total = 0.0
    for power in range(odd, degrees - 1, 2):  # of the cosine
        total += term
        term *= cosine**2 * (power + 1) / (power + 2)
    return (angle + sine * total) * 2 / math.pi if odd else sine * total
