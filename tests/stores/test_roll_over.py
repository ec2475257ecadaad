"""A school year is rolled over in one act, once, on both databases."""

import asyncio
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select

from nic_node.accounts.tables import AuditEntry
from nic_node.db.engine import Database
from nic_node.errors import Conflict, NotFound
from nic_node.school.actions.tables import ActionItem
from nic_node.school.actions.write import add_action
from nic_node.school.handover.collect import handed_over, write_handover
from nic_node.school.measures.observe import add_observation
from nic_node.school.measures.tables import Measure
from nic_node.school.measures.write import add_measure
from nic_node.school.plan.goals import active_goals, add_goal, change_goal, plan_of_year, write_plan
from nic_node.school.plan.progress import progress_of
from nic_node.school.plan.roll_over import RollOver, next_to_begin, next_year, preview_roll_over, roll_over
from nic_node.school.plan.tables import Goal
from nic_node.school.projects.close import close_project
from nic_node.school.projects.tables import Project
from nic_node.school.projects.write import open_project
from tests.conftest import TestClock
from tests.unit.accounts.stage import ADA, first_person

OLD, NEW = "2026-27", "2027-28"
NOVEMBER, MAY, AUGUST = date(2026, 11, 3), date(2027, 5, 3), date(2027, 8, 3)


@pytest.fixture
async def goals(database: Database, clock: TestClock) -> dict[str, int]:
    """A year's plan: what goes on, what rests, what is reached; with something open under the first."""
    await first_person(database, clock)
    by: dict[str, Any] = {"actor": ADA, "now": clock()}
    async with database.writing() as session:
        assert await years(session) == []
        with pytest.raises(NotFound):
            await preview_roll_over(session, NOVEMBER)
        await write_plan(session, school_year=OLD, vision="Known by name", beliefs="", version=None, **by)
        made = {}
        for title, horizon in (("Big", "two-year"), ("On", "annual"), ("Rests", "annual"), ("Done", "annual")):
            made[title] = await add_goal(
                session, school_year=OLD, horizon=horizon, values={"title": title}, today=NOVEMBER, **by
            )
        for title, state in (("Rests", "resting"), ("Done", "reached")):
            await change_goal(session, goal_id=made[title].id, values={}, state=state, version=1, today=NOVEMBER, **by)
        on = made["On"].id
        await open_project(session, values={"title": "Tea", "starts_on": NOVEMBER, "goal_id": on}, today=NOVEMBER, **by)
        await add_action(session, values={"text": "Buy tea", "goal_id": on}, today=NOVEMBER, **by)
        await add_measure(session, values={"goal_id": on, "vocabulary": "attendance-rate", "name": "Present"}, **by)
        return {title: goal.id for title, goal in made.items()}


async def years(session: Any) -> list[str]:
    return [year for year in (OLD, NEW) if await plan_of_year(session, year)]


async def rolled(database: Database, clock: TestClock, goal_ids: list[int]) -> RollOver | Conflict:
    async def work() -> RollOver:
        async with database.writing() as session:
            asked: dict[str, Any] = {"to_year": NEW, "goal_ids": goal_ids, "today": AUGUST, "now": clock()}
            return await roll_over(session, actor=ADA, **asked)

    try:
        return await work()
    except Conflict as refused:
        return refused


async def test_what_is_open_goes_on_and_what_is_done_stays(
    database: Database, clock: TestClock, goals: dict[str, int]
) -> None:
    async with database.reading() as session:
        with pytest.raises(Conflict):
            await preview_roll_over(session, NOVEMBER)
        assert (await preview_roll_over(session, MAY)).to_year == NEW
        asked = await preview_roll_over(session, AUGUST)
    assert [goal.title for goal in asked.goes_on] == ["Big", "On", "Rests"]
    assert [goal.title for goal in asked.stays] == ["Done"]
    assert (asked.projects, asked.actions, asked.measures) == (1, 1, 1)

    assert isinstance(await rolled(database, clock, [goals["Big"], goals["On"]]), RollOver)
    async with database.reading() as session:
        plan, old = await plan_of_year(session, NEW), await plan_of_year(session, OLD)
        assert plan is not None
        assert old is not None
        assert plan.vision == "Known by name"
        assert [(goal.title, goal.state) for goal in plan.goals] == [("Big", "active"), ("On", "active")]
        assert [goal.state for goal in old.goals] == ["carried", "carried", "resting", "reached"]
        big, on = plan.goals
        assert on.parent_id == big.id
        assert [goal.id for goal in await active_goals(session)] == [on.id]
        for table in (Project, ActionItem, Measure):
            assert await session.scalar(select(table.goal_id)) == on.id


async def test_a_goal_tells_how_it_goes_and_the_next_year_starts_from_what_is_handed_over(
    database: Database, clock: TestClock, goals: dict[str, int]
) -> None:
    by: dict[str, Any] = {"actor": ADA, "now": clock()}
    async with database.writing() as session:
        project = (await session.scalars(select(Project))).one()
        measure = (await session.scalars(select(Measure))).one()
        told: dict[str, Any] = {"period": date(2026, 10, 26), "given": {"value": 91.0}}
        await add_observation(session, measure_id=measure.id, today=clock().date(), **told, **by)
        goes = (await progress_of(session, list(goals.values()), NOVEMBER))[goals["On"]]
        assert (goes.running, goes.closed, goes.projects[0].day, goes.measures[0].latest.text) == (1, 0, 1, "91\u202f%")
        assert not (await handed_over(session, OLD)).says_something
        words = {"worked": "", "would_change": "", "watch_out": "", "early_because": "No tea", "aim_result": "not"}
        closing = {"project_id": project.id, "closed_on": NOVEMBER, "version": project.version, **words}
        await close_project(session, decision="abandon", today=NOVEMBER, **closing, **by)
        await write_handover(session, school_year=OLD, note="Ask Tea.", version=None, **by)
        goes = (await progress_of(session, list(goals.values()), NOVEMBER))[goals["On"]]
        assert (goes.running, goes.closed, goes.judged, goes.reached) == (0, 1, 1, 0)
        handed = await handed_over(session, OLD)
        assert (handed.note, handed.kept, [one.title for one in handed.dropped]) == ("Ask Tea.", [], ["Tea"])
        assert await next_to_begin(session, OLD, NOVEMBER) is None
        assert await next_to_begin(session, OLD, MAY) == NEW


async def test_a_second_time_says_so_and_changes_nothing(
    database: Database, clock: TestClock, goals: dict[str, int]
) -> None:
    ids = list(goals.values())
    both = await asyncio.gather(rolled(database, clock, ids), rolled(database, clock, ids))
    assert sorted(isinstance(one, RollOver) for one in both) == [False, True]
    refused = next(one for one in both if isinstance(one, Conflict))
    assert "There is a plan for 2027-28 already, so nothing was changed" in refused.sentence
    async with database.reading() as session:
        assert await session.scalar(select(func.count(Goal.id))) == len(goals) + 3
        said = select(func.count()).where(AuditEntry.action == "plan.rolled-over")
        assert await session.scalar(said) == 1
        with pytest.raises(Conflict):
            await preview_roll_over(session, AUGUST)


def test_the_year_after_the_century() -> None:
    assert next_year("2098-99") == "2099-00"


async def test_a_fourth_goal_that_would_go_on_asks_which_rests(
    database: Database, clock: TestClock, goals: dict[str, int]
) -> None:
    async with database.writing() as session:
        rests = await session.scalar(select(Goal).where(Goal.title == "Rests"))
        assert rests is not None
        words = {"plan_id": rests.plan_id, "horizon": "annual", "state": "active"}
        more = [Goal(title=f"More {n}", created_at=clock(), updated_at=clock(), **words) for n in range(3)]
        session.add_all(more)
    ids = [goals["On"], *(goal.id for goal in more)]
    refused = await rolled(database, clock, ids)
    assert isinstance(refused, Conflict)
    assert "4 active goals would go on" in refused.sentence
    assert isinstance(await rolled(database, clock, ids[:3]), RollOver)
