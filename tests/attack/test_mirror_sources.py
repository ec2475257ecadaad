"""A dishonest source serves a log that was altered: it is stopped by its code, and what was here stays as it was.

Afterwards the source is honest again: everything goes on, unless the log's own key signed two histories.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from federation.keys import generate_private_jwk
from nic_node.db.engine import Database
from nic_node.membership.tables import MembershipRow
from nic_node.mirror.read import list_living, mirrored_logs
from nic_node.mirror.status import log_statuses, refusals
from nic_node.mirror.tables import MirrorBlob, MirrorRecord
from tests.attack.lies_of_bytes import LIES, Lie
from tests.conftest import TestClock
from tests.fakes.mirroring import Mirroring, mirroring
from tests.fakes.network_log import PRACTICE, NetworkLog, open_log


@pytest.fixture
async def world(database: Database, tmp_path: Path, clock: TestClock) -> AsyncIterator[Mirroring]:
    async with mirroring(database, tmp_path, clock) as made:
        yield made


async def begin_with_two_records(world: Mirroring) -> None:
    """14 entries were read; the log has 15."""
    world.log.publish("ada")
    world.log.publish("ben", payload=PRACTICE | {"title": "Second"})
    assert (await world.pull()).done
    world.log.publish("cem", payload=PRACTICE | {"title": "Third"})


async def titles(world: Mirroring) -> list[str]:
    async with world.database.reading() as session:
        return sorted(record.payload["title"] for record in await list_living(session, log_ids=[1]))


ONE_OF_EACH_KIND = ("a flipped bit in a tile", "a shrunk tree", "a fault", "no blobs for us")


@pytest.mark.parametrize("lie", [lie for lie in LIES if lie.name in ONE_OF_EACH_KIND], ids=lambda lie: lie.name)
async def test_a_source_is_stopped_and_what_was_here_stays(world: Mirroring, lie: Lie) -> None:
    await begin_with_two_records(world)
    lie.tell(world)

    stopped = await world.pull()

    assert (stopped.trouble, stopped.done, stopped.new_records) == (lie.found, False, 0)
    assert await titles(world) == ["Morning calls home", "Second"]
    async with world.database.reading() as session:
        (status,) = await log_statuses(session, now=world.clock())
        kept = [(refused.what, refused.code) for refused in await refusals(session)]
    assert (status.state, status.trouble) == ("live", lie.found)
    assert status.trouble_detail.endswith(".")
    assert kept == ([] if lie.name == "a fault" else [("source", lie.found)]), "what is merely absent is no refusal"

    world.served.be_honest()
    assert (await world.pull()).done
    assert await titles(world) == ["Morning calls home", "Second", "Third"]
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
