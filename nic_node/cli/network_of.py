"""Which of the networks run here a command means."""

import click
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.errors import InvalidInput, NotFound
from nic_node.network.read import network_by_slug, networks
from nic_node.network.tables import Network

network_option = click.option(
    "--network", "slug", metavar="SHORT-NAME", default=None, help="Which one, if several are run here."
)


async def network_that(session: AsyncSession, slug: str | None) -> Network:
    """The network of this short name; without one, the only network of this node.

    Raises:
        NotFound: there is none.
        InvalidInput: there are several and none was named.
    """
    if slug is not None:
        return await network_by_slug(session, slug)
    found = await networks(session)
    if not found:
        raise NotFound("No network is run on this node. Found one: nic network found SHORT-NAME.")
    if len(found) > 1:
        names = ", ".join(network.slug for network in found)
        raise InvalidInput({}, f"Several networks are run here; say which with --network: {names}.")
    return found[0]
