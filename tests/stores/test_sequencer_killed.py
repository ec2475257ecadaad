"""A sequencer that is killed between any two writes, in pairs: failed and not kept, and failed, but kept."""

import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from federation.tlog.edge import EMPTY_EDGE, append_entries
from federation.tlog.tiles import Tile
from nic_node.db.engine import Database
from nic_node.logstore.store import LogStore
from nic_node.network.log import publish, sequence
from nic_node.network.log.files import store_of
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

    CALLS = ((os, "link"), (os, "fsync"), (Path, "replace"), (Path, "unlink"), (Path, "rmdir"))

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


async def test_killed_at_every_write_while_a_damaged_file_is_mended(local: Stage) -> None:
    """What is altered is moved away and written again, then the append goes on: dead anywhere in that."""
    await queue_members(local, "once", "twice")
    await local.sequence()
    with pytest.MonkeyPatch.context() as patched:
        await damaged(local)
        (counted := Deaths()).patch(patched)
        await queue_members(local, "thrice")
        await local.sequence()
    for place in range(counted.count):
        for is_kept in (False, True):
            before = (await local.checkpoint()).size
            await damaged(local)
            await queue_members(local, f"first{place}-{is_kept:d}")
            with pytest.MonkeyPatch.context() as patched, pytest.raises(Killed):
                Deaths(place, is_kept=is_kept).patch(patched)
                await local.sequence()
            assert (await local.checkpoint()).size in (before, before + 1)
            await local.sequence()
            await assert_one_tree(local, before + 1)


async def damaged(stage: Stage) -> None:
    """A bit of the bundle at the log's edge is another one."""
    store = store_of(stage.node, await stage.log())
    file = store.root / Tile(0, 0, (await stage.checkpoint()).size).bundle_path
    content = file.read_bytes()
    file.chmod(0o644)
    file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))


def test_killed_at_every_removal_of_what_a_full_bundle_replaces(tmp_path: Path) -> None:
    """The log grows over the end of a bundle; partial files go, the full ones stay, and the next time finishes it."""
    with pytest.MonkeyPatch.context() as patched:
        grown, root = grown_over_a_bundle(tmp_path / "counted")
        (counted := Deaths()).patch(patched)
        assert grown.drop_partials(WIDE) == 4
    assert counted.count == 6, "two of tiles, two of bundles, and their folders"
    for place in range(counted.count):
        for is_kept in (False, True):
            grown, root = grown_over_a_bundle(tmp_path / f"{place}-{is_kept:d}")
            with pytest.MonkeyPatch.context() as patched, pytest.raises(Killed):
                Deaths(place, is_kept=is_kept).patch(patched)
                grown.drop_partials(WIDE)
            grown.read_back(0, WIDE, root)
            grown.drop_partials(WIDE)
            grown.read_back(0, WIDE, root)
            left = {folder.relative_to(grown.root).as_posix() for folder in grown.root.rglob("*.p")}
            assert left == {"tile/0/001.p", "tile/1/000.p", "tile/entries/001.p"}, "those at the edge alone"


WIDE = 257


def grown_over_a_bundle(folder: Path) -> tuple[LogStore, bytes]:
    """A log of 254, 255, then 257 entries, and its root."""
    store, edge = LogStore(folder), EMPTY_EDGE
    for size in (254, 255, WIDE):
        partial = store.load_partial_bundle(edge.size)
        appended = append_entries(edge, partial, [b"%d" % number for number in range(edge.size, size)])
        store.write_all(appended.files)
        edge = appended.edge
    return store, edge.root()
