"""The icons by the rules of NHSRplotthedots, one case a rule and one beside it."""

import pytest

from nic_node.evidence.control_chart import control_chart
from nic_node.evidence.plot_the_dots import Icons, icons_of

STEADY = [10, 12, 9, 11, 10, 12, 9, 11, 10, 12, 9, 11]


def icons(series, better="up", target=None, **options):
    return icons_of(control_chart("i", series, **options), better=better, target=target)


def test_a_steady_process_varies_as_usual():
    assert icons(STEADY) == Icons("common", None, None)


@pytest.mark.parametrize(
    ("series", "side"),
    [
        ([*STEADY, 30], "high"),
        ([*STEADY, -8], "low"),
        ([*STEADY, 9, 10, 10.5, 11, 11.5, 12, 12.5], "high"),
        ([10, 14] * 8 + [21, 15, 21], "high"),
        ([*STEADY, 8.5, 9, 8.5, 9, 8.5, 9, 8.5], "low"),
    ],
    ids=["above", "below", "seven that rise", "two of three near a limit", "seven on one side"],
)
def test_special_variation_is_found_and_told_by_what_is_better(series, side):
    up, down, neither = (icons(series, better) for better in ("up", "down", "neither"))
    assert (neither.variation, neither.side) == ("special", side)
    good, bad = ("improving", "concerning") if side == "high" else ("concerning", "improving")
    assert (up.variation, down.variation) == (good, bad)


@pytest.mark.parametrize(
    "series",
    [
        [*STEADY, 30, 11],
        [*STEADY, 9, 9.6, 10, 10.5, 11, 11.5],
        [10, 14] * 8 + [21, 9, 21],
        [*STEADY, 9, 8.5, 9, 8.5, 9, 8.5, 12],
    ],
    ids=["the latest is back", "six that rise", "the third on the other side", "the run is over"],
)
def test_one_point_less_is_common_variation(series):
    assert icons(series).variation == "common"


def test_the_target_against_the_limits():
    chart = control_chart("i", STEADY)
    low, high = chart.lower[0], chart.upper[0]
    assert icons(STEADY, target=low - 0.01).assurance == "pass"
    assert icons(STEADY, target=high + 0.01).assurance == "fail"
    assert icons(STEADY, "down", target=low - 0.01).assurance == "fail"
    assert icons(STEADY, "down", target=high + 0.01).assurance == "pass"
    assert icons(STEADY, target=11).assurance == "hit-or-miss"
    assert icons(STEADY, "neither", target=11).assurance is None


@pytest.mark.parametrize("better", ["up", "down"])
def test_a_target_exactly_on_a_limit_is_hit_or_miss(better):
    chart = control_chart("i", STEADY)
    for limit in (chart.lower[0], chart.upper[0]):
        assert icons(STEADY, better, target=float(limit)).assurance == "hit-or-miss"


def test_only_the_last_stretch_is_read():
    assert icons([30, 31, 29, 30, *STEADY], splits=[4]).variation == "common"


@pytest.mark.parametrize("series", [[], [None, None], [5.0], [None, 7.0]])
def test_without_limits_there_are_no_icons(series):
    assert icons(series) is None


def test_a_constant_process_never_varies_and_misses_what_it_is_not():
    assert icons([7.0] * 20, target=8) == Icons("common", None, "fail")
