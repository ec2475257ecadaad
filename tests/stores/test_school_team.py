"""The leadership team, the school's calendar and self-assessment, on both databases."""

from datetime import date, timedelta
from typing import Any

import pytest

from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import audit_entries
from nic_node.db.engine import Database
from nic_node.errors import Conflict, InvalidInput, NotFound
from nic_node.school.assessment.rate import (
    answer_questions,
    newest_vision,
    open_assessment,
    rate_practices,
    usual_practices,
    view_assessment,
)
from nic_node.school.meetings.series import plan_series, start_of_next
from nic_node.school.profile.describe import describe_school, profile_of_school, profile_years
from nic_node.school.profile.name import set_school_name
from nic_node.school.team.calendar import SchoolCalendar, add_days_off, calendar_of, remove_days_off
from nic_node.school.team.describe import TeamView, add_member, change_member, team_of_year, write_norms
from tests.conftest import TestClock
from tests.unit.accounts.stage import ADA, first_person, join

TODAY = date(2026, 10, 27)  # a Tuesday
YEAR = "2026-27"
TERM = {"role": "teacher-leader", "since": date(2026, 8, 15)}


@pytest.fixture
async def school(database: Database, clock: TestClock) -> Database:
    await first_person(database, clock)
    await join(database, clock, "jin@school.example", "ilt-member", name="Jin Park")
    async with database.writing() as session:
        await set_school_name(session, actor=ADA, school_name="Alder", now=clock())
        grades = {"level": "middle", "low_grade": "6", "high_grade": "8"}
        await describe_school(session, actor=ADA, values=grades, version=1, today=clock().date(), now=clock())
    return database


async def joined(database: Database, clock: TestClock, person_id: int, /, **values: Any) -> int:
    async with database.writing() as session:
        known = {"person_id": person_id, **TERM, **values}
        return (await add_member(session, actor=ADA, values=known, today=TODAY, now=clock())).id


async def team(database: Database, year: str = YEAR) -> TeamView:
    async with database.reading() as session:
        return await team_of_year(session, year, TODAY)


async def test_the_team_says_who_is_missing(school: Database, clock: TestClock) -> None:
    seen = {"represents": ["grade-6", "math"], "duty": "facilitator", "disposition": "visionary"}
    await joined(school, clock, 2, **seen, until=TODAY + timedelta(days=30))
    gone = await joined(school, clock, 1, role="principal", represents=["grade-7"], until=TODAY - timedelta(days=1))
    now_on = await team(school)
    assert [(view.name, view.ends_soon) for view in now_on.members] == [("Ada Field", False), ("Jin Park", True)]
    assert now_on.missing[:3] == ["Grade 7", "Grade 8", "Reading and writing"]
    assert "Mathematics" not in now_on.missing
    assert now_on.free_duties == ["Recorder", "Timekeeper", "Data lead"]
    assert now_on.dispositions == {"visionary": 1, "integrator": 0, "": 0}
    assert [view.name for view in (await team(school, "2027-28")).members] == []
    # Looked back on, a year had all who were on the team in it, and nothing of it ends soon.
    async with school.reading() as session:
        past = await team_of_year(session, YEAR, date(2027, 8, 20))
    assert "Grade 7" not in past.missing
    assert not any(view.ends_soon for view in past.members)
    async with school.writing() as session:
        values = {"until": None, "person_id": 2}
        await change_member(session, actor=ADA, member_id=gone, values=values, version=1, today=TODAY, now=clock())
    assert [view.name for view in (await team(school, "2027-28")).members] == ["Ada Field"]
    with pytest.raises(Conflict):
        async with school.writing() as session:
            await change_member(session, actor=ADA, member_id=gone, values={}, version=1, today=TODAY, now=clock())


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"person_id": 99}, "person_id"),
        ({"role": "king"}, "role"),
        ({"duty": "tea"}, "duty"),
        ({"represents": ["grade-13"]}, "represents"),
        ({"since": date(1926, 8, 1)}, "since"),
        ({"until": date(2026, 8, 1)}, "until"),
    ],
)
async def test_a_term_that_cannot_be_meant_is_refused(
    school: Database, clock: TestClock, values: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await joined(school, clock, 2, **values)
    assert list(refused.value.fields) == [field]


async def test_norms_of_a_year_are_written_once_at_a_time(school: Database, clock: TestClock) -> None:
    async def write(norms: str, version: int | None) -> None:
        async with school.writing() as session:
            await write_norms(session, actor=ADA, school_year=YEAR, norms=norms, version=version, now=clock())

    await write("On time.", None)
    with pytest.raises(Conflict):
        await write("Late.", None)
    await write("On time, kindly.", 1)
    assert (await team(school)).norms == "On time, kindly."
    async with school.reading() as session:
        values, people = await start_of_next(session, TODAY)
    assert (values["norms"], people) == ("On time, kindly.", [1, 2])
    # As soon as there is a team, its members are expected, and their duties are theirs in the first meeting.
    await joined(school, clock, 2, duty="facilitator")
    async with school.reading() as session:
        values, people = await start_of_next(session, TODAY)
    assert (values["facilitator_id"], values["recorder_id"], people) == (2, None, [2])


def test_what_was_due_on_friday_is_not_late_on_sunday() -> None:
    calendar = SchoolCalendar([(date(2026, 11, 25), date(2026, 11, 27))])
    friday = date(2026, 11, 20)
    late = [calendar.school_days_late(friday, friday + timedelta(days=ahead)) for ahead in (-1, 0, 2, 3, 7, 10)]
    assert late == [0, 0, 0, 1, 2, 3]
    assert calendar.school_days(date(2026, 11, 23), date(2026, 11, 29)) == 2


async def test_a_year_of_meetings_leaves_out_days_off(school: Database, clock: TestClock) -> None:
    first = TODAY
    async with school.writing() as session:
        off = await add_days_off(
            session,
            actor=ADA,
            label="Fall break",
            starts_on=first + timedelta(days=7),
            ends_on=None,
            today=TODAY,
            now=clock(),
        )
        again = {"actor": ADA, "first": first, "last": first + timedelta(days=21), "today": TODAY, "now": clock()}
        meetings = await plan_series(session, every_weeks=1, **again)
        assert [(meeting.held_on - first).days for meeting in meetings] == [0, 14, 21]
        assert await plan_series(session, every_weeks=1, **again) == []
        await remove_days_off(session, actor=ADA, day_off_id=off.id, now=clock())
        assert len(await plan_series(session, every_weeks=1, **again)) == 1
        assert (await calendar_of(session)).is_school_day(first + timedelta(days=7))
        with pytest.raises(NotFound):
            await remove_days_off(session, actor=ADA, day_off_id=off.id, now=clock())
        for wrong in ({"last": first - timedelta(days=1)}, {"first": date(2026, 10, 31)}, {"every_weeks": 3}):
            with pytest.raises(InvalidInput):
                await plan_series(session, **{"every_weeks": 1, **again, **wrong})


async def test_ratings_are_ones_own_and_told_in_numbers(school: Database, clock: TestClock) -> None:
    jin = Actor(person_id=2, name="Jin Park", kind="person")
    async with school.writing() as session:
        practices = ["We stop what does not help.", "We meet on time."]
        made = await open_assessment(
            session, actor=ADA, title="Fall", held_on=TODAY, practices=practices, today=TODAY, now=clock()
        )
        one, two = (rated.practice.id for rated in (await view_assessment(session, made.id, 1)).practices)

        async def rate(actor: Actor, ratings: dict[int, tuple[int | None, str]]) -> None:
            await rate_practices(session, actor=actor, assessment_id=made.id, ratings=ratings, now=clock())

        await rate(ADA, {one: (3, "The list."), two: (None, "")})
        await rate(jin, {one: (0, ""), two: (2, "Minutes.")})
        await rate(jin, {one: (1, ""), two: (2, "Minutes.")})
        with pytest.raises(InvalidInput) as refused:
            await rate(ADA, {one: (4, ""), two: (None, "Seen.")})
        assert set(refused.value.fields) == {f"rating_{one}", f"rating_{two}"}
    async with school.reading() as session:
        view = await view_assessment(session, made.id, 1)
        assert view.raters == 2
        assert [(rated.practice.text, list(rated.counts), rated.is_far_apart) for rated in view.to_talk_about] == [
            ("We stop what does not help.", [0, 1, 0, 1], True),
            ("We meet on time.", [0, 0, 1, 0], False),
        ]
        assert [rated.mine.rating if rated.mine else None for rated in view.practices] == [3, None]
        assert not (await view_assessment(session, made.id, 3)).i_rated
        assert [rated.before for rated in view.practices] == [None, None]
        assert await usual_practices(session) == practices
        rated = [entry for entry in await audit_entries(session, after=None, limit=20) if "rated" in entry.action]
    async with school.writing() as session:
        later = await open_assessment(
            session, actor=ADA, title="Spring", held_on=TODAY, practices=practices[:1], today=TODAY, now=clock()
        )
        [again] = (await view_assessment(session, later.id, 1)).practices
        new = {again.practice.id: (3, "")}
        await rate_practices(session, actor=ADA, assessment_id=later.id, ratings=new, now=clock())
        [again] = (await view_assessment(session, later.id, 1)).practices
        assert (again.before, again.mean, again.has_moved) == (2.0, 3.0, True)
        assert [one.before for one in (await view_assessment(session, made.id, 1)).practices] == [None, None]
    assert len(rated) == 4
    assert {(entry.before, entry.after) for entry in rated} == {(None, None)}


async def test_the_five_answers_are_the_teams_together(school: Database, clock: TestClock) -> None:
    async with school.writing() as session:
        made = await open_assessment(
            session, actor=ADA, title="Fall", held_on=TODAY, practices=["We meet."], today=TODAY, now=clock()
        )
        answered = await answer_questions(
            session, actor=ADA, assessment_id=made.id, values={"vision": "All read."}, version=1, now=clock()
        )
        assert (answered.vision, answered.version) == ("All read.", 2)
        assert await newest_vision(session) == "All read.", "the plan's vision begins with it"
        with pytest.raises(Conflict):
            await answer_questions(session, actor=ADA, assessment_id=made.id, values={}, version=1, now=clock())
        for wrong in ({"practices": []}, {"title": ""}, {"held_on": None}, {"practices": ["x"] * 41}):
            values = {"title": "Fall", "held_on": TODAY, "practices": ["We meet."], **wrong}
            with pytest.raises(InvalidInput) as refused:
                await open_assessment(session, actor=ADA, today=TODAY, now=clock(), **values)
            assert list(refused.value.fields) == list(wrong)


async def test_a_profile_keeps_its_numbers_by_school_year(school: Database, clock: TestClock) -> None:
    async def describe(**values: Any) -> None:
        async with school.writing() as session:
            version = (await profile_of_school(session)).version
            await describe_school(session, actor=ADA, values=values, version=version, today=clock().date(), now=clock())

    await describe(enrolment=410, title_one=True, hispanic_percent=60.0, white_percent=30.0)
    await describe(enrolment=412)
    clock.forward(days=365)
    await describe(enrolment=398, white_percent=28.5)
    async with school.reading() as session:
        years = [(one.school_year, one.numbers) for one in await profile_years(session)]
    assert [(year, numbers["enrolment"]) for year, numbers in years] == [("2027-28", 398), (YEAR, 412)]
    assert (years[0][1]["title_one"], years[1][1]["white_percent"]) == (True, 30.0)
    with pytest.raises(InvalidInput) as refused:
        await describe(asian_percent=40.0)
    assert list(refused.value.fields) == ["white_percent"]
