"""A school that starts from nothing: a node of its own, the person who sets it up, and what they made so far."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from playwright.async_api import Browser

from nic_node.demo.processes import NodeProcess
from tests.demo.browser.people import Person, someone

NAME, EMAIL = "Ida Falk", "ida.falk@example.org"
SECOND_NAME, SECOND_EMAIL = "Omar Lund", "omar.lund@example.org"
PASSWORD = "a quiet walk by the creek"
DAYS_BEFORE = 46


@dataclass(slots=True, kw_only=True)
class Newcomer:
    """Attributes: school, its name; scripts, whether the browser runs any; project and measure, the paths of their pages."""

    node: NodeProcess
    browser: Browser
    person: Person
    width: int
    scripts: bool
    school: str
    project: str = ""
    measure: str = ""
    draft: str = ""
    membership: str = ""
    link: str = ""

    @property
    def starts_on(self) -> date:
        """A Monday, so long ago that the project has reached day 45."""
        day = date.today() - timedelta(days=DAYS_BEFORE)  # noqa: DTZ011 - the machine's day will do here
        return day - timedelta(days=day.weekday())


@asynccontextmanager
async def newcomer_at(
    browser: Browser, folder: Path, *, school: str, width: int, scripts: bool
) -> AsyncIterator[Newcomer]:
    node = NodeProcess(name=folder.name, data=folder)
    await node.start()
    try:
        async with someone(browser, node.url, width=width, scripts=scripts) as person:
            yield Newcomer(node=node, browser=browser, person=person, school=school, width=width, scripts=scripts)
    finally:
        await node.stop()
