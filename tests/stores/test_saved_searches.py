"""Searches that people keep: theirs alone, told of once a week, read as a feed. On both databases."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from sqlalchemy import select, update

from nic_node.accounts.tables import Person
from nic_node.commons.feed import ATOM, build_feed
from nic_node.commons.saved.digest import next_monday, send_digests
from nic_node.commons.saved.keep import (
    MOST,
    Saved,
    make_feed,
    remove_search,
    save_search,
    saved_by_feed,
    saved_searches,
    set_digest,
)
from nic_node.commons.shelf import Shelf
from nic_node.config import read_config
from nic_node.db.engine import Database
from nic_node.errors import Conflict, InvalidInput, NotFound
from nic_node.mail.states import WAITING
from nic_node.mail.tables import Mail
from nic_node.mirror.erase import erase_contents
from nic_node.mirror.tables import MirrorBlob
from tests.conftest import TestClock
from tests.fakes.library import TEXTING, Library, described
from tests.unit.accounts.stage import first_person, outcomes


@dataclass
class World:
    """A school with two people, and a library with two practices. It stands in for a node where mail is written."""

    library: Library
    config: object
    ada: int
    ben: int = 0

    @property
    def database(self) -> Database:
        return self.library.database

    @property
    def clock(self) -> TestClock:
        return self.library.clock

    async def keep(self, name: str, query: str, *, digest: bool = True, person: int | None = None) -> Saved:
        async with self.database.writing() as session:
            return await save_search(
                session, Shelf(), person_id=person or self.ada, name=name, query=query, has_digest=digest,
                now=self.clock(),
            )  # fmt: skip

    async def mails(self) -> list[Mail]:
        async with self.database.reading() as session:
            return list(await session.scalars(select(Mail).order_by(Mail.id)))


@pytest.fixture
async def world(database: Database, tmp_path: Path, clock: TestClock) -> AsyncIterator[World]:
    ada = await first_person(database, clock)
    library = Library(database, clock)
    await library.open()
    await library.add(TEXTING, "ada", context="rural")
    await library.add(described("Advisory groups", "advisory"), "cem", context="city")
    made = World(library, read_config(tmp_path, {"NIC_PUBLIC_URL": "https://harbor.example"}), ada.id)
    async with database.writing() as session:
        ben = Person(name="Ben", email="ben@school.example", email_key="ben@school.example", created_at=clock(), updated_at=clock(), joined_at=clock())  # fmt: skip
        session.add(ben)
        await session.flush()
        made.ben = ben.id
    return made


async def test_a_search_is_its_owners_alone(world: World) -> None:
    saved = await world.keep(" Texts ", "q=text&grade-band=6-8&page=3&upto=9&sort=newest")
    assert (saved.name, saved.query) == ("Texts", "q=text&grade-band=6-8&sort=newest")
    for name, query in (("", "q=text"), ("x" * 121, ""), ("Odd", "colour=red"), ("Long", "q=" + "x" * 401)):
        with pytest.raises(InvalidInput):
            await world.keep(name, query)
    async with world.database.writing() as session:
        assert await saved_searches(session, world.ben) == []
        for verb in (remove_search, make_feed):
            with pytest.raises(NotFound):
                await verb(session, person_id=world.ben, saved_id=saved.id)
        with pytest.raises(NotFound):
            await set_digest(session, person_id=world.ben, saved_id=saved.id, has_digest=False)
        await set_digest(session, person_id=world.ada, saved_id=saved.id, has_digest=False)
        (kept,) = await saved_searches(session, world.ada)
        assert (kept.has_digest, kept.search.words, list(kept.search.chosen)) == (False, "text", ["grade-band"])
        await remove_search(session, person_id=world.ada, saved_id=saved.id)
        assert await saved_searches(session, world.ada) == []


async def test_two_that_come_at_once_are_both_counted(world: World) -> None:
    for number in range(MOST - 1):
        await world.keep(f"Search {number}", "", digest=False)
    done, raised = await outcomes(world.keep("One", ""), world.keep("Other", ""))
    assert (len(done), [type(error) for error in raised]) == (1, [Conflict])


async def test_once_a_week_its_owner_hears_of_what_came_since(world: World) -> None:
    node = world  # has what a digest asks of a node: database, config, clock
    await world.keep("Texts", "q=text")
    await world.keep("Advisory", "idea=advisory")
    await world.keep("Quiet", "", digest=False)
    await world.keep("Ben's", "idea=home-visits", person=world.ben)
    assert await send_digests(node) == 0  # type: ignore[arg-type]

    for number in range(7):
        await world.library.add(described(f"Text number {number}", "two-way-texting"), f"a{number}")
    await world.library.add(described("Visits & talks <i>", "home-visits"), "b")
    assert await send_digests(node) == 2  # type: ignore[arg-type]
    ada, ben = await world.mails()
    assert (ada.subject, ben.subject) == (
        "7 new practices in the searches you keep",
        "1 new practice in the searches you keep",
    )
    assert "Texts: 7 new practices" in ada.text
    assert ada.text.count("https://harbor.example/learn/practices/") == 5
    assert "All of them: https://harbor.example/learn?q=text&sort=newest" in ada.text
    assert "Advisory" not in ada.text
    assert "Visits &amp; talks &lt;i&gt;" in ben.html
    assert "%23" in ben.text
    assert await send_digests(node) == 0  # type: ignore[arg-type]

    async with world.database.writing() as session:
        (await session.get_one(Person, world.ben)).active = False
    await world.library.add(described("Visits again", "home-visits"), "c")
    assert await send_digests(node) == 0  # type: ignore[arg-type]


async def test_what_is_erased_is_in_no_letter_any_more(world: World) -> None:
    """Sent or held its text goes; one that waits is not sent."""
    for name, query in (("Visits", "idea=home-visits"), ("Texts", "q=text")):
        await world.keep(name, query, person=world.ben if name == "Visits" else world.ada)
    await world.library.add(described("Visits & talks", "home-visits"), "a")
    await world.library.add(described("Text at noon", "two-way-texting"), "b")
    await send_digests(world)  # type: ignore[arg-type]
    adas, bens = await world.mails()
    assert ("Text at noon" in adas.text, "Visits & talks" in bens.text) == (True, True)
    async with world.database.writing() as session:
        await session.execute(update(MirrorBlob).values(is_indexed=False))  # these blobs are none that an index has
        *_, visits, text = await session.scalars(select(MirrorBlob.record_id).order_by(MirrorBlob.record_id))
        await erase_contents(session, [visits], now=world.clock())
        await session.execute(update(Mail).where(Mail.id == adas.id).values(state=WAITING))
    adas, bens = await world.mails()
    assert ("Text at noon" in adas.text, bens.text, bens.html) == (True, "", "")
    async with world.database.writing() as session:
        await erase_contents(session, [text], now=world.clock())
    assert [mail.id for mail in await world.mails()] == [bens.id]


async def test_a_feed_holds_the_newest_and_its_address_can_be_given_up(world: World) -> None:
    saved = await world.keep("Texts & calls", "q=text")
    await world.library.add(described("Text the mentor", "mentoring"), "dan")
    async with world.database.writing() as session:
        first = await make_feed(session, person_id=world.ada, saved_id=saved.id)
        token = await make_feed(session, person_id=world.ada, saved_id=saved.id)
    async with world.database.reading() as session:
        with pytest.raises(NotFound):
            await saved_by_feed(session, first)
        found, owner = await saved_by_feed(session, token)
        body = await build_feed(
            session, Shelf(), found.search, title=found.name, feed_id="https://harbor.example/learn/saved#1",
            address=None, public_url="https://harbor.example", now=world.clock(),
        )  # fmt: skip
    assert owner.id == world.ada
    feed = ET.fromstring(body)
    assert feed.findtext(f"{{{ATOM}}}title") == "Texts & calls"
    entries = feed.findall(f"{{{ATOM}}}entry")
    assert [entry.findtext(f"{{{ATOM}}}title") for entry in entries] == ["Text the mentor", TEXTING["title"]]
    assert entries[1].findtext(f"{{{ATOM}}}summary") == TEXTING["idea"]["summary"]
    assert all(entry.findtext(f"{{{ATOM}}}updated", "").endswith("Z") for entry in entries)
    async with world.database.writing() as session:
        (await session.get_one(Person, world.ada)).active = False
    async with world.database.reading() as session:
        with pytest.raises(NotFound):
            await saved_by_feed(session, token)


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-03-02T05:59:00+00:00", "2026-03-02T11:00:00+00:00"),  # Monday, before six in New York
        ("2026-03-02T11:00:00+00:00", "2026-03-09T10:00:00+00:00"),  # summer time begins on the Sunday between
        ("2026-03-04T12:00:00+00:00", "2026-03-09T10:00:00+00:00"),
    ],
)
def test_monday_morning_is_the_schools(now: str, due: str) -> None:
    assert next_monday(datetime.fromisoformat(now), "America/New_York") == datetime.fromisoformat(due).astimezone(UTC)
