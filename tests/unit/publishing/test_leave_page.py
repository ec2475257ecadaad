"""Leaving from the page and as JSON: a word about each practice, what will happen, then the act."""

import pytest

from nic_node.membership.local import LocalNode
from nic_node.membership.tables import MembershipRow
from nic_node.publishing import leave as leaving_room
from nic_node.publishing import leave_api, leave_pages
from tests.unit.publishing.conftest import Site

PAGE = "/network/memberships/1/leaving"


@pytest.fixture(autouse=True)
def told(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The network answers to a leave; that it is asked over HTTP stands with the membership room."""
    told: list[int] = []

    async def leave(node: LocalNode, *, membership_id: int, **rest: object) -> None:
        told.append(membership_id)
        async with node.database.writing() as session:
            (await session.get_one(MembershipRow, membership_id)).state = "left"

    async def check(node: LocalNode, membership_id: int) -> bool:
        return True

    monkeypatch.setattr(leaving_room, "leave", leave)
    monkeypatch.setattr(leave_pages, "check_membership", check)
    monkeypatch.setattr(leave_api, "check_membership", check)
    return told


async def shared(site: Site) -> None:
    await site.world.open_epoch()
    await site.world.approved()
    await site.world.slot()


async def test_each_practice_is_asked_about_and_the_outcome_shown_first(site: Site, told: list[int]) -> None:
    await shared(site)
    page = await site.ada.text(PAGE)
    assert "It stays: others go on learning from it" in page
    unsaid = await site.ada.send(PAGE, {"step": "leave"})
    assert (unsaid.status, "Say whether it stays" in await unsaid.text()) == (422, True)
    shown = await (await site.ada.send(PAGE, {"step": "preview", "practice-1": "go"})).text()
    assert "What will happen" in shown
    assert "within 6 hours" in shown
    assert "they may guess that the practice was yours, and with it all else that you shared" in shown
    assert 'name="practice-1" value="go"' in shown
    again = await (await site.ada.send(PAGE, {"step": "choose", "practice-1": "go"})).text()
    assert "Show what will happen" in again
    assert told == []
    done = await site.ada.send(PAGE, {"step": "leave", "practice-1": "go"})
    assert (done.status, done.headers["Location"], told) == (303, "/network/memberships/1", [1])
    after = await site.ada.text(PAGE)
    assert "leaves soon" in after
    assert "could be withdrawn" in after


async def test_leaving_as_json(site: Site, told: list[int]) -> None:
    await shared(site)
    await site.ada.get(PAGE)
    told_by_get = await (await site.ada.call("GET", "/memberships/1/leave")).json()
    assert (told_by_get["leaves"], [one["release_id"] for one in told_by_get["choosable"]]) == (True, [1])
    assert (await site.ada.call("POST", "/memberships/1/leave", {})).status == 422
    answer = await (await site.ada.call("POST", "/memberships/1/leave", {"practices": {"1": "go"}})).json()
    assert (answer["state"], answer["choosable"]) == ("left", [])
    assert [one["retraction"] for one in answer["withdrawn"]] == ["waiting"]
    assert told == [1]
    assert (await site.cem.call("GET", "/memberships/1/leave")).status == 403


async def test_who_shared_nothing_sees_what_will_happen_at_once(site: Site) -> None:
    await site.world.open_epoch()
    page = await site.ada.text(PAGE)
    assert "What will happen" in page
    assert "Choose again" not in page
