"""Leaving a network: each practice of its own stays or goes, by its own pseudonym's signature; on both databases."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from federation.errors import Untrusted
from federation.judge import Outcome, judge_leaf
from federation.leaves import read_leaf
from nic_node.db.engine import Database
from nic_node.db.jobs import Worker
from nic_node.errors import Conflict, InvalidInput
from nic_node.membership.local import LocalNode
from nic_node.membership.tables import MembershipRow
from nic_node.publishing import leave as leaving_room
from nic_node.publishing.jobs import follow_networks, job_handlers
from nic_node.publishing.leave import GO, STAY, leave_network, leaving_of
from nic_node.publishing.retract import LONGEST_WAIT, RETRACT
from nic_node.publishing.tables import Release, RetractionRow
from nic_node.publishing.withdraw import withdraw
from nic_node.web.problems import problem_of
from schemas.code import Code
from tests.conftest import TestClock
from tests.stores.publishing_stage import ADA, World, publishing_world


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Which memberships the network was told that they end; that it is told by HTTP stands with the membership room."""
    told: list[int] = []

    async def leave(node: LocalNode, *, membership_id: int, **rest: object) -> None:
        told.append(membership_id)

    monkeypatch.setattr(leaving_room, "leave", leave)
    return told


@pytest.fixture
async def world(database: Database, tmp_path: Path, clock: TestClock, told: list[int]) -> AsyncIterator[World]:
    async with publishing_world(database, tmp_path, clock) as made:
        yield made


async def shared(world: World) -> int:
    """One practice that stands in the log: its release's id."""
    await world.open_epoch()
    draft_id = await world.approved()
    await world.slot()
    async with world.database.reading() as session:
        release = await session.scalar(select(Release).where(Release.draft_id == draft_id))
    assert release is not None
    return release.id


async def end(world: World, choice: str, release_id: int) -> int:
    return await leave_network(
        world.node, actor=ADA, membership_id=world.membership_id, choices={release_id: choice}, now=world.clock()
    )


async def retractions(world: World) -> list[RetractionRow]:
    async with world.database.reading() as session:
        return list(await session.scalars(select(RetractionRow).order_by(RetractionRow.id)))


async def work(world: World) -> None:
    handlers = {RETRACT: job_handlers(world.node)[RETRACT]}
    await Worker(world.database, handlers, clock=world.clock, idle_seconds=1).run_due()


async def test_what_goes_is_withdrawn_by_its_own_pseudonym(world: World, told: list[int]) -> None:
    release_id = await shared(world)
    with pytest.raises(InvalidInput) as caught:
        await leave_network(world.node, actor=ADA, membership_id=world.membership_id, choices={}, now=world.clock())
    assert set(caught.value.fields) == {f"practice-{release_id}"}
    assert told == []

    assert await end(world, GO, release_id) == 1

    assert told == [world.membership_id]
    (row,) = await retractions(world)
    spread = (row.due_at - row.asked_at).total_seconds()
    assert 0 <= spread <= 6 * 3_600
    world.clock.forward(seconds=spread + 1)
    await work(world)
    (leaf,) = world.network.retractions
    assert world.network.signed_retractions == 0
    assert read_leaf(leaf).payload["reason"] == "withdrawn"
    state = world.network.log.judged()
    assert judge_leaf(state, state.size, leaf).outcome is Outcome.ACCEPTED
    assert [row.state for row in await retractions(world)] == ["taken"]
    async with world.database.reading() as session:
        assert (await leaving_of(session, world.membership_id, world.clock())).choosable == []


async def test_what_stays_is_not_touched_and_may_go_later(world: World, told: list[int]) -> None:
    release_id = await shared(world)
    assert await end(world, STAY, release_id) == 0
    assert await retractions(world) == []
    async with world.database.writing() as session:
        (await session.get_one(MembershipRow, world.membership_id)).state = "revoked"
    assert await end(world, GO, release_id) == 1
    assert await end(world, GO, release_id) == 0
    assert (len(told), len(await retractions(world))) == (1, 1)


@pytest.mark.parametrize("ended_by", ["the school", "the network"])
async def test_what_waits_for_a_slot_when_the_membership_ends_goes_in_the_open(world: World, ended_by: str) -> None:
    release_id = await shared(world)
    async with world.database.writing() as session:
        draft_id = (await session.get_one(Release, release_id)).draft_id
        given = {"draft_id": draft_id, "at_once": False, "now": world.clock()}
        await withdraw(session, world.node, actor=ADA, **given)
    (row,) = await retractions(world)
    assert (row.in_the_open, row.state) == (False, "waiting")
    await follow_networks(world.node)
    assert [row.in_the_open for row in await retractions(world)] == [False]

    if ended_by == "the school":
        assert await end(world, GO, release_id) == 0
    else:
        async with world.database.writing() as session:
            (await session.get_one(MembershipRow, world.membership_id)).state = "revoked"
        await follow_networks(world.node)
    (row,) = await retractions(world)
    assert row.in_the_open
    assert 0 <= (row.due_at - world.clock()).total_seconds() <= 6 * 3_600
    await follow_networks(world.node)
    assert (await retractions(world))[0].due_at == row.due_at

    world.clock.forward(hours=6, seconds=1)
    await work(world)
    (leaf,) = world.network.retractions
    assert read_leaf(leaf).payload["reason"] == "withdrawn"
    assert world.network.signed_retractions == 0
    assert [row.state for row in await retractions(world)] == ["taken"]


async def test_an_outage_is_waited_out_and_a_refusal_is_shown(world: World, told: list[int]) -> None:
    release_id = await shared(world)
    await end(world, GO, release_id)
    world.clock.forward(hours=7)
    world.network.refuse_with = 503
    await work(world)
    (row,) = await retractions(world)
    assert (row.state, bool(row.problem)) == ("waiting", True)
    world.network.refuse_with = None
    world.network.answer_openly = lambda: problem_of(Untrusted(Code.TARGET_UNKNOWN, "No such record."))
    world.clock.forward(seconds=LONGEST_WAIT.total_seconds())
    await work(world)
    async with world.database.reading() as session:
        leaving = await leaving_of(session, world.membership_id, world.clock())
    assert [(one.retraction, "No such record." in one.problem) for one in leaving.choosable] == [("refused", True)]
    assert leaving.withdrawn == []
    async with world.database.writing() as session:
        (await session.get_one(MembershipRow, world.membership_id)).state = "left"
    assert await end(world, GO, release_id) == 1
    assert [row.state for row in await retractions(world)] == ["waiting"]


async def test_who_never_belonged_has_nothing_to_leave(world: World) -> None:
    await world.join()
    async with world.database.writing() as session:
        (await session.get_one(MembershipRow, world.membership_id)).state = "applied"
    with pytest.raises(Conflict):
        await end(world, STAY, 1)
