"""Who decides, who no longer does, and taking back what a stolen account decided: on both databases, and raced."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from nic_node.accounts.tables import AuditEntry, Person
from nic_node.db.engine import Database
from nic_node.errors import Conflict, NotAllowed, NotFound
from nic_node.network.approvals import list_approvals
from nic_node.network.coordinators import (
    add_coordinator,
    coordinators_of,
    deciding_ids,
    remove_coordinator,
    restore_coordinator,
)
from nic_node.network.decisions import Span, deciders_of, list_decisions
from nic_node.network.members import moves_of
from nic_node.network.named import list_namings
from nic_node.network.reverse import WAYS_BACK, Reversal, reverse_decisions
from nic_node.network.tables import Invitation, Member
from nic_node.network.transitions import Move, move_member
from schemas.states import APPLIED, MOVES
from tests.conftest import TestClock
from tests.stores.network_stage import Stage, school, staged
from tests.stores.test_network_people import approve_it, queued_moves, results


@pytest.fixture
async def stage(database: Database, clock: TestClock, tmp_path: Path) -> Stage:
    return await staged(database, clock, tmp_path)


async def remove(stage: Stage, who: int, by: int = 0) -> Person:
    async with stage.database.writing() as session:
        return await remove_coordinator(
            session, actor=stage.people[by], network_id=1, person_id=who + 1, now=stage.clock()
        )


async def move(stage: Stage, member_id: int, to_state: str, by: int = 1) -> None:
    async with stage.database.writing() as session:
        member = await session.get_one(Member, member_id, with_for_update=True)
        wish = Move(to_state=to_state, reason="conduct", actor=stage.people[by])
        await move_member(session, stage.node, member, wish, now=stage.clock())


async def reverse(stage: Stage, who: int = 1, by: int = 0, span: Span | None = None) -> Reversal:
    async with stage.database.writing() as session:
        return await reverse_decisions(
            session,
            stage.node,
            network_id=1,
            person_id=who + 1,
            span=span or Span(),
            actor=stage.people[by],
            now=stage.clock(),
        )


async def history(stage: Stage, member_id: int) -> list[tuple[str | None, str, str]]:
    async with stage.database.reading() as session:
        return [(one.from_state, one.to_state, one.reason) for one in await moves_of(session, member_id)]


async def audited(stage: Stage) -> list[str]:
    async with stage.database.reading() as session:
        return list(await session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


async def test_coordinators_come_and_go_and_one_stays(stage: Stage) -> None:
    with pytest.raises(NotAllowed):
        await remove(stage, 0, by=2)
    with pytest.raises(NotFound):
        await remove(stage, 2)
    await remove(stage, 1)
    with pytest.raises(Conflict):
        await remove(stage, 0)
    async with stage.database.reading() as session:
        assert [person.name for person in await coordinators_of(session, 1)] == ["Ada Field"]
    assert (await audited(stage))[-1] == "network.coordinator-removed"


async def test_two_who_remove_each_other_leave_one(stage: Stage) -> None:
    done, refused = await results(remove(stage, 1, by=0), remove(stage, 0, by=1))
    assert (len(done), len(refused)) == (1, 1)
    assert isinstance(refused[0], NotAllowed | Conflict)
    async with stage.database.reading() as session:
        assert len(await deciding_ids(session, 1)) == 1


async def test_a_closed_account_is_no_coordinator_who_stays(stage: Stage) -> None:
    async with stage.database.writing() as session:
        (await session.get_one(Person, 2)).active = False
    with pytest.raises(Conflict):
        await remove(stage, 0)


async def test_only_a_network_without_anybody_is_given_a_coordinator_from_outside(stage: Stage) -> None:
    async def restore() -> None:
        async with stage.database.writing() as session:
            await restore_coordinator(
                session, actor=stage.people[2], network_id=1, email="cy@hub.example", now=stage.clock()
            )

    with pytest.raises(Conflict):
        await restore()
    async with stage.database.writing() as session:
        for number in (1, 2):
            (await session.get_one(Person, number)).active = False
    await restore()
    async with stage.database.reading() as session:
        assert await deciding_ids(session, 1) == {3}
    assert (await audited(stage))[-1] == "network.coordinator-restored"


async def test_a_yes_of_who_was_taken_off_the_list_no_longer_counts(
    database: Database, clock: TestClock, tmp_path: Path
) -> None:
    stage = await staged(database, clock, tmp_path, approvals_required=2)
    member = await stage.vetted(school())
    await approve_it(stage, member, who=1)
    await remove(stage, 1)
    assert (await approve_it(stage, await stage.member(member.id), who=0)).state == "applied"
    async with stage.database.writing() as session:
        await add_coordinator(session, actor=stage.people[0], network_id=1, email="cy@hub.example", now=clock())
    assert (await approve_it(stage, await stage.member(member.id), who=2)).state == "approved"


async def test_whom_a_stolen_account_added_and_what_they_said_is_found(
    database: Database, clock: TestClock, tmp_path: Path
) -> None:
    """Ben's account, once taken, adds Cy, and so makes a quorum of two that nobody wanted."""
    stage = await staged(database, clock, tmp_path, approvals_required=2)
    stolen = Span(since=clock())
    async with database.writing() as session:
        await add_coordinator(session, actor=stage.people[1], network_id=1, email="cy@hub.example", now=clock())
    member = await approve_it(stage, await stage.vetted(school()), who=1)
    clock.forward(hours=1)
    assert (await approve_it(stage, await stage.member(member.id), who=2)).state == "approved"
    await remove(stage, 1)
    async with database.reading() as session:
        (naming,) = await list_namings(session, 1, by=2, span=stolen)
        (said,) = await list_approvals(session, 1, by=2, span=stolen)
        assert await list_approvals(session, 1, by=3) == [], "the last yes is the move itself"
        (moved,) = await list_decisions(session, 1, by=3)
        assert [one.act for one in await list_namings(session, 1)] == ["removed", "added"]
    assert (naming.act, naming.person_id, naming.by, naming.decides) == ("added", 3, "Ben Okafor", True)
    assert (said.member_id, said.by_id, said.state, moved.to_state) == (member.id, 2, "approved", "approved")

    assert (await reverse(stage, who=1)).undone == [member.id], "it needed his yes"
    await remove(stage, 2)
    assert (await reverse(stage, who=2)).undone == []
    async with database.reading() as session:
        assert [one.decides for one in await list_namings(session, 1, by=2)] == [False]
        assert await list_approvals(session, 1) == []


async def test_every_way_back_is_made_of_moves_of_the_table() -> None:
    for (now, before), way in WAYS_BACK.items():
        stops = (now, *way)
        assert all(to in MOVES[at] for at, to in zip(stops, way, strict=False)), (now, before)
        assert stops[-1] == before or before == "revoked"


async def test_what_a_stolen_account_decided_is_taken_back_in_one_act(stage: Stage, clock: TestClock) -> None:
    suspended, revoked, twice, since = [
        await approve_it(stage, await stage.vetted(school(number))) for number in range(4)
    ]
    let_in, turned_away = await stage.vetted(school(8)), await stage.vetted(school(9))
    stolen_at = clock.forward(hours=1)
    for member, to_state in ((suspended, "suspended"), (revoked, "revoked"), (twice, "suspended"), (since, "revoked")):
        await move(stage, member.id, to_state)
    await move(stage, twice.id, "revoked")
    await approve_it(stage, let_in, who=1)
    await move(stage, turned_away.id, "rejected")
    async with stage.database.writing() as session:
        for invitation in await session.scalars(select(Invitation)):
            invitation.made_by = "Ben Okafor"
    await move(stage, suspended.id, "approved", by=0)
    await move(stage, suspended.id, "suspended", by=0)
    with pytest.raises(Conflict):
        await reverse(stage)
    await remove(stage, 1)
    with pytest.raises(Conflict):
        await reverse(stage, who=0)
    with pytest.raises(NotAllowed):
        await reverse(stage, by=2)

    done = await reverse(stage, span=Span(since=stolen_at))

    assert done.undone == [revoked.id, twice.id, since.id, let_in.id, turned_away.id]
    assert done.left == [suspended.id]
    assert done.invitations == []
    states = {member.id: (await stage.member(member.id)).state for member in (revoked, twice, let_in, turned_away)}
    assert states == {revoked.id: "approved", twice.id: "approved", let_in.id: APPLIED, turned_away.id: APPLIED}
    assert (await history(stage, twice.id))[-2:] == [
        ("revoked", "applied", "decision-reversed"),
        ("applied", "approved", "decision-reversed"),
    ]
    assert ("approved", "revoked") in await queued_moves(stage)
    assert (await stage.member(let_in.id)).confirmed_at is None
    with pytest.raises(Conflict):
        await approve_it(stage, await stage.member(let_in.id), who=0)
    assert (await reverse(stage)).undone == []


async def test_links_of_a_stolen_account_stop_working(stage: Stage, clock: TestClock) -> None:
    token = await stage.invite()
    async with stage.database.writing() as session:
        (await session.get_one(Invitation, 1)).made_by_id = 2
        # Whoever holds an account can rename it; that hides nothing.
        (await session.get_one(Person, 2)).name = "Somebody Else"
    await remove(stage, 1)
    assert (await reverse(stage)).invitations == [1]
    assert (await reverse(stage)).invitations == []
    assert token


async def test_two_who_take_the_same_back_do_it_once(stage: Stage) -> None:
    member = await approve_it(stage, await stage.vetted(school()))
    await move(stage, member.id, "revoked")
    async with stage.database.writing() as session:
        await add_coordinator(session, actor=stage.people[0], network_id=1, email="cy@hub.example", now=stage.clock())
    await remove(stage, 1)
    done, refused = await results(reverse(stage, by=0), reverse(stage, by=2))
    assert refused == []
    assert sorted(len(one.undone) for one in done) == [0, 1]
    assert [to for _, to, _ in await history(stage, member.id)] == [
        "applied", "approved", "revoked", "applied", "approved",
    ]  # fmt: skip


async def test_decisions_are_listed_by_person_and_time(stage: Stage, clock: TestClock) -> None:
    first = await approve_it(stage, await stage.vetted(school(1)))
    before = clock.forward(days=1)
    await move(stage, first.id, "suspended")
    async with stage.database.reading() as session:
        everything = await list_decisions(session, 1)
        by_ben = await list_decisions(session, 1, by=2)
        earlier = await list_decisions(session, 1, span=Span(until=before))
        later = await list_decisions(session, 1, by=1, span=Span(since=before + timedelta(days=1)))
        people = await deciders_of(session, 1)
    assert [(one.by, one.to_state, one.is_newest) for one in everything] == [
        ("Ben Okafor", "suspended", True),
        ("Ada Field", "approved", False),
    ]
    assert [one.to_state for one in by_ben] == ["suspended"]
    assert [one.to_state for one in earlier] == ["approved"]
    assert later == []
    assert everything[0].version > everything[1].version > 0
    assert [(one.name, one.decides) for one in people] == [("Ada Field", True), ("Ben Okafor", True)]
