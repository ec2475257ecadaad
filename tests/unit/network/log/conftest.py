"""The stage on SQLite; what depends on the database is tried on both under tests/stores."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from nic_node.db.engine import Database
from tests.conftest import TestClock
from tests.unit.network.log.stage import Stage, running_stage


@pytest.fixture
async def stage(
    sqlite_database: Database, clock: TestClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Stage]:
    async with running_stage(sqlite_database, clock, tmp_path, monkeypatch) as running:
        yield running
