"""Whose signed requests this school's node takes: the networks whose chain it has validated."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.applications import HTTP_KEYS
from federation.keys import FindKey, Jwk, read_jwks
from federation.requests import build_key_id
from nic_node.membership.read import HELD
from nic_node.membership.tables import MembershipRow


async def load_find_key(session: AsyncSession) -> FindKey:
    """Key id -> public key, of the http keys that the networks state of themselves; nothing is fetched."""
    chosen = select(MembershipRow.network, MembershipRow.network_metadata).where(MembershipRow.state.in_(HELD))
    known: dict[str, Jwk] = {}
    for network, metadata in await session.execute(chosen):
        for kid, jwk in read_jwks(metadata["jwks"], kinds=HTTP_KEYS).items():
            known[build_key_id(network, kid)] = jwk
    return known.get
