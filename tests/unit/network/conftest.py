from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from jinja2 import FileSystemBytecodeCache

from tests.conftest import TestClock, open_sqlite
from tests.unit.network.people_stage import StagedNode, running_node


@pytest.fixture(scope="session")
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
async def coordinator(
    clock: TestClock, tmp_path: Path, compiled_templates: FileSystemBytecodeCache
) -> AsyncIterator[StagedNode]:
    folder = tmp_path / "coordinator"
    folder.mkdir()
    database = await open_sqlite(folder)
    async with running_node(database, clock, folder, templates=compiled_templates) as node:
        yield node
    await database.close()


@pytest.fixture
async def school(
    clock: TestClock, tmp_path: Path, compiled_templates: FileSystemBytecodeCache
) -> AsyncIterator[StagedNode]:
    folder = tmp_path / "school"
    folder.mkdir()
    database = await open_sqlite(folder)
    async with running_node(database, clock, folder, templates=compiled_templates) as node:
        yield node
    await database.close()
