"""A new key of this school's node: published at once, telling its networks, signing once they had time to learn it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import record_audit
from nic_node.db.jobs import enqueue
from nic_node.keyring.keys import StoredKey
from nic_node.keyring.purposes import KeyPurpose, generate_key
from nic_node.keyring.rotate import LEAD, KeyView, key_views, rotate_key
from nic_node.membership.join import CHECK
from nic_node.membership.local import LocalNode
from nic_node.membership.read import HELD, WAITING
from nic_node.membership.tables import MembershipRow


async def rotate_own_key(
    node: LocalNode, *, actor: Actor, purpose: KeyPurpose, now: datetime, lead: timedelta = LEAD
) -> StoredKey:
    """Draw a new key, publish it, and tell every network as soon as a worker is free.

    Raises:
        Conflict: a rotation of this key is under way.
    """
    private_jwk = await generate_key(purpose)
    async with node.database.writing() as session:
        stored = await rotate_key(
            session,
            operator_key=node.operator_key,
            entity_id=node.entity_id,
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
            after={"entity": node.entity_id, "purpose": purpose.value, "signs_from": stored.active_from},
            now=now,
        )
        chosen = select(MembershipRow.id).where(MembershipRow.state.in_(HELD | WAITING))
        for membership_id in await session.scalars(chosen):
            arguments = {"membership_id": membership_id}
            await enqueue(session, kind=CHECK, key=str(membership_id), run_at=now, arguments=arguments)
    node.wake()
    return stored


async def own_keys(node: LocalNode) -> Sequence[KeyView]:
    async with node.database.reading() as session:
        return await key_views(session, entity_id=node.entity_id, now=node.clock())
