"""Taking back what this school shared: a retraction signed by the record's own pseudonym, also after its term.

In a slot it travels like any record, and nobody learns who took something back. In the open, `POST
{net}/v1/retractions` takes nobody's name (the signature is the proof), but the network sees which address sent it:
for who must be quick, and for who leaves or may not write any more. Several in the open each leave at a moment of
their own, drawn within the policy's `retract_spread_seconds`, so that they don't stand beside each other in the log.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.errors import FederationError, Unreachable
from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import record_audit
from nic_node.db.jobs import enqueue
from nic_node.i18n import N_
from nic_node.keyring.sealing import open_bytes
from nic_node.membership.local import LocalNode
from nic_node.mirror.epochs import find_record_leaf
from nic_node.mirror.states import RecordState
from nic_node.publishing.held import CORRECTED, drop_retraction, is_taken_back, let_go, sealed_retraction
from nic_node.publishing.outbox import Outgoing, goes_again
from nic_node.publishing.places import place_of_row
from nic_node.publishing.release_log import log_release
from nic_node.publishing.sealing import retraction_context
from nic_node.publishing.sent import sent_as
from nic_node.publishing.states import NOT_TAKEN_BACK, OutboxState, RetractionState
from nic_node.publishing.tables import OutboxRow, Release, RetractionRow
from nic_node.publishing.withdrawals import WITHDRAWN, RetractionRefused, send_openly

RETRACT: Final = "publishing.retract"
SHORTEST_WAIT: Final = timedelta(minutes=1)
LONGEST_WAIT: Final = timedelta(hours=1)
UNSEEN: Final = frozenset({RetractionState.WAITING, RetractionState.TAKEN})
"""It is under way: whether the log has it is not known yet."""
PLACED: Final = frozenset({OutboxState.IN_THE_LOG, OutboxState.FINAL, OutboxState.BLOCKED, OutboxState.REFUSED})
"""It stands in the log, and its author may take it back."""
ENDED: Final = frozenset({OutboxState.REMOVED})
DRAWN_BYTES: Final = 4
PROBLEM_LENGTH: Final = 400
TRIES_UNTOLD: Final = 1
"""An envelope may get lost; once a second one was taken, its author is told: the record should be gone by then."""
NOT_TAKEN_BACK_YET: Final = N_(
    "It went in {tries} envelopes, and the log does not show it. Either they got lost, or the network refused it, which"
    " it can’t tell you: it does not know whose it is. It is sent again. Withdraw it at once to have the network’s"
    " answer, or ask a coordinator to take {record} down."
)
NOT_UNFLAGGED_YET: Final = N_(
    "That the flag is taken back went in {tries} envelopes, and the log does not show it. It is sent again. The"
    " coordinators see the flag until then; they dismiss it where they find nothing wrong."
)
NOT_REPLACED_YET: Final = N_(
    "The earlier version, {record}, still stands: its retraction went in {tries} envelopes, and the log does not show"
    " it. It is sent again. Should that stay so, ask a coordinator to take the earlier version down."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnRecord:
    """Something that this school shared in a network.

    Attributes:
        is_placed: it stands in the log, so that it can be taken back; else it is on its way, or waits.
        retraction: of `RetractionState`; None where it was not taken back.
    """

    release_id: int
    title: str
    kind: str
    approved_at: datetime
    is_placed: bool
    is_sent: bool
    retraction: str | None
    problem: str

    @property
    def is_taken_back(self) -> bool:
        """One whose retraction the network refused may be chosen again."""
        return self.retraction is not None and self.retraction not in NOT_TAKEN_BACK


async def own_records(session: AsyncSession, network: str) -> list[OwnRecord]:
    """What was approved for a network and stands, the oldest first; of a corrected record its newest version."""
    chosen = (
        select(Release, OutboxRow, RetractionRow)
        .join(OutboxRow, OutboxRow.release_id == Release.id)
        .outerjoin(RetractionRow, RetractionRow.release_id == Release.id)
        .where(Release.network == network, Release.voided_at.is_(None), Release.kind != "flag")
        .order_by(Release.id)
    )
    return [
        OwnRecord(
            release_id=release.id,
            title=release.title,
            kind=release.kind,
            approved_at=release.approved_at,
            is_placed=outgoing.state in PLACED,
            is_sent=outgoing.state in PLACED | {OutboxState.ON_ITS_WAY},
            retraction=taken.state if taken is not None and taken.state != RetractionState.HELD else None,
            problem=taken.problem if taken is not None else "",
        )
        for release, outgoing, taken in await session.execute(chosen)
        if outgoing.state not in ENDED and not _is_replaced(taken)
    ]


def _is_replaced(taken: RetractionRow | None) -> bool:
    """A correction stands for it."""
    return taken is not None and taken.reason == CORRECTED and taken.state not in NOT_TAKEN_BACK


# Planning ---------------------------------------------------------------------------------------------------------


async def plan_retraction(
    session: AsyncSession, node: LocalNode, *, actor: Actor, release_id: int, spread_seconds: int, now: datetime
) -> None:
    """Sign a retraction that goes in the open, and draw its moment. What is taken back already is left as it is.

    Raises:
        Conflict: the pseudonym's key is lost.
    """
    release = await session.get_one(Release, release_id, with_for_update=True)
    outgoing = await session.scalar(select(OutboxRow).where(OutboxRow.release_id == release_id))
    if await is_taken_back(session, release_id) or outgoing is None or outgoing.sealed_place is None:
        return
    due_at = _draw_moment(node, now, spread_seconds)
    await add_retraction(session, node, actor=actor, row=outgoing, due_at=due_at, in_the_open=True, now=now)
    await note_withdrawal(session, actor, release, now)


async def add_retraction(
    session: AsyncSession,
    node: LocalNode,
    *,
    actor: Actor,
    row: OutboxRow,
    due_at: datetime,
    in_the_open: bool,
    now: datetime,
) -> RetractionRow:
    """Sign the retraction of what a row of the outbox brought into the log; the worker sends it.

    Raises:
        Conflict: the pseudonym's key is lost.
    """
    await drop_retraction(session, row.release_id)
    retraction = RetractionRow(
        release_id=row.release_id,
        network=row.network,
        state=RetractionState.WAITING,
        reason=WITHDRAWN,
        in_the_open=in_the_open,
        sealed_leaf=await sealed_retraction(session, node, row, reason=WITHDRAWN),
        person_id=actor.person_id,
        asked_at=now,
        due_at=due_at,
    )
    session.add(retraction)
    await session.flush()
    if in_the_open:
        await send_at(session, retraction, due_at=due_at)
    return retraction


def _draw_moment(node: LocalNode, now: datetime, spread_seconds: int) -> datetime:
    share = int.from_bytes(node.random_bytes(DRAWN_BYTES), "big") / 256**DRAWN_BYTES
    return now + timedelta(seconds=share * spread_seconds)


async def send_at(session: AsyncSession, row: RetractionRow, *, due_at: datetime) -> None:
    """In the open, whatever way it was to go; a second copy of the same leaf is dropped by the network."""
    row.in_the_open, row.state, row.due_at, row.problem = True, RetractionState.WAITING, due_at, ""
    await enqueue(session, kind=RETRACT, key=str(row.id), run_at=due_at, arguments={"retraction_id": row.id})


async def note_withdrawal(session: AsyncSession, actor: Actor, release: Release, now: datetime) -> None:
    if release.draft_id is not None:
        await log_release(
            session,
            draft_id=release.draft_id,
            stage="release",
            code="withdrawn",
            person_id=actor.person_id,
            decision="withdrawn",
            record_sha256=release.record_sha256,
            now=now,
        )
    await record_audit(
        session,
        actor=actor,
        action="release.withdrawn",
        subject="release",
        subject_id=release.id,
        before=None,
        after={"network": release.network},
        now=now,
    )


async def send_in_the_open(
    session: AsyncSession, node: LocalNode, network: str, *, spread_seconds: int, now: datetime
) -> None:
    """What waits for a slot of a network that this school has left, or that ended its membership, goes in the open.

    No envelope leaves any more. What went in one and was not seen in the log goes again: this node's copy of the log
    ends with the membership, so it would never learn that it was lost; the network drops a second copy.
    """
    await let_go(session, node, network, now)
    chosen = select(RetractionRow).where(
        RetractionRow.network == network,
        RetractionRow.in_the_open.is_(False),
        RetractionRow.state.in_(UNSEEN),
    )
    for row in await session.scalars(chosen.order_by(RetractionRow.id).with_for_update()):
        await send_at(session, row, due_at=_draw_moment(node, now, spread_seconds))


# Sending ----------------------------------------------------------------------------------------------------------


async def next_retraction(
    session: AsyncSession, node: LocalNode, network: str, *, slot: int, now: datetime
) -> Outgoing | None:
    """A retraction for this slot's envelope, before anything new: one that waits, or that is late."""
    chosen = select(RetractionRow).where(
        RetractionRow.network == network,
        RetractionRow.in_the_open.is_(False),
        RetractionRow.state.in_(UNSEEN),
        RetractionRow.due_at <= now,
    )
    for row in await session.scalars(chosen.order_by(RetractionRow.id).with_for_update()):
        if goes_again(row.sent_slot, slot):
            row.state, row.sent_slot, row.tries = RetractionState.TAKEN, slot, row.tries + 1
            row.problem = ""
            return Outgoing(_leaf_of(node, row), b"", retraction_id=row.id)
    return None


async def unsend_retraction(session: AsyncSession, retraction_id: int, problem: str) -> None:
    """No relay took it: it waits again. One that goes in the open by now, or is gone, is left as it is."""
    row = await session.get(RetractionRow, retraction_id, with_for_update=True)
    if row is not None and row.state == RetractionState.TAKEN and not row.in_the_open:
        row.state, row.sent_slot, row.tries = RetractionState.WAITING, None, row.tries - 1
        row.problem = problem[:PROBLEM_LENGTH]


async def send_retraction(node: LocalNode, retraction_id: int) -> datetime | None:
    """Send it, unsigned; answers when it is sent again: soon while nobody took it, later until it is seen in the log.

    None: there is nothing to be done any more. Only the network's own word about the retraction is a refusal, which
    is kept and shown; whatever else comes back is tried again.
    """
    async with node.database.reading() as session:
        row = await session.get(RetractionRow, retraction_id)
    if row is None or not row.in_the_open or row.state not in UNSEEN:
        return None
    state, problem, again = RetractionState.TAKEN, "", None
    try:
        if await send_openly(node.client, row.network, _leaf_of(node, row).decode()):
            again = node.clock() + LONGEST_WAIT
    except RetractionRefused as error:
        state, problem = RetractionState.REFUSED, error.detail
    except FederationError as error:
        state, problem, again = RetractionState.WAITING, error.detail, next_try(row.due_at, node.clock(), error)
    async with node.database.writing() as session:
        kept = await session.get(RetractionRow, retraction_id, with_for_update=True)
        if kept is not None and kept.state != RetractionState.GONE:
            kept.state, kept.problem = state, problem[:PROBLEM_LENGTH]
    return again


def next_try(since: datetime, now: datetime, error: FederationError) -> datetime:
    """After as much time again as was spent on trying, or as the network asks for, within the two bounds."""
    asked = error.retry_after_seconds if isinstance(error, Unreachable) else None
    wait = max(now - since, timedelta(seconds=asked or 0))
    return now + min(max(wait, SHORTEST_WAIT), LONGEST_WAIT)


def _leaf_of(node: LocalNode, row: RetractionRow) -> bytes:
    return open_bytes(node.operator_key, row.sealed_leaf, context=retraction_context(row.release_id))


async def settle_retractions(session: AsyncSession, node: LocalNode, network: str, now: datetime) -> None:
    """Look in the mirror for what was taken back: gone there is gone everywhere that reads the log."""
    await let_go(session, node, network, now)
    chosen = (
        select(RetractionRow, OutboxRow)
        .join(OutboxRow, OutboxRow.release_id == RetractionRow.release_id)
        .where(RetractionRow.network == network, RetractionRow.state != RetractionState.GONE)
        .with_for_update()
    )
    for row, sent in (await session.execute(chosen)).all():
        found = await find_record_leaf(session, network, sent_as(node, sent).blob_sha256)
        if found is not None and found.state == RecordState.GONE:
            row.state, row.problem = RetractionState.GONE, ""
            release = await session.get_one(Release, row.release_id)
            if release.draft_id is not None:
                await log_release(session, draft_id=release.draft_id, stage="release", code="gone", now=now)
        elif is_late(row):
            kind = (await session.get_one(Release, row.release_id)).kind
            row.problem = _still_there(node, row, sent, kind)[:PROBLEM_LENGTH]


def is_late(row: RetractionRow) -> bool:
    """It went in more than one envelope, and is not seen in the log."""
    return row.state == RetractionState.TAKEN and not row.in_the_open and row.tries > TRIES_UNTOLD


def _still_there(node: LocalNode, row: RetractionRow, sent: OutboxRow, kind: str) -> str:
    """In a slot the network can't answer whoever sent it: that the record still stands is all there is to see."""
    place = place_of_row(node, sent)
    assert place is not None
    says = NOT_UNFLAGGED_YET if kind == "flag" else NOT_TAKEN_BACK_YET
    if row.reason == CORRECTED:
        says = NOT_REPLACED_YET
    return says.format(tries=row.tries, record=place.record_id)
