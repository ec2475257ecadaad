"""Outgoing mail on its page and as JSON, as an administrator meets it on a node without a mail server."""

import re

from tests.unit.accounts.conftest import Browser, Node
from tests.unit.accounts.test_people import signed_in

BEN = {"name": "Ben <b>Stone", "email": "ben@school.example", "roles": ["teacher"]}


async def with_invitation(node: Node) -> Browser:
    browser = await signed_in(node)
    await browser.send("/people", BEN)
    return browser


async def test_who_is_invited_gets_a_letter_that_can_be_copied(node: Node) -> None:
    browser = await with_invitation(node)
    listed = await (await browser.get("/mail")).text()
    assert "Ada Field invites you" in listed
    assert "no mail server" in listed
    page = await (await browser.get("/mail/1")).text()
    link = re.search(r"http://127.0.0.1:8000(/invitation/\S+)", page)
    assert link
    assert "Hello Ben &lt;b&gt;Stone," in page
    assert (await node.new_browser().get(link[1])).status == 200


async def test_what_was_sent_by_hand_no_longer_shows_its_link(node: Node) -> None:
    browser = await with_invitation(node)
    await browser.get("/mail/1")
    assert (await browser.send("/mail/1", {"act": "burn"})).status == 303
    assert (await browser.send("/mail/1", {"act": "sent"})).headers["Location"] == "/mail/1"
    page = await (await browser.get("/mail/1")).text()
    assert "/invitation/" not in page
    assert "mail sent by hand" in await (await browser.get("/audit")).text()


async def test_without_a_server_nothing_is_promised(node: Node) -> None:
    browser = await with_invitation(node)
    assert "Send them all" not in await (await browser.get("/mail")).text()
    await browser.send("/mail/all/send")
    assert "no mail server" in await (await browser.get("/mail")).text()
    assert (await (await browser.call("POST", "/mails/1/send")).json())["status"] == 409


async def test_only_administrators_read_it(node: Node) -> None:
    await with_invitation(node)
    await node.join("Ora Lind", "ora@school.example", "principal")
    other = node.new_browser()
    await other.sign_in("ora@school.example")
    assert (await other.get("/mail")).status == 403
    assert (await other.call("GET", "/mails/1")).status == 403


async def test_the_same_as_json(node: Node) -> None:
    browser = await with_invitation(node)
    listed = await (await browser.call("GET", "/mails?state=held")).json()
    assert [(item["id"], item["to_address"]) for item in listed["items"]] == [(1, "ben@school.example")]
    assert listed["counts"]["held"] == 1
    assert "/invitation/" in (await (await browser.call("GET", "/mails/1")).json())["text"]
    settled = await (await browser.call("POST", "/mails/1/sent")).json()
    assert (settled["state"], settled["text"]) == ("sent", "")
    assert (await browser.call("POST", "/mails/1/sent")).status == 409
    assert (await browser.call("GET", "/mails/9")).status == 404
    assert (await browser.call("GET", "/mails?state=lost")).status == 422


async def test_an_empty_desk_says_what_comes_here(node: Node) -> None:
    browser = await signed_in(node)
    assert "No e-mail yet" in await (await browser.get("/mail")).text()
    assert (await browser.get("/mail?state=lost&after=x")).status == 200
