"""A dishonest network puts into its log what no log should hold: each is refused by its code, the rest is unharmed."""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from federation.keys import generate_private_jwk
from federation.leaves import build_moderate, sign_leaf
from nic_node.db.engine import Database
from nic_node.membership.read import memberships
from nic_node.mirror.read import list_living
from nic_node.mirror.status import refusals
from nic_node.mirror.tables import MirrorBlob, MirrorRecord
from nic_node.publishing.standing import standing_in
from schemas.canonical import canonical_bytes
from tests.conftest import TestClock
from tests.fakes.mirroring import Mirroring, mirroring
from tests.fakes.network_log import MEMBERS, PRACTICE, START, NetworkLog, announced_log

Put = Callable[[NetworkLog], int]
KINDS = ("practice", "replication")


NARROW = {
    "rung": "measured",
    "direction": "better",
    "aim": {"measure": "absent-10pct-window", "better": "down"},
    "measures": [
        {
            "measure": "absent-10pct-window",
            "definition_version": 1,
            "kind": "outcome",
            "unit": "proportion",
            "window": "20-school-days",
            "design": "pre-post",
            "season": "not-ruled-out",
            "points": [{"at": "baseline", "n": 60, "band": [31, 32]}, {"at": "end", "n": 60, "band": [20, 25]}],
        }
    ],
}


@pytest.fixture
async def world(database: Database, tmp_path: Path, clock: TestClock) -> AsyncIterator[Mirroring]:
    async with mirroring(database, tmp_path, clock) as made:
        yield made


def altered(log: NetworkLog, name: str = "ada", **changes: Any) -> bytes:
    """A blob that no honest node would make, in canonical form."""
    return canonical_bytes(json.loads(log.record(name).blob) | changes)


def practice(**changes: Any) -> dict:
    return PRACTICE | changes


def stranger(log: NetworkLog) -> int:
    sealed = log.record("eve")
    index = log.append(sealed.leaf)
    log.blobs[index] = sealed.blob
    return index


def twice(log: NetworkLog) -> int:
    sealed = log.record("ada")
    log.blobs[log.append(sealed.leaf)] = sealed.blob
    return log.append(sealed.leaf)


def replicate(log: NetworkLog, name: str, origin: int) -> int:
    return log.publish(name, "replication", practice(title="Ours", origin=log.record_id(origin)))


def replicate_twice(log: NetworkLog) -> int:
    origin = log.publish("ben")
    replicate(log, "ada", origin)
    return replicate(log, "ada", origin)


def forged_moderation(log: NetworkLog) -> int:
    target = log.publish("ada")
    payload = build_moderate(log.network, target=log.record_id(target), reason="identifies-someone")
    return log.append(sign_leaf(payload, generate_private_jwk("Ed25519")))


def of_another_network(log: NetworkLog) -> int:
    other = NetworkLog(network=log.network.replace("north", "south"))
    return log.append(other.record("ada").leaf)


def foreign_retraction(log: NetworkLog) -> int:
    return log.append(log.retract("ben", log.publish("ada")))


@dataclass(frozen=True)
class Attack:
    name: str
    put: Put
    code: str
    what: str = "blob"


ATTACKS = (
    Attack("by a non-member", stranger, "pseudonym-unknown", "leaf"),
    Attack("the same blob again", twice, "record-duplicate", "leaf"),
    Attack(
        "a pseudonym after the epoch opened", lambda log: log.append(log.pseudonym("eve")), "pseudonym-late", "leaf"
    ),
    Attack("a retraction by another pseudonym", foreign_retraction, "target-not-own", "leaf"),
    Attack("a moderation by nobody", forged_moderation, "leaf-signer-wrong", "leaf"),
    Attack("a leaf of another network", of_another_network, "leaf-network-wrong", "leaf"),
    Attack("a second genesis", lambda log: log.append(log.genesis()), "genesis-misplaced", "leaf"),
    Attack("no leaf at all", lambda log: log.append(b"\x00\xff" * 9), "token-malformed", "leaf"),
    Attack("a leaf of 5 KiB", lambda log: log.append(b"x" * 5000), "leaf-too-large", "leaf"),
    Attack(
        "a member who never applied", lambda log: log.append(log.member("eve", "suspended")), "illegal-move", "leaf"
    ),
    Attack(
        "the blob of another pseudonym", lambda log: log.commit("ben", log.record("ada").blob), "blob-leaf-mismatch"
    ),
    Attack(
        "a phone number in the text",
        lambda log: log.publish("ada", payload=practice(conditions="Call 555-201-9834 first.")),
        "rule-text",
    ),
    Attack("a band narrower than allowed", lambda log: log.publish("ada", payload=practice(**NARROW)), "rule-band"),
    Attack("a field that nobody knows", lambda log: log.commit("ada", altered(log, teacher="N.")), "invalid-document"),
    Attack("not the canonical bytes", lambda log: log.commit("ada", log.record("ada").blob + b" "), "not-canonical"),
    Attack("no JSON", lambda log: log.commit("ada", b"<html></html>"), "not-json"),
    Attack("50 KiB", lambda log: log.commit("ada", b"x" * 50_000), "blob-too-large"),
    Attack("100 brackets deep", lambda log: log.commit("ada", b"[" * 100 + b"]" * 100), "too-deep"),
    Attack("a second replication", replicate_twice, "replicated-already"),
    Attack("a replication of one's own", lambda log: replicate(log, "ada", log.publish("ada")), "own-practice"),
    Attack("a replication of nothing", lambda log: replicate(log, "ada", 7), "target-unknown"),
)


async def test_each_is_refused_by_its_code_and_harms_nothing(world: Mirroring) -> None:
    honest = [world.log.publish("cem", payload=practice(title="Before"))]
    indexes = {}
    for attack in ATTACKS:
        indexes[attack.name] = attack.put(world.log)
        honest.append(world.log.publish("cem", payload=practice(title=f"After {attack.name}")))

    report = await world.pull()

    assert report.done
    assert report.trouble is None
    async with world.database.reading() as session:
        refused = {one.leaf_index: one for one in await refusals(session)}
        shown = {record.index for record in await list_living(session, log_ids=[1], kinds=KINDS)}
        kept = set(await session.scalars(select(MirrorRecord.leaf_index).join(MirrorBlob)))
    found = {name: (refused[index].what, refused[index].code) for name, index in indexes.items() if index in refused}
    assert found == {attack.name: (attack.what, attack.code) for attack in ATTACKS}
    assert refused.pop(None).code == "blob-hash-wrong", "the stranger's blob is served too, and no record commits to it"
    assert len(refused) == len(ATTACKS)
    assert all(one.detail and one.sha256 for one in refused.values())
    assert set(honest) <= shown
    assert not shown & set(indexes.values())
    assert kept == shown, "of what is refused only the hash is kept"


async def test_what_was_refused_once_is_not_asked_for_again(world: Mirroring) -> None:
    for attack in ATTACKS[-3:]:
        attack.put(world.log)
    await world.pull()
    world.served.asked.clear()

    again = await world.pull()

    assert (again.done, again.refused, world.served.asked) == (True, 0, ["checkpoint"])


async def test_a_record_for_a_newer_program_is_kept_for_later(world: Mirroring) -> None:
    index = world.log.commit("ada", altered(world.log, v=2))
    await world.pull()

    async with world.database.reading() as session:
        (refused,) = await refusals(session)
        record = await session.scalar(select(MirrorRecord).where(MirrorRecord.leaf_index == index))
        blobs = await session.scalar(select(func.count()).select_from(MirrorBlob))
        assert await list_living(session, log_ids=[1]) == []
    assert record is not None
    assert (refused.code, record.state, blobs) == ("unsupported-version", "newer", 1)


CREDENTIALS = {
    "another network's credential": ({"network": "https://else.example/net/x"}, "credential-network-wrong"),
    "another epoch's credential": ({"said_epoch": 2}, "credential-epoch-wrong"),
    "another pseudonym's credential": ({"jkt": "A" * 43}, "credential-key-wrong"),
    "a credential by another key": ({"keys": 2}, "credential-invalid"),
}


@pytest.mark.parametrize("case", CREDENTIALS)
async def test_no_pseudonym_without_a_credential_of_its_own(world: Mirroring, case: str) -> None:
    fields, code = CREDENTIALS[case]
    log = announced_log(network=world.log.network)
    log.append(*(log.issued(name) for name in MEMBERS), *(log.pseudonym(name) for name in MEMBERS))
    log.append(log.pseudonym("eve", **fields), log.issued("ada"), log.open())
    log.publish("ada")
    world.served.log = log

    report = await world.pull()

    async with world.database.reading() as session:
        found = {(refused.code, refused.leaf_index) for refused in await refusals(session)}
    assert found == {(code, 11), ("issued-already", 12)}
    assert report.new_records == 1


async def test_more_pseudonyms_than_credentials_raise_an_alarm(world: Mirroring) -> None:
    log = announced_log(network=world.log.network)
    log.append(*(log.issued(name) for name in MEMBERS), *(log.pseudonym(name) for name in (*MEMBERS, "eve")))
    index = log.append(log.open(registered=4))
    world.served.log = log

    await world.pull()

    async with world.database.reading() as session:
        (alarm,) = await refusals(session)
    assert (alarm.what, alarm.code, alarm.leaf_index) == ("alarm", "registered-surplus", index)
    assert await is_alarmed(world)


async def test_more_credentials_than_members_raise_an_alarm_that_stays(world: Mirroring) -> None:
    log = announced_log(network=world.log.network)
    log.append(*(log.issued(name) for name in MEMBERS), *(log.pseudonym(name) for name in MEMBERS))
    log.append(log.member("cem", "approved", "left"))
    index = log.append(log.open())
    world.served.log = log
    await world.pull()
    async with world.database.reading() as session:
        (alarm,) = await refusals(session)
    assert (alarm.what, alarm.code, alarm.leaf_index) == ("alarm", "issued-surplus", index)
    assert await is_alarmed(world)
    log.append(log.member("dot"))
    await world.pull()
    assert await is_alarmed(world)


async def test_members_that_leave_an_open_term_are_no_alarm(world: Mirroring) -> None:
    world.log.append(world.log.member("cem", "approved", "left"))
    await world.pull()
    assert not await is_alarmed(world)


async def is_alarmed(world: Mirroring) -> bool:
    """What this school's Share page says."""
    async with world.database.reading() as session:
        (membership,) = await memberships(session)
        world.clock.now = max(world.clock.now, START + timedelta(days=22))
        return (await standing_in(session, membership, world.clock())).alarm
