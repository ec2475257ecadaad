"""Looking above, as often as a membership is asked about."""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.db.jobs import Again, Handler, enqueue
from nic_node.membership.across.reading import keep_true
from nic_node.membership.local import LocalNode

LOOK: Final = "membership.look_above"
SELDOM: Final = 5


def job_handlers(node: LocalNode) -> dict[str, Handler]:
    async def look(arguments: dict[str, Any]) -> Again:
        await keep_true(node)
        return Again(at=node.clock() + timedelta(seconds=SELDOM * node.config.poll_seconds))

    return {LOOK: look}


async def ensure_jobs(session: AsyncSession, *, now: datetime) -> None:
    await enqueue(session, kind=LOOK, key="", run_at=now)
