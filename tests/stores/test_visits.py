"""Classroom visits, whose tally is a number of the process measure, on both databases."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from nic_node.db.engine import Database
from nic_node.errors import InvalidInput
from nic_node.school.measures.observe import change_observation
from nic_node.school.measures.read import observations_of
from nic_node.school.projects.write import open_project
from nic_node.school.visits.record import (
    agree_look_fors,
    look_fors_of,
    prune_visits,
    record_visit,
    remove_visit,
    restore_visit,
    tally_measure,
    tally_of,
    visits_of,
)
from nic_node.school.visits.tables import LookFor, Visit, VisitMark
from tests.conftest import TestClock
from tests.stores.racing import DONE, overlapping
from tests.unit.accounts.stage import ADA, first_person

TODAY = date(2026, 10, 27)
NAME, FOOD = "Students are greeted by name", "Breakfast is out before 7:40"


@pytest.fixture
async def look_fors(database: Database, clock: TestClock) -> list[LookFor]:
    """Two of project 1."""
    await first_person(database, clock)
    async with database.writing() as session:
        values = {"title": "Breakfast check-in", "starts_on": TODAY - timedelta(days=20)}
        project = await open_project(session, actor=ADA, values=values, now=clock(), today=clock().date())
        assert project.id == 1
        return await agree_look_fors(session, actor=ADA, project_id=1, texts=[NAME, " ", FOOD, NAME], now=clock())


def visiting(clock: TestClock, marks: dict[int, bool], /, **values: Any) -> Any:
    known = {"project_id": 1, "visited_on": TODAY, "place": "grade 6", "note": "", "marks": marks, **values}
    return lambda session: record_visit(session, actor=ADA, today=TODAY, now=clock(), **known)


async def numbers(database: Database) -> list[tuple[date, float | None, float | None]]:
    async with database.reading() as session:
        measure = await tally_measure(session, 1)
        assert measure is not None
        return [(one.period, one.x, one.exposure) for one in await observations_of(session, measure.id)]


async def test_the_tally_of_a_day_is_a_number_of_the_measure(
    database: Database, clock: TestClock, look_fors: list[LookFor]
) -> None:
    name, food = (row.id for row in look_fors)
    async with database.writing() as session:
        await visiting(clock, {name: True, food: True})(session)
        second = await visiting(clock, {name: False})(session)
        await visiting(clock, {name: True}, visited_on=TODAY - timedelta(days=1))(session)
        assert await tally_of(session, 1) == {name: (2, 3), food: (1, 1)}
    assert await numbers(database) == [(TODAY - timedelta(days=1), 1, 1), (TODAY, 2, 3)]
    async with database.writing() as session:
        await remove_visit(session, actor=ADA, visit_id=second.id, now=clock())
        assert len(await visits_of(session, 1)) == 2
    assert (await numbers(database))[-1] == (TODAY, 2, 2)
    async with database.writing() as session:
        await restore_visit(session, actor=ADA, visit_id=second.id, now=clock())
        for visit in await visits_of(session, 1):
            if visit.visited_on == TODAY:
                await remove_visit(session, actor=ADA, visit_id=visit.id, now=clock())
    assert await numbers(database) == [(TODAY - timedelta(days=1), 1, 1)]
    async with database.writing() as session:
        await prune_visits(session, now=clock.forward(days=31))
        assert [visit.visited_on for visit in await session.scalars(select(Visit))] == [TODAY - timedelta(days=1)]


@pytest.mark.parametrize("words", ["With Ada field", "Ms. Cher explains well", "Mr Park's class", "Room 12", "aula B3"])
async def test_whose_lesson_it_was_is_not_kept(
    database: Database, clock: TestClock, look_fors: list[LookFor], words: str
) -> None:
    for field in ("place", "note"):
        with pytest.raises(InvalidInput) as refused:
            async with database.writing() as session:
                await visiting(clock, {look_fors[0].id: True}, **{field: words})(session)
        assert list(refused.value.fields) == [field]
    async with database.writing() as session:
        await visiting(clock, {look_fors[0].id: True}, place="Grade 7 math", note="Room for talk; a field day.")(
            session
        )


async def test_a_number_that_a_person_typed_is_let_be(
    database: Database, clock: TestClock, look_fors: list[LookFor]
) -> None:
    async with database.writing() as session:
        await visiting(clock, {look_fors[0].id: True})(session)
        measure = await tally_measure(session, 1)
        assert measure is not None
        (found,) = await observations_of(session, measure.id)
        await change_observation(
            session,
            actor=ADA,
            measure_id=measure.id,
            observation_id=found.id,
            given={"x": 5, "exposure": 6},
            note="counted by hand",
            excluded_because="",
            version=found.version,
            now=clock(),
        )
        await visiting(clock, {look_fors[0].id: False})(session)
    assert await numbers(database) == [(TODAY, 5, 6)]


async def test_two_visits_at_once_are_both_counted(
    database: Database, clock: TestClock, look_fors: list[LookFor]
) -> None:
    (name, _) = (row.id for row in look_fors)
    ended = await overlapping(database, visiting(clock, {name: True}), visiting(clock, {name: False}))
    assert ended == (DONE, DONE)
    assert await numbers(database) == [(TODAY, 1, 2)]


async def test_what_is_looked_for_changes_and_earlier_visits_keep_theirs(
    database: Database, clock: TestClock, look_fors: list[LookFor]
) -> None:
    name, food = (row.id for row in look_fors)
    async with database.writing() as session:
        await visiting(clock, {name: True, food: False})(session)
        texts = ["Families wave", NAME]
        now_on = await agree_look_fors(session, actor=ADA, project_id=1, texts=texts, now=clock())
        assert [(row.text, row.id == name) for row in now_on] == [("Families wave", False), (NAME, True)]
        assert (await tally_of(session, 1))[food] == (0, 1)
        await agree_look_fors(session, actor=ADA, project_id=1, texts=[FOOD], now=clock())
        assert [row.id for row in await look_fors_of(session, 1)] == [food]
        for wrong in ([], ["x"] * 11 + [str(n) for n in range(11)], ["x" * 201]):
            with pytest.raises(InvalidInput):
                await agree_look_fors(session, actor=ADA, project_id=1, texts=wrong, now=clock())


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"marks": {}}, "marks"),
        ({"marks": {99: True}}, "marks"),
        ({"visited_on": None}, "visited_on"),
        ({"visited_on": TODAY + timedelta(days=2)}, "visited_on"),
        ({"place": "x" * 81}, "place"),
    ],
)
async def test_a_visit_that_cannot_be_meant_is_refused(
    database: Database, clock: TestClock, look_fors: list[LookFor], values: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        async with database.writing() as session:
            await visiting(clock, {look_fors[0].id: True}, **values)(session)
    assert list(refused.value.fields) == [field]


def test_there_is_no_place_for_the_name_of_somebody_who_was_visited() -> None:
    """`created_by` is the visitor; nothing else points at a person."""
    pointing = [key.parent.name for table in (Visit, VisitMark, LookFor) for key in table.__table__.foreign_keys]
    assert {name for name in pointing if name not in ("project_id", "visit_id", "look_for_id")} == {"created_by"}
