"""A member's node as a witness, on both databases: it never signs back, nor two trees, whatever dies in between."""

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select, update

from federation.errors import Untrusted
from federation.tlog.checkpoint import Checkpoint, consistency_tiles, read_checkpoint, sign_checkpoint
from federation.tlog.edge import EMPTY_EDGE, append_entries
from federation.tlog.merkle import build_consistency_proof
from federation.tlog.note import Note, parse_note, verify_note
from federation.tlog.tiles import CHECKPOINT_PATH, TileHashes
from federation.tlog.witness import AddCheckpoint, WitnessConflict, build_add_checkpoint, read_cosignatures
from nic_node.db.engine import Database
from nic_node.errors import Conflict
from nic_node.logstore.store import LogStore
from nic_node.membership.keys import witness_key
from nic_node.membership.tables import MembershipRow
from nic_node.mirror import witness
from nic_node.mirror.forks.tables import MirrorFork
from nic_node.mirror.states import LogState
from nic_node.mirror.tables import MirrorLog, MirrorWitnessed
from nic_node.mirror.witness import add_checkpoint, witness_store
from schemas.code import Code
from schemas.entity import trust_mark_type
from tests.conftest import TestClock
from tests.fakes.mirroring import Mirroring, mirroring
from tests.fakes.network_log import NetworkLog
from tests.unit.accounts.stage import outcomes

PATIENCE_SECONDS = 10.0


@pytest.fixture
async def world(database: Database, clock: TestClock, tmp_path: Path) -> AsyncIterator[Mirroring]:
    async with mirroring(database, tmp_path, clock) as running:
        await give_mark(running, "witness")
        yield running


async def give_mark(world: Mirroring, *roles: str) -> None:
    async with world.database.writing() as session:
        row = await session.get_one(MembershipRow, world.membership_id)
        row.trust_marks = {trust_mark_type(row.network, role): "mark" for role in roles}


def request(log: NetworkLog, old: int, *, note: bytes | None = None, steps: tuple[bytes, ...] | None = None) -> bytes:
    """What the log's network posts, with the proof out of its own tiles."""
    note = note or log.files[CHECKPOINT_PATH]
    new = read_checkpoint(note)
    if steps is None:
        needed = 0 < old < new.size
        tiles = consistency_tiles(Checkpoint(log.origin, old, b""), new)
        assert all(tile.path in log.files for tile in tiles)
        hashes = TileHashes(log.files, new.size)
        steps = tuple(build_consistency_proof(old, new.size, hashes.hash_at)) if needed else ()
    return build_add_checkpoint(AddCheckpoint(old, steps, note))


async def cosigned(world: Mirroring, old: int, **changes) -> int:
    """The size that the witness cosigned, its signature verified."""
    note = changes.get("note") or world.log.files[CHECKPOINT_PATH]
    line = await add_checkpoint(world.node, request(world.log, old, **changes), now=world.clock())
    async with world.database.reading() as session:
        key = await witness_key(world.node, session)
    (signature,) = read_cosignatures(note, line, key)
    (verified,) = verify_note(Note(parse_note(note).text, (signature,)), [key])
    assert verified.timestamp == int(world.clock().timestamp())
    return read_checkpoint(note).size


async def held(world: Mirroring) -> int:
    async with world.database.reading() as session:
        row = await session.get(MirrorWitnessed, world.log.origin)
    return 0 if row is None else row.size


async def refused(world: Mirroring, old: int, **changes) -> Untrusted:
    with pytest.raises(Untrusted) as refusal:
        await add_checkpoint(world.node, request(world.log, old, **changes), now=world.clock())
    return refusal.value


def grow(log: NetworkLog, count: int = 1) -> None:
    """Entries that nobody could judge do as well: a witness looks at the tree alone."""
    log.append(*(b"entry %d" % (len(log.entries) + number) for number in range(count)))


def forked(log: NetworkLog, size: int) -> bytes:
    """A checkpoint over another history, signed by the log's own key."""
    edge = append_entries(EMPTY_EDGE, b"", [b"other %d" % number for number in range(size)]).edge
    return sign_checkpoint(Checkpoint(log.origin, size, edge.root()), log.log_private)


async def test_it_cosigns_what_only_grows(world: Mirroring) -> None:
    assert await cosigned(world, 0) == 12
    assert await cosigned(world, 12) == 12
    grow(world.log, 300)
    assert await cosigned(world, 12) == 312
    assert await held(world) == 312


async def test_another_old_size_is_told_the_right_one(world: Mirroring) -> None:
    await cosigned(world, 0)
    grow(world.log)
    for old in (0, 5, 13):
        error = await refused(world, old)
        assert isinstance(error, WitnessConflict)
        assert error.size == 12
    assert await cosigned(world, 12) == 13


async def test_an_old_checkpoint_is_never_cosigned_again(world: Mirroring) -> None:
    old = world.log.files[CHECKPOINT_PATH]
    await cosigned(world, 0)
    grow(world.log)
    await cosigned(world, 12)
    assert isinstance(await refused(world, 12, note=old), WitnessConflict)
    assert (await refused(world, 13, note=old, steps=())).code is Code.WITNESS_REQUEST_MALFORMED
    assert await held(world) == 13


async def test_a_bad_proof_and_a_strange_key_move_nothing(world: Mirroring) -> None:
    await cosigned(world, 0)
    grow(world.log, 3)
    assert (await refused(world, 12, steps=(bytes(32),))).code is Code.CONSISTENCY_WRONG
    strange = NetworkLog(network=world.log.network)
    strange.log_private = world.log.leaf_private
    strange.append(b"x")
    assert (await refused(world, 12, note=strange.files[CHECKPOINT_PATH], steps=())).code is Code.CHECKPOINT_UNSIGNED
    assert await held(world) == 12


async def test_only_logs_of_networks_that_gave_it_the_mark(world: Mirroring) -> None:
    await give_mark(world, "publisher", "mirror")
    assert (await refused(world, 0)).code is Code.LOG_UNKNOWN
    await give_mark(world, "witness")
    other = NetworkLog(network="https://other.example/net/x")
    other.append(b"x")
    assert (await refused(world, 0, note=other.files[CHECKPOINT_PATH], steps=())).code is Code.LOG_UNKNOWN
    async with world.database.writing() as session:
        (await session.get_one(MembershipRow, world.membership_id)).state = "suspended"
    assert (await refused(world, 0)).code is Code.LOG_UNKNOWN
    assert await held(world) == 0


# Two histories --------------------------------------------------------------------------------------------------------


async def test_two_trees_of_one_size_freeze_the_log_and_both_notes_are_kept(world: Mirroring) -> None:
    await world.pull()
    first, second = world.log.files[CHECKPOINT_PATH], forked(world.log, 12)
    await cosigned(world, 0)
    assert (await refused(world, 12, note=second)).code is Code.LOG_FORKED
    async with world.database.reading() as session:
        log, fork = (await session.scalars(select(MirrorLog))).one(), (await session.scalars(select(MirrorFork))).one()
    assert (log.state, fork.first, fork.second) == (LogState.FROZEN, first, second)
    assert (await refused(world, 12)).code is Code.LOG_FROZEN


async def test_what_it_pulled_itself_counts_before_it_cosigned_anything(world: Mirroring) -> None:
    await world.pull()
    assert (await refused(world, 0, note=forked(world.log, 12))).code is Code.LOG_FORKED
    assert await held(world) == 0


async def test_what_it_cosigned_counts_when_it_is_shown_another_history(world: Mirroring) -> None:
    await cosigned(world, 0, note=forked(world.log, 9))
    report = await world.pull()
    assert report.trouble is Code.LOG_FORKED
    async with world.database.reading() as session:
        assert (await session.scalars(select(MirrorLog.state))).one() == LogState.FROZEN


# Races, crashes, restored backups -------------------------------------------------------------------------------------


async def test_two_requests_at_once_make_one_tree(world: Mirroring) -> None:
    await cosigned(world, 0)
    body = request(world.log, 12)
    grow(world.log)
    longer = request(world.log, 12)
    ask = [add_checkpoint(world.node, each, now=world.clock()) for each in (body, longer, longer, body)]
    done, raised = await outcomes(*ask)
    assert done
    assert all(isinstance(error, WitnessConflict) for error in raised)
    assert await held(world) in (12, 13)
    filed = witness_store(world.node, world.log.origin).read(CHECKPOINT_PATH)
    assert filed is not None
    assert read_checkpoint(filed).size == await held(world)


async def test_a_pull_while_it_cosigns_finds_nothing_wrong(world: Mirroring) -> None:
    """The file is ahead of the database until whoever cosigns has committed."""
    await world.pull()
    await cosigned(world, 0)
    grow(world.log)
    written, seen = threading.Event(), threading.Event()
    write, read = LogStore.write_checkpoint, LogStore.read

    def written_and_not_committed(store: LogStore, note: bytes) -> None:
        write(store, note)
        written.set()
        assert seen.wait(PATIENCE_SECONDS)

    def read_meanwhile(store: LogStore, path: str) -> bytes | None:
        note = read(store, path)
        if written.is_set():
            seen.set()
        return note

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(LogStore, "write_checkpoint", written_and_not_committed)
        patched.setattr(LogStore, "read", read_meanwhile)
        cosigning = asyncio.create_task(cosigned(world, 12))
        assert await asyncio.to_thread(written.wait, PATIENCE_SECONDS)
        report = await world.pull()
        assert await cosigning == 13
    assert report.trouble is None
    assert await held(world) == 13


class Killed(BaseException):
    """As SIGKILL."""


def dies_before(function):
    def instead(*arguments, **named):
        raise Killed

    return instead


def dies_after(function):
    def instead(*arguments, **named):
        function(*arguments, **named)
        raise Killed

    return instead


def async_dies_after(function):
    async def instead(*arguments, **named):
        await function(*arguments, **named)
        raise Killed

    return instead


STEPS = {  # where it dies -> (owner, name, how, how far it is afterwards)
    "before the swap": (witness, "_compare_and_swap", dies_before, 12),
    "after the swap, not committed": (witness, "_compare_and_swap", async_dies_after, 12),
    "before the file": (LogStore, "write_checkpoint", dies_before, 12),
    "after the file, not committed": (LogStore, "write_checkpoint", dies_after, 13),
    "after the commit": (witness, "_swap", async_dies_after, 13),
    "before signing": (witness, "cosign", dies_before, 13),
    "after signing": (witness, "cosign", dies_after, 13),
}


@pytest.mark.parametrize("where", STEPS)
async def test_killed_around_each_write(world: Mirroring, where: str) -> None:
    """The network asks again, as it does: with the size that the witness tells."""
    await cosigned(world, 0)
    grow(world.log)
    owner, name, how, after = STEPS[where]
    with pytest.MonkeyPatch.context() as patched, pytest.raises(Killed):
        patched.setattr(owner, name, how(getattr(owner, name)))
        await add_checkpoint(world.node, request(world.log, 12), now=world.clock())
    other = forked(world.log, 13)
    if after == 12:
        assert await cosigned(world, 12) == 13
    else:
        assert isinstance(await refused(world, 12), WitnessConflict)
        assert (await refused(world, after, note=other)).code is Code.LOG_FORKED
    assert await cosigned(world, 13) == 13
    assert (await refused(world, 13, note=other)).code is Code.LOG_FORKED
    assert await held(world) == 13


async def test_a_full_disk_signs_nothing(world: Mirroring, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*anything):
        raise OSError(28, "No space left on device")

    with pytest.MonkeyPatch.context() as patched, pytest.raises(OSError, match="No space"):
        patched.setattr(LogStore, "write_checkpoint", full)
        await cosigned(world, 0)
    assert await held(world) == 0
    assert await cosigned(world, 0) == 12


async def test_a_restored_backup_of_the_database_does_not_sign_back(world: Mirroring) -> None:
    await cosigned(world, 0)
    before = world.log.files[CHECKPOINT_PATH]
    grow(world.log, 5)
    await cosigned(world, 12)
    async with world.database.writing() as session:
        await session.execute(update(MirrorWitnessed).values(size=12, root=read_checkpoint(before).root))
    assert isinstance(await refused(world, 12), WitnessConflict)
    assert await held(world) == 17
    assert await cosigned(world, 17) == 17


async def test_a_database_that_disagrees_with_the_file_cosigns_nothing(world: Mirroring) -> None:
    await cosigned(world, 0)
    async with world.database.writing() as session:
        await session.execute(update(MirrorWitnessed).values(root=bytes(32)))
    with pytest.raises(Conflict, match="Restore the newest backup"):
        await cosigned(world, 12)
