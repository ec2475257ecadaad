import csv
import re
from itertools import pairwise
from pathlib import Path

import pytest

from nic_node.charts.control import control_chart_svg
from nic_node.charts.frame import ChartPoint, Decided, Phase
from nic_node.charts.svg import text_box
from nic_node.evidence.control_chart import control_chart, run_chart
from tests.unit.charts.drawing import Drawing

SERIES = Path(__file__).parents[2] / "data" / "series" / "attendance_daily.csv"
SHIFTED = [58, 62, 55, 60, 64, 57, 61, 59, 54, 63, 58, 60, 56, 62, 59, 66, 68, 65, 70, 67, 71, 69, 72, 70]
SIZES = ["wide", "narrow", "small"]


def points(values, first_day=0):
    return [
        ChartPoint(f"D{place}", f"day {place - first_day + 1}" if place >= first_day else "")
        for place in range(len(values))
    ]


def draw(values, *, size="wide", **options):
    chart = run_chart(values)
    return Drawing(control_chart_svg("Exit tickets", "It moved.", points(values), chart, size=size, **options))


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
    assert drawing.width == {"wide": 744, "narrow": 326, "small": 326}[size]


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
    svg = control_chart_svg(nasty, nasty, [ChartPoint(nasty), ChartPoint(nasty)], chart, phases=[Phase(nasty, 0)])
    assert "<script" not in svg
    assert Drawing(svg).title == nasty


@pytest.mark.parametrize("size", SIZES)
def test_two_hundred_points_fit_into_12_kilobytes(size):
    values = [80 + place % 7 * 0.37 + (15 if place >= 100 else 0) for place in range(200)]
    svg = control_chart_svg("Daily attendance", "It moved.", points(values), run_chart(values), unit="%", size=size)
    assert len(svg.encode()) < 12_000
    assert Drawing(svg).marks("ch-mark") == 200


def limits(kind, values, n=None, *, size="wide", left_out=(), target=None, decided=(), **options):
    chart = control_chart(kind, values, n, exclude=left_out, **options)
    shown = [
        ChartPoint(f"D{place}", left_out=values[place] if place in left_out else None) for place in range(len(values))
    ]
    return Drawing(
        control_chart_svg("Tardies", "It moved.", shown, chart, size=size, target=target, decided=decided, unit="")
    )


def test_limits_that_vary_are_stepped_and_points_outside_are_ringed():
    drawing = limits("u", [3, 4, 2, 30, 3], [40, 50, 40, 45, 50])
    lower, upper = drawing.of("ch-limit")
    assert upper.get("d").count("V") == 4
    assert lower.get("d").count("M") == 1
    assert (drawing.marks("ch-out"), drawing.marks("ch-out-ring")) == (1, 1)
    assert drawing.marks("ch-dot") == 4


def test_each_stretch_has_its_own_levels_and_a_line_between():
    drawing = limits("i", [10, 12, 9, 11, 30, 32, 29, 31], splits=[4])
    assert drawing.marks("ch-mean") == 2
    assert len(drawing.of("ch-split")) == 1
    assert [limit.get("d").count("M") for limit in drawing.of("ch-limit")] == [2, 2]
    assert "Mean 30.5" in drawing.words


def test_a_target_a_decision_and_a_point_left_out_have_marks_of_their_own():
    decided = [Decided("adopt", 1), Decided("adapt", 3), Decided("abandon", 5)]
    drawing = limits("i", [10, 12, 0, 11, 10, 12], left_out=[2], target=14, decided=decided)
    assert len(drawing.of("ch-target")) == 1
    assert "Target 14" in " ".join(drawing.words)
    assert drawing.marks("ch-left-out") == 1, "at the edge, since 0 is off the axis"
    assert float(drawing.of("ch-left-out")[0].get("d").split()[1].split("l")[0]) < drawing.height
    assert (len(drawing.of("ch-adopted")), len(drawing.of("ch-adapted")), len(drawing.of("ch-abandoned"))) == (2, 1, 1)


def test_a_percent_has_no_limits_drawn_beyond_its_ends():
    values = [97.0, 93.0, 99.0, 90.0, 98.0, 94.0]
    chart = control_chart("i", values)
    assert chart.upper[0] > 100
    drawing = Drawing(control_chart_svg("Attendance", "", points(values), chart, unit="%"))
    assert [limit.get("d").count("M") for limit in drawing.of("ch-limit")] == [1]
    assert "100\u202f%" in drawing.words


def test_labels_at_the_right_never_cover_each_other():
    drawing = limits("i", [10.0, 10.1, 10.0, 10.2, 10.1, 10.0], target=10.1)
    at = sorted(float(label.get("y")) for label in drawing.root.iter("text") if label.get("x") == "648")
    assert len(at) >= 4
    assert min(after - before for before, after in pairwise(at)) >= 15.9


@pytest.mark.parametrize("size", SIZES)
def test_two_hundred_points_with_limits_of_their_own_fit_into_12_kilobytes(size):
    n = [400 + place % 37 for place in range(200)]
    x = [round(size * (0.8 + place % 7 * 0.02)) for place, size in enumerate(n)]
    chart = control_chart("p", x, n).scaled(100)
    svg = control_chart_svg("Daily attendance", "It moved.", points(x), chart, unit="%", target=90, size=size)
    assert len(svg.encode()) < 12_000


def test_names_of_levels_keep_off_the_dates():
    values = [60, 64, 58, 66, 61, 59, 67, 60, 63, 58, 62, 65, 65.2]
    chart = control_chart("mr", values)
    drawing = Drawing(control_chart_svg("Moves", "They move.", points(values), chart))
    assert drawing.y_of("D12") - drawing.y_of("Lower 0.0") >= 12


def test_the_words_of_a_bracket_touch_no_point():
    """They are longer than the shift among many points, and high points stand where they would end."""
    before = [64, 74, 80, 63, 75, 63, 53, 60, 60, 64, 79, 57, 64, 69, 63, 55, 64, 51, 74, 71, 79, 55, 67, 65, 65, 69]
    values = [*before, 50, 53, 54, 76, 77, 63, 71, 51, 56, 50, 51, 79, 68, 57, 69, 71, 68, 69, 69, 67, 67, 68, 67, 68]
    values += [66, 61, 74, 74]
    drawing = Drawing(control_chart_svg("Scores", "They moved.", points(values), control_chart("i", values)))
    (words,) = [element for element in drawing.of("ch-a") if "in a row" in (element.text or "")]
    box = text_box(float(words.get("x")), float(words.get("y")), words.text, words.get("text-anchor", "start"))
    marks = [element.get("d") for kind in ("ch-dot", "ch-mark", "ch-out") for element in drawing.of(kind)]
    spots = [tuple(map(float, spot)) for mark in marks for spot in re.findall(r"M(-?[\d.]+) (-?[\d.]+)", mark)]
    assert len(spots) == len(values)
    assert not [(x, y) for x, y in spots if box.left < x < box.right and box.top < y < box.bottom]
