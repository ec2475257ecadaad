"""Two schools that don't know each other: one asks from a practice's page, the other answers, each with two people."""

from collections.abc import Awaitable, Callable
from urllib.parse import quote

from playwright.async_api import Browser

from nic_node.demo.cast import LEADS, REVIEWERS, Cast, email_of, eventually
from nic_node.demo.sharing import CONFIRMATION, bring_roster
from tests.demo.browser.looking import faults_of
from tests.demo.browser.people import PHONE, Person, someone

QUESTION = "Who reads the replies in the evening?"
ANSWER = "The aide does, until six. Nobody after that."


def shows(person: Person, path: str, words: str) -> Callable[[], Awaitable[bool]]:
    async def look() -> bool:
        await person.open(path)
        return words in await person.text()

    return look


async def sign(chromium: Browser, cast: Cast, school: str, words: str) -> None:
    """The second person finds it on Today, reads it, and lets it leave."""
    async with someone(chromium, cast.schools[school].node.url, width=PHONE) as second:
        await second.sign_in(email_of(REVIEWERS[school]))
        await second.open("/today")
        await second.follow(words)
        await second.sees(words, "As readers see it", "Nothing was found")
        assert await faults_of(second.page) == []
        await second.pick("No", within="Could a colleague, a parent or a local reporter name anyone?")
        await second.fill("To approve, type", CONFIRMATION)
        await second.press("Approve and publish")


async def send(person: Person) -> None:
    await person.press("See what would leave")
    await person.sees("Nothing has left")
    await person.press("Send to a second person")


async def test_a_school_asks_and_the_author_answers(chromium: Browser, cast: Cast) -> None:
    asker, author = cast.schools["cedar"], cast.schools["harbor"]
    practice = f"/learn/practices/{quote(author.record, safe='/:')}"
    await bring_roster(asker)
    async with someone(chromium, asker.node.url, width=PHONE) as lead:
        await lead.sign_in(email_of(LEADS["cedar"]))
        await lead.open(practice)
        await lead.follow("Ask", exact=True)
        await lead.fill("Your question", QUESTION)
        await send(lead)
        await sign(chromium, cast, "cedar", QUESTION)

        async with someone(chromium, author.node.url, width=PHONE) as other:
            await other.sign_in(email_of(LEADS["harbor"]))
            await eventually("Today tells of the question", shows(other, "/today", QUESTION))
            await other.sees("A school asks")
            await other.follow(QUESTION)
            await other.fill("Your answer", ANSWER)
            await send(other)
        await sign(chromium, cast, "harbor", ANSWER)

        await eventually("Today tells of the answer", shows(lead, "/today", "Your question was answered"))
        await eventually("the answer stands under the question", shows(lead, practice, ANSWER))
        await lead.open("/today")
        await lead.follow(QUESTION)
        await lead.sees(ANSWER, "the school that shared it answers", "flag it")
        assert await faults_of(lead.page) == []
