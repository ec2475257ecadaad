"""Pages and JSON of coordinators and of joining: the acts, wrong inputs, and who is kept out."""

from io import BytesIO
from typing import Any

import pytest

from nic_node.membership.follow import check_membership
from nic_node.network.documents import current_policy
from nic_node.network.policy import change_policy
from nic_node.network.read import network_of
from nic_node.network.tables import Member
from nic_node.network.vetting import CHECK_LABELS
from tests.unit.network.people_stage import CHARTER, POLICY, StagedNode, found, invitation_link
from tests.unit.network.test_people_join import CONTACT, approve_fully, join

PAGES = ("applications", "members", "invite", "policy", "coordinators", "directory")


async def text_of(response: Any) -> str:
    return str(await response.text())


async def test_founding_from_the_page_leads_to_inviting(coordinator: StagedNode) -> None:
    browser = await coordinator.signed_in()
    proposal = await text_of(await browser.get("/network/found?schools=5"))
    assert "one of 4" in proposal
    assert "Fewer than eight" in proposal
    fields = {"slug": "hub", "name": "The hub", "purpose": "Together.", "min_issued": "2"}
    refused = await browser.send("/network/found", fields)
    assert refused.status == 422
    assert "allows 3 at the least" in await text_of(refused)
    assert "Together." in await text_of(refused)
    done = await browser.send("/network/found", {**fields, "min_issued": "3"})
    assert (done.status, done.headers["Location"]) == (303, "/network/1/invite")
    made = await text_of(await browser.send("/network/1/invite", {"days": "7", "uses": "2", "note": "Pine Creek"}))
    assert "/net/hub/join#" in made
    again = await text_of(await browser.get("/network/1/invite"))
    assert "/net/hub/join#" not in again
    assert "Pine Creek" in again


async def test_two_schools_are_told_that_they_are_too_few(coordinator: StagedNode) -> None:
    browser = await coordinator.signed_in()
    assert "fewer than three schools" in await text_of(await browser.get("/network/found?schools=2"))
    assert (await browser.get("/network/found?schools=many")).status == 200


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"days": "0", "uses": "1"}, "1 to 366 days"),
        ({"days": "7", "uses": "0"}, "1 to 10,000 schools"),
        ({"days": "soon", "uses": "1"}, "whole number"),
        ({"days": "7", "uses": "1", "note": "x" * 201}, "200 characters"),
    ],
)
async def test_an_invitation_needs_sense(coordinator: StagedNode, fields: dict[str, str], words: str) -> None:
    await found(coordinator)
    browser = await coordinator.signed_in()
    await browser.get("/network/1/invite")
    refused = await browser.send("/network/1/invite", fields)
    assert refused.status == 422
    assert words in await text_of(refused)


async def test_the_pages_of_a_network_are_its_coordinators_alone(coordinator: StagedNode, school: StagedNode) -> None:
    await found(coordinator)
    for name in PAGES:
        assert (await coordinator.browser().get(f"/network/1/{name}")).status == 303
    stranger = await school.signed_in()
    for name in PAGES:
        assert (await stranger.get(f"/network/1/{name}")).status == 403
    browser = await coordinator.signed_in()
    for name in PAGES:
        assert (await browser.get(f"/network/1/{name}")).status == 200
        assert (await browser.get(f"/network/7/{name}")).status == 404


async def test_joining_from_the_page(coordinator: StagedNode, school: StagedNode) -> None:
    link = await invitation_link(coordinator, await found(coordinator))
    browser = await school.signed_in()
    await browser.get("/network/join")
    nothing = await browser.send("/network/join", {"invitation": "hello"})
    assert nothing.status == 422
    assert "copy the whole link again" in await text_of(nothing)
    offer = await text_of(await browser.send("/network/join", {"invitation": link}))
    assert CHARTER["purpose"] in offer
    hashes = {name: offer.split(f'name="{name}" value="')[1][:64] for name in ("policy_sha256", "charter_sha256")}
    fields = {"invitation": link, "step": "apply", **hashes, "contact_name": "Noor Haddad"}
    unticked = await browser.send("/network/join", fields)
    assert "tick that the school accepts" in await text_of(unticked)
    assert "Noor Haddad" in await text_of(await browser.send("/network/join", {**fields, "accepted": "1"}))
    whole = {**fields, "accepted": "1", "contact_email": "office@school.example"}
    done = await browser.send("/network/join", whole)
    assert (done.status, done.headers["Location"]) == (303, "/network/memberships/1")
    index = await text_of(await browser.get("/network"))
    assert 'href="/network/memberships/1"' in index
    assert 'href="/log"' in index
    page = await text_of(await browser.get("/network/memberships/1"))
    assert "Applied" in page
    assert "Send the code" in page
    twice = await browser.send("/network/join", whole)
    assert twice.status == 409
    assert "has applied to that network already" in await text_of(twice)


async def test_a_wrong_code_is_told_beside_the_field(coordinator: StagedNode, school: StagedNode) -> None:
    _, membership_id, member_id = await join(coordinator, school)
    coordinating = await coordinator.signed_in()
    await coordinating.get("/network/1/applications")
    shown = await text_of(await coordinating.send(f"/network/1/applications/{member_id}/code"))
    code = shown.split('class="big num">')[1][:9]
    browser = await school.signed_in()
    address = f"/network/memberships/{membership_id}"
    await browser.get(address)
    for wrong, words in (("!", "such as KX4M-9TPA"), ("AAAA-AAAA", "not the code"), ("", "Type the code")):
        refused = await browser.send(f"{address}/code", {"code": wrong})
        assert refused.status == 422
        assert words in await text_of(refused)
    assert (await browser.send(f"{address}/code", {"code": code})).status == 303
    assert (await browser.send(f"{address}/leave")).status == 303
    assert "Withdrawn" in await text_of(await browser.get(address))


async def test_deciding_from_the_pages(coordinator: StagedNode, school: StagedNode) -> None:
    _, _, member_id = await join(coordinator, school)
    await coordinator.work()
    browser = await coordinator.signed_in()
    page = await text_of(await browser.get("/network/1/applications"))
    assert "One school waits" in page
    assert "Same keys" in page
    one = f"/network/1/applications/{member_id}"
    early = await browser.send(f"{one}/approval", {"version": "1"})
    assert early.status == 409
    for check in ("host", "directory"):
        assert (await browser.send(f"{one}/settle", {"check": check})).status == 303
    assert (await browser.send(f"{one}/settle", {"check": "keys"})).status == 422
    assert (await browser.send(f"{one}/recheck")).status == 303
    async with coordinator.database.writing() as session:
        member = await session.get(Member, member_id)
        assert member is not None
        member.confirmed_at = coordinator.clock()
    assert "All six checks pass" in await text_of(await browser.get("/network/1/applications"))
    async with coordinator.database.reading() as session:
        member = await session.get(Member, member_id)
        assert member is not None
    approved = await browser.send(f"{one}/approval", {"version": str(member.version)})
    assert approved.status == 303
    assert "Nobody waits" in await text_of(await browser.get("/network/1/applications"))
    page = f"/network/1/members/{member_id}"
    refused = await browser.send(page, {"to": "suspended", "reason": "", "version": "1"})
    assert refused.status == 422
    stale = await browser.send(page, {"to": "suspended", "reason": "conduct", "version": "1"})
    assert stale.status == 409
    shown = await text_of(await browser.get(page))
    version = shown.split('name="version" value="')[1].partition('"')[0]
    done = await browser.send(page, {"to": "suspended", "reason": "conduct", "note": "Call us.", "version": version})
    assert done.status == 303
    assert "Call us." in await text_of(await browser.get(page))
    assert "Rivermouth" in await text_of(await browser.get("/network/1/members?q=rivermouth&state=suspended"))
    assert "No school fits" in await text_of(await browser.get("/network/1/members?q=nobody"))


async def test_policy_directory_and_coordinators_from_the_page(coordinator: StagedNode) -> None:
    await found(coordinator)
    browser = await coordinator.signed_in()
    page = await text_of(await browser.get("/network/1/policy"))
    version = page.split('name="version" value="')[1].partition('"')[0]
    fields = {"name": "North Coast", "purpose": "Fewer absences.", "context_k": "4", "version": version}
    assert (await browser.send("/network/1/policy", fields)).status == 303
    stale = await browser.send("/network/1/policy", fields)
    assert stale.status == 409
    assert "version 2" in await text_of(await browser.get("/network/1/policy"))
    low = await browser.send("/network/1/policy", {**fields, "context_k": "1"})
    assert low.status in (409, 422)
    unknown = await browser.send("/network/1/coordinators", {"email": "nobody@school.example"})
    assert (unknown.status, "Nobody on this node" in await text_of(unknown)) == (422, True)


async def test_a_change_is_shown_in_words_before_it_is_saved(coordinator: StagedNode) -> None:
    await found(coordinator)
    browser = await coordinator.signed_in()
    page = await text_of(await browser.get("/network/1/policy"))
    version = page.split('name="version" value="')[1].partition('"')[0]
    fields = {"name": "North Coast", **CHARTER, "min_issued": "5", "version": version}
    looked = await text_of(await browser.send("/network/1/policy", {**fields, "step": "look"}))
    assert "You hide among more schools: what you share is by one of 5" in looked
    assert "version 2" not in await text_of(await browser.get("/network/1/policy"))
    same = await text_of(await browser.send("/network/1/policy", {**fields, "min_issued": "3", "step": "look"}))
    assert "Nothing: it reads as it does today" in same
    saved = await browser.send("/network/1/policy", {**fields, "aim": "Half the absences."})
    assert saved.status == 303
    kept = await text_of(await browser.get("/network/1/policy"))
    assert "Saved. It is in force" in kept, "no epoch has been announced"
    assert "Until the first epoch is announced, what you save is in force at once" in kept


async def test_programmes_attributes_and_the_minimum_are_kept_by_coordinators(coordinator: StagedNode) -> None:
    """The list of programmes is the network's; what it names no reviewer of any member is asked about any more."""
    network = await found(coordinator)
    browser = await coordinator.signed_in()
    page = await text_of(await browser.get("/network/1/policy"))
    assert "English learners\nStudents with disabilities" in page
    fields = {"name": "North Coast", "purpose": "Fewer absences.", "version": str(network.version)}
    lists = {
        "programmes": "Beacon  Hour\r\n\r\nZumbrotta\nBeacon Hour\n",
        "programmes_shown": "yes",
        "context_ranking": "Enrollment\nlevel",
        "cell_minimum": "12",
    }
    assert (await browser.send("/network/1/policy", fields | lists)).status == 303
    async with coordinator.database.reading() as session:
        policy = await current_policy(session, 1)
    assert (policy["programmes"], policy["cell_minimum"]) == (["Beacon Hour", "Zumbrotta"], 12)
    assert policy["context_ranking"] == ["enrolment", "level"]
    page = await text_of(await browser.get("/network/1/policy"))
    assert "Beacon Hour\nZumbrotta" in page
    fields["version"] = page.split('name="version" value="')[1].partition('"')[0]
    wrong = await browser.send("/network/1/policy", fields | {"context_ranking": "Level\nCounty"})
    assert (wrong.status, "Write one a line, each once" in await text_of(wrong)) == (422, True)
    assert (await browser.send("/network/1/policy", fields | {"programmes": "x" * 81})).status == 422
    assert (await browser.send("/network/1/policy", fields | {"programmes_shown": "yes"})).status == 303
    async with coordinator.database.reading() as session:
        emptied = await current_policy(session, 1)
    assert (emptied["programmes"], emptied["context_ranking"]) == ([], ["enrolment", "level"])


async def test_charter_and_policy_are_read_by_everybody(coordinator: StagedNode) -> None:
    network = await found(coordinator)
    async with coordinator.database.writing() as session:
        await change_policy(
            session, network_id=1, policy={"min_issued": 5}, charter={"aim": "<i>Half</i>"}, version=network.version,
            actor=await coordinator.actor(), now=coordinator.clock(),
        )  # fmt: skip
    anybody = coordinator.browser()
    page = await text_of(await anybody.get("/net/north-coast"))
    assert CHARTER["conduct"] in page
    assert "&lt;i&gt;Half" in page
    assert "by one of 5 at least" in page
    first = await text_of(await anybody.get("/net/north-coast/policy/1"))
    assert "The first version" in first
    assert "at least 3 schools take part" in first
    assert "by one of 5 at least" in await text_of(await anybody.get("/net/north-coast/policy/2"))
    assert "Fewer absences" in await text_of(await anybody.get("/net/north-coast/charter/1"))
    coordinating = await coordinator.signed_in()
    versions = (await (await coordinating.call("GET", "/networks/1/versions")).json())["items"]
    assert [(one["kind"], one["number"], one["is_today"]) for one in versions] == [
        ("policy", 2, True), ("policy", 1, False), ("charter", 2, True), ("charter", 1, False),
    ]  # fmt: skip
    assert ("by one of 5 at least" in versions[0]["changes"][0], versions[2]["changes"]) == (True, ["Aim"])
    for missing in ("policy/3", "charter/0", "policy/x", "policy/99999999999999"):
        assert (await anybody.get(f"/net/north-coast/{missing}")).status == 404
    assert (await anybody.get("/net/nowhere")).status == 404


async def test_a_member_reads_what_changes_and_accepts_it(coordinator: StagedNode, school: StagedNode) -> None:
    network_id, membership_id, member_id = await join(coordinator, school)
    await approve_fully(coordinator, school, network_id, membership_id, member_id)
    browser = await school.signed_in()
    at = f"/network/memberships/{membership_id}"
    assert "What changes for you" not in await text_of(await browser.get(at))
    async with coordinator.database.writing() as session:
        network = await network_of(session, network_id)
        await change_policy(
            session, network_id=network_id, policy={"min_issued": 5}, charter={}, version=network.version,
            actor=await coordinator.actor(), now=coordinator.clock(),
        )  # fmt: skip
    school.clock.forward(minutes=11)
    assert await check_membership(school.local, membership_id)
    page = await text_of(await browser.get(at))
    assert "You hide among more schools: what you share is by one of 5" in page
    terms = await (await browser.call("GET", f"/memberships/{membership_id}/terms")).json()
    assert (terms["is_here"], [one["name"] for one in terms["changes"]]) == (True, ["min_issued"])
    hashes = {name: terms[name] for name in ("policy_sha256", "charter_sha256")}
    wrong = await browser.call("POST", f"/memberships/{membership_id}/terms", {**hashes, "policy_sha256": "0" * 64})
    assert wrong.status == 409
    assert (await browser.send(f"{at}/terms", hashes)).status == 303
    assert "What changes for you" not in await text_of(await browser.get(at))
    again = await browser.call("POST", f"/memberships/{membership_id}/terms", hashes)
    assert again.status == 409
    held = await (await browser.call("GET", f"/memberships/{membership_id}")).json()
    assert held["policy_accepted"] == held["policy_sha256"] == hashes["policy_sha256"]


async def test_a_directory_is_looked_at_before_it_replaces(coordinator: StagedNode) -> None:
    await found(coordinator)
    browser = await coordinator.signed_in()
    assert "none yet" in await text_of(await browser.get("/network/1/directory"))

    nothing = await browser.send("/network/1/directory")
    assert (nothing.status, "Choose the directory file" in await text_of(nothing)) == (422, True)
    sheet = await browser.send("/network/1/directory", {"file": BytesIO(b"PK")})
    assert (sheet.status, "Save it as CSV" in await text_of(sheet)) == (422, True)
    sent = await browser.send("/network/1/directory", {"file": BytesIO(b"id,name\n0042,<b>Birch</b>\n0042,Twice\n")})
    assert sent.status == 303
    shown = await text_of(await browser.get(sent.headers["Location"]))
    assert "&lt;b&gt;Birch" in shown
    assert "Line 3:" in shown
    assert "none yet" in await text_of(await browser.get("/network/1/directory"))
    assert (await browser.send(sent.headers["Location"])).status == 303
    assert "one school" in await text_of(await browser.get("/network/1/directory"))
    assert (await browser.get(sent.headers["Location"])).status == 404
    assert (await browser.send("/network/1/directory/discard")).status == 303


async def test_the_same_acts_as_json(coordinator: StagedNode, school: StagedNode) -> None:
    browser, pupil = await coordinator.signed_in(), await school.signed_in()
    network = await browser.call(
        "POST", "/networks", {"slug": "hub", "name": "The hub", "charter": CHARTER, "policy": POLICY}
    )
    assert network.status == 201
    csv = "id,name\n0042,Rivermouth School\n"
    shown = await (await browser.call("PUT", "/networks/1/directory", {"csv": csv + "1,\n", "preview": True})).json()
    assert (shown["new"], shown["left_out"], shown["faults"][0]["line"]) == (1, 1, 3)
    done = await (await browser.call("PUT", "/networks/1/directory", {"csv": csv})).json()
    assert (done["schools"], done["new"]) == (1, 1)
    link = (await (await browser.call("POST", "/networks/1/invitations", {"uses": 1})).json())["link"]
    offer = await (await pupil.call("POST", "/memberships/offer", {"invitation": link})).json()
    body = {
        "invitation": link,
        "contact": CONTACT,
        **{name: offer[name] for name in ("policy_sha256", "charter_sha256")},
    }
    membership = await pupil.call("POST", "/memberships", body)
    assert (membership.status, (await membership.json())["state"]) == (201, "applied")
    (waiting,) = (await (await browser.call("GET", "/networks/1/applications")).json())["items"]
    assert [check["name"] for check in waiting["checks"]] == list(CHECK_LABELS)
    member = f"/networks/1/members/{waiting['id']}"
    assert (await browser.call("POST", f"{member}/check")).status == 200
    code = (await (await browser.call("POST", f"{member}/code")).json())["code"]
    assert (await pupil.call("POST", "/memberships/1/confirmation", {"code": code})).status == 200
    vetted = await (await browser.call("POST", f"{member}/settle", {"check": "host"})).json()
    assert vetted["passes"]
    stale = await browser.call("POST", f"{member}/approval", {"version": vetted["version"] - 1})
    assert stale.status == 409
    approved = await (await browser.call("POST", f"{member}/approval", {"version": vetted["version"]})).json()
    assert approved["state"] == "approved"
    held = await (await pupil.call("POST", "/memberships/1/check")).json()
    assert (held["state"], held["problem"]) == ("approved", "")
    move = {"to": "suspended", "reason": "conduct", "if_version": approved["version"]}
    assert (await (await browser.call("POST", f"{member}/transitions", move)).json())["state"] == "suspended"
    moves = (await (await browser.call("GET", member)).json())["moves"]
    assert [entry["to"] for entry in moves] == ["applied", "approved", "suspended"]
    assert (await pupil.call("POST", "/networks", {"slug": "x", "name": "X", "charter": {}})).status == 422
    assert (await pupil.call("GET", "/networks/1")).status == 403
    assert (await browser.call("POST", "/networks/1/invitations", {"uses": "many"})).status == 422
