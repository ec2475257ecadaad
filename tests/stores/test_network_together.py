"""Applications approved together, and a yes taken back: on both databases, and raced."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import select

from nic_node.accounts.tables import AuditEntry
from nic_node.db.engine import Database
from nic_node.errors import Conflict, InvalidInput, NotAllowed
from nic_node.network.members import approvals_by_member
from nic_node.network.tables import Member
from nic_node.network.together import Pick, approve_together, take_back_approval
from tests.conftest import TestClock
from tests.stores.network_stage import Stage, school, staged
from tests.stores.test_network_people import approve_it, queued_moves


@pytest.fixture
async def stage(database: Database, clock: TestClock, tmp_path: Path) -> Stage:
    return await staged(database, clock, tmp_path)


async def test_all_green_are_approved_together_and_a_stale_one_spoils_nothing(stage: Stage) -> None:
    one, stale, three, early = [await stage.vetted(school(number)) for number in (1, 2, 3, 4)]
    async with stage.database.writing() as session:
        for member, change in ((stale, {"settled": {}}), (early, {"confirmed_at": None})):
            kept = await session.get(Member, member.id)
            assert kept is not None
            for name, value in change.items():
                setattr(kept, name, value)
    early = await stage.member(early.id)
    picks = [Pick(member_id=member.id, version=member.version) for member in (one, stale, three, early)]
    picks.append(Pick(member_id=99, version=1))
    outcomes = await approve_together(stage.node, network_id=1, picks=picks, actor=stage.people[0], now=stage.clock())
    assert [outcome.state for outcome in outcomes] == ["approved", "applied", "approved", "applied", ""]
    assert [outcome.is_member for outcome in outcomes] == [True, False, True, False, False]
    assert "since you opened the page" in outcomes[1].problem
    assert "checks do not pass" in outcomes[3].problem
    assert "no such member" in outcomes[4].problem
    assert await queued_moves(stage) == [("applied", "approved")] * 2
    async with stage.database.reading() as session:
        logged = select(AuditEntry.subject_id).where(AuditEntry.action == "member.approved").order_by(AuditEntry.id)
        assert [str(subject) for subject in await session.scalars(logged)] == [str(one.id), str(three.id)]
    with pytest.raises(NotAllowed):
        await approve_together(stage.node, network_id=1, picks=picks, actor=stage.people[2], now=stage.clock())
    with pytest.raises(InvalidInput):
        await approve_together(stage.node, network_id=1, picks=[], actor=stage.people[0], now=stage.clock())


async def test_the_same_act_twice_at_once_approves_each_once(stage: Stage) -> None:
    members = [await stage.vetted(school(number)) for number in (1, 2)]
    picks = [Pick(member_id=member.id, version=member.version) for member in members]
    acts = [
        approve_together(stage.node, network_id=1, picks=picks, actor=actor, now=stage.clock())
        for actor in stage.people[:2]
    ]
    first, second = await asyncio.gather(*acts)
    assert sorted([one.is_member for one in (*first, *second)]) == [False, False, True, True]
    assert await queued_moves(stage) == [("applied", "approved")] * 2


async def test_ones_own_approval_is_taken_back_while_it_waits(
    database: Database, clock: TestClock, tmp_path: Path
) -> None:
    stage = await staged(database, clock, tmp_path, approvals_required=2)
    member = await approve_it(stage, await stage.vetted(school()))

    async def take_back(who: int) -> None:
        async with stage.database.writing() as session:
            await take_back_approval(
                session, network_id=1, member_id=member.id, actor=stage.people[who], now=stage.clock()
            )

    with pytest.raises(Conflict):
        await take_back(1)
    await take_back(0)
    async with stage.database.reading() as session:
        assert await approvals_by_member(session, [member.id]) == {member.id: []}
    assert (await approve_it(stage, await stage.member(member.id), who=1)).state == "applied"
    assert (await approve_it(stage, await stage.member(member.id))).state == "approved"
    with pytest.raises(Conflict):
        await take_back(0)
