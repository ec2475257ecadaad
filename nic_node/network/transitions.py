"""The one way in which a membership moves: by the table in `schemas.states`, as an append-only row, told to the log."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.errors import Untrusted
from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import record_audit
from nic_node.errors import InvalidInput, Stale
from nic_node.i18n import N_
from nic_node.membership.local import LocalNode
from nic_node.network.letters import tell_member
from nic_node.network.log.queue import queue_member_leaf
from nic_node.network.tables import Member, Transition
from schemas.code import Code
from schemas.states import APPROVED, SUSPENDED, is_legal_move
from schemas.text import normal_text
from schemas.vocab import MEMBERSHIP_REASONS

ADMITTED: Final = frozenset({APPROVED, SUSPENDED})
NOTE_LENGTH: Final = 1_000
STALE: Final = N_("Somebody decided about this school since you opened the page. Look at what changed, then decide.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Where to, why, and by whom.

    Attributes:
        reason: an id of the vocabulary's membership reasons.
    """

    to_state: str
    reason: str
    actor: Actor
    note: str = ""


def verify_version(member: Member, version: int) -> None:
    """Raises Conflict when the row was changed since `version` was read."""
    if member.version != version:
        raise Stale(STALE)


async def move_member(session: AsyncSession, node: LocalNode, member: Member, move: Move, *, now: datetime) -> None:
    """Move a member whose row is locked; the log learns of it in the same transaction.

    Raises:
        Untrusted: ILLEGAL_MOVE.
        InvalidInput: the reason is not in the list, or 'other' has no note.
    """
    before = member.state
    if not is_legal_move(before, move.to_state):
        raise Untrusted(Code.ILLEGAL_MOVE, f"A membership can't move from {before} to {move.to_state}.")
    note = verified_note(move)
    member.state = move.to_state
    member.renewal_asked_at = None
    await add_transition(session, member, before, move, note, now)
    await tell_member(session, node, member, before=before, reason=move.reason, note=note, actor=move.actor, now=now)
    # The log counts schools: a network below this one is never issued a credential, and hides nobody.
    if not member.is_network and (before in ADMITTED or move.to_state in ADMITTED):
        await queue_member_leaf(
            session,
            operator_key=node.operator_key,
            network_id=member.network_id,
            entity=member.entity,
            jkt=member.jkt,
            from_state=before,
            to_state=move.to_state,
            now=now,
        )


async def add_transition(
    session: AsyncSession, member: Member, before: str | None, move: Move, note: str, now: datetime
) -> None:
    """Append the row, and note it in the audit log too; `before` may be the state that it stays in."""
    await session.flush()  # so that the row holds the version that the move makes
    number = await session.scalar(select(func.count()).where(Transition.member_id == member.id)) or 0
    session.add(
        Transition(
            member_id=member.id,
            number=number + 1,
            at=now,
            actor_kind=move.actor.kind,
            actor_id=move.actor.person_id,
            actor_name=move.actor.name,
            from_state=before,
            to_state=move.to_state,
            reason=move.reason,
            note=note,
            version=member.version,
            expires_at=member.expires_at,
        )
    )
    await session.flush()
    await record_audit(
        session,
        actor=move.actor,
        action=f"member.{move.to_state}",
        subject="member",
        subject_id=member.id,
        before={"state": before},
        after={"state": move.to_state, "reason": move.reason},
        now=now,
    )


def verified_note(move: Move) -> str:
    """The note as it is kept. Raises InvalidInput: no reason of the list, too long, or 'other' without a note."""
    if move.reason not in MEMBERSHIP_REASONS:
        raise InvalidInput({"reason": [N_("Choose one of the reasons in the list.")]})
    note = normal_text(move.note, multiline=True)
    if len(note) > NOTE_LENGTH:
        raise InvalidInput({"note": [N_("Use at most 1,000 characters.")]})
    if move.reason == "other" and not note:
        raise InvalidInput({"note": [N_("Say in a note what the reason is: the school reads it.")]})
    return note
