"""Work in the background: which logs there are to follow, following them, and rewriting what was erased."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from random import random
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.db.jobs import Again, Handler, Job, enqueue
from nic_node.db.rewrite import keep_no_samples, rewrite_when_quiet
from nic_node.membership.local import LocalNode
from nic_node.membership.read import is_log_followed, networks_with_logs
from nic_node.mirror.acks import ACK, erasable_promises, promise_soon, send_promise
from nic_node.mirror.erase import NOT_SAMPLED, SCOUR, TABLES, scour
from nic_node.mirror.examiners import Examiners
from nic_node.mirror.find_mirrors import ENOUGH_COPIES, FIND_EVERY, POLLS_WITHOUT, find_mirrors
from nic_node.mirror.forget import forget_ended
from nic_node.mirror.forks.freeze import TELL
from nic_node.mirror.forks.tell import tell_network, tell_waiting
from nic_node.mirror.probe import probe_all
from nic_node.mirror.pull import PULL, pull
from nic_node.mirror.sources import FIND

WATCH: Final = "mirror.watch"
SCOUR_AGAIN: Final = timedelta(minutes=1)
PROBE: Final = "mirror.probe"
PROBE_EVERY: Final = timedelta(days=1)
ACK_AGAIN: Final = timedelta(minutes=10)
TELL_AGAIN: Final = timedelta(minutes=10)
EraseAbove = Callable[[], Awaitable[datetime | None]]
"""Erases what rooms above hold of records that are gone, files included; None once done, else when to try again."""


async def nothing_above() -> None:
    """No room above holds anything of a record."""


def job_handlers(
    node: LocalNode, draw: Callable[[], float] = random, *, erase_above: EraseAbove = nothing_above
) -> dict[str, Handler]:
    """Job kind -> handler.

    Args:
        draw: uniform on [0, 1): spreads the polls of all nodes over time.
        erase_above: called before anything is promised.
    """

    async def handle_watch(arguments: dict[str, Any]) -> Again:
        """A network that is new gets its own job; the copy of one that ended is erased in time."""
        now = node.clock()
        async with node.database.writing() as session:
            held = [each.id for each in await networks_with_logs(session) if is_log_followed(each)]
            for kind in (PULL, FIND):
                followed = set(await session.scalars(select(Job.key).where(Job.kind == kind, Job.dead.is_(False))))
                for number in held:
                    if str(number) not in followed:
                        arguments = {"membership_id": number}
                        await enqueue(session, kind=kind, key=str(number), run_at=now, arguments=arguments)
            await forget_ended(session, now=now)
        return Again(at=now + timedelta(seconds=node.config.poll_seconds))

    async def handle_tell(arguments: dict[str, Any]) -> Again | None:
        return None if await tell_network(node, arguments["fork_id"]) else Again(at=node.clock() + TELL_AGAIN)

    async def handle_ack(arguments: dict[str, Any]) -> Again | None:
        return None if await send_promise(node, arguments) else Again(at=node.clock() + ACK_AGAIN)

    return {
        PROBE: _probing(node, draw),
        WATCH: handle_watch,
        PULL: _puller(node, draw),
        FIND: _finding(node, draw),
        SCOUR: _scouring(node, erase_above),
        ACK: handle_ack,
        TELL: handle_tell,
    }


def _scouring(node: LocalNode, erase_above: EraseAbove) -> Handler:
    async def handle_scour(arguments: dict[str, Any]) -> Again | None:
        # Read first: what is pulled while the files are rewritten is rewritten by the next run.
        async with node.database.reading() as session:
            promises = await erasable_promises(session)
        if not await scour(node.database):
            return Again(at=node.clock() + SCOUR_AGAIN)
        at = await rewrite_when_quiet(node.database, TABLES, now=node.clock(), time_zone=node.config.time_zone)
        # What this school sent itself is promised with the rest.
        at = at or await erase_above()
        if at is not None:
            return Again(at=at)
        async with node.database.writing() as session:
            for promise in promises:
                await promise_soon(session, promise, now=node.clock())
        return None

    return handle_scour


def _probing(node: LocalNode, draw: Callable[[], float]) -> Handler:
    async def handle_probe(arguments: dict[str, Any]) -> Again:
        await probe_all(node)
        return Again(at=node.clock() + PROBE_EVERY * (0.5 + draw()))

    return handle_probe


def _finding(node: LocalNode, draw: Callable[[], float]) -> Handler:
    async def handle_find(arguments: dict[str, Any]) -> Again | None:
        membership_id = int(arguments["membership_id"])
        if not await _is_held(node, membership_id):
            return None
        has_enough = await find_mirrors(node, membership_id) >= ENOUGH_COPIES
        wait = FIND_EVERY if has_enough else timedelta(seconds=POLLS_WITHOUT * node.config.poll_seconds)
        return Again(at=node.clock() + wait * (0.5 + draw()))

    return handle_find


async def _is_held(node: LocalNode, membership_id: int) -> bool:
    async with node.database.reading() as session:
        return membership_id in {each.id for each in await networks_with_logs(session) if is_log_followed(each)}


def _puller(node: LocalNode, draw: Callable[[], float]) -> Handler:
    examiners = Examiners()

    async def handle_pull(arguments: dict[str, Any]) -> Again | None:
        membership_id = int(arguments["membership_id"])
        if not await _is_held(node, membership_id):
            return None
        report = await pull(node, membership_id, examiners)
        is_unfinished = not report.done and report.trouble is None and report.bundles > 0
        if not is_unfinished:
            await examiners.rest()
        return Again(at=node.clock() + timedelta(seconds=0.0 if is_unfinished else _wait(node, draw)))

    return handle_pull


def _wait(node: LocalNode, draw: Callable[[], float]) -> float:
    """poll_seconds +-50 %."""
    return node.config.poll_seconds * (0.5 + draw())


async def ensure_jobs(session: AsyncSession, node: LocalNode, *, now: datetime) -> None:
    await keep_no_samples(session, NOT_SAMPLED)
    await enqueue(session, kind=WATCH, key="", run_at=now)
    await tell_waiting(session, node)
    # What stands is left alone: a node that is restarted often would ask at every start.
    if await session.scalar(select(Job.id).where(Job.kind == PROBE, Job.dead.is_(False))) is None:
        await enqueue(session, kind=PROBE, key="", run_at=now + PROBE_EVERY)
