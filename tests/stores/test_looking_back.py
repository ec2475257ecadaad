"""Reflection, return, handover and messages, made from the work itself, on both databases."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from nic_node.config import read_config
from nic_node.db.engine import Database
from nic_node.errors import Conflict, InvalidInput
from nic_node.mail.tables import Mail
from nic_node.school.communication.write import change_message, send_message, start_of_message, write_message
from nic_node.school.handover.collect import collect_handover, write_handover
from nic_node.school.known_names import NOBODY
from nic_node.school.measures.observe import add_observation
from nic_node.school.measures.write import add_measure
from nic_node.school.profile.name import set_school_name
from nic_node.school.projects.close import close_project
from nic_node.school.projects.tables import Project
from nic_node.school.projects.write import open_project
from nic_node.school.reflection.reflect import (
    change_reflection,
    reflection_due,
    remove_stop,
    restore_stop,
    start_of_reflection,
    stop_doing,
    stop_list,
    to_stop,
    write_reflection,
)
from nic_node.school.returns.put_in import count_staff, plan_budget, put_in, remove_input, restore_input
from nic_node.school.returns.read import bands_of, board_table, inputs_of, retention, spent_by
from tests.conftest import TestClock
from tests.unit.accounts.stage import ADA, first_person

STARTED, CLOSED = date(2026, 9, 7), date(2026, 10, 21)
TODAY = date(2026, 10, 27)
YEAR = "2026-27"


async def closed(database: Database, clock: TestClock, title: str, decision: str, group: int | None = 40) -> Project:
    """A project with its numbers: 70 before, 90 at the end."""
    async with database.writing() as session:
        values = {"title": title, "starts_on": STARTED, "aim_measure": "on-track-9"}
        project = await open_project(session, actor=ADA, values=values, now=clock(), today=clock().date())
        counted = {"project_id": project.id, "vocabulary": "on-track-9", "name": "On track", "group_size": group}
        measure = await add_measure(session, actor=ADA, values=counted, now=clock())
        for day, value in ((-14, 72.0), (-7, 68.0), (30, 89.0), (37, 91.0)):
            period, given = STARTED + timedelta(days=day), {"value": value}
            await add_observation(
                session, actor=ADA, measure_id=measure.id, period=period, given=given, now=clock(), today=clock().date()
            )
        said = {"aim_result": "reached", "worked": "One person.", "would_change": "Earlier.", "watch_out": ""}
        return await close_project(
            session,
            actor=ADA,
            project_id=project.id,
            decision=decision,
            closed_on=CLOSED,
            early_because="",
            version=project.version,
            now=clock(),
            today=clock().date(),
            **said,
        )


@pytest.fixture
async def school(database: Database, clock: TestClock) -> Database:
    await first_person(database, clock)
    async with database.writing() as session:
        await set_school_name(session, actor=ADA, school_name="Alder", now=clock())
    return database


async def test_a_reflection_starts_from_what_projects_found(school: Database, clock: TestClock) -> None:
    async with school.reading() as session:
        assert await reflection_due(session, TODAY) is None
        assert set((await start_of_reflection(session)).values()) == {""}
    await closed(school, clock, "Texts", "adopt")
    await closed(school, clock, "Posters", "abandon")
    async with school.writing() as session:
        assert await reflection_due(session, TODAY) == TODAY
        start = await start_of_reflection(session)
        assert start["works"] == "Texts: One person."
        assert start["off_table"] == "Posters: abandoned"
        assert start["evidence"] == "Texts: aim reached\nPosters: aim reached"
        values = {"held_on": TODAY, **start}
        kept = await write_reflection(session, actor=ADA, values=values, today=TODAY, now=clock())
        assert await reflection_due(session, TODAY) == TODAY + timedelta(days=45)
        assert set((await start_of_reflection(session)).values()) == {""}
        again: dict[str, Any] = {"values": {"better": "Sooner."}, "version": 1, "today": TODAY, "now": clock()}
        await change_reflection(session, actor=ADA, reflection_id=kept.id, **again)
        with pytest.raises(Conflict):
            await change_reflection(session, actor=ADA, reflection_id=kept.id, **again)
        with pytest.raises(InvalidInput):
            await write_reflection(session, actor=ADA, values={"held_on": TODAY}, today=TODAY, now=clock())


async def test_the_stop_list_adds_up_the_hours_that_it_freed(school: Database, clock: TestClock) -> None:
    asked: dict[str, Any] = {"actor": ADA, "stopped_on": TODAY, "today": TODAY, "now": clock()}
    async with school.writing() as session:
        first = await stop_doing(session, text="The paper log", hours_a_week=2.5, **asked)
        await stop_doing(session, text="Bus lists", hours_a_week=0.4, **asked)
        assert (await stop_list(session)).hours == 2.9
        await remove_stop(session, actor=ADA, stop_id=first.id, now=clock())
        assert (await stop_list(session)).hours == 0.4
        await restore_stop(session, actor=ADA, stop_id=first.id, now=clock())
        assert len((await stop_list(session)).things) == 2
        for wrong in ({"text": " ", "hours_a_week": 1.0}, {"text": "X", "hours_a_week": -1.0}):
            with pytest.raises(InvalidInput):
                await stop_doing(session, **wrong, **asked)


async def test_the_board_sees_what_it_took_beside_what_it_moved(school: Database, clock: TestClock) -> None:
    texts = await closed(school, clock, "Texts", "adopt")
    small = await closed(school, clock, "A small group", "adapt", group=9)
    asked: dict[str, Any] = {"actor": ADA, "what": "", "put_on": TODAY, "today": TODAY, "now": clock()}
    async with school.writing() as session:
        await put_in(session, project_id=texts.id, hours=12.5, dollars=None, **asked)
        bags = await put_in(session, project_id=texts.id, hours=None, dollars=80.0, **asked)
        planned: dict[str, Any] = {"actor": ADA, "project_id": texts.id, "hours": 60.0, "dollars": None, "now": clock()}
        await plan_budget(session, version=None, **planned)
        with pytest.raises(Conflict):
            await plan_budget(session, version=None, **planned)
        await remove_input(session, actor=ADA, input_id=bags.id, now=clock())
        assert (await spent_by(session, [texts.id]))[texts.id].dollars == 0
        await restore_input(session, actor=ADA, input_id=bags.id, now=clock())
        assert len(await inputs_of(session, texts.id)) == 2
        for wrong in ({"hours": None, "dollars": 0.0}, {"hours": -1.0, "dollars": None}):
            with pytest.raises(InvalidInput):
                await put_in(session, project_id=texts.id, **wrong, **asked)
    async with school.reading() as session:
        rows = {row.project.id: row for row in await board_table(session, since=STARTED, until=TODAY)}
        assert await board_table(session, since=TODAY, until=TODAY) == []
    told = rows[texts.id]
    assert (told.spent.hours, told.spent.dollars, told.spent.of_hours) == (12.5, 80.0, 60.0)
    assert told.moved == "On track: 70\u202f% to 90\u202f%"
    assert told.is_early_win
    assert rows[small.id].moved == "On track: too small a group to show"


async def test_who_stayed_is_a_share_of_ten_or_more(school: Database, clock: TestClock) -> None:
    async with school.writing() as session:
        for year, staff, stayed in (("2024-25", 9, 8), ("2025-26", 42, 30), ("2025-26", 42, 36)):
            counts = {"school_year": year, "staff": staff, "stayed": stayed}
            await count_staff(session, actor=ADA, now=clock(), **counts)
        assert [(one.row.school_year, one.percent) for one in await retention(session)] == [
            ("2025-26", 86),
            ("2024-25", None),
        ]
        for wrong, field in (
            ({"school_year": "2026"}, "school_year"),
            ({"school_year": "2026-28"}, "school_year"),
            ({"staff": 0}, "staff"),
            ({"stayed": 43}, "stayed"),
        ):
            with pytest.raises(InvalidInput) as refused:
                counts = {"school_year": YEAR, "staff": 42, "stayed": 36, **wrong}
                await count_staff(session, actor=ADA, now=clock(), **counts)
            assert list(refused.value.fields) == [field]


async def test_the_handover_tells_what_was_kept_and_dropped(school: Database, clock: TestClock) -> None:
    await closed(school, clock, "Texts", "adopt")
    await closed(school, clock, "Posters", "abandon")
    async with school.writing() as session:
        await write_handover(session, actor=ADA, school_year=YEAR, note="Ask Jin.", version=None, now=clock())
        with pytest.raises(Conflict):
            await write_handover(session, actor=ADA, school_year=YEAR, note="X", version=None, now=clock())
        handover = await collect_handover(session, YEAR, TODAY)
    told = {decision: [row.project.title for row in rows] for decision, rows in handover.by_decision.items()}
    assert told == {"adopt": ["Texts"], "adapt": [], "abandon": ["Posters"], "": []}
    assert (handover.note, handover.version) == ("Ask Jin.", 1)


async def test_a_message_that_gives_somebody_away_is_not_sent(
    school: Database, clock: TestClock, tmp_path: Path
) -> None:
    config = read_config(tmp_path, {})
    await closed(school, clock, "Texts", "adopt")
    async with school.writing() as session:
        assert await start_of_message(session, TODAY) == "Texts. We keep it."
        values = {"title": "Breakfast", "audience": "staff", "body": "Three students came."}
        row = await write_message(session, actor=ADA, values=values, today=TODAY, now=clock())
        with pytest.raises(Conflict, match="Three students"):
            await send_message(session, config, actor=ADA, message_id=row.id, names=NOBODY, now=clock())
        body = {"body": "Most students <came>."}
        await change_message(session, actor=ADA, message_id=row.id, values=body, version=1, now=clock())
        with pytest.raises(Conflict):
            await change_message(session, actor=ADA, message_id=row.id, values=body, version=1, now=clock())
        assert await send_message(session, config, actor=ADA, message_id=row.id, names=NOBODY, now=clock()) == 1
        (mail,) = await session.scalars(select(Mail).where(Mail.event == "message"))
        assert "Most students <came>." in mail.text
        assert "&lt;came&gt;" in mail.html
        families = await write_message(
            session, actor=ADA, values=values | {"audience": "families"}, today=TODAY, now=clock()
        )
        with pytest.raises(Conflict, match="Only staff"):
            await send_message(session, config, actor=ADA, message_id=families.id, names=NOBODY, now=clock())
        for wrong in ({"title": ""}, {"body": " "}, {"audience": "mars"}, {"body": "x" * 4001}):
            with pytest.raises(InvalidInput) as refused:
                await write_message(session, actor=ADA, values={**values, **wrong}, today=TODAY, now=clock())
            assert list(refused.value.fields) == list(wrong)


async def test_what_was_abandoned_goes_onto_the_stop_list_with_its_hours(school: Database, clock: TestClock) -> None:
    dropped = await closed(school, clock, "Paper log", "abandon")
    await closed(school, clock, "Texts", "adopt")
    async with school.writing() as session:
        noted: dict[str, Any] = {"actor": ADA, "put_on": TODAY, "what": "", "today": TODAY, "now": clock()}
        await put_in(session, project_id=dropped.id, hours=13.0, dollars=620.0, **noted)
        [one] = await to_stop(session, TODAY)
        # From September 7 to October 21: six weeks and three days.
        assert (one.project.title, one.hours) == ("Paper log", 2.0)
        spent = (await spent_by(session, [dropped.id]))[dropped.id]
        assert bands_of(spent, days=45) == {"cost_band": "under-5k", "staff_time_band": "1-3h"}
        assert bands_of((await spent_by(session, [dropped.id + 1]))[dropped.id + 1], days=45) == {}
        listed = {"text": one.project.title, "hours_a_week": one.hours, "stopped_on": CLOSED}
        await stop_doing(session, actor=ADA, project_id=dropped.id, today=TODAY, now=clock(), **listed)
        assert await to_stop(session, TODAY) == []
