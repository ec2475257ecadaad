"""A sequencer that is killed between any two writes, in pairs: failed and not kept, and failed, but kept."""

import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from nic_node.db.engine import Database
from nic_node.logstore.store import LogStore
from nic_node.network.log import publish, sequence
from tests.conftest import TestClock
from tests.stores.sequencing import Killed, assert_one_tree, queue_members
from tests.unit.network.log.stage import Stage, running_stage


@pytest.fixture
async def stage(
    database: Database, clock: TestClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Stage]:
    async with running_stage(database, clock, tmp_path / "node", monkeypatch) as running:
        yield running


@pytest.fixture
async def local(
    sqlite_database: Database, clock: TestClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Stage]:
    async with running_stage(sqlite_database, clock, tmp_path / "node", monkeypatch) as running:
        yield running


def killed_before(function: Callable) -> Callable:
    async def instead(*arguments, **named):
        raise Killed

    return instead


def killed_after(function: Callable) -> Callable:
    async def instead(*arguments, **named):
        await function(*arguments, **named)
        raise Killed

    return instead


def sync_killed_before(function: Callable) -> Callable:
    def instead(*arguments, **named):
        raise Killed

    return instead


def sync_killed_after(function: Callable) -> Callable:
    def instead(*arguments, **named):
        function(*arguments, **named)
        raise Killed

    return instead


def killed_halfway(write_all: Callable) -> Callable:
    """Some files are on disk, others not."""

    def instead(store, files):
        first = dict(list(files.items())[:1])
        write_all(store, first)
        raise Killed

    return instead


STEPS = {  # where the process dies -> (owner, name, how)
    "before the swap": (sequence, "_swap", killed_before),
    "in the swap's transaction": (sequence, "_store", killed_after),
    "after the swap": (publish, "_write_files", killed_before),
    "before the files": (LogStore, "write_all", sync_killed_before),
    "halfway through the files": (LogStore, "write_all", killed_halfway),
    "after the files": (LogStore, "write_all", sync_killed_after),
    "before reading back": (LogStore, "read_back", sync_killed_before),
    "after reading back": (LogStore, "read_back", sync_killed_after),
    "before signing": (publish, "_sign", killed_before),
    "before the checkpoint": (LogStore, "write_checkpoint", sync_killed_before),
    "after the checkpoint": (LogStore, "write_checkpoint", sync_killed_after),
    "after signing": (publish, "_sign", killed_after),
}


async def test_killed_between_any_two_writes(stage: Stage) -> None:
    """One log that is killed at each step in turn; more arrives meanwhile, and what was decided keeps its order."""
    for number, (owner, name, kill) in enumerate(STEPS.values()):
        before = (await stage.checkpoint()).size
        await queue_members(stage, f"first{number}")
        with pytest.MonkeyPatch.context() as patched, pytest.raises(Killed):
            patched.setattr(owner, name, kill(getattr(owner, name)))
            await stage.sequence()
        assert (await stage.checkpoint()).size in (before, before + 1)

        await queue_members(stage, f"second{number}")
        await stage.sequence()
        await assert_one_tree(stage, before + 2)


class Deaths:
    """Counts the writes of files, and dies at one of them: before it, or after it. The dead write nothing more."""

    CALLS = ((os, "link"), (os, "fsync"), (Path, "replace"), (Path, "unlink"))

    def __init__(self, at: int | None = None, *, is_kept: bool = False) -> None:
        self.at, self.is_kept, self.count = at, is_kept, 0

    def instead_of(self, function: Callable) -> Callable:
        def counted(*arguments, **named):
            place, self.count = self.count, self.count + 1
            if self.at is not None and (place > self.at or (place == self.at and not self.is_kept)):
                raise Killed
            answer = function(*arguments, **named)
            if place == self.at:
                raise Killed
            return answer

        return counted

    def patch(self, patched: pytest.MonkeyPatch) -> None:
        for owner, name in self.CALLS:
            patched.setattr(owner, name, self.instead_of(getattr(owner, name)))


async def test_killed_before_and_after_every_write_of_a_file(local: Stage) -> None:
    """Each link, flush, replacement and removal of one append: failed and not kept, and failed but kept."""
    await queue_members(local, "once")
    with pytest.MonkeyPatch.context() as patched:
        (counted := Deaths()).patch(patched)
        await local.sequence()
    assert counted.count > 10
    for place in range(counted.count):
        for is_kept in (False, True):
            before = (await local.checkpoint()).size
            await queue_members(local, f"first{place}-{is_kept:d}")
            with pytest.MonkeyPatch.context() as patched, pytest.raises(Killed):
                Deaths(place, is_kept=is_kept).patch(patched)
                await local.sequence()
            assert (await local.checkpoint()).size in (before, before + 1)
            await queue_members(local, f"second{place}-{is_kept:d}")
            await local.sequence()
            await assert_one_tree(local, before + 2)
