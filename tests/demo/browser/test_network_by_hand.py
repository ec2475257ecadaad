"""A coordinator's beginning by hand: a network is founded, schools are invited, and its first term is announced.

On a node of its own, twice: on a phone, and at a desk with JavaScript switched off.
"""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser

from nic_node.demo.visitors import Visitor
from schemas.membership import read_invitation
from tests.demo.browser.applicants import admit
from tests.demo.browser.looking import faults_of
from tests.demo.browser.newcomer import EMAIL, NAME, PASSWORD, Newcomer, newcomer_at
from tests.demo.browser.people import DESK, PHONE

WAYS = {"phone": (PHONE, True), "desk-without-scripts": (DESK, False)}
LOOKS = 40
"""How often a page is loaded again until the members stand in the log."""
EMPTY_PAGES = ("/today", "/plan", "/projects", "/measures", "/learn", "/share", "/network", "/log")


@pytest.fixture(scope="module", params=WAYS)
async def founder(
    request: pytest.FixtureRequest, chromium: Browser, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Newcomer]:
    width, scripts = WAYS[request.param]
    folder = tmp_path_factory.mktemp(f"hub-{request.param}")
    async with newcomer_at(chromium, folder, school="Lakes Hub", width=width, scripts=scripts) as arrived:
        path = str(arrived.node.setup_url).removeprefix(arrived.node.url)
        async with Visitor(arrived.node.url) as setter:
            who = {"school_name": arrived.school, "name": NAME, "email": EMAIL, "password": PASSWORD}
            await setter.submit(path, who)
        await arrived.person.sign_in(EMAIL, PASSWORD)
        yield arrived


async def looks_well(founder: Newcomer) -> None:
    """Axe and the layout, where axe can run; the window is as wide as before afterwards."""
    if founder.scripts:
        assert await faults_of(founder.person.page) == []
        await founder.person.page.set_viewport_size({"width": founder.width, "height": 844})


@pytest.mark.parametrize("path", EMPTY_PAGES)
async def test_a_page_without_anything_on_it_teaches(founder: Newcomer, path: str) -> None:
    await founder.person.open(path)
    await looks_well(founder)


async def test_founding_loses_nothing_that_was_typed(founder: Newcomer) -> None:
    person = founder.person
    await person.open("/network")
    await person.follow("Found a network")
    await person.fill("Schools", "9")
    await person.press("Propose numbers")
    await person.fill("Short name", "Lakes Hub!")
    await person.fill("Name of the network", "Lakes Improvement Hub")
    await person.fill("What it is for", "Fewer absences, together.")
    await person.fill("Schools that a term needs", "2")
    await person.press("Found the network")
    await person.sees("to put right")
    await looks_well(founder)
    assert await person.page.get_by_label("What it is for").input_value() == "Fewer absences, together."
    await person.fill("Short name", "lakes")
    await person.fill("Schools that a term needs", "3")
    await person.press("Found the network")
    await person.sees("Lakes Improvement Hub")
    await looks_well(founder)


async def test_an_invitation_is_made_and_pins_the_network(founder: Newcomer) -> None:
    person = founder.person
    await person.open("/network/1/invite")
    await person.fill("Works for", "0")
    await person.fill("For how many schools", "5")
    await person.press("Make the link")
    await person.sees("to put right")
    await looks_well(founder)
    await person.fill("Works for", "7")
    await person.press("Make the link")
    await person.sees("Copy it now: it is shown once")
    await looks_well(founder)
    founder.link = (await person.page.get_by_label("Invitation link").input_value()).strip()
    assert read_invitation(founder.link)["network"] == f"{founder.node.url}/net/lakes"


async def test_the_first_term_is_announced_when_enough_schools_are_in(founder: Newcomer) -> None:
    person = founder.person
    await person.open("/network/1/epochs")
    await person.sees("No epoch yet", "more members")
    async with Visitor(founder.node.url) as lead:
        await lead.submit("/sign-in", {"email": EMAIL, "password": PASSWORD, "next": ""})
        await lead.make_token()
        await admit(lead, 1, founder.link, 3)
    announce = person.page.get_by_role("button", name="Announce epoch 1")
    for _ in range(LOOKS):
        await person.open("/network/1/epochs")
        if await announce.count():
            break
        await person.page.wait_for_timeout(500)
    await person.press("Announce epoch 1")
    await person.sees("Epoch 1", "0 of 3", "needs 3 to open", "Who has a credential")
    await looks_well(founder)
