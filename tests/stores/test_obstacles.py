"""Obstacles that only the district can remove, on both databases."""

from datetime import date, timedelta
from typing import Any

import pytest

from nic_node.accounts.actor import peer_actor
from nic_node.accounts.audit import audit_entries
from nic_node.db.engine import Database
from nic_node.errors import Conflict, InvalidInput
from nic_node.school.bin.remove import remove, restore
from nic_node.school.known_names import NOBODY
from nic_node.school.obstacles.read import new_answers, obstacle_lines, obstacles_of_project
from nic_node.school.obstacles.tables import Obstacle
from nic_node.school.obstacles.write import settle_obstacle, take_answer, write_obstacle
from tests.conftest import TestClock
from tests.stores.measures_stage import a_project
from tests.unit.accounts.stage import ADA, first_person

MAY = frozenset({"projects.write"})
TODAY = date(2026, 10, 27)
DISTRICT = peer_actor("https://district.example")
WORDS: dict[str, Any] = {"what": "The late bus leaves at 3:30.", "asks": "A bus at 4:30.", "kind": "transport"}


async def test_an_obstacle_from_its_first_day_to_its_end(database: Database, clock: TestClock) -> None:
    await first_person(database, clock)
    project_id = await a_project(database, clock)
    written = {**WORDS, "project_id": project_id, "since": TODAY - timedelta(days=9)}
    async with database.writing() as session:
        row = await write_obstacle(session, actor=ADA, values=written, names=NOBODY, today=TODAY, now=clock())
    async with database.writing() as session:
        for _twice in range(2):
            await take_answer(session, actor=DISTRICT, obstacle_id=row.id, answer="taken", note="By May.", now=clock())
    async with database.reading() as session:
        (line,) = await obstacles_of_project(session, project_id, TODAY)
        assert (line.days, line.in_the_way_of, line.row.answer) == (9, "Breakfast check-in", "taken")
        assert [one.row.id for one in await new_answers(session, today=TODAY, now=clock())] == [row.id]
        clock.forward(days=15)
        assert await new_answers(session, today=TODAY, now=clock()) == []
        (told, _) = await audit_entries(session, after=None, limit=2)
        assert (told.action, told.actor_kind, told.actor_name) == ("obstacle.answered", "peer", DISTRICT.name)
    gone_on = TODAY + timedelta(days=1)
    async with database.writing() as session:
        named = {"actor": ADA, "obstacle_id": row.id, "today": gone_on, "now": clock()}
        await settle_obstacle(session, state="removed", **named)
    with pytest.raises(Conflict):
        async with database.writing() as session:
            await take_answer(session, actor=DISTRICT, obstacle_id=row.id, answer="removed", note="", now=clock())
    async with database.reading() as session:
        assert [(one.row.state, one.days) for one in await obstacle_lines(session, gone_on)] == [("removed", 10)]
        assert await obstacle_lines(session, gone_on + timedelta(days=121)) == []


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({}, "of"),
        ({"goal_id": 1, "project_id": 1}, "of"),
        ({"goal_id": 99}, "of"),
        ({"what": " "}, "what"),
        ({"what": "The only blind student in grade 4 has no aide."}, "what"),
        ({"asks": "A seat for 2 students."}, "asks"),
        ({"kind": "weather"}, "kind"),
        ({"since": TODAY + timedelta(days=1)}, "since"),
    ],
    ids=str,
)
async def test_what_an_obstacle_has_to_say(
    sqlite_database: Database, clock: TestClock, values: dict[str, Any], field: str
) -> None:
    project_id = await a_project(sqlite_database, clock)
    named = {} if field == "of" else {"project_id": project_id}
    with pytest.raises(InvalidInput) as refused:
        async with sqlite_database.writing() as session:
            await write_obstacle(
                session, actor=ADA, values={**WORDS, **named, **values}, names=NOBODY, today=TODAY, now=clock()
            )
    assert set(refused.value.fields) == {field}


async def test_it_goes_into_the_bin_with_its_project_and_comes_back(database: Database, clock: TestClock) -> None:
    await first_person(database, clock)
    project_id = await a_project(database, clock)
    async with database.writing() as session:
        await write_obstacle(
            session, actor=ADA, values={**WORDS, "project_id": project_id}, names=NOBODY, today=TODAY, now=clock()
        )
    async with database.writing() as session:
        binned = await remove(session, kind="project", row_id=project_id, actor=ADA, may_all=True, now=clock())
        assert await obstacle_lines(session, TODAY) == []
    async with database.writing() as session:
        await restore(session, actor=ADA, binned_id=binned.id, permissions=MAY, now=clock())
    async with database.reading() as session:
        (line,) = await obstacle_lines(session, TODAY)
        assert (line.row.what, line.in_the_way_of) == (WORDS["what"], "Breakfast check-in")
        assert isinstance(line.row, Obstacle)
