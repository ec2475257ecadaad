"""What people see when something does not work: a page in plain words, and what they typed is still there."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, expect

from nic_node.demo.cast import LEADS, REVIEWERS, Cast, email_of
from tests.demo.browser.looking import faults_of
from tests.demo.browser.people import Person, sit_down, someone
from tests.demo.browser.stage import Stage

FIFTY_MIB = 50 * 1024 * 1024


@pytest.fixture
async def lead(chromium: Browser, cast: Cast) -> AsyncIterator[Person]:
    async with someone(chromium, cast.schools["harbor"].node.url) as person:
        await person.sign_in(email_of(LEADS["harbor"]))
        yield person


async def test_nothing_is_here(lead: Person):
    await lead.open("/no/such/page", status=404)
    await lead.sees("Nothing is here", "The address may be mistyped")
    assert await faults_of(lead.page) == []


async def test_not_yours_to_do(chromium: Browser, cast: Cast):
    async with someone(chromium, cast.schools["harbor"].node.url) as reviewer:
        await reviewer.sign_in(email_of(REVIEWERS["harbor"]))
        await reviewer.open("/projects/new", status=403)
        await reviewer.sees("This is not yours to do", "An administrator of your school can change that")
        assert await faults_of(reviewer.page) == []


async def test_a_form_without_its_token_is_refused(lead: Person):
    await lead.open("/plan/goals/new")
    await lead.fill("Leading indicator", "Books taken home")
    await lead.page.evaluate("document.querySelectorAll('main [name=csrf_token]').forEach(it => it.remove())")
    async with lead.page.expect_navigation():
        await lead.page.evaluate("document.querySelector('main form').submit()")
    await lead.sees("Send it once more", "Books taken home")
    assert await faults_of(lead.page) == []
    await lead.press("Send it now")
    await lead.sees("One thing to put right")
    field = lead.page.get_by_label("Leading indicator")
    assert await field.input_value() == "Books taken home", "nothing typed is lost"


async def test_two_windows_do_not_overwrite_each_other(lead: Person, stage: Stage):
    second = await sit_down(lead.page.context, lead.base)
    at = f"/projects/{stage.running}/midway"
    await lead.open(at)
    await second.open(at)
    await lead.fill("What you saw, and what you change", "The first window")
    await lead.press("Keep it")
    await second.fill("What you saw, and what you change", "The second window")
    await second.press("Keep it")
    await second.sees("to put right")
    field = second.page.get_by_label("What you saw, and what you change")
    assert await field.input_value() == "The second window", "nothing typed is lost"
    assert await faults_of(second.page) == []
    assert second.taken_complaints() == []


async def open_fold(card: Locator) -> None:
    """Notes, decision and action item of an item that does not run."""
    fold = card.locator("details", has=card.page.get_by_label("Notes"))
    await fold.evaluate("fold => { fold.open = true }")


async def test_two_who_record_one_meeting_lose_nothing(lead: Person, chromium: Browser, stage: Stage):
    at, item = f"/meetings/{stage.rooms['meeting']}", stage.rooms["item"]
    async with someone(chromium, lead.base) as other:
        await other.sign_in(email_of(LEADS["harbor"]))
        await lead.open(at)
        await other.open(at)
        for person, words in ((lead, "His: ask the city"), (other, "Hers: the city says no")):
            card = person.page.locator(f"#item-{item}")
            await open_fold(card)
            await card.get_by_label("Notes").fill(words)
        # Whoever keeps a decision has not kept the notes beside it: they stand there all the same.
        card = lead.page.locator(f"#item-{item}")
        await card.get_by_label("Decision").fill("We ask the city")
        await card.get_by_role("button", name="Keep", exact=True).click()
        await expect(card).to_contain_text("Decided: We ask the city")
        await expect(card.get_by_label("Notes")).to_have_value("His: ask the city")
        theirs = other.page.locator(f"#item-{item}")
        await theirs.get_by_role("button", name="Keep the notes").click()
        await other.sees("The notes are kept.", "We ask the city")
        # Hers came first, while his stood unsaved over an earlier version: he sees both.
        await card.get_by_role("button", name="Keep the notes").click()
        await lead.sees("Saved meanwhile:", "Hers: the city says no")
        await expect(card.get_by_label("Notes")).to_have_value("His: ask the city")
        assert await faults_of(lead.page) == []
        await card.get_by_role("button", name="Keep the notes").click()
        await lead.sees("The notes are kept.")
        # The line is down: what was sent in vain is still there for whoever goes back.
        await lead.page.context.set_offline(True)
        await open_fold(card)
        await card.get_by_label("Decision").fill("Ms. Roa writes the letter")
        await card.get_by_role("button", name="Keep", exact=True).click()
        await lead.page.wait_for_url("chrome-error://chromewebdata/")
        await lead.page.context.set_offline(False)
        await lead.page.go_back()
        await expect(card.get_by_label("Decision")).to_have_value("Ms. Roa writes the letter")


async def test_a_file_that_is_too_large(lead: Person, stage: Stage, tmp_path: Path):
    large = tmp_path / "large.csv"
    large.write_bytes(b"date,percent\n" + b"2026-10-01,91\n" * (FIFTY_MIB // 14))
    await lead.open(f"/measures/{stage.measure}/import")
    await lead.page.get_by_text("Which column is what").click()
    await lead.fill("Note", "remarks")
    await lead.bring_path("A CSV or XLSX file", large)
    await lead.press("Look at it first")
    await lead.sees("This file is larger than 16 MB. Split it by month")
    assert await lead.page.locator("#f-column_note").input_value() == "remarks", "nothing typed is lost"
