"""Taking a practice back in the open, by its own pseudonym's signature: for who leaves, or no longer belongs.

`POST {net}/v1/retractions` takes nobody's name: the pseudonym's signature is the proof. Each one leaves at a moment of
its own, drawn within the policy's `retract_spread_seconds`, so that several don't stand beside each other in the log.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.errors import FederationError, Unreachable
from federation.leaves import build_retract, sign_leaf
from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import record_audit
from nic_node.db.jobs import enqueue
from nic_node.keyring.keys import load_private_jwk
from nic_node.keyring.sealing import open_bytes, seal_bytes
from nic_node.membership.local import LocalNode
from nic_node.publishing.release_log import log_release
from nic_node.publishing.sealing import open_document, place_context, retraction_context
from nic_node.publishing.states import OutboxState
from nic_node.publishing.tables import OutboxRow, Release, RetractionRow
from schemas.canonical import canonical_bytes

RETRACT: Final = "publishing.retract"
RETRACT_AGAIN: Final = timedelta(minutes=10)
WAITING: Final = "waiting"
TAKEN: Final = "taken"
REFUSED: Final = "refused"
PLACED: Final = frozenset({OutboxState.IN_THE_LOG, OutboxState.FINAL})
DRAWN_BYTES: Final = 4
PROBLEM_LENGTH: Final = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnRecord:
    """Something that this school shared in a network.

    Attributes:
        is_placed: it stands in the log, so that it can be taken back; else it is on its way, or waits.
        retraction: of RetractionRow.state; None where it was not taken back.
    """

    release_id: int
    title: str
    kind: str
    approved_at: datetime
    is_placed: bool
    is_sent: bool
    retraction: str | None
    problem: str


async def own_records(session: AsyncSession, network: str) -> list[OwnRecord]:
    """What was approved for a network and stands, the oldest first."""
    chosen = (
        select(Release, OutboxRow, RetractionRow)
        .join(OutboxRow, OutboxRow.release_id == Release.id)
        .outerjoin(RetractionRow, RetractionRow.release_id == Release.id)
        .where(Release.network == network, Release.voided_at.is_(None))
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
            retraction=taken.state if taken is not None else None,
            problem=taken.problem if taken is not None else "",
        )
        for release, outgoing, taken in await session.execute(chosen)
    ]


async def plan_retraction(
    session: AsyncSession, node: LocalNode, *, actor: Actor, release_id: int, spread_seconds: int, now: datetime
) -> None:
    """Sign the retraction and draw its moment. A release that is taken back already is left as it is."""
    release = await session.get_one(Release, release_id, with_for_update=True)
    kept = await session.scalar(select(RetractionRow).where(RetractionRow.release_id == release_id))
    outgoing = await session.scalar(select(OutboxRow).where(OutboxRow.release_id == release_id))
    if kept is not None or outgoing is None or outgoing.sealed_place is None:
        return
    place = open_document(node.operator_key, outgoing.sealed_place, context=place_context(release_id))
    private = await load_private_jwk(
        session, operator_key=node.operator_key, entity_id=node.entity_id, kid=place["jkt"]
    )
    leaf = sign_leaf(build_retract(release.network, target=place["record_id"], reason="withdrawn"), private)
    share = int.from_bytes(node.random_bytes(DRAWN_BYTES), "big") / 256**DRAWN_BYTES
    row = RetractionRow(
        release_id=release_id,
        network=release.network,
        state=WAITING,
        sealed_leaf=seal_bytes(node.operator_key, leaf, context=retraction_context(release_id)),
        person_id=actor.person_id,
        asked_at=now,
        due_at=now + timedelta(seconds=share * spread_seconds),
    )
    session.add(row)
    await session.flush()
    await enqueue(session, kind=RETRACT, key=str(row.id), run_at=row.due_at, arguments={"retraction_id": row.id})
    await _note(session, actor, release, now)


async def _note(session: AsyncSession, actor: Actor, release: Release, now: datetime) -> None:
    if release.draft_id is not None:
        await log_release(
            session,
            draft_id=release.draft_id,
            stage="release",
            code="withdrawn",
            person_id=actor.person_id,
            decision="withdrawn",
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


async def send_retraction(node: LocalNode, retraction_id: int) -> bool:
    """Send it, unsigned; False when the network can't be reached and it is tried again. A refusal is kept and shown."""
    async with node.database.reading() as session:
        row = await session.get(RetractionRow, retraction_id)
    if row is None or row.state != WAITING:
        return True
    leaf = open_bytes(node.operator_key, row.sealed_leaf, context=retraction_context(row.release_id))
    state, problem = TAKEN, ""
    try:
        await node.client.post(
            f"{row.network}/v1/retractions",
            body=canonical_bytes({"leaf": leaf.decode()}),
            body_type="application/json",
            content_type=(),
            max_bytes=0,
            accept_status=frozenset({202}),
            may_be_empty=True,
        )
    except Unreachable as error:
        state, problem = WAITING, error.detail
    except FederationError as error:
        state, problem = REFUSED, error.detail
    async with node.database.writing() as session:
        kept = await session.get_one(RetractionRow, retraction_id, with_for_update=True)
        kept.state, kept.problem = state, problem[:PROBLEM_LENGTH]
    return state != WAITING
