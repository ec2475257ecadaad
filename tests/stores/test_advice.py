"""Advice is overruled with a note, a project is extended once, and 'did it hold?' is answered, on both databases."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.db.engine import Database
from nic_node.errors import Conflict, InvalidInput, NotFound
from nic_node.school.advice.heed import advice_on, follow_ups_due, heed_advice, overrule_advice, say_whether_it_held
from nic_node.school.causes.write import add_cause, check_consensus, choose_cause, keep_talk
from nic_node.school.projects.close import close_project, extend_project
from nic_node.school.projects.read import closes_on, days_late, last_day_of, project_of
from nic_node.school.projects.tables import Project
from nic_node.school.projects.write import change_project, open_project
from tests.conftest import TestClock
from tests.stores.racing import DONE, overlapping
from tests.unit.accounts.stage import ADA, first_person

START = date(2026, 9, 14)
DAY_45 = START + timedelta(days=44)


@pytest.fixture
async def project(database: Database, clock: TestClock) -> Project:
    await first_person(database, clock)
    async with database.writing() as session:
        values = {"title": "Texts", "starts_on": START, "grade_bands": ["6-8"]}
        return await open_project(session, actor=ADA, values=values, now=clock(), today=clock().date())


async def test_overruled_advice_stands_aside_with_its_reason(
    database: Database, clock: TestClock, project: Project
) -> None:
    asked: dict[str, Any] = {"actor": ADA, "project_id": project.id, "now": clock()}
    async with database.writing() as session:
        await overrule_advice(session, code="no-measure", note="We count by hand.", **asked)
        await overrule_advice(session, code="no-measure", note="We count by hand, daily.", **asked)
        advised = await advice_on(session, project.id, START)
        assert [one.code for one in advised.open] == ["problem-missing", "aim-what"]
        assert [(one.code, row.note) for one, row in advised.overruled] == [("no-measure", "We count by hand, daily.")]
        await heed_advice(session, code="no-measure", **asked)
        await heed_advice(session, code="no-measure", **asked)
        assert len((await advice_on(session, project.id, START)).open) == 3
        with pytest.raises(InvalidInput):
            await overrule_advice(session, code="no-measure", note=" ", **asked)
        with pytest.raises(NotFound):
            await overrule_advice(session, code="be-nice", note="No.", **asked)


async def test_a_cause_a_talk_and_a_consensus_are_asked_for_until_they_are_there(
    database: Database, clock: TestClock, project: Project
) -> None:
    asked: dict[str, Any] = {"actor": ADA, "project_id": project.id, "now": clock()}
    on = {"held_on": START, "today": START}
    values = {"problem_statement": "Nine of 61 students in grade 6 are late.", "idea_summary": "All staff greet."}

    async def codes(session: AsyncSession) -> list[str]:
        return [one.code for one in (await advice_on(session, project.id, START)).open][:-2]

    async with database.writing() as session:
        await change_project(session, values=values, version=project.version, today=START, **asked)
        cause = await add_cause(session, text="The bus is late.", branch="place", why_id=None, **asked)
        assert await codes(session) == ["no-cause", "no-voices", "no-consensus"]
        await choose_cause(session, actor=ADA, cause_id=cause.id, is_chosen=True, now=clock())
        assert await codes(session) == ["no-voices", "no-consensus"]
        await keep_talk(session, with_whom="students", people=3, said="It is cold.", **on, **asked)
        await check_consensus(session, question="Greet?", heard="", fists=[0, 0, 0, 1, 2, 3], **on, **asked)
        assert await codes(session) == []


async def test_a_project_gets_more_days_once(database: Database, clock: TestClock, project: Project) -> None:
    def extending(to: date | None, because: str = "Grade 7 begins only now.") -> Any:
        asked: dict[str, Any] = {"project_id": project.id, "version": project.version, "now": clock()}
        return lambda session: extend_project(session, actor=ADA, to=to, because=because, **asked)

    for to, because, field in (
        (None, "Because.", "to"),
        (DAY_45, "Because.", "to"),
        (DAY_45 + timedelta(days=46), "Because.", "to"),
        (DAY_45 + timedelta(days=10), " ", "because"),
    ):
        with pytest.raises(InvalidInput) as refused:
            async with database.writing() as session:
                await extending(to, because)(session)
        assert list(refused.value.fields) == [field]
    to = DAY_45 + timedelta(days=14)
    assert await overlapping(database, extending(to), extending(to)) == (DONE, "Conflict")
    async with database.writing() as session:
        longer = await project_of(session, project.id)
        assert (closes_on(longer), last_day_of(longer)) == (to, 59)
        assert [days_late(longer, to + timedelta(days=late)) for late in (-1, 0, 1)] == [0, 0, 1]
        with pytest.raises(Conflict, match="once"):
            await extend_project(
                session, actor=ADA, project_id=project.id, to=to, because="B", version=longer.version, now=clock()
            )


async def test_whether_it_held_is_asked_of_what_was_kept(
    database: Database, clock: TestClock, project: Project
) -> None:
    asked: dict[str, Any] = {"actor": ADA, "project_id": project.id, "now": clock()}
    day_90 = START + timedelta(days=89)
    with pytest.raises(Conflict):
        async with database.writing() as session:
            await say_whether_it_held(session, day=90, held="yes", note="", **asked)
    async with database.writing() as session:
        await close_project(
            session,
            decision="adopt",
            aim_result=None,
            worked="",
            would_change="",
            watch_out="",
            closed_on=DAY_45,
            early_because="",
            version=project.version,
            today=clock().date(),
            **asked,
        )
        assert [(one.id, day) for one, day in await follow_ups_due(session, day_90)] == [(project.id, 90)]
        await say_whether_it_held(session, day=90, held="partly", note="On Mondays not.", **asked)
        await say_whether_it_held(session, day=90, held="yes", note="", **asked)
        advised = await advice_on(session, project.id, day_90)
        assert [(one.day, one.held) for one in advised.follow_ups] == [(90, "yes")]
        assert (advised.follow_up, await follow_ups_due(session, day_90)) == (None, [])
        for wrong, field in (({"day": 91}, "day"), ({"held": "maybe"}, "held"), ({"note": "x" * 401}, "note")):
            with pytest.raises(InvalidInput) as refused:
                await say_whether_it_held(session, **{"day": 135, "held": "no", "note": "", **wrong}, **asked)
            assert list(refused.value.fields) == [field]
