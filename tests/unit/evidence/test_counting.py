import csv
import json
import logging
from datetime import date, timedelta

import pytest

from nic_node.errors import InvalidInput
from nic_node.evidence.counting import Count, Recipe, count_rows, guess_recipe, load_recipe

DAILY = Recipe("student-day", {"student": "Student", "date": "Date", "mark": "Status"}, who={"Grade": ("7",)})
WINDOWED = Recipe("student-counts", {"student": "ID", "absent": "Missed", "days": "Days", "period": "Through"})
MONDAY = date(2026, 9, 7)


def school_days(count):
    days = []
    day = MONDAY
    while len(days) < count:
        if day.weekday() < 5:
            days.append(day)
        day += timedelta(days=1)
    return days


def daily_rows(days, absences, grade="7"):
    """absences: student -> places of the days missed."""
    return [
        {"Student": student, "Date": day.isoformat(), "Grade": grade, "Status": "A" if place in missed else "P"}
        for place, day in enumerate(days)
        for student, missed in absences.items()
    ]


def test_a_student_who_missed_2_of_the_last_20_days_counts_and_1_does_not():
    days = school_days(20)
    counted = count_rows(DAILY, daily_rows(days, {"s1": {3, 19}, "s2": {4}, "s3": set()}))
    assert counted.counts == (Count(days[-1], 1, 3),)
    assert counted.rows_read == 60
    assert counted.words.said() == "Read 60 rows, kept 2 numbers."


def test_windows_slide_by_the_week_or_by_the_day():
    days = school_days(30)
    rows = daily_rows(days, {"s1": {0, 1}, "s2": {28, 29}})
    weekly = count_rows(DAILY, rows)
    assert [count.period for count in weekly.counts] == [days[19], days[24], days[29]]
    assert [(count.x, count.n) for count in weekly.counts] == [(1, 2), (0, 2), (1, 2)]
    every_day = count_rows(load_recipe({**DAILY.document(), "every": "day"}), rows)
    assert len(every_day.counts) == 11


def test_who_does_not_count_still_makes_the_calendar():
    days = school_days(20)
    ours = daily_rows(days[5:], {"s1": {6, 7}})
    others = daily_rows(days, {"x": set(range(20))}, grade="8")
    counted = count_rows(DAILY, [*others, *ours])
    assert counted.counts == (Count(days[-1], 1, 1),)


def test_a_student_who_came_late_is_counted_by_the_days_there_were():
    days = school_days(20)
    rows = daily_rows(days, {"s1": set()})
    rows += daily_rows(days[10:], {"late": {0}})
    rows += daily_rows(days[11:], {"too-late": {0, 1, 2}})
    counted = count_rows(DAILY, rows)
    assert counted.counts == (Count(days[-1], 1, 2),)
    assert counted.short == 1


def test_fewer_days_than_the_window_give_no_number():
    assert count_rows(DAILY, daily_rows(school_days(19), {"s1": set()})).counts == ()


def test_faults_name_the_line_and_the_column_and_nothing_of_the_row():
    days = school_days(20)
    rows = daily_rows(days, {"Zelda Quark": set()})
    rows[3] = {**rows[3], "Date": "someday"}
    rows[4] = {**rows[4], "Status": "???"}
    rows[5] = {**rows[5], "Student": " "}
    rows.append(rows[0])
    counted = count_rows(DAILY, rows)
    assert [(fault.line, fault.code) for fault in counted.faults] == [
        (5, "no-date"),
        (6, "unknown-mark"),
        (7, "no-student"),
        (22, "twice"),
    ]
    assert counted.faults[0].words.said().startswith("Line 5: there is no date in the column Date.")
    told = repr(counted) + "".join(fault.words.said() for fault in counted.faults)
    assert "Zelda" not in told
    assert "someday" not in told
    assert "???" not in told


def test_nothing_of_a_row_is_logged(caplog):
    with caplog.at_level(logging.DEBUG):
        count_rows(DAILY, daily_rows(school_days(20), {"Zelda Quark": {1, 2}}))
    assert "Zelda" not in caplog.text


@pytest.mark.parametrize("day", ["9/7/2026", "09/07/26", "2026-09-07"])
def test_dates_are_read_as_offices_write_them(day):
    recipe = load_recipe({**DAILY.document(), "window_days": 1, "least_days": 1, "who": {}})
    counted = count_rows(recipe, [{"Student": "a", "Date": day, "Status": "absent"}])
    assert counted.counts == (Count(MONDAY, 1, 1),)


def window_row(student="1", missed="2", days="20", through="2026-10-02"):
    return {"ID": student, "Missed": missed, "Days": days, "Through": through}


def test_a_row_a_student_with_counts_gives_a_number_a_window():
    rows = [
        window_row("1", "2"),
        window_row("2", "1"),
        window_row("3", "1", "10"),
        window_row("4", "9", "9"),
        window_row("1", "0", through="2026-10-09"),
    ]
    counted = count_rows(WINDOWED, rows)
    assert counted.counts == (Count(date(2026, 10, 2), 2, 3), Count(date(2026, 10, 9), 0, 1))
    assert counted.short == 1
    assert counted.faults == ()


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (window_row(missed="-1"), "not-a-count"),
        (window_row(missed="1.5"), "not-a-count"),
        (window_row(days=""), "not-a-count"),
        (window_row(days="٣"), "not-a-count"),
        (window_row(missed="12", days="11"), "more-than-days"),
        (window_row(missed="12", days="44"), "beyond-window"),
        (window_row(through="=TODAY()"), "no-date"),
        (window_row(student=""), "no-student"),
        ({}, "no-date"),
    ],
)
def test_a_bad_row_is_a_fault_and_the_good_ones_count(row, code):
    counted = count_rows(WINDOWED, [window_row("8"), row, window_row("9", "0")])
    assert [fault.code for fault in counted.faults] == [code]
    assert counted.counts == (Count(date(2026, 10, 2), 1, 2),)


def test_the_same_student_twice_in_a_window_is_a_fault():
    counted = count_rows(WINDOWED, [window_row(), window_row()])
    assert [fault.code for fault in counted.faults] == ["twice"]


def test_without_a_period_column_somebody_says_when_the_window_ends():
    recipe = Recipe("student-counts", {"absent": "Missed", "days": "Days"})
    with pytest.raises(InvalidInput, match="on which day"):
        count_rows(recipe, [])
    counted = count_rows(recipe, [window_row(), window_row()], period=date(2026, 10, 2))
    assert counted.counts == (Count(date(2026, 10, 2), 2, 2),)


def test_a_recipe_that_lacks_a_column_is_refused():
    with pytest.raises(InvalidInput, match="mark"):
        count_rows(Recipe("student-day", {"student": "a", "date": "b"}), [])


@pytest.mark.parametrize("recipe", [DAILY, WINDOWED])
def test_a_file_without_a_column_of_the_recipe_is_refused_before_anything_is_counted(recipe):
    with pytest.raises(InvalidInput, match="The file has no column"):
        count_rows(recipe, [{"Student": "a", "Date": "2026-09-07", "Status": "P"}])


def test_a_recipe_survives_being_remembered():
    remembered = json.loads(json.dumps(DAILY.document()))
    assert load_recipe(remembered) == DAILY


@pytest.mark.parametrize(
    ("header", "layout"),
    [
        (["Student ID", "Grade", "Date", "Status"], "student-day"),
        (["grade", "days_absent", "days_enrolled", "period_end"], "student-counts"),
        (["Name", "Score"], None),
        ([], None),
    ],
)
def test_a_recipe_is_guessed_from_the_header(header, layout):
    recipe = guess_recipe(header)
    assert (recipe and recipe.layout) == layout
    if recipe:
        assert set(recipe.columns.values()) <= set(header)


def test_rows_may_come_from_a_reader_that_keeps_none(tmp_path):
    path = tmp_path / "rows.csv"
    days = school_days(20)
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, ["Student", "Date", "Grade", "Status"])
        writer.writeheader()
        writer.writerows(daily_rows(days, {f"s{place}": {0, 1} if place % 2 else set() for place in range(30)}))
    with path.open(newline="") as file:
        assert count_rows(DAILY, csv.DictReader(file)).counts == (Count(days[-1], 15, 30),)
