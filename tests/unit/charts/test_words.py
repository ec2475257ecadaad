import pytest

from federation.effects import Effect
from nic_node.charts.run import RunPoint
from nic_node.charts.words import (
    pool_says,
    run_chart_columns,
    run_chart_key,
    run_chart_rows,
    run_chart_says,
    shift_tag,
)
from nic_node.evidence.control_chart import run_chart
from nic_node.evidence.effects import MeasuredEffect, Outcome
from nic_node.evidence.practice_pool import Result, pool_results

SHIFTED = [58, 62, 55, 60, 64, 57, 61, 59, 54, 63, 58, 60, 56, 62, 59, 66, 68, 65, 70, 67, 71, 69, 72, 70]
ABSENCE = Outcome("absent-10pct-window", 1, "20-school-days", "proportion", "down")


def points(values):
    return [RunPoint(value, f"Oct {place}", f"day {place + 1}") for place, value in enumerate(values)]


def says(values, **options):
    return run_chart_says(points(values), run_chart(values), **options)


def test_a_shift_that_lasts_is_told_since_its_first_day():
    assert says(SHIFTED, unit="%", period="lesson") == (
        "Since day 16, nine lessons in a row are above the median of 62\u202f%; more than seven is unlikely to be chance."
    )
    assert shift_tag(run_chart(SHIFTED)) == "Shift up"


def test_a_shift_that_ended_is_told_with_both_its_days():
    ended = [*SHIFTED, 55, 64, 55, 64, 55, 56]
    assert says(ended).startswith("From day 16 to day 24, nine points in a row were above")


def test_a_shift_down_is_told_without_a_judgement():
    down = [-value for value in SHIFTED]
    assert "nine points in a row are below the median of −62;" in says(down)
    assert shift_tag(run_chart(down)) == "Shift down"


def test_a_drift_is_told_by_its_crossings():
    drifting = ([1.0] * 5 + [3.0] * 5) * 4
    assert says(drifting).startswith("The line crosses the median of 2 only seven times")
    assert shift_tag(run_chart(drifting)) == "Signal"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([], "No numbers yet."),
        ([90, 91, 92], "The median is 91. Fewer than ten points lie off it: too few to tell a shift from chance."),
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
    rows = run_chart_rows(points(values), chart, unit="%")
    assert run_chart_columns(points(values)) == ["When", "Project day", "Value", "Note"]
    assert len(rows) == len(values)
    assert rows[0] == ["Oct 0", "day 1", "58\u202f%", ""]
    assert rows[16] == ["Oct 16", "day 17", "68\u202f%", "part of the signal"]
    assert rows[-1][2] == "–"


def test_without_project_days_the_table_has_no_column_for_them():
    plain = [RunPoint(1, "Oct 1"), RunPoint(2, "Oct 2")]
    assert run_chart_columns(plain) == ["When", "Value", "Note"]
    assert [len(row) for row in run_chart_rows(plain, run_chart([1, 2]))] == [3, 3]


def test_the_key_names_the_marks_that_are_there():
    assert [mark.label for mark in run_chart_key(run_chart(SHIFTED), period="day")] == [
        "one school day",
        "part of the signal",
        "median",
    ]
    assert len(run_chart_key(run_chart(SHIFTED[:15]))) == 2


def pooled(effects, outcome=ABSENCE, baseline=0.38):
    results = [
        Result(
            f"r{place}",
            f"a{place}",
            MeasuredEffect(outcome, Effect(d, se**2), 60, "comparison-group", "ruled-out", baseline, None, None),
        )
        for place, (d, se) in enumerate(effects)
    ]
    return pool_says(pool_results(results, outcome))


def test_a_clear_pool_is_told_in_students():
    assert pooled([(0.3, 0.05), (0.28, 0.05), (0.26, 0.05), (0.29, 0.06), (0.27, 0.05)]) == (
        "Of 100 such students about 38 become 28. The next school: better."
    )


def test_an_unclear_pool_says_so_and_where_the_next_school_may_land():
    assert pooled([(0.41, 0.33), (0.52, 0.33), (-0.05, 0.33)]) == (
        "Too uncertain to say. The next school: much worse to much better."
    )
    assert pooled([(0.01, 0.03)] * 6).startswith("No clear change.")


def test_a_pool_of_means_is_told_without_students():
    scores = Outcome("writing-rubric", 1, "one-time", "mean", "up")
    assert pooled([(0.3, 0.05)] * 5, scores, None).startswith("It got better.")
    assert pooled([(-0.3, 0.05)] * 5, scores, None).startswith("It got worse.")


def test_too_few_results_say_why_there_is_no_number():
    assert pooled([(0.3, 0.1)]).startswith("No number together yet: it takes 3")
