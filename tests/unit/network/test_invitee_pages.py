"""The list of schools to invite and the network's mail, as a coordinator and a program meet them."""

import re
from typing import Any

import pytest

from tests.unit.accounts.conftest import Browser
from tests.unit.network.people_stage import StagedNode, found

LIST = "/network/1/invitees"
GOOD = "Oak <b>School,oak@d.example\nElm School,elm@d.example"


async def text_of(response: Any) -> str:
    return str(await response.text())


@pytest.fixture
async def browser(coordinator: StagedNode) -> Browser:
    await found(coordinator)
    return await coordinator.signed_in()


async def pasted(browser: Browser, text: str, step: str = "look") -> Any:
    await browser.get(f"{LIST}/add")
    return await browser.send(f"{LIST}/add", {"list": text, "step": step})


async def test_a_list_is_looked_at_then_added_and_everybody_gets_a_letter(
    coordinator: StagedNode, browser: Browser
) -> None:
    assert "No list yet" in await text_of(await browser.get(LIST))
    looked = await pasted(browser, GOOD)
    assert looked.status == 200
    shown = await text_of(looked)
    assert "2 schools are new" in shown
    assert "Oak &lt;b&gt;School" in shown
    assert "No list yet" in await text_of(await browser.get(LIST))
    added = await pasted(browser, GOOD, "send")
    assert (added.status, added.headers["Location"]) == (303, LIST)
    assert "Being written" in await text_of(await browser.get(LIST))
    await coordinator.work()
    assert "Elm School" not in await text_of(await browser.get("/network/1/invite"))
    listed = await text_of(await browser.get(LIST))
    assert "The message" in listed
    assert "no mail server" in listed
    mail = await text_of(await browser.get("/network/1/mail/1"))
    assert "invites Oak &lt;b&gt;School" in mail
    assert re.search(r"/net/[\w-]+/join#", mail)
    await browser.send("/network/1/mail/1", {"act": "sent"})
    assert "/join#" not in await text_of(await browser.get("/network/1/mail/1"))
    listed = await text_of(await browser.get(LIST + "?state=sent"))
    assert "Oak &lt;b&gt;School" in listed
    assert "Elm School" not in listed


async def test_a_bad_line_is_shown_beside_what_was_typed_and_nothing_is_added(browser: Browser) -> None:
    refused = await pasted(browser, GOOD + "\nAsh", "send")
    assert refused.status == 422
    shown = await text_of(refused)
    assert "One line needs another look" in shown
    assert "There is no e-mail address on this line." in shown
    assert "Elm School,elm@d.example" in shown
    assert "No list yet" in await text_of(await browser.get(LIST))
    assert (await pasted(browser, "")).status == 422
    assert "Elm School,elm@d.example" in await text_of(await pasted(browser, GOOD, "change"))


async def test_acts_on_one_and_on_all(coordinator: StagedNode, browser: Browser) -> None:
    await pasted(browser, GOOD, "keep")
    assert "2 schools are not invited yet" in await text_of(await browser.get(LIST))
    await browser.send(f"{LIST}/1", {"act": "declined"})
    assert "Said no" in await text_of(await browser.get(LIST))
    await browser.send(f"{LIST}/all", {"act": "invite"})
    await coordinator.work()
    assert (await browser.send(f"{LIST}/1", {"act": "remind"})).status == 303
    assert "Look at the list anew" in await text_of(await browser.get(LIST))
    await browser.send(f"{LIST}/all", {"act": "off"})
    assert "Switch on" in await text_of(await browser.get(LIST))
    await browser.send(f"{LIST}/1", {"act": "burn"})
    await browser.send(f"{LIST}/all", {"act": "burn"})
    assert (await browser.send(f"{LIST}/99", {"act": "removed"})).status == 404
    await browser.send(f"{LIST}/all", {"act": "remind"})
    assert "There is nobody to write to" in await text_of(await browser.get(LIST))


async def test_the_same_as_json(coordinator: StagedNode, browser: Browser) -> None:
    await browser.get(LIST)
    refused = await browser.call("POST", "/networks/1/invitees", {"list": "Ash\nElm School,elm@d.example"})
    assert refused.status == 422
    assert (await refused.json())["fields"]["list"][0].startswith("1: ")
    added = await browser.call("POST", "/networks/1/invitees", {"list": GOOD})
    assert (added.status, await added.json()) == (201, {"added": 2, "listed": 0, "here": 0})
    await coordinator.work()
    listed = await (await browser.call("GET", "/networks/1/invitees?q=elm")).json()
    assert [(item["name"], item["state"]) for item in listed["items"]] == [("Elm School", "unsent")]
    assert (await browser.call("POST", "/networks/1/invitees/2/act", {"act": "removed"})).status == 204
    assert await (await browser.call("POST", "/networks/1/invitees/remind")).json() == {"schools": 0}
    assert await (await browser.call("POST", "/networks/1/invitees/send")).json() == {"schools": 0}
    assert (await (await browser.call("PUT", "/networks/1/invitees/reminders", {"reminds": False})).json()) == {
        "reminds": False
    }
    assert (await (await browser.call("GET", "/networks/1/invitees/reminders")).json()) == {"reminds": False}
    mails = await (await browser.call("GET", "/networks/1/mails?state=held")).json()
    assert {item["event"] for item in mails["items"]} == {"invited"}
    assert (await browser.call("GET", "/networks/2/mails")).status == 404


async def test_another_networks_mail_is_not_to_be_had(coordinator: StagedNode, browser: Browser) -> None:
    await pasted(browser, GOOD, "send")
    await coordinator.work()
    await browser.get("/network/found")
    fields = {"slug": "south", "name": "South", "purpose": "Together."}
    assert (await browser.send("/network/found", fields)).status == 303
    assert (await browser.get("/network/2/mail/1")).status == 404
    assert "No e-mail yet" in await text_of(await browser.get("/network/2/mail"))
    assert (await browser.send("/network/2/mail/1", {"act": "sent"})).status == 404
