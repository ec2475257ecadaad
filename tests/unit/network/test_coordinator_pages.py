"""The page and the JSON of who decides: adding, taking off, decisions by person and day, taking them back."""

from typing import Any

from nic_node.accounts.actor import Actor
from nic_node.accounts.tables import Person
from nic_node.network.coordinators import add_coordinator
from nic_node.network.members import member_by_entity
from nic_node.network.transitions import Move, move_member
from tests.unit.network.people_stage import StagedNode
from tests.unit.network.test_people_join import join

HOME = "/network/1/coordinators"
API = "/api/v1/networks/1"
CALL = "/networks/1"
BEN = Actor(person_id=2, name="Ben Okafor", kind="person")


async def text_of(response: Any) -> str:
    return str(await response.text())


async def with_ben(coordinator: StagedNode, school: StagedNode) -> None:
    """Ben coordinates too, and rejected the one school that applied."""
    await join(coordinator, school)
    now = coordinator.clock()
    async with coordinator.database.writing() as session:
        email = "ben@school.example"
        session.add(Person(name=BEN.name, email=email, email_key=email, created_at=now, updated_at=now))
    async with coordinator.database.writing() as session:
        await add_coordinator(
            session, actor=await coordinator.actor(), network_id=1, email="ben@school.example", now=now
        )
        member = await member_by_entity(session, 1, school.local.entity_id, for_update=True)
        assert member is not None
        move = Move(to_state="rejected", reason="other", actor=BEN, note="Not one of ours.")
        await move_member(session, coordinator.local, member, move, now=now)


async def test_a_stolen_account_from_the_page(coordinator: StagedNode, school: StagedNode) -> None:
    await with_ben(coordinator, school)
    browser = await coordinator.signed_in()
    page = await text_of(await browser.get(f"{HOME}?by=2"))
    assert "Not one of ours." in page
    assert "still decides here" in page
    assert "Nothing was decided in that time" in await text_of(await browser.get(f"{HOME}?by=1&until=2020-01-01"))
    adas = await text_of(await browser.get(f"{HOME}?by=1"))
    assert ("Changed the list of coordinators" in adas, f'href="{HOME}?by=2"' in adas) == (True, True)
    wrong = await browser.get(f"{HOME}?since=soon")
    assert (wrong.status, "Choose a day" in await text_of(wrong)) == (422, True)

    still = await browser.send("/network/1/reversals", {"by": "2", "sure": "1"})
    assert (still.status, "still decides" in await text_of(still)) == (409, True)
    assert (await browser.send(f"{HOME}/2/remove", {})).status == 303
    unsure = await browser.send("/network/1/reversals", {"by": "2", "since": "2020-01-01"})
    assert (unsure.status, "Tick that" in await text_of(unsure)) == (422, True)
    assert (await browser.send("/network/1/reversals", {"by": "2", "sure": "1", "until": "2020-01-01"})).status == 303
    assert (await browser.send("/network/1/reversals", {"by": "2", "sure": "1", "since": "2020-01-01"})).status == 303
    page = await text_of(await browser.get(HOME))
    assert "Decision taken back" in page
    assert "One alone is few" in page
    assert (await browser.send(f"{HOME}/1/remove", {})).status == 303
    assert "Somebody has to decide" in await text_of(await browser.get(HOME))


async def test_who_decides_as_json(coordinator: StagedNode, school: StagedNode) -> None:
    await with_ben(coordinator, school)
    browser = await coordinator.signed_in()
    people = (await (await browser.get(f"{API}/coordinators")).json())["items"]
    assert [(one["name"], one["active"]) for one in people] == [("Ada Field", True), ("Ben Okafor", True)]
    (decision,) = (await (await browser.get(f"{API}/decisions?by=2")).json())["items"]
    assert (decision["from"], decision["to"], decision["reason"]) == ("applied", "rejected", "other")
    named = (await (await browser.get(f"{API}/decisions?by=1")).json())["namings"]
    assert [(one["person"], one["act"], one["decides"]) for one in named] == [("Ben Okafor", "added", True)]
    assert (await (await browser.get(f"{API}/decisions?until=2020-01-01T00:00:00Z")).json())["items"] == []

    assert (await browser.call("POST", f"{CALL}/reversals", {"by": 2})).status == 409
    assert (await browser.call("POST", f"{CALL}/coordinators", {"email": "ben@school.example"})).status == 422
    assert (await browser.call("DELETE", f"{CALL}/coordinators/2")).status == 204
    done = await (await browser.call("POST", f"{CALL}/reversals", {"by": 2})).json()
    assert done == {"undone": [1], "left": [], "invitations": [], "voices": []}
    assert (await browser.call("DELETE", f"{CALL}/coordinators/1")).status == 409
    assert (await browser.call("POST", f"{CALL}/coordinators", {"email": "ben@school.example"})).status == 201
