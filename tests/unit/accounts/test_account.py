"""One's own account, as its owner meets it."""

import re

from tests.unit.accounts.conftest import Browser, Node
from tests.unit.accounts.stage import PASSWORD

TOKEN = re.compile(r'value="(nic_[^"]+)"')
BEARER = {"Accept": "text/html"}


async def signed_in(node: Node) -> Browser:
    await node.set_up()
    browser = node.new_browser()
    await browser.sign_in("ada@school.example")
    await browser.get("/account")
    return browser


async def make_token(browser: Browser, *scopes: str) -> str:
    response = await browser.send(
        "/account/tokens", {"token_name": "Weekly import", "scopes": list(scopes), "days": "30"}
    )
    found = TOKEN.search(await response.text())
    assert found
    return found.group(1)


async def test_a_name_is_changed_and_shown(node: Node) -> None:
    browser = await signed_in(node)
    response = await browser.send("/account/name", {"name": "Ada Meadow"})
    assert response.headers["Location"] == "/account"
    text = await (await browser.get("/account")).text()
    assert "Ada Meadow" in text
    assert "Your name was saved." in text
    assert (await browser.send("/account/name", {"name": ""})).status == 422


async def test_another_session_is_seen_and_ended(node: Node) -> None:
    browser, other = await signed_in(node), node.new_browser()
    await other.sign_in("ada@school.example")
    text = await (await browser.get("/account")).text()
    (path,) = re.findall(r'action="(/account/sessions/\d+/end)"', text)
    assert (await browser.send(path)).status == 303
    assert (await other.get("/account")).status == 303
    assert (await browser.send(path)).status == 404


async def test_a_password_is_changed(node: Node) -> None:
    browser, other = await signed_in(node), node.new_browser()
    await other.sign_in("ada@school.example")
    wrong = await browser.send("/account/password", {"current": "no", "password": "another long secret"})
    assert wrong.status == 422
    assert "This is not your password so far" in await wrong.text()
    right = await browser.send("/account/password", {"current": PASSWORD, "password": "another long secret"})
    assert right.status == 303
    assert (await browser.get("/account")).status == 200
    assert (await other.get("/account")).status == 303


async def test_a_token_is_shown_once_and_works(node: Node) -> None:
    browser = await signed_in(node)
    token = await make_token(browser, "people.read")
    assert TOKEN.search(await (await browser.get("/account")).text()) is None
    program = node.new_browser()
    bearer = {"Authorization": f"Bearer {token}"}
    me = await (await program.call("GET", "/accounts/me", **bearer)).json()
    assert (me["name"], me["permissions"]) == ("Ada Field", ["people.read"])
    assert (await program.call("GET", "/accounts/people", **bearer)).status == 200
    assert (await program.call("GET", "/accounts/audit", **bearer)).status == 403


async def test_a_token_cannot_make_another(node: Node) -> None:
    browser = await signed_in(node)
    token = await make_token(browser, "people.read")
    program, bearer = node.new_browser(), {"Authorization": f"Bearer {token}"}
    wanted = {"name": "more", "scopes": ["people.manage"], "days": 9}
    assert (await program.call("POST", "/accounts/tokens", wanted, **bearer)).status == 403
    assert (await program.client.get("/account", headers={**BEARER, **bearer})).status == 403


async def test_a_token_ends_when_it_is_revoked_or_old(node: Node) -> None:
    browser = await signed_in(node)
    tokens = [await make_token(browser, "people.read") for _ in range(2)]
    await browser.get("/account")
    await browser.send("/account/tokens/1/revoke")
    program = node.new_browser()
    answers = [await program.call("GET", "/accounts/me", Authorization=f"Bearer {token}") for token in tokens]
    assert [answer.status for answer in answers] == [401, 200]
    assert "Make a new one" in (await answers[0].json())["detail"]
    node.clock.forward(days=30)
    assert (await program.call("GET", "/accounts/me", Authorization=f"Bearer {tokens[1]}")).status == 401


async def test_a_token_needs_something_to_do(node: Node) -> None:
    browser = await signed_in(node)
    response = await browser.send("/account/tokens", {"token_name": "Weekly import", "days": "30"})
    text = await response.text()
    assert response.status == 422
    assert "Choose at least one thing" in text
    assert 'value="Weekly import"' in text


async def test_further_permissions_come_from_outside(node: Node) -> None:
    browser = await signed_in(node)
    await node.join("Ben Stone", "ben@school.example", "teacher")
    ben = node.new_browser()
    await ben.sign_in("ben@school.example")
    mine = (await (await browser.call("GET", "/accounts/me")).json())["permissions"]
    bens = (await (await ben.call("GET", "/accounts/me")).json())["permissions"]
    assert ("network.coordinate" in mine, "network.coordinate" in bens) == (True, False)
