"""Appeals and renewals at the network: who decides, when, and what is kept of it; on both databases, and raced."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from federation.errors import Untrusted
from nic_node.accounts.actor import peer_actor
from nic_node.accounts.tables import AuditEntry
from nic_node.db.engine import Database
from nic_node.errors import Conflict, InvalidInput, NotAllowed
from nic_node.network.appeal import (
    APPEAL_AGAIN,
    SEEN_BY_MEMBERS,
    AppealView,
    appeal_view,
    open_appeal_documents,
    open_appeals,
    take_appeal,
    voice_appeal,
)
from nic_node.network.coordinators import add_coordinator, remove_coordinator
from nic_node.network.decide import expire_members
from nic_node.network.decisions import Span, deciders_of
from nic_node.network.members import moves_of
from nic_node.network.policy import change_policy
from nic_node.network.renew import ask_renewal, decline_renewal, ending_soon, renew, renewal_document, waiting_renewals
from nic_node.network.reverse import reverse_decisions
from nic_node.network.tables import Appeal, Member, Network
from nic_node.network.voices import list_voices
from schemas.code import Code
from schemas.states import APPLIED, APPROVED, EXPIRED, REVOKED
from tests.conftest import TestClock
from tests.stores.network_stage import Stage, school, staged
from tests.stores.test_network_people import approve_it, decide_it, refusal, results


@pytest.fixture
async def stage(database: Database, clock: TestClock, tmp_path: Path) -> Stage:
    return await staged(database, clock, tmp_path)


async def terms(stage: Stage) -> dict[str, str]:
    async with stage.database.reading() as session:
        network = await session.get_one(Network, 1)
    return {"policy_sha256": network.policy_sha256, "charter_sha256": network.charter_sha256}


async def new_policy(stage: Stage) -> None:
    async with stage.database.writing() as session:
        version = (await session.get_one(Network, 1)).version
        await change_policy(
            session,
            network_id=1,
            policy={"membership_days": 200},
            charter={},
            version=version,
            actor=stage.people[0],
            now=stage.clock(),
        )


async def revoked(stage: Stage, number: int = 1) -> Member:
    return await decide_it(stage, await approve_it(stage, await stage.vetted(school(number))), "revoked")


async def appeal(stage: Stage, member_id: int, **changes: str) -> Appeal:
    said = {"text": "We replaced the key.", **await terms(stage), **changes}
    async with stage.database.writing() as session:
        member = await session.get_one(Member, member_id, with_for_update=True)
        actor = peer_actor(member.entity)
        return await take_appeal(session, member=member, said=said, actor=actor, now=stage.clock())


async def voice(stage: Stage, member_id: int, who: int, *, grants: bool = True, note: str = "So be it.") -> AppealView:
    version = (await stage.member(member_id)).version
    async with stage.database.writing() as session:
        return await voice_appeal(
            session,
            stage.node,
            network_id=1,
            member_id=member_id,
            grants=grants,
            note=note,
            version=version,
            actor=stage.people[who],
            now=stage.clock(),
        )


async def test_two_coordinators_grant_an_appeal(stage: Stage) -> None:
    member = await revoked(stage)
    first = await appeal(stage, member.id)
    assert (await appeal(stage, member.id)).id == first.id
    view = await voice(stage, member.id, 0)
    assert (view.voices, view.needed, view.earliest, view.appeal.state) == (1, 2, None, "open")
    with pytest.raises(Conflict):
        await voice(stage, member.id, 0)
    with pytest.raises(NotAllowed):
        await voice(stage, member.id, 2)
    assert (await stage.member(member.id)).state == REVOKED

    assert (await voice(stage, member.id, 1)).appeal.state == "granted"

    back = await stage.member(member.id)
    assert (back.state, back.settled, back.confirmed_at, back.found, back.expires_at) == (APPLIED, {}, None, None, None)
    async with stage.database.reading() as session:
        last = (await moves_of(session, member.id))[-1]
        assert await open_appeals(session, 1) == []
    assert (last.from_state, last.to_state, last.reason, last.actor_name) == (
        REVOKED, APPLIED, "appeal-granted", "Ben Okafor",
    )  # fmt: skip
    with pytest.raises(Conflict):
        await approve_it(stage, back)


async def test_one_alone_waits_until_members_have_seen_it(stage: Stage, clock: TestClock) -> None:
    member = await revoked(stage)
    await appeal(stage, member.id)
    async with stage.database.writing() as session:
        await remove_coordinator(session, actor=stage.people[0], network_id=1, person_id=2, now=clock())
    async with stage.database.reading() as session:
        (shown,) = open_appeal_documents(await open_appeals(session, 1))
    at = int(clock().timestamp())
    assert shown == {"entity": member.entity, "at": at, "earliest": at + int(SEEN_BY_MEMBERS.total_seconds())}
    clock.forward(days=13, hours=23)
    with pytest.raises(Conflict):
        await voice(stage, member.id, 0)
    clock.forward(hours=1)
    assert (await voice(stage, member.id, 0)).appeal.state == "granted"
    assert (await stage.member(member.id)).state == APPLIED


async def test_voices_of_who_was_taken_off_the_list_do_not_count(stage: Stage, clock: TestClock) -> None:
    member = await revoked(stage)
    await appeal(stage, member.id)
    await voice(stage, member.id, 1)
    async with stage.database.writing() as session:
        actor = stage.people[0]
        await add_coordinator(session, actor=actor, network_id=1, email="cy@hub.example", now=clock())
        await remove_coordinator(session, actor=actor, network_id=1, person_id=2, now=clock())
    assert (await voice(stage, member.id, 0)).appeal.state == "open"
    assert (await voice(stage, member.id, 2)).appeal.state == "granted"


async def test_a_stolen_account_s_voice_is_found_taken_back_and_told_of_where_it_decided(
    stage: Stage, clock: TestClock
) -> None:
    open_one, granted, declined = [await revoked(stage, number) for number in (1, 2, 3)]
    for member in (open_one, granted, declined):
        await appeal(stage, member.id)
    async with stage.database.writing() as session:
        await add_coordinator(session, actor=stage.people[0], network_id=1, email="cy@hub.example", now=clock())
    stolen_at = clock.forward(hours=1)
    for member, grants in ((open_one, True), (granted, True), (declined, False)):
        await voice(stage, member.id, 1, grants=grants)
    await voice(stage, granted.id, 0)
    await voice(stage, declined.id, 2, grants=False)
    async with stage.database.reading() as session:
        said = await list_voices(session, 1, by=2, span=Span(since=stolen_at))
        assert [one.state for one in said] == ["declined", "granted", "open"]
        assert await list_voices(session, 1, by=2, span=Span(until=stolen_at)) == []
        assert "Ben Okafor" in [one.name for one in await deciders_of(session, 1)]
    async with stage.database.writing() as session:
        await remove_coordinator(session, actor=stage.people[0], network_id=1, person_id=2, now=clock())

    async with stage.database.writing() as session:
        done = await reverse_decisions(
            session,
            stage.node,
            network_id=1,
            person_id=2,
            span=Span(since=stolen_at),
            actor=stage.people[0],
            now=clock(),
        )

    assert (done.voices, done.left, done.undone) == ([open_one.id], [declined.id, granted.id], [])
    async with stage.database.reading() as session:
        assert [one.state for one in await list_voices(session, 1, by=2)] == ["declined", "granted"]
        noted = select(AuditEntry.subject_id).where(AuditEntry.action == "member.appeal-voice-reversed")
        assert [int(subject) for subject in await session.scalars(noted)] == [open_one.id]
    await voice(stage, open_one.id, 0)
    assert (await voice(stage, open_one.id, 2)).appeal.state == "granted"


async def test_an_appeal_that_can_t_be_granted_any_more_is_declined(stage: Stage, clock: TestClock) -> None:
    member = await revoked(stage)
    await appeal(stage, member.id)
    with pytest.raises(InvalidInput):
        await voice(stage, member.id, 0, grants=False, note=" ")
    assert (await voice(stage, member.id, 0, grants=False)).appeal.state == "declined"
    async with stage.database.reading() as session:
        last = (await moves_of(session, member.id))[-1]
    assert (last.from_state, last.to_state, last.reason, last.note) == (
        REVOKED, REVOKED, "appeal-declined", "So be it.",
    )  # fmt: skip
    with pytest.raises(Untrusted):
        await appeal(stage, member.id)
    clock.forward(seconds=APPEAL_AGAIN.total_seconds())
    assert (await appeal(stage, member.id)).state == "open"


async def test_two_who_grant_at_once_are_counted_once_each(stage: Stage) -> None:
    member = await revoked(stage)
    await appeal(stage, member.id)
    done, refused = await results(voice(stage, member.id, 0), voice(stage, member.id, 0), voice(stage, member.id, 1))
    assert (len(done), len(refused)) == (2, 1)
    async with stage.database.reading() as session:
        view = await appeal_view(session, await session.get_one(Member, member.id))
    assert view is not None
    assert (view.appeal.state, view.voices) == ("granted", 2)


async def test_who_may_not_appeal(stage: Stage) -> None:
    member = await approve_it(stage, await stage.vetted(school()))
    with pytest.raises(Untrusted) as caught:
        await appeal(stage, member.id)
    assert caught.value.code is Code.ILLEGAL_MOVE
    await decide_it(stage, member, "revoked")
    with pytest.raises(Untrusted) as caught:
        await appeal(stage, member.id, policy_sha256="0" * 64)
    assert caught.value.code is Code.POLICY_NOT_ACCEPTED
    with pytest.raises(Conflict):
        await voice(stage, member.id, 0)
    token = school().application(stage.network, await stage.invite(), stage.clock())
    assert await refusal(stage, token) is Code.MEMBERSHIP_ENDED
    with pytest.raises(Untrusted) as caught:
        await decide_it(stage, await stage.member(member.id), APPLIED)
    assert caught.value.code is Code.APPROVALS_MISSING


async def ask(stage: Stage, member_id: int, **changes: str) -> None:
    said = {**await terms(stage), **changes}
    async with stage.database.writing() as session:
        member = await session.get_one(Member, member_id, with_for_update=True)
        await ask_renewal(session, member=member, said=said, actor=peer_actor(member.entity), now=stage.clock())


async def grant(stage: Stage, *members: Member, who: int = 0) -> None:
    async with stage.database.writing() as session:
        versions = {member.id: member.version for member in members}
        await renew(session, stage.node, network_id=1, versions=versions, actor=stage.people[who], now=stage.clock())


async def test_members_renew_before_their_end_in_one_act(stage: Stage, clock: TestClock) -> None:
    members = [await approve_it(stage, await stage.vetted(school(number))) for number in (1, 2)]
    end = members[0].expires_at
    assert end is not None
    with pytest.raises(Untrusted) as caught:
        await ask(stage, members[0].id)
    assert caught.value.code is Code.ILLEGAL_MOVE
    clock.forward(days=310)
    await new_policy(stage)
    with pytest.raises(Untrusted) as caught:
        await ask(stage, members[0].id, policy_sha256=members[0].policy_sha256)
    assert caught.value.code is Code.POLICY_NOT_ACCEPTED
    async with stage.database.reading() as session:
        assert [one.id for one in await ending_soon(session, 1, clock())] == [1, 2]
    for member in members:
        await ask(stage, member.id)
    asked = [await stage.member(member.id) for member in members]
    assert renewal_document(asked[0]) == {
        "opens": int((end - timedelta(days=60)).timestamp()),
        "asked": int(clock().timestamp()),
    }
    with pytest.raises(Conflict):
        await grant(stage, asked[0], members[1])
    assert (await stage.member(1)).expires_at == end

    await grant(stage, *asked)

    async with stage.database.reading() as session:
        assert await waiting_renewals(session, 1) == []
        last = (await moves_of(session, 2))[-1]
    renewed = await stage.member(2)
    assert renewed.expires_at == end + timedelta(days=200)
    assert renewed.policy_sha256 == (await terms(stage))["policy_sha256"]
    assert (last.from_state, last.to_state, last.reason, last.actor_name) == (
        APPROVED,
        APPROVED,
        "renewed",
        "Ada Field",
    )
    assert last.version == renewed.version


async def test_who_is_not_renewed_ends_with_the_term(stage: Stage, clock: TestClock) -> None:
    member = await approve_it(stage, await stage.vetted(school()))
    clock.forward(days=320)
    await ask(stage, member.id)
    asked = await stage.member(member.id)
    async with stage.database.writing() as session:
        await decline_renewal(
            session,
            stage.node,
            network_id=1,
            member_id=1,
            version=asked.version,
            note="",
            actor=stage.people[1],
            now=clock(),
        )
    with pytest.raises(Conflict):
        await grant(stage, await stage.member(1))
    clock.forward(days=46)
    async with stage.database.writing() as session:
        await expire_members(session, stage.node, now=clock())
    ended = await stage.member(1)
    assert ended.state == EXPIRED
    assert renewal_document(ended) is None
    with pytest.raises(Untrusted) as caught:
        await ask(stage, 1)
    assert caught.value.code is Code.NOT_A_MEMBER


async def test_two_who_renew_at_once_renew_once(stage: Stage, clock: TestClock) -> None:
    member = await approve_it(stage, await stage.vetted(school()))
    clock.forward(days=320)
    await ask(stage, member.id)
    asked = await stage.member(member.id)
    done, refused = await results(grant(stage, asked, who=0), grant(stage, asked, who=1))
    assert (len(done), len(refused)) == (1, 1)
    assert isinstance(refused[0], Conflict)
    assert member.expires_at is not None
    assert (await stage.member(1)).expires_at == member.expires_at + timedelta(days=365)
