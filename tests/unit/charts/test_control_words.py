import pytest

from nic_node.charts.control_words import chart_columns, chart_key, chart_rows, chart_says, shift_tag
from nic_node.charts.frame import ChartPoint, Decided
from nic_node.evidence.control_chart import control_chart, run_chart

SHIFTED = [58, 62, 55, 60, 64, 57, 61, 59, 54, 63, 58, 60, 56, 62, 59, 66, 68, 65, 70, 67, 71, 69, 72, 70]


def points(values):
    return [ChartPoint(f"Oct {place}", f"day {place + 1}") for place in range(len(values))]


def says(values, **options):
    return chart_says(points(values), run_chart(values), **options)


def test_a_shift_that_lasts_is_told_since_its_first_day():
    assert says(SHIFTED, unit="%", period="lesson") == (
        "Since day 16, nine lessons in a row are above the median of 62\u202f%; more than seven is unlikely to be chance."
    )
    assert shift_tag(run_chart(SHIFTED)) == "Shift up"


def test_a_shift_that_ended_is_told_with_both_its_days():
    ended = [*SHIFTED, 55, 64, 55, 64, 55, 56]
    assert says(ended).startswith("From day 16 to day 24, nine points in a row were above")
    assert shift_tag(run_chart(ended)) == "Signal"


def test_a_shift_down_is_told_without_a_judgement():
    down = [-value for value in SHIFTED]
    assert "nine points in a row are below the median of −62;" in says(down)
    assert shift_tag(run_chart(down)) == "Shift down"


def test_a_drift_of_one_crossing_says_once():
    assert "The line crosses the median of 2 only once; fewer than four times" in says([1.0] * 7 + [3.0] * 7)


def test_a_drift_is_told_by_its_crossings():
    drifting = ([1.0] * 5 + [3.0] * 5) * 4
    assert says(drifting).startswith("The line crosses the median of 2 only seven times")
    assert shift_tag(run_chart(drifting)) == "Signal"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([], "No numbers yet."),
        (
            [90, 91, 92],
            "About the median of 91. Fewer than ten points lie off it: too few to tell a shift from chance.",
        ),
        ([91], "One number so far: it takes more of them to see whether anything moves."),
        ([None, 91, None], "One number so far: it takes more of them to see whether anything moves."),
        (
            [3, 4, 0, 15, 20, 1],
            "About the median of 3.5. Fewer than ten points lie off it: too few to tell a shift from chance.",
        ),
        ([90.0] * 12, "Every point lies on the median of 90: nothing has moved."),
        (SHIFTED[:15], "No shift so far: the points vary about the median of 59 as chance would have it."),
    ],
)
def test_nothing_to_see_is_said_plainly(values, words):
    assert says(values) == words
    assert shift_tag(run_chart(values)) is None


def test_the_table_has_a_row_a_point_with_what_it_is_part_of():
    values = [*SHIFTED, None]
    chart = run_chart(values)
    rows = chart_rows(points(values), chart, unit="%")
    assert chart_columns(points(values), chart) == ["When", "Project day", "Value", "Note"]
    assert len(rows) == len(values)
    assert rows[0] == ["Oct 0", "day 1", "58\u202f%", ""]
    assert rows[16] == ["Oct 16", "day 17", "68\u202f%", "part of the signal"]
    assert rows[-1][2] == "–"


def test_without_project_days_the_table_has_no_column_for_them():
    plain = [ChartPoint("Oct 1"), ChartPoint("Oct 2")]
    assert chart_columns(plain, run_chart([1, 2])) == ["When", "Value", "Note"]
    assert [len(row) for row in chart_rows(plain, run_chart([1, 2]))] == [3, 3]


def test_the_key_names_the_marks_that_are_there():
    assert [mark.label for mark in chart_key(run_chart(SHIFTED), points(SHIFTED), period="day")] == [
        "one school day",
        "part of the signal",
        "median",
    ]
    assert len(chart_key(run_chart(SHIFTED[:15]), points(SHIFTED[:15]))) == 2


STEADY = [10.0, 12.0, 9.0, 11.0] * 4


def of_limits(values, **options):
    chart = control_chart("i", values, **options)
    return chart_says(points(values), chart, period="day")


def test_a_control_chart_says_what_lies_outside_its_limits_or_that_nothing_does():
    assert of_limits(STEADY) == (
        "No signal: the school days vary about the mean of 10.5 within 5.0 and 16.0, as chance would have it."
    )
    one = of_limits([*STEADY, 30.0])
    assert one.startswith("On Oct 16, 30 is above the upper limit of ")
    low = of_limits([*STEADY, -9.0])
    assert "is below the lower limit of" in low
    assert "Points outside the limits: two, the latest on Oct 17 (30)." in of_limits([*STEADY, 30.0, 30.0])
    assert shift_tag(control_chart("i", [*STEADY, 30.0])) == "Signal"


def test_few_points_make_trial_limits():
    assert of_limits(STEADY[:8]).endswith("So few points make trial limits: the next ones may move them.")


def test_what_is_said_is_about_the_last_stretch():
    series = [*STEADY, *(30 + value for value in STEADY)]
    assert "above the mean" in of_limits(series)
    assert of_limits(series, splits=[16]).startswith("No signal: the school days vary about the mean of 40.5")
    assert of_limits([*STEADY, None], splits=[16]) == "No number yet since the limits were made anew."


def test_the_weak_rule_is_called_weak():
    chart = run_chart([3, 1, 2, 3, 4, 5, 6, 1], rules="ihi")
    assert "From Oct 1 to Oct 6, six points in a row go up: a trend, which alone is a weak sign." in chart_says(
        points(range(8)), chart
    )


def test_the_table_and_the_key_of_a_control_chart_tell_its_levels():
    chart = control_chart("i", [*STEADY, 30.0], splits=[4], exclude=[15])
    shown = [*points(STEADY[:-1]), ChartPoint("Oct 15", left_out=7.0, note="Snow"), ChartPoint("Oct 16")]
    columns, rows = chart_columns(shown, chart), chart_rows(shown, chart)
    assert columns == ["When", "Project day", "Value", "Lower", "Mean", "Upper", "Note"]
    assert rows[4][-1].startswith("limits anew")
    assert rows[15][-1] == "Snow"
    assert rows[16][-1] == "outside the limits"
    key = chart_key(chart, shown, target=12, decided=[Decided("adapt", 3)])
    assert [mark.label for mark in key] == [
        "one point",
        "part of the signal",
        "outside the limits",
        "left out",
        "mean",
        "limits of usual variation",
        "target 12",
        "adapted",
    ]
