"""Adding to the list, and what a coordinator decides about it; the worker writes the e-mails."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import record_audit
from nic_node.db.jobs import enqueue
from nic_node.errors import Conflict, NotFound
from nic_node.i18n import N_
from nic_node.network.coordinators import verify_coordinator
from nic_node.network.fold import fold
from nic_node.network.invitees.read_list import Row
from nic_node.network.invitees.states import (
    APPLIED,
    DECLINED,
    LISTED,
    MEMBER,
    REMINDED,
    REMOVED,
    SENT,
    SHOWN_STATE,
    UNSENT,
    with_states,
)
from nic_node.network.invitees.tables import Invitee, InvitingChoice
from nic_node.network.read import network_of
from nic_node.network.tables import SEARCH_LENGTH, Invitation, Member
from nic_node.network.transitions import ADMITTED
from schemas.states import APPLIED as MEMBER_APPLIED

WRITE: Final = "network.write-invitations"
INVITE: Final = "invited"
REMIND: Final = "reminded"
REST: Final = timedelta(hours=20)
"""Nobody gets two reminders a day, however often it is pressed."""
KEYS_AT_ONCE: Final = 300
NO_SUCH_INVITEE: Final = N_("There is no such school on this list.")
NOT_NOW: Final = N_("This school has applied, is a member, or was taken off the list. Look at the list anew.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A list against what is known: who is new, who stands on the list, who is here under this name."""

    new: list[Row]
    listed: list[Row]
    here: list[Row]


async def compare_list(session: AsyncSession, network_id: int, rows: Sequence[Row]) -> Compared:
    listed = {key for key, invitee in (await _known(session, network_id, rows)).items() if invitee.state != REMOVED}
    here = await _names_here(session, network_id, {row.key[1] for row in rows})
    return Compared(
        new=[row for row in rows if row.key not in listed and row.key[1] not in here],
        listed=[row for row in rows if row.key in listed],
        here=[row for row in rows if row.key not in listed and row.key[1] in here],
    )


async def add_to_list(
    session: AsyncSession, *, network_id: int, rows: Sequence[Row], actor: Actor, is_sending: bool, now: datetime
) -> Compared:
    """Add who is new; the worker invites them when `is_sending`. The caller wakes it.

    Raises:
        NotAllowed: the actor does not coordinate this network.
    """
    person_id = await verify_coordinator(session, network_id, actor)
    await network_of(session, network_id, for_update=True)  # two lists at once queue up here
    compared = await compare_list(session, network_id, rows)
    again = await _known(session, network_id, compared.new)
    for row in compared.new:
        invitee = again.get(row.key) or Invitee(network_id=network_id, email=row.email, email_key=row.key[0])
        invitee.name, invitee.sort_name = row.name, row.key[1]
        invitee.district, invitee.directory_id = row.district, row.directory_id
        told = (row.name, row.email, row.district, row.directory_id)
        invitee.search_text = fold(" ".join(told))[:SEARCH_LENGTH]
        invitee.state, invitee.reminders, invitee.member_id, invitee.mail_id = LISTED, 0, None, None
        invitee.wants, invitee.asked_by = (INVITE, person_id) if is_sending else ("", None)
        invitee.added_at = now
        session.add(invitee)
    await session.flush()
    await _note(session, actor, network_id, "invitees.added", {"schools": len(compared.new), "sent": is_sending}, now)
    if is_sending:
        await enqueue_writing(session, network_id, now)
    return compared


async def invite_all(session: AsyncSession, *, network_id: int, actor: Actor, now: datetime) -> int:
    """Invite everybody on the list who was not yet; how many."""
    return await _want(session, network_id, actor, INVITE, (Invitee.state == LISTED) & Invitee.member_id.is_(None), now)


async def remind_all(session: AsyncSession, *, network_id: int, actor: Actor, now: datetime) -> int:
    """A new link to everybody who was invited and has not applied; how many. Who was written to today is let be."""
    fits = SHOWN_STATE.in_((SENT, REMINDED)) & (Invitee.written_at < now - REST)
    return await _want(session, network_id, actor, REMIND, fits, now)


async def settle_invitee(
    session: AsyncSession, *, network_id: int, invitee_id: int, act: str, actor: Actor, now: datetime
) -> None:
    """One school: 'invite' (again), 'remind', 'declined', 'removed', or 'back' on the list. Wakes nobody.

    Raises:
        NotFound: it is not on this list.
        Conflict: it has applied, or was taken off.
    """
    person_id = await verify_coordinator(session, network_id, actor)
    chosen = select(Invitee).where(Invitee.id == invitee_id, Invitee.network_id == network_id)
    invitee = await session.scalar(chosen.with_for_update())
    if invitee is None:
        raise NotFound(NO_SUCH_INVITEE)
    shown = await session.scalar(with_states(SHOWN_STATE).where(Invitee.id == invitee_id))
    if act in ("invite", "remind"):
        if shown in (APPLIED, MEMBER, DECLINED, REMOVED):
            raise Conflict(NOT_NOW)
        invitee.wants = INVITE if shown == UNSENT or act == "invite" else REMIND
        invitee.asked_by = person_id
        await enqueue_writing(session, network_id, now)
    elif act == "back":
        invitee.state = LISTED
    else:
        invitee.state, invitee.wants = {"declined": DECLINED, "removed": REMOVED}[act], ""
        await revoke_link(session, invitee, now)
    await session.flush()
    await _note(session, actor, network_id, f"invitee.{act}", {"invitee": invitee_id}, now)


async def choose_reminders(session: AsyncSession, *, network_id: int, is_on: bool, actor: Actor, now: datetime) -> None:
    """Whether who does not answer is reminded by itself."""
    await verify_coordinator(session, network_id, actor)
    await network_of(session, network_id, for_update=True)
    choice = await session.get(InvitingChoice, network_id)
    if choice is None:
        choice = InvitingChoice(network_id=network_id)
    choice.reminds = is_on
    session.add(choice)
    await session.flush()
    await _note(session, actor, network_id, "invitees.reminders-chosen", {"reminds": is_on}, now)


async def is_reminding(session: AsyncSession, network_id: int) -> bool:
    choice = await session.get(InvitingChoice, network_id)
    return choice is None or choice.reminds


async def revoke_link(session: AsyncSession, invitee: Invitee, now: datetime) -> None:
    """The last link lets nobody apply any more."""
    if invitee.invitation_id is None:
        return
    old = update(Invitation).where(Invitation.id == invitee.invitation_id, Invitation.revoked_at.is_(None))
    await session.execute(old.values(revoked_at=now))


async def enqueue_writing(session: AsyncSession, network_id: int, now: datetime) -> None:
    await enqueue(session, kind=WRITE, key=str(network_id), run_at=now, arguments={"network_id": network_id})


async def _want(
    session: AsyncSession, network_id: int, actor: Actor, what: str, fits: ColumnElement[bool], now: datetime
) -> int:
    person_id = await verify_coordinator(session, network_id, actor)
    ids = await want(session, network_id, what, fits, asked_by=person_id)
    if ids:
        await enqueue_writing(session, network_id, now)
    await _note(session, actor, network_id, f"invitees.{what}", {"schools": len(ids)}, now)
    return len(ids)


async def want(
    session: AsyncSession, network_id: int, what: str, fits: ColumnElement[bool], *, asked_by: int | None
) -> list[int]:
    """Mark who fits and has nothing on its way yet; their ids."""
    chosen = with_states(Invitee.id).where(Invitee.network_id == network_id, Invitee.wants == "", fits)
    ids = list((await session.scalars(chosen)).all())
    for start in range(0, len(ids), KEYS_AT_ONCE):
        some = update(Invitee).where(Invitee.id.in_(ids[start : start + KEYS_AT_ONCE]), Invitee.wants == "")
        await session.execute(some.values(wants=what, asked_by=asked_by, version=Invitee.version + 1))
    return ids


async def _known(session: AsyncSession, network_id: int, rows: Sequence[Row]) -> dict[tuple[str, str], Invitee]:
    """Key -> who stands on the list under it, in whatever state."""
    found: dict[tuple[str, str], Invitee] = {}
    keys = sorted({row.key[0] for row in rows})
    for start in range(0, len(keys), KEYS_AT_ONCE):
        chosen = select(Invitee).where(
            Invitee.network_id == network_id, Invitee.email_key.in_(keys[start : start + KEYS_AT_ONCE])
        )
        found |= {(one.email_key, one.sort_name): one for one in await session.scalars(chosen)}
    return found


async def _names_here(session: AsyncSession, network_id: int, names: Collection[str]) -> set[str]:
    """Which of these names a member or an applicant has."""
    wanted, found = sorted(names), set[str]()
    for start in range(0, len(wanted), KEYS_AT_ONCE):
        chosen = select(Member.sort_name).where(
            Member.network_id == network_id,
            Member.sort_name.in_(wanted[start : start + KEYS_AT_ONCE]),
            or_(Member.state == MEMBER_APPLIED, Member.state.in_(ADMITTED)),
        )
        found |= set((await session.scalars(chosen)).all())
    return found


async def _note(
    session: AsyncSession, actor: Actor, network_id: int, action: str, after: Mapping[str, Any], now: datetime
) -> None:
    await record_audit(
        session, actor=actor, action=action, subject="network", subject_id=network_id, before=None, after=after, now=now
    )
