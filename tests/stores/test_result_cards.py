"""Results that were drawn are held, and nothing of them outlives the transaction that erases a record."""

from pathlib import Path

import aiohttp_jinja2
import jinja2
import pytest
from aiohttp import web
from markupsafe import Markup
from sqlalchemy import event, select

from nic_node.commons.result_page import PARTS, Reader, draw_results
from nic_node.commons.search import Search, look_up
from nic_node.commons.shelf import Shelf
from nic_node.db.engine import Database
from nic_node.mirror.erase import erase_contents
from nic_node.mirror.shelf import shelf_changed
from nic_node.mirror.states import RecordState
from nic_node.mirror.tables import MirrorRecord
from nic_node.web.visitor import Visitor
from tests.conftest import TestClock
from tests.fakes.library import TEXTING, Library, with_bands
from tests.unit.commons.conftest import build, describe_mine

READER = Reader(language="en", token=Markup("t" * 43), may_adopt=True, compare_with=Markup("/learn?with="), compared=())


@pytest.fixture
async def library(database: Database, clock: TestClock) -> Library:
    opened = Library(database, clock)
    await opened.open()
    return opened


@pytest.fixture
def parts(database: Database, clock: TestClock, tmp_path: Path) -> jinja2.Template:
    async def nobody(request: web.Request) -> Visitor:
        raise AssertionError("nothing is asked of the application")

    return aiohttp_jinja2.get_env(build(database, clock, tmp_path, nobody)).get_template(PARTS)


async def drawn(library: Library, shelf: Shelf, parts: jinja2.Template) -> str:
    async with library.database.reading() as session:
        found = await look_up(session, shelf, Search(), now=library.clock(), limit=20)
        return await draw_results(session, shelf, found, READER, parts)


async def erase(library: Library, record_id: str) -> None:
    async with library.database.writing() as session:
        await shelf_changed(session)
        index = int(record_id.rpartition("#")[2])
        record = (await session.scalars(select(MirrorRecord).where(MirrorRecord.leaf_index == index))).one()
        record.state, record.gone = RecordState.GONE.value, "withdrawn"
        await session.flush()
        await erase_contents(session, [record.id], now=library.clock())


async def test_what_was_erased_is_in_no_drawing_of_any_process(library: Library, parts: jinja2.Template) -> None:
    await describe_mine(library.database, library.clock)
    practice = await library.add(TEXTING, "ada", context="rural")
    for author in ("ben", "cem", "dan"):
        last = await library.replicate(practice, with_bands((35, 40), (20, 25)), author, context="city")
    one, other = Shelf(), Shelf()  # two processes with one database
    before = await drawn(library, one, parts)
    assert await drawn(library, other, parts) == before
    assert TEXTING["title"] in before
    assert "4 results" in before
    assert READER.token in before
    assert "/learn?with=" in before

    statements: list[str] = []
    engine = library.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", lambda *asked: statements.append(asked[2]))
    assert await drawn(library, one, parts) == before
    assert not [statement for statement in statements if "mirror_blobs" in statement]

    await erase(library, last)
    for shelf in (one, other):
        fewer = await drawn(library, shelf, parts)
        assert "3 results" in fewer
        assert fewer == await drawn(library, Shelf(), parts)

    await erase(library, practice)
    assert [str(await drawn(library, shelf, parts)) for shelf in (one, other)] == ["", ""]


async def test_a_drawing_of_before_is_not_held_for_after(library: Library, parts: jinja2.Template) -> None:
    """A reader who began before the erasing draws what they saw; the shelf has read anew meanwhile."""
    practice = await library.add(TEXTING, "ada")
    for author in ("ben", "cem", "dan"):
        last = await library.replicate(practice, with_bands((35, 40), (20, 25)), author)
    shelf = Shelf()
    async with library.database.reading() as early:
        found = await look_up(early, shelf, Search(), now=library.clock(), limit=20)
        await erase(library, last)
        async with library.database.reading() as late:
            await look_up(late, shelf, Search(), now=library.clock(), limit=20)
        assert "4 results" in await draw_results(early, shelf, found, READER, parts)
    assert "3 results" in await drawn(library, shelf, parts)
