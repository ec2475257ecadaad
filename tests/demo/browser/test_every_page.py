"""Every page that a person sees, at desk and phone width: axe finds nothing, nothing scrolls sideways."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from playwright.async_api import Browser

from nic_node.app.routes import all_pages
from nic_node.demo.cast import Cast
from tests.demo.browser.looking import faults_of
from tests.demo.browser.people import Person, someone
from tests.demo.browser.stage import Stage
from tests.demo.browser.stops import NOBODY, OPENED_ELSEWHERE, STOPS, Seen, Stop


class Crowd:
    """One window for each person at each node; they stay signed in."""

    def __init__(self, stack: AsyncExitStack, chromium: Browser, cast: Cast) -> None:
        self._stack, self._chromium, self._cast = stack, chromium, cast
        self._people: dict[tuple[str, str], Person] = {}

    async def at(self, stop: Stop) -> Person:
        key = (stop.node, stop.who)
        if key not in self._people:
            base = stop.school(self._cast).node.url
            person = await self._stack.enter_async_context(someone(self._chromium, base))
            if stop.who != NOBODY:
                await person.sign_in(stop.email())
            self._people[key] = person
        return self._people[key]


@pytest.fixture(scope="package")
async def crowd(chromium: Browser, cast: Cast) -> AsyncIterator[Crowd]:
    async with AsyncExitStack() as stack:
        yield Crowd(stack, chromium, cast)


def test_every_page_is_opened_by_a_browser_test():
    pages = {route.name for route in all_pages() if route.method == "GET" and route.kind == "page"}
    assert pages == STOPS.keys() | OPENED_ELSEWHERE.keys()


@pytest.mark.parametrize("name", STOPS)
async def test_page(name: str, crowd: Crowd, cast: Cast, stage: Stage):
    stop = STOPS[name]
    person = await crowd.at(stop)
    person.taken_complaints()
    for address in (stop.address, *stop.also):
        await person.open(Seen(cast, stage).path(address))
        assert await faults_of(person.page) == []
    assert person.taken_complaints() == []


async def test_a_directory_file_that_is_looked_at(crowd: Crowd, cast: Cast, stage: Stage):
    stop = STOPS["network.directory"]
    person = await crowd.at(stop)
    person.taken_complaints()
    await person.open(Seen(cast, stage).path(stop.address))
    file = {"name": "ccd.csv", "mimeType": "text/csv", "buffer": b"NCESSCH,SCH_NAME\n060001200042,Birch\n1e9,Odd\n"}
    await person.page.set_input_files("input[type=file]", file)
    await person.page.get_by_role("button", name="Look at it").click()
    await person.page.wait_for_url("**/directory/*")
    assert await faults_of(person.page) == []
    assert person.taken_complaints() == []


async def test_a_list_of_schools_that_is_looked_at_and_kept(crowd: Crowd, cast: Cast, stage: Stage):
    stop = STOPS["network.invitees_add"]
    person = await crowd.at(stop)
    person.taken_complaints()
    await person.open(Seen(cast, stage).path(stop.address))
    for text, button in (("Birch", "Look at it"), ("Birch, birch@d.example\nFir, fir@d.example", "Look at it")):
        await person.page.get_by_label("Schools, one a line").fill(text)
        await person.page.get_by_role("button", name=button).click()
        assert await faults_of(person.page) == []
    await person.page.get_by_role("button", name="Add without inviting").click()
    await person.page.wait_for_url("**/invitees")
    await person.sees("2 schools are not invited yet", "birch@d.example")
    assert await faults_of(person.page) == []
    assert person.taken_complaints() == []
