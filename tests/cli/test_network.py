"""`nic network`: founding, inviting, a school that joins over HTTP, and what coordinators decide."""

import asyncio
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from nic_node.app.node import open_node
from nic_node.config import read_config
from nic_node.membership.follow import check_membership
from nic_node.mirror.refuse import Refused, note_refusals
from nic_node.network.above.follow import check_superior
from nic_node.network.tables import Member
from schemas.problem import Code
from tests.cli.calls import Answer, is_one_sentence, nic
from tests.cli.serving import give_address, serving

FOUND = ("network", "found", "north", "--name", "North Coast", "--purpose", "Attendance in grade 9")
CONTACT = ("--contact-name", "Ada Field", "--contact-email", "ada@alder.example", "--contact-role", "principal")


def refused(answer: Answer, words: str) -> None:
    assert (answer.code, answer.out) == (1, "")
    assert words in answer.err
    assert is_one_sentence(answer.err)


def test_without_a_network(school: Path) -> None:
    for command in (["invite"], ["applications"], ["members"], ["policy"], ["epoch"], ["approve", "1"], ["code", "1"]):
        refused(nic("network", *command, data=school), "No network is run on this node")
    refused(nic("network", "join", "not a link", data=school), "not an invitation link")
    refused(nic("network", "confirm", "KX4M-9TPA", data=school), "0 applications")


def test_founding(school: Path) -> None:
    made = nic(*FOUND, "--schools", 9, "--set", "slot_seconds=60", "--json", data=school).document
    assert "one of 7 schools" in made["proposal"]["costs"][0]
    shown = nic("network", "policy", "--json", data=school).document

    assert made["entity"] == "http://127.0.0.1:8000/net/north"
    assert (shown["policy"]["slot_seconds"], shown["policy"]["min_issued"]) == (60, 7)
    assert shown["in_force"] == {"policy": shown["policy"], "epoch": None, "waiting": []}
    assert shown["charter"]["purpose"] == "Attendance in grade 9"
    refused(nic(*FOUND, data=school), "here already")
    refused(nic(*FOUND, "--set", "context_k=1", data=school), "3 at the least")


def test_a_network_of_its_own(school: Path) -> None:
    nic(*FOUND, data=school)

    changed = nic("network", "policy", "--set", "context_k=4", "--text", "aim=Fewer absences", "--json", data=school)
    assert changed.document["policy"]["context_k"] == 4
    assert changed.document["charter"]["aim"] == "Fewer absences"
    assert nic("network", "epoch", "--json", data=school).document == {"epochs": [], "supplement": None}
    assert nic("network", "applications", "--json", data=school).document == {"applications": []}
    refused(nic("network", "epoch", "--announce", data=school), "more members")
    assert nic("network", "above", "list", "--json", data=school).document == {"superiors": []}
    for command in (["leave"], ["renew"], ["appeal", "--text", "Why"], ["confirm", "KX4M-9TPA"]):
        refused(nic("network", "above", *command, data=school), "0 networks above")
    assert nic("network", "others", "--json", data=school).document == {"networks": []}
    refused(nic("network", "others", "--stop", "http://127.0.0.1/net/x", data=school), "does not read that network")
    refused(nic("network", "invite", "--days", 0, data=school), "1 to 366 days")
    refused(nic("network", "invite", "--as", "zoe@alder.example", data=school), "no active coordinator")
    refused(nic("network", "approve", 3, data=school), "no such member")
    (log,) = nic("log", "status", "--json", data=school).document["written_here"]
    assert log["network"] == "http://127.0.0.1:8000/net/north"


def test_a_school_directory(school: Path, tmp_path: Path) -> None:
    nic(*FOUND, data=school)
    file = tmp_path / "directory.csv"
    file.write_text("id,name\n1,One\n2,Two\n2,Twice\n")

    would = nic("network", "directory", file, "--check", "--json", data=school).document
    assert (would["schools"], would["new"], would["left_out"], would["faults"][0]["line"]) == (2, 2, 1, 4)
    assert nic("network", "directory", "--json", data=school).document == {"schools": 0}
    done = nic("network", "directory", file, data=school)
    assert (done.code, "Line 4: the id 2 stands in line 3 already" in done.err) == (0, True)
    assert nic("network", "directory", "--json", data=school).document == {"schools": 2}
    file.write_text("name\nOne\n")
    refused(nic("network", "directory", file, data=school), "No column holds the schools' ids")


def test_two_networks_want_a_name(school: Path) -> None:
    nic(*FOUND, data=school)
    nic("network", "found", "south", "--name", "South", "--purpose", "Reading", data=school)

    refused(nic("network", "invite", data=school), "north, south")
    assert "/net/south/" in nic("network", "invite", "--network", "south", "--json", data=school).document["link"]
    refused(nic("network", "members", "--network", "west", data=school), "no such network")


@dataclass
class Two:
    """`coordinator` runs a network; `member` is a school with another address; both answer."""

    coordinator: Path
    member: Path
    link: str

    def applied(self) -> int:
        """The member's number, after the school has applied and its host was asked."""
        nic("network", "join", self.link, "--accept", *CONTACT, "--json", data=self.member)
        nic("sync", data=self.coordinator)
        (waiting,) = nic("network", "applications", "--json", data=self.coordinator).document["applications"]
        return int(waiting["member"])


@pytest.fixture
def two(school_template: Path, tmp_path: Path) -> Iterator[Two]:
    folders = [Path(shutil.copytree(school_template, tmp_path / name)) for name in ("coordinator", "member")]
    for folder in folders:
        give_address(folder)
    coordinator, member = folders
    assert nic("school", "set", "level=middle", data=member).code == 0
    with serving(*folders):
        assert nic(*FOUND, data=coordinator).code == 0
        link = nic("network", "invite", "--uses", 2, "--json", data=coordinator).document["link"]
        yield Two(coordinator, member, link)


def test_a_school_joins_and_is_decided_about(two: Two) -> None:
    offer = nic("network", "join", two.link, "--json", data=two.member).document
    assert offer["charter"]["purpose"] == "Attendance in grade 9"
    assert nic("network", "applications", "--json", data=two.coordinator).document == {"applications": []}

    member = two.applied()
    refused(nic("network", "approve", member, data=two.coordinator), "checks do not pass")

    code = nic("network", "code", member, "--json", data=two.coordinator).document["code"]
    refused(nic("network", "confirm", "AAAA-AAAA", data=two.member), "")
    assert nic("network", "confirm", code, "--json", data=two.member).document["confirmed"] is True

    assert nic("network", "approve-all", "--json", data=two.coordinator).document == {"outcomes": []}
    settled = ("--settle", "host", "--settle", "directory")
    approved = nic("network", "approve", member, *settled, "--json", data=two.coordinator).document
    assert approved["state"] == "approved"
    assert nic("network", "applications", data=two.coordinator).out == "Nobody waits for a decision.\n"
    (listed,) = nic("network", "members", "--state", "approved", "--json", data=two.coordinator).document["members"]
    assert listed["name"] == "Alder School"

    assert nic("network", "roles", member, "--json", data=two.coordinator).document["roles"] == ["publisher"]
    changes = ("--give", "witness", "--withdraw", "publisher")
    assert nic("network", "roles", member, *changes, "--json", data=two.coordinator).document["roles"] == ["witness"]

    refused(nic("network", "approve", member, data=two.coordinator), "no application to approve")
    for command, state in (("suspend", "suspended"), ("reinstate", "approved"), ("revoke", "revoked")):
        reason = "reinstated" if command == "reinstate" else "conduct"
        moved = nic("network", command, member, "--reason", reason, "--json", data=two.coordinator).document
        assert moved["state"] == state
    refused(nic("network", "suspend", member, "--reason", "conduct", data=two.coordinator), "illegal-move")
    refused(nic("network", "roles", member, "--give", "mirror", data=two.coordinator), "Only a member that is approved")

    nic("sync", data=two.coordinator)
    verified = nic("log", "verify", two.link.partition("/join")[0] + "/log/1", "--json").document
    assert (verified["ok"], verified["size"]) == (True, 5)


def test_a_rejected_school_reads_why(two: Two) -> None:
    member = two.applied()

    refused(nic("network", "reject", member, "--reason", "other", data=two.coordinator), "note")
    answer = nic(
        "network", "reject", member, "--reason", "not-eligible", "--note", "High schools only.", data=two.coordinator
    )

    assert "rejected" in answer.out
    assert nic("network", "members", "--state", "approved", "--json", data=two.coordinator).document == {"members": []}


def test_joining_wants_somebody_to_call_and_a_school_that_says_its_level(two: Two) -> None:
    refused(nic("network", "join", two.link, "--accept", data=two.member), "name of the person")
    nic("school", "set", "level=", data=two.member)
    refused(nic("network", "join", two.link, "--accept", *CONTACT, data=two.member), "which level it is")
    assert nic("network", "applications", "--json", data=two.coordinator).document == {"applications": []}


async def learn_the_decision(folder: Path) -> None:
    """What the job does when its time has come."""
    async with open_node(read_config(folder, {})) as node:
        assert await check_membership(node.local, 1)


async def refuse_something(folder: Path) -> None:
    """As if the network had served a leaf that is none."""
    async with open_node(read_config(folder, {})) as node, node.local.database.writing() as session:
        refused_leaf = Refused(what="leaf", code=Code.LEAF_MALFORMED, detail="It is no leaf.", leaf_index=7)
        await note_refusals(session, 1, [refused_leaf], source="https://hub.example", now=node.local.clock())


def test_a_member_sees_how_far_its_copy_of_the_log_is(two: Two) -> None:
    member = two.applied()
    assert nic("log", "status", "--json", data=two.member).document == {
        "networks": [],
        "written_here": [],
        "read_from": [],
    }
    code = nic("network", "code", member, "--json", data=two.coordinator).document["code"]
    nic("network", "confirm", code, data=two.member)
    nic("network", "approve", member, "--settle", "host", "--settle", "directory", data=two.coordinator)
    nic("sync", data=two.coordinator)
    asyncio.run(learn_the_decision(two.member))
    nic("sync", data=two.member)
    asyncio.run(refuse_something(two.member))

    (status,) = nic("log", "status", "--json", data=two.member).document["networks"]

    network = two.link.partition("/join")[0]
    assert (status["network"], status["state"], status["trouble"]) == (network, "live", None)
    assert (status["size"], status["mirrored"], status["final_size"]) == (2, 2, 2)
    assert 0 <= status["lag_seconds"] < 60
    assert (status["records"], status["refusals"]) == ({}, {"leaf-malformed": 1})
    shown = nic("log", "status", data=two.member).out
    assert network in shown
    assert "leaf-malformed 1" in shown
    assert f"{network.partition('://')[2]}/log/1 is read from:" in shown
    assert "the log itself  answers" in shown


def test_a_list_of_schools_to_invite(school: Path, tmp_path: Path) -> None:
    nic(*FOUND, data=school)
    file = tmp_path / "schools.csv"
    file.write_text("name,email\nOak,oak@d.example\nElm,\n")
    refused = nic("network", "invite", "--list", file, data=school)
    assert (refused.code, "3: " in refused.err) == (1, True)
    file.write_text("name,email\nOak,oak@d.example\nElm,elm@d.example\n")
    added = nic("network", "invite", "--list", file, "--no-send", "--json", data=school).document
    assert added == {"added": 2, "listed": 0, "here": 0}
    listed = nic("network", "invitees", "--search", "elm", "--json", data=school).document
    assert [(one["name"], one["state"]) for one in listed["invitees"]] == [("Elm", "unsent")]
    assert "Oak" in nic("network", "invitees", data=school).out
    assert nic("network", "remind", "--json", data=school).document == {"schools": 0}


async def end_in(folder: Path, days: int) -> None:
    """As if the year were nearly over."""
    async with open_node(read_config(folder, {})) as node, node.local.database.writing() as session:
        await session.execute(update(Member).values(expires_at=node.local.clock() + timedelta(days=days)))


def admitted(two: Two) -> int:
    """The number of the member, approved, whose node knows."""
    member = two.applied()
    code = nic("network", "code", member, "--json", data=two.coordinator).document["code"]
    nic("network", "confirm", code, data=two.member)
    nic("network", "approve", member, "--settle", "host", "--settle", "directory", data=two.coordinator)
    asyncio.run(learn_the_decision(two.member))
    return member


def test_a_member_asks_for_its_next_term_and_appeals(two: Two) -> None:
    assert "never applied anywhere" in nic("network", "history", data=two.member).out
    refused(nic("network", "renew", data=two.member), "0 memberships of this school are approved")
    member = admitted(two)

    refused(nic("network", "renew", "--accept", data=two.member), "too early")
    asyncio.run(end_in(two.coordinator, 40))
    assert nic("network", "renew", "--json", data=two.member).document["charter"]["purpose"] == FOUND[-1]
    assert nic("network", "renewals", "--json", data=two.coordinator).document["asking"] == []
    assert nic("network", "renew", "--accept", "--json", data=two.member).document["asked"] is True
    (asking,) = nic("network", "renewals", "--json", data=two.coordinator).document["asking"]
    assert asking["member"] == member

    refused(nic("network", "appeal", "--accept", "--text", "Why?", data=two.member), "0 memberships")
    nic("network", "revoke", member, "--reason", "conduct", "--note", "Call us.", data=two.coordinator)
    asyncio.run(learn_the_decision(two.member))
    sent = nic("network", "appeal", "--accept", "--text", "We mended it.", "--json", data=two.member).document
    assert sent["sent"] is True
    (waiting,) = nic("network", "appeals", "--json", data=two.coordinator).document["appeals"]
    assert waiting["text"] == "We mended it."

    (told,) = nic("network", "history", "--json", data=two.member).document["memberships"]
    assert (told["state"], told["appeal"]["state"]) == ("revoked", "open")
    assert [move["note"] for move in told["moves"]][-1] == "Call us."
    assert "Call us." in nic("network", "history", data=two.member).out


def test_a_member_leaves(two: Two) -> None:
    refused(nic("network", "leave", data=two.member), "0 memberships of this school fit")
    admitted(two)
    shown = nic("network", "leave", data=two.member).out
    assert "Nothing has happened yet" in shown
    assert nic("network", "leave", "--json", data=two.member).document["state"] == "approved"
    assert nic("network", "leave", "--yes", "--json", data=two.member).document["state"] == "left"
    (told,) = nic("network", "history", "--json", data=two.member).document["memberships"]
    assert told["state"] == "left"
    assert nic("network", "members", "--state", "approved", "--json", data=two.coordinator).document == {"members": []}


async def learn_above(folder: Path) -> None:
    """What the job of the network below does when its time has come."""
    async with open_node(read_config(folder, {})) as node:
        assert await check_superior(node.local, 1)


def test_a_network_below_another_one(two: Two) -> None:
    nic("network", "found", "lake", "--name", "Lake", "--purpose", "Reading", data=two.member)

    def above(*command: str) -> dict[str, Any]:
        return nic("network", "above", *command, "--json", data=two.member).document

    assert above("apply", two.link)["charter"]["purpose"] == "Attendance in grade 9"
    assert above("list") == {"superiors": []}, "shown only"
    made = above("apply", two.link, "--accept", *CONTACT[:4])
    assert (made["state"], made["entity"]) == ("applied", two.link.partition("/join")[0])
    nic("sync", data=two.coordinator)
    (waiting,) = nic("network", "applications", "--json", data=two.coordinator).document["applications"]
    code = nic("network", "code", waiting["member"], "--json", data=two.coordinator).document["code"]
    assert above("confirm", code)["confirmed"] is True
    settled = ("--settle", "host", "--settle", "directory")
    assert nic("network", "approve", waiting["member"], *settled, data=two.coordinator).code == 0

    asyncio.run(learn_above(two.member))
    refused(nic("network", "above", "renew", "--accept", data=two.member), "too early")
    asyncio.run(end_in(two.coordinator, 30))
    asyncio.run(learn_above(two.member))
    assert "changed" in above("renew")
    asked = above("renew", "--accept")
    assert (asked["state"], asked["renewal_asked"] is not None) == ("approved", True)
    assert "Lake" in nic("network", "renewals", data=two.coordinator).out
    assert nic("network", "renewals", "--all", data=two.coordinator).code == 0

    nic("network", "revoke", waiting["member"], "--reason", "conduct", data=two.coordinator)
    asyncio.run(learn_above(two.member))
    (row,) = above("list")["superiors"]
    assert (row["state"], row["renewal_asked"]) == ("revoked", None)
    appealed = above("appeal", "--text", "It was settled in May.", "--accept")
    assert (appealed["state"], appealed["appeal"]["state"]) == ("revoked", "open")
    assert "Lake" in nic("network", "appeals", data=two.coordinator).out
