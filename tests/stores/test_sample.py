"""Sample data goes into an empty school and out again without a trace; what a person made stays."""

from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.app.tables import METADATA
from nic_node.db.engine import Database
from nic_node.errors import Conflict
from nic_node.school.actions.tables import ActionItem
from nic_node.school.bin.remove import remove, restore
from nic_node.school.bin.tables import Binned
from nic_node.school.cycles.tables import Cycle
from nic_node.school.discussion.tables import Comment
from nic_node.school.discussion.write import add_comment
from nic_node.school.measures.chart import latest_numbers
from nic_node.school.measures.tables import Measure, Observation
from nic_node.school.meetings.tables import Meeting
from nic_node.school.plan.goals import write_plan
from nic_node.school.plan.tables import Goal, Plan
from nic_node.school.projects.tables import Project
from nic_node.school.projects.write import open_project
from nic_node.school.sample.keep import has_sample, is_sample_project, load_sample, may_load, remove_sample
from tests.conftest import TestClock
from tests.stores.racing import DONE, overlapping
from tests.unit.accounts.stage import ADA, first_person

GROWS = ("audit_entries",)


async def counts(database: Database) -> dict[str, int]:
    async with database.reading() as session:
        tables = [table for table in METADATA.sorted_tables if table.name not in GROWS]
        return {table.name: await session.scalar(select(func.count()).select_from(table)) or 0 for table in tables}


def loading(clock: TestClock) -> Any:
    today = clock().date()
    return lambda session: load_sample(session, actor=ADA, say=str, today=today, now=clock())


def removing(clock: TestClock) -> Any:
    return lambda session: remove_sample(session, actor=ADA, now=clock())


async def only(session: AsyncSession, table: type[Any]) -> Any:
    return (await session.scalars(select(table))).one()


async def test_it_comes_once_shows_a_signal_and_leaves_no_trace(database: Database, clock: TestClock) -> None:
    await first_person(database, clock)
    before = await counts(database)
    assert await overlapping(database, loading(clock), loading(clock)) == (DONE, "Conflict")
    async with database.reading() as session:
        project, measure = await only(session, Project), await only(session, Measure)
        assert await is_sample_project(session, project.id)
        assert not await is_sample_project(session, project.id + 1)
        assert (await latest_numbers(session, [measure.id]))[measure.id].signal
        assert max(await session.scalars(select(Observation.period))) < clock().date()
    assert await overlapping(database, removing(clock), removing(clock)) == (DONE, "Conflict")
    assert await counts(database) == before
    async with database.writing() as session:
        await loading(clock)(session)


async def test_what_comes_back_from_the_bin_is_still_sample_data(database: Database, clock: TestClock) -> None:
    await first_person(database, clock)
    async with database.writing() as session:
        await loading(clock)(session)
        meeting = (await only(session, Meeting)).id
        binned = await remove(session, actor=ADA, kind="meeting", row_id=meeting, may_all=True, now=clock())
        session.add(Meeting(title="Ours", held_on=clock().date(), minutes=30, created_at=clock(), updated_at=clock()))
        await session.flush()
        allowed = frozenset({"meetings.write"})
        await restore(session, actor=ADA, binned_id=binned.id, permissions=allowed, now=clock())
        await remove_sample(session, actor=ADA, now=clock())
        assert list(await session.scalars(select(Meeting.title))) == ["Ours"]


async def test_what_a_person_made_stays_when_it_goes(database: Database, clock: TestClock) -> None:
    await first_person(database, clock)
    now: dict[str, Any] = {"actor": ADA, "now": clock()}
    async with database.writing() as session:
        await loading(clock)(session)
    async with database.writing() as session:
        plan = await only(session, Plan)
        await write_plan(session, school_year=plan.school_year, vision="Seen", beliefs="", version=plan.version, **now)
        goal = await session.scalar(select(Goal).where(Goal.horizon == "annual"))
        assert goal is not None
        values = {"title": "Our own", "starts_on": clock().date(), "goal_id": goal.id}
        own = await open_project(session, values=values, today=clock().date(), **now)
        sample = await session.scalar(select(Project).where(Project.id != own.id))
        assert sample is not None
        times = {"created_at": clock(), "updated_at": clock()}
        for beside in (sample, own):
            await add_comment(session, kind="project", subject_id=beside.id, text="Look.", **now)
        session.add(ActionItem(text="Ask the nurse", state="open", project_id=sample.id, **times))
        session.add(Measure(project_id=sample.id, name="Late", vocabulary="other", label="Late", kind="process",
                            unit="count", better="down", cadence="day", **times))  # fmt: skip
        cycle, meeting = await session.scalar(select(Cycle.id)), await session.scalar(select(Meeting.id))
        for kind, row_id in (("cycle", cycle), ("meeting", meeting)):
            assert row_id is not None
            await remove(session, kind=kind, row_id=row_id, may_all=True, **now)
    async with database.writing() as session:
        await remove_sample(session, **now)
        assert list(await session.scalars(select(Binned))) == [], "nor from the bin does it come back"
    async with database.reading() as session:
        kept = await only(session, Project)
        item = await only(session, ActionItem)
        assert (kept.title, kept.goal_id) == ("Our own", None)
        assert (item.text, item.project_id) == ("Ask the nurse", None)
        assert (await only(session, Plan)).vision == "Seen"
        assert list(await session.scalars(select(Measure))) == []
        assert [one.subject_id for one in await session.scalars(select(Comment))] == [kept.id]
        assert not await has_sample(session)
        assert not await may_load(session)
    with pytest.raises(Conflict):
        async with database.writing() as session:
            await loading(clock)(session)
