"""Importing a school directory: looked at first, replaced wholly or not at all."""

import asyncio
from pathlib import Path

import pytest

from nic_node.db.engine import Database
from nic_node.errors import NotAllowed, NotFound
from nic_node.network.directory import (
    compare_directory,
    confirm_upload,
    count_directory,
    discard_upload,
    import_directory,
    keep_upload,
    last_import,
    waiting_upload,
)
from nic_node.network.directory_file import DirectoryFile, read_directory
from tests.conftest import TestClock
from tests.stores.network_stage import Stage, staged

FIRST = b"id,name,level\n1,One,Middle\n2,Two,High\n3,Three,High\n"
SECOND = b"id,name,level\n1,One,Middle\n2,Two,Middle\n4,Four,High\n,Nobody,\n"


@pytest.fixture
async def stage(database: Database, clock: TestClock, tmp_path: Path) -> Stage:
    return await staged(database, clock, tmp_path)


async def keep(stage: Stage, file: DirectoryFile, who: int = 0) -> str:
    async with stage.database.writing() as session:
        return await keep_upload(
            session, network_id=1, name="ccd.csv", file=file, actor=stage.people[who], now=stage.clock()
        )


async def confirm(stage: Stage, sha256: str) -> int:
    async with stage.database.writing() as session:
        return await confirm_upload(session, network_id=1, sha256=sha256, actor=stage.people[1], now=stage.clock())


async def test_a_file_is_looked_at_then_replaces_everything(stage: Stage) -> None:
    async with stage.database.writing() as session:
        await import_directory(
            session, network_id=1, file=read_directory(FIRST), actor=stage.people[0], now=stage.clock()
        )
    sha256 = await keep(stage, read_directory(SECOND))
    async with stage.database.reading() as session:
        name, file = await waiting_upload(session, network_id=1, sha256=sha256, now=stage.clock())
        assert (name, file) == ("ccd.csv", read_directory(SECOND))
        changes = await compare_directory(session, 1, file)
        assert (changes.new, changes.changed, changes.same, changes.gone) == (1, 1, 1, 1)
        assert [row.name for row in changes.sample] == ["Two", "Four", "One", "Two", "Four"]
        assert await count_directory(session, 1) == 3
    assert await confirm(stage, sha256) == 3
    with pytest.raises(NotFound):
        await confirm(stage, sha256)
    async with stage.database.reading() as session:
        assert (await compare_directory(session, 1, file)).same == 3
        newest = await last_import(session, 1)
        assert newest is not None
        assert (newest.actor_name, newest.after) == ("Ben Okafor", {"schools": 3, "left_out": 1, "closed": 0})


async def test_two_who_confirm_at_once_import_once(stage: Stage) -> None:
    sha256 = await keep(stage, read_directory(FIRST))
    done = await asyncio.gather(confirm(stage, sha256), confirm(stage, sha256), return_exceptions=True)
    assert sorted(isinstance(one, NotFound) for one in done) == [False, True]
    async with stage.database.reading() as session:
        assert await count_directory(session, 1) == 3


async def test_a_file_waits_a_day_and_gives_way_to_a_newer_one(stage: Stage) -> None:
    first = await keep(stage, read_directory(FIRST))
    second = await keep(stage, read_directory(SECOND))
    with pytest.raises(NotFound):
        await confirm(stage, first)
    stage.clock.forward(hours=25)
    with pytest.raises(NotFound):
        await confirm(stage, second)
    async with stage.database.writing() as session:
        await discard_upload(session, network_id=1, actor=stage.people[0])
    with pytest.raises(NotAllowed):
        await keep(stage, read_directory(FIRST), who=2)
    async with stage.database.reading() as session:
        assert await count_directory(session, 1) == 0
