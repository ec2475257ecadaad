"""What was sealed and sent, and how long its bytes are kept: until the log has it for good, or it is taken back.

From then on its hash says enough: by it the mirror is asked what became of the record. The page that was approved is
kept apart from this, by the school's retention schedule, and without the salt that ties it to the leaf in the log.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.db.jobs import Again, Handler, enqueue
from nic_node.db.rewrite import AGAIN, overwrite_freed, rewrite_when_quiet
from nic_node.membership.local import LocalNode
from nic_node.mirror.epochs import find_record_leaf
from nic_node.mirror.states import RecordState
from nic_node.publishing.places import place_of_row, seal_place
from nic_node.publishing.sealing import open_document, outbox_context
from nic_node.publishing.states import OutboxState, RetractionState
from nic_node.publishing.tables import OutboxRow, RetractionRow

SCOUR: Final = "publishing.scour"
TABLES: Final = ("publishing_outbox", "publishing_releases")
NOT_SAMPLED: Final = {"publishing_outbox": ("sealed_submission",), "publishing_releases": ("sealed_record",)}
NEVER_AGAIN: Final = (OutboxState.FINAL, OutboxState.REMOVED, OutboxState.BLOCKED, OutboxState.REFUSED)
"""It stands in the log, and is sent no more whatever comes."""


@dataclass(frozen=True, slots=True)
class Sent:
    """`blob_sha256`: of the blob that was sent. `jkt`: the pseudonym that signed it."""

    blob_sha256: str
    jkt: str


def submission_of(node: LocalNode, row: OutboxRow) -> dict[str, Any]:
    """leaf, blob (base64url), blob_sha256 and jkt of what was sealed."""
    assert row.sealed_submission is not None
    return open_document(node.operator_key, row.sealed_submission, context=outbox_context(row.release_id))


def sent_as(node: LocalNode, row: OutboxRow) -> Sent:
    """By what a record that was sent is known, also when its bytes are not kept any more."""
    place = place_of_row(node, row)
    if place is not None and place.blob_sha256:
        return Sent(place.blob_sha256, place.jkt)
    submission = submission_of(node, row)
    return Sent(submission["blob_sha256"], submission["jkt"])


async def drop_sent(session: AsyncSession, node: LocalNode, now: datetime) -> None:
    """Leaf, blob and salt of what nothing sends again; of where it stands the hash is kept."""
    taken = select(RetractionRow.release_id).where(
        RetractionRow.state.in_([RetractionState.TAKEN, RetractionState.GONE])
    )
    is_settled = or_(OutboxRow.state.in_((*NEVER_AGAIN, OutboxState.STOPPED)), OutboxRow.release_id.in_(taken))
    chosen = (
        select(OutboxRow, is_settled)
        .where(OutboxRow.sealed_submission.is_not(None))
        .where(OutboxRow.sealed_place.is_not(None) | (OutboxRow.state == OutboxState.STOPPED))
        .with_for_update()
    )
    found = (await session.execute(chosen)).all()
    rows = [row for row, settled in found if settled or await _is_gone(session, node, row)]
    for row in rows:
        place = place_of_row(node, row)
        if place is not None:
            row.sealed_place = seal_place(node, row, replace(place, blob_sha256=sent_as(node, row).blob_sha256))
        row.sealed_submission = None
    if rows:
        await scour_soon(session, now=now)


async def _is_gone(session: AsyncSession, node: LocalNode, row: OutboxRow) -> bool:
    """Taken back without this node's doing: by the file of signed withdrawals."""
    leaf = await find_record_leaf(session, row.network, sent_as(node, row).blob_sha256)
    return leaf is not None and leaf.state == RecordState.GONE


async def scour_soon(session: AsyncSession, *, now: datetime) -> None:
    """Have the database's files rewritten, whatever happens to this process."""
    await enqueue(session, kind=SCOUR, key="", run_at=now)


async def overwrite_sent(node: LocalNode) -> datetime | None:
    """Rewrite what the database's files keep of dropped bytes; None once that is done, else when to try again."""
    if not await overwrite_freed(node.database, TABLES):
        return node.clock() + AGAIN
    return await rewrite_when_quiet(node.database, TABLES, now=node.clock(), time_zone=node.config.time_zone)


def scour_handler(node: LocalNode) -> Handler:
    async def handle(arguments: dict[str, Any]) -> Again | None:
        at = await overwrite_sent(node)
        return None if at is None else Again(at=at)

    return handle
