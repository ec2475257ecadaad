"""Taking back what was shared, on both databases: in a slot or in the open, also after the term and the membership."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from sqlalchemy import delete, select, update

from federation.errors import Untrusted
from nic_node.app.jobs import all_handlers
from nic_node.db.engine import Database
from nic_node.db.jobs import Worker
from nic_node.errors import Conflict, InvalidInput, NotFound
from nic_node.keyring.purposes import KeyPurpose
from nic_node.keyring.tables import KeyRow
from nic_node.membership.tables import MembershipRow
from nic_node.mirror.acks import ACK
from nic_node.mirror.erase import SCOUR as MIRROR_SCOUR
from nic_node.mirror.tables import MirrorLog
from nic_node.publishing.held import KEY_LOST
from nic_node.publishing.jobs import follow_networks
from nic_node.publishing.outbox import RESEND_AFTER_SLOTS
from nic_node.publishing.places import own_places
from nic_node.publishing.retract import LONGEST_WAIT, SHORTEST_WAIT, send_retraction, unsend_retraction
from nic_node.publishing.sent import SCOUR, scour_handler
from nic_node.publishing.slots import send_in_slot
from nic_node.publishing.states import OutboxState, RetractionState
from nic_node.publishing.tables import OutboxRow, RetractionRow
from nic_node.publishing.waiting import drafts_waiting
from nic_node.publishing.withdraw import ASKED_ALREADY, NOTHING_LEFT, ON_ITS_WAY
from nic_node.publishing.withdrawals import REFUSALS, chosen_of, export_withdrawals, own_withdrawals, read_file
from nic_node.web.problems import problem_of
from schemas.code import Code
from schemas.ids import parse_record_id
from schemas.limits import ENVELOPE_BYTES
from tests.cli.calls import nic
from tests.conftest import TestClock
from tests.fakes.network_log import START
from tests.stores.files import holding
from tests.stores.publishing_stage import ADA, World, publishing_world
from tests.stores.withdrawing import is_erased, shared, sharing, state_of, take_back


@pytest.fixture
async def world(database: Database, tmp_path: Path, clock: TestClock) -> AsyncIterator[World]:
    async with publishing_world(database, tmp_path, clock) as made:
        await made.open_epoch()
        yield made


async def test_in_a_slot_nothing_shows_who_took_it_back(world: World) -> None:
    draft_id = await shared(world)
    await take_back(world, draft_id)
    assert await state_of(world) == RetractionState.WAITING
    assert not await is_erased(world)
    await world.slot()
    assert await state_of(world) == RetractionState.GONE
    assert await is_erased(world)
    assert set(world.network.sizes) == {ENVELOPE_BYTES}


@pytest.mark.parametrize("seconds", [60, 0])
async def test_one_that_no_relay_took_goes_with_the_next_envelope(world: World, seconds: int) -> None:
    """In the next slot, or in the same one where a relay answers before its end."""
    draft_id = await shared(world)
    await take_back(world, draft_id)
    world.network.refuse_with = 503
    await world.slot()
    assert await state_of(world) == RetractionState.WAITING
    async with world.database.reading() as session:
        row = (await session.scalars(select(RetractionRow))).one()
    assert (row.sent_slot, "busy" in row.problem) == (None, True)
    world.network.refuse_with = None
    world.clock.forward(seconds=seconds)
    await send_in_slot(world.node, world.name)
    world.network.sequence()
    await world.follow()
    assert await state_of(world) == RetractionState.GONE


async def test_what_no_relay_took_but_goes_in_the_open_by_now_is_left_to_that(world: World) -> None:
    draft_id = await shared(world)
    row = await take_back(world, draft_id, at_once=True)
    await send_retraction(world.node, row.id)
    async with world.database.writing() as session:
        await unsend_retraction(session, row.id, "no relay")
    assert await state_of(world) == RetractionState.TAKEN


async def test_one_that_gets_lost_is_sent_again_when_it_is_late(world: World) -> None:
    draft_id = await shared(world)
    await take_back(world, draft_id)
    world.clock.forward(seconds=61)
    await send_in_slot(world.node, world.name)
    assert world.network.taken.pop() is not None, "taken, and lost before it was sequenced"
    assert await state_of(world) == RetractionState.TAKEN
    for _ in range(4):
        await world.slot()
    assert await state_of(world) == RetractionState.GONE


async def test_one_that_the_network_refuses_in_its_slots_is_told_of_and_can_go_at_once(world: World) -> None:
    """Whose envelope it was the network does not know, so that it answers nobody."""
    draft_id = await shared(world)
    await take_back(world, draft_id)
    told = []
    for _ in range(RESEND_AFTER_SLOTS + 2):
        world.clock.forward(seconds=61)
        await send_in_slot(world.node, world.name)
        world.network.taken.clear()  # opened, judged, and not let in
        await world.follow()
        told.append((await sharing(world)).withdrawal_problem)
    assert told[:-1] == [""] * (RESEND_AFTER_SLOTS + 1)
    async with world.database.reading() as session:
        (own,) = await own_places(session, world.node)
        assert [one.page for one in await drafts_waiting(session, person_id=1, permissions={"share.draft"})] == [
            "share.show"
        ]
    assert all(word in told[-1] for word in ("2 envelopes", own, "at once"))
    assert await state_of(world) == RetractionState.TAKEN
    with pytest.raises(Conflict, match=ASKED_ALREADY):
        await take_back(world, draft_id)

    row = await take_back(world, draft_id, at_once=True)
    assert ((await sharing(world)).withdrawal_problem, (await sharing(world)).can_be_hurried) == ("", False)
    with pytest.raises(Conflict, match=ASKED_ALREADY):
        await take_back(world, draft_id, at_once=True)
    world.network.answer_openly = partial(says, Code.TARGET_UNKNOWN)
    await send_retraction(world.node, row.id)
    assert await state_of(world) == RetractionState.REFUSED
    assert "As the network's judge puts it." in (await sharing(world)).withdrawal_problem


async def test_at_once_it_goes_in_the_open_and_a_failure_is_tried_again(world: World) -> None:
    draft_id = await shared(world)
    row = await take_back(world, draft_id, at_once=True)
    before = len(world.network.taken)
    world.network.refuse_with = 503
    assert await send_retraction(world.node, row.id) == world.clock() + SHORTEST_WAIT
    assert await state_of(world) == RetractionState.WAITING
    world.network.refuse_with = None
    await send_retraction(world.node, row.id)
    assert await state_of(world) == RetractionState.TAKEN
    world.network.sequence()
    await world.follow()
    assert await state_of(world) == RetractionState.GONE
    assert len(world.network.taken) == before
    assert await send_retraction(world.node, row.id) is None


def says(code: Code) -> web.Response:
    """The network's own refusal."""
    return problem_of(Untrusted(code, "As the network's judge puts it."))


STRANGERS_SAY = [
    lambda: web.Response(status=403, text="Blocked by the proxy."),
    lambda: web.Response(status=404, text="No such page."),
    lambda: web.Response(status=429, headers={"Retry-After": "9999999"}),
    lambda: web.Response(status=302, headers={"Location": "/sign-in"}),
    lambda: web.Response(status=200, text="<h1>Welcome to the school's wireless network</h1>"),
    lambda: web.json_response({"code": "target-unknown", "detail": "A gateway's own words."}, status=422),
    lambda: says(Code.NOT_FOUND),
    lambda: says(Code.INTERNAL_ERROR),
]


async def test_only_the_networks_own_word_refuses_it_and_then_it_is_asked_for_again(world: World) -> None:
    draft_id = await shared(world)
    row = await take_back(world, draft_id, at_once=True)
    for answer in STRANGERS_SAY:
        world.network.answer_openly = answer
        waited = min(world.clock() - row.due_at, LONGEST_WAIT)
        again = await send_retraction(world.node, row.id)
        assert again is not None
        assert waited <= again - world.clock() <= LONGEST_WAIT, "longer each time, an hour at most"
        assert (await sharing(world)).withdrawal == RetractionState.WAITING
        assert (await sharing(world)).withdrawal_problem
        world.clock.now = again
    for code in REFUSALS:
        world.network.answer_openly = partial(says, code)
        assert await send_retraction(world.node, row.id) is None
        assert (await sharing(world)).withdrawal == RetractionState.REFUSED
        assert "As the network's judge puts it." in (await sharing(world)).withdrawal_problem
        async with world.database.reading() as session:
            assert len(await own_withdrawals(session, world.node)) == 1
            assert [
                one.draft_id for one in await drafts_waiting(session, person_id=1, permissions={"share.draft"})
            ] == [draft_id]
        row = await take_back(world, draft_id, at_once=True)
    await send_retraction(world.node, row.id)
    await take_back(world, draft_id)
    await world.slot()
    assert (await sharing(world)).withdrawal == RetractionState.GONE
    assert world.network.retractions == []
    async with world.database.reading() as session:
        assert await own_withdrawals(session, world.node) == []


async def test_one_that_was_taken_and_never_seen_is_sent_again_until_the_network_says_it_is_gone(world: World) -> None:
    draft_id = await shared(world)
    row = await take_back(world, draft_id, at_once=True)
    await send_retraction(world.node, row.id)
    world.network.retractions.clear()
    assert await send_retraction(world.node, row.id) is not None
    assert len(world.network.retractions) == 1
    world.network.answer_openly = partial(says, Code.BLOB_RETRACTED)
    assert await send_retraction(world.node, row.id) is None
    assert await state_of(world) == RetractionState.TAKEN


async def submission(world: World) -> bytes | None:
    async with world.database.reading() as session:
        return (await session.scalars(select(OutboxRow))).one().sealed_submission


async def test_blob_and_salt_leave_the_authors_rows_and_files_when_nothing_sends_them_again(
    world: World, tmp_path: Path
) -> None:
    draft_id = await world.approved()
    world.clock.forward(seconds=61)
    await send_in_slot(world.node, world.name)
    sealed = await submission(world)
    assert sealed is not None
    pieces = [sealed[start : start + 40] for start in range(0, len(sealed) - 40, 40)]
    assert await holding(world.database, tmp_path, *pieces)
    world.network.sequence()
    await world.follow()
    assert ((await sharing(world)).state, await submission(world)) == (OutboxState.FINAL, None)
    scour = Worker(world.database, {SCOUR: scour_handler(world.node)}, clock=world.clock, idle_seconds=1)
    await scour.run_due()
    assert await holding(world.database, tmp_path, *pieces) == []

    # A school that left before it was final, by a program that kept them.
    async with world.database.writing() as session:
        row = (await session.scalars(select(OutboxRow))).one()
        row.state, row.sealed_submission = OutboxState.IN_THE_LOG, sealed
        await session.execute(update(MembershipRow).values(state="left"))
    await follow_networks(world.node)
    assert await submission(world) == sealed
    await send_retraction(world.node, (await take_back(world, draft_id)).id)
    await follow_networks(world.node)
    assert await submission(world) is None
    await scour.run_due()
    assert await holding(world.database, tmp_path, *pieces) == []


async def test_nothing_is_promised_before_the_authors_own_bytes_are_erased(world: World, tmp_path: Path) -> None:
    """Also of what the file of signed withdrawals took back, while nobody called it final."""
    await shared(world)
    sealed = b"sealed, and neither final nor erased"
    async with world.database.reading() as session:
        (held,) = await own_withdrawals(session, world.node)
    world.network.log.append(held.leaf.encode())
    await world.pull()
    async with world.database.writing() as session:
        row = (await session.scalars(select(OutboxRow))).one()
        row.state, row.sealed_submission = OutboxState.IN_THE_LOG, sealed
        await session.execute(update(MirrorLog).values(final_size=0))
    stored: list[bytes | None] = []

    async def promised(arguments: dict[str, Any]) -> None:
        stored.append(await submission(world))

    jobs = {MIRROR_SCOUR: all_handlers(world.node)[MIRROR_SCOUR], ACK: promised}
    await Worker(world.database, jobs, clock=world.clock, idle_seconds=1).run_due()
    assert stored == [None]
    assert await holding(world.database, tmp_path, sealed) == []


@pytest.mark.parametrize("state", ["suspended", "left"])
async def test_who_may_not_write_any_more_takes_back_in_the_open(world: World, state: str) -> None:
    draft_id = await shared(world)
    async with world.database.writing() as session:
        await session.execute(update(MembershipRow).values(state=state))
    assert (await take_back(world, draft_id)).in_the_open
    async with world.database.reading() as session:
        (row,) = (await session.scalars(select(RetractionRow))).all()
    await send_retraction(world.node, row.id)
    assert await state_of(world) == RetractionState.TAKEN


async def test_after_its_term_the_same_pseudonym_signs(world: World) -> None:
    draft_id = await shared(world)
    world.clock.now = START + timedelta(days=130)
    async with world.database.writing() as session:
        await session.execute(update(MembershipRow).values(chain_expires_at=world.clock() + timedelta(days=1)))
    await take_back(world, draft_id)
    await send_in_slot(world.node, world.name)
    world.network.sequence()
    await world.follow()
    assert await state_of(world) == RetractionState.GONE


async def test_what_can_not_be_taken_back_is_told(world: World) -> None:
    draft_id = await world.approved()
    with pytest.raises(Conflict, match=NOTHING_LEFT[:20]):
        await take_back(world, draft_id)
    world.clock.forward(seconds=61)
    await send_in_slot(world.node, world.name)
    with pytest.raises(Conflict, match=ON_ITS_WAY[:20]):
        await take_back(world, draft_id)
    world.network.sequence()
    await world.pull()
    await lose_the_key(world)
    await world.follow()
    with pytest.raises(Conflict, match=KEY_LOST[:20]):
        await take_back(world, draft_id)


async def lose_the_key(world: World) -> None:
    async with world.database.writing() as session:
        await session.execute(delete(KeyRow).where(KeyRow.purpose == KeyPurpose.PSEUDONYM))


async def test_what_was_signed_as_it_arrived_needs_no_key_any_more(world: World) -> None:
    draft_id = await shared(world)
    await lose_the_key(world)
    await take_back(world, draft_id)
    await world.slot()
    assert await state_of(world) == RetractionState.GONE


async def test_by_its_file_it_is_taken_back_after_node_and_database_are_lost(world: World, tmp_path: Path) -> None:
    await shared(world)
    async with world.database.writing() as session:
        content = await export_withdrawals(
            session, world.node, actor=ADA, now=world.clock(), today=world.clock().date()
        )
    file = tmp_path / "withdrawals.json"
    file.write_bytes(content)
    (held,) = read_file(content)
    assert (held.network, held.title) == (world.name, "Advisory homework start")

    # From here on nothing of the school is used but the file: another machine, no folder, no key.
    nowhere = tmp_path / "nowhere"
    listed = await asyncio.to_thread(nic, "share", "retract", "--file", file, "--json", data=nowhere)
    assert listed.document == {"items": [{"record": held.record_id, "title": held.title, "answer": ""}]}
    assert world.network.retractions == []
    sent = await asyncio.to_thread(nic, "share", "retract", "--file", file, "--record", held.record_id, data=nowhere)
    assert (sent.code, "sent" in sent.out) == (0, True)
    assert world.network.signed_retractions == 0
    world.network.sequence()
    origin, index = parse_record_id(held.record_id)
    record = world.network.log.judged().rows.find_record(origin, index)
    assert record is not None
    assert record.gone == "withdrawn"
    for code, told in ((Code.BLOB_RETRACTED, "gone already"), (Code.TARGET_UNKNOWN, "refused: ")):
        world.network.answer_openly = partial(says, code)
        again = await asyncio.to_thread(nic, "share", "retract", "--file", file, "--all", "--json", data=nowhere)
        assert again.document["items"][0]["answer"].startswith(told)


async def test_a_crooked_file_of_withdrawals_is_refused(world: World) -> None:
    await shared(world)
    async with world.database.writing() as session:
        content = await export_withdrawals(
            session, world.node, actor=ADA, now=world.clock(), today=world.clock().date()
        )
    document = json.loads(content)
    (good,) = document["items"]
    for wrong in (
        b"",
        b"[]",
        b"NaN",
        json.dumps(document | {"v": 2}).encode(),
        json.dumps(document | {"items": [good | {"record_id": good["record_id"] + "9"}]}).encode(),
        json.dumps(document | {"items": [good | {"leaf": "a.b.c"}]}).encode(),
    ):
        with pytest.raises(InvalidInput):
            read_file(wrong)
    with pytest.raises(NotFound):
        chosen_of(read_file(content), ["nowhere#1"])


async def test_it_is_taken_back_once(world: World) -> None:
    draft_id = await shared(world)
    await take_back(world, draft_id)
    with pytest.raises(Conflict, match=ASKED_ALREADY):
        await take_back(world, draft_id)
    await follow_networks(world.node)
