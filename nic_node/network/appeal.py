"""Appeals: a school whose membership was revoked asks to be let in again, and coordinators say yes or no.

Two distinct coordinators grant it; where a network has one, that one, once its members have seen the appeal for 14
days. A granted appeal makes the school an applicant, whose checks start anew. Voices of people who no longer decide
do not count.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.errors import Untrusted
from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import record_audit
from nic_node.db.jobs import enqueue
from nic_node.errors import Conflict, InvalidInput
from nic_node.i18n import N_
from nic_node.membership.local import LocalNode
from nic_node.network.apply import VET, verify_documents
from nic_node.network.coordinators import deciding_ids, verify_coordinator
from nic_node.network.letters import tell_member
from nic_node.network.members import member_of
from nic_node.network.read import network_of
from nic_node.network.tables import Appeal, AppealVoice, Application, Approval, Member
from nic_node.network.transitions import NOTE_LENGTH, Move, add_transition, move_member, verify_version
from schemas.code import Code
from schemas.states import APPLIED, REVOKED
from schemas.text import normal_text

OPEN: Final = "open"
GRANTED: Final = "granted"
DECLINED: Final = "declined"
VOICES_NEEDED: Final = 2
SEEN_BY_MEMBERS: Final = timedelta(days=14)
"""How long members see an appeal before the only coordinator of a network may grant it."""
APPEAL_AGAIN: Final = timedelta(days=30)
SAID_ALREADY: Final = N_("You said what you think of this appeal already; another coordinator has to, too.")
TOO_EARLY: Final = N_(
    "The members have not seen this appeal for 14 days yet. One coordinator alone has to wait for that."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealView:
    """An appeal and how it stands.

    Attributes:
        earliest: from when one coordinator alone may grant it; None where two are needed.
        said: person id -> whether they grant it, of those who decide today.
    """

    appeal: Appeal
    member: Member
    needed: int
    earliest: datetime | None
    said: Mapping[int, bool]

    @property
    def voices(self) -> int:
        return sum(self.said.values())


async def take_appeal(
    session: AsyncSession, *, member: Member, said: Mapping[str, Any], actor: Actor, now: datetime
) -> Appeal:
    """Keep an appeal of a school whose row is locked; `said` is of `schemas.membership.APPEAL`.

    The same school's second appeal while one is open is the same appeal.

    Raises:
        Untrusted: ILLEGAL_MOVE, the membership is not revoked, or an appeal was declined within the last 30 days;
            POLICY_NOT_ACCEPTED.
    """
    if member.state != REVOKED:
        raise Untrusted(Code.ILLEGAL_MOVE, "Only a membership that was revoked is appealed for.")
    newest = await newest_appeal(session, member.id)
    if newest is not None and newest.state == OPEN:
        return newest
    if newest is not None and newest.decided_at is not None and now < newest.decided_at + APPEAL_AGAIN:
        raise Untrusted(Code.ILLEGAL_MOVE, "An appeal of this school was decided less than 30 days ago.")
    network = await network_of(session, member.network_id)
    verify_documents(network, said["policy_sha256"], said["charter_sha256"])
    member.policy_sha256, member.charter_sha256 = said["policy_sha256"], said["charter_sha256"]
    appeal = Appeal(member_id=member.id, text=said["text"], received_at=now, state=OPEN)
    session.add(appeal)
    await session.flush()
    await note_appeal(session, actor, member.id, "member.appealed", None, now)
    return appeal


async def newest_appeal(session: AsyncSession, member_id: int) -> Appeal | None:
    chosen = select(Appeal).where(Appeal.member_id == member_id).order_by(Appeal.id.desc()).limit(1)
    found: Appeal | None = await session.scalar(chosen)
    return found


async def open_appeals(session: AsyncSession, network_id: int) -> list[AppealView]:
    """The longest waiting first."""
    chosen = select(Appeal, Member).join(Member, Member.id == Appeal.member_id)
    chosen = chosen.where(Member.network_id == network_id, Appeal.state == OPEN).order_by(Appeal.id)
    found = (await session.execute(chosen)).all()
    deciding = await deciding_ids(session, network_id)
    return [await _view(session, appeal, member, deciding) for appeal, member in found]


async def appeal_view(session: AsyncSession, member: Member) -> AppealView | None:
    """The newest appeal of a school."""
    appeal = await newest_appeal(session, member.id)
    if appeal is None:
        return None
    return await _view(session, appeal, member, await deciding_ids(session, member.network_id))


async def _view(session: AsyncSession, appeal: Appeal, member: Member, deciding: frozenset[int]) -> AppealView:
    chosen = select(AppealVoice).where(AppealVoice.appeal_id == appeal.id)
    said = {voice.person_id: voice.grants for voice in await session.scalars(chosen) if voice.person_id in deciding}
    needed = min(VOICES_NEEDED, max(len(deciding), 1))
    earliest = appeal.received_at + SEEN_BY_MEMBERS if needed < VOICES_NEEDED else None
    return AppealView(appeal=appeal, member=member, needed=needed, earliest=earliest, said=said)


async def voice_appeal(
    session: AsyncSession,
    node: LocalNode,
    *,
    network_id: int,
    member_id: int,
    grants: bool,
    note: str,
    version: int,
    actor: Actor,
    now: datetime,
) -> AppealView:
    """One coordinator grants an appeal or declines it; with as many as it takes, it is decided.

    Raises:
        Conflict: stale version; no appeal is open; said already; one alone, before members have seen it for 14 days.
        InvalidInput: a no without a note; the school reads it.
    """
    # Who decides must not change while voices are counted.
    await network_of(session, network_id, for_update=True)
    person_id = await verify_coordinator(session, network_id, actor)
    member = await member_of(session, network_id, member_id, for_update=True)
    verify_version(member, version)
    view = await appeal_view(session, member)
    if view is None or view.appeal.state != OPEN:
        raise Conflict(N_("No appeal of this school waits for a decision."))
    if person_id in view.said:
        raise Conflict(SAID_ALREADY)
    if grants and view.earliest is not None and now < view.earliest:
        raise Conflict(TOO_EARLY)
    said = _verified_note(note, grants=grants)
    session.add(AppealVoice(appeal_id=view.appeal.id, person_id=person_id, grants=grants, note=said, at=now))
    await session.flush()
    await note_appeal(session, actor, member.id, "member.appeal-voiced", {"grants": grants}, now)
    view = await appeal_view(session, member)
    assert view is not None
    await _settle(session, node, view, Move(to_state=APPLIED, reason="appeal-granted", actor=actor, note=said), now)
    return view


def _verified_note(note: str, *, grants: bool) -> str:
    said = normal_text(note, multiline=True)
    if len(said) > NOTE_LENGTH:
        raise InvalidInput({"note": [N_("Use at most 1,000 characters.")]})
    if not grants and not said:
        raise InvalidInput({"note": [N_("Say in a note why not: the school reads it.")]})
    return said


async def _settle(session: AsyncSession, node: LocalNode, view: AppealView, move: Move, now: datetime) -> None:
    """Granted with enough voices; declined once so many said no that enough can't be had."""
    member, appeal = view.member, view.appeal
    deciding = await deciding_ids(session, member.network_id)
    against = sum(not grants for grants in view.said.values())
    if view.voices >= view.needed:
        appeal.state, appeal.decided_at = GRANTED, now
        await _start_anew(session, member, now)
        await move_member(session, node, member, move, now=now)
        await enqueue(session, kind=VET, key=str(member.id), run_at=now, arguments={"member_id": member.id})
    elif len(deciding) - against < view.needed:
        appeal.state, appeal.decided_at = DECLINED, now
        stays = Move(to_state=REVOKED, reason="appeal-declined", actor=move.actor)
        await add_transition(session, member, REVOKED, stays, move.note, now)
        await tell_member(
            session, node, member, before=REVOKED, reason=stays.reason, note=move.note, actor=move.actor, now=now
        )


async def _start_anew(session: AsyncSession, member: Member, now: datetime) -> None:
    """An applicant again: nothing of its earlier checks and approvals is carried over."""
    applications = select(Application.id).where(Application.member_id == member.id)
    await session.execute(delete(Approval).where(Approval.application_id.in_(applications)))
    member.applied_at, member.approved_at, member.expires_at = now, None, None
    member.found = member.found_at = None
    member.settled = {}
    member.code_hash = member.code_given_at = member.confirmed_at = None
    member.code_tries = 0


def appeal_document(view: AppealView) -> dict[str, Any]:
    """`appeal` of an application's status, on the wire."""
    document = {
        "at": int(view.appeal.received_at.timestamp()),
        "state": view.appeal.state,
        "voices": view.voices,
        "needed": view.needed,
    }
    return document | _earliest(view)


def open_appeal_documents(views: Sequence[AppealView]) -> list[dict[str, Any]]:
    """What members see."""
    return [
        {"entity": view.member.entity, "at": int(view.appeal.received_at.timestamp()), **_earliest(view)}
        for view in views
    ]


def _earliest(view: AppealView) -> dict[str, int]:
    return {} if view.earliest is None else {"earliest": int(view.earliest.timestamp())}


async def note_appeal(
    session: AsyncSession, actor: Actor, member_id: int, action: str, after: Mapping[str, Any] | None, now: datetime
) -> None:
    await record_audit(
        session,
        actor=actor,
        action=action,
        subject="member",
        subject_id=member_id,
        before=None,
        after=after,
        now=now,
    )
