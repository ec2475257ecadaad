"""What members promise to have erased: rows, and beside the log's files the one file that everybody reads."""

import asyncio
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.db.insert import insert_if_missing
from nic_node.db.jobs import Handler, enqueue
from nic_node.membership.local import LocalNode
from nic_node.network.log.files import store_of
from nic_node.network.log.tables import Log, LogAck
from schemas.canonical import canonical_bytes

ACKS: Final = "network.acks"
"""The kind of the job that writes the file; its key is the log's id."""


async def keep_ack(session: AsyncSession, log: Log, *, entity: str, erased_to: int) -> None:
    """The furthest of a member's promises, in whatever order they arrive."""
    await insert_if_missing(session, LogAck, log_id=log.id, entity=entity, erased_to=erased_to)
    ack = await session.get_one(LogAck, (log.id, entity), with_for_update=True)
    ack.erased_to = max(ack.erased_to, erased_to)


async def write_acks_at(session: AsyncSession, log_id: int, at: datetime) -> None:
    """Have the file written; promises that come until then are in it too."""
    await enqueue(session, kind=ACKS, key=str(log_id), run_at=at, arguments={"log_id": log_id})


def acks_handler(node: LocalNode) -> Handler:
    async def handle(arguments: dict[str, Any]) -> None:
        async with node.database.reading() as session:
            log = await session.get_one(Log, int(arguments["log_id"]))
            found = await session.execute(select(LogAck.entity, LogAck.erased_to).where(LogAck.log_id == log.id))
            acks = dict(found.all())
        await asyncio.to_thread(store_of(node, log).write_acks, canonical_bytes(acks))

    return handle
