"""Asking for what was taken back, on both databases: whoever still hands it out is written down."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from nic_node.db.engine import Database
from nic_node.db.jobs import Job
from nic_node.mirror.jobs import PROBE, PROBE_EVERY, ensure_jobs
from nic_node.mirror.probe import probe_all
from nic_node.mirror.tables import MirrorRecord, MirrorRefusal
from tests.conftest import TestClock
from tests.fakes.mirroring import Mirroring, mirroring


@pytest.fixture
async def world(database: Database, tmp_path: Path, clock: TestClock) -> AsyncIterator[Mirroring]:
    async with mirroring(database, tmp_path, clock) as made:
        yield made


async def gone(world: Mirroring) -> tuple[str, bytes]:
    """(hash, content) of a record that was mirrored and then taken back."""
    index = world.log.publish("ada")
    content = world.log.blobs[index]
    await world.pull()
    world.log.append(world.log.retract("ada", index))
    world.served.gone.add(index)
    await world.pull()
    async with world.database.reading() as session:
        record = (await session.scalars(select(MirrorRecord))).one()
    assert record.state == "gone"
    return record.blob_sha256, content


async def refusals(world: Mirroring) -> list[tuple[str, str, str | None]]:
    async with world.database.reading() as session:
        rows = await session.scalars(select(MirrorRefusal).where(MirrorRefusal.what == "source"))
        return [(row.code, row.source, row.sha256) for row in rows]


async def test_who_still_serves_what_was_taken_back_is_kept_as_evidence_and_its_content_is_not(
    world: Mirroring,
) -> None:
    assert await probe_all(world.node) == 0
    sha256, content = await gone(world)
    path = f"blob/{sha256}"
    for honest in (410, 404, 503):
        world.served.statuses[path] = honest
        assert await probe_all(world.node) == 0
    del world.served.statuses[path]
    world.served.bodies[path] = ("application/json", b"something else")
    assert await probe_all(world.node) == 0
    assert await refusals(world) == []

    world.served.bodies[path] = ("application/json", content)
    assert await probe_all(world.node) == 1
    assert await refusals(world) == [("blob-retracted", world.served.log_url, sha256)]
    async with world.database.reading() as session:
        kept = (await session.scalars(select(MirrorRefusal).where(MirrorRefusal.what == "source"))).one()
    assert all(content[:40].decode() not in str(value) for value in vars(kept).values())


async def test_a_restart_does_not_ask_again(world: Mirroring) -> None:
    due = world.clock() + PROBE_EVERY
    for _ in range(2):
        async with world.database.writing() as session:
            await ensure_jobs(session, world.node, now=world.clock())
        world.clock.forward(seconds=60)
    async with world.database.reading() as session:
        (job,) = await session.scalars(select(Job).where(Job.kind == PROBE))
    assert job.run_at == due
