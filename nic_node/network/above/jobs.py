"""Asking the networks above, and looking up those who knock."""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.db.jobs import Again, Handler, enqueue
from nic_node.membership.local import LocalNode
from nic_node.network.above.belong import CHECK
from nic_node.network.above.follow import check_superior
from nic_node.network.above.read import ASKED, is_followed
from nic_node.network.above.readers import RESOLVE, refresh_readers, resolve_reader
from nic_node.network.above.tables import NetworkSuperior
from schemas.states import APPROVED

REFRESH: Final = "network.refresh_readers"
SELDOM: Final = timedelta(minutes=5)


def job_handlers(node: LocalNode) -> dict[str, Handler]:
    async def check(arguments: dict[str, Any]) -> Again | None:
        is_well = await check_superior(node, arguments["superior_id"])
        async with node.database.reading() as session:
            row = await session.get(NetworkSuperior, arguments["superior_id"])
        if row is None or not is_followed(row):
            return None
        is_settled = is_well and row.state == APPROVED
        return Again(at=node.clock() + (SELDOM if is_settled else timedelta(seconds=node.config.poll_seconds)))

    async def resolve(arguments: dict[str, Any]) -> None:
        await resolve_reader(node, arguments["network_id"], arguments["entity"])

    async def refresh(arguments: dict[str, Any]) -> Again:
        await refresh_readers(node)
        return Again(at=node.clock() + SELDOM)

    return {CHECK: check, RESOLVE: resolve, REFRESH: refresh}


async def ensure_jobs(session: AsyncSession, *, now: datetime) -> None:
    await enqueue(session, kind=REFRESH, key="", run_at=now)
    for superior in await session.scalars(select(NetworkSuperior).where(NetworkSuperior.state.in_(ASKED))):
        if is_followed(superior):
            await enqueue(session, kind=CHECK, key=str(superior.id), run_at=now, arguments={"superior_id": superior.id})
