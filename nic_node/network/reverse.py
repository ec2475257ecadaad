"""Taking back, in one act, what was decided in a coordinator's name who no longer decides: a stolen account.

Of each school the newest decisions that are theirs are undone, back to where it stood before the first of them, by
moves of the table, each logged with its own reason. Where somebody else has decided since, nothing is undone: that
school is told apart, for a person to look at.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.accounts.tables import Person
from nic_node.errors import Conflict, NotFound
from nic_node.i18n import N_
from nic_node.membership.local import LocalNode
from nic_node.network.appeal import OPEN, note_appeal
from nic_node.network.coordinators import deciding_ids, verify_coordinator
from nic_node.network.decisions import Span
from nic_node.network.in_force import policy_in_force
from nic_node.network.invite import revoke_invitation
from nic_node.network.members import moves_of
from nic_node.network.read import network_of
from nic_node.network.tables import Appeal, AppealVoice, Application, Approval, Invitation, Member, Transition
from nic_node.network.transitions import Move, add_transition, move_member
from nic_node.network.voices import REVERSED, list_voices
from schemas.states import APPLIED, APPROVED, REJECTED, REVOKED, SUSPENDED

REASON: Final = REVERSED
RENEWED: Final = "renewed"
STILL_DECIDES: Final = N_("This person still decides for the network. Take them off the list of coordinators first.")
NOT_YOUR_OWN: Final = N_("Nobody takes back their own decisions this way: decide anew about each school.")
WAYS_BACK: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    # (where it stands, where it stood before): the moves that lead back
    (APPROVED, APPLIED): (REVOKED, APPLIED),
    (SUSPENDED, APPLIED): (REVOKED, APPLIED),
    (REVOKED, APPLIED): (APPLIED,),
    (REJECTED, APPLIED): (APPLIED,),
    (SUSPENDED, APPROVED): (APPROVED,),
    (REVOKED, APPROVED): (APPLIED, APPROVED),
    (APPROVED, SUSPENDED): (SUSPENDED,),
    (REVOKED, SUSPENDED): (APPLIED, APPROVED, SUSPENDED),
    (APPLIED, REVOKED): (REJECTED,),
    (REJECTED, REVOKED): (),
    (APPROVED, REVOKED): (REVOKED,),
    (SUSPENDED, REVOKED): (REVOKED,),
}
"""A decision that was never the coordinators' is void, so its reversal needs neither quorum nor appeal. Who was let in
again by an appeal goes back to where it can apply, but no further: the table has no move from there to revoked."""


@dataclass(slots=True)
class Reversal:
    """What one act took back: ids of members, and of invitations.

    Attributes:
        left: members about whom somebody else has decided since; nothing was changed there.
        voices: members whose open appeal lost this person's voice.
    """

    undone: list[int] = field(default_factory=list)
    left: list[int] = field(default_factory=list)
    invitations: list[int] = field(default_factory=list)
    voices: list[int] = field(default_factory=list)


async def reverse_decisions(
    session: AsyncSession,
    node: LocalNode,
    *,
    network_id: int,
    person_id: int,
    span: Span,
    actor: Actor,
    now: datetime,
) -> Reversal:
    """Undo what `person_id` decided in a span of time: moves, single approvals and voices, renewals, open invitations.

    Raises:
        NotFound: nobody has this number.
        Conflict: this person still decides for the network, or is the one who asks.
    """
    await network_of(session, network_id, for_update=True)
    await verify_coordinator(session, network_id, actor)
    person = await session.get(Person, person_id)
    if person is None:
        raise NotFound(N_("Nobody here has this number."))
    if actor.person_id == person_id:
        raise Conflict(NOT_YOUR_OWN)
    if person_id in await deciding_ids(session, network_id):
        raise Conflict(STILL_DECIDES)
    done = Reversal()
    for member in await _members_decided_about(session, network_id, person_id):
        await _undo(session, node, member, (person, span), actor, done, now)
    await _withdraw_approvals(session, network_id, person_id, span)
    await _withdraw_voices(session, network_id, (person, span), actor, done, now)
    done.invitations = await _close_invitations(session, network_id, person, span, actor, now)
    return done


async def _members_decided_about(session: AsyncSession, network_id: int, person_id: int) -> Sequence[Member]:
    moved = select(Transition.member_id).where(Transition.actor_id == person_id)
    said_yes = (
        select(Application.member_id)
        .join(Approval, Approval.application_id == Application.id)
        .where(Approval.person_id == person_id)
    )
    voiced = (
        select(Appeal.member_id)
        .join(AppealVoice, AppealVoice.appeal_id == Appeal.id)
        .where(AppealVoice.person_id == person_id)
    )
    is_theirs = Member.id.in_(moved) | Member.id.in_(said_yes) | Member.id.in_(voiced)
    chosen = select(Member).where(Member.network_id == network_id, is_theirs)
    return (await session.scalars(chosen.order_by(Member.id).with_for_update())).all()


async def _undo(
    session: AsyncSession,
    node: LocalNode,
    member: Member,
    whose: tuple[Person, Span],
    actor: Actor,
    done: Reversal,
    now: datetime,
) -> None:
    moves = await moves_of(session, member.id)
    theirs = await _theirs(session, member, moves, whose)
    run = _newest_run(moves, theirs)
    if not run:
        if theirs:
            done.left.append(member.id)
        return
    before = run[0].from_state
    assert before is not None
    way = () if before == member.state else WAYS_BACK.get((member.state, before))
    if way is None:
        done.left.append(member.id)
        return
    renewals = sum(move.reason == RENEWED for move in run)
    if renewals and member.expires_at is not None:
        member.expires_at = await _end_before(session, member, moves, run[0].number, renewals)
    if before == APPLIED:
        _forget_checks(member, whose[0])
    for to_state in way:
        await move_member(session, node, member, Move(to_state=to_state, reason=REASON, actor=actor), now=now)
    if not way:
        move = Move(to_state=member.state, reason=REASON, actor=actor)
        await add_transition(session, member, member.state, move, "", now)
    done.undone.append(member.id)


async def _end_before(
    session: AsyncSession, member: Member, moves: Sequence[Transition], number: int, renewals: int
) -> datetime:
    """When the term ended before this move; of rows that do not hold it, by the policy in force."""
    assert member.expires_at is not None
    kept = next((move.expires_at for move in moves if move.number == number - 1), None)
    if kept is not None:
        return kept
    days = (await policy_in_force(session, member.network_id))["membership_days"]
    return member.expires_at - timedelta(days=days) * renewals


async def _theirs(
    session: AsyncSession, member: Member, moves: Sequence[Transition], whose: tuple[Person, Span]
) -> frozenset[int]:
    """Numbers of the moves that this person made in the span, or that needed a yes which they gave in it."""
    person, span = whose
    theirs = {move.number for move in moves if move.actor_id == person.id and span.holds(move.at)}
    newest = select(func.max(Application.id)).where(Application.member_id == member.id).scalar_subquery()
    chosen = select(Approval.at).where(Approval.application_id == newest, Approval.person_id == person.id)
    said_at = await session.scalar(chosen)
    admitted = [move for move in moves if (move.from_state, move.to_state) == (APPLIED, APPROVED)]
    if said_at is not None and span.holds(said_at) and admitted and admitted[-1].at >= said_at:
        theirs.add(admitted[-1].number)
    return frozenset(theirs)


def _newest_run(moves: Sequence[Transition], theirs: frozenset[int]) -> list[Transition]:
    """The unbroken end of the history that is theirs."""
    run: list[Transition] = []
    for move in reversed(moves):
        if move.number not in theirs:
            break
        run.insert(0, move)
    return run


def _forget_checks(member: Member, person: Person) -> None:
    """What rests on this person's word is looked into anew: checks that they settled, and the code."""
    member.settled = {name: said for name, said in member.settled.items() if said.get("by_id") != person.id}
    member.confirmed_at = member.code_hash = member.code_given_at = None
    member.code_tries = 0
    member.approved_at = member.expires_at = None


async def _withdraw_approvals(session: AsyncSession, network_id: int, person_id: int, span: Span) -> None:
    applications = select(Application.id).where(Application.network_id == network_id)
    theirs = select(Approval).where(Approval.person_id == person_id, Approval.application_id.in_(applications))
    gone = [approval.id for approval in await session.scalars(theirs) if span.holds(approval.at)]
    await session.execute(delete(Approval).where(Approval.id.in_(gone)))


async def _withdraw_voices(
    session: AsyncSession,
    network_id: int,
    whose: tuple[Person, Span],
    actor: Actor,
    done: Reversal,
    now: datetime,
) -> None:
    """A voice in an appeal that is open is deleted. One that was decided with it is told apart, for a person to see."""
    for voice in await list_voices(session, network_id, by=whose[0].id, span=whose[1]):
        if voice.state == OPEN:
            await session.execute(delete(AppealVoice).where(AppealVoice.id == voice.id))
            after = {"by": voice.by_id, "grants": voice.grants}
            await note_appeal(session, actor, voice.member_id, "member.appeal-voice-reversed", after, now)
            done.voices.append(voice.member_id)
        elif voice.member_id not in (*done.undone, *done.left) and not voice.is_reversed:
            done.left.append(voice.member_id)


async def _close_invitations(
    session: AsyncSession, network_id: int, person: Person, span: Span, actor: Actor, now: datetime
) -> list[int]:
    """Links that this person made and that still let schools apply."""
    chosen = select(Invitation).where(
        Invitation.network_id == network_id,
        Invitation.made_by_id == person.id,
        Invitation.revoked_at.is_(None),
        Invitation.expires_at > now,
    )
    closed = []
    for invitation in (await session.scalars(chosen.order_by(Invitation.id))).all():
        if span.holds(invitation.made_at):
            await revoke_invitation(session, network_id=network_id, invitation_id=invitation.id, actor=actor, now=now)
            closed.append(invitation.id)
    return closed
