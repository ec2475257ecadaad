"""The first entry of a network's log, written in the transaction that founds the network."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from federation.keys import Jwk
from federation.leaves import build_genesis, sign_leaf
from federation.tlog.merkle import EMPTY_ROOT
from federation.tlog.note import parse_vkey
from nic_node.db.jobs import enqueue
from nic_node.network.log.acks import write_acks_at
from nic_node.network.log.queue import EPOCHS, queue_leaf
from nic_node.network.log.tables import Log
from nic_node.network.tables import Network
from schemas.ids import build_log_origin


async def found_log(
    session: AsyncSession,
    *,
    network: Network,
    leaf_private: Jwk,
    now: datetime,
    predecessor: tuple[str, bytes] | None = None,
) -> Log:
    """An empty log, with its genesis leaf queued as entry 0 and the jobs that run it.

    Args:
        predecessor: origin and last checkpoint of the log that this one follows.
    """
    log = Log(
        network_id=network.id,
        network=network.entity,
        generation=network.generation,
        origin=build_log_origin(network.entity, network.generation),
        log_key=network.log_key,
        leaf_jwk=dict(network.leaf_jwk),
        root=EMPTY_ROOT,
    )
    session.add(log)
    await session.flush()
    genesis = build_genesis(
        network.entity,
        generation=network.generation,
        log_key=parse_vkey(network.log_key),
        leaf_jwk=network.leaf_jwk,
        predecessor=predecessor,
    )
    await queue_leaf(session, network.id, sign_leaf(genesis, leaf_private), None, now)
    await write_acks_at(session, log.id, now)
    await enqueue(session, kind=EPOCHS, key=str(log.id), run_at=now, arguments={"log_id": log.id})
    return log
