"""Asking for a place in the log: leaves of the network itself, which wait for no slot."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.keys import thumbprint
from federation.leaves import build_member, sign_leaf
from nic_node.db.jobs import enqueue
from nic_node.errors import NotFound
from nic_node.keyring.keys import load_private_jwk
from nic_node.keyring.operator_key import OperatorKey
from nic_node.network.log.tables import Log, QueuedLeaf

SEQUENCE: Final = "network.sequence"
EPOCHS: Final = "network.epochs"
"""The kinds of the two jobs that run a log; their key is its id."""


async def log_of(session: AsyncSession, network_id: int) -> Log:
    """The newest generation of a network's log.

    Raises:
        NotFound: this node runs no such network.
    """
    query = select(Log).where(Log.network_id == network_id).order_by(Log.generation.desc()).limit(1)
    log = await session.scalar(query)
    if log is None:
        raise NotFound("This node keeps no log of such a network.")
    return log


async def queue_leaf(session: AsyncSession, network_id: int, leaf: bytes, blob: bytes | None, now: datetime) -> None:
    """Put a leaf behind those that wait. A member suspended twice makes the same leaf twice, and both count."""
    log = await log_of(session, network_id)
    session.add(QueuedLeaf(log_id=log.id, leaf=leaf, blob=blob))
    await session.flush()
    await wake_sequencer(session, log.id, now)


async def is_waiting(session: AsyncSession, log: Log, leaf: bytes) -> bool:
    """Whether this very leaf has its place in the queue."""
    same = exists().where(QueuedLeaf.log_id == log.id, QueuedLeaf.leaf == leaf)
    return bool(await session.scalar(select(same)))


async def queue_network_leaf(
    session: AsyncSession, *, operator_key: OperatorKey, network_id: int, payload: Mapping[str, Any], now: datetime
) -> None:
    """Sign a payload of `federation.leaves.build_*` by the key that entry 0 names, and queue it."""
    log = await log_of(session, network_id)
    private = await load_private_jwk(
        session, operator_key=operator_key, entity_id=log.network, kid=thumbprint(log.leaf_jwk)
    )
    await queue_leaf(session, network_id, sign_leaf(payload, private), None, now)


async def queue_member_leaf(
    session: AsyncSession,
    *,
    operator_key: OperatorKey,
    network_id: int,
    entity: str,
    jkt: str,
    from_state: str,
    to_state: str,
    now: datetime,
) -> None:
    """Tell the log that a member was admitted, or moved on; jkt names its federation key."""
    log = await log_of(session, network_id)
    payload = build_member(log.network, entity=entity, jkt=jkt, from_state=from_state, to_state=to_state)
    await queue_network_leaf(session, operator_key=operator_key, network_id=network_id, payload=payload, now=now)


async def wake_sequencer(session: AsyncSession, log_id: int, now: datetime) -> None:
    await enqueue(session, kind=SEQUENCE, key=str(log_id), run_at=now, arguments={"log_id": log_id})
