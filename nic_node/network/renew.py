"""Renewal: a member asks for its next term before the end of this one, and a coordinator grants it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.errors import Untrusted
from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import record_audit
from nic_node.errors import Conflict
from nic_node.i18n import N_
from nic_node.membership.local import LocalNode
from nic_node.network.apply import verify_documents
from nic_node.network.coordinators import verify_coordinator
from nic_node.network.in_force import policy_in_force
from nic_node.network.letters import tell_member
from nic_node.network.members import member_of
from nic_node.network.read import network_of
from nic_node.network.tables import Member
from nic_node.network.transitions import Move, add_transition, verified_note, verify_version
from schemas.code import Code
from schemas.states import APPROVED

RENEWABLE: Final = timedelta(days=60)
"""How long before its end a member may ask for the next term."""
NOT_ASKED: Final = N_("This school has not asked for another term, or was decided about meanwhile.")
MOST_SHOWN: Final = 200


def renewable_from(expires_at: datetime) -> datetime:
    return expires_at - RENEWABLE


async def ask_renewal(
    session: AsyncSession, *, member: Member, said: Mapping[str, Any], actor: Actor, now: datetime
) -> None:
    """A member whose row is locked asks for the next term; `said` is of `schemas.membership.RENEWAL`.

    Asking again accepts newer documents and changes nothing else.

    Raises:
        Untrusted: NOT_A_MEMBER; ILLEGAL_MOVE, it is too early; POLICY_NOT_ACCEPTED.
    """
    if member.state != APPROVED or member.expires_at is None:
        raise Untrusted(Code.NOT_A_MEMBER, "Only an approved membership is renewed.")
    if now < renewable_from(member.expires_at):
        raise Untrusted(Code.ILLEGAL_MOVE, "A membership is renewed from 60 days before its end on.")
    network = await network_of(session, member.network_id)
    verify_documents(network, said["policy_sha256"], said["charter_sha256"])
    member.policy_sha256, member.charter_sha256 = said["policy_sha256"], said["charter_sha256"]
    member.renewal_asked_at = member.renewal_asked_at or now
    await record_audit(
        session,
        actor=actor,
        action="member.renewal-asked",
        subject="member",
        subject_id=member.id,
        before=None,
        after={"policy": member.policy_sha256, "charter": member.charter_sha256},
        now=now,
    )


async def waiting_renewals(session: AsyncSession, network_id: int, *, limit: int = MOST_SHOWN) -> list[Member]:
    """Members who asked for another term, the one that ends first before the others."""
    chosen = select(Member).where(
        Member.network_id == network_id, Member.state == APPROVED, Member.renewal_asked_at.is_not(None)
    )
    return list((await session.scalars(chosen.order_by(Member.expires_at, Member.id).limit(limit))).all())


async def ending_soon(session: AsyncSession, network_id: int, now: datetime) -> list[Member]:
    """Members whose term ends within 60 days and who have not asked for another."""
    chosen = select(Member).where(
        Member.network_id == network_id,
        Member.state == APPROVED,
        Member.renewal_asked_at.is_(None),
        Member.expires_at <= now + RENEWABLE,
    )
    return list((await session.scalars(chosen.order_by(Member.expires_at, Member.id).limit(MOST_SHOWN))).all())


async def renew(
    session: AsyncSession,
    node: LocalNode,
    *,
    network_id: int,
    versions: Mapping[int, int],
    note: str = "",
    actor: Actor,
    now: datetime,
) -> Sequence[Member]:
    """Grant the next term to all of these, in one act: member id -> the version that was seen.

    The new term starts where the old one ends, and is as long as the policy in force says.

    Raises:
        Conflict: one of them is of another version by now, or has not asked; then none is renewed.
    """
    await verify_coordinator(session, network_id, actor)
    days = (await policy_in_force(session, network_id))["membership_days"]
    renewed = []
    for member_id, version in sorted(versions.items()):
        member = await _asking(session, network_id, member_id, version)
        assert member.expires_at is not None
        member.expires_at = max(member.expires_at, now) + timedelta(days=days)
        await _decide(session, node, member, Move(to_state=APPROVED, reason="renewed", actor=actor, note=note), now)
        renewed.append(member)
    return renewed


async def decline_renewal(
    session: AsyncSession,
    node: LocalNode,
    *,
    network_id: int,
    member_id: int,
    version: int,
    note: str,
    actor: Actor,
    now: datetime,
) -> Member:
    """The membership ends with its term. It stays a member until then, and may ask again.

    Raises:
        Conflict: as `renew`. InvalidInput: the note is too long.
    """
    await verify_coordinator(session, network_id, actor)
    member = await _asking(session, network_id, member_id, version)
    await _decide(
        session, node, member, Move(to_state=APPROVED, reason="renewal-declined", actor=actor, note=note), now
    )
    return member


async def _asking(session: AsyncSession, network_id: int, member_id: int, version: int) -> Member:
    member = await member_of(session, network_id, member_id, for_update=True)
    verify_version(member, version)
    if member.state != APPROVED or member.renewal_asked_at is None:
        raise Conflict(NOT_ASKED)
    return member


async def _decide(session: AsyncSession, node: LocalNode, member: Member, move: Move, now: datetime) -> None:
    member.renewal_asked_at = None
    note = verified_note(move)
    await add_transition(session, member, APPROVED, move, note, now)
    await tell_member(session, node, member, before=APPROVED, reason=move.reason, note=note, actor=move.actor, now=now)


def renewal_document(member: Member) -> dict[str, int] | None:
    """`renewal` of an application's status, on the wire."""
    if member.state != APPROVED or member.expires_at is None:
        return None
    document = {"opens": int(renewable_from(member.expires_at).timestamp())}
    asked = member.renewal_asked_at
    return document if asked is None else document | {"asked": int(asked.timestamp())}
