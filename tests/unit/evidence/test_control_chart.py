from itertools import pairwise

import pytest

from nic_node.errors import InvalidInput
from nic_node.evidence.control_chart import control_chart


def test_p_limits_stay_within_0_and_1_and_vary_with_n():
    chart = control_chart("p", [1, 0, 19, 4], [20, 5, 20, 400])
    answer = chart.document()
    assert answer["center"] == pytest.approx([24 / 445] * 4)
    assert min(answer["lcl"]) == 0
    assert max(answer["ucl"]) <= 1
    assert answer["ucl"][1] > answer["ucl"][3]
    assert answer["sigma_signals"] == [2, 3]
    assert chart.trial


def test_individuals_leave_out_moving_ranges_beyond_their_own_limit():
    series = [10, 11, 10, 11, 10, 11, 50, 51, 50, 51, 50, 51, 50]
    screened = control_chart("i", series).document()
    plain = control_chart("i", series, screen_ranges=False).document()
    centre = sum(series) / len(series)
    assert screened["ucl"][0] == pytest.approx(centre + 3 / 1.128)
    assert plain["ucl"][0] == pytest.approx(centre + 3 * (50 / 12) / 1.128)


def test_moving_ranges_start_at_the_second_point():
    answer = control_chart("mr", [1, 3, 2]).document()
    assert answer["center"] == [1.5] * 3
    assert answer["ucl"] == pytest.approx([3.267 * 1.5] * 3)
    assert answer["n_useful"] == 2


def test_a_run_chart_may_have_denominators():
    assert control_chart("run", [1, 2, 3], [10, 10, 10]).document()["center"] == pytest.approx([0.2] * 3)


@pytest.mark.parametrize("kind", ["run", "i", "mr", "c"])
@pytest.mark.parametrize("y", [[], [None], [7.0]])
def test_next_to_nothing_gives_nulls_and_no_signal(kind, y):
    answer = control_chart(kind, y).document()
    assert len(answer["center"]) == len(y)
    assert answer["sigma_signals"] == []
    assert answer["runs_signal"] is False


def test_a_constant_series_lies_within_its_limits():
    answer = control_chart("i", [0.1] * 20).document()
    assert answer["lcl"] == pytest.approx([0.1] * 20)
    assert answer["sigma_signals"] == []
    assert answer["n_useful"] == 0


def test_a_missing_denominator_makes_a_missing_point():
    answer = control_chart("u", [1, 2, 3], [10, None, 10]).document()
    assert answer["ucl"][1] is None
    assert answer["center"] == pytest.approx([0.2] * 3)


@pytest.mark.parametrize(
    ("kind", "y", "n", "sentence"),
    [
        ("x", [1], None, "A chart is one of"),
        ("p", [1], None, "needs a column n"),
        ("c", [1], [2], "has no column n"),
        ("mr", [1], [2], "has no column n"),
        ("p", [3], [2], "above n"),
        ("u", [3], [0], "n must be above 0"),
        ("u", [3, 4], [2], "differ in length"),
        ("c", [-1], None, "below 0"),
        ("i", [1e300], None, "Row 1 of y"),
        ("u", [1], [float("inf")], "Row 1 of n"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(kind, y, n, sentence):
    with pytest.raises(InvalidInput, match=sentence):
        control_chart(kind, y, n)


def test_a_split_starts_a_new_centre_with_new_limits_and_new_runs():
    before, after = [10, 12, 9, 11, 10, 12, 9, 11, 10, 12], [20, 22, 19, 21, 20, 22, 19, 21, 20, 22]
    whole = control_chart("i", [*before, *after])
    split = control_chart("i", [*before, *after], splits=[10, 0, 99])
    assert whole.signal
    assert not split.signal
    assert [(stretch.start, stretch.end, stretch.centre) for stretch in split.stretches] == [
        (0, 10, 10.6),
        (10, 20, 20.6),
    ]
    assert split.center.tolist() == [10.6] * 10 + [20.6] * 10
    assert split.trial


def test_a_signal_before_the_last_stretch_is_history():
    jump = [10, 12, 9, 11, 40, 12, 9, 11, 10, 12]
    chart = control_chart("i", [*jump, *jump[:4]], splits=[10])
    assert chart.sigma_signals == (4,)
    assert not chart.signal


def test_frozen_limits_come_from_the_points_before_in_each_stretch():
    series = [10, 12, 10, 12, 50, 52, 50, 52, 90, 92]
    chart = control_chart("i", series, splits=[4], freeze=[2, 6])
    assert [stretch.centre for stretch in chart.stretches] == [11, 51]
    assert [stretch.frozen for stretch in chart.stretches] == [2, 2]


def test_a_point_that_is_left_out_moves_neither_limits_nor_ranges():
    plain = control_chart("i", [10, 12, None, 10, 12, 11])
    left_out = control_chart("i", [10, 12, 400, 10, 12, 11], exclude=[2, 77])
    assert left_out.document() == plain.document()
    ranges = control_chart("mr", [10, 12, 400, 10, 12, 11], exclude=[2])
    assert ranges.center[0] == pytest.approx((2 + 2 + 1) / 3)
    assert ranges.sigma_signals == ()


def test_limits_of_p_prime_are_as_wide_as_the_shares_vary():
    x, n = [480, 520, 470, 530, 490, 510], [1000] * 6
    plain, prime = (control_chart(kind, x, n) for kind in ("p", "pp"))
    z = [(count / 1000 - 0.5) / (0.5 / 1000**0.5) for count in x]
    sigma_z = sum(abs(after - before) for before, after in pairwise(z)) / 5 / 1.128
    assert prime.upper[0] - 0.5 == pytest.approx(sigma_z * (plain.upper[0] - 0.5))
    same = control_chart("pp", [0, 0, 0], [10, 10, 10])
    assert same.upper.tolist() == [0, 0, 0]


def test_other_units_scale_everything_that_is_plotted():
    chart = control_chart("p", [1, 0, 19, 4], [20, 5, 20, 400])
    percent = chart.scaled(100)
    assert percent.centre == pytest.approx(100 * chart.centre)
    assert percent.upper.tolist() == pytest.approx((100 * chart.upper).tolist())
    assert percent.sigma_signals == chart.sigma_signals
