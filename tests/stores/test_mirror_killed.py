"""A node that is killed while it follows a log: nothing is half taken in, and the next run goes on. On both databases.

Each transaction of a run in a pair: killed before it, and after its commit; and within it, before the commit.
"""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from federation.tlog.edge import TreeEdge
from federation.tlog.merkle import compute_root, hash_leaf
from federation.tlog.tiles import decode_entries
from nic_node.db.engine import Database
from nic_node.mirror import blobs, entries, follow
from nic_node.mirror.inclusion import verify_record_inclusion
from nic_node.mirror.read import list_living
from nic_node.mirror.tables import ENTRIES, MirrorBlob, MirrorLog, MirrorRecord, MirrorTile
from tests.conftest import TestClock
from tests.fakes.mirroring import Mirroring, mirroring
from tests.fakes.network_log import PRACTICE
from tests.stores.sequencing import Killed


@pytest.fixture
async def world(database: Database, tmp_path: Path, clock: TestClock) -> AsyncIterator[Mirroring]:
    async with mirroring(database, tmp_path, clock) as made:
        await made.pull()
        yield made


def before(function: Callable[..., Any]) -> Callable[..., Any]:
    async def instead(*arguments: Any, **named: Any) -> None:
        raise Killed

    return instead


def after(function: Callable[..., Any]) -> Callable[..., Any]:
    async def instead(*arguments: Any, **named: Any) -> None:
        await function(*arguments, **named)
        raise Killed

    return instead


STEPS = (  # (whose, which step, when)
    (follow, "_keep_checkpoint", before),
    (follow, "_keep_checkpoint", after),
    (follow, "take_in", before),
    (entries, "keep_rows", before),
    (entries, "keep_rows", after),
    (entries, "note_refusals", after),
    (follow, "take_in", after),
    (follow, "_keep_finality", before),
    (follow, "_keep_finality", after),
    (follow, "take_in_blobs", before),
    (blobs, "keep_blobs", after),
    (blobs, "note_refusals", after),
    (follow, "take_in_blobs", after),
    (follow, "_keep_standing", before),
    (follow, "_keep_standing", after),
)


async def test_killed_around_every_transaction_of_a_run(world: Mirroring) -> None:
    for number, (owner, name, kill) in enumerate(STEPS):
        kept = world.log.publish("ada", payload=PRACTICE | {"title": f"Kept {number}"})
        gone = world.log.publish("ben", payload=PRACTICE | {"title": f"Gone {number}"})
        world.log.append(world.log.retract("ben", gone), b"no leaf at all %d" % number)
        world.served.gone.add(gone)
        with pytest.MonkeyPatch.context() as patched, pytest.raises(Killed):
            patched.setattr(owner, name, kill(getattr(owner, name)))
            await world.pull()
        await assert_whole(world)
        assert (await world.pull()).done
        await assert_whole(world)
        async with world.database.reading() as session:
            titles = {record.payload["title"] for record in await list_living(session, log_ids=[1])}
            proof = await verify_record_inclusion(session, world.log.record_id(kept))
        assert titles == {f"Kept {place}" for place in range(number + 1)}
        assert proof.is_final


async def assert_whole(world: Mirroring) -> None:
    """As many entries as are judged are stored, once each; they give the root that is kept; each blob has its record."""
    async with world.database.reading() as session:
        log = await session.get_one(MirrorLog, 1)
        tiles = await session.scalars(
            select(MirrorTile).where(MirrorTile.level == ENTRIES).order_by(MirrorTile.position)
        )
        stored = [entry for tile in tiles for entry in decode_entries(tile.content, tile.width)]
        records = await session.scalar(select(func.count()).select_from(MirrorRecord))
        loose = await session.scalar(
            select(func.count()).select_from(MirrorBlob).outerjoin(MirrorRecord).where(MirrorRecord.id.is_(None))
        )
    edge = TreeEdge.from_bytes(log.edge)
    assert stored == world.log.entries[: log.mirrored]
    assert (edge.size, edge.root()) == (log.mirrored, compute_root([hash_leaf(entry) for entry in stored]))
    assert (records, loose) == (sum(index < log.mirrored for index in world.log.blobs), 0)
