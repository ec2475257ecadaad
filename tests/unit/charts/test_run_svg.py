import csv
from itertools import pairwise
from pathlib import Path

import pytest

from nic_node.charts.run import Phase, RunPoint, run_chart_svg
from nic_node.evidence.control_chart import run_chart
from tests.unit.charts.drawing import Drawing

SERIES = Path(__file__).parents[2] / "data" / "series" / "attendance_daily.csv"
SHIFTED = [58, 62, 55, 60, 64, 57, 61, 59, 54, 63, 58, 60, 56, 62, 59, 66, 68, 65, 70, 67, 71, 69, 72, 70]
SIZES = ["wide", "narrow"]


def points(values, first_day=0):
    return [
        RunPoint(value, f"D{place}", f"day {place - first_day + 1}" if place >= first_day else "")
        for place, value in enumerate(values)
    ]


def draw(values, *, size="wide", **options):
    chart = run_chart(values)
    return Drawing(run_chart_svg("Exit tickets", "It moved.", points(values), chart, size=size, **options))


def real(column):
    with SERIES.open(newline="") as file:
        return [float(row[column]) if row[column] else None for row in csv.DictReader(file)]


@pytest.mark.parametrize("size", SIZES)
def test_a_drawing_has_a_name_a_description_and_one_mark_a_point(size):
    drawing = draw(SHIFTED, size=size, unit="%")
    assert (drawing.title, drawing.desc) == ("Exit tickets", "It moved.")
    assert drawing.root.get("role") == "img"
    assert drawing.marks("ch-dot") == 15
    assert drawing.marks("ch-mark") == 9
    assert "9 in a row above the median" in drawing.words
    assert drawing.width == {"wide": 744, "narrow": 326}[size]


def test_a_point_on_the_median_within_a_shift_stays_hollow():
    drawing = draw([*SHIFTED[:20], 62, *SHIFTED[20:]])
    assert drawing.marks("ch-dot-on") == 1


def test_the_wide_drawing_names_the_median_and_the_latest_value_apart():
    drawing = draw([10, 14, 9, 13, 11, 12, 10, 12.01], unit="%")
    assert {"Median", "12.0\u202f% latest"} <= set(drawing.words)
    assert abs(drawing.y_of("12.0\u202f% latest") - drawing.y_of("Median")) >= 16


def test_a_bracket_below_leaves_room_for_the_dates():
    drawing = draw([70, 72, 69, 71, 70, 72, 70, 71, 69, 73, 71, 70, 60, 61, 58, 60, 59, 61, 60, 58, 61, 60], unit="%")
    below = [words for words in drawing.words if words.endswith("below the median")]
    assert below
    assert drawing.y_of(below[0]) < drawing.y_of("D0") - 13


def test_a_missing_day_breaks_the_line():
    assert draw([1, 2, None, 2, 1]).marks("ch-line") == 2


def test_phases_stand_on_top_with_a_line_at_each_start():
    phases = [Phase("Before", 0, before=True), Phase("Cycle 1", 8), Phase("Cycle 2", 16)]
    drawing = draw(SHIFTED, phases=phases)
    assert {"Before", "Cycle 1", "Cycle 2"} <= set(drawing.words)
    assert (len(drawing.of("ch-before")), len(drawing.of("ch-cycle")), drawing.marks("ch-start")) == (1, 2, 2)


def test_the_name_of_a_short_phase_is_shortened_and_then_dropped():
    phases = [Phase("Before", 0, before=True), Phase("Cycle 1", 20), Phase("Cycle 2", 22), Phase("Cycle 3", 23)]
    words = draw(SHIFTED, size="narrow", phases=phases).words
    assert "Before" in words
    assert "Cycle 1" not in words
    assert "1" in words


def test_dates_never_stand_too_close():
    for size, gap in (("wide", 66), ("narrow", 60)):
        drawing = draw(SHIFTED * 7, size=size, phases=[Phase("a", start) for start in (0, 3, 5, 90, 167)])
        places = sorted(float(text.get("x")) for text in drawing.root.iter("text") if text.text.startswith("D"))
        assert places
        assert min(after - before for before, after in pairwise(places)) >= gap


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("column", ["clean", "snow_day", "zero_day"])
def test_a_real_school_year_stays_within_the_drawing(column, size):
    drawing = draw(real(column), size=size, unit="%")
    for element in drawing.root.iter("text"):
        assert 0 <= float(element.get("x")) <= drawing.width
        assert 0 < float(element.get("y")) <= drawing.height


@pytest.mark.parametrize("values", [[], [None], [None, None, None]])
def test_without_numbers_it_says_so(values):
    assert draw(values).words == ["No numbers yet."]


@pytest.mark.parametrize("values", [[5.0], [5.0] * 30, [0.0, 1e99], [1e-9, 2e-9, 1e-9]])
def test_strange_series_are_drawn(values):
    drawing = draw(values)
    assert drawing.marks("ch-dot") == len(values)
    assert "nan" not in "".join(element.get("d", "") for element in drawing.root.iter())


def test_words_from_people_cannot_break_the_drawing():
    nasty = "<script>\"&'</script>"
    chart = run_chart([1, 2])
    svg = run_chart_svg(nasty, nasty, [RunPoint(1, nasty), RunPoint(2, nasty)], chart, phases=[Phase(nasty, 0)])
    assert "<script" not in svg
    assert Drawing(svg).title == nasty


@pytest.mark.parametrize("size", SIZES)
def test_two_hundred_points_fit_into_12_kilobytes(size):
    values = [80 + place % 7 * 0.37 + (15 if place >= 100 else 0) for place in range(200)]
    svg = run_chart_svg("Daily attendance", "It moved.", points(values), run_chart(values), unit="%", size=size)
    assert len(svg.encode()) < 12_000
    assert Drawing(svg).marks("ch-mark") == 200
