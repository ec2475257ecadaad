"""Set-up, sign-in, sign-out, invitations and new passwords, as a browser meets them."""

import re

import pytest
from sqlalchemy import select

from nic_node.accounts.choose_password import create_reset_link
from nic_node.accounts.invite import invite_person
from nic_node.accounts.links import IssuedLink
from nic_node.accounts.people import people_of
from nic_node.accounts.set_up import create_setup_link
from nic_node.accounts.tables import SignInSession
from tests.unit.accounts.conftest import Browser, Node
from tests.unit.accounts.stage import ADA, PASSWORD

FIRST = {
    "school_name": "Rivermouth School",
    "name": "Ada Field",
    "email": "Ada@School.example",
    "password": PASSWORD,
}


async def setup_path(node: Node) -> str:
    async with node.database.writing() as session:
        return f"/setup/{(await create_setup_link(session, now=node.clock())).token}"


async def invitation(node: Node, *roles: str) -> IssuedLink:
    async with node.database.writing() as session:
        return await invite_person(
            session,
            actor=ADA,
            name="Ben Stone",
            email="ben@school.example",
            roles=roles or ("teacher",),
            now=node.clock(),
        )


async def test_the_first_visit_makes_the_first_account_and_signs_in(node: Node, browser: Browser) -> None:
    path = await setup_path(node)
    assert (await browser.get(path)).status == 200
    response = await browser.send(path, FIRST)
    assert (response.status, response.headers["Location"]) == (303, "/")
    assert (await browser.get("/account")).status == 200
    async with node.database.reading() as session:
        (ada,) = await people_of(session)
    assert (ada.email, ada.roles) == ("Ada@School.example", {"administrator", "principal"})
    assert node.school_names == ["Rivermouth School"]


async def test_the_session_cookie_is_kept_from_scripts_and_other_sites(node: Node, browser: Browser) -> None:
    await node.set_up()
    response = await browser.sign_in("ada@school.example")
    cookie = response.cookies["nic_session"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    async with node.database.reading() as session:
        kept = (await session.scalars(select(SignInSession))).one()
    assert cookie.value not in (kept.token_hash, kept.browser)


async def test_what_was_typed_at_set_up_is_not_lost(node: Node, browser: Browser) -> None:
    path = await setup_path(node)
    await browser.get(path)
    response = await browser.send(path, {**FIRST, "email": "no-address", "password": "short"})
    text = await response.text()
    assert response.status == 422
    assert 'value="Rivermouth School"' in text
    assert "Type a whole e-mail address" in text
    assert "short" not in re.findall(r'value="([^"]*)"', text)


async def test_a_common_password_is_refused_in_words(node: Node, browser: Browser) -> None:
    path = await setup_path(node)
    await browser.get(path)
    response = await browser.send(path, {**FIRST, "password": "Password123456!"})
    assert response.status == 422
    assert "Many people use this password" in await response.text()


async def test_a_set_up_link_works_once(node: Node, browser: Browser) -> None:
    path = await setup_path(node)
    await browser.get(path)
    await browser.send(path, FIRST)
    stranger = node.new_browser()
    response = await stranger.get(path)
    assert response.status == 409
    assert "set up already" in await response.text()
    await stranger.get("/sign-in")
    assert (await stranger.send(path, {**FIRST, "email": "eve@school.example"})).status == 409
    async with node.database.reading() as session:
        assert len(await people_of(session)) == 1


async def test_a_newer_set_up_link_replaces_the_older(node: Node, browser: Browser) -> None:
    older, newer = await setup_path(node), await setup_path(node)
    assert (await browser.get(older)).status == 404
    assert (await browser.get(newer)).status == 200


async def test_the_sign_in_page_says_when_nobody_is_here_yet(node: Node, browser: Browser) -> None:
    assert "Nobody has an account here yet" in await (await browser.get("/sign-in")).text()
    await node.set_up()
    assert "Nobody has an account here yet" not in await (await browser.get("/sign-in")).text()


async def test_who_was_sent_away_comes_back_to_the_page(node: Node, browser: Browser) -> None:
    await node.set_up()
    sent_away = await browser.get("/people?x=1")
    assert sent_away.headers["Location"] == "/sign-in?next=/people?x%3D1"
    page = await browser.get(sent_away.headers["Location"])
    assert 'name="next" value="/people?x=1"' in await page.text()
    response = await browser.sign_in("ADA@school.example", there="/people?x=1")
    assert (response.status, response.headers["Location"]) == (303, "/people?x=1")


@pytest.mark.parametrize("there", ["https://evil.example/", "//evil.example", "/\\evil.example", "evil"])
async def test_nobody_is_sent_to_another_site(node: Node, browser: Browser, there: str) -> None:
    await node.set_up()
    assert (await browser.sign_in("ada@school.example", there=there)).headers["Location"] == "/"


async def test_unknown_account_and_wrong_password_look_the_same(node: Node, browser: Browser) -> None:
    await node.set_up()
    wrong = await browser.sign_in("ada@school.example", "not the password")
    unknown = await browser.sign_in("eve@school.example", "not the password")
    assert wrong.status == unknown.status == 422
    texts = [(await response.text()).replace("eve@", "ada@") for response in (wrong, unknown)]
    assert texts[0] == texts[1]


async def test_too_many_tries_are_told_to_wait(node: Node, browser: Browser) -> None:
    await node.set_up()
    for _ in range(10):
        assert (await browser.sign_in("ada@school.example", "wrong again")).status == 422
    node.clock.forward(minutes=5)
    response = await browser.sign_in("ada@school.example")
    assert (response.status, response.headers["Retry-After"]) == (429, "600")
    assert "Wait a quarter of an hour" in await response.text()
    node.clock.forward(minutes=10, seconds=1)
    assert (await browser.sign_in("ada@school.example")).status == 303


async def test_signing_in_anew_changes_the_session(node: Node, browser: Browser) -> None:
    await node.set_up()
    first = (await browser.sign_in("ada@school.example")).cookies["nic_session"].value
    again = node.new_browser()
    again.client.session.cookie_jar.update_cookies({"nic_session": first})
    # Signed in already, the page sends them on; the form still works.
    assert (await again.get("/sign-in?next=/people")).headers["Location"] == "/people"
    await again.get("/account")
    response = await again.send("/sign-in", {"email": "ada@school.example", "password": PASSWORD, "next": "/"})
    assert response.cookies["nic_session"].value != first
    assert (await browser.get("/account")).status == 303


async def test_signing_out_ends_the_session_itself(node: Node, browser: Browser) -> None:
    await node.set_up()
    cookie = (await browser.sign_in("ada@school.example")).cookies["nic_session"].value
    await browser.get("/account")
    response = await browser.send("/sign-out")
    assert response.headers["Location"] == "/sign-in"
    thief = node.new_browser()
    thief.client.session.cookie_jar.update_cookies({"nic_session": cookie})
    assert (await thief.get("/account")).status == 303


async def test_a_session_ends_when_it_is_idle(node: Node, browser: Browser) -> None:
    await node.set_up()
    await browser.sign_in("ada@school.example")
    for _ in range(3):
        node.clock.forward(hours=11)
        assert (await browser.get("/account")).status == 200
    node.clock.forward(hours=12, minutes=1)
    assert (await browser.get("/account")).status == 303


async def test_a_session_ends_after_thirty_days_even_in_use(node: Node, browser: Browser) -> None:
    await node.set_up()
    await browser.sign_in("ada@school.example")
    for _ in range(60):
        node.clock.forward(hours=11, minutes=59)
        assert (await browser.get("/account")).status == 200
    node.clock.forward(hours=1)
    assert (await browser.get("/account")).status == 303


async def test_a_form_without_its_token_is_refused(node: Node, browser: Browser) -> None:
    await node.set_up()
    response = await browser.send("/sign-in", {"email": "ada@school.example", "password": PASSWORD})
    assert response.status == 403
    assert "nic_session" not in response.cookies


async def test_an_invitation_is_accepted_once(node: Node, browser: Browser) -> None:
    await node.set_up()
    path = f"/invitation/{(await invitation(node)).token}"
    page = await browser.get(path)
    assert 'value="Ben Stone"' in await page.text()
    response = await browser.send(path, {"name": "Benjamin Stone", "password": PASSWORD})
    assert (response.status, response.headers["Location"]) == (303, "/")
    account = await (await browser.get("/account")).text()
    assert "Benjamin Stone" in account
    again = node.new_browser()
    response = await again.get(path)
    assert response.status == 409
    assert "used already" in await response.text()


async def test_an_invited_person_cannot_sign_in_before_accepting(node: Node, browser: Browser) -> None:
    await node.set_up()
    await invitation(node)
    assert (await browser.sign_in("ben@school.example", "")).status == 422


async def test_an_expired_invitation_says_what_to_do(node: Node, browser: Browser) -> None:
    await node.set_up()
    link = await invitation(node)
    node.clock.forward(days=14)
    response = await browser.get(f"/invitation/{link.token}")
    assert response.status == 409
    assert "Ask whoever invited you for a new link" in await response.text()


async def test_an_unknown_link_is_not_found(node: Node, browser: Browser) -> None:
    await node.set_up()
    for path in ("/invitation/nothing", "/reset/nothing", "/setup/nothing"):
        assert (await browser.get(path)).status == 404


async def test_a_link_serves_its_own_purpose_only(node: Node, browser: Browser) -> None:
    await node.set_up()
    link = await invitation(node)
    assert (await browser.get(f"/reset/{link.token}")).status == 404


async def test_a_new_password_ends_every_session(node: Node, browser: Browser) -> None:
    await node.set_up()
    await browser.sign_in("ada@school.example")
    async with node.database.writing() as session:
        link = await create_reset_link(session, actor=ADA, person_id=1, now=node.clock())
    elsewhere = node.new_browser()
    await elsewhere.get(f"/reset/{link.token}")
    response = await elsewhere.send(f"/reset/{link.token}", {"password": "another long secret"})
    assert response.status == 303
    assert (await elsewhere.get("/account")).status == 200
    assert (await browser.get("/account")).status == 303
    assert (await browser.sign_in("ada@school.example")).status == 422
    assert (await browser.sign_in("ada@school.example", "another long secret")).status == 303
