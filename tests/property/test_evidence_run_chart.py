"""Run charts: what must hold for any series."""

from hypothesis import given, settings
from hypothesis import strategies as st

from nic_node.evidence.control_chart import control_chart, run_chart
from nic_node.evidence.limits import KINDS, OF_SIZES

VALUE = st.integers(0, 40).map(float)
SERIES = st.lists(st.one_of(VALUE, st.none()), max_size=80)


def counts(chart):
    runs = chart.runs
    return runs.n_useful, runs.longest_run, runs.longest_run_max, runs.crossings, runs.crossings_min, chart.signal


@given(SERIES)
@settings(deadline=None)
def test_backwards_it_signals_the_same(series):
    assert counts(run_chart(series)) == counts(run_chart(series[::-1]))


@given(SERIES, st.integers(-50, 50))
@settings(deadline=None)
def test_upside_down_and_moved_it_signals_the_same(series, moved):
    turned = [None if value is None else moved - value for value in series]
    assert counts(run_chart(series)) == counts(run_chart(turned))


@given(SERIES)
@settings(deadline=None)
def test_missing_points_change_nothing(series):
    assert counts(run_chart(series)) == counts(run_chart([value for value in series if value is not None]))


@given(SERIES)
@settings(deadline=None)
def test_a_shift_is_longer_than_allowed_and_all_on_one_side(series):
    chart = run_chart(series)
    for shift in chart.shifts:
        assert shift.length == len(shift.indexes) > chart.runs.longest_run_max
        assert (shift.indexes[0], shift.indexes[-1]) == (shift.start, shift.end)
        sides = {series[index] > chart.centre for index in shift.indexes}
        assert sides == {shift.side == "above"}
    assert chart.signal == (bool(chart.shifts) or chart.runs.too_few_crossings)


@given(SERIES)
@settings(deadline=None)
def test_useful_points_and_crossings_add_up(series):
    runs = run_chart(series).runs
    if runs.n_useful:
        assert 0 <= runs.crossings < runs.n_useful
        assert runs.longest_run <= runs.n_useful - runs.crossings
        assert 0 <= runs.crossings_min <= runs.n_useful / 2


@given(st.sampled_from(KINDS), st.lists(st.tuples(st.one_of(VALUE, st.none()), st.integers(40, 90)), max_size=40))
@settings(deadline=None)
def test_every_chart_answers_a_value_a_point_and_limits_around_its_centre(kind, rows):
    y = [value for value, _ in rows]
    n = [float(size) for _, size in rows] if kind in OF_SIZES else None
    answer = control_chart(kind, y, n).document()
    for name in ("center", "lcl", "ucl"):
        assert len(answer[name]) == len(rows)
    for centre, low, high in zip(answer["center"], answer["lcl"], answer["ucl"], strict=True):
        if None not in (centre, low, high):
            assert low <= centre <= high
    assert all(0 <= index < len(rows) for index in answer["sigma_signals"])
