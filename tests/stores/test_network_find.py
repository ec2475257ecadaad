"""The list of members: found, filtered, sorted and paged alike on both databases, in a bounded number of statements."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, insert

from nic_node.db.engine import Database
from nic_node.network.find import ORDERS, Wanted, every_member, list_members
from nic_node.network.fold import fold
from nic_node.network.tables import Member, Network
from tests.conftest import TestClock
from tests.stores.network_stage import Stage, staged

NAMES = ("Willow High", "alder school", "Peñasco Elementary", "Birch Middle", "Ávila Academy", "Cedar 100% School")


@pytest.fixture
async def stage(database: Database, clock: TestClock, tmp_path: Path) -> Stage:
    stage = await staged(database, clock, tmp_path)
    async with database.writing() as session:
        session.add_all(member(stage.network, number, name, clock) for number, name in enumerate(NAMES))
    return stage


def member(network: Network, number: int, name: str, clock: TestClock) -> Member:
    heard = clock() - timedelta(minutes=number) if number % 2 else None
    return Member(
        network_id=network.id, public_id=f"m{number}", entity=f"https://school-{number}.example", jkt=f"k{number}",
        name=name, state="approved" if number % 2 else "applied", keys={}, http_keys={},
        profile={"name": name, "district": "Lakes Unified" if number < 3 else "Río Grande", "directory_id": f"00{number}"},
        contact={}, policy_sha256="p", charter_sha256="c", applied_at=clock() - timedelta(days=number),
        expires_at=clock() + timedelta(days=10 - number) if number % 2 else None, last_seen_at=heard, settled={},
    )  # fmt: skip


async def names(stage: Stage, wanted: Wanted) -> list[str]:
    async with stage.database.reading() as session:
        page = await list_members(session, stage.network.id, wanted)
    assert page.total >= len(page.items)
    return [member.name for member in page.items]


FOUND_BY = {
    "ALDER": ["alder school"],
    "penasco": ["Peñasco Elementary"],
    "avila academy": ["Ávila Academy"],
    "rio grande birch": ["Birch Middle"],
    "school-4.example": ["Ávila Academy"],
    "003": ["Birch Middle"],
    "100%": ["Cedar 100% School"],
    "_": [],
    "nobody": [],
    "": list(NAMES),
}
ORDERED = {
    "oldest": [0, 1, 2, 3, 4, 5],
    "name": [1, 4, 3, 5, 2, 0],
    "newest": [0, 1, 2, 3, 4, 5],
    "ends": [5, 3, 1, 0, 2, 4],
    "unheard": [0, 2, 4, 5, 3, 1],
}


async def test_words_find_name_host_district_and_id(stage: Stage) -> None:
    assert {words: await names(stage, Wanted(words=words)) for words in FOUND_BY} == FOUND_BY


async def test_a_state_narrows_the_list(stage: Stage) -> None:
    assert await names(stage, Wanted(state="approved")) == [NAMES[1], NAMES[3], NAMES[5]]
    assert await names(stage, Wanted(state="revoked")) == []


async def test_each_order_and_its_pages_there_and_back(stage: Stage) -> None:
    assert set(ORDERED) == set(ORDERS)
    for order, numbers in ORDERED.items():
        wanted = Wanted(order=order, limit=4)
        async with stage.database.reading() as session:
            first = await list_members(session, stage.network.id, wanted)
            assert (first.previous, first.total) == (None, 6)
            second = await list_members(session, stage.network.id, replace(wanted, after=first.next))
            assert second.next is None
            back = await list_members(session, stage.network.id, replace(wanted, before=second.previous))
            assert ([one.id for one in back.items], back.previous) == ([one.id for one in first.items], None)
            everybody = await every_member(session, stage.network.id, replace(wanted, limit=2))
        assert [member.name for member in (*first.items, *second.items)] == [NAMES[number] for number in numbers]
        assert [member.name for member in everybody] == [NAMES[number] for number in numbers]


async def test_an_anchor_that_is_gone_begins_anew(stage: Stage) -> None:
    assert await names(stage, Wanted(after=99_999)) == list(NAMES)


async def test_a_changed_name_is_found_by_the_new_one(stage: Stage) -> None:
    async with stage.database.writing() as session:
        kept = await session.get(Member, 1)
        assert kept is not None
        kept.name = "Órgano Peak"
    assert await names(stage, Wanted(words="organo")) == ["Órgano Peak"]


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    said: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        said.append(statement)

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    yield said
    event.remove(database.engine.sync_engine, "before_cursor_execute", note)


async def test_a_page_of_a_thousand_takes_four_statements(stage: Stage, clock: TestClock) -> None:
    columns = [column.name for column in Member.__table__.columns if column.name != "id"]
    rows = [member(stage.network, number, f"School {number}", clock) for number in range(100, 1_100)]
    for row in rows:
        row.sort_name, row.search_text = fold(row.name), fold(f"{row.name} {row.entity} lakes unified")
    values = [{name: getattr(row, name) for name in columns} for row in rows]
    values = [{**row, "version": 1, "code_tries": 0} for row in values]
    async with stage.database.writing() as session:
        await session.execute(insert(Member), values)
    for order in ORDERS:
        with counted(stage.database) as said:
            async with stage.database.reading() as session:
                page = await list_members(
                    session, stage.network.id, Wanted(order=order, words="school lakes", after=500)
                )
        assert len(page.items) == 50
        assert len([statement for statement in said if statement.startswith("SELECT")]) == 4
