"""Flagging a record, on both databases: it leaves like any record, counts once, and is taken back like anything."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from nic_node.db.engine import Database
from nic_node.errors import Conflict, InvalidInput, NicError, NotFound
from nic_node.membership.tables import MembershipRow
from nic_node.mirror.read import living_records, referring
from nic_node.mirror.tables import MirrorRecord
from nic_node.publishing.flags import raise_flag
from nic_node.publishing.flags.raise_flag import OwnFlag, own_flags, standing_flag, take_flag_back
from nic_node.publishing.outbox import RESEND_AFTER_SLOTS
from nic_node.publishing.oversight.retention import erase_old_pages
from nic_node.publishing.places import own_places
from nic_node.publishing.read import all_sharing
from nic_node.publishing.retract import own_records
from nic_node.publishing.slots import send_in_slot
from nic_node.publishing.states import OutboxState
from schemas.limits import ENVELOPE_BYTES
from tests.conftest import TestClock
from tests.stores.publishing_stage import ADA, World, publishing_world


@pytest.fixture
async def world(database: Database, tmp_path: Path, clock: TestClock) -> AsyncIterator[World]:
    async with publishing_world(database, tmp_path, clock) as made:
        await made.open_epoch()
        yield made


@pytest.fixture
async def one_world(sqlite_database: Database, tmp_path: Path, clock: TestClock) -> AsyncIterator[World]:
    """For what both databases can only do alike."""
    async with publishing_world(sqlite_database, tmp_path, clock) as made:
        await made.open_epoch()
        yield made


async def theirs(world: World) -> str:
    """A practice of somebody else, in the mirror."""
    index = world.network.log.publish("ada")
    await world.pull()
    return world.network.log.record_id(index)


async def flag(world: World, record_id: str, code: str = "wrong-data") -> int:
    async with world.database.writing() as session:
        given = {"record_id": record_id, "code": code, "now": world.clock()}
        return (await raise_flag.raise_flag(session, world.node, actor=ADA, **given)).id


async def take_back(world: World, flag_id: int) -> object:
    async with world.database.writing() as session:
        return await take_flag_back(session, world.node, actor=ADA, flag_id=flag_id, now=world.clock())


async def flags(world: World) -> list[OwnFlag]:
    async with world.database.reading() as session:
        return await own_flags(session, world.node)


def records_sent(world: World) -> int:
    return sum(1 for submission in world.network.taken if submission is not None)


async def test_a_flag_leaves_in_a_slot_and_is_taken_back_in_one(world: World) -> None:
    target = await theirs(world)
    assert await take_back(world, await flag(world, target)) is None
    assert await flags(world) == []
    sent = records_sent(world)
    await world.slot()
    assert records_sent(world) == sent, "before it left nothing stays of it"

    flag_id = await flag(world, target)
    assert [(one.record, one.code, one.state) for one in await flags(world)] == [(target, "wrong-data", "queued")]
    await world.slot()
    async with world.database.reading() as session:
        (found,) = await referring(session, target, name="target")
        assert await all_sharing(session) == []
        assert await own_records(session, world.name) == []
    assert (found.kind, found.payload) == ("flag", {"target": target, "code": "wrong-data"})
    assert set(world.network.sizes) == {ENVELOPE_BYTES}
    assert [one.state for one in await flags(world)] == [OutboxState.FINAL]

    await take_back(world, flag_id)
    await world.slot()
    async with world.database.reading() as session:
        assert await referring(session, target, name="target") == []
        assert await standing_flag(session, world.node, target) is None
    again = await flag(world, target, "harmful")
    world.clock.forward(days=world.node.config.kept_page_days + 1)
    async with world.database.writing() as session:
        assert flag_id in await erase_old_pages(session, world.node, world.clock())
    assert [one.id for one in await flags(world)] == [again]


async def test_one_that_stays_though_taken_back_says_so(one_world: World) -> None:
    flag_id = await flag(one_world, await theirs(one_world))
    await one_world.slot()
    await take_back(one_world, flag_id)
    for _ in range(RESEND_AFTER_SLOTS + 2):
        assert [one.problem for one in await flags(one_world)] == [""]
        one_world.clock.forward(seconds=61)
        await send_in_slot(one_world.node, one_world.name)
        one_world.network.taken.clear()
        await one_world.follow()
    (one,) = await flags(one_world)
    assert "2 envelopes" in one.problem


async def test_refusals(one_world: World) -> None:
    target = await theirs(one_world)
    await one_world.approved()
    await one_world.slot()
    async with one_world.database.reading() as session:
        (own,) = await own_places(session, one_world.node)
        assert own in await living_records(session, [own])
        (row,) = await session.scalars(select(MirrorRecord).where(MirrorRecord.kind == "practice").limit(1))
        assert row is not None
    refused: list[tuple[type[NicError], str, str, str]] = [
        (InvalidInput, target, "boring", ""),
        (NotFound, f"{target}99", "harmful", "no such record"),
        (NotFound, "nothing", "harmful", "no such record"),
        (Conflict, own, "harmful", raise_flag.OWN),
    ]
    for kind, record_id, code, sentence in refused:
        with pytest.raises(kind) as error:
            await flag(one_world, record_id, code)
        assert sentence in error.value.sentence
    flag_id = await flag(one_world, target)
    with pytest.raises(Conflict, match=raise_flag.TWICE[:20]):
        await flag(one_world, target, "harmful")
    with pytest.raises(NotFound):
        await take_back(one_world, flag_id + 7)
    async with one_world.database.writing() as session:
        await session.execute(update(MembershipRow).values(chain_expires_at=one_world.clock() - timedelta(hours=1)))
    await take_back(one_world, flag_id)
    with pytest.raises(Conflict, match=raise_flag.MAY_NOT_WRITE[:20]):
        await flag(one_world, target)
