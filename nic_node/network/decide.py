"""What coordinators and members decide about a membership: approve, reject, suspend, reinstate, revoke, leave."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.errors import Untrusted
from nic_node.accounts.actor import SYSTEM, Actor
from nic_node.accounts.audit import record_audit
from nic_node.errors import Conflict
from nic_node.i18n import N_
from nic_node.membership.local import LocalNode
from nic_node.network.coordinators import deciding_ids, verify_coordinator
from nic_node.network.in_force import policy_in_force
from nic_node.network.members import member_of
from nic_node.network.read import network_of
from nic_node.network.tables import Application, Approval, Member
from nic_node.network.transitions import ADMITTED, Move, move_member, verify_version
from nic_node.network.vet import vetting_of
from schemas.code import Code
from schemas.states import APPLIED, APPROVED, EXPIRED, LEFT, WITHDRAWN, By, who_moves

EXPIRED_AT_ONCE: Final = 200
NEVER_DECIDED: Final = frozenset({APPLIED, LEFT, WITHDRAWN, EXPIRED})
"""States that no single coordinator brings about."""
CHECKS_FIRST: Final = N_("Some checks do not pass yet. Settle them first, or reject the application with a reason.")


async def approve(
    session: AsyncSession,
    node: LocalNode,
    *,
    network_id: int,
    member_id: int,
    actor: Actor,
    version: int,
    note: str = "",
    now: datetime,
) -> Member:
    """One coordinator's yes; with as many as the policy in force asks for, the school is a member.

    Raises:
        Conflict: stale version, a check that does not pass, or this coordinator has approved already.
        Untrusted: ILLEGAL_MOVE: the school does not wait for a decision.
    """
    person_id = await verify_coordinator(session, network_id, actor)
    network = await network_of(session, network_id)
    member = await member_of(session, network_id, member_id, for_update=True)
    if member.state != APPLIED:
        raise Untrusted(Code.ILLEGAL_MOVE, f"A membership that is {member.state} has no application to approve.")
    verify_version(member, version)
    if not (await vetting_of(session, network, member)).passes:
        raise Conflict(CHECKS_FIRST)
    policy = await policy_in_force(session, network_id)
    if await _add_approval(session, member, person_id, note, now) < policy["approvals_required"]:
        await _note_approval(session, actor, member, now)
        return member
    member.approved_at = now
    member.expires_at = now + timedelta(days=policy["membership_days"])
    move = Move(to_state=APPROVED, reason="checks-passed", actor=actor, note=note)
    await move_member(session, node, member, move, now=now)
    return member


async def _add_approval(session: AsyncSession, member: Member, person_id: int, note: str, now: datetime) -> int:
    """How many approvals the newest application has with this one; of who no longer decides here, none counts."""
    application_id = await session.scalar(select(func.max(Application.id)).where(Application.member_id == member.id))
    assert application_id is not None
    given = select(Approval.person_id).where(Approval.application_id == application_id)
    people = set((await session.scalars(given)).all())
    if person_id in people:
        raise Conflict(N_("You approved this application already; another coordinator has to, too."))
    session.add(Approval(application_id=application_id, person_id=person_id, note=note, at=now))
    await session.flush()
    deciding = await deciding_ids(session, member.network_id)
    return len((people | {person_id}) & deciding)


async def _note_approval(session: AsyncSession, actor: Actor, member: Member, now: datetime) -> None:
    await record_audit(
        session,
        actor=actor,
        action="member.approval-given",
        subject="member",
        subject_id=member.id,
        before=None,
        after=None,
        now=now,
    )


async def decide(
    session: AsyncSession,
    node: LocalNode,
    *,
    network_id: int,
    member_id: int,
    move: Move,
    version: int,
    now: datetime,
) -> Member:
    """A coordinator rejects, suspends, reinstates or revokes, with a reason that the school reads.

    Raises:
        Conflict: stale version, or a move that is the school's own to make.
        Untrusted: ILLEGAL_MOVE; APPROVALS_MISSING for an application, which `approve` is for.
        InvalidInput: no reason of the list.
    """
    await verify_coordinator(session, network_id, move.actor)
    member = await member_of(session, network_id, member_id, for_update=True)
    by = who_moves(member.state, move.to_state)
    if by is By.QUORUM:
        raise Untrusted(Code.APPROVALS_MISSING, "An application is approved by its checks and its coordinators.")
    if by is By.APPEAL:
        raise Untrusted(Code.APPROVALS_MISSING, "Who was revoked comes back by an appeal that is granted.")
    if by in (By.SCHOOL, By.TERM) or move.to_state in NEVER_DECIDED:
        raise Conflict(N_("This move is the school's own, or time's; a coordinator can reject, suspend or revoke."))
    verify_version(member, version)
    await move_member(session, node, member, move, now=now)
    return member


async def end_by_member(
    session: AsyncSession, node: LocalNode, *, member: Member, actor: Actor, version: int | None, now: datetime
) -> None:
    """The school itself leaves, or withdraws its application; the row is locked.

    Raises:
        Conflict: stale version. Untrusted: ILLEGAL_MOVE.
    """
    if version is not None:
        verify_version(member, version)
    to_state = WITHDRAWN if member.state == APPLIED else LEFT
    await move_member(session, node, member, Move(to_state=to_state, reason="own-request", actor=actor), now=now)


async def expire_members(session: AsyncSession, node: LocalNode, *, now: datetime) -> int:
    """Memberships whose term has ended; how many."""
    chosen = select(Member).where(Member.state.in_(ADMITTED), Member.expires_at <= now).order_by(Member.id)
    ended = (await session.scalars(chosen.limit(EXPIRED_AT_ONCE).with_for_update())).all()
    for member in ended:
        move = Move(to_state=EXPIRED, reason="term-ended", actor=SYSTEM)
        await move_member(session, node, member, move, now=now)
    return len(ended)
