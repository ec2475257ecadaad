"""Founding, inviting, applying, deciding: on both databases, and raced where they read before they write."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from federation.errors import Untrusted
from federation.leaves import read_leaf
from nic_node.accounts.tables import Person
from nic_node.db.engine import Database
from nic_node.errors import Conflict, InvalidInput, NotAllowed
from nic_node.network.confirm import MOST_TRIES, confirm_code, give_code
from nic_node.network.coordinators import add_coordinator, coordinates, coordinator_actor, verify_coordinator
from nic_node.network.decide import approve, decide, end_by_member, expire_members
from nic_node.network.documents import current_charter, current_policy
from nic_node.network.found import Founding, found_network
from nic_node.network.invite import create_invitation, revoke_invitation
from nic_node.network.log.tables import QueuedLeaf
from nic_node.network.members import count_members, member_profiles, moves_of
from nic_node.network.statements import approved_entities, subordinate_statement, trust_mark
from nic_node.network.tables import Invitation, Member
from nic_node.network.transitions import Move
from nic_node.network.vet import reopen_check, settle_check
from schemas.code import Code
from schemas.entity import trust_mark_type
from tests.conftest import TestClock
from tests.stores.network_stage import School, Stage, school, staged


@pytest.fixture
async def stage(database: Database, clock: TestClock, tmp_path: Path) -> Stage:
    return await staged(database, clock, tmp_path)


async def approve_it(stage: Stage, member: Member, who: int = 0) -> Member:
    async with stage.database.writing() as session:
        return await approve(
            session,
            stage.node,
            network_id=stage.network.id,
            member_id=member.id,
            actor=stage.people[who],
            version=member.version,
            now=stage.clock(),
        )


async def decide_it(stage: Stage, member: Member, to_state: str, reason: str = "conduct", note: str = "") -> Member:
    async with stage.database.writing() as session:
        return await decide(
            session,
            stage.node,
            network_id=stage.network.id,
            member_id=member.id,
            move=Move(to_state=to_state, reason=reason, note=note, actor=stage.people[0]),
            version=member.version,
            now=stage.clock(),
        )


async def queued_moves(stage: Stage) -> list[tuple[str, str]]:
    async with stage.database.reading() as session:
        leaves = [read_leaf(data) for data in await session.scalars(select(QueuedLeaf.leaf).order_by(QueuedLeaf.id))]
    return [(leaf.payload["from"], leaf.payload["to"]) for leaf in leaves if leaf.t == "member"]


async def results(*running: Any) -> tuple[list[Any], list[BaseException]]:
    done = await asyncio.gather(*running, return_exceptions=True)
    good = [result for result in done if not isinstance(result, BaseException)]
    return good, [result for result in done if isinstance(result, BaseException)]


async def test_a_founded_network_has_documents_keys_and_a_first_coordinator(stage: Stage) -> None:
    async with stage.database.reading() as session:
        policy = await current_policy(session, stage.network.id)
        charter = await current_charter(session, stage.network.id)
        assert (policy["context_k"], policy["min_issued"], policy["version"]) == (3, 3, 1)
        assert charter["purpose"] == "Together."
        assert await verify_coordinator(session, stage.network.id, stage.people[0]) == 1
        assert list(await session.scalars(select(Person.id).where(coordinates()))) == [1, 2]
    assert stage.network.entity == "https://hub.example/net/hub"


async def test_a_short_name_is_taken_once(stage: Stage) -> None:
    founding = Founding(slug="hub", name="Another", charter={"purpose": "Same name."})
    with pytest.raises(InvalidInput) as caught:
        await found_network(stage.node, actor=stage.people[1], founding=founding, now=stage.clock())
    assert "slug" in caught.value.fields


async def test_the_same_application_twice_is_one(stage: Stage) -> None:
    token = school().application(stage.network, await stage.invite(uses=1), stage.clock())
    first, second = await stage.take(token), await stage.take(token)
    assert (first.id, first.state, second.id) == (second.id, "applied", first.id)
    async with stage.database.reading() as session:
        assert await session.scalar(select(Invitation.used)) == 1


async def test_the_same_application_sent_twice_at_once_is_one(stage: Stage) -> None:
    token = school().application(stage.network, await stage.invite(uses=1), stage.clock())
    taken, refused = await results(*(stage.take(token) for _ in range(4)))
    assert refused == []
    assert len({member.id for member in taken}) == 1


async def test_the_last_use_of_an_invitation_goes_to_one_school(stage: Stage) -> None:
    invitation = await stage.invite(uses=1)
    tokens = [school(number).application(stage.network, invitation, stage.clock()) for number in range(4)]
    taken, refused = await results(*(stage.take(token) for token in tokens))
    assert len(taken) == 1
    assert {error.code for error in refused if isinstance(error, Untrusted)} == {Code.INVITATION_USED}


async def refusal(stage: Stage, token: bytes) -> Code:
    with pytest.raises(Untrusted) as caught:
        await stage.take(token)
    return caught.value.code


async def test_what_is_refused_of_an_application(stage: Stage, clock: TestClock) -> None:
    applicant, invitation = school(), await stage.invite()

    def token(**more: Any) -> bytes:
        return applicant.application(stage.network, more.pop("invitation", invitation), clock(), **more)

    assert await refusal(stage, token(invitation=None)) is Code.INVITATION_INVALID
    assert await refusal(stage, token(invitation="guessed")) is Code.INVITATION_INVALID
    assert await refusal(stage, token(policy_sha256="0" * 64)) is Code.POLICY_NOT_ACCEPTED
    assert await refusal(stage, token(addressed_to="https://hub.example/net/other")) is Code.AUDIENCE_WRONG
    assert await refusal(stage, b"x.y.z") in set(Code)
    old = token()
    clock.forward(hours=2)
    assert await refusal(stage, old) is Code.APPLICATION_EXPIRED
    clock.forward(days=30)
    assert await refusal(stage, token()) is Code.INVITATION_EXPIRED
    async with stage.database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(Member)) == 0


async def test_a_revoked_invitation_lets_nobody_in(stage: Stage) -> None:
    async with stage.database.writing() as session:
        made = await create_invitation(
            session, node=stage.node, network_id=1, actor=stage.people[0], days=1, uses=1, now=stage.clock()
        )
        await revoke_invitation(session, network_id=1, invitation_id=made.id, actor=stage.people[1], now=stage.clock())
    token = school().application(stage.network, made.link.rpartition("#")[2][:20], stage.clock())
    assert await refusal(stage, token) is Code.INVITATION_INVALID


async def test_a_key_belongs_to_one_school(stage: Stage) -> None:
    one = school(1)
    await stage.applied(one)
    other = School("https://school-2.example", federation=one.federation)
    token = other.application(stage.network, await stage.invite(), stage.clock())
    assert await refusal(stage, token) is Code.MEMBER_KEY_TAKEN


async def test_who_waits_or_belongs_does_not_apply_again(stage: Stage) -> None:
    applicant = school()
    member = await stage.vetted(applicant)
    again = applicant.application(stage.network, await stage.invite(), stage.clock())
    assert await refusal(stage, again) is Code.APPLICATION_PENDING
    await approve_it(stage, member)
    assert await refusal(stage, again) is Code.APPLICATION_PENDING


async def test_an_application_by_a_known_jti_needs_the_key_that_signed_it_first(stage: Stage) -> None:
    applicant, invitation = school(), await stage.invite()
    await stage.take(applicant.application(stage.network, invitation, stage.clock(), jti="same"))
    forged = School(applicant.entity).application(stage.network, invitation, stage.clock(), jti="same")
    assert await refusal(stage, forged) is Code.APPLICATION_INVALID


async def test_approving_makes_a_member_and_tells_the_log(stage: Stage) -> None:
    member = await approve_it(stage, await stage.vetted(school()))
    assert member.state == "approved"
    assert member.expires_at is not None
    assert (member.expires_at - stage.clock()).days == 365
    assert await queued_moves(stage) == [("applied", "approved")]
    async with stage.database.reading() as session:
        assert await approved_entities(session, stage.network, stage.clock()) == [member.entity]
        assert await subordinate_statement(stage.node, session, stage.network, member.entity)
        assert [move.to_state for move in await moves_of(session, member.id)] == ["applied", "approved"]


async def test_checks_that_do_not_pass_stop_an_approval(stage: Stage) -> None:
    member = await stage.applied(school())
    with pytest.raises(Conflict):
        await approve_it(stage, member)
    assert (await stage.member(member.id)).state == "applied"
    assert await queued_moves(stage) == []


async def test_a_quorum_takes_two_people(database: Database, clock: TestClock, tmp_path: Path) -> None:
    stage = await staged(database, clock, tmp_path, approvals_required=2)
    member = await stage.vetted(school())
    assert (await approve_it(stage, member)).state == "applied"
    with pytest.raises(Conflict):
        await approve_it(stage, await stage.member(member.id))
    assert (await approve_it(stage, await stage.member(member.id), who=1)).state == "approved"


async def test_two_coordinators_at_once_approve_once(stage: Stage) -> None:
    member = await stage.vetted(school())
    done, refused = await results(approve_it(stage, member, 0), approve_it(stage, member, 1))
    assert len(done) == 1
    assert isinstance(refused[0], Conflict | Untrusted)
    assert await queued_moves(stage) == [("applied", "approved")]


async def test_only_coordinators_decide(stage: Stage) -> None:
    member = await stage.vetted(school())
    with pytest.raises(NotAllowed):
        await approve_it(stage, member, who=2)
    async with stage.database.writing() as session:
        await add_coordinator(session, actor=stage.people[0], network_id=1, email="CY@hub.example ", now=stage.clock())
    assert (await approve_it(stage, member, who=2)).state == "approved"
    async with stage.database.reading() as session:
        assert (await coordinator_actor(session, 1)).person_id == 1
        assert (await coordinator_actor(session, 1, "ben@hub.example")).person_id == 2


async def test_a_stale_version_is_a_conflict(stage: Stage) -> None:
    member = await approve_it(stage, await stage.vetted(school()))
    await decide_it(stage, member, "suspended")
    with pytest.raises(Conflict):
        await decide_it(stage, member, "revoked")


async def test_suspension_takes_statement_and_marks_away_and_gives_them_back(stage: Stage) -> None:
    member = await approve_it(stage, await stage.vetted(school()))
    kind = trust_mark_type(stage.network.entity, "publisher")
    suspended = await decide_it(stage, member, "suspended", note="Please call us.")
    async with stage.database.reading() as session:
        assert await subordinate_statement(stage.node, session, stage.network, member.entity) is None
        assert await trust_mark(stage.node, session, stage.network, kind=kind, subject=member.entity) is None
    await decide_it(stage, suspended, "approved", reason="reinstated")
    async with stage.database.reading() as session:
        assert await trust_mark(stage.node, session, stage.network, kind=kind, subject=member.entity)
    assert await queued_moves(stage) == [("applied", "approved"), ("approved", "suspended"), ("suspended", "approved")]


async def test_illegal_moves_are_refused(stage: Stage) -> None:
    member = await stage.vetted(school())
    for to_state in ("suspended", "revoked", "approved"):
        with pytest.raises(Untrusted):
            await decide_it(stage, member, to_state)
    with pytest.raises(Conflict):
        await decide_it(stage, member, "left")
    rejected = await decide_it(stage, member, "rejected", reason="not-eligible")
    with pytest.raises(Untrusted) as caught:
        await decide_it(stage, rejected, "approved")
    assert caught.value.code is Code.ILLEGAL_MOVE
    assert await queued_moves(stage) == []


async def test_a_reason_is_of_the_list_and_other_says_more(stage: Stage) -> None:
    member = await stage.vetted(school())
    with pytest.raises(InvalidInput):
        await decide_it(stage, member, "rejected", reason="because")
    with pytest.raises(InvalidInput):
        await decide_it(stage, member, "rejected", reason="other")


async def test_who_left_may_come_back_and_who_was_revoked_may_not(stage: Stage) -> None:
    one, two = school(1), school(2)
    left = await approve_it(stage, await stage.vetted(one))
    revoked = await decide_it(stage, await approve_it(stage, await stage.vetted(two)), "revoked")
    async with stage.database.writing() as session:
        kept = await session.get(Member, left.id, with_for_update=True)
        assert kept is not None
        await end_by_member(session, stage.node, member=kept, actor=stage.people[0], version=None, now=stage.clock())
    back = await stage.applied(one)
    assert (back.id, back.state, back.confirmed_at) == (left.id, "applied", None)
    token = two.application(stage.network, await stage.invite(), stage.clock())
    assert await refusal(stage, token) is Code.MEMBERSHIP_ENDED
    assert revoked.state == "revoked"


async def test_memberships_end_with_their_term(stage: Stage) -> None:
    member = await approve_it(stage, await stage.vetted(school()))
    stage.clock.forward(days=366)
    async with stage.database.writing() as session:
        assert await expire_members(session, stage.node, now=stage.clock()) == 1
    assert (await stage.member(member.id)).state == "expired"


async def test_moves_are_append_only(stage: Stage) -> None:
    await stage.applied(school())
    for statement in ("UPDATE network_transitions SET reason = 'x'", "DELETE FROM network_transitions"):
        with pytest.raises(DBAPIError):
            async with stage.database.writing() as session:
                await session.execute(text(statement))


async def test_a_code_confirms_once_and_is_not_guessed(stage: Stage) -> None:
    member = await stage.applied(school())
    async with stage.database.writing() as session:
        code = await give_code(
            session, node=stage.node, network_id=1, member_id=member.id, actor=stage.people[0], now=stage.clock()
        )
    async with stage.database.writing() as session:
        kept = await session.get(Member, member.id)
        assert kept is not None
        for _ in range(MOST_TRIES):
            assert not confirm_code(kept, "AAAA-AAAA", now=stage.clock())
        with pytest.raises(Untrusted) as caught:
            confirm_code(kept, code, now=stage.clock())
        assert caught.value.code is Code.CONFIRMATION_EXPIRED
        kept.code_tries = 0
        assert confirm_code(kept, code.replace("-", ""), now=stage.clock())


async def test_members_are_counted_and_their_profiles_read(stage: Stage) -> None:
    for number in (1, 2):
        await stage.applied(school(number))
    async with stage.database.reading() as session:
        assert await count_members(session, 1) == {"applied": 2}
        profiles = await member_profiles(session, 1, {"https://school-2.example", "https://nobody.example"})
        assert profiles["https://school-2.example"]["level"] == "middle"


async def test_a_settled_check_is_opened_again(stage: Stage) -> None:
    member = await stage.applied(school())
    change = {"network_id": 1, "member_id": member.id, "check": "host", "actor": stage.people[0], "now": stage.clock()}
    async with stage.database.writing() as session:
        settled = await settle_check(session, note="Hosted by its education service. ", **change)
        assert settled.settled["host"]["note"] == "Hosted by its education service."
    async with stage.database.writing() as session:
        assert (await reopen_check(session, **change)).settled == {}
    with pytest.raises(InvalidInput):
        async with stage.database.writing() as session:
            await settle_check(session, note="x" * 201, **change)
