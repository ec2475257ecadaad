"""Following a log over HTTP into both databases."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from nic_node.db.engine import Database
from nic_node.mirror.entries import judge_bundle
from nic_node.mirror.epochs import epochs_of, find_pseudonym, find_record_leaf
from nic_node.mirror.inclusion import verify_record_inclusion
from nic_node.mirror.read import list_living, living_record, mirrored_logs, referring, tombstone_of
from nic_node.mirror.states import LogState
from nic_node.mirror.status import log_statuses, refusals
from nic_node.mirror.tables import MirrorBlob, MirrorLog, MirrorRecord
from tests.conftest import TestClock
from tests.fakes.mirroring import Mirroring, mirroring
from tests.fakes.network_log import PRACTICE, pseudonym_key

__all__ = ["judge_bundle", "timedelta", "epochs_of"]
REPLICATION = PRACTICE | {"title": "We called too"}


@pytest.fixture
async def world(database: Database, tmp_path: Path, clock: TestClock) -> AsyncIterator[Mirroring]:
    async with mirroring(database, tmp_path, clock) as made:
        yield made


async def test_what_is_published_can_be_read(world: Mirroring) -> None:
    index = world.log.publish("ada")

    report = await world.pull()

    assert (report.new_entries, report.new_records, report.refused, report.done) == (13, 1, 0, True)
    async with world.database.reading() as session:
        (log,) = await mirrored_logs(session, now=world.clock())
        record = await living_record(session, world.log.record_id(index))
        listed = await list_living(session, log_ids=[log.id])
    assert (log.state, log.size, log.mirrored, log.final_size, log.is_witnessed) == ("live", 13, 13, 13, False)
    assert record.payload["title"] == PRACTICE["title"]
    assert [each.record_id for each in listed] == [record.record_id]
    assert not world.served.unsigned, "blobs are asked for with a signature"
