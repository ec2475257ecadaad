"""Opening an incident, following it, ticking its steps, closing it.

The retraction goes in the open: it arrives within a minute, and the network sees from which address. So the network
learns whose record it was, and telling the coordinators by a signed request gives nothing away that this did not.
They get the record's id and nothing else: no words, no kind.
"""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from federation.errors import FederationError
from nic_node.accounts.actor import SYSTEM, Actor
from nic_node.accounts.audit import record_audit
from nic_node.db.jobs import enqueue
from nic_node.errors import Conflict, InvalidInput, NotFound, Stale
from nic_node.i18n import N_, too_long
from nic_node.membership.keys import signer
from nic_node.membership.local import LocalNode
from nic_node.peerhttp.answers import PeerRefused
from nic_node.publishing.decide import outbox_row, standing_release
from nic_node.publishing.held import is_taken_back
from nic_node.publishing.incidents.checklist import KINDS, STEPS, Telling
from nic_node.publishing.incidents.tables import IncidentRow
from nic_node.publishing.places import place_of_release
from nic_node.publishing.release_log import log_release
from nic_node.publishing.retract import PLACED, UNSEEN, add_retraction, next_try, note_withdrawal, send_at
from nic_node.publishing.sealing import incident_context, open_document, seal_document
from nic_node.publishing.states import OutboxState
from nic_node.publishing.tables import OutboxRow, Release, RetractionRow
from schemas.canonical import canonical_bytes
from schemas.code import Code

TELL: Final = "publishing.tell-incident"
UNHEARD: Final = frozenset({Code.NOT_A_MEMBER, Code.MEMBERSHIP_ENDED})
"""What a network says to who is no member of it any more."""
LONGEST_NOTE: Final = 4_000
PROBLEM_LENGTH: Final = 400
NOTHING_LEFT: Final = N_("Nothing of this has left. Take the approval back instead.")
OPENED_ALREADY: Final = N_("There is an incident about this already.")
NO_INCIDENT: Final = N_("There is no such incident here.")
STALE: Final = N_("Somebody changed this incident since you opened it. Look at it again.")
STILL_OPEN: Final = N_("Some steps are still to be done. An incident is closed when all of them are.")


async def open_incident(
    session: AsyncSession, node: LocalNode, *, actor: Actor, draft_id: int, kind: str, note: str, now: datetime
) -> IncidentRow:
    """Take it back in the open, queue the word to the coordinators, and write the record; all or nothing.

    What is on its way is taken back as soon as it stands in the log (`follow_incidents`).

    Raises:
        Conflict: nothing left, there is an incident already, or the pseudonym's key is lost.
        InvalidInput: no such kind, or a note that is too long.
    """
    if kind not in KINDS:
        raise InvalidInput({"kind": [N_("Choose what is wrong.")]})
    if len(note) > LONGEST_NOTE:
        raise InvalidInput({"note": [too_long(LONGEST_NOTE)]})
    release = await standing_release(session, draft_id)
    sent = await outbox_row(session, release) if release else None
    if release is None or sent is None or sent.state in {OutboxState.QUEUED, OutboxState.STOPPED}:
        raise Conflict(NOTHING_LEFT)
    row = IncidentRow(
        release_id=release.id,
        network=release.network,
        kind=kind,
        sealed_note=_sealed(node, release.id, note),
        done={},
        telling=Telling.WAITING,
        person_id=actor.person_id,
        opened_at=now,
    )
    try:
        async with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        raise Conflict(OPENED_ALREADY) from error
    await _take_back(session, node, actor, release, sent, now)
    told: dict[str, Any] = {
        "person_id": actor.person_id,
        "decision": kind,
        "record_sha256": release.record_sha256,
        "now": now,
    }
    await log_release(session, draft_id=draft_id, stage="release", code="incident", **told)
    await _audit(session, actor, row, "incident.opened", {"release_id": release.id, "kind": kind}, now)
    await enqueue(session, kind=TELL, key=str(row.id), run_at=now, arguments={"incident_id": row.id})
    return row


def _sealed(node: LocalNode, release_id: int, note: str) -> bytes | None:
    if not note.strip():
        return None
    return seal_document(node.operator_key, {"note": note.strip()}, context=incident_context(release_id))


def note_of(node: LocalNode, row: IncidentRow) -> str:
    """What a person wrote about it; "" for nothing."""
    if row.sealed_note is None:
        return ""
    note: str = open_document(node.operator_key, row.sealed_note, context=incident_context(row.release_id))["note"]
    return note


async def _take_back(
    session: AsyncSession, node: LocalNode, actor: Actor, release: Release, sent: OutboxRow, now: datetime
) -> None:
    """In the open, also where a retraction waits for its slot or for a correction; what is not placed yet: later."""
    standing = await session.scalar(select(RetractionRow).where(RetractionRow.release_id == release.id))
    if standing is not None and standing.state in UNSEEN:
        await send_at(session, standing, due_at=now)
    elif sent.state in PLACED and not await is_taken_back(session, release.id):
        await add_retraction(session, node, actor=actor, row=sent, due_at=now, in_the_open=True, now=now)
        await note_withdrawal(session, actor, release, now)


async def follow_incidents(session: AsyncSession, node: LocalNode, network: str, now: datetime) -> None:
    """Take back what has reached the log since its incident was opened."""
    chosen = (
        select(IncidentRow, OutboxRow, Release)
        .join(OutboxRow, OutboxRow.release_id == IncidentRow.release_id)
        .join(Release, Release.id == IncidentRow.release_id)
        .outerjoin(RetractionRow, RetractionRow.release_id == IncidentRow.release_id)
        .where(
            IncidentRow.network == network, IncidentRow.closed_at.is_(None), RetractionRow.id.is_(None),
            OutboxRow.state.in_(PLACED),
        )
    )  # fmt: skip
    for row, sent, release in (await session.execute(chosen)).all():
        await _take_back(session, node, SYSTEM, release, sent, now)
        await enqueue(session, kind=TELL, key=str(row.id), run_at=now, arguments={"incident_id": row.id})


async def tell_network(node: LocalNode, incident_id: int) -> datetime | None:
    """Tell the coordinators which record it is, signed; answers when to try again, None for never.

    Only the network's own word that it hears this school no more is a refusal, which is kept and shown.
    """
    async with node.database.reading() as session:
        row = await session.get(IncidentRow, incident_id)
        place = await place_of_release(session, node, row.release_id) if row is not None else None
        by = await signer(node, session)
    if row is None or place is None or row.telling != Telling.WAITING:
        return None
    telling, problem, again = Telling.TOLD, "", None
    try:
        await node.client.post(
            f"{row.network}/v1/incidents",
            body=canonical_bytes({"record": place.record_id}),
            body_type="application/json",
            content_type=(),
            max_bytes=0,
            signer=by,
            accept_status=frozenset({202}),
            may_be_empty=True,
        )
    except FederationError as error:
        telling, problem = Telling.WAITING, error.detail
        if isinstance(error, PeerRefused) and error.peer_code in UNHEARD:
            telling = Telling.REFUSED
        else:
            again = next_try(row.opened_at, node.clock(), error)
    async with node.database.writing() as session:
        kept = await session.get_one(IncidentRow, incident_id, with_for_update=True)
        kept.telling, kept.problem = telling, problem[:PROBLEM_LENGTH]
        kept.told_at = node.clock() if telling == Telling.TOLD else None
    return again


async def tick_step(
    session: AsyncSession, *, actor: Actor, incident_id: int, step: str, done: bool, version: int, now: datetime
) -> IncidentRow:
    """Note that a step was taken, or that it was not after all.

    Raises:
        NotFound; Conflict: a stale version, or closed. InvalidInput: no such step.
    """
    row = await _open_row(session, incident_id, version)
    if step not in STEPS:
        raise InvalidInput({"step": [N_("The list has no such step.")]})
    kept = {name: mark for name, mark in row.done.items() if name != step}
    mark = {step: {"person_id": actor.person_id, "at": now.isoformat()}} if done else {}
    row.done = kept | mark
    await session.flush()
    await _audit(session, actor, row, "incident.step", {"step": step, "done": done}, now)
    return row


async def close_incident(
    session: AsyncSession, *, actor: Actor, incident_id: int, version: int, now: datetime
) -> IncidentRow:
    """Close it, once every step that people take is ticked.

    Raises:
        NotFound; Conflict: a stale version, closed already, or steps are left.
    """
    row = await _open_row(session, incident_id, version)
    if set(STEPS) - set(row.done):
        raise Conflict(STILL_OPEN)
    row.closed_at = now
    await session.flush()
    await _audit(session, actor, row, "incident.closed", {}, now)
    return row


async def _open_row(session: AsyncSession, incident_id: int, version: int) -> IncidentRow:
    row = await session.get(IncidentRow, incident_id, with_for_update=True)
    if row is None:
        raise NotFound(NO_INCIDENT)
    if row.version != version or row.closed_at is not None:
        raise Stale(STALE)
    return row


async def _audit(
    session: AsyncSession, actor: Actor, row: IncidentRow, action: str, after: dict[str, object], now: datetime
) -> None:
    await record_audit(
        session, actor=actor, action=action, subject="incident", subject_id=row.id, before=None, after=after, now=now
    )
