"""What is said of a measure's course: no more than its numbers carry, and in units that mean what they say."""

from datetime import UTC, date, datetime, timedelta

import pytest

from nic_node.evidence.segmented import Interrupted
from nic_node.school.measures.chosen_chart import chosen_chart
from nic_node.school.measures.home_effect import HomeEffect, effect_lines
from nic_node.school.measures.tables import Measure, Observed

NOW = datetime(2026, 10, 1, tzinfo=UTC)


def a_measure(**changes: object) -> Measure:
    plain = {"unit": "mean", "better": "up", "chart_kind": "run", "run_rules": "anhoej", "screen_ranges": True}
    return Measure(**plain | {"vocabulary": "attendance-rate"} | changes)


def observed(count: int) -> list[Observed]:
    first = date(2026, 9, 1)
    return [
        Observed(
            place, 1, first + timedelta(place), 90.0 + place % 3, None, None, None, None, "", "", None, None, NOW, 1
        )
        for place in range(count)
    ]


@pytest.mark.parametrize(("points", "is_told"), [(3, False), (11, False), (12, True)])
def test_how_a_process_varies_is_told_from_twelve_points_on(points: int, is_told: bool) -> None:
    assert (chosen_chart(a_measure(), observed(points), []).icons is not None) is is_told


@pytest.mark.parametrize(
    ("unit", "at_end", "interval", "words"),
    [
        ("mean", -10.56, (-17.3, -3.8), "it stands 10.6 percentage points below where a straight line through"),
        ("mean", 4.0, (1.0, 7.0), "it stands 4.0 percentage points above where a straight line through"),
        ("mean", 1.0, (-1.0, 3.0), "as far as can be told (off by −1.0 to 3.0)."),
        ("rate", 0.04, (0.01, 0.07), "it stands 0.04 above where a straight line through the points before would have"),
    ],
)
def test_an_interrupted_series_tells_a_difference_of_percents_as_points(
    unit: str, at_end: float, interval: tuple[float, float], words: str
) -> None:
    series = Interrupted(0, (0, 0), 0, (0, 0), at_end, interval, 32, 27)
    found = HomeEffect(a_measure(unit=unit), None, None, series, is_over=False)
    assert words in effect_lines(found)["series"]
    assert "%" not in effect_lines(found)["series"]
