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
from nic_node.publishing.places import own_places
from nic_node.publishing.tables import Release

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
    if not (await own_places(session, node)).keys().isdisjoint(versions):
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
