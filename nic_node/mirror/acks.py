"""Promises to have erased: this node's own, sent once its files are rewritten, and the network's list of everybody's.

Every node reads the network's list at the same pace, whether or not it took anything back: else asking would tell.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.errors import Unreachable, Untrusted
from nic_node.db.engine import Database
from nic_node.db.jobs import enqueue
from nic_node.membership.keys import signer
from nic_node.membership.local import LocalNode
from nic_node.membership.read import current_memberships
from nic_node.mirror.epochs import member_keys
from nic_node.mirror.read import record_of
from nic_node.mirror.source import HttpLog
from nic_node.mirror.states import LogState
from nic_node.mirror.tables import MirrorAcks, MirrorLog
from nic_node.mirror.upsert import upsert
from schemas.canonical import canonical_bytes
from schemas.ids import parse_record_id

ACK: Final = "mirror.ack"
READ_EVERY: Final = timedelta(hours=6)
"""It has a line a member, and each member reads it: as often as what was erased within a day needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasures:
    """How many of today's members promised that they erased one record; who is late is nobody's to see."""

    promised: int
    members: int
    as_of: datetime

    @property
    def missing(self) -> int:
        return self.members - self.promised


# This node's own ------------------------------------------------------------------------------------------------------


async def erasable_promises(session: AsyncSession) -> list[dict[str, Any]]:
    """What may be promised once a rewriting that begins after this has ended: where, about which log, up to where.

    Networks that are only read across, and logs that forked, are promised nothing.
    """
    networks = {each.log_origin: each.network for each in await current_memberships(session)}
    logs = await session.scalars(select(MirrorLog).where(MirrorLog.origin.in_(networks)).order_by(MirrorLog.id))
    return [
        {"network": networks[log.origin], "origin": log.origin, "erased_to": log.mirrored}
        for log in logs
        if log.state != LogState.FROZEN and log.mirrored > 0
    ]


async def promise_soon(session: AsyncSession, promise: Mapping[str, Any], *, now: datetime) -> None:
    """One job a promise: it arrives whatever the order, and the network keeps the furthest."""
    key = f"{promise['origin']} {promise['erased_to']}"
    await enqueue(session, kind=ACK, key=key, run_at=now, arguments=promise)


async def send_promise(node: LocalNode, promise: Mapping[str, Any]) -> bool:
    """Send it, signed; False when the network can't be reached. One that is refused isn't sent again."""
    async with node.database.reading() as session:
        request_signer = await signer(node, session)
    try:
        await node.client.post(
            f"{promise['network']}/v1/acks",
            body=canonical_bytes({"origin": promise["origin"], "erased_to": promise["erased_to"]}),
            body_type="application/json",
            content_type=(),
            max_bytes=0,
            signer=request_signer,
            accept_status=frozenset({202}),
            may_be_empty=True,
        )
    except Unreachable:
        return False
    except Untrusted:
        return True
    return True


# Everybody's ----------------------------------------------------------------------------------------------------------


async def read_promises(database: Database, source: HttpLog, log_id: int, *, now: datetime) -> None:
    """Read the log's list of promises, unless it was read lately; one that is still the same is not sent again.

    Raises:
        Untrusted: it is no such list.
        Unreachable: no answer.
    """
    async with database.reading() as session:
        held = await session.get(MirrorAcks, log_id)
    if held is not None and now - held.read_at < READ_EVERY:
        return
    shown = await source.read_acks(held.etag if held is not None else "")
    row = {"log_id": log_id, "acks": shown.acks, "etag": shown.etag, "read_at": now}
    if shown.is_same and held is not None:
        row["acks"], row["etag"] = held.acks, held.etag
    async with database.writing() as session:
        if await session.get(MirrorLog, log_id, with_for_update=True) is not None:
            await upsert(session, MirrorAcks, [row])


async def erasures_of(session: AsyncSession, record_id: str) -> Erasures | None:
    """How far a record that was taken back or down is erased; None where it lives, or nothing was read yet."""
    record = await record_of(session, record_id)
    if record is None or record.gone_by is None:
        return None
    origin, leaf_index = parse_record_id(record.gone_by)
    log = await session.scalar(select(MirrorLog).where(MirrorLog.origin == origin))
    read = await session.get(MirrorAcks, log.id) if log is not None else None
    if log is None or read is None:
        return None
    members = await member_keys(session, log.network)
    promised = sum(read.acks.get(entity, 0) > leaf_index for entity in members)
    return Erasures(promised=promised, members=len(members), as_of=read.read_at)
