"""The pages of what went wrong, on a node whose insides the test can break: each in plain words, and accessible."""

from collections.abc import AsyncIterator

import pytest
from aiohttp.test_utils import TestServer, unused_port
from playwright.async_api import Browser
from sqlalchemy import text

from nic_node.accounts.attempts import FAILURES_PER_ACCOUNT
from nic_node.accounts.passwords import TEST_COST
from nic_node.accounts.set_up import create_setup_link
from nic_node.app.node import open_node
from nic_node.config import read_config
from nic_node.db.engine import Database
from nic_node.demo.visitors import StepFailed, Visitor
from tests.conftest import TestClock
from tests.demo.browser.looking import faults_of
from tests.demo.browser.newcomer import EMAIL, NAME, PASSWORD
from tests.demo.browser.people import Person, someone
from tests.fakes.forks import show_two_histories

SERVERS_OWN_FAULT = "500 (Internal Server Error)"


@pytest.fixture(scope="module")
async def lead(
    chromium: Browser, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Person, Database, str]]:
    """Somebody signed in, the node's database, and the link that set the node up."""
    port = unused_port()
    config = read_config(tmp_path_factory.mktemp("broken"), {"NIC_PORT": str(port)})
    async with (
        open_node(config, password_cost=TEST_COST) as node,
        TestServer(node.application, port=port) as server,
    ):
        base = str(server.make_url("/")).rstrip("/")
        async with node.local.database.writing() as session:
            link = f"/setup/{(await create_setup_link(session, now=node.local.clock())).token}"
        async with Visitor(base) as setter:
            await setter.submit(link, {"school_name": "Alder", "name": NAME, "email": EMAIL, "password": PASSWORD})
        async with someone(chromium, base) as person:
            await person.sign_in(EMAIL, PASSWORD)
            yield person, node.local.database, link


async def test_a_link_that_was_used(lead: tuple[Person, Database, str]) -> None:
    person, _, link = lead
    answer = await person.page.goto(person.base + link)
    assert answer is not None
    assert answer.status == 409
    assert await faults_of(person.page) == []


async def test_too_many_tries(lead: tuple[Person, Database, str], chromium: Browser) -> None:
    person, _, _ = lead
    wrong = {"email": "nobody@school.example", "password": "not the password at all", "next": ""}
    async with Visitor(person.base) as guesser:
        for _ in range(FAILURES_PER_ACCOUNT):
            with pytest.raises(StepFailed):
                await guesser.submit("/sign-in", wrong)
    async with someone(chromium, person.base) as guest:
        await guest.sign_in(wrong["email"], wrong["password"])
        await guest.sees("There were too many tries")
        assert await faults_of(guest.page) == []


async def test_more_than_a_form_may_send(lead: tuple[Person, Database, str]) -> None:
    person, _, _ = lead
    await person.open("/plan/goals/new")
    await person.page.evaluate("document.querySelector('main [name=title]').removeAttribute('maxlength')")
    await person.page.evaluate("document.querySelector('main [name=title]').value = 'x'.repeat(20 * 1024 * 1024)")
    await person.page.evaluate("HTMLFormElement.prototype.submit.call(document.querySelector('main form'))")
    await person.page.get_by_text("too large").first.wait_for()
    assert await faults_of(person.page) == []


async def test_a_log_that_showed_two_histories(lead: tuple[Person, Database, str], clock: TestClock) -> None:
    person, database, _ = lead
    await show_two_histories(database, clock)
    for path, says in (("/today", "showed two histories"), ("/log", "What happened"), ("/log/forks/1", "2 of 3")):
        await person.open(path)
        await person.sees(says)
        assert await faults_of(person.page) == []
    await person.pick("Follow the network’s new log")
    await person.press("Decide")
    await person.sees("names no log that follows this one yet")
    await person.pick("Keep the history that we have followed")
    await person.press("Decide")
    await person.sees("Your school keeps the history that it has followed")
    assert await faults_of(person.page) == []
    person.taken_complaints()


async def test_a_fault_of_ours(lead: tuple[Person, Database, str]) -> None:
    person, database, _ = lead
    async with database.writing() as session:
        await session.execute(text("ALTER TABLE projects RENAME TO elsewhere"))
    await person.open("/projects", status=500)
    assert await faults_of(person.page) == []
    assert "no such table" not in await person.text(), "what broke inside is for the log, not for the page"
    assert all(SERVERS_OWN_FAULT in complaint for complaint in person.taken_complaints())
