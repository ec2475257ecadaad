"""The list's work in the background: writing invitations, and the daily look at who does not answer."""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.db.jobs import Again, Handler, enqueue
from nic_node.membership.local import LocalNode
from nic_node.network.invitees.keep import WRITE
from nic_node.network.invitees.write import remind_silent, write_wanted

REMIND: Final = "network.remind-invited"
REMIND_EVERY: Final = timedelta(days=1)


def job_handlers(node: LocalNode) -> dict[str, Handler]:
    async def write(arguments: dict[str, Any]) -> Again | None:
        return await write_wanted(node, arguments["network_id"])

    async def remind(arguments: dict[str, Any]) -> Again | None:
        now = node.clock()
        await remind_silent(node, now=now)
        return Again(at=now + REMIND_EVERY)

    return {WRITE: write, REMIND: remind}


async def ensure_jobs(session: AsyncSession, *, now: datetime) -> None:
    await enqueue(session, kind=REMIND, key="", run_at=now)
