"""What a school shares upward and what its district says, kept on both databases."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select

from nic_node.accounts.audit import audit_entries
from nic_node.db.engine import Database
from nic_node.db.jobs import Job
from nic_node.district.ask import A_TURN, ASK, MOST_NAMED, ask_soon
from nic_node.district.read import grouped, our_schools, what_waits
from nic_node.district.schools import answer_obstacle, ask_now, keep_school, refuse_school
from nic_node.district.sharing import District, choose_shares, name_district, sharing_of, stop_sharing
from nic_node.district.tables import DistrictSchool
from nic_node.errors import Conflict, InvalidInput, NotFound
from nic_node.school.known_names import NOBODY
from tests.conftest import TestClock
from tests.stores.racing import DONE, overlapping
from tests.unit.accounts.stage import ADA, first_person

TODAY = date(2026, 10, 27)
NAMES = ("https://one.example", "https://two.example")


def district(entity: str, clock: TestClock) -> District:
    return District(entity=entity, pinned=["k" * 43], http_keys={}, expires_at=clock() + timedelta(days=1))


async def test_another_district_sees_nothing_until_somebody_chooses_anew(database: Database, clock: TestClock) -> None:
    await first_person(database, clock)
    with pytest.raises(NotFound):
        async with database.writing() as session:
            await stop_sharing(session, actor=ADA, now=clock())
    outcomes = await overlapping(
        database,
        *(
            lambda session, entity=entity: name_district(
                session, actor=ADA, district=district(entity, clock), now=clock()
            )
            for entity in NAMES
        ),
    )
    assert outcomes == (DONE, DONE)
    async with database.reading() as session:
        row = await sharing_of(session)
        assert row is not None
        named, other = row.entity, next(name for name in NAMES if name != row.entity)
    async with database.writing() as session:
        await choose_shares(session, actor=ADA, entity=named, shares=["obstacles", "plan"], now=clock())
    with pytest.raises(Conflict):
        async with database.writing() as session:
            await choose_shares(session, actor=ADA, entity=other, shares=["plan"], now=clock())
    with pytest.raises(InvalidInput):
        async with database.writing() as session:
            await choose_shares(session, actor=ADA, entity=named, shares=["pulse"], now=clock())
    async with database.writing() as session:
        kept = await name_district(session, actor=ADA, district=district(other, clock), now=clock())
        assert (kept.entity, kept.shares) == (other, [])
    async with database.writing() as session:
        await choose_shares(session, actor=ADA, entity=other, shares=["plan"], now=clock())
        again = replace(district(other, clock), pinned=["x" * 43])
        kept = await name_district(session, actor=ADA, district=again, now=clock())
        assert kept.shares == [], "whoever answers there with another key sees nothing"
    async with database.reading() as session:
        acts = [entry.action for entry in await audit_entries(session, after=None, limit=4)]
        assert acts[:2] == ["district.named", "district.shared"]


async def a_school(database: Database, clock: TestClock, entity: str, obstacles: list[dict[str, Any]]) -> int:
    shared = {"name": entity[8:11].title(), "obstacles": obstacles}
    async with database.writing() as session:
        row = DistrictSchool(entity=entity, name=shared["name"], state="named", shared=shared, problem="")
        row.created_at = row.updated_at = row.read_at = clock()
        session.add(row)
        await session.flush()
        return row.id


def obstacle(number: int, kind: str, ago: int, **more: str) -> dict[str, Any]:
    since = str(TODAY - timedelta(days=ago))
    return {"id": number, "what": f"{kind} {number}", "asks": "Help.", "kind": kind, "since": since, **more}


async def test_what_most_schools_wait_for_stands_first(database: Database, clock: TestClock) -> None:
    await first_person(database, clock)
    gone = obstacle(3, "money", 90, removed_on=str(TODAY))
    one = await a_school(database, clock, NAMES[0], [obstacle(1, "rules", 50), obstacle(2, "transport", 4), gone])
    two = await a_school(database, clock, NAMES[1], [obstacle(1, "transport", 30)])
    said: dict[str, Any] = {"actor": ADA, "names": NOBODY, "now": clock()}
    with pytest.raises(Conflict):
        async with database.writing() as session:
            await answer_obstacle(session, school_id=one, obstacle_id=1, answer="taken", note="", **said)
    async with database.writing() as session:
        for school_id in (one, two):
            await keep_school(session, actor=ADA, school_id=school_id, now=clock())
    async with database.reading() as session:
        ours, _named = await our_schools(session, TODAY)
        waiting = await what_waits(session, TODAY)
    assert [(group.kind, group.schools) for group in grouped(ours)] == [("transport", 2), ("rules", 1)]
    assert waiting is not None
    assert (waiting.obstacles, waiting.schools, waiting.oldest) == (3, 2, 50)
    for wrong in ({"answer": "maybe"}, {"note": "x" * 401}, {"note": "Ask the 2 students."}):
        with pytest.raises(InvalidInput):
            async with database.writing() as session:
                await answer_obstacle(
                    session, school_id=one, obstacle_id=2, **{"answer": "taken", "note": "", **wrong}, **said
                )
    for number, refused in ((3, Conflict), (9, NotFound)):
        with pytest.raises(refused):
            async with database.writing() as session:
                await answer_obstacle(session, school_id=one, obstacle_id=number, answer="taken", note="", **said)
    for answer in ("taken", "removed"):
        async with database.writing() as session:
            await answer_obstacle(session, school_id=two, obstacle_id=1, answer=answer, note="By May.", **said)
    async with database.reading() as session:
        ours, _named = await our_schools(session, TODAY)
        buses = next(group.obstacles for group in grouped(ours) if group.kind == "transport")
        assert [(seen.answer, seen.note, seen.is_sent) for seen in buses] == [
            ("", "", True),
            ("removed", "By May.", False),
        ], "what is unanswered stands before what is older"
    async with database.writing() as session:
        await refuse_school(session, actor=ADA, school_id=two, now=clock())
        assert not await ask_soon(session, NAMES[1], now=clock(), by_hand=False)
    async with database.reading() as session:
        ours, named = await our_schools(session, TODAY)
        assert ([school.row.id for school in ours], named) == ([one], [])


async def test_a_word_that_anybody_may_send_keeps_nobody_busy(database: Database, clock: TestClock) -> None:
    school_id = await a_school(database, clock, NAMES[0], [])
    async with database.writing() as session:
        asked = [await ask_soon(session, f"https://x{n}.example", now=clock(), by_hand=False) for n in range(31)]
        assert asked == [True] * 30 + [False]
        for _often in range(3):
            assert await ask_soon(session, NAMES[0], now=clock(), by_hand=False)
        turns = dict((await session.execute(select(Job.key, Job.run_at).where(Job.kind == ASK))).all())
    assert len({turns[f"https://x{n}.example"] for n in range(30)}) == 30, "one of the strangers a minute"
    assert turns[NAMES[0]] == clock() + A_TURN, "and a school not again within a minute"
    async with database.writing() as session:
        await ask_now(session, school_id=school_id, now=clock())
        assert await session.scalar(select(Job.run_at).where(Job.key == NAMES[0])) == clock()
    async with database.writing() as session:
        await session.execute(delete(Job))
        said = {"name": "", "state": "named", "problem": "", "created_at": clock(), "updated_at": clock()}
        session.add_all(DistrictSchool(entity=f"https://s{n}.example", **said) for n in range(MOST_NAMED - 2))
        await session.flush()
        asked = [await ask_soon(session, f"https://x{n}.example", now=clock(), by_hand=False) for n in range(2)]
        assert asked == [True, False], "schools that nobody kept do not fill this node"
