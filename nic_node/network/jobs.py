"""The network's work in the background: asking applicants' hosts, ending memberships whose term has run out."""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.db.jobs import Again, Handler, enqueue
from nic_node.membership.local import LocalNode
from nic_node.network.above import jobs as above
from nic_node.network.apply import VET
from nic_node.network.decide import expire_members
from nic_node.network.invitees import jobs as invitees
from nic_node.network.log import jobs as log
from nic_node.network.remind import remind_of_ends
from nic_node.network.vet import ask_host

EXPIRE: Final = "network.expire"
REMIND: Final = "network.remind"
VET_AGAIN: Final = timedelta(minutes=10)
EXPIRE_EVERY: Final = timedelta(minutes=10)
REMIND_EVERY: Final = timedelta(days=1)


def job_handlers(node: LocalNode) -> dict[str, Handler]:
    async def vet_applicant(arguments: dict[str, Any]) -> Again | None:
        is_done = await ask_host(node, arguments["member_id"])
        return None if is_done else Again(at=node.clock() + VET_AGAIN)

    async def expire(arguments: dict[str, Any]) -> Again | None:
        now = node.clock()
        async with node.database.writing() as session:
            await expire_members(session, node, now=now)
        return Again(at=now + EXPIRE_EVERY)

    async def remind(arguments: dict[str, Any]) -> Again | None:
        now = node.clock()
        await remind_of_ends(node, now=now)
        return Again(at=now + REMIND_EVERY)

    own = {VET: vet_applicant, EXPIRE: expire, REMIND: remind}
    return {**own, **above.job_handlers(node), **invitees.job_handlers(node), **log.job_handlers(node)}


async def ensure_jobs(session: AsyncSession, node: LocalNode, *, now: datetime) -> None:
    await enqueue(session, kind=EXPIRE, key="", run_at=now)
    await enqueue(session, kind=REMIND, key="", run_at=now)
    await above.ensure_jobs(session, now=now)
    await invitees.ensure_jobs(session, now=now)
    await log.ensure_jobs(session, node, now=now)
