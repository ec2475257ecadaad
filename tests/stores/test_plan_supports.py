"""Supports of goals and what changed in a plan, on both databases."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from nic_node.accounts.tables import AuditEntry
from nic_node.db.engine import Database
from nic_node.errors import Conflict, InvalidInput, NotFound
from nic_node.school.bin.remove import remove, restore
from nic_node.school.meetings.tables import Meeting
from nic_node.school.plan.changes import changes_since, last_time, meeting_days
from nic_node.school.plan.goals import add_goal, change_goal
from nic_node.school.plan.roll_over import preview_roll_over, roll_over
from nic_node.school.plan.supports import add_support, change_support, plan_with_supports
from nic_node.school.projects.close import close_project
from nic_node.school.projects.write import open_project
from tests.conftest import TestClock
from tests.unit.accounts.stage import ADA, first_person

OLD, NEW = "2026-27", "2027-28"
AUGUST = date(2027, 8, 3)


@pytest.fixture
async def goal(database: Database, clock: TestClock) -> int:
    await first_person(database, clock)
    async with database.writing() as session:
        title = {"title": "Read more", "target": "80 %"}
        return (
            await add_goal(
                session, actor=ADA, school_year=OLD, horizon="annual", values=title, now=clock(), today=clock().date()
            )
        ).id


async def test_supports_are_kept_changed_binned_and_carried(database: Database, clock: TestClock, goal: int) -> None:
    day = clock().date()
    by: dict[str, Any] = {"actor": ADA, "today": day, "now": clock()}
    async with database.writing() as session:
        over = {"kind": "time", "what": " Thursdays ", "ends_on": date(2027, 6, 1)}
        first = (await add_support(session, goal_id=goal, values=over, **by)).id
        coach = {"kind": "coaching", "what": "A visit a week", "how_much": "$400", "starts_on": day}
        second = (await add_support(session, goal_id=goal, values=coach, **by)).id
        await change_support(session, support_id=second, values={"how_much": "$500"}, version=1, **by)
        with pytest.raises(Conflict):
            await change_support(session, support_id=second, values={"how_much": "$600"}, version=1, **by)
        wrong = {"kind": "luck", "what": " ", "starts_on": day, "ends_on": day - timedelta(days=1)}
        with pytest.raises(InvalidInput) as caught:
            await add_support(session, goal_id=goal, values=wrong, **by)
        assert set(caught.value.fields) == {"kind", "what", "ends_on"}
        with pytest.raises(NotFound):
            await add_support(session, goal_id=goal + 1, values=coach, **by)
    async with database.writing() as session:
        # A goal takes what it gets along, and brings it back.
        binned = await remove(session, actor=ADA, kind="goal", row_id=goal, may_all=True, now=clock())
        await restore(session, actor=ADA, binned_id=binned.id, permissions={"plan.write"}, now=clock())
    async with database.reading() as session:
        plan = await plan_with_supports(session, OLD)
        assert plan is not None
        assert [(one.id, one.what, one.how_much) for one in plan.supports] == [
            (second, "A visit a week", "$500"),
            (first, "Thursdays", ""),
        ]
        actions = list(await session.scalars(select(AuditEntry.action).where(AuditEntry.subject == "support")))
        assert actions == ["support.added", "support.added", "support.changed"]
        assert (await preview_roll_over(session, AUGUST)).supports == 1
    async with database.writing() as session:
        await roll_over(session, actor=ADA, to_year=NEW, goal_ids=[goal], today=AUGUST, now=clock())
    async with database.reading() as session:
        told = [await plan_with_supports(session, year) for year in (OLD, NEW)]
    assert [[one.what for one in plan.supports] for plan in told if plan] == [
        ["A visit a week", "Thursdays"],
        ["A visit a week"],
    ]


async def test_what_changed_since_last_time(database: Database, clock: TestClock, goal: int) -> None:
    by: dict[str, Any] = {"actor": ADA, "now": clock(), "today": clock().date()}
    before = clock().date()
    async with database.writing() as session:
        tea = (await open_project(session, values={"title": "Tea", "starts_on": before, "goal_id": goal}, **by)).id
        later = {"title": "Late", "starts_on": before + timedelta(days=90), "goal_id": goal}
        await open_project(session, values=later, **by)
    clock.forward(days=40)
    today = clock().date()
    since = today - timedelta(days=3)

    async def said(from_day: date) -> list[str]:
        async with database.reading() as session:
            plan = await plan_with_supports(session, OLD)
            assert plan is not None
            found = await changes_since(session, plan, since=from_day, today=today, time_zone="America/New_York")
        return [one.said for one in found]

    assert await said(since) == []
    by["now"] = clock()
    async with database.writing() as session:
        assert last_time(await meeting_days(session), today) == today - timedelta(days=30)
        held = {"title": "Team", "minutes": 45, "created_at": clock(), "updated_at": clock()}
        session.add(Meeting(held_on=since, ended_at=clock(), **held))
        session.add(Meeting(held_on=today, **held))
        await session.flush()
        assert last_time(await meeting_days(session), today) == since
        for version, values in enumerate(({"target": "90 %", "owner_id": 1}, {"target": "85 %"}, {"why": "x"}), 1):
            await change_goal(session, goal_id=goal, values=values, state="active", version=version, **by)
        await change_goal(session, goal_id=goal, values={}, state="resting", version=4, **by)
        words = {"aim_result": "reached", "worked": "", "would_change": "", "watch_out": "", "early_because": "Done."}
        await close_project(session, project_id=tea, decision="adapt", closed_on=today, version=1, **words, **by)
    assert await said(since) == [
        "This goal rests for now: Read more",
        "The target is now 85 %, before it was 80 %: Read more",
        "Ada Field looks after this goal now: Read more",
        "A project ended, and we change what it tried: Tea",
    ]
    assert {"New goal: Read more", "A project began: Tea"} < set(await said(before))
    by["now"] = clock()
    async with database.writing() as session:
        back = {"target": "80 %", "owner_id": None}
        await change_goal(session, goal_id=goal, values=back, state="active", version=5, **by)
    assert await said(since) == ["A project ended, and we change what it tried: Tea"]
