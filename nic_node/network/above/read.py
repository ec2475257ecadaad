"""Reading where a network belongs, and who reads here."""

from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.errors import NotFound
from nic_node.i18n import N_
from nic_node.network.above.tables import NetworkReader, NetworkSuperior
from schemas.states import APPLIED, APPROVED, SUSPENDED

SENDING: Final = "sending"
REFUSED: Final = "refused"
LIVING: Final = frozenset({SENDING, APPLIED, APPROVED})
"""Not ended, refused or withdrawn: the network above is named as a superior."""
FOLLOWED: Final = LIVING | {SUSPENDED}
"""The network above is asked how it stands: who is suspended may be a member again."""


async def superiors_of(session: AsyncSession, network_id: int) -> list[NetworkSuperior]:
    """All that were ever applied to, the oldest first."""
    chosen = select(NetworkSuperior).where(NetworkSuperior.network_id == network_id).order_by(NetworkSuperior.id)
    return list((await session.scalars(chosen)).all())


async def hinted_superiors(session: AsyncSession, network_id: int) -> list[NetworkSuperior]:
    """Those that the network names in its own statement."""
    return [superior for superior in await superiors_of(session, network_id) if superior.state in LIVING]


async def superior_of(
    session: AsyncSession, network_id: int, superior_id: int, *, for_update: bool = False
) -> NetworkSuperior:
    """One of them.

    Raises:
        NotFound: the network has none of this number.
    """
    chosen = select(NetworkSuperior).where(NetworkSuperior.network_id == network_id, NetworkSuperior.id == superior_id)
    found = await session.scalar(chosen.with_for_update() if for_update else chosen)
    if found is None:
        raise NotFound(N_("This network has not applied to any such network."))
    return found


def lets_read(superior: NetworkSuperior, now: datetime) -> bool:
    """Whether schools of other networks below it may read here now."""
    return (
        superior.state == APPROVED
        and superior.reads_across
        and superior.reads_across_accepted
        and superior.holds_until is not None
        and now < superior.holds_until
    )


async def reading_superiors(session: AsyncSession, network_id: int, now: datetime) -> list[NetworkSuperior]:
    return [superior for superior in await superiors_of(session, network_id) if lets_read(superior, now)]


async def readers_of(session: AsyncSession, network_id: int, *, limit: int = 200) -> list[NetworkReader]:
    """Schools of other networks that asked to read, the last heard of first; refused ones too."""
    chosen = select(NetworkReader).where(NetworkReader.network_id == network_id)
    return list((await session.scalars(chosen.order_by(NetworkReader.seen_at.desc()).limit(limit))).all())
