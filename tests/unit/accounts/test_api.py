"""The JSON interface of accounts."""

from nic_node.accounts.api import api_routes
from nic_node.web.api import openapi_document
from tests.unit.accounts.conftest import Browser, Node
from tests.unit.accounts.stage import PASSWORD


async def signed_in(node: Node, email: str = "ada@school.example") -> Browser:
    browser = node.new_browser()
    await browser.sign_in(email)
    await browser.get("/account")
    return browser


async def test_whoever_is_not_signed_in_gets_a_problem(node: Node, browser: Browser) -> None:
    await node.set_up()
    response = await browser.call("GET", "/accounts/me")
    assert (response.status, response.content_type) == (401, "application/problem+json")


async def test_other_kinds_of_authorization_are_refused(node: Node, browser: Browser) -> None:
    await node.set_up()
    for header in ("Basic YWRhOnB3", "Bearer", "Bearer nic_unknown", "Bearer \u00e9"):
        assert (await browser.call("GET", "/accounts/me", Authorization=header)).status == 401


async def test_what_a_proxy_asks_for_does_not_stand_in_the_way(node: Node) -> None:
    await node.set_up()
    browser = await signed_in(node)
    assert (await browser.call("GET", "/accounts/me", Authorization="Basic YWRhOnB3")).status == 200


async def test_me(node: Node) -> None:
    await node.set_up()
    browser = await signed_in(node)
    me = await (await browser.call("GET", "/accounts/me")).json()
    assert (me["id"], me["name"], me["roles"]) == (1, "Ada Field", ["administrator", "principal"])
    assert "people.manage" in me["permissions"]


async def test_people_come_by_cursor(node: Node) -> None:
    await node.set_up()
    for n in range(4):
        await node.join(f"Person {n}", f"p{n}@school.example", "teacher")
    browser = await signed_in(node)
    first = await (await browser.call("GET", "/accounts/people?limit=3")).json()
    rest = await (await browser.call("GET", f"/accounts/people?limit=3&after={first['next']}")).json()
    assert [one["id"] for one in (*first["items"], *rest["items"])] == [1, 2, 3, 4, 5]
    assert rest["next"] is None
    assert (await browser.call("GET", "/accounts/people?limit=101")).status == 422


async def test_somebody_is_invited_changed_and_closed(node: Node) -> None:
    await node.set_up()
    browser = await signed_in(node)
    wanted = {"name": "Ben Stone", "email": "ben@school.example", "roles": ["teacher"]}
    response = await browser.call("POST", "/accounts/people", wanted)
    made = await response.json()
    assert response.status == 201
    assert made["link"].startswith("http://127.0.0.1:8000/invitation/")
    assert (made["person"]["joined"], made["expires_at"]) == (False, "2026-11-10T12:00:00+00:00")
    path = f"/accounts/people/{made['person']['id']}"
    changed = await browser.call("PUT", f"{path}/roles", {"roles": ["coach"], "version": made["person"]["version"]})
    assert (await changed.json())["roles"] == ["coach"]
    stale = await browser.call("PUT", f"{path}/roles", {"roles": ["reader"], "version": made["person"]["version"]})
    assert stale.status == 409
    assert (await (await browser.call("PUT", f"{path}/active", {"active": False})).json())["active"] is False
    assert (await (await browser.call("GET", path)).json())["active"] is False
    assert (await browser.call("PUT", f"{path}/active", {"active": "no"})).status == 422
    assert (await browser.call("GET", "/accounts/people/99")).status == 404


async def test_names_and_links_of_others(node: Node) -> None:
    await node.set_up()
    ben = await node.join("Ben Stone", "ben@school.example", "teacher")
    browser = await signed_in(node)
    wanted = {"name": "Cy Reed", "email": "cy@school.example", "roles": ["teacher"]}
    cy = (await (await browser.call("POST", "/accounts/people", wanted)).json())["person"]["id"]
    renamed = await browser.call("PATCH", f"/accounts/people/{ben}", {"name": "Ben Stone-Lee"})
    assert await renamed.json() == {"id": ben, "name": "Ben Stone-Lee"}
    anew = await (await browser.call("POST", f"/accounts/people/{cy}/invitation")).json()
    assert "/invitation/" in anew["link"]
    reset = await browser.call("POST", f"/accounts/people/{ben}/reset-link")
    assert (reset.status, "/reset/" in (await reset.json())["link"]) == (201, True)
    assert (await browser.call("POST", f"/accounts/people/{cy}/reset-link")).status == 409
    other = await signed_in(node, "ben@school.example")
    assert (await other.call("POST", f"/accounts/people/{ben}/reset-link")).status == 403


async def test_ones_own_name_password_and_sessions(node: Node) -> None:
    await node.set_up()
    first, second = await signed_in(node), await signed_in(node)
    assert (await (await first.call("PATCH", "/accounts/me", {"name": "Ada F."})).json())["name"] == "Ada F."
    listed = (await (await first.call("GET", "/accounts/sessions")).json())["items"]
    assert sorted(one["is_this_one"] for one in listed) == [False, True]
    other = next(one["id"] for one in listed if not one["is_this_one"])
    assert (await first.call("DELETE", f"/accounts/sessions/{other}")).status == 204
    assert (await second.call("GET", "/accounts/me")).status == 401
    new = "five red lanterns by the lake"
    wrong = await first.call("PUT", "/accounts/me/password", {"current": "not this one", "password": new})
    assert (wrong.status, list((await wrong.json())["fields"])) == (422, ["current"])
    assert (await first.call("PUT", "/accounts/me/password", {"current": PASSWORD, "password": new})).status == 204
    assert (await node.new_browser().sign_in("ada@school.example", new)).status == 303


async def test_what_is_wrong_is_named_by_field(node: Node) -> None:
    await node.set_up()
    browser = await signed_in(node)
    wanted = {"name": " ", "email": "no", "roles": ["emperor"], "more": 1}
    response = await browser.call("POST", "/accounts/people", wanted)
    assert response.status == 422
    assert {"name", "email", "roles.0", "more"} <= set((await response.json())["fields"])


async def test_a_script_of_another_site_does_nothing(node: Node) -> None:
    await node.set_up()
    browser = await signed_in(node)
    wanted = {"name": "Eve", "email": "eve@school.example", "roles": ["administrator"]}
    for headers in ({"Origin": "https://evil.example"}, {"X-CSRF-Token": "guessed"}):
        assert (await browser.call("POST", "/accounts/people", wanted, **headers)).status == 403


async def test_tokens_are_made_listed_and_revoked(node: Node) -> None:
    await node.set_up()
    browser = await signed_in(node)
    wanted = {"name": "Weekly import", "scopes": ["plan.read"], "days": 30}
    response = await browser.call("POST", "/accounts/tokens", wanted)
    made = await response.json()
    assert (response.status, made["token"][:4]) == (201, "nic_")
    (listed,) = (await (await browser.call("GET", "/accounts/tokens")).json())["items"]
    assert (listed["name"], listed["scopes"], listed["last_used_at"]) == ("Weekly import", ["plan.read"], None)
    assert "token" not in listed
    assert (await browser.call("DELETE", f"/accounts/tokens/{made['id']}")).status == 204
    assert (await browser.call("DELETE", f"/accounts/tokens/{made['id']}")).status == 404
    assert (await browser.call("POST", "/accounts/tokens", {**wanted, "scopes": ["x"]})).status == 422


async def test_the_audit_log_by_cursor(node: Node) -> None:
    await node.set_up()
    await node.join("Ben Stone", "ben@school.example", "teacher")
    browser = await signed_in(node)
    page = await (await browser.call("GET", "/accounts/audit?limit=2")).json()
    assert [entry["action"] for entry in page["items"]] == ["session.opened", "invitation.accepted"]
    rest = await (await browser.call("GET", f"/accounts/audit?after={page['next']}")).json()
    assert [entry["action"] for entry in rest["items"]] == ["person.invited", "node.set-up"]
    hers = await (await browser.call("GET", "/accounts/audit?by=2")).json()
    assert [entry["action"] for entry in hers["items"]] == ["invitation.accepted"]
    ben = await signed_in(node, "ben@school.example")
    assert (await ben.call("GET", "/accounts/audit")).status == 403


def test_every_operation_is_described() -> None:
    document = openapi_document(api_routes(), "1")
    assert {tag for path in document["paths"].values() for one in path.values() for tag in one["tags"]} == {
        "accounts",
        "operations",
    }
    assert "Person" in document["components"]["schemas"]
