import csv
import math
from pathlib import Path

import pytest

from nic_node.evidence.screening import screen_series

SERIES = Path(__file__).parents[2] / "data" / "series" / "attendance_daily.csv"


def real(column):
    with SERIES.open(newline="") as file:
        return [float(row[column]) if row[column] else None for row in csv.DictReader(file)]


def codes(values, **bounds):
    return [(found.index, found.code) for found in screen_series(values, **bounds)]


def test_days_of_zero_in_a_real_series_are_found_and_meant_to_be_left_out():
    values = real("zero_day")
    zeros = [found for found in screen_series(values, lowest=0, highest=100) if found.code == "zero"]
    assert [found.index for found in zeros] == [index for index, value in enumerate(values) if value == 0]
    assert {found.suggest for found in zeros} == {"leave-out"}
    assert "most likely nothing was sent" in zeros[0].words.said()


def test_a_real_snow_day_is_asked_about_and_meant_to_stay():
    found = {item.index: item for item in screen_series(real("snow_day"), lowest=0, highest=100)}
    assert found[43].code == "unusual"
    assert found[43].suggest == "keep"
    assert "78.15" in found[43].words.said()


def test_every_blank_is_found():
    values = real("clean")
    assert [index for index, code in codes(values) if code == "blank"] == [
        index for index, value in enumerate(values) if value is None
    ]


@pytest.mark.parametrize("value", [101, -1, math.inf])
def test_what_the_unit_does_not_allow_is_impossible(value):
    values = [90, 91, 92, 90, value, 91]
    assert codes(values, lowest=0, highest=100) == [(4, "impossible")]


def test_zero_among_small_counts_is_nothing_odd():
    assert codes([0, 1, 2, 0, 3, 1, 0, 2, 1, 2], lowest=0) == []


def test_a_nearly_constant_series_makes_no_noise():
    assert codes([95, 95, 95, 95, 95, 95, 96, 95, 94.5]) == []


def test_a_few_points_say_nothing_about_what_is_usual():
    assert codes([93, 0, 94]) == []


def test_a_missing_value_as_nan_is_blank():
    assert codes([float("nan"), 1]) == [(0, "blank")]
