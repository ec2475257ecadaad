"""Replications: one of each practice, for ever, and none of one's own.

Peers can't check this across terms, since nothing links a school's pseudonyms; an honest node does.
"""

from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.disclosure.snapshot import Lineage
from nic_node.errors import Conflict
from nic_node.i18n import N_
from nic_node.membership.local import LocalNode
from nic_node.mirror.versions import version_ids
from nic_node.publishing.places import place_of_row
from nic_node.publishing.tables import OutboxRow, Release

TWICE: Final = N_(
    "Your school has already shared how this practice went. A school counts once: correct that result instead."
)
OWN: Final = N_("This practice is your school's own. A result of your own practice would count as another school's.")


async def verify_lineage(session: AsyncSession, node: LocalNode, lineage: Lineage | None, *, project_id: int) -> None:
    """Refuse a second replication of a practice, and any of this school's own.

    Raises:
        Conflict: which of the two it is.
    """
    if lineage is None:
        return
    versions = await version_ids(session, lineage.origin)
    if not (await own_record_ids(session, node)).isdisjoint(versions):
        raise Conflict(OWN)
    earlier = await session.scalar(
        select(Release.id)
        .where(
            Release.kind == "replication",
            Release.origin.in_(versions),
            Release.voided_at.is_(None),
            Release.project_id != project_id,
        )
        .limit(1)
    )
    if earlier is not None:
        raise Conflict(TWICE)


async def own_record_ids(session: AsyncSession, node: LocalNode) -> frozenset[str]:
    """The record ids of what this school published, from the sealed map that only its operator's key opens."""
    rows = await session.scalars(select(OutboxRow).where(OutboxRow.sealed_place.is_not(None)))
    return frozenset(place.record_id for row in rows if (place := place_of_row(node, row)) is not None)
