"""Coaching is for the pair: sealed in the rows, counted from three educators on, on both databases."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import Connection

from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import audit_entries
from nic_node.db.engine import Database
from nic_node.db.rows import read_rows, tables_of
from nic_node.errors import Conflict, InvalidInput, NotFound
from nic_node.keyring.operator_key import OperatorKey
from nic_node.school.coaching.read import count_educators, own_cycles, own_steps, view_coaching
from nic_node.school.coaching.sealed import NoteContent
from nic_node.school.coaching.write import (
    begin_coaching,
    change_coaching,
    change_note,
    end_coaching,
    erase_coaching,
    settle_step,
    write_note,
)
from tests.conftest import TestClock
from tests.stores.racing import DONE, overlapping
from tests.unit.accounts.stage import ADA, first_person, join

KEY = OperatorKey(bytes(range(32)))
TODAY = date(2026, 10, 27)
NAMES = ("Cora Quill", "Edwin Moss", "Tea Cher", "Ines Roa")
SEEN = {
    "teacher_action": "Zebrawaits",
    "student_action": "Zebrahands",
    "feedback": "Zebrapraise",
    "next_step": "Zebrathursday",
}


@pytest.fixture
async def staff(database: Database, clock: TestClock) -> dict[str, Actor]:
    """Ada leads; Cora coaches; the others teach."""
    await first_person(database, clock)
    found = {"Ada": ADA}
    for name in NAMES:
        role = "coach" if name.startswith("Cora") else "teacher"
        first = name.split()[0]
        person = await join(database, clock, f"{first.lower()}@school.example", role, name=name)
        found[first] = Actor(person_id=person.id, name=name, kind="person")
    await join(database, clock, "rea@school.example", "reader", name="Rea Der")
    return found


def _id_of(staff: dict[str, Actor], name: str) -> int:
    return staff[name].person_id or 0 if name in staff else 99


async def begun(database: Database, clock: TestClock, coach: Actor, educator: Actor, goal: str = "Zebragoal") -> int:
    async with database.writing() as session:
        row = await begin_coaching(
            session,
            KEY,
            actor=coach,
            is_coach=True,
            other_id=educator.person_id,
            goal=goal,
            goal_id=None,
            today=TODAY,
            now=clock(),
        )
        return row.id


async def noted(database: Database, clock: TestClock, cycle: int, actor: Actor, **values: Any) -> int:
    async with database.writing() as session:
        asked: dict[str, Any] = {"values": {**SEEN, **values}, "today": TODAY, "now": clock()}
        return (await write_note(session, KEY, actor=actor, cycle_id=cycle, **asked)).id


async def test_the_pair_reads_and_writes_and_nobody_else_finds_anything(
    database: Database, clock: TestClock, staff: dict[str, Actor]
) -> None:
    cora, edwin = staff["Cora"], staff["Edwin"]
    cycle = await begun(database, clock, cora, edwin)
    note = await noted(database, clock, cycle, edwin)
    whose: dict[str, Any] = {"today": TODAY, "now": clock()}
    async with database.writing() as session:
        for one in (cora, edwin):
            assert one.person_id is not None
            view = await view_coaching(session, KEY, cycle, one.person_id)
            assert [said.content for said in view.notes] == [
                NoteContent(by=edwin.person_id or 0, on=TODAY, number=1, **SEEN)
            ]
            assert [step.text for step in await own_steps(session, KEY, one.person_id)] == ["Zebrathursday"]
        await settle_step(session, KEY, actor=cora, note_id=note, done=True, **whose)
        assert await own_steps(session, KEY, edwin.person_id or 0) == []
        for other in (ADA, staff["Tea"]):
            assert other.person_id is not None
            assert await own_cycles(session, KEY, other.person_id) == []
            tries = [
                view_coaching(session, KEY, cycle, other.person_id),
                change_coaching(
                    session, KEY, actor=other, cycle_id=cycle, goal="X", goal_id=None, version=1, now=clock()
                ),
                end_coaching(session, KEY, actor=other, cycle_id=cycle, is_open=False, **whose),
                erase_coaching(session, KEY, actor=other, cycle_id=cycle, now=clock()),
                write_note(session, KEY, actor=other, cycle_id=cycle, values=SEEN, **whose),
                change_note(session, KEY, actor=other, note_id=note, values={}, version=2, **whose),
                settle_step(session, KEY, actor=other, note_id=note, done=False, **whose),
            ]
            said = set()
            for attempt in tries:
                with pytest.raises(NotFound) as refused:
                    await attempt
                said.add(refused.value.sentence)
            with pytest.raises(NotFound) as refused:
                await view_coaching(session, KEY, 99, other.person_id)
            assert said == {refused.value.sentence}


async def test_rows_and_audit_name_nobody_and_hold_no_word(
    database: Database, clock: TestClock, staff: dict[str, Actor]
) -> None:
    cycle = await begun(database, clock, staff["Cora"], staff["Edwin"])
    await noted(database, clock, cycle, staff["Edwin"])

    def dump(connection: Connection) -> list[dict[str, Any]]:
        rooms = tables_of(connection, lambda name: name.startswith("coaching_"))
        return [dict(row) for table in rooms for row in read_rows(connection, table)]

    async with database.reading() as session:
        rows = await (await session.connection()).run_sync(dump)
        entries = [one for one in await audit_entries(session, after=None, limit=50) if one.subject == "coaching"]
    assert len(rows) == 2
    assert "ebra" not in str(rows)
    named = [value for row in rows for name, value in row.items() if name not in ("id", "cycle_id", "version")]
    assert not [value for value in named if isinstance(value, int) and not isinstance(value, bool)]
    assert {(one.actor_id, one.subject_id, str(one.before), str(one.after)) for one in entries} == {
        (None, None, "None", "None")
    }


async def test_leaders_get_a_count_in_threes_by_the_month_and_without_their_own(
    database: Database, clock: TestClock, staff: dict[str, Actor]
) -> None:
    async def count(day: date, asked_by: str = "Ada") -> int | None:
        async with database.reading() as session:
            return await count_educators(session, KEY, asked_by=_id_of(staff, asked_by), today=day)

    november, december = date(2026, 11, 3), date(2026, 12, 1)
    for educator in ("Edwin", "Tea", "Edwin"):
        last = await begun(database, clock, staff["Cora"], staff[educator])
    # Ada coaches a third: by her own cycle she does not find out that there are two others.
    await begun(database, clock, staff["Ada"], staff["Ines"])
    assert [await count(day) for day in (TODAY, november)] == [None, None]
    ids = [last, await begun(database, clock, staff["Cora"], staff["Ines"])]
    assert [await count(day) for day in (TODAY, november)] == [None, 3]
    assert await count(november, "Cora") is None
    # A fourth makes no difference that could be subtracted, and an end shows only when the next month begins.
    await begun(database, clock, staff["Cora"], staff["Ada"])
    assert await count(november, "Rea") == 3
    async with database.writing() as session:
        ended = {"is_open": False, "today": november, "now": clock()}
        await end_coaching(session, KEY, actor=staff["Ines"], cycle_id=ids[1], **ended)
    assert [await count(day) for day in (november, december)] == [3, None]
    assert abs(ids[1] - ids[0]) > 10, "ids in a row would count what others begin"


async def test_two_who_write_at_once_lose_nothing_and_erasing_is_for_good(
    database: Database, clock: TestClock, staff: dict[str, Actor]
) -> None:
    cora, edwin = staff["Cora"], staff["Edwin"]
    cycle = await begun(database, clock, cora, edwin)
    note = await noted(database, clock, cycle, edwin)

    def changing(actor: Actor, feedback: str) -> Any:
        asked: dict[str, Any] = {"values": {"feedback": feedback}, "version": 1, "today": TODAY, "now": clock()}
        return lambda session: change_note(session, KEY, actor=actor, note_id=note, **asked)

    assert await overlapping(database, changing(cora, "Hers"), changing(edwin, "His")) == (DONE, "Conflict")
    async with database.writing() as session:
        await end_coaching(session, KEY, actor=cora, cycle_id=cycle, is_open=False, today=TODAY, now=clock())
        with pytest.raises(Conflict, match="ended"):
            await write_note(session, KEY, actor=cora, cycle_id=cycle, values=SEEN, today=TODAY, now=clock())
        await erase_coaching(session, KEY, actor=edwin, cycle_id=cycle, now=clock())
    async with database.reading() as session:
        assert await own_cycles(session, KEY, cora.person_id or 0) == []


async def test_what_cannot_be_meant_is_refused_beside_its_field(
    database: Database, clock: TestClock, staff: dict[str, Actor]
) -> None:
    cora, edwin = staff["Cora"], staff["Edwin"]
    reader = Actor(person_id=6, name="Rea Der", kind="person")
    for educator, goal, field in ((cora, "G", "other_id"), (reader, "G", "other_id"), (edwin, " ", "goal")):
        with pytest.raises(InvalidInput) as refused:
            await begun(database, clock, cora, educator, goal)
        assert list(refused.value.fields) == [field]
    cycle = await begun(database, clock, cora, edwin)
    nothing = dict.fromkeys(SEEN, "")
    for values, field in (
        (nothing, "teacher_action"),
        ({"due": date(1926, 1, 1)}, "due"),
        ({"feedback": "x" * 1001}, "feedback"),
    ):
        with pytest.raises(InvalidInput) as refused:
            await noted(database, clock, cycle, cora, **values)
        assert list(refused.value.fields) == [field]
