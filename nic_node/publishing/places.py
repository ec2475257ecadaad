"""Where a release stands in the log: kept sealed, and the only thing that links this school to it."""

from dataclasses import asdict, dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.membership.local import LocalNode
from nic_node.publishing.sealing import open_document, place_context, seal_document
from nic_node.publishing.tables import OutboxRow


@dataclass(frozen=True, slots=True)
class Place:
    """Where a release stands in the log, and by which pseudonym. Only this school's operator key opens it.

    `withdrawal`: the retraction that was signed as it arrived, and needs no key any more; "" of what came before these
    were kept, or whose key was lost by then. `blob_sha256`: by which the mirror is asked what became of it; "" of what
    was placed before this was kept, whose submission says it.
    """

    record_id: str
    epoch: int
    is_witnessed: bool
    jkt: str
    withdrawal: str = ""
    blob_sha256: str = ""


async def place_of_release(session: AsyncSession, node: LocalNode, release_id: int) -> Place | None:
    row = await session.scalar(select(OutboxRow).where(OutboxRow.release_id == release_id))
    return None if row is None else place_of_row(node, row)


def place_of_row(node: LocalNode, row: OutboxRow) -> Place | None:
    """None before it was found in the log."""
    if row.sealed_place is None:
        return None
    place = open_document(node.operator_key, row.sealed_place, context=place_context(row.release_id))
    return Place(**place)


def seal_place(node: LocalNode, row: OutboxRow, place: Place) -> bytes:
    """What `place_of_row` opens."""
    return seal_document(node.operator_key, asdict(place), context=place_context(row.release_id))


async def own_places(session: AsyncSession, node: LocalNode) -> dict[str, Place]:
    """Record id -> place of all that this school shared, questions and answers too, withdrawn or not."""
    rows = await session.scalars(select(OutboxRow).where(OutboxRow.sealed_place.is_not(None)))
    return {place.record_id: place for row in rows if (place := place_of_row(node, row)) is not None}
