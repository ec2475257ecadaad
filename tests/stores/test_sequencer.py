"""The one writer of a log, on both databases: whatever happens between two of its steps, there is one tree."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from federation.errors import Untrusted
from federation.tlog.merkle import compute_root, hash_leaf
from nic_node.accounts.tables import AuditEntry
from nic_node.db.engine import Database
from nic_node.logstore.store import LogStore, LogStoreDamaged
from nic_node.network.log import publish, sequence
from nic_node.network.log.files import LogBehind, store_of
from nic_node.network.log.jobs import LogNotWritten, job_handlers
from nic_node.network.log.mend import MEND
from nic_node.network.log.queue import SEQUENCE
from nic_node.network.log.sequence import SequencerFenced, sequence_log
from nic_node.network.log.tables import LivingBlob, Log, LogEntry, LogRecord
from tests.conftest import TestClock
from tests.stores.sequencing import Killed, assert_one_tree, queue_members
from tests.unit.accounts.stage import outcomes
from tests.unit.network.log.stage import SCHOOLS, SLOT, Stage, running_stage


@pytest.fixture
async def stage(
    database: Database, clock: TestClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Stage]:
    async with running_stage(database, clock, tmp_path / "node", monkeypatch) as running:
        yield running


async def test_a_whole_term_on_this_database(stage: Stage) -> None:
    await stage.open_epoch()
    index = await stage.publish("ada")
    await assert_one_tree(stage, 13)

    await stage.submit(await stage.retract_leaf("ada", index))
    stage.clock.forward(seconds=SLOT)
    await stage.sequence()

    await assert_one_tree(stage, 14)
    async with stage.node.database.reading() as session:
        assert await session.scalar(select(LivingBlob.sha256)) is None
        assert await session.scalar(select(LogRecord.gone)) == "withdrawn"
    assert await stage.refusals() == []


async def test_two_writers_make_one_tree(stage: Stage) -> None:
    await queue_members(stage, *SCHOOLS)
    log_id = (await stage.log()).id
    done, raised = await outcomes(*(sequence_log(stage.node, log_id, now=stage.clock()) for _ in range(4)))
    assert sum(done) <= 3
    assert all(isinstance(error, SequencerFenced) for error in raised)
    await stage.sequence()
    await assert_one_tree(stage, 4)


async def test_two_processes_make_one_tree(stage: Stage) -> None:
    """Each with connections of its own: nothing but the database stands between them."""
    url = stage.node.database.engine.url
    second = Database.connect(url.set(drivername=url.get_backend_name()).render_as_string(hide_password=False))
    other, log_id = replace(stage.node, database=second), (await stage.log()).id
    try:
        for number, name in enumerate(SCHOOLS, 2):
            await queue_members(stage, name)
            turns = [sequence_log(node, log_id, now=stage.clock()) for node in (stage.node, other) * 2]
            done, raised = await outcomes(*turns)
            assert sum(done) <= 1
            assert all(isinstance(error, SequencerFenced) for error in raised)
            await stage.sequence()
            await assert_one_tree(stage, number)
    finally:
        await second.close()


async def test_a_writer_that_was_paused_changes_nothing(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has judged its batch when another process appends; then it wakes up."""
    await queue_members(stage, "ada")
    log_id = (await stage.log()).id
    batch = await sequence._gather(stage.node, log_id, stage.clock())
    assert batch is not None
    swap = sequence._swap

    async def overtaken(*arguments) -> None:
        monkeypatch.setattr(sequence, "_swap", swap)
        # On SQLite one process has one writer at a time: the other one is tried once this transaction has failed.
        raise Killed

    monkeypatch.setattr(sequence, "_swap", overtaken)
    with pytest.raises(Killed):
        await sequence._append(stage.node, batch, stage.clock())
    assert await sequence_log(stage.node, log_id, now=stage.clock()) == 1
    with pytest.raises(SequencerFenced):
        await sequence._append(stage.node, batch, stage.clock())
    await assert_one_tree(stage, 2)


async def test_a_late_publisher_signs_nothing_smaller(stage: Stage) -> None:
    """It has read size 2 and then sleeps, while another publishes size 4."""
    await queue_members(stage, "ada")
    log_id = (await stage.log()).id
    await stage.sequence()
    stale = await stage.log()
    await queue_members(stage, "ben", "cem")
    await sequence_log(stage.node, log_id, now=stage.clock())
    await publish._sign(stage.node, store_of(stage.node, stale), stale, stage.clock())
    await assert_one_tree(stage, 4)


@pytest.mark.parametrize("name", ["write_all", "write_checkpoint"])
async def test_a_full_disk_stops_the_log_with_a_message_and_heals(
    stage: Stage, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await queue_members(stage, *SCHOOLS)
    handler = job_handlers(stage.node)[SEQUENCE]
    arguments = {"log_id": (await stage.log()).id}

    def full(*anything):
        raise OSError(28, "No space left on device")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(LogStore, name, full)
        with pytest.raises(LogNotWritten, match="disk is full"):
            await handler(arguments)
    assert "disk is full" in ((await stage.log()).trouble or "")

    await handler(arguments)
    assert (await stage.log()).trouble is None
    await assert_one_tree(stage, 4)


# What came back, went away or was altered ------------------------------------------------------------------------------


async def test_an_old_backup_signs_nothing(stage: Stage) -> None:
    await stage.admit(*SCHOOLS)
    async with stage.node.database.writing() as session:
        await session.execute(delete(LogEntry).where(LogEntry.index >= 2))
        await session.execute(update(Log).values(size=2, signed_size=2))
    await queue_members(stage, "dot")
    signed = await stage.checkpoint()
    with pytest.raises(LogBehind, match="older backup"):
        await stage.sequence()
    assert await stage.checkpoint() == signed


async def test_another_history_of_the_same_length_signs_nothing(stage: Stage) -> None:
    await stage.admit("ada")
    async with stage.node.database.writing() as session:
        await session.execute(update(Log).values(root=bytes(32)))
    await queue_members(stage, "ben")
    signed = await stage.checkpoint()
    with pytest.raises(LogBehind, match="another content"):
        await stage.sequence()
    assert await stage.checkpoint() == signed


async def test_a_checkpoint_of_another_hand_stops_the_log(stage: Stage) -> None:
    log = await stage.log()
    file = store_of(stage.node, log).root / "checkpoint"
    note = file.read_text()
    lines = note.splitlines()
    file.write_text("\n".join([lines[0], "7", *lines[2:], ""]))
    handler, arguments = job_handlers(stage.node)[SEQUENCE], {"log_id": log.id}
    with pytest.raises(LogStoreDamaged):
        await handler(arguments)
    assert "each member's node, which serves it" in ((await stage.log()).trouble or "")
    file.write_text(note)
    await handler(arguments)
    assert (await stage.log()).trouble is None


async def test_deleted_files_are_written_again(stage: Stage) -> None:
    await stage.admit("ada")
    root = store_of(stage.node, await stage.log()).root
    for file in (path for path in (root / "tile").rglob("*") if path.is_file()):
        file.unlink()
    await queue_members(stage, "ben")
    await stage.sequence()
    await assert_one_tree(stage, 3)


async def test_lost_folder_is_written_again(stage: Stage) -> None:
    await stage.admit("ada")
    root = store_of(stage.node, await stage.log()).root
    root.rename(root.parent / "away")
    await queue_members(stage, "ben")
    await stage.sequence()
    await assert_one_tree(stage, 3)


async def long_log(stage: Stage, size: int) -> LogStore:
    """A signed log of so many entries, most of which nobody could judge: what counts here are its files."""
    log = await stage.log()
    async with stage.node.database.writing() as session:
        (genesis,) = await session.scalars(select(LogEntry.leaf))
        leaves = [b"entry %d" % index for index in range(1, size)]
        session.add_all(
            LogEntry(log_id=log.id, index=index, leaf=leaf, leaf_sha256=f"{index:064x}")
            for index, leaf in enumerate(leaves, 1)
        )
        root = compute_root([hash_leaf(leaf) for leaf in (genesis, *leaves)])
        await session.execute(update(Log).values(size=size, root=root))
    await publish.publish_log(stage.node, log.id, now=stage.clock())
    return store_of(stage.node, log)


def lose(file: Path) -> None:
    file.unlink()


def flip(file: Path) -> None:
    altered = bytearray(file.read_bytes())
    altered[3] ^= 1
    file.write_bytes(bytes(altered))


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-5])


ANYWHERE = (
    "tile/0/000", "tile/0/002.p/88", "tile/1/000.p/2", "tile/entries/000", "tile/entries/001", "tile/entries/002.p/88",
)  # fmt: skip


async def test_a_file_that_is_lost_or_altered_anywhere_is_made_again(stage: Stage) -> None:
    """Each file of the log in turn; the checkpoint stays as it was, and the log goes on after the last of them."""
    store = await long_log(stage, 600)
    mend, arguments = job_handlers(stage.node)[MEND], {"log_id": (await stage.log()).id}
    signed = await stage.checkpoint()
    for path in ANYWHERE:
        for harm in (lose, flip, cut):
            sound = (store.root / path).read_bytes()
            harm(store.root / path)
            await mend(arguments)
            assert (store.root / path).read_bytes() == sound, (path, harm)
            store.read_back(0, 600, signed.root)
    assert await stage.checkpoint() == signed
    async with stage.node.database.reading() as session:
        noted = list(await session.scalars(select(AuditEntry.action).where(AuditEntry.action == "log.mended")))
    assert len(noted) == len(ANYWHERE) * 3
    assert len(list((store.root / "set-aside").iterdir())) == len(ANYWHERE)
    await queue_members(stage, "ada")
    await stage.sequence()
    assert (await stage.checkpoint()).size == 601


@pytest.mark.parametrize("path", ["tile/0/002.p/88", "tile/entries/002.p/88"])
async def test_what_an_append_needs_is_mended_before_it(stage: Stage, path: str) -> None:
    store = await long_log(stage, 600)
    flip(store.root / path) if path.startswith("tile/0") else cut(store.root / path)
    await queue_members(stage, "ada")
    await stage.sequence()
    assert (await stage.checkpoint()).size == 601


async def test_a_database_that_is_not_the_log_mends_nothing(stage: Stage) -> None:
    store = await long_log(stage, 600)
    async with stage.node.database.writing() as session:
        await session.execute(update(LogEntry).where(LogEntry.index == 7).values(leaf=b"another"))
    flip(store.root / "tile/0/000")
    held = (store.root / "tile/0/000").read_bytes()
    with pytest.raises(LogBehind, match="restore the newest backup"):
        await job_handlers(stage.node)[MEND]({"log_id": (await stage.log()).id})
    assert (store.root / "tile/0/000").read_bytes() == held


async def test_members_asking_at_once_get_one_credential_each(stage: Stage) -> None:
    """The race that counts: two requests of one member, both signed before either is kept."""
    await stage.admit(*SCHOOLS)
    await stage.announce()
    await stage.issue("ben")
    message = stage.blinded["ben", 1][1].message
    other = message[:-1] + bytes([message[-1] ^ 1])
    done, raised = await outcomes(stage.ask("ada", message), stage.ask("ada", message), stage.ask("ada", other))
    assert len(set(done)) == 1
    assert [error.code for error in raised if isinstance(error, Untrusted)] == ["issued-already"] * len(raised)
    await stage.sequence()
    assert (await stage.epoch()).issued == 2


async def test_two_coordinators_announce_one_epoch(stage: Stage) -> None:
    await stage.admit(*SCHOOLS)
    done, raised = await outcomes(stage.announce(), stage.announce())
    assert done == [1]
    assert len(raised) == 1
    await stage.sequence()
    assert (await stage.log()).size == 5
