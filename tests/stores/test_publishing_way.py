"""A closed project's way out, on both databases, against a network that really issues, takes and logs."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from nic_node.db.engine import Database
from nic_node.mirror.read import living_record
from nic_node.publishing.jobs import follow_networks
from nic_node.publishing.lineage import own_record_ids
from nic_node.publishing.participate import parts_of
from nic_node.publishing.read import all_sharing, place_of_release
from nic_node.publishing.slots import send_in_slot
from nic_node.publishing.states import EpochState, OutboxState
from nic_node.publishing.tables import OutboxRow
from schemas.limits import ENVELOPE_BYTES
from tests.conftest import TestClock
from tests.fakes.network_log import START
from tests.stores.publishing_stage import World, publishing_world


@pytest.fixture
async def world(database: Database, tmp_path: Path, clock: TestClock) -> AsyncIterator[World]:
    async with publishing_world(database, tmp_path, clock) as made:
        yield made


async def state_of(world: World) -> str:
    async with world.database.reading() as session:
        return (await all_sharing(session))[0].state


async def part_state(world: World) -> str:
    async with world.database.reading() as session:
        return (await parts_of(session, world.name))[0].state


async def records(world: World) -> int:
    return sum(1 for submission in world.network.taken if submission and submission.blob)


async def test_the_whole_way(world: World) -> None:
    await world.open_epoch()
    assert await part_state(world) == EpochState.REGISTERED
    await world.approved()
    assert await state_of(world) == OutboxState.QUEUED
    await world.slot()
    assert await state_of(world) == OutboxState.FINAL
    async with world.database.reading() as session:
        (own,) = await own_record_ids(session, world.node)
        record = await living_record(session, own)
        sharing = (await all_sharing(session))[0]
        place = await place_of_release(session, world.node, sharing.release_id)
    assert place is not None
    assert (place.record_id, place.is_witnessed) == (own, False)
    assert record.payload["title"] == "Advisory homework start"
    assert record.payload["context"]["class"] == "c1"
    assert record.payload["measures"][0]["points"][0]["band"] == [35, 40]
    assert set(world.network.sizes) == {ENVELOPE_BYTES}


async def test_a_slot_without_news_sends_a_dummy_and_one_slot_sends_one_envelope(world: World) -> None:
    await world.open_epoch()
    before = len(world.network.taken)
    world.clock.forward(seconds=61)
    due = await send_in_slot(world.node, world.name)
    await send_in_slot(world.node, world.name)
    assert len(world.network.taken) == before + 1
    assert world.network.taken[-1] is None
    assert due is not None
    assert timedelta(0) < due - world.clock() < timedelta(seconds=120)


async def test_what_was_plainly_not_taken_goes_again_in_the_next_slot(world: World) -> None:
    await world.open_epoch()
    await world.approved()
    world.network.refuse_with = 503
    await world.slot()
    assert await state_of(world) == OutboxState.ON_ITS_WAY
    world.network.refuse_with = None
    await world.slot()
    assert await state_of(world) == OutboxState.FINAL
    assert await records(world) == 1


async def test_a_lost_answer_leads_to_the_same_bytes_and_one_record(world: World) -> None:
    await world.open_epoch()
    await world.approved()
    world.network.lose_answers = True
    world.clock.forward(seconds=61)
    await send_in_slot(world.node, world.name)
    world.network.lose_answers = False
    await world.slot()
    leaves = {submission.leaf for submission in world.network.taken if submission and submission.blob}
    # All three relays were tried, whose answers were lost, and the first again in the next slot.
    assert await records(world) == 4
    assert len(leaves) == 1
    assert sum(leaf in leaves for leaf in world.network.log.entries) == 1
    assert await state_of(world) == OutboxState.FINAL


async def test_what_is_three_slots_late_is_sent_again_not_sooner(world: World) -> None:
    await world.open_epoch()
    await world.approved()
    for slots, sent in ((1, 1), (3, 1), (1, 2)):
        for _ in range(slots):
            world.clock.forward(seconds=60)
            await send_in_slot(world.node, world.name)
        assert await records(world) == sent


async def test_killed_between_noting_and_sending_nothing_is_lost(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await world.open_epoch()
    await world.approved()

    async def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(type(world.node.client), "post", die)
        world.clock.forward(seconds=61)
        with pytest.raises(KeyboardInterrupt):
            await send_in_slot(world.node, world.name)
    assert await state_of(world) == OutboxState.ON_ITS_WAY
    for _ in range(4):
        await world.slot()
    assert await records(world) == 1
    assert await state_of(world) == OutboxState.FINAL


async def test_a_late_joiner_waits_with_its_approval(world: World) -> None:
    world.clock.now = START + timedelta(days=22)
    await world.join()
    log = world.network.log
    log.append(
        *(log.issued(name) for name in ("ada", "ben", "cem")), *(log.pseudonym(n) for n in ("ada", "ben", "cem"))
    )
    log.append(log.open())
    await world.follow()
    await world.approved()
    await world.slot()
    assert await state_of(world) == OutboxState.QUEUED
    assert world.network.taken == [None]
    async with world.database.reading() as session:
        assert await parts_of(session, world.name) == []


async def test_the_blind_signature_is_asked_for_again_until_it_is_here(world: World) -> None:
    await world.join()
    world.network.lose_answers = True
    await world.follow()
    assert await part_state(world) == EpochState.ASKING
    world.network.lose_answers = False
    await follow_networks(world.node)
    assert await part_state(world) == EpochState.CREDENTIALED
    assert len(world.network.answers) == 1


async def test_a_refused_signature_is_told_and_not_asked_for_again(world: World) -> None:
    await world.join()
    world.network.refuse_with = 409
    await world.follow()
    async with world.database.reading() as session:
        (part,) = await parts_of(session, world.name)
    assert part.state == EpochState.MISSED
    assert part.problem
    asked = len(world.network.signers)
    await follow_networks(world.node)
    assert len(world.network.signers) == asked


async def test_a_term_that_ends_first_gives_the_draft_back(world: World) -> None:
    await world.open_epoch()
    draft_id = await world.approved()
    world.clock.forward(seconds=61)
    await send_in_slot(world.node, world.name)
    world.clock.now = START + timedelta(days=122)
    await world.follow()
    async with world.database.reading() as session:
        sharing = (await all_sharing(session))[0]
        assert await session.scalar(select(OutboxRow)) is None
    assert (sharing.draft_id, sharing.state) == (draft_id, "review")
    assert "term ended" in sharing.problem


async def test_a_term_is_open_to_drafts_with_its_lattice_not_sooner(world: World) -> None:
    await world.learn_of_opening()
    draft_id = await world.drafted(await world.closed_project())
    assert (await world.preview(draft_id)).terms.epoch is None
    await world.follow()
    terms = (await world.preview(draft_id)).terms
    assert terms.epoch is not None
    assert terms.lattice is not None
