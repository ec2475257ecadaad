"""On a phone: a shared practice is corrected and its page tells of both versions; a flagged one goes by quorum."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser

from nic_node.db.engine import Database
from nic_node.network.coordinators import add_coordinator
from schemas.ids import build_record_id
from tests.conftest import TestClock
from tests.demo.browser.looking import faults_of
from tests.demo.browser.people import PHONE, Person, someone
from tests.fakes.network_log import PRACTICE
from tests.stores.publishing_stage import publishing_world
from tests.unit.accounts.stage import ADA, PASSWORD, join
from tests.unit.network.log.served import served_stage
from tests.unit.network.log.stage import SLOT
from tests.unit.network.people_stage import running_node
from tests.unit.publishing.conftest import Site, running_site

NEW_WORDS = "Students started within two minutes."
BEN = "ben@school.example"
TELLING = PRACTICE | {"lessons": {"worked": "The only family from abroad in grade 7 asked for the list."}}


@asynccontextmanager
async def on_a_phone(chromium: Browser, base: str, number: int) -> AsyncIterator[Person]:
    """Somebody whom the site knows by a header."""
    async with someone(chromium, base, width=PHONE) as person:
        await person.page.set_extra_http_headers({"X-Person": str(number)})
        yield person


async def looks_well(person: Person) -> None:
    assert await faults_of(person.page) == []
    await person.page.set_viewport_size({"width": PHONE, "height": 844})


async def test_a_practice_is_corrected_and_its_page_tells_of_both_versions(
    chromium: Browser, sqlite_database: Database, tmp_path: Path, clock: TestClock
) -> None:
    async with publishing_world(sqlite_database, tmp_path, clock) as world, running_site(world) as site:
        await world.open_epoch()
        await world.approved()
        await world.slot()
        base = str(site.ada.client.make_url("")).rstrip("/")
        async with on_a_phone(chromium, base, 1) as ada, on_a_phone(chromium, base, 2) as ben:
            await prepare_correction(ada)
            await sign(ben)
            for _ in range(2):
                await world.slot()
            await ada.open("/share")
            await ada.follow("Advisory homework start")
            await ada.sees("This is version 2.", "final")
            await looks_well(ada)
            await ada.follow("As others read it")
            await ada.sees(NEW_WORDS, "Versions", "version 1 of 2", "version 2 of 2", "that it was corrected stays")
            await ada.sees_not("Students started at once.")
            await looks_well(ada)
        await flag_a_practice(chromium, site, base)


async def prepare_correction(ada: Person) -> None:
    await ada.open("/share")
    await ada.follow("Advisory homework start")
    await ada.press("Correct it")
    await ada.sees("What would take its place", "Others read the earlier version", "Students started at once.")
    await looks_well(ada)
    row = ada.page.locator(".ba").filter(has_text="Students started at once.")
    await row.get_by_role("link", name="Reword").click()
    await ada.fill("The words that leave", NEW_WORDS)
    await ada.press("Use these words")
    await ada.press("Send to a second person")
    await ada.sees("With a second person")


async def sign(ben: Person) -> None:
    await ben.open("/share")
    await ben.follow("Advisory homework start")
    await ben.sees("You decide what leaves", NEW_WORDS)
    await looks_well(ben)
    await ben.press("Rewritten")
    await ben.sees("none open")
    await ben.pick("No", within="Could a colleague, a parent or a local reporter name anyone?")
    await ben.fill("To approve, type", "nobody can be named")
    await ben.press("Approve and publish")
    await ben.sees("On its way")


async def flag_a_practice(chromium: Browser, site: Site, base: str) -> None:
    """What is flagged waits for its slot, and the page says who will see what."""
    log = site.world.network.log
    index = log.publish("ada")
    await site.world.pull()
    async with on_a_phone(chromium, base, 1) as ada:
        await ada.open("/learn/practices/" + log.record_id(index).replace("#", "%23"))
        await ada.follow("Something is wrong with it: flag it")
        await ada.sees("every member’s node gets it, also that of the school which wrote this")
        await looks_well(ada)
        await ada.pick("Wrong data")
        await ada.press("Flag it")
        await ada.sees("Your school flagged this", "taken back now, nothing ever does")
        await looks_well(ada)


async def test_a_flagged_record_goes_when_two_coordinators_say_so(
    chromium: Browser, sqlite_database: Database, tmp_path: Path, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running_node(sqlite_database, clock, tmp_path) as node:
        stage = (await served_stage(node, monkeypatch, approvals_required=2)).stage
        await join(sqlite_database, clock, BEN, "teacher", name="Ben Stone")
        async with sqlite_database.writing() as session:
            given = {"network_id": stage.network.id, "email": BEN, "now": clock()}
            await add_coordinator(session, actor=ADA, **given)
        await stage.open_epoch()
        target = build_record_id((await stage.log()).origin, await stage.publish("ada", TELLING))
        for name in ("ben", "cem"):
            flag = stage.record(name, {"target": target, "code": "identifies-someone"}, kind="flag")
            await stage.submit(flag.leaf, flag.blob)
        stage.clock.forward(seconds=SLOT)
        await stage.sequence()

        base = node.local.config.public_url
        async with someone(chromium, base, width=PHONE) as ada, someone(chromium, base, width=PHONE) as ben:
            await propose(ada)
            await ben.sign_in(BEN, PASSWORD)
            await ben.open("/network/1/moderation")
            await ben.sees("proposed by Ada Field", "1 of 2")
            await looks_well(ben)
            await ben.press("Say yes too")
            await ben.sees("No flag waits", "Decided", "Ada Field, Ben Stone")
            await looks_well(ben)
        await stage.sequence()
        assert (await stage.log()).signed_size > 0


async def propose(ada: Person) -> None:
    await ada.sign_in("ada@school.example", PASSWORD)
    await ada.open("/network/1/moderation")
    await ada.sees(
        "The only family from abroad", "Flagged by 2 pseudonyms", "A person or a school could be recognized."
    )
    await looks_well(ada)
    card = ada.page.locator("details").filter(has_text="Its content is erased here and on every member").first
    await card.locator("summary").click()
    await card.get_by_label("Reason").select_option(label="Identifies someone")
    await card.get_by_role("button", name="Propose to take it down").click()
    await ada.sees("waiting for another coordinator", "Take my yes back")
    await looks_well(ada)
