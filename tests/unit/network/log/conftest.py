"""The stage on SQLite; what depends on the database is tried on both under tests/stores."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from nic_node.db.engine import Database
from tests.conftest import TestClock
from tests.unit.network.log.served import Served, served_stage
from tests.unit.network.log.stage import Stage, running_stage
from tests.unit.network.people_stage import StagedNode


@pytest.fixture
async def stage(
    sqlite_database: Database, clock: TestClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Stage]:
    async with running_stage(sqlite_database, clock, tmp_path, monkeypatch) as running:
        yield running


@pytest.fixture
async def served(coordinator: StagedNode, monkeypatch: pytest.MonkeyPatch) -> Served:
    """The same network behind HTTP."""
    return await served_stage(coordinator, monkeypatch)
