"""What a pull asks SQLite is answered through an index that leads to the rows meant, however long the log is.

SQLite keeps no statistics here, so that it plans the same for ten records and for a million.
"""

import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from nic_node.db.engine import Database
from tests.conftest import TestClock
from tests.fakes.mirroring import mirroring

OF_RECORDS = re.compile(r"^(SELECT|UPDATE|DELETE)\b.*\bmirror_(records|blobs|pseudonyms|references)\b", re.DOTALL)
ALL_OF_A_LOG = re.compile(r"^SCAN (mirror_\w+)|^SEARCH (mirror_\w+) USING .*INDEX \w+ \((log_id|state)=\?\)$")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_no_statement_of_a_pull_goes_through_all_records(
    database: Database, tmp_path: Path, clock: TestClock
) -> None:
    asked: dict[str, Any] = {}

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if OF_RECORDS.match(statement):
            asked[statement] = parameters

    async with mirroring(database, tmp_path, clock) as world:
        event.listen(database.engine.sync_engine, "before_cursor_execute", note)
        world.log.publish("ada")
        await world.pull()
        clock.forward(seconds=60)
        await world.pull()
        event.remove(database.engine.sync_engine, "before_cursor_execute", note)

    assert len(asked) > 5
    async with database.engine.connect() as connection:
        for statement, parameters in asked.items():
            plan = (await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)).all()
            assert not [step.detail for step in plan if ALL_OF_A_LOG.match(step.detail)], statement
