"""A retraction whose process is killed at each point of its way, one after the other: nothing is lost or doubled."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from federation.errors import Untrusted
from federation.leaves import read_leaf
from nic_node.db.engine import Database
from nic_node.db.jobs import LEASE, Worker
from nic_node.publishing import retract, slots
from nic_node.publishing import withdraw as withdraw_room
from nic_node.publishing.jobs import follow_networks, job_handlers
from nic_node.publishing.read import all_sharing
from nic_node.publishing.relays import send
from nic_node.publishing.release_log import release_log
from nic_node.publishing.retract import RETRACT
from nic_node.publishing.states import RetractionState
from nic_node.web.problems import problem_of
from schemas.code import Code
from tests.conftest import TestClock
from tests.stores.killing import Killed, dies, killed_in_slot
from tests.stores.publishing_stage import ADA, World, publishing_world


@pytest.fixture
async def world(database: Database, tmp_path: Path, clock: TestClock) -> AsyncIterator[World]:
    async with publishing_world(database, tmp_path, clock) as made:
        await made.open_epoch()
        yield made


async def take_back(world: World, draft_id: int, *, at_once: bool) -> None:
    async with world.database.writing() as session:
        given = {"draft_id": draft_id, "at_once": at_once, "now": world.clock()}
        await withdraw_room.withdraw(session, world.node, actor=ADA, **given)


async def asked(world: World, monkeypatch: pytest.MonkeyPatch, *, at_once: bool) -> None:
    """Shared, and withdrawn by somebody whose node died at the first try."""
    draft_id = await world.approved()
    await world.slot()
    await dies(take_back(world, draft_id, at_once=at_once), monkeypatch, withdraw_room, "note_withdrawal")
    assert await state_of(world) == "", "nothing is half asked"
    await take_back(world, draft_id, at_once=at_once)
    assert await state_of(world) == RetractionState.WAITING


async def state_of(world: World) -> str:
    async with world.database.reading() as session:
        return (await all_sharing(session))[0].withdrawal


async def gone_once(world: World) -> None:
    assert await state_of(world) == RetractionState.GONE
    assert [read_leaf(entry).t for entry in world.network.log.entries].count("retract") == 1
    async with world.database.reading() as session:
        codes = [line.code for line in await release_log(session)]
    assert (codes.count("withdrawn"), codes.count("gone")) == (1, 1)


async def test_in_slots(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await asked(world, monkeypatch, at_once=False)
    for target, name, left_as in (
        (slots, "_seal", RetractionState.WAITING),
        (send, "urlencode", RetractionState.WAITING),
        (slots, "hand_over", RetractionState.TAKEN),
    ):
        await killed_in_slot(world, monkeypatch, target, name)
        assert await state_of(world) == left_as, name
    for _ in range(3):
        await world.slot()
    assert await state_of(world) == RetractionState.TAKEN, "noted and never sent: it goes again once it is late"
    await killed_in_slot(world, monkeypatch, slots, "note_way")
    world.network.sequence()
    await world.pull()
    await dies(follow_networks(world.node), monkeypatch, retract, "log_release")
    assert await state_of(world) == RetractionState.TAKEN
    for _ in range(5):
        await world.slot()
    await gone_once(world)


async def test_in_the_open(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await asked(world, monkeypatch, at_once=True)

    async def work() -> None:
        world.clock.forward(seconds=LEASE.total_seconds() + 1)
        handlers = {RETRACT: job_handlers(world.node)[RETRACT]}
        assert await Worker(world.database, handlers, clock=world.clock, idle_seconds=1).run_due() == 1

    await dies(work(), monkeypatch, retract, "send_openly")
    assert (await state_of(world), world.network.retractions) == (RetractionState.WAITING, [])

    send_openly = retract.send_openly

    async def send_and_die(*given: object) -> None:
        await send_openly(*given)
        raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(retract, "send_openly", send_and_die)
        await work()
    assert (await state_of(world), len(world.network.retractions)) == (RetractionState.WAITING, 1)
    world.network.sequence()
    world.network.answer_openly = lambda: problem_of(Untrusted(Code.BLOB_RETRACTED, "The log has it."))
    await work()
    assert await state_of(world) == RetractionState.TAKEN, "what the log has already is no refusal"
    await world.pull()
    await dies(follow_networks(world.node), monkeypatch, retract, "log_release")
    assert await state_of(world) == RetractionState.TAKEN
    await follow_networks(world.node)
    await gone_once(world)
