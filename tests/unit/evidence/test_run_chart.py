import math

import pytest
import scipy.stats

from nic_node.errors import InvalidInput
from nic_node.evidence.control_chart import run_chart
from nic_node.evidence.run_chart import fewest_crossings

SHIFTED = [58, 62, 55, 60, 64, 57, 61, 59, 54, 63, 58, 60, 56, 62, 59, 66, 68, 65, 70, 67, 71, 69, 72, 70]


def test_a_steady_series_has_no_signal():
    chart = run_chart([10, 12, 9, 11, 10.5, 12.5, 9.5, 11.5, 8, 13, 10, 12])
    assert not chart.signal
    assert chart.shifts == ()
    assert chart.signal_indexes == ()


def test_a_shift_is_found_with_its_points_and_side():
    chart = run_chart(SHIFTED)
    assert chart.centre == 62
    assert [(shift.start, shift.end, shift.length, shift.side) for shift in chart.shifts] == [(15, 23, 9, "above")]
    assert chart.signal_indexes == tuple(range(15, 24))


def test_points_on_the_median_are_useless_but_do_not_break_a_run():
    series = [1, 9, 1, 9, 1, 9, 1, 9, 1, 9, 1, 9, 6, 7, 5, 7, 8, 6, 7, 8, 6, 1, 1, 1, 1]
    chart = run_chart(series, freeze=12)
    assert chart.centre == 5
    (shift,) = chart.shifts
    assert (shift.start, shift.end, shift.length) == (11, 20, 9)
    assert 14 not in chart.signal_indexes


def test_missing_points_are_skipped_and_their_places_kept():
    with_gap = [*SHIFTED[:18], None, *SHIFTED[18:]]
    chart = run_chart(with_gap)
    assert chart.n == len(SHIFTED)
    (shift,) = chart.shifts
    assert (shift.start, shift.end, shift.length) == (15, 24, 9)
    assert 18 not in shift.indexes


def test_too_few_crossings_alone_are_a_signal_without_a_bracket():
    block = [1.0] * 5 + [3.0] * 5
    chart = run_chart(block * 4, freeze=None)
    assert chart.shifts == ()
    assert chart.runs.too_few_crossings
    assert chart.signal


def test_excluded_points_count_neither_for_the_median_nor_for_runs():
    plain = run_chart([1, 2, 3, 2, 1, 2, 3])
    assert run_chart([1, 2, 100, 3, 2, 1, 2, 3], exclude=[2, 99]).centre == plain.centre


@pytest.mark.parametrize("values", [[], [None, None], [float("nan")]])
def test_without_numbers_there_is_no_centre(values):
    chart = run_chart(values)
    assert chart.centre is None
    assert chart.n == 0
    assert chart.runs.longest_run is None
    assert not chart.signal


def test_a_constant_series_has_no_useful_point():
    chart = run_chart([0.1] * 30)
    assert (chart.n, chart.runs.n_useful, chart.signal) == (30, 0, False)


def test_one_point_is_its_own_median():
    chart = run_chart([93.1])
    assert chart.centre == 93.1
    assert chart.too_few


@pytest.mark.parametrize("value", [math.inf, -math.inf, 1e300])
def test_a_number_that_is_none_is_refused_with_its_row(value):
    with pytest.raises(InvalidInput, match="Row 2 of y"):
        run_chart([1, value])


@pytest.mark.parametrize("n_useful", [1, 2, 3, 5, 10, 11, 24, 25, 60, 184, 1000])
def test_the_fewest_crossings_are_the_binomial_quantile(n_useful):
    expected = scipy.stats.binom.ppf(0.05, n_useful - 1, 0.5) if n_useful > 1 else 0
    assert fewest_crossings(n_useful) == expected


def test_ihi_calls_six_in_a_row_a_shift_and_five_that_climb_a_trend():
    steady = [10, 12, 9, 11, 10, 12, 9, 11, 10, 12]
    shifted = [*steady, 13, 14, 13, 14, 13, 14]
    chart = run_chart(shifted, freeze=10, rules="ihi")
    assert [(shift.start, shift.length) for shift in chart.shifts] == [(9, 7)]
    assert chart.runs.longest_run_max == 5
    assert chart.runs.crossings_min is None
    assert run_chart(shifted, freeze=10).shifts == ()
    climbing = run_chart([5, 4, 3, 4, 4, None, 5, 6, 7, 1], rules="ihi")
    assert [(trend.start, trend.end, trend.length, trend.course) for trend in climbing.trends] == [(2, 8, 5, "up")]
    assert climbing.signal
    assert run_chart([5, 4, 3, 4, 5, 6, 1], rules="ihi").trends == ()
