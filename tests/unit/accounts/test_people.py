"""People and the audit log, as those who look after them meet them."""

import re

from nic_node.accounts.actor import SYSTEM
from nic_node.accounts.audit import record_audit
from tests.unit.accounts.conftest import Browser, Node
from tests.unit.accounts.stage import ADA, PASSWORD

LINK = re.compile(r'value="http://127.0.0.1:8000(/(?:invitation|reset)/[^"]+)"')


async def signed_in(node: Node) -> Browser:
    await node.set_up()
    browser = node.new_browser()
    await browser.sign_in("ada@school.example")
    await browser.get("/people")
    return browser


async def version_of(browser: Browser, person_id: int) -> str:
    page = await (await browser.get(f"/people/{person_id}")).text()
    return str(re.findall(r'name="version" value="(\d+)"', page)[0])


async def test_an_invitation_link_is_shown_once_and_works(node: Node) -> None:
    browser = await signed_in(node)
    fields = {"name": "Ben Stone", "email": "ben@school.example", "roles": ["teacher", "coach"]}
    response = await browser.send("/people", fields)
    found = LINK.search(await response.text())
    assert found
    ben = node.new_browser()
    assert (await ben.get(found.group(1))).status == 200
    assert (await ben.send(found.group(1), {"name": "Ben Stone", "password": PASSWORD})).status == 303
    listed = await (await browser.get("/people")).text()
    assert "Coach, Teacher" in listed
    assert LINK.search(listed) is None
    assert (await ben.get("/people")).status == 403


async def test_an_invitation_that_is_not_taken_keeps_what_was_typed(node: Node) -> None:
    browser = await signed_in(node)
    fields = {"name": "Ben Stone", "email": "ada@school.example", "roles": ["teacher"]}
    response = await browser.send("/people", fields)
    text = await response.text()
    assert response.status == 422
    assert "has this e-mail address already" in text
    assert 'value="Ben Stone"' in text
    assert re.search(r'value="teacher" checked', text)
    assert (await browser.send("/people", {"name": "Ben", "email": "ben@school.example"})).status == 422


async def test_roles_are_changed_by_who_may(node: Node) -> None:
    browser = await signed_in(node)
    ben = await node.join("Ben Stone", "ben@school.example", "teacher")
    fields = {"name": "Ben S. Stone", "roles": ["principal"], "version": await version_of(browser, ben)}
    assert (await browser.send(f"/people/{ben}", fields)).status == 303
    changed = await (await browser.get(f"/people/{ben}")).text()
    assert re.search(r'value="principal" checked', changed)
    assert "Ben S. Stone" in changed
    # A principal sees people and does not change them.
    bens = node.new_browser()
    await bens.sign_in("ben@school.example")
    page = await (await bens.get("/people/1")).text()
    assert "Ada Field" in page
    assert 'name="roles"' not in page
    assert (await bens.send("/people/1", fields)).status == 403


async def test_a_stale_form_is_a_conflict_and_keeps_what_was_typed(node: Node) -> None:
    browser = await signed_in(node)
    ben = await node.join("Ben Stone", "ben@school.example", "teacher")
    await browser.get(f"/people/{ben}")
    response = await browser.send(f"/people/{ben}", {"name": "Benny", "roles": ["coach"], "version": "1"})
    text = await response.text()
    assert response.status == 409
    assert "Somebody else changed this person" in text
    assert 'value="Benny"' in text


async def test_an_account_is_closed_and_that_is_undone(node: Node) -> None:
    browser = await signed_in(node)
    ben = await node.join("Ben Stone", "ben@school.example", "teacher")
    await browser.get(f"/people/{ben}")
    await browser.send(f"/people/{ben}/close")
    page = await (await browser.get(f"/people/{ben}")).text()
    assert f'action="/people/{ben}/open"' in page
    assert "Undo" in page
    bens = node.new_browser()
    assert (await bens.sign_in("ben@school.example")).status == 422
    assert (await browser.send(f"/people/{ben}/open")).status == 303
    assert (await bens.sign_in("ben@school.example")).status == 303


async def test_the_only_administrator_stays(node: Node) -> None:
    browser = await signed_in(node)
    assert (await browser.send("/people/1/close")).status == 409
    fields = {"name": "Ada Field", "roles": ["reader"], "version": await version_of(browser, 1)}
    response = await browser.send("/people/1", fields)
    assert response.status == 409
    assert "only administrator" in await response.text()


async def test_links_are_made_anew(node: Node) -> None:
    browser = await signed_in(node)
    await browser.send("/people", {"name": "Ben Stone", "email": "ben@school.example", "roles": ["teacher"]})
    invitation = await (await browser.send("/people/2/invitation")).text()
    assert LINK.search(invitation)
    reset = await (await browser.send("/people/1/reset-link")).text()
    assert "/reset/" in LINK.findall(reset)[0]
    assert (await browser.send("/people/2/reset-link")).status == 409


async def test_nobody_is_a_page_not_found(node: Node) -> None:
    browser = await signed_in(node)
    for path in ("/people/99", "/people/999999999999999"):
        assert (await browser.get(path)).status == 404


async def test_the_audit_log_says_who_what_and_how_it_was_before(node: Node) -> None:
    browser = await signed_in(node)
    await node.join("Ben Stone", "ben@school.example", "teacher")
    await browser.get("/account")
    await browser.send("/account/name", {"name": "Ada Meadow"})
    text = " ".join(re.sub(r"<[^>]+>", " ", await (await browser.get("/audit")).text()).split())
    assert "person renamed (Ada Meadow)" in text
    assert "name: Ada Field → became Ada Meadow" in text
    assert "invitation accepted (Ben Stone)" in text
    bens = await (await browser.get("/audit?by=2")).text()
    assert ("invitation accepted" in bens, "person renamed" in bens) == (True, False)
    assert "Nothing by this person" in await (await browser.get("/audit?by=77")).text()


async def test_the_audit_log_goes_on_from_page_to_page(node: Node) -> None:
    browser = await signed_in(node)
    async with node.database.writing() as session:
        for n in range(120):
            await record_audit(
                session,
                actor=SYSTEM,
                action="thing.changed",
                subject="thing",
                subject_id=f"t{n}",
                before=None,
                after={"n": n, "on": True, "more": {"a": 1}},
                now=node.clock(),
            )
        for n in range(60):
            await record_audit(
                session,
                actor=ADA,
                action="thing.kept",
                subject="kept",
                subject_id=f"k{n}",
                before=None,
                after=None,
                now=node.clock(),
            )
    assert await pages_of(browser, "/audit", r"\((t\d+)\)") == [f"t{n}" for n in reversed(range(120))]
    assert await pages_of(browser, "/audit?by=1", r"\(([tk]\d+)\)") == [f"k{n}" for n in reversed(range(60))]
    assert (await browser.get("/audit?after=x")).status == 200


async def pages_of(browser: Browser, path: str, what: str) -> list[str]:
    """What is found on all pages from this one on."""
    seen: list[str] = []
    while path:
        text = await (await browser.get(path)).text()
        seen += re.findall(what, text)
        following = re.findall(r'rel="next" href="([^"]+)"', text)
        path = following[0].replace("&amp;", "&") if following else ""
    return seen
