"""The networks that are run on this node."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.errors import NotFound
from nic_node.i18n import N_
from nic_node.network.tables import Network

NO_NETWORK = N_("There is no such network here.")


async def networks(session: AsyncSession) -> list[Network]:
    """All, the oldest first."""
    return list((await session.scalars(select(Network).order_by(Network.id))).all())


async def network_of(session: AsyncSession, network_id: int, *, for_update: bool = False) -> Network:
    """One network.

    Raises:
        NotFound: there is none of this number.
    """
    network = await session.get(Network, network_id, with_for_update=for_update or None)
    if network is None:
        raise NotFound(NO_NETWORK)
    return network


async def network_by_slug(session: AsyncSession, slug: str) -> Network:
    """The network of an address under /net/.

    Raises:
        NotFound: there is none of this name.
    """
    network = await session.scalar(select(Network).where(Network.slug == slug))
    if network is None:
        raise NotFound(NO_NETWORK)
    return network
