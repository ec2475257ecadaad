import pytest

from nic_node.errors import InvalidInput
from nic_node.evidence.limits import control_chart


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
