"""A dishonest source serves a log that was altered: it is stopped by its code, and what was here stays as it was.

Afterwards the source is honest again: everything goes on, unless the log's own key signed two histories.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import func, select

from federation.keys import generate_private_jwk
from federation.tlog.checkpoint import Checkpoint, sign_checkpoint
from federation.tlog.tiles import CHECKPOINT_PATH
from nic_node.db.engine import Database
from nic_node.membership.tables import MembershipRow
from nic_node.mirror.read import list_living, mirrored_logs
from nic_node.mirror.status import log_statuses, refusals
from nic_node.mirror.tables import MirrorBlob, MirrorRecord
from tests.conftest import TestClock
from tests.fakes.mirroring import Mirroring, mirroring
from tests.fakes.network_log import PRACTICE, NetworkLog, open_log
from tests.fakes.served_log import ServedLog

BUNDLE = "tile/entries/000.p/16"
TILE = "tile/0/000.p/16"
"""The log has 14 entries when an attack begins, and 16 under attack."""


@pytest.fixture
async def world(database: Database, tmp_path: Path, clock: TestClock) -> AsyncIterator[Mirroring]:
    async with mirroring(database, tmp_path, clock) as made:
        yield made


@pytest.fixture
async def local(sqlite_database: Database, tmp_path: Path, clock: TestClock) -> AsyncIterator[Mirroring]:
    async with mirroring(sqlite_database, tmp_path, clock) as made:
        yield made


def signed_by_stranger(served: ServedLog) -> None:
    log = served.log
    checkpoint = Checkpoint(log.origin, log.edge.size, log.edge.root())
    served.lie().files[CHECKPOINT_PATH] = sign_checkpoint(checkpoint, generate_private_jwk("Ed25519"))


def signed_otherwise(served: ServedLog) -> None:
    """Another letter of base64 in the signature's last bytes: it still reads well, and verifies no more."""
    other = {b"A": b"B"}
    served.lie().tamper(CHECKPOINT_PATH, lambda data: data[:-5] + other.get(data[-5:-4], b"A") + data[-4:])


def of_another_log(served: ServedLog) -> None:
    log = served.log
    checkpoint = Checkpoint("elsewhere.example/log", log.edge.size, log.edge.root())
    served.lie().files[CHECKPOINT_PATH] = sign_checkpoint(checkpoint, log.log_private)


def of_a_root_that_is_none(served: ServedLog) -> None:
    log = served.log
    checkpoint = Checkpoint(log.origin, log.edge.size + 300, b"r" * 32)
    served.lie().files[CHECKPOINT_PATH] = sign_checkpoint(checkpoint, log.log_private)


def shrunk(served: ServedLog) -> None:
    shorter = NetworkLog(network=served.log.network)
    shorter.append(*served.log.entries[:12])
    served.lie().shrink(shorter)


def lacking(path: str) -> Callable[[ServedLog], None]:
    return lambda served: served.lie().drop(path)


def flipped(path: str, at: int) -> Callable[[ServedLog], None]:
    return lambda served: served.lie().flip(path, at)


def answering(status: int, path: str = CHECKPOINT_PATH) -> Callable[[ServedLog], None]:
    return lambda served: served.statuses.update({path: status})


def saying(content_type: str, body: bytes, path: str = CHECKPOINT_PATH) -> Callable[[ServedLog], None]:
    return lambda served: served.bodies.update({path: (content_type, body)})


@dataclass(frozen=True)
class Attack:
    """`is_kept`: whether it stands among the refusals; what is merely absent does not."""

    name: str
    begin: Callable[[ServedLog], None]
    code: str
    is_kept: bool = True


ATTACKS = (
    Attack("an entry altered", flipped(BUNDLE, -1), "entry-wrong"),
    Attack("a tile altered", flipped(TILE, 13 * 32), "consistency-wrong"),
    Attack("a bundle cut off", lambda served: served.lie().tamper(BUNDLE, lambda data: data[:-5]), "bundle-malformed"),
    Attack("a tile cut off", lambda served: served.lie().tamper(TILE, lambda data: data[:-5]), "tile-malformed"),
    Attack("a shrunk tree", shrunk, "checkpoint-shrunk"),
    Attack("a checkpoint by another key", signed_by_stranger, "checkpoint-unsigned"),
    Attack("another log's checkpoint", of_another_log, "checkpoint-origin-wrong"),
    Attack("a signature altered", signed_otherwise, "signature-invalid"),
    Attack("no checkpoint but words", saying("text/plain", b"hello\n"), "checkpoint-malformed"),
    Attack("a page instead", saying("text/html", b"<html></html>"), "peer-content-type"),
    Attack("nothing", saying("text/plain", b""), "peer-empty"),
    Attack("too much", saying("text/plain", b"x" * 20_000), "peer-too-large"),
    Attack("a redirect", answering(302), "peer-redirected"),
    Attack("a fault", answering(500), "peer-unreachable", is_kept=False),
    Attack("busy", answering(429), "peer-busy", is_kept=False),
    Attack("no log there", answering(404), "log-incomplete", is_kept=False),
    Attack("a bundle missing", lacking(BUNDLE), "log-incomplete", is_kept=False),
    Attack("a root that no tree has", of_a_root_that_is_none, "log-incomplete", is_kept=False),
    Attack("no blobs for us", answering(403, "blobs/000.p/16"), "peer-refused"),
    Attack("blobs as a page", saying("text/html", b"<html></html>", "blobs/000.p/16"), "peer-content-type"),
)


async def begin_with_two_records(world: Mirroring) -> None:
    world.log.publish("ada")
    world.log.publish("ben", payload=PRACTICE | {"title": "Second"})
    assert (await world.pull()).done
    world.log.publish("cem", payload=PRACTICE | {"title": "Third"})
    world.log.publish("ada", payload=PRACTICE | {"title": "Fourth"})


async def titles(world: Mirroring) -> list[str]:
    async with world.database.reading() as session:
        return sorted(record.payload["title"] for record in await list_living(session, log_ids=[1]))


ONE_OF_EACH_KIND = ("a tile altered", "a shrunk tree", "a checkpoint by another key", "a fault", "no blobs for us")


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
async def test_a_source_is_stopped_and_what_was_here_stays(local: Mirroring, attack: Attack) -> None:
    await stopped_and_unharmed(local, attack)


@pytest.mark.parametrize("name", ONE_OF_EACH_KIND)
async def test_on_either_database_what_was_here_stays(world: Mirroring, name: str) -> None:
    await stopped_and_unharmed(world, next(attack for attack in ATTACKS if attack.name == name))


async def stopped_and_unharmed(world: Mirroring, attack: Attack) -> None:
    await begin_with_two_records(world)
    attack.begin(world.served)

    stopped = await world.pull()

    assert (stopped.trouble, stopped.done, stopped.new_records) == (attack.code, False, 0)
    assert await titles(world) == ["Morning calls home", "Second"]
    async with world.database.reading() as session:
        (status,) = await log_statuses(session, now=world.clock())
        kept = [(refused.what, refused.code) for refused in await refusals(session)]
    assert (status.state, status.trouble) == ("live", attack.code)
    assert status.trouble_detail.endswith(".")
    assert kept == ([("source", attack.code)] if attack.is_kept else [])

    world.served.be_honest()
    assert (await world.pull()).done
    assert await titles(world) == ["Fourth", "Morning calls home", "Second", "Third"]
    async with world.database.reading() as session:
        (status,) = await log_statuses(session, now=world.clock())
    assert status.trouble == ""


def fork_of(log: NetworkLog, *, entries: int) -> NetworkLog:
    """Another history under the same keys: its last entries differ."""
    other = open_log(network=log.network)
    for number in range(entries):
        other.publish("cem", payload=PRACTICE | {"title": f"Instead {number}"})
    return other


@pytest.mark.parametrize("entries", [2, 5], ids=["as long", "longer"])
async def test_two_histories_freeze_the_log(world: Mirroring, entries: int) -> None:
    world.log.publish("ada")
    world.log.publish("ben", payload=PRACTICE | {"title": "Second"})
    await world.pull()
    world.served.lie(fork_of(world.log, entries=entries))

    found = await world.pull()

    assert found.trouble == "log-forked"
    async with world.database.reading() as session:
        (view,) = await mirrored_logs(session, now=world.clock())
        kept = [refused.code for refused in await refusals(session)]
    assert (view.state, kept) == ("frozen", ["log-forked"])

    world.served.be_honest()
    world.log.publish("cem")
    again = await world.pull()
    assert (again.trouble, again.new_entries) == ("log-frozen", 0)
    assert await titles(world) == ["Morning calls home", "Second"]


async def test_another_network_behind_the_address_is_not_read(world: Mirroring) -> None:
    async with world.database.writing() as session:
        row = await session.get_one(MembershipRow, world.membership_id)
        row.network_metadata = row.network_metadata | {"leaf_jwk": public_of(generate_private_jwk("Ed25519"))}

    report = await world.pull()

    assert (report.trouble, report.new_entries) == ("key-not-pinned", 0)
    async with world.database.reading() as session:
        assert [refused.code for refused in await refusals(session)] == ["key-not-pinned"]


def public_of(private: dict) -> dict:
    return {name: private[name] for name in ("kty", "crv", "x")}


# Blobs ----------------------------------------------------------------------------------------------------------------


def tamper_first(lines: list[bytes]) -> list[bytes]:
    return [lines[0].replace(b"Morning", b"Evening"), *lines[1:]]


def none_of(lines: list[bytes]) -> list[bytes]:
    return []


async def states(world: Mirroring) -> list[str]:
    async with world.database.reading() as session:
        return list(await session.scalars(select(MirrorRecord.state).order_by(MirrorRecord.leaf_index)))


async def test_a_tampered_record_is_refused_and_taken_when_it_comes_right(world: Mirroring) -> None:
    index = world.log.publish("ada")
    world.log.publish("ben", payload=PRACTICE | {"title": "Second"})
    world.served.change_lines = tamper_first

    report = await world.pull()

    assert (report.done, report.new_records, report.refused) == (True, 1, 1)
    assert await states(world) == ["withheld", "living"]
    async with world.database.reading() as session:
        (refused,) = await refusals(session)
    assert (refused.what, refused.code, refused.leaf_index) == ("blob", "blob-hash-wrong", index)

    world.served.be_honest()
    world.clock.forward(minutes=3)
    await world.pull()
    assert await states(world) == ["living", "living"]


async def test_a_withheld_blob_is_noted_and_asked_for_again_but_not_at_once(world: Mirroring) -> None:
    world.log.publish("ada")
    world.served.change_lines = none_of
    assert (await world.pull()).done
    assert await states(world) == ["withheld"]

    world.served.be_honest()
    assert (await world.pull()).new_records == 0, "it was asked for a moment ago"
    world.clock.forward(minutes=3)
    assert (await world.pull()).new_records == 1


async def test_what_stands_for_no_record_is_left_aside(world: Mirroring) -> None:
    world.log.publish("ada")
    world.served.change_lines = lambda lines: [*lines, b"{}", b"[]", lines[0]]

    report = await world.pull()

    assert (report.new_records, await states(world)) == (1, ["living"])
    async with world.database.reading() as session:
        (refused,) = await refusals(session)
    assert (refused.code, refused.leaf_index) == ("blob-hash-wrong", None)


async def test_a_blob_that_was_taken_back_is_not_taken_again(world: Mirroring) -> None:
    index = world.log.publish("ada")
    await world.pull()
    world.log.append(world.log.retract("ada", index))
    world.log.publish("ben", payload=PRACTICE | {"title": "Second"})

    await world.pull()  # The network goes on serving the blob that it should have erased.

    assert await states(world) == ["gone", "living"]
    async with world.database.reading() as session:
        (refused,) = await refusals(session)
        blobs = await session.scalar(select(func.count()).select_from(MirrorBlob))
    assert (refused.code, refused.leaf_index, blobs) == ("blob-retracted", index, 1)


async def test_of_two_replications_the_first_in_the_log_counts_whichever_comes_first(world: Mirroring) -> None:
    origin = world.log.record_id(world.log.publish("ben"))
    for title in ("First", "Again"):
        world.log.publish("ada", "replication", PRACTICE | {"title": title, "origin": origin})
    world.served.change_lines = lambda lines: [line for line in lines if b'"First"' not in line]
    await world.pull()
    assert await states(world) == ["living", "withheld", "living"]

    world.served.be_honest()
    world.clock.forward(minutes=3)
    await world.pull()

    assert await states(world) == ["living", "living", "refused"]
    async with world.database.reading() as session:
        (refused,) = await refusals(session)
    assert (refused.code, refused.leaf_index) == ("replicated-already", 14)


async def test_a_policy_with_another_hash_judges_nobody(world: Mirroring) -> None:
    world.log.publish("ada")
    honest = dict(world.log.documents)
    policy = next(key for key, document in honest.items() if document["kind"] == "policy")
    world.log.documents[policy] = honest[policy] | {"approvals_required": 2}

    report = await world.pull()

    assert report.trouble == "document-hash-wrong"
    assert await states(world) == ["wanted"]
    world.log.documents = honest
    assert (await world.pull()).new_records == 1


async def test_who_is_no_member_any_more_asks_for_nothing(world: Mirroring) -> None:
    async with world.database.writing() as session:
        (await session.get_one(MembershipRow, world.membership_id)).state = "revoked"
    await world.pull()
    assert world.served.asked == []
