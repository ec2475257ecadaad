"""A library of thousands of practices: both databases find the same in the same order, and memory follows the tables."""

import random

import pytest
from sqlalchemy import select

from nic_node.commons.columns import Columns
from nic_node.commons.rank import SORTS
from nic_node.commons.search import Search, search_practices
from nic_node.commons.shelf import SEARCH_FACETS, Shelf, load_columns
from nic_node.db.engine import Database
from nic_node.demo.corpus.generate import Corpus, CorpusPlan
from nic_node.mirror.erase import erase_contents
from nic_node.mirror.read import mirrored_logs
from nic_node.mirror.search import Postings
from nic_node.mirror.shelf import shelf_changed
from nic_node.mirror.states import RecordState
from nic_node.mirror.tables import MirrorRecord
from tests.conftest import TestClock
from tests.fakes.filled_library import fill_library, open_library

WORDS = (
    "attendance",
    "fractions",
    "texts families",
    "call home",
    "students who",
    "photosynthesis",
    "mentor week",
    "zzz",
)
FOUND: dict[str, dict[int, list[int]]] = {}
"""Database -> query -> ids: what the other database has to find too."""


@pytest.fixture
async def corpus(database: Database, clock: TestClock) -> Corpus:
    made = Corpus(CorpusPlan(schools=60, records=900, seed=11))
    async with database.writing() as session:
        log_id = await open_library(session, made, clock)
    records = made.records()
    await fill_library(database, made, log_id, [next(records) for _ in range(700)])
    made.rest = records  # type: ignore[attr-defined]
    made.log_id = log_id  # type: ignore[attr-defined]
    return made


def searches() -> list[Search]:
    drawn = random.Random(3)
    ideas, decisions = ["two-way-texting", "mentoring", "exit-tickets"], ["adopt", "abandon"]
    return [
        Search(
            words=drawn.choice(WORDS) if drawn.random() < 0.7 else "",
            chosen={"idea": ideas} if drawn.random() < 0.3 else {"decision": decisions} if drawn.random() < 0.5 else {},
            like=drawn.random() < 0.2,
            sort=drawn.choice(list(SORTS)),
            page=drawn.randint(1, 3),
        )
        for _ in range(30)
    ]


async def test_both_databases_find_the_same_ids_in_the_same_order(
    database: Database, corpus: Corpus, clock: TestClock
) -> None:
    shelf = Shelf()
    found: dict[int, list[int]] = {}
    for number, search in enumerate(searches()):
        async with database.reading() as session:
            page = await search_practices(session, shelf, search, now=clock(), limit=20)
        found[number] = [hit.record.id for hit in page.hits]
        assert page.total >= len(page.hits)
    assert sum(map(bool, found.values())) > 20
    FOUND[database.engine.dialect.name] = found
    assert len({str(each) for each in FOUND.values()}) == 1


def same(one: Columns, other: Columns) -> None:
    assert one.ids.tolist() == other.ids.tolist()
    assert one.stands.tolist() == other.stands.tolist()
    assert one.copies_upto(None).tolist() == other.copies_upto(None).tolist()
    assert one.newest == other.newest
    for facet in (*SEARCH_FACETS, "class"):
        held = [[columns.facets[facet].sets[code] for code in columns.facets[facet].codes] for columns in (one, other)]
        assert held[0] == held[1]


async def test_what_is_held_in_memory_follows_what_comes_and_goes(
    database: Database, corpus: Corpus, clock: TestClock
) -> None:
    shelf = Shelf()

    async def held_and_stored() -> tuple[Columns, Columns]:
        async with database.reading() as session:
            logs = await mirrored_logs(session, now=clock())
            return await shelf.columns(session, logs), await load_columns(session, logs)

    before, stored = await held_and_stored()
    same(before, stored)
    assert (await held_and_stored())[0] is before

    await fill_library(database, corpus, corpus.log_id, list(corpus.rest))  # type: ignore[attr-defined]
    grown, stored = await held_and_stored()
    same(grown, stored)
    assert len(grown) > len(before)

    gone = before.ids[:50].tolist()
    async with database.writing() as session:
        await shelf_changed(session)
        for record in await session.scalars(select(MirrorRecord).where(MirrorRecord.id.in_(gone))):
            record.state, record.gone = RecordState.GONE.value, "withdrawn"
        await erase_contents(session, gone, now=clock())
    smaller, stored = await held_and_stored()
    same(smaller, stored)
    assert len(smaller) == len(grown) - 50


async def test_words_are_held_within_their_bytes(database: Database, corpus: Corpus) -> None:
    async with database.reading() as session:
        everything = Postings()
        student = await everything.of(session, "student")
        assert len(student.ids) > 300
        small = Postings(most_bytes=student.bytes)
        for word in ("student", "week", "nobody", "student"):
            one, other = await small.of(session, word), await everything.of(session, word)
            assert (one.ids.tolist(), one.titles.tolist()) == (other.ids.tolist(), other.titles.tolist())
            assert small.bytes <= student.bytes
        assert (await everything.of(session, "student")) is student
