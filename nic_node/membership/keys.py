"""This school's own keys: one signs what it states, one its requests, one cosigns logs where it is a witness."""

from sqlalchemy.ext.asyncio import AsyncSession

from federation.keys import Jwk
from federation.tlog.note import COSIGNATURE_V1, VerifierKey, build_vkey
from nic_node.errors import NotFound
from nic_node.keyring.keys import all_public_keys, create_key, current_key, current_private_jwk, load_private_jwk
from nic_node.keyring.purposes import KeyPurpose, generate_key
from nic_node.membership.local import LocalNode
from nic_node.peerhttp.signing import RequestSigner
from schemas.ids import build_witness_name

OWN_KEYS = (KeyPurpose.FEDERATION, KeyPurpose.HTTP, KeyPurpose.WITNESS)


async def make_missing_keys(node: LocalNode) -> None:
    """At the first start the node gets its keys; later this changes nothing."""
    drawn = {purpose: await generate_key(purpose) for purpose in OWN_KEYS if not await _has_key(node, purpose)}
    if not drawn:
        return
    now = node.clock()
    async with node.database.writing() as session:
        for purpose, private_jwk in drawn.items():
            await create_key(
                session,
                operator_key=node.operator_key,
                entity_id=node.entity_id,
                purpose=purpose,
                private_jwk=private_jwk,
                now=now,
            )


async def _has_key(node: LocalNode, purpose: KeyPurpose) -> bool:
    async with node.database.reading() as session:
        try:
            await current_key(session, entity_id=node.entity_id, purpose=purpose, now=node.clock())
        except NotFound:
            return False
    return True


async def signer(node: LocalNode, session: AsyncSession) -> RequestSigner:
    """Signs this school's requests to other nodes."""
    return RequestSigner(node.entity_id, await _private(node, session, KeyPurpose.HTTP))


async def federation_private(node: LocalNode, session: AsyncSession, *, kid: str | None = None) -> Jwk:
    """Signs what this school states of itself, its applications, and its requests for a credential."""
    if kid is not None:
        return await load_private_jwk(session, operator_key=node.operator_key, entity_id=node.entity_id, kid=kid)
    return await _private(node, session, KeyPurpose.FEDERATION)


async def public_keys(node: LocalNode, session: AsyncSession, purpose: KeyPurpose) -> list[Jwk]:
    """All public keys of a purpose that are not retired, newest first."""
    stored = await all_public_keys(session, entity_id=node.entity_id, purpose=purpose, now=node.clock())
    return [key.public_jwk for key in stored]


async def witness_key(node: LocalNode, session: AsyncSession) -> VerifierKey:
    """The key by which this school cosigns, under the name that it signs with."""
    stored = await current_key(session, entity_id=node.entity_id, purpose=KeyPurpose.WITNESS, now=node.clock())
    return build_vkey(build_witness_name(node.entity_id), stored.public_jwk, COSIGNATURE_V1)


async def _private(node: LocalNode, session: AsyncSession, purpose: KeyPurpose) -> Jwk:
    return await current_private_jwk(
        session, operator_key=node.operator_key, entity_id=node.entity_id, purpose=purpose, now=node.clock()
    )
