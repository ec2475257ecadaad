"""What a colleague would ask of a project, and when."""

from datetime import date, timedelta
from typing import Any

import pytest

from nic_node.school.advice.advise import FEWEST_SCHOOL_DAYS, advise, better_start, follow_up_due
from nic_node.school.causes.read import Why
from nic_node.school.projects.tables import Project
from nic_node.school.team.calendar import SchoolCalendar

START = date(2026, 9, 14)
WHOLE = {
    "problem_statement": "Nine of 61 students in grade 6 missed a tenth of the last 20 days.",
    "aim_text": "Fewer than one in eight students of grade 6 does by November.",
}
EVERY_DAY = SchoolCalendar([])
ASKED = Why(cause=True, talks=True, consensus=True)
BOTH = ("outcome", "process")


def project(**values: Any) -> Project:
    usual = {
        "title": "Texts",
        "idea_summary": "",
        "state": "active",
        "starts_on": START,
        "grade_bands": [],
        "aim_target": "",
        "aim_measure": None,
    }
    return Project(**{**usual, **WHOLE, **values})


def codes(
    one: Project, kinds: tuple[str, ...] = BOTH, day: int = 15, why: Why = ASKED, scales: tuple[str, ...] = ()
) -> list[str]:
    on = START + timedelta(days=day - 1)
    return [found.code for found in advise(one, kinds, EVERY_DAY, on, why=why, scales=scales)]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("", ["problem-missing"]),
        ("Students in grade 7 are lazy and fail 2 courses.", ["problem-positive"]),
        ("In grade 7 nobody reads at home because parents don't care.", ["problem-positive", "problem-solvable"]),
        ("Attendance could be higher.", ["problem-specific"]),
        ("Sixth-graders begin homework alone, late in the evening.", []),
    ],
)
def test_a_problem_of_practice_is_asked_about_in_words(words: str, expected: list[str]) -> None:
    assert codes(project(problem_statement=words)) == expected


def test_a_number_is_asked_for_only_where_nothing_is_measured() -> None:
    vague = project(problem_statement="Sixth-graders begin homework late.")
    assert codes(vague, ()) == ["problem-measurable", "no-measure"]
    assert codes(vague) == []


@pytest.mark.parametrize(
    ("values", "scales", "expected"),
    [
        ({}, (), ["no-cause", "no-voices"]),
        ({}, ("one class", "the whole school"), ["no-cause", "no-voices", "no-consensus"]),
        ({"idea_summary": "Every teacher greets at the door."}, (), ["no-cause", "no-voices", "no-consensus"]),
        ({"title": "A school-wide greeting"}, (), ["no-cause", "no-voices", "no-consensus"]),
        # Without a problem there is nothing yet of which to ask why.
        ({"problem_statement": " "}, (), ["problem-missing"]),
    ],
)
def test_a_project_starts_from_a_cause_and_from_voices(
    values: dict[str, Any], scales: tuple[str, ...], expected: list[str]
) -> None:
    assert codes(project(**values), why=Why(), scales=scales) == expected
    assert "no-consensus" not in codes(project(**values), why=ASKED, scales=scales)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"aim_text": ""}, ["aim-what"]),
        ({"aim_text": "More students are on time."}, ["aim-how-much", "aim-for-whom"]),
        ({"aim_text": "More students are on time.", "aim_target": "90 %", "grade_bands": ["6-8"]}, []),
        ({"aim_text": "", "aim_measure": "tardies", "aim_target": "5", "grade_bands": ["6-8"]}, []),
    ],
)
def test_an_aim_says_what_how_much_and_for_whom(values: dict[str, Any], expected: list[str]) -> None:
    assert codes(project(**values)) == expected


def test_a_project_with_outcomes_alone_is_told_so() -> None:
    assert codes(project(), ("outcome", "outcome")) == codes(project(), ("outcome", "balancing")) == ["only-outcomes"]
    assert codes(project(), ()) == ["no-measure"]


def test_the_midway_check_is_asked_for_from_day_22_on() -> None:
    assert codes(project(), day=21) == []
    assert codes(project(), day=22) == ["midway-due"]
    assert codes(project(midway_on=START), day=30) == []
    assert codes(project(), day=46) == []


def test_under_25_school_days_another_start_is_proposed() -> None:
    winter = SchoolCalendar([(date(2026, 12, 19), date(2027, 1, 10))])
    starts = date(2026, 11, 30)
    short = project(starts_on=starts)
    assert winter.school_days(starts, starts + timedelta(days=44)) < FEWEST_SCHOOL_DAYS
    better = better_start(short, winter)
    assert better is not None
    assert winter.school_days(better[0], better[0] + timedelta(days=44)) == better[1] >= FEWEST_SCHOOL_DAYS
    (advice,) = advise(short, BOTH, winter, starts, why=ASKED)
    assert f"from {better[0]} on they hold {better[1]}" in advice.says
    # Once it has run for two weeks, another start helps nobody.
    assert advise(short, BOTH, winter, starts + timedelta(days=14), why=ASKED) == []
    # In June another start lies past the summer; where there is none it is said all the same.
    june, summer = project(starts_on=date(2027, 6, 7)), (date(2027, 6, 19), date(2027, 8, 22))
    (advice,) = advise(june, BOTH, SchoolCalendar([summer]), june.starts_on, why=ASKED)
    assert "hold 10 school days; from 2027-08-23 on they hold 33" in advice.says
    (advice,) = advise(june, BOTH, SchoolCalendar([(summer[0], date(2027, 12, 31))]), june.starts_on, why=ASKED)
    assert "no start in the next months holds 25" in advice.says
    assert advise(project(), BOTH, EVERY_DAY, START, why=ASKED) == []


@pytest.mark.parametrize(
    ("day", "done", "due"),
    [(89, (), None), (90, (), 90), (134, (), 90), (135, (), 135), (100, (90,), None), (180, (), None)],
)
def test_whether_it_held_is_asked_on_days_90_and_135(day: int, done: tuple[int, ...], due: int | None) -> None:
    closed = project(state="closed", decision="adopt")
    assert follow_up_due(closed, done, START + timedelta(days=day - 1)) == due
    assert follow_up_due(project(state="closed", decision="abandon"), (), START + timedelta(days=89)) is None
    assert codes(closed, ()) == []
