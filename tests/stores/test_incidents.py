"""'This should not have left', on both databases."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from federation.errors import Untrusted
from nic_node.accounts.audit import audit_entries
from nic_node.db.engine import Database
from nic_node.errors import Conflict, InvalidInput
from nic_node.publishing.incidents.checklist import STEPS, Telling
from nic_node.publishing.incidents.read import Incident, incident_of, incidents
from nic_node.publishing.incidents.report import (
    NOTHING_LEFT,
    OPENED_ALREADY,
    STILL_OPEN,
    close_incident,
    open_incident,
    tell_network,
    tick_step,
)
from nic_node.publishing.incidents.tables import IncidentRow
from nic_node.publishing.places import own_places
from nic_node.publishing.release_log import find_break, release_log
from nic_node.publishing.retract import send_retraction
from nic_node.publishing.slots import send_in_slot
from nic_node.publishing.states import RetractionState
from nic_node.publishing.tables import RetractionRow
from nic_node.publishing.withdraw import withdraw
from nic_node.web.problems import problem_of
from schemas.code import Code
from tests.conftest import TestClock
from tests.stores.publishing_stage import ADA, BEN, World, publishing_world
from tests.unit.accounts.stage import outcomes

NOTE = "Mrs. Quillfeather called: her son is in it."


@pytest.fixture
async def world(database: Database, tmp_path: Path, clock: TestClock) -> AsyncIterator[World]:
    async with publishing_world(database, tmp_path, clock) as made:
        await made.open_epoch()
        yield made


async def report(world: World, draft_id: int, **changes: str) -> int:
    given = {"kind": "names-someone", "note": NOTE} | changes
    async with world.database.writing() as session:
        row = await open_incident(session, world.node, actor=ADA, draft_id=draft_id, now=world.clock(), **given)
        return row.id


async def shown(world: World, incident_id: int) -> Incident:
    async with world.database.reading() as session:
        return await incident_of(session, world.node, incident_id)


async def retraction(world: World) -> RetractionRow:
    async with world.database.reading() as session:
        return (await session.scalars(select(RetractionRow))).one()


async def test_one_act_takes_it_back_in_the_open_and_tells_the_coordinators(world: World) -> None:
    draft_id = await world.approved()
    await world.slot()
    envelopes = len(world.network.taken)
    incident_id = await report(world, draft_id)
    row = await retraction(world)
    assert (row.in_the_open, row.state) == (True, RetractionState.WAITING)
    for status in (503, 403):
        world.network.refuse_with = status
        assert await tell_network(world.node, incident_id) is not None
        assert (await shown(world, incident_id)).telling == Telling.WAITING
    world.network.refuse_with = None
    await send_retraction(world.node, row.id)
    assert await tell_network(world.node, incident_id) is None
    world.network.sequence()
    await world.follow()
    one = await shown(world, incident_id)
    assert (one.withdrawal, one.telling, one.note) == (RetractionState.GONE, Telling.TOLD, NOTE)
    assert [step.name for step in one.steps if step.done] == ["taken-back", "told"]
    async with world.database.reading() as session:
        assert world.network.incidents == [(True, *await own_places(session, world.node))]
        lines = await release_log(session)
        audited = [entry.action for entry in await audit_entries(session, after=None, limit=50)]
    assert len(world.network.taken) == envelopes
    assert find_break(lines) is None
    assert "incident" in {line.code for line in lines}
    assert {"incident.opened", "release.withdrawn"} <= set(audited)


async def test_what_is_on_its_way_is_taken_back_as_soon_as_it_arrives(world: World) -> None:
    draft_id = await world.approved()
    world.clock.forward(seconds=61)
    await send_in_slot(world.node, world.name)
    incident_id = await report(world, draft_id)
    assert (await shown(world, incident_id)).withdrawal == ""
    assert await tell_network(world.node, incident_id) is None
    assert world.network.incidents == []
    world.network.sequence()
    await world.follow()
    await world.follow()
    row = await retraction(world)
    assert row.in_the_open
    await send_retraction(world.node, row.id)
    await tell_network(world.node, incident_id)
    assert len(world.network.incidents) == 1


async def test_a_withdrawal_that_waits_for_its_slot_goes_at_once(world: World) -> None:
    draft_id = await world.approved()
    await world.slot()
    async with world.database.writing() as session:
        await withdraw(session, world.node, actor=ADA, draft_id=draft_id, at_once=False, now=world.clock())
    await report(world, draft_id)
    assert (await retraction(world)).in_the_open


async def test_one_that_the_network_refused_goes_again_and_its_refusal_to_listen_is_shown(world: World) -> None:
    draft_id = await world.approved()
    await world.slot()
    async with world.database.writing() as session:
        await withdraw(session, world.node, actor=ADA, draft_id=draft_id, at_once=True, now=world.clock())
    world.network.answer_openly = lambda: problem_of(Untrusted(Code.TARGET_UNKNOWN, "No such record."))
    await send_retraction(world.node, (await retraction(world)).id)
    assert (await retraction(world)).state == RetractionState.REFUSED
    incident_id = await report(world, draft_id)
    assert (await retraction(world)).state == RetractionState.WAITING
    world.network.answer_openly = lambda: problem_of(Untrusted(Code.NOT_A_MEMBER, "Not here."))
    assert await tell_network(world.node, incident_id) is None
    assert (await shown(world, incident_id)).telling == Telling.REFUSED


async def test_what_never_left_is_no_incident_and_there_is_one_a_release(world: World) -> None:
    draft_id = await world.approved()
    with pytest.raises(Conflict, match=NOTHING_LEFT[:20]):
        await report(world, draft_id)
    await world.slot()
    with pytest.raises(InvalidInput):
        await report(world, draft_id, kind="made-up")
    done, refused = await outcomes(report(world, draft_id), report(world, draft_id))
    assert (len(done), [type(error) for error in refused]) == (1, [Conflict])
    with pytest.raises(Conflict, match=OPENED_ALREADY[:20]):
        await report(world, draft_id)


async def test_steps_are_ticked_and_the_incident_closed(world: World) -> None:
    draft_id = await world.approved()
    await world.slot()
    incident_id = await report(world, draft_id)

    async def tick(step: str, *, done: bool = True, version: int = 0) -> None:
        version = version or (await shown(world, incident_id)).version
        async with world.database.writing() as session:
            given = {"step": step, "done": done, "version": version, "now": world.clock()}
            await tick_step(session, actor=BEN, incident_id=incident_id, **given)

    async def close() -> None:
        version = (await shown(world, incident_id)).version
        async with world.database.writing() as session:
            await close_incident(session, actor=BEN, incident_id=incident_id, version=version, now=world.clock())

    with pytest.raises(InvalidInput):
        await tick("dance")
    for step in STEPS:
        with pytest.raises(Conflict, match=STILL_OPEN[:20]):
            await close()
        await tick(step)
    await tick("law", done=False)
    with pytest.raises(Conflict):
        await close()
    with pytest.raises(Conflict):
        await tick("law", version=1)
    await tick("law")
    await close()
    with pytest.raises(Conflict):
        await tick("law", done=False)
    async with world.database.reading() as session:
        (one,) = await incidents(session, world.node)
    assert one.closed_at is not None
    assert {step.by for step in one.steps if not step.by_itself} == {"Ben Stone"}


async def test_the_note_rests_sealed(world: World) -> None:
    draft_id = await world.approved()
    await world.slot()
    await report(world, draft_id)
    async with world.database.reading() as session:
        (row,) = await session.scalars(select(IncidentRow))
    assert row.sealed_note is not None
    assert b"Quillfeather" not in row.sealed_note
