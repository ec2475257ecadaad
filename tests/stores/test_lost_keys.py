"""A pseudonym's key is lost: what needs it is marked, and everything else leaves as before."""

from collections.abc import AsyncIterator
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from nic_node.db.engine import Database
from nic_node.keyring.purposes import KeyPurpose
from nic_node.keyring.tables import KeyRow
from nic_node.publishing.outbox import OWN_KEY_LOST
from nic_node.publishing.participate import TERM_KEY_LOST, parts_of
from nic_node.publishing.places import place_of_row
from nic_node.publishing.read import Sharing, all_sharing
from nic_node.publishing.sealing import place_context, seal_document
from nic_node.publishing.slots import send_in_slot
from nic_node.publishing.states import EpochState, OutboxState
from nic_node.publishing.tables import OutboxRow
from tests.conftest import TestClock
from tests.fakes.network_log import START
from tests.stores.correcting_stage import corrected, shared
from tests.stores.publishing_stage import World, publishing_world


@pytest.fixture
async def world(sqlite_database: Database, tmp_path: Path, clock: TestClock) -> AsyncIterator[World]:
    async with publishing_world(sqlite_database, tmp_path, clock) as made:
        yield made


async def hide_key(world: World, *, lost: bool = True) -> None:
    async with world.database.writing() as session:
        row = (await session.scalars(select(KeyRow).where(KeyRow.purpose == KeyPurpose.PSEUDONYM))).one()
        row.entity_id = "https://nowhere.example" if lost else world.node.entity_id


async def found(world: World, draft_id: int) -> Sharing:
    async with world.database.reading() as session:
        return {one.draft_id: one for one in await all_sharing(session)}[draft_id]


async def test_a_record_whose_key_is_lost_is_marked_and_those_behind_it_leave(world: World) -> None:
    await world.open_epoch()
    first = await shared(world)
    await corrected(world, first)
    async with world.database.writing() as session:
        row = (await session.scalars(select(OutboxRow).where(OutboxRow.sealed_place.is_not(None)))).one()
        place = asdict(place_of_row(world.node, row)) | {"jkt": "of-a-term-whose-key-is-lost"}
        context = place_context(row.release_id)
        row.sealed_place = seal_document(world.node.operator_key, place, context=context)
    second = await world.approved(title="Another start")
    await world.slot()
    assert ((await found(world, first)).state, (await found(world, first)).problem) == ("review", OWN_KEY_LOST)
    assert (await found(world, second)).state == OutboxState.FINAL

    third = await world.approved(title="A third start")
    await hide_key(world)
    before = len(world.network.taken)
    await world.slot()
    waits = await found(world, third)
    assert (waits.state, waits.problem) == (OutboxState.QUEUED, TERM_KEY_LOST)
    assert world.network.taken[before:] == [None], "the slot's envelope leaves as everybody's does"
    await hide_key(world, lost=False)
    await world.slot()
    sent = await found(world, third)
    assert (sent.state, sent.problem) == (OutboxState.FINAL, "")


async def test_before_its_pseudonym_is_registered_the_envelopes_still_leave(world: World) -> None:
    world.clock.now = START + timedelta(days=1)
    await world.join()
    await world.follow()
    await hide_key(world)
    world.clock.now = START + timedelta(days=15)
    await send_in_slot(world.node, world.name)
    assert world.network.taken == [None]
    async with world.database.reading() as session:
        (part,) = await parts_of(session)
    assert (part.state, part.problem) == (EpochState.CREDENTIALED, TERM_KEY_LOST)
