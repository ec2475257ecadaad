"""A new key of a network: federation and http with overlap. The log's keys change with a new generation only."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import record_audit
from nic_node.errors import InvalidInput
from nic_node.i18n import N_
from nic_node.keyring.keys import StoredKey
from nic_node.keyring.purposes import KeyPurpose, generate_key
from nic_node.keyring.rotate import LEAD, ROTATED, KeyView, key_views, rotate_key
from nic_node.membership.local import LocalNode
from nic_node.network.coordinators import verify_coordinator
from nic_node.network.read import network_of

NAMED_IN_GENESIS = N_(
    "The log's own keys are named in its first entry, and every member holds to them. They change only when the log is"
    " followed by a new one: nic network recover."
)


async def rotate_network_key(
    node: LocalNode, *, network_id: int, actor: Actor, purpose: KeyPurpose, now: datetime, lead: timedelta = LEAD
) -> StoredKey:
    """Publish a new key beside the old one; it signs after `lead`, by when every member that is there has read it.

    Raises:
        NotAllowed: somebody else coordinates it. InvalidInput: 'purpose', a key of the log.
        Conflict: a rotation of this key is under way.
    """
    if purpose not in ROTATED:
        raise InvalidInput({"purpose": [NAMED_IN_GENESIS]}, NAMED_IN_GENESIS)
    private_jwk = await generate_key(purpose)
    async with node.database.writing() as session:
        await verify_coordinator(session, network_id, actor)
        network = await network_of(session, network_id)
        stored = await rotate_key(
            session,
            operator_key=node.operator_key,
            entity_id=network.entity,
            purpose=purpose,
            private_jwk=private_jwk,
            now=now,
            lead=lead,
        )
        await record_audit(
            session,
            actor=actor,
            action="key.rotated",
            subject="key",
            subject_id=stored.kid,
            before=None,
            after={"entity": network.entity, "purpose": purpose.value, "signs_from": stored.active_from},
            now=now,
        )
    return stored


async def network_keys(session: AsyncSession, network_id: int, *, now: datetime) -> Sequence[KeyView]:
    network = await network_of(session, network_id)
    return await key_views(session, entity_id=network.entity, now=now)
