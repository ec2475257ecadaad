"""Whose signed requests this school's node takes: the networks whose chain it has validated."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.applications import HTTP_KEYS
from federation.keys import FindKey, read_jwks
from nic_node.membership.local import LocalNode
from nic_node.membership.read import HELD
from nic_node.membership.tables import MembershipRow


async def find_network_keys(node: LocalNode, session: AsyncSession) -> FindKey:
    """Key id -> public key, of the http keys that the networks state of themselves; nothing is fetched."""
    held = select(MembershipRow.network, MembershipRow.version).where(MembershipRow.state.in_(HELD))
    versions = dict((await session.execute(held)).all())

    async def load(missing: Collection[str]) -> Mapping[str, Any]:
        chosen = select(MembershipRow.network, MembershipRow.network_metadata)
        rows = await session.execute(chosen.where(MembershipRow.network.in_(missing)))
        return {network: read_jwks(metadata["jwks"], kinds=HTTP_KEYS) for network, metadata in rows}

    return await node.keys.find_key("networks", versions, load)
