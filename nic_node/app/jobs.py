"""Work in the background: which room runs which kind of job, and which jobs always stand."""

from datetime import datetime, timedelta
from functools import partial
from types import ModuleType
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts import jobs as accounts
from nic_node.commons.saved import digest as commons
from nic_node.db.jobs import Again, Handler, enqueue
from nic_node.district import jobs as district
from nic_node.mail import jobs as mail
from nic_node.membership import jobs as membership
from nic_node.membership.local import LocalNode
from nic_node.mirror import jobs as mirror
from nic_node.network import jobs as network
from nic_node.publishing import jobs as publishing
from nic_node.school import jobs as school
from nic_node.today import jobs as today

ROOMS = (membership, mirror, commons, network, publishing, district, today)
PRUNE = "app.prune"
PRUNE_EVERY = timedelta(minutes=10)


def all_handlers(node: LocalNode) -> dict[str, Handler]:
    """Job kind -> handler; a kind that two rooms claim is our mistake."""
    handlers: dict[str, Handler] = {PRUNE: _prune(node)}
    handlers |= mail.job_handlers(node.database, node.config, node.clock)
    handlers |= school.job_handlers(node.database, node.config, node.clock)
    for room in ROOMS:
        for kind, handler in _handlers_of(room, node).items():
            assert kind not in handlers, kind
            handlers[kind] = handler
    return handlers


def _handlers_of(room: ModuleType, node: LocalNode) -> dict[str, Handler]:
    if room is mirror:
        return mirror.job_handlers(node, erase_above=partial(publishing.erase_sent, node))
    handlers: dict[str, Handler] = room.job_handlers(node)
    return handlers


async def ensure_all_jobs(session: AsyncSession, node: LocalNode, *, now: datetime) -> None:
    await enqueue(session, kind=PRUNE, key="", run_at=now)
    await mail.ensure_jobs(session, now=now)
    for room in ROOMS:
        await room.ensure_jobs(session, node, now=now)


def _prune(node: LocalNode) -> Handler:
    """Forget what has served: used nonces, ended sessions, imports that nobody confirmed."""

    async def handle(arguments: dict[str, Any]) -> Again:
        now = node.clock()
        await node.nonces.prune(now=now)
        async with node.database.writing() as session:
            await accounts.prune(session, now=now)
            await school.prune(session, zone=node.config.time_zone, now=now)
        return Again(at=now + PRUNE_EVERY)

    return handle
