"""What a pull, and a page of its records, asks SQLite is answered through an index that leads to the rows meant, however long the log is.

SQLite keeps no statistics here, so that it plans the same for ten records and for a million.
"""

import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from nic_node.db.engine import Database
from nic_node.mirror.read import living_by_ids, living_records, living_with_replications, question_ids, record_of
from nic_node.mirror.versions import history_of, version_ids_of
from tests.conftest import TestClock
from tests.fakes.mirroring import Mirroring, mirroring
from tests.fakes.network_log import PRACTICE

OF_RECORDS = re.compile(
    r"^(SELECT|UPDATE|DELETE)\b.*\bmirror_(records|blobs|pseudonyms|references|versions)\b", re.DOTALL
)
ALL_OF_A_LOG = re.compile(r"^SCAN (mirror_\w+)|^SEARCH (mirror_\w+) USING .*INDEX \w+ \((log_id|state)=\?\)$")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_no_statement_of_a_pull_or_a_page_goes_through_all_records(
    database: Database, tmp_path: Path, clock: TestClock
) -> None:
    asked: dict[str, Any] = {}

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if OF_RECORDS.match(statement):
            asked[statement] = parameters

    async with mirroring(database, tmp_path, clock) as world:
        event.listen(database.engine.sync_engine, "before_cursor_execute", note)
        ids = publish_some(world)
        await world.pull()
        clock.forward(seconds=60)
        await world.pull()
        assert len(asked) > 5
        before = len(asked)
        await read_some(world, ids)
        event.remove(database.engine.sync_engine, "before_cursor_execute", note)

    assert len(asked) > before + 5
    async with database.engine.connect() as connection:
        for statement, parameters in asked.items():
            plan = (await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)).all()
            assert not [step.detail for step in plan if ALL_OF_A_LOG.match(step.detail)], statement


def publish_some(world: Mirroring) -> list[str]:
    """The record ids of a practice, its correction, and a replication of it."""
    first = world.log.record_id(world.log.publish("ada"))
    second = world.log.publish("ada", payload=PRACTICE | {"supersedes": first})
    copy = world.log.publish("ben", "replication", PRACTICE | {"origin": first})
    return [first, world.log.record_id(second), world.log.record_id(copy)]


async def read_some(world: Mirroring, ids: list[str]) -> None:
    """What the pages of practices and of questions ask."""
    async with world.database.reading() as session:
        versions = await version_ids_of(session, ids)
        assert [versions[each] for each in ids] == [ids[:2], ids[:2], ids[2:]]
        assert len(await history_of(session, ids[0])) == 2
        assert set(await living_records(session, ids)) == set(ids)
        record = await record_of(session, ids[1])
        assert record is not None
        assert len(await living_by_ids(session, [record.id])) == 1
        shown, copies = await living_with_replications(session, [record.id], ids[:1])
        assert [each.record_id for each in [*shown, *copies]] == ids[1:]
        for about in (None, ids):
            assert await question_ids(session, log_ids=[1], about=about, first=0, limit=5) == ([], 0)
