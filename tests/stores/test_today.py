"""Today: the week's act of each goal, what is late, what it is time for, what others did; on both databases."""

from datetime import date, datetime, timedelta
from gettext import NullTranslations
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from nic_node.accounts.actor import Actor
from nic_node.accounts.permissions import permissions_of
from nic_node.db.engine import Database
from nic_node.keyring.operator_key import OperatorKey
from nic_node.school.actions.write import add_action, settle_action
from nic_node.school.advice.advise import CODES
from nic_node.school.advice.heed import overrule_advice
from nic_node.school.communities.write import found_community, recommend_trial
from nic_node.school.cycles.write import plan_cycle
from nic_node.school.measures.observe import add_observation
from nic_node.school.measures.write import add_measure
from nic_node.school.meetings.plan import plan_meeting
from nic_node.school.plan.goals import add_goal
from nic_node.school.profile.name import week_of_year
from nic_node.school.projects.read import steps_of
from nic_node.school.projects.tables import Project
from nic_node.school.projects.write import mark_step, open_project, replace_steps
from nic_node.school.pulse.survey import open_survey
from nic_node.school.team.calendar import add_days_off
from nic_node.school.team.describe import add_member, change_member
from nic_node.today.acts import Act
from nic_node.today.gather import Gathered, gather
from nic_node.today.recent import recent_changes
from tests.conftest import TestClock
from tests.unit.accounts.stage import ADA, first_person, join

KEY = OperatorKey(bytes(range(32)))
TODAY = date(2026, 10, 27)  # a Tuesday
JIN = Actor(person_id=2, name="Jin Park", kind="person")
LEADS = permissions_of(["principal"])


@pytest.fixture
async def school(database: Database, clock: TestClock) -> Database:
    await first_person(database, clock)
    await join(database, clock, "jin@school.example", "ilt-member", name="Jin Park")
    return database


async def a_goal(database: Database, clock: TestClock, title: str) -> int:
    async with database.writing() as session:
        values = {"title": title}
        goal = await add_goal(
            session,
            actor=ADA,
            school_year="2026-27",
            horizon="annual",
            values=values,
            now=clock(),
            today=clock().date(),
        )
        return goal.id


async def a_project(database: Database, clock: TestClock, *steps: dict[str, Any], **values: Any) -> Project:
    known = {"title": "Texts", "starts_on": TODAY - timedelta(days=10), **values}
    async with database.writing() as session:
        project = await open_project(session, actor=ADA, values=known, now=clock(), today=clock().date())
        await replace_steps(
            session, actor=ADA, project_id=project.id, steps=steps, version=project.version, now=clock()
        )
        return project


async def act(database: Database, clock: TestClock, text: str, **values: Any) -> int:
    async with database.writing() as session:
        return (await add_action(session, actor=JIN, values={"text": text, **values}, today=TODAY, now=clock())).id


async def gathered(
    database: Database, today: date = TODAY, permissions: frozenset[str] = LEADS, person_id: int = 1
) -> Gathered:
    async with database.reading() as session:
        return await gather(session, KEY, person_id=person_id, permissions=permissions, today=today)


def told(acts: list[Act]) -> list[tuple[str, str]]:
    return [(one.goal.title if one.goal else "", one.what) for one in acts]


async def test_each_goal_has_its_act_this_week_or_says_that_it_has_none(school: Database, clock: TestClock) -> None:
    reading, math, families = [await a_goal(school, clock, title) for title in ("Reading", "Math", "Families")]
    await a_project(school, clock, {"does": "Print"}, goal_id=reading)
    later = await a_project(
        school, clock, {"does": "Send", "due": TODAY + timedelta(days=20)}, goal_id=math, title="Cards"
    )
    found = await gathered(school)
    assert told(list(found.acts)) == [("Reading", "Print"), ("Math", ""), ("Families", "")]
    assert found.acts[1].later == ("Send", TODAY + timedelta(days=20))
    await act(school, clock, "Call them", goal_id=families, due=TODAY + timedelta(days=2))
    await act(school, clock, "Buy cards", project_id=later.id, due=TODAY + timedelta(days=1))
    assert [what for _, what in told(list((await gathered(school)).acts))] == ["Print", "Buy cards", "Call them"]
    async with school.writing() as session:
        await settle_action(session, actor=JIN, action_id=1, state="done", today=TODAY, now=clock())
    (families_act,) = [one for one in (await gathered(school, TODAY + timedelta(days=12))).acts if one.project is None]
    assert (families_act.what, families_act.last) == ("", ("Call them", "Jin Park", 12))


async def test_late_is_told_in_school_days_the_latest_first(school: Database, clock: TestClock) -> None:
    await a_project(school, clock, {"does": "Print", "due": date(2026, 10, 22)}, starts_on=TODAY - timedelta(days=48))
    await act(school, clock, "Call", due=date(2026, 10, 23))
    await act(school, clock, "Buy", due=TODAY)
    async with school.writing() as session:
        await add_days_off(
            session, actor=ADA, label="Staff day", starts_on=date(2026, 10, 26), ends_on=None, today=TODAY, now=clock()
        )
    late = (await gathered(school)).late
    # Thursday to Tuesday, without the weekend and Monday's day off; the project's day 45 was on Friday.
    assert [(one.what, one.owner, one.days) for one in late] == [
        ("Print", "Ada Field", 2),
        (None, "Ada Field", 1),
        ("Call", "Jin Park", 1),
    ]
    assert late[2].action_id == 1
    of_jin = (await gathered(school, person_id=2)).late
    assert [one.what for one in of_jin] == ["Call", "Print", None], "one's own stand first"


async def test_what_it_is_time_for_is_named_to_those_who_may_do_it(school: Database, clock: TestClock) -> None:
    await a_project(school, clock, starts_on=TODAY - timedelta(days=24))
    async with school.writing() as session:
        days = {"opens_on": TODAY, "closes_on": TODAY}
        values = {"title": "October", "audience": "staff", "asked": 9, **days}
        items = [("own", "Tea?")]
        await open_survey(session, actor=ADA, values=values, items=items, zone="UTC", now=clock())
    asks = (await gathered(school)).asks
    assert [(ask.route, ask.about) for ask in asks] == [
        ("projects.midway", "Texts"),
        ("advice.show", "Texts"),
        ("pulse.own", "October"),
    ]
    reader = await gathered(school, permissions=permissions_of(["reader"]))
    assert [ask.route for ask in reader.asks] == ["pulse.own"]
    # What was overruled with a note is not asked again, nor of whoever does not lead it.
    jin = await gathered(school, person_id=2)
    assert [ask.route for ask in jin.asks] == ["projects.midway", "pulse.own"]
    async with school.writing() as session:
        for code in CODES:
            await overrule_advice(session, actor=ADA, project_id=1, code=code, note="Said on Friday.", now=clock())
    assert [ask.route for ask in (await gathered(school)).asks] == ["pulse.own"]


async def test_who_keeps_the_team_hears_of_terms_that_end_within_60_days(school: Database, clock: TestClock) -> None:
    async def term(person_id: int, since: date, until: date | None) -> int:
        values = {"person_id": person_id, "role": "teacher-leader", "since": since, "until": until}
        async with school.writing() as session:
            return (await add_member(session, actor=ADA, values=values, today=TODAY, now=clock())).id

    async def told(role: str) -> list[str]:
        asks = (await gathered(school, permissions=permissions_of([role]))).asks
        return [ask.about for ask in asks if ask.route == "team.show"]

    begun = date(2026, 8, 15)
    ada = await term(1, begun, TODAY + timedelta(days=61))
    await term(2, begun, TODAY + timedelta(days=60))
    assert [await told(role) for role in ("principal", "administrator", "ilt-member")] == [["Jin Park"]] * 2 + [[]]
    async with school.writing() as session:
        values = {"until": TODAY}
        await change_member(session, actor=ADA, member_id=ada, values=values, version=1, today=TODAY, now=clock())
    assert await told("principal") == ["Ada Field, Jin Park"], "who ends first stands on top"
    # Who stays on in a term of their own is not ending.
    await term(2, TODAY + timedelta(days=61), None)
    assert await told("principal") == ["Ada Field"]


async def test_the_next_meeting_has_an_agenda_before_anybody_wrote_one(school: Database, clock: TestClock) -> None:
    assert (await gathered(school)).meeting is None
    async with school.writing() as session:
        values = {"title": "Team", "held_on": TODAY + timedelta(days=1), "minutes": 45}
        await plan_meeting(session, actor=ADA, values=values, agenda=(), people=[1], today=TODAY, now=clock())
    meeting = (await gathered(school)).meeting
    assert meeting is not None
    assert meeting.rows == [(5, "Welcome, norms"), (5, "Closing reflection")]
    assert (await gathered(school, person_id=2)).meeting is None, "of a meeting without them nobody is told"


async def test_what_others_did_is_told_once_and_ones_own_not_at_all(school: Database, clock: TestClock) -> None:
    project = await a_project(school, clock, {"does": "Print"}, {"does": "Send"}, {"does": "Read"})
    clock.forward(hours=30)
    async with school.writing() as session:
        for step in (await steps_of(session, project.id))[:2]:
            await mark_step(session, actor=JIN, step_id=step.id, done=True, today=TODAY, now=clock())
    mine = await act(school, clock, "Buy <tea>")
    async with school.writing() as session:
        await settle_action(session, actor=JIN, action_id=mine, state="done", today=TODAY, now=clock())

    async def said(person_id: int) -> list[str]:
        async with school.reading() as session:
            return await recent_changes(session, person_id=person_id, now=clock(), catalogue=NullTranslations())

    async with school.writing() as session:
        community = await found_community(session, actor=JIN, values={"name": "Grade 6"}, members=[2], now=clock())
        await recommend_trial(session, actor=JIN, community_id=community.id, idea="Wait longer", now=clock())
        cycle = {"question": "Do they come?", "starts_on": TODAY}
        await plan_cycle(session, actor=JIN, project_id=project.id, values=cycle, now=clock(), today=clock().date())
    assert await said(1) == [
        "Jin Park began a cycle: Do they come?",
        "Jin Park recommends: Wait longer",
        "Jin Park settled “Buy <tea>”",
        "Jin Park did 2 steps of Texts",
    ]
    assert await said(2) == []
    clock.forward(hours=25)
    assert await said(1) == []


def test_weeks_count_from_the_first_of_august() -> None:
    assert week_of_year(date(2026, 8, 1)) == 1
    assert week_of_year(date(2026, 8, 3)) == 2
    assert week_of_year(datetime(2026, 10, 27, tzinfo=ZoneInfo("UTC")).date()) == 14


async def test_a_day_off_does_not_count_against_a_cadence(school: Database, clock: TestClock) -> None:
    project = await a_project(school, clock, lead_id=1)
    late = date(2026, 10, 21)  # a Wednesday: the next number was due on Thursday
    async with school.writing() as session:
        for cadence in ("day", "week"):
            values = {"project_id": project.id, "vocabulary": "attendance-rate", "name": cadence, "cadence": cadence}
            measure = await add_measure(session, actor=ADA, values=values, now=clock())
            number = {"value": 90.0}
            await add_observation(
                session, actor=ADA, measure_id=measure.id, period=late, given=number, now=clock(), today=clock().date()
            )
    due = [ask.about for ask in (await gathered(school)).asks if ask.route == "measures.add"]
    assert due == ["day, 3 school days"]
    async with school.writing() as session:
        off = {"label": "Fair", "starts_on": date(2026, 10, 23), "ends_on": None}
        await add_days_off(session, actor=ADA, today=TODAY, now=clock(), **off)
    assert [ask.route for ask in (await gathered(school)).asks if ask.route == "measures.add"] == []
