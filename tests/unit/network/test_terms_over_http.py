"""Renewal and appeal between two nodes over real HTTP: pages, JSON, and what the other members see."""

from typing import Any

from nic_node.accounts.tables import Person
from nic_node.membership.follow import check_membership
from nic_node.membership.read import Membership, membership_of
from nic_node.membership.tables import MembershipRow
from nic_node.network.coordinators import add_coordinator
from nic_node.network.decide import decide
from nic_node.network.members import member_by_entity
from nic_node.network.tables import Member
from nic_node.network.transitions import Move
from tests.unit.network.people_stage import StagedNode
from tests.unit.network.test_people_join import approve_fully, join

HERE = "/network/memberships/1"
TERMS = ("policy_sha256", "charter_sha256")


async def text_of(response: Any) -> str:
    return str(await response.text())


async def membership(school: StagedNode) -> Membership:
    await check_membership(school.local, 1)
    async with school.database.reading() as session:
        return await membership_of(session, 1)


async def move(coordinator: StagedNode, school: StagedNode, to_state: str) -> Member:
    async with coordinator.database.writing() as session:
        member = await member_by_entity(session, 1, school.local.entity_id, for_update=True)
        assert member is not None
        return await decide(
            session,
            coordinator.local,
            network_id=1,
            member_id=member.id,
            move=Move(to_state=to_state, reason="conduct", actor=await coordinator.actor(), note="Please call."),
            version=member.version,
            now=coordinator.clock(),
        )


async def terms(browser: Any) -> dict[str, str]:
    told = await (await browser.get("/api/v1/memberships/1/terms/today")).json()
    return {name: told[name] for name in TERMS}


async def second_coordinator(coordinator: StagedNode) -> None:
    now = coordinator.clock()
    async with coordinator.database.writing() as session:
        email = "ben@school.example"
        session.add(Person(name="Ben Okafor", email=email, email_key=email, created_at=now, updated_at=now))
    async with coordinator.database.writing() as session:
        await add_coordinator(
            session, actor=await coordinator.actor(), network_id=1, email="ben@school.example", now=now
        )


async def test_a_member_asks_for_its_next_term_and_gets_it(coordinator: StagedNode, school: StagedNode) -> None:
    await approve_fully(coordinator, school, *await join(coordinator, school))
    browser, there = await school.signed_in(), await coordinator.signed_in()
    before = await membership(school)
    assert before.expires is not None
    assert "Ask for another term" not in await text_of(await browser.get(HERE))
    early = await browser.send(f"{HERE}/renewal", {**await terms(browser), "accepted": "1"})
    assert (early.status, "too early" in await text_of(early)) == (422, True)

    school.clock.forward(days=320)
    await membership(school)
    browser, there = await school.signed_in(), await coordinator.signed_in()
    assert "Ask for another term" in await text_of(await browser.get(HERE))
    assert "None." not in await text_of(await there.get("/network/1/due"))
    unread = await browser.send(f"{HERE}/renewal", await terms(browser))
    assert (unread.status, "then tick" in await text_of(unread)) == (422, True)
    other = await browser.send(
        f"{HERE}/renewal", {"policy_sha256": "0" * 64, "charter_sha256": "0" * 64, "accepted": "1"}
    )
    assert (other.status, "Read them again" in await text_of(other)) == (422, True)
    assert (await browser.send(f"{HERE}/renewal", {**await terms(browser), "accepted": "1"})).status == 303
    assert "Another term is asked for" in await text_of(await browser.get(HERE))

    page = await text_of(await there.get("/network/1/due"))
    assert "Accepted charter and policy as they stand" in page
    seen = page.split('name="members" value="')[1].partition('"')[0]
    assert (await there.send("/network/1/renewals", {})).status == 422
    assert (await there.send("/network/1/renewals", {"members": "1:999"})).status == 409
    assert (await there.send("/network/1/renewals", {"members": "one"})).status == 422
    assert (await there.send("/network/1/renewals", {"members": seen})).status == 303
    after = await membership(school)
    assert after.expires is not None
    assert (after.expires - before.expires).days == 365
    assert after.moves[-1]["reason"] == "renewed"
    assert "The membership was prolonged" in await text_of(await browser.get(HERE))


async def test_renewals_as_json(coordinator: StagedNode, school: StagedNode) -> None:
    await approve_fully(coordinator, school, *await join(coordinator, school))
    school.clock.forward(days=320)
    browser, there = await school.signed_in(), await coordinator.signed_in()
    told = await (await browser.call("POST", "/memberships/1/renewal", await terms(browser))).json()
    assert told["renewal"]["asked"] == int(school.clock().timestamp())
    (asking,) = (await (await there.get("/api/v1/networks/1/renewals")).json())["asking"]
    stale = {"members": [{"id": asking["id"], "version": 1}]}
    assert (await there.call("POST", "/networks/1/renewals", stale)).status == 409
    declined = await there.call(
        "POST", "/networks/1/members/1/renewal-decline", {"version": asking["version"], "note": "Not this year."}
    )
    assert declined.status == 200
    assert (await membership(school)).moves[-1]["reason"] == "renewal-declined"
    (ending,) = (await (await there.get("/api/v1/networks/1/renewals")).json())["ending"]
    assert ending["id"] == 1


async def test_a_revoked_school_appeals_and_one_coordinator_waits_14_days(
    coordinator: StagedNode, school: StagedNode
) -> None:
    await approve_fully(coordinator, school, *await join(coordinator, school))
    browser, there = await school.signed_in(), await coordinator.signed_in()
    assert (await browser.get(f"{HERE}/appeal")).status == 303
    await move(coordinator, school, "revoked")
    await membership(school)
    assert "Ask the coordinators to let you in again" in await text_of(await browser.get(HERE))
    silent = await browser.send(f"{HERE}/appeal", {**await terms(browser), "accepted": "1"})
    assert (silent.status, "1 to 2,000 characters" in await text_of(silent)) == (422, True)
    said = {**await terms(browser), "accepted": "1", "text": "We replaced the key the same day."}
    assert (await browser.send(f"{HERE}/appeal", said)).status == 303
    assert "Your appeal" in await text_of(await browser.get(HERE))

    page = await text_of(await there.get("/network/1/due"))
    assert "We replaced the key" in page
    assert 'value="grant"' not in page
    version = page.split('name="version" value="')[1].partition('"')[0]
    early = await there.send("/network/1/members/1/appeal", {"version": version, "say": "grant"})
    assert (early.status, "for 14 days" in await text_of(early)) == (409, True)
    silent = await there.send("/network/1/members/1/appeal", {"version": version, "say": "decline"})
    assert (silent.status, "the school reads it" in await text_of(silent)) == (422, True)

    school.clock.forward(days=14)
    there = await coordinator.signed_in()
    assert 'value="grant"' in await text_of(await there.get("/network/1/due"))
    granted = await there.send("/network/1/members/1/appeal", {"version": version, "say": "grant"})
    assert granted.status == 303
    back = await membership(school)
    assert (back.state, back.moves[-1]["reason"], back.confirmed) == ("applied", "appeal-granted", False)
    assert back.appeal is not None
    assert back.appeal["state"] == "granted"
    await approve_fully(coordinator, school, 1, 1, 1)
    assert (await membership(school)).state == "approved"


async def test_two_coordinators_grant_as_json_and_members_see_it(coordinator: StagedNode, school: StagedNode) -> None:
    await approve_fully(coordinator, school, *await join(coordinator, school))
    await second_coordinator(coordinator)
    browser, there = await school.signed_in(), await coordinator.signed_in()
    await move(coordinator, school, "revoked")
    await membership(school)
    told = await browser.call("POST", "/memberships/1/appeal", {**await terms(browser), "text": "It is settled."})
    assert (await told.json())["appeal"] == {
        "at": int(school.clock().timestamp()), "state": "open", "voices": 0, "needed": 2,
    }  # fmt: skip
    (waiting,) = (await (await there.get("/api/v1/networks/1/appeals")).json())["items"]
    voice = {"grants": True, "if_version": waiting["version"]}
    assert (await there.call("POST", "/networks/1/members/1/appeal", {**voice, "if_version": 1})).status == 409
    answer = await (await there.call("POST", "/networks/1/members/1/appeal", voice)).json()
    assert (answer["state"], answer["voices"], answer["needed"]) == ("open", 1, 2)
    assert (await there.call("POST", "/networks/1/members/1/appeal", voice)).status == 409
    assert (await membership(school)).state == "revoked"


async def test_members_see_an_appeal_on_their_own_page(coordinator: StagedNode, school: StagedNode) -> None:
    await approve_fully(coordinator, school, *await join(coordinator, school))
    async with school.database.writing() as session:
        row = await session.get_one(MembershipRow, 1)
        row.appeals_seen = [{"entity": "https://alder.example", "at": 1_788_220_800, "earliest": 1_789_430_400}]
    page = await text_of(await (await school.signed_in()).get(HERE))
    assert "https://alder.example" in page
    assert "tell them before" in page
    assert (await membership(school)).appeals_seen == ()
