"""Many bundles that wait are taken in several at once: the same rows, files and proofs as one by one."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from federation.tlog.tiles import TILE_WIDTH, decode_entries
from nic_node.db.engine import Database
from nic_node.mirror import follow
from nic_node.mirror.inclusion import verify_record_inclusion
from nic_node.mirror.tables import ENTRIES, MirrorBlob, MirrorRecord, MirrorTile
from tests.conftest import TestClock
from tests.fakes.mirroring import Mirroring, mirroring
from tests.fakes.network_log import PRACTICE

RECORDS = 4 * TILE_WIDTH + 100


async def test_bundles_are_joined_whole_and_each_is_kept_as_a_file_of_its_own(
    database: Database, tmp_path: Path, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    transactions: dict[str, list[int]] = {"take_in": [], "take_in_blobs": []}
    for name, counts in transactions.items():
        monkeypatch.setattr(follow, name, counted(getattr(follow, name), counts))
    async with mirroring(database, tmp_path, clock) as world:
        await world.pull()
        held = transactions["take_in"].pop()
        first = publish_many(world)
        report = await world.pull()

        assert report.done
        assert (report.new_entries, report.new_records, report.bundles) == (RECORDS, RECORDS, 10)
        whole = TILE_WIDTH - held
        last = RECORDS - whole - 3 * TILE_WIDTH
        assert transactions == {
            "take_in": [whole, 2 * TILE_WIDTH, TILE_WIDTH + last],
            "take_in_blobs": [whole, 2 * TILE_WIDTH, TILE_WIDTH + last],
        }
        async with database.reading() as session:
            tiles = select(MirrorTile).where(MirrorTile.level == ENTRIES).order_by(MirrorTile.position)
            files = list(await session.scalars(tiles))
            kept = [await session.scalar(select(func.count()).select_from(of)) for of in (MirrorRecord, MirrorBlob)]
            proof = await verify_record_inclusion(session, world.log.record_id(first + RECORDS - 1))
        assert [file.width for file in files] == [TILE_WIDTH] * 4 + [(held + RECORDS) % TILE_WIDTH]
        assert [entry for file in files for entry in decode_entries(file.content, file.width)] == world.log.entries
        assert kept == [RECORDS, RECORDS]
        assert proof.root == world.log.edge.root().hex()


def publish_many(world: Mirroring) -> int:
    """The index of the first."""
    sealed = [world.log.record("ada", payload=PRACTICE | {"title": f"Practice {n}"}) for n in range(RECORDS)]
    first = world.log.append(*(one.leaf for one in sealed))
    world.log.blobs |= {first + n: one.blob for n, one in enumerate(sealed)}
    return first


def counted(function: Any, counts: list[int]) -> Any:
    async def instead(*arguments: Any, **named: Any) -> Any:
        taken = await function(*arguments, **named)
        counts.append(len(taken))
        return taken

    return instead
