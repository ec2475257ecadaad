"""A person at a browser: opens pages, fills fields by their labels, presses buttons by their words.

Whatever the page complains about meanwhile (console errors, a broken policy, a failed script) is kept and makes
the test fail that asks for it.
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, expect

from nic_node.demo.visitors import PASSWORD

PHONE, DESK = 390, 1280
HEIGHTS = {PHONE: 844, DESK: 900}
WAIT_MS = 30_000
STATUS_ONLY = "Failed to load resource: the server responded with a status of 4"
"""Chromium logs every 4xx page as an error; the tests that want one look at the page itself."""


@dataclass(slots=True, kw_only=True)
class Person:
    """Someone at a node, with a browser window of a width.

    Attributes:
        base: the node's address.
        complaints: what the browser's console said that should not have been said.
    """

    base: str
    page: Page
    complaints: list[str] = field(default_factory=list)

    def taken_complaints(self) -> list[str]:
        """What the browser complained about since this was last asked."""
        taken, self.complaints = self.complaints, []
        return taken

    async def open(self, path: str, *, status: int = 200) -> None:
        """Open an address of the node, and see that it answers with this status."""
        answer = await self.page.goto(self.base + path, wait_until="domcontentloaded")
        assert answer is not None
        assert answer.status == status, f"{path} answered {answer.status}: {(await self.text())[:400]}"

    async def sign_in(self, email: str, password: str = PASSWORD) -> None:
        await self.open("/sign-in")
        await self.fill("E-mail address", email)
        await self.fill("Password", password)
        await self.press("Sign in")

    async def fill(self, label: str, text: str) -> None:
        await self._field(label).fill(text)

    async def choose(self, label: str, option: str) -> None:
        """Choose an option of a list by its words."""
        await self._field(label).select_option(label=option)

    async def pick(self, words: str, *, within: str | None = None) -> None:
        """Pick a radio or checkbox by its words, as a finger does: on the words."""
        around: Locator | Page = self.page
        if within is not None:
            around = self.page.get_by_role("group", name=within)
        await around.locator("label").filter(has_text=re.compile(rf"^\s*{re.escape(words)}")).first.click()

    async def bring(self, label: str, name: str, content: bytes) -> None:
        """Choose a file."""
        await self._field(label).set_input_files(
            {"name": name, "mimeType": "text/csv", "buffer": content}  # type: ignore[arg-type]  # a FilePayload
        )

    async def bring_path(self, label: str, path: Path) -> None:
        """Choose a large file, which then need not travel to the browser in pieces."""
        await self._field(label).set_input_files(path)

    async def press(self, words: str, *, nth: int = 0) -> None:
        """Press a button, and wait for what follows."""
        await self.page.get_by_role("button", name=words).nth(nth).click()
        await self.page.wait_for_load_state("domcontentloaded")

    async def follow(self, words: str, *, exact: bool = False) -> None:
        """Follow a link."""
        link = self.page.get_by_role("link", name=words, exact=exact).locator("visible=true")
        await link.first.click()
        await self.page.wait_for_load_state("domcontentloaded")

    async def text(self) -> str:
        """What stands on the page, folded parts included, in one line."""
        return " ".join((await self.page.locator("body").text_content() or "").split())

    async def sees(self, *words: str) -> None:
        """Fail unless all of this stands on the page, or comes to stand there within the usual wait."""
        await self.page.wait_for_load_state("load")
        for word in words:
            await expect(self.page.locator("body")).to_contain_text(word, timeout=WAIT_MS)

    async def sees_not(self, *words: str) -> None:
        text = await self.text()
        assert [word for word in words if word in text] == [], f"{self.page.url} says what it should not"

    @property
    def path(self) -> str:
        return self.page.url.removeprefix(self.base)

    def _field(self, label: str) -> Locator:
        """The visible field whose label begins with these words; 'optional' and hints may follow."""
        return self.page.get_by_label(label).locator("visible=true").first


def _listen(person: Person) -> None:
    def hear(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(STATUS_ONLY):
            person.complaints.append(f"{person.page.url}: {message.text}")

    person.page.on("console", hear)
    person.page.on("pageerror", lambda error: person.complaints.append(f"{person.page.url}: {error}"))


async def sit_down(context: BrowserContext, base: str) -> Person:
    """A window of this context."""
    person = Person(base=base, page=await context.new_page())
    person.page.set_default_timeout(WAIT_MS)
    _listen(person)
    return person


@asynccontextmanager
async def someone(browser: Browser, base: str, *, width: int = DESK, scripts: bool = True) -> AsyncIterator[Person]:
    """A person with a browser of their own, who leaves at the end without a complaint of the browser."""
    context = await browser.new_context(
        viewport={"width": width, "height": HEIGHTS[width]}, java_script_enabled=scripts, locale="en-US"
    )
    person = await sit_down(context, base)
    yield person
    await context.close()
    assert person.taken_complaints() == []
