"""A closed project's way out, on both databases, against a network that really issues, takes and logs."""

from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from aiohttp import web
from sqlalchemy import select

from federation.errors import Untrusted
from nic_node.db.engine import Database
from nic_node.membership.read import memberships
from nic_node.mirror.read import living_record
from nic_node.publishing import outbox, slots
from nic_node.publishing.jobs import follow_networks
from nic_node.publishing.participate import parts_of
from nic_node.publishing.places import own_places, place_of_release
from nic_node.publishing.read import all_sharing
from nic_node.publishing.relays import send
from nic_node.publishing.release_log import release_log
from nic_node.publishing.slots import send_in_slot
from nic_node.publishing.standing import LATE, VOID, Standing, standing_in
from nic_node.publishing.states import EpochState, OutboxState
from nic_node.publishing.tables import OutboxRow
from nic_node.web.problems import problem_of
from schemas.code import Code
from schemas.limits import ENVELOPE_BYTES
from tests.conftest import TestClock
from tests.fakes.network_log import START
from tests.stores.killing import dies, killed_in_slot
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
        (own,) = await own_places(session, world.node)
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
    for count, sent in ((1, 1), (3, 1), (1, 2)):
        for _ in range(count):
            world.clock.forward(seconds=60)
            await send_in_slot(world.node, world.name)
        assert await records(world) == sent


@pytest.mark.parametrize(
    ("sent_slot", "slot", "again"),
    [(None, 5, True), (5, 5, False), (5, 8, False), (5, 9, True), (482_000, 20_083, True)],
)
def test_it_is_late_too_where_a_new_policy_has_longer_slots(sent_slot: int | None, slot: int, *, again: bool) -> None:
    """A record that got lost would wait for the old number else, for decades."""
    assert outbox.goes_again(sent_slot, slot) is again


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
    now = await standing(world)
    assert (now.says, now.waiting, now.queued, now.ready) == (LATE, 4, 1, False)
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


def says(code: Code) -> web.Response:
    return problem_of(Untrusted(code, "As the network puts it."))


NOT_FOR_GOOD = [
    partial(says, Code.EPOCH_NOT_ISSUING),
    partial(says, Code.EPOCH_UNKNOWN),
    partial(says, Code.NOT_A_MEMBER),
    partial(web.Response, status=404, text="No such page."),
    partial(web.Response, status=409),
]


async def test_what_is_no_refusal_for_good_costs_no_term(world: World) -> None:
    """A network whose clock is behind, one that does not know its newest member yet, a proxy in its place."""
    await world.join()
    await world.pull()
    for answer in NOT_FOR_GOOD:
        world.network.answer_openly = answer
        await follow_networks(world.node)
        async with world.database.reading() as session:
            (part,) = await parts_of(session, world.name)
        assert (part.state, bool(part.problem)) == (EpochState.ASKING, True)
    world.network.answer_openly = None
    await follow_networks(world.node)
    assert await part_state(world) == EpochState.CREDENTIALED


@pytest.mark.parametrize("was_issued", [True, False])
async def test_an_answer_that_got_lost_is_given_again_after_issuing_has_closed(
    world: World, *, was_issued: bool
) -> None:
    await world.join()
    await world.pull()
    world.network.lose_answers = True
    await follow_networks(world.node)
    world.clock.now = START + timedelta(days=15)
    world.network.lose_answers = False
    world.network.answer_openly = None if was_issued else partial(says, Code.EPOCH_NOT_ISSUING)
    await follow_networks(world.node)
    assert await part_state(world) == (EpochState.CREDENTIALED if was_issued else EpochState.MISSED)


async def test_a_refused_signature_is_told_and_not_asked_for_again(world: World) -> None:
    await world.join()
    world.network.answer_openly = partial(says, Code.ISSUED_ALREADY)
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


async def test_a_node_that_was_down_as_the_term_ended_looks_into_the_log_first(world: World) -> None:
    """Else it would give back what stands there, and a person would share it once more."""
    await world.open_epoch()
    await world.approved()
    world.clock.forward(seconds=61)
    await send_in_slot(world.node, world.name)
    world.network.sequence()
    world.clock.now = START + timedelta(days=122)
    await follow_networks(world.node)
    assert await state_of(world) == OutboxState.ON_ITS_WAY
    await world.follow()
    await exactly_one(world)


async def test_a_term_is_open_to_drafts_with_its_lattice_not_sooner(world: World) -> None:
    await world.learn_of_opening()
    draft_id = await world.drafted(await world.closed_project())
    assert (await world.preview(draft_id)).terms.epoch is None
    await world.follow()
    terms = (await world.preview(draft_id)).terms
    assert terms.epoch is not None
    assert terms.lattice is not None


async def standing(world: World) -> Standing:
    async with world.database.reading() as session:
        (membership,) = await memberships(session)
        return await standing_in(session, membership, world.clock())


async def test_a_term_that_stays_void_says_what_was_short_and_the_next_one_is_taken_part_in(world: World) -> None:
    world.clock.now = START + timedelta(days=1)
    await world.join()
    log = world.network.log
    await world.follow()
    log.append(log.void(issued=1, registered=0))
    world.clock.now = START + timedelta(days=22)
    await world.follow()
    now = await standing(world)
    assert (now.says, now.values["issued"], now.values["least"], now.ready) == (VOID, 1, 3, False)
    assert await part_state(world) == EpochState.MISSED


async def test_credentials_without_a_pseudonym_are_counted(world: World) -> None:
    world.clock.now = START + timedelta(days=22)
    await world.join()
    log = world.network.log
    log.append(*(log.issued(name) for name in ("ada", "ben", "cem")), log.pseudonym("ada"))
    log.append(log.open(issued=3, registered=1))
    await world.follow()
    now = await standing(world)
    assert (now.issued, now.registered, now.unaccounted, now.alarm) == (3, 1, 2, False)
    assert now.says == LATE
    assert (now.waiting, now.least, now.queued) == (4, 3, 0)


# The process dies at each point of the way ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "name", "left_as"),
    [
        (outbox, "seal_record", OutboxState.QUEUED),
        (slots, "_seal", OutboxState.QUEUED),
        (send, "urlencode", OutboxState.QUEUED),
        (slots, "hand_over", OutboxState.ON_ITS_WAY),
        (slots, "note_way", OutboxState.ON_ITS_WAY),
    ],
    ids=["queued", "sealed", "noted", "before-the-relay", "after-the-relay"],
)
async def test_killed_at_each_point_of_sending(
    world: World, monkeypatch: pytest.MonkeyPatch, target: object, name: str, left_as: OutboxState
) -> None:
    await world.open_epoch()
    await world.approved()
    await killed_in_slot(world, monkeypatch, target, name)
    assert await state_of(world) == left_as
    for _ in range(5):
        await world.slot()
    await exactly_one(world)


@pytest.mark.parametrize("name", ["_arrived", "log_release"])
async def test_killed_as_it_is_found_in_the_log(world: World, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    await world.open_epoch()
    await world.approved()
    world.clock.forward(seconds=61)
    await send_in_slot(world.node, world.name)
    world.network.sequence()
    await world.pull()
    await dies(follow_networks(world.node), monkeypatch, outbox, name)
    assert await state_of(world) == OutboxState.ON_ITS_WAY
    for _ in range(5):
        await world.slot()
    await exactly_one(world)


async def exactly_one(world: World) -> None:
    """The record stands in the log once, and the school's page says so once."""
    assert await state_of(world) == OutboxState.FINAL
    leaves = {submission.leaf for submission in world.network.taken if submission and submission.blob}
    assert len(leaves) == 1
    assert [entry in leaves for entry in world.network.log.entries].count(True) == 1
    async with world.database.reading() as session:
        stations = [line.code for line in await release_log(session) if line.stage == "release"]
    assert stations.count(OutboxState.FINAL) == 1
