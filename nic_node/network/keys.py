"""The network's own keys: federation (what it states), log (checkpoints), leaf (its own entries), http (its requests).

They rest in the keyring under the network's entity id, apart from those of the school that shares the node.
"""

from sqlalchemy.ext.asyncio import AsyncSession

from federation.keys import Jwk
from nic_node.keyring.keys import all_public_keys, create_key, current_private_jwk
from nic_node.keyring.purposes import KeyPurpose, generate_key
from nic_node.membership.local import LocalNode
from nic_node.network.tables import Network

NETWORK_KEYS = (KeyPurpose.FEDERATION, KeyPurpose.HTTP, KeyPurpose.LOG, KeyPurpose.LEAF)


async def draw_network_keys() -> dict[KeyPurpose, Jwk]:
    """New private keys; to be drawn before a transaction is opened."""
    return {purpose: await generate_key(purpose) for purpose in NETWORK_KEYS}


async def keep_network_keys(node: LocalNode, session: AsyncSession, entity: str, drawn: dict[KeyPurpose, Jwk]) -> None:
    for purpose, private_jwk in drawn.items():
        await create_key(
            session,
            operator_key=node.operator_key,
            entity_id=entity,
            purpose=purpose,
            private_jwk=private_jwk,
            now=node.clock(),
        )


async def network_private(node: LocalNode, session: AsyncSession, network: Network, purpose: KeyPurpose) -> Jwk:
    """The private key that the network uses now for a purpose."""
    return await current_private_jwk(
        session, operator_key=node.operator_key, entity_id=network.entity, purpose=purpose, now=node.clock()
    )


async def network_public_keys(
    node: LocalNode, session: AsyncSession, network: Network, purpose: KeyPurpose
) -> list[Jwk]:
    """All public keys of a purpose that are not retired, newest first."""
    stored = await all_public_keys(session, entity_id=network.entity, purpose=purpose, now=node.clock())
    return [key.public_jwk for key in stored]
