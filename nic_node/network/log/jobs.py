"""The jobs that run a log: one appends and publishes what is due, one moves its epochs on, one tells the members."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from nic_node.db.jobs import Again, Handler, enqueue
from nic_node.db.rewrite import keep_no_samples
from nic_node.errors import MachineTrouble, NicError
from nic_node.i18n import N_
from nic_node.membership.local import LocalNode
from nic_node.network.log.acks import ACKS, acks_handler, write_acks_at
from nic_node.network.log.cosigners import COSIGN, cosign_handler
from nic_node.network.log.erase import NOT_SAMPLED, SCOUR, scour_handler
from nic_node.network.log.hints import HINT, hint_handler
from nic_node.network.log.mend import MEND, mend_handler
from nic_node.network.log.phases import advance_epochs, next_run
from nic_node.network.log.queue import EPOCHS, SEQUENCE
from nic_node.network.log.restored import LogUnsure, learn_from_members
from nic_node.network.log.sequence import SequencerFenced, next_due, sequence_log
from nic_node.network.log.tables import Log, QueuedLeaf

NO_ROOM = N_(
    "The log can't be written: the disk is full, or its folder is not writable. Make room; it goes on by itself."
)


NEWER = aliased(Log)


class LogNotWritten(MachineTrouble):
    """The operating system refused; the next run repeats what is missing."""


def job_handlers(node: LocalNode) -> dict[str, Handler]:
    return {
        SEQUENCE: _sequence(node),
        EPOCHS: _epochs(node),
        HINT: hint_handler(node),
        COSIGN: cosign_handler(node),
        MEND: mend_handler(node),
        SCOUR: scour_handler(node),
        ACKS: acks_handler(node),
    }


async def ensure_jobs(session: AsyncSession, node: LocalNode, *, now: datetime) -> None:
    """Each network's newest log has its jobs; a node that was down goes on where it was."""
    await keep_no_samples(session, NOT_SAMPLED)
    for log_id in (await session.scalars(select(Log.id))).all():
        await write_acks_at(session, log_id, now)
    newest = select(func.max(Log.generation)).where(Log.network_id == NEWER.network_id).correlate(NEWER)
    for log_id in (await session.scalars(select(NEWER.id).where(NEWER.generation == newest.scalar_subquery()))).all():
        for kind in (SEQUENCE, EPOCHS, MEND):
            await enqueue(session, kind=kind, key=str(log_id), run_at=now, arguments={"log_id": log_id})


def _sequence(node: LocalNode) -> Handler:
    held_against: set[int] = set()
    """Logs that this process has held against what members have of them."""

    async def handle(arguments: dict[str, Any]) -> Again:
        log_id, now = int(arguments["log_id"]), node.clock()
        try:
            if log_id not in held_against:
                await learn_from_members(node, log_id, now=now)
                held_against.add(log_id)
            await sequence_log(node, log_id, now=now)
        except LogUnsure as error:
            await _note_trouble(node, log_id, error.sentence)
            return Again(at=now + timedelta(seconds=node.config.job_seconds))
        except SequencerFenced:
            # The other writer took it from here.
            return Again(at=now + timedelta(seconds=node.config.job_seconds))
        except OSError as error:
            await _note_trouble(node, log_id, NO_ROOM)
            raise LogNotWritten(NO_ROOM) from error
        except NicError as error:
            await _note_trouble(node, log_id, error.sentence)
            raise
        await _note_trouble(node, log_id, None)
        return Again(at=await _next_run(node, log_id))

    return handle


def _epochs(node: LocalNode) -> Handler:
    async def handle(arguments: dict[str, Any]) -> Again:
        log_id, now = int(arguments["log_id"]), node.clock()
        while await advance_epochs(node, log_id, now=now):
            # One thing at a time, each in a transaction of its own.
            now = node.clock()
        async with node.database.reading() as session:
            return Again(at=await next_run(session, log_id, now))

    return handle


async def _next_run(node: LocalNode, log_id: int) -> datetime:
    """At the end of the next slot, at once if something was queued meanwhile, else soon: a wake-up may be missed."""
    now = node.clock()
    async with node.database.reading() as session:
        if await session.scalar(select(QueuedLeaf.id).where(QueuedLeaf.log_id == log_id).limit(1)) is not None:
            return now
        due = await next_due(session, log_id)
    soon = now + timedelta(seconds=node.config.job_seconds)
    return soon if due is None else min(soon, max(due, now))


async def _note_trouble(node: LocalNode, log_id: int, sentence: str | None) -> None:
    """What the log's page shows; written only when it changes."""
    async with node.database.reading() as session:
        log = await session.get_one(Log, log_id)
    if log.trouble == sentence:
        return
    async with node.database.writing() as session:
        (await session.get_one(Log, log_id, with_for_update=True)).trouble = sentence
