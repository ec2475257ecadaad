"""Finding and filtering on both databases: the same ids in the same order; and erasing that leaves nothing."""

import sqlite3
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest
from sqlalchemy import select, text

from nic_node.commons.search import Search, search_practices
from nic_node.commons.shelf import Shelf
from nic_node.db.engine import Database
from nic_node.db.jobs import Job
from nic_node.mirror.erase import SCOUR, erase_contents, scour
from nic_node.mirror.full_text import ids_with_word
from nic_node.mirror.read import list_living, living_by_ids
from nic_node.mirror.search import find_words, query_words
from nic_node.mirror.tables import MirrorProperties, MirrorRecord
from tests.conftest import TestClock
from tests.fakes.mirroring import Mirroring, mirroring
from tests.fakes.network_log import PRACTICE

PRACTICES = {
    "calls": PRACTICE | {"title": "Morning calls home", "conditions": "Families answer before eight o'clock."},
    "buses": PRACTICE
    | {
        "title": "Buses that wait",
        "decision": "abandon",
        "problem": {"category": "chronic-absence", "grade_bands": ["6-8", "9-12"], "subject": "math"},
        "steps": [{"does": "Ask the driver to wait. 100% of the time", "who": "principal"}],
        "lessons": {"worked": "Calling families was not needed."},
    },
    "desayuno": PRACTICE
    | {
        "title": "Desayuno en el aula: comida caliente",
        "decision": "adapt",
        "conditions": "Niños, Schüler, école, 北京, don't",
        "context": {"lattice_sha256": "", "class": "c1"},
    },
}


@pytest.fixture
async def world(database: Database, tmp_path: Path, clock: TestClock) -> AsyncIterator[Mirroring]:
    async with mirroring(database, tmp_path, clock) as made:
        lattice = next(key for key, document in made.log.documents.items() if document["kind"] == "lattice")
        for name, payload in PRACTICES.items():
            context = {"context": {"lattice_sha256": lattice, "class": "c1"}} if "context" in payload else {}
            made.log.publish("ada", payload=payload | context)
            assert name
        assert (await made.pull()).new_records == 3
        yield made


async def found(world: Mirroring, words: str) -> list[str]:
    async with world.database.reading() as session:
        matches = await find_words(session, words, log_ids=[1])
        records = await living_by_ids(session, matches)
    return [next(name for name, one in PRACTICES.items() if one["title"] == r.payload["title"]) for r in records]


FINDS = {
    "calls": ["buses", "calls"],
    "CALLED": ["buses", "calls"],
    "calling families": ["buses", "calls"],
    "calling families before": ["calls"],
    "famil": ["buses", "calls"],
    "wait": ["buses"],
    "niños": ["desayuno"],
    "ninos schuler": ["desayuno"],
    "ECOLE": ["desayuno"],
    "北京": ["desayuno"],
    "desayuno calls": [],
    "nothing": [],
    "the of and": [],
    "": [],
    "\" OR rowid:1 -- '": [],
    "calls' & !x": [],
    "NOT calls": ["buses"],
    "title:calls": [],
    "wait AND calls*": ["buses"],
}


async def test_words_find_the_same_on_both_databases(world: Mirroring) -> None:
    assert {words: await found(world, words) for words in FINDS} == FINDS


async def test_the_title_is_told_apart_and_filters_hold(world: Mirroring) -> None:
    async with world.database.reading() as session:
        assert [ids.tolist() for ids in await ids_with_word(session, "call")] == [[1, 2], [1]]
        assert [ids.tolist() for ids in await ids_with_word(session, "fam", is_beginning=True)] == [[1, 2], []]
        assert await find_words(session, "calls", log_ids=[2]) == []
        assert await find_words(session, "calls", log_ids=[1], kinds=["question"]) == []
        assert len(await find_words(session, "calls", log_ids=[1], limit=1)) == 1
    assert query_words("calls, called and calling home") == ["call", "home"]
    assert query_words("to the") == []


async def test_facets_count_and_filter(world: Mirroring) -> None:
    async def search(**chosen: list[str]) -> tuple[list[int], Mapping[str, Mapping[str, int]]]:
        asked = Search(chosen={name.replace("_", "-"): values for name, values in chosen.items()}, sort="newest")
        async with world.database.reading() as session:
            found = await search_practices(session, Shelf(), asked, now=world.clock())
        return [hit.record.id for hit in found.hits], found.facets

    everything, counts = await search()
    assert everything == [3, 2, 1]
    assert counts["decision"] == {"adopt": 1, "abandon": 1, "adapt": 1}
    assert counts["grade-band"] == {"6-8": 1, "9-12": 1}
    assert counts["problem"] == {"chronic-absence": 3}
    abandoned, counts = await search(decision=["abandon"])
    assert (abandoned, counts["grade-band"], counts["decision"]["adopt"]) == ([2], {"6-8": 1, "9-12": 1}, 1)
    assert (await search(decision=["abandon", "adapt"], rung=["described"]))[0] == [3, 2]
    assert (await search(decision=["adapt"], grade_band=["6-8"]))[0] == []


async def test_pages_go_from_the_newest_on(world: Mirroring) -> None:
    async with world.database.reading() as session:
        newest = await list_living(session, log_ids=[1], limit=2)
        rest = await list_living(session, log_ids=[1], limit=2, before=newest[-1].id)
    assert [record.index for record in newest + rest] == [14, 13, 12]


async def test_what_was_taken_back_is_found_no_more(world: Mirroring) -> None:
    shelf = Shelf()

    async def counted() -> tuple[int, int]:
        async with world.database.reading() as session:
            found = await search_practices(session, shelf, Search(words="calls"), now=world.clock())
        return found.total, found.shelf

    assert await counted() == (2, 3)
    world.log.append(world.log.retract("ada", 13))
    world.served.gone.add(13)
    await world.pull()

    assert await counted() == (1, 2)
    assert await found(world, "calls") == ["calls"]
    async with world.database.reading() as session:
        assert (
            await session.scalar(select(MirrorProperties.subject).where(MirrorProperties.subject.is_not(None))) is None
        )
        assert await session.scalar(select(Job.kind).where(Job.kind == SCOUR)) == SCOUR
    assert await scour(world.database)
    assert await found(world, "calls") == ["calls"]
    await check_index(world.database)


async def check_index(database: Database) -> None:
    """The index is whole, and says of the erased record nothing."""
    async with database.writing() as session:
        if database.is_sqlite:
            await session.execute(text("INSERT INTO search_index (search_index) VALUES ('integrity-check')"))
        else:
            ids = set(await session.scalars(text("SELECT record_id FROM search_index")))
            living = set(await session.scalars(select(MirrorRecord.id).where(MirrorRecord.state == "living")))
            assert ids == living


async def test_erasing_leaves_no_trace_in_the_files(
    sqlite_database: Database, tmp_path: Path, clock: TestClock
) -> None:
    secret = "zanzibarquux"
    async with mirroring(sqlite_database, tmp_path, clock) as world:
        index = world.log.publish("ada", payload=PRACTICE | {"title": f"Call {secret}", "conditions": secret * 3})
        world.log.publish("ben")
        await world.pull()
        salt = world.log.blobs[index].split(b'"salt":"')[1][:43]
        assert await scour(sqlite_database)
        assert traces(tmp_path, secret.encode(), salt)

        async with sqlite_database.writing() as session:
            await erase_contents(session, [1], now=clock())
        assert await scour(sqlite_database)

        assert not traces(tmp_path, secret.encode(), salt)
        assert not traces(tmp_path, secret[:8].encode())


def traces(folder: Path, *secrets: bytes) -> list[str]:
    """Files of the database that hold one of these."""
    files = [path for path in folder.iterdir() if path.name.startswith("test.sqlite3")]
    assert files
    return [path.name for path in files if any(secret in path.read_bytes() for secret in secrets)]


async def test_scouring_waits_for_a_reader(sqlite_database: Database, tmp_path: Path, clock: TestClock) -> None:
    async with sqlite_database.writing() as session:
        await session.execute(text("CREATE TABLE t (x)"))
    reader = sqlite3.connect(tmp_path / "test.sqlite3", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM t").fetchall()
    async with sqlite_database.writing() as session:
        await session.execute(text("PRAGMA busy_timeout=1"))
        await session.execute(text("INSERT INTO t VALUES (1)"))
    is_done = await scour(sqlite_database)
    reader.close()
    assert (is_done, await scour(sqlite_database)) == (False, True)
