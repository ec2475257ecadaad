"""Before there are three witnesses: what two other members serve decides what is final, on both databases."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from federation.epochs import EpochStatus
from federation.keys import thumbprint
from federation.tlog.checkpoint import Checkpoint, sign_checkpoint
from federation.tlog.edge import EMPTY_EDGE, append_entries
from federation.tlog.fork import read_fork, verify_fork
from federation.tlog.tiles import CHECKPOINT_PATH
from nic_node.db.engine import Database
from nic_node.mirror.epochs import epochs_of, is_blocked, member_keys, newest_final_epoch
from nic_node.mirror.forks.read import evidence
from nic_node.mirror.forks.tables import MirrorFork
from nic_node.mirror.states import LogState, RecordState
from nic_node.mirror.status import refusals
from nic_node.mirror.tables import MirrorLog, MirrorRecord
from schemas.code import Code
from tests.conftest import TestClock
from tests.fakes.member_mirrors import MemberMirrors
from tests.fakes.mirroring import Mirroring, mirroring
from tests.fakes.network_log import MEMBERS, entity_of, pseudonym_key

ALL = tuple(entity_of(name) for name in MEMBERS)


@pytest.fixture
async def world(database: Database, clock: TestClock, tmp_path: Path) -> AsyncIterator[Mirroring]:
    async with mirroring(database, tmp_path, clock) as running:
        yield running


def mirrors(world: Mirroring) -> MemberMirrors:
    assert isinstance(world.node.client, MemberMirrors)
    return world.node.client


async def log_of(world: Mirroring) -> MirrorLog:
    async with world.database.reading() as session:
        return (await session.scalars(select(MirrorLog))).one()


async def final(world: Mirroring) -> int:
    assert (await world.pull()).trouble is None
    return (await log_of(world)).final_size


def down(world: Mirroring, *entities: str) -> None:
    mirrors(world).shown = dict.fromkeys(entities, None)


async def test_two_members_make_it_final_and_no_more_are_asked(world: Mirroring) -> None:
    assert await final(world) == 12
    assert len(mirrors(world).asked) == 2
    log = await log_of(world)
    assert (log.is_witnessed, log.cosigned, log.witnesses) == (False, 2, 2)
    await world.pull()
    assert len(mirrors(world).asked) == 2, "what is final is not asked for again"


async def test_one_is_too_few_and_another_stands_in(world: Mirroring) -> None:
    down(world, *ALL[:2])
    assert await final(world) == 0
    down(world, ALL[0])
    assert await final(world) == 12


async def test_a_member_that_is_behind_vouches_for_what_it_has(world: Mirroring) -> None:
    early = dict(world.log.files)
    down(world, ALL[0])
    mirrors(world).shown[ALL[1]] = early
    world.log.publish("ada")
    assert await final(world) == 12
    assert (await log_of(world)).size == 13


async def test_what_is_not_the_logs_is_no_voice_and_is_noted(world: Mirroring) -> None:
    edge = append_entries(EMPTY_EDGE, b"", [b"x"]).edge
    strange = sign_checkpoint(Checkpoint(world.log.origin, 1, edge.root()), world.log.leaf_private)
    mirrors(world).shown = {entity: {CHECKPOINT_PATH: strange} for entity in ALL[:2]}
    assert await final(world) == 0
    async with world.database.reading() as session:
        noted = await refusals(session)
    assert {(one.code, one.source) for one in noted} == {(Code.CHECKPOINT_UNSIGNED, entity) for entity in ALL[:2]}


def other_history(world: Mirroring, size: int) -> dict[str, bytes]:
    """Files of a log that parts from ours, signed by the log's own key."""
    entries = [*world.log.entries[:3], *(b"other %d" % number for number in range(3, size))]
    appended = append_entries(EMPTY_EDGE, b"", entries)
    note = sign_checkpoint(Checkpoint(world.log.origin, size, appended.root), world.log.log_private)
    return {**appended.files, CHECKPOINT_PATH: note}


@pytest.mark.parametrize("size", [7, 12, 20])
async def test_a_member_that_was_shown_another_history_freezes_the_log(world: Mirroring, size: int) -> None:
    """A shorter one, one of the same length, a longer one: each is proof, by the log's own key."""
    files = other_history(world, size)
    mirrors(world).shown = dict.fromkeys(ALL, files)
    assert (await world.pull()).trouble is Code.LOG_FORKED
    log = await log_of(world)
    assert (log.state, log.final_size) == (LogState.FROZEN, 0)
    async with world.database.reading() as session:
        (fork,) = await session.scalars(select(MirrorFork))
        (document,) = (await evidence(session))["forks"]
    assert (fork.second, fork.source in ALL) == (files[CHECKPOINT_PATH], True)
    verify_fork(read_fork(document), world.log.log_key)


# What waits until it is final -----------------------------------------------------------------------------------------


async def test_epoch_open_and_admission_wait(world: Mirroring) -> None:
    network = world.log.network
    down(world, *ALL)
    await world.pull()
    async with world.database.reading() as session:
        assert await newest_final_epoch(session, network) is None
        (view,) = await epochs_of(session, network)
        assert (view.is_final, view.status, view.lattice_sha256) == (False, EpochStatus.ANNOUNCED, None)
        assert await member_keys(session, network) == {}
    mirrors(world).shown.clear()
    await world.pull()
    async with world.database.reading() as session:
        (view,) = await epochs_of(session, network)
        assert (view.is_final, view.status) == (True, EpochStatus.OPEN)
        assert set(await member_keys(session, network)) == set(ALL)


async def test_a_block_waits_and_what_is_taken_down_does_not(world: Mirroring) -> None:
    first, second = world.log.publish("ada"), world.log.publish("ben")
    await world.pull()
    down(world, *ALL)
    world.log.append(world.log.block("ada", first), world.log.moderate(second))
    await world.pull()
    assert await states(world) == [RecordState.LIVING, RecordState.GONE]
    jkt = thumbprint(pseudonym_key("ada"))
    async with world.database.reading() as session:
        assert not await is_blocked(session, world.log.network, jkt)
    mirrors(world).shown.clear()
    await world.pull()
    assert await states(world) == [RecordState.BLOCKED, RecordState.GONE]
    async with world.database.reading() as session:
        assert await is_blocked(session, world.log.network, jkt)


async def states(world: Mirroring) -> list[str]:
    async with world.database.reading() as session:
        return list(await session.scalars(select(MirrorRecord.state).order_by(MirrorRecord.leaf_index)))
