"""Searching, reading and starting practices, on both databases."""

import asyncio
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select

from nic_node.accounts.actor import SYSTEM
from nic_node.commons.adopt import adopt_practice
from nic_node.commons.evidence import evidence_of
from nic_node.commons.my_school import my_share
from nic_node.commons.practice import practice_view
from nic_node.commons.search import Found, Search, newest_practices, search_practices
from nic_node.commons.shelf import Shelf
from nic_node.db.engine import Database
from nic_node.errors import Conflict, InvalidInput, NotFound
from nic_node.mirror.read import living_record
from nic_node.mirror.states import RecordState
from nic_node.mirror.tables import MirrorBlob, MirrorRecord, MirrorTile
from nic_node.school.measures.observe import add_observation
from nic_node.school.measures.read import measures_of_project
from nic_node.school.projects.read import projects_from, steps_of
from nic_node.school.projects.tables import Project
from tests.conftest import TestClock
from tests.fakes.library import TEXTING, Library, described, with_bands
from tests.fakes.mirroring import mirroring

TODAY = date(2026, 10, 27)


@pytest.fixture
async def library(database: Database, clock: TestClock) -> Library:
    opened = Library(database, clock)
    await opened.open()
    return opened


async def found_by(library: Library, **asked: object) -> Found:
    async with library.database.reading() as session:
        return await search_practices(session, Shelf(), Search(**asked), now=library.clock())


def titles(found: Found) -> list[str]:
    return [hit.record.payload["title"] for hit in found.hits]


async def adopt(library: Library, record: str) -> Project:
    async with library.database.writing() as session:
        return await adopt_practice(session, actor=SYSTEM, record_id=record, starts_on=TODAY, now=library.clock())


async def test_both_databases_find_the_same_in_the_same_order(library: Library) -> None:
    await library.add(TEXTING, "ada", context="rural")
    await library.add(described("Calls, not texts", "attendance-outreach"), "ben", context="city")
    await library.add(described("Text the mentor", "mentoring", decision="abandon"), "cem", context="tall")
    await library.add(described("Café con libros: naïve résumé", "advisory"), "dan")

    assert titles(await found_by(library, words="texting")) == [
        TEXTING["title"],
        "Text the mentor",
        "Calls, not texts",
    ]
    assert titles(await found_by(library, words="cafe RESUME")) == ["Café con libros: naïve résumé"]
    assert titles(await found_by(library, words="answ")) == [TEXTING["title"]]
    assert titles(await found_by(library, chosen={"decision": ["abandon"], "idea": ["mentoring", "advisory"]})) == [
        "Text the mentor"
    ]
    found = await found_by(library, words="text", chosen={"idea": ["advisory"]})
    assert (found.total, found.relax) == (0, {"words": 1, "idea": 3})
    assert found.facets["decision"] == {}
    assert (await found_by(library, words="of the")).wordless


async def test_a_practice_is_found_by_the_name_of_what_it_is_about(library: Library) -> None:
    """Its text says neither 'chronic' nor 'tutoring': that is what its problem and its idea are called."""
    bus = described("Walking bus", "transport-support")
    help_at_noon = described("Help at noon", "high-dosage-tutoring")
    help_at_noon["problem"] = {**help_at_noon["problem"], "category": "course-failure", "subject": "math"}
    await library.add(bus, "ada")
    await library.add(help_at_noon, "ben")

    assert titles(await found_by(library, words="chronic absence")) == ["Walking bus"]
    assert titles(await found_by(library, words="chronic absenteeism, a bus")) == ["Walking bus"]
    assert titles(await found_by(library, words="math tutors")) == ["Help at noon"]
    assert titles(await found_by(library, words="noon tutoring")) == ["Help at noon"], "one written, one by name"
    nothing = await found_by(library, words="chronic tutoring zeppelin")
    assert (nothing.total, nothing.fewer) == (0, {}), "of three words no two stand together"
    nothing = await found_by(library, words="chronic tutoring")
    assert (nothing.total, nothing.fewer) == (0, {"tutoring": 1, "chronic": 1})
    nothing = await found_by(library, words="walking chronic zeppelin", chosen={"decision": ["adopt"]})
    assert (nothing.fewer, nothing.relax) == ({"walking chronic": 1}, {"words": 2})
    assert (await found_by(library, words="walking zeppelin", chosen={"decision": ["abandon"]})).fewer == {}
    assert (await found_by(library, words="zeppelin")).fewer == {}
    helped = await found_by(library, words="cronic")
    assert (helped.total, helped.instead) == (0, "chronic")


async def test_only_what_lives_is_found(library: Library) -> None:
    kept = await library.add(TEXTING, "ada")
    gone = await library.add(described("Gone", "advisory"), "ben")
    async with library.database.writing() as session:
        row = await session.scalar(select(MirrorRecord).order_by(MirrorRecord.id.desc()).limit(1))
        assert row is not None
        row.state, row.gone = RecordState.GONE.value, "withdrawn"

    found = await found_by(library)
    assert [hit.record.record_id for hit in found.hits] == [kept]
    assert found.facets["idea"] == {"two-way-texting": 1}
    async with library.database.reading() as session:
        assert [record.record_id for record in await newest_practices(session, now=library.clock())] == [kept]
        with pytest.raises(NotFound, match="took it back"):
            await practice_view(session, gone, now=library.clock())


async def test_a_suspended_member_reads_and_a_former_one_does_not(database: Database, clock: TestClock) -> None:
    for state, readable in (("suspended", 1), ("revoked", 0)):
        library = Library(database, clock)
        library.network.network = f"https://{state}.example"
        library.origin = f"{state}.example/log/1"
        await library.open(state=state)
        await library.add(TEXTING, "ada")
        assert (await found_by(library)).total == readable
        async with database.writing() as session:
            for row in await session.scalars(select(MirrorRecord)):
                row.state = RecordState.GONE.value


async def test_a_practice_brings_its_results(library: Library) -> None:
    practice = await library.add(TEXTING, "ada", context="rural")
    for author, end in (("ben", (20, 25)), ("cem", (25, 30)), ("dan", (35, 40))):
        await library.replicate(practice, with_bands((35, 40), end), author, context="city")

    async with library.database.reading() as session:
        evidence = await evidence_of(session, await living_record(session, practice))

    assert evidence.pool is not None
    assert evidence.pool.k == 4
    assert evidence.pool.pooled is not None
    assert [result.bands["locale"] for result in evidence.results] == ["town-rural", "city", "city", "city"]


async def test_starting_copies_how_to_do_it_and_nothing_of_how_it_went(library: Library) -> None:
    record = await library.add(TEXTING, "ada", context="rural")

    project = await adopt(library, record)

    assert (project.origin_record, project.origin_title) == (record, TEXTING["title"])
    assert (project.state, project.starts_on, project.decision) == ("active", TODAY, None)
    assert project.kept == [0, 1, 2, 3]
    async with library.database.reading() as session:
        steps = await steps_of(session, project.id)
        measures = await measures_of_project(session, project.id)
    assert [step.does for step in steps] == [step["does"] for step in TEXTING["steps"]]
    assert [step.core for step in steps] == [True, True, True, False]
    assert [(measure.vocabulary, measure.window, measure.comparison_of) for measure in measures] == [
        ("absent-10pct-window", "20-school-days", None),
        ("absent-10pct-window", "20-school-days", measures[0].id),
    ]
    assert measures[1].name == f"{measures[0].name}: a group without the change"


async def test_a_practice_runs_once_at_a_time(library: Library) -> None:
    record = await library.add(TEXTING, "ada")

    first = await adopt(library, record)
    with pytest.raises(Conflict):
        await adopt(library, record)
    async with library.database.writing() as session:
        (await session.get_one(Project, first.id)).state = "closed"
    second = await adopt(library, record)

    assert second.id != first.id


async def test_two_who_start_at_once_make_one_project(library: Library) -> None:
    record = await library.add(TEXTING, "ada")

    ended = await asyncio.gather(*(adopt(library, record) for _ in range(4)), return_exceptions=True)

    assert sorted(type(each).__name__ for each in ended) == ["Conflict", "Conflict", "Conflict", "Project"]
    async with library.database.reading() as session:
        assert len(await projects_from(session, record)) == 1


async def test_what_is_no_living_practice_starts_nothing(library: Library) -> None:
    practice = await library.add(TEXTING, "ada")
    replication = await library.replicate(practice, TEXTING, "ben")

    with pytest.raises(InvalidInput):
        await adopt(library, replication)
    for record in (f"{library.origin}#99", "elsewhere.example/log/1#1", "nonsense", ""):
        with pytest.raises(NotFound):
            await adopt(library, record)

    async with library.database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(Project)) == 0


async def test_my_newest_share_tells_where_we_start(library: Library) -> None:
    project = await adopt(library, await library.add(TEXTING, "ada"))
    async with library.database.writing() as session:
        mine, other = await measures_of_project(session, project.id)
        for measure, period, x in ((mine, date(2026, 9, 4), 10), (mine, date(2026, 9, 11), 14), (other, TODAY, 40)):
            await add_observation(
                session,
                actor=SYSTEM,
                measure_id=measure.id,
                period=period,
                given={"x": x, "n": 50},
                now=library.clock(),
                today=library.clock().date(),
            )

    async with library.database.reading() as session:
        assert await my_share(session, "absent-10pct-window") == pytest.approx(0.28)
        assert await my_share(session, "attendance-rate") is None


async def test_a_practice_shows_its_proven_place_in_the_log(
    database: Database, clock: TestClock, tmp_path: Path
) -> None:
    async with mirroring(database, tmp_path, clock) as world:
        index = world.log.publish("ada")
        await world.pull()
        async with database.reading() as session:
            view = await practice_view(session, world.log.record_id(index), now=clock())
        assert view.inclusion is not None
        assert (view.inclusion.index, view.inclusion.size, view.alarm) == (index, index + 1, "")
        assert view.terms[view.record.record_id].year == 2026

        async with database.writing() as session:
            blob = await session.scalar(select(MirrorBlob))
            assert blob is not None
            blob.content = blob.content.replace(b"Morning calls", b"Evening calls")
        async with database.reading() as session:
            view = await practice_view(session, world.log.record_id(index), now=clock())
        assert (view.inclusion, view.alarm) == (None, "blob-hash-wrong")

        async with database.writing() as session:
            for tile in await session.scalars(select(MirrorTile)):
                await session.delete(tile)
        async with database.reading() as session:
            view = await practice_view(session, world.log.record_id(index), now=clock())
        assert (view.inclusion, view.alarm) == (None, "")
