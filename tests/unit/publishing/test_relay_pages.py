"""How envelopes travel, on its page, on Share and as JSON; and the choice when no relay takes them."""

from nic_node.publishing.slots import send_in_slot
from tests.unit.publishing.conftest import Site


async def failing(site: Site) -> int:
    """The membership's id; no relay takes anything."""
    await site.world.open_epoch()
    site.world.network.failing = {"relay-1", "relay-2", "relay-3"}
    site.world.clock.forward(seconds=61)
    await send_in_slot(site.world.node, site.world.name)
    return site.world.membership_id


async def test_nothing_travels_before_a_membership(site: Site) -> None:
    assert "Nothing travels yet" in await site.ada.text("/share/relays")


async def test_the_page_says_who_carries_and_what_few_members_mean(site: Site) -> None:
    await site.world.open_epoch()
    shown = await site.ada.text("/share/relays")
    assert "relay-1</li>" in shown
    assert "7 members are few" in shown
    assert "one of 6 schools" in shown
    assert "Send without relays" not in shown
    assert "/share/relays" in await site.ada.text("/share")


async def test_a_person_is_asked_and_chooses(site: Site) -> None:
    at = f"/share/relays/{await failing(site)}"
    assert "Nothing is being sent" in await site.ada.text("/share")
    asked = await site.ben.text("/share/relays")
    assert "Draw other relays" in asked
    assert "by their pseudonyms all else that your school shared" in asked
    answer = await site.ben.send(at, {"choice": "direct"})
    assert answer.status == 303
    shown = await site.ben.text("/share/relays")
    assert "Whoever runs its server can see which ones are yours" in shown
    assert "Nothing is being sent" not in await site.ada.text("/share")
    assert (await site.ben.send(at, {"choice": "relays"})).status == 303
    assert "Use relays again" not in await site.ben.text("/share/relays")
    assert (await site.ben.send(at, {"choice": "shout"})).status == 422
    await site.cem.get("/share/roster")
    assert (await site.cem.send(at, {"choice": "direct"})).status == 403


async def test_the_same_as_json(site: Site) -> None:
    at = f"/relays/{await failing(site)}"
    await site.ben.get("/share")
    (way,) = (await (await site.ben.call("GET", "/relays")).json())["items"]
    assert (way["kind"], way["hidden_among"], len(way["relays"])) == ("failing", 6, 3)
    assert way["failing_since"]
    changed = await (await site.ben.call("POST", at, {"choice": "redraw"})).json()
    assert changed["items"][0]["kind"] == "relayed"
    assert changed["items"][0]["relays"] != way["relays"]
    assert (await site.ben.call("POST", at, {"choice": "shout"})).status == 422
