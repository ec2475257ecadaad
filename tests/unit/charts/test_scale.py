import pytest

from nic_node.charts.scale import told, value_scale


@pytest.mark.parametrize(
    ("values", "unit", "ticks"),
    [
        ([54, 72], "%", (50, 55, 60, 65, 70, 75)),
        ([76, 93], "%", (75, 80, 85, 90, 95)),
        ([91, 99], "%", (90, 92.5, 95, 97.5, 100)),
        ([100, 100], "%", (95, 96, 97, 98, 99, 100)),
        ([0, 45], "%", (0, 10, 20, 30, 40, 50)),
        ([0, 0], "%", (0, 0.25, 0.5, 0.75, 1)),
        ([3, 17], "", (0, 5, 10, 15, 20)),
        ([-0.4, 0.3], "", (-0.4, -0.2, 0, 0.2, 0.4)),
    ],
)
def test_ticks_are_round_and_hold_the_values(values, unit, ticks):
    scale = value_scale(values, unit)
    assert scale.low <= min(values)
    assert max(values) <= scale.high
    assert 4 <= len(scale.ticks) <= 5
    if len(ticks) <= 5:
        assert scale.ticks == pytest.approx(ticks)


def test_a_percentage_never_has_an_axis_beyond_100():
    assert value_scale([96, 99.9], "%").high == 100
    assert value_scale([0.2, 1.3], "%").low == 0


@pytest.mark.parametrize(
    ("value", "decimals", "unit", "words"),
    [
        (93.24, 1, "%", "93.2\u202f%"),
        (-0.1, 2, "", "−0.10"),
        (-0.001, 2, "", "0.00"),
        (1234.5, 0, "", "1,234"),
        (1e99, 0, "", "1e+99"),
    ],
)
def test_numbers_are_written_for_people(value, decimals, unit, words):
    assert told(value, decimals, unit) == words


@pytest.mark.parametrize("values", [[1e-9, 2e-9], [1e90, 3e90], [-5e-7, 5e-7], [1e12, 1e12 + 1]])
def test_absurd_ranges_still_have_an_axis(values):
    scale = value_scale(values, "")
    assert 2 <= len(scale.ticks) <= 6
    assert scale.low <= values[0] < values[1] <= scale.high
