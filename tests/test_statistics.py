"""Means and intervals are those of a textbook's tables and of SciPy."""

import math

import numpy as np
import pytest
import scipy.stats

from cnnlib.statistics import difference, summarize, t_quantile


def test_five_values_by_hand():
    # Deviations from 3: -2, -1, 0, 1, 2; squares sum to 10, over 4 is 2.5. t(4) = 2.776.
    summary = summarize([5, 1, 2, 4, 3])
    assert (summary.n, summary.mean, summary.minimum, summary.median) == (5, 3, 1, 3)
    assert summary.standard_deviation == pytest.approx(math.sqrt(2.5))
    half = 2.7764451 * math.sqrt(2.5 / 5)
    assert summary.interval == pytest.approx((3 - half, 3 + half))


def test_an_even_number_of_values_has_its_median_between():
    assert summarize([1, 2, 4, 100]).median == 3


def test_one_value_has_no_spread():
    summary = summarize([0.9])
    assert (summary.n, summary.mean) == (1, 0.9)
    assert summary.standard_deviation is None
    assert summary.interval is None


def test_equal_values_have_an_interval_of_no_width():
    assert summarize([2, 2, 2]).interval == (2, 2)


@pytest.mark.parametrize(
    ("values", "message"),
    [([], "`values` is empty"), ([1, math.nan], "not finite"), ([math.inf], "not finite")],
)
def test_what_cannot_be_summarized(values, message):
    with pytest.raises(ValueError, match=message):
        summarize(values)


@pytest.mark.parametrize(
    ("degrees", "printed"), [(1, 12.706), (2, 4.303), (4, 2.776), (9, 2.262), (30, 2.042)]
)
def test_quantiles_of_the_printed_table(degrees, printed):
    assert t_quantile(degrees) == pytest.approx(printed, abs=5e-4)


@pytest.mark.parametrize("confidence", [0.5, 0.95, 0.999])
def test_quantiles_of_scipy(confidence):
    for degrees in (*range(1, 20), 99, 100):
        expected = scipy.stats.t.ppf((1 + confidence) / 2, degrees)
        assert t_quantile(degrees, confidence) == pytest.approx(expected, rel=1e-9)


def test_degrees_may_be_numpys():
    assert t_quantile(np.int64(4)) == t_quantile(4)


def test_arguments_out_of_range():
    for degrees in (0, -1, 2.5, True, "4"):
        with pytest.raises(ValueError, match="`degrees`"):
            t_quantile(degrees)
    for confidence in (0, 1, 95):
        with pytest.raises(ValueError, match="`confidence`"):
            t_quantile(4, confidence)


def test_the_interval_of_a_difference_is_that_of_scipy():
    values, others = [90.1, 90.5, 90.3], [89.0, 89.9, 89.4, 88.8]
    mean, interval = difference(values, others)
    test = scipy.stats.ttest_ind(values, others)
    assert mean == pytest.approx(90.3 - 89.275)
    assert interval == pytest.approx(tuple(test.confidence_interval()))
    back, (low, high) = difference(others, values)
    assert (back, low, high) == pytest.approx((-mean, -interval[1], -interval[0]))


def test_a_difference_needs_a_scatter():
    with pytest.raises(ValueError, match="`others` has 1 value: give at least two"):
        difference([1, 2], [3])
    with pytest.raises(ValueError, match="`values` is empty"):
        difference([], [1, 2])
