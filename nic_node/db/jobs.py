"""Work in the background: one table of jobs with leases, the same on both databases.

A job is a row written in the transaction that caused it. A worker takes a lease on the next due job, runs its
handler, and deletes the row, or puts it off with backoff and jitter. After `MAX_ATTEMPTS` it is a dead letter that
a person sees, unless only the machine failed it: whoever makes room has nothing to restart. A handler may run again
after a crash, so handlers are idempotent. A recurring job is one row whose key is unique: when it is done it is put off
to its next time instead of deleted.
"""

import asyncio
import contextlib
import random
from asyncio import sleep
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import JSON, ColumnElement, String, UniqueConstraint, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from nic_node.clock import Clock
from nic_node.db.base import Base, BigIntKey, UtcDateTime
from nic_node.db.engine import Database
from nic_node.db.insert import insert_if_missing
from nic_node.db.machine import is_of_the_machine

LEASE = timedelta(minutes=1)
"""So long a job stands still whose worker was killed; while it runs, its lease is made longer three times as often."""
MAX_ATTEMPTS = 12
FIRST_BACKOFF_SECONDS = 2.0
LONGEST_BACKOFF_SECONDS = 3600.0

log = structlog.get_logger()


class Job(Base):
    __tablename__ = "jobs"
    __table_args__ = (UniqueConstraint("kind", "key"),)

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    kind: Mapped[str] = mapped_column(String(60))
    key: Mapped[str] = mapped_column(String(200))
    arguments: Mapped[dict[str, Any]] = mapped_column(JSON)
    run_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    leased_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(String(300))
    dead: Mapped[bool] = mapped_column(default=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """What a recurring handler returns: when to run next."""

    at: datetime


Handler = Callable[[dict[str, Any]], Awaitable[Again | None]]


async def enqueue(
    session: AsyncSession, *, kind: str, key: str, run_at: datetime, arguments: Mapping[str, Any] | None = None
) -> None:
    """Ask for a job once per (kind, key); asking again moves it forward to the earlier time and revives a dead one."""
    chosen = select(Job).where(Job.kind == kind, Job.key == key).with_for_update()
    job = await session.scalar(chosen)
    if job is None:
        await insert_if_missing(session, Job, kind=kind, key=key, arguments=dict(arguments or {}), run_at=run_at)
        job = (await session.scalars(chosen)).one()
    job.run_at = min(job.run_at, run_at)
    if job.dead:
        job.dead, job.attempts, job.leased_until = False, 0, None


class Worker:
    """Runs jobs until it is stopped.

    Args:
        handlers: job kind -> coroutine that gets the job's arguments.
        idle_seconds: how long to sleep when nothing is due and nobody calls `wake`.
        draw: uniform on [0, 1), for jitter.
    """

    def __init__(
        self,
        database: Database,
        handlers: Mapping[str, Handler],
        *,
        clock: Clock,
        idle_seconds: float,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._database = database
        self._handlers = handlers
        self._clock = clock
        self._idle_seconds = idle_seconds
        self._draw = draw
        self._awake = asyncio.Event()
        self._stopping = False

    def wake(self) -> None:
        """Look for work now; to be called after a commit that enqueued something."""
        self._awake.set()

    def stop(self) -> None:
        self._stopping = True
        self._awake.set()

    async def run(self) -> None:
        """Work until `stop`; a job in hand is finished first. A database that fails meanwhile is asked again."""
        trouble = ""
        while not self._stopping:
            self._awake.clear()
            try:
                seconds = 0.0 if await self.run_one() else await self._seconds_to_sleep()
            except Exception as error:
                # Full, locked, restarted, out of reach: who works on must not end.
                if trouble != type(error).__name__:
                    trouble = type(error).__name__
                    log.exception("worker waits for the database", error=trouble)
                seconds = self._idle_seconds
            else:
                if trouble:
                    log.warning("worker goes on", error=trouble)
                trouble = ""
            if seconds:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._awake.wait(), seconds)

    async def run_due(self) -> int:
        """Run what is due now and return how many jobs ran; for tests and for `nic sync`."""
        count = 0
        while await self.run_one():
            count += 1
        return count

    async def run_one(self) -> bool:
        """Lease and run the next due job; False when none is due."""
        job = await self._lease()
        if job is None:
            return False
        try:
            async with self._held(job.id):
                again = await self._handlers[job.kind](dict(job.arguments))
        except Exception as error:  # noqa: BLE001 - whatever a handler raises is kept for a person, and tried again
            log.warning("job failed", kind=job.kind, attempts=job.attempts + 1, error=type(error).__name__)
            await self._put_off(job.id, error)
        else:
            await self._finish(job, again)
        return True

    async def _lease(self) -> Job | None:
        now = self._clock()
        async with self._database.writing() as session:
            job = await session.scalar(
                select(Job)
                .where(Job.run_at <= now, self._is_free(now), Job.kind.in_(self._handlers))
                .order_by(Job.run_at, Job.id)
                .limit(1)
                .with_for_update(skip_locked=True)
            )
            if job is not None:
                # Whoever asks for it from now on moves it forward from here, which `_finish` sees.
                job.leased_until = job.run_at = now + LEASE
            return job

    @asynccontextmanager
    async def _held(self, job_id: int) -> AsyncIterator[None]:
        keeping = asyncio.create_task(self._keep_lease(job_id))
        try:
            yield
        finally:
            keeping.cancel()
            await asyncio.wait({keeping})

    async def _keep_lease(self, job_id: int) -> None:
        while True:
            await sleep(LEASE.total_seconds() / 3)
            # Where the database can't be written now, the next time may still be soon enough.
            with contextlib.suppress(Exception):
                async with self._database.writing() as session:
                    job = await session.get(Job, job_id, with_for_update=True)
                    if job is not None and job.leased_until is not None:
                        job.leased_until = self._clock() + LEASE

    @staticmethod
    def _is_free(now: datetime) -> ColumnElement[bool]:
        return Job.dead.is_(False) & or_(Job.leased_until.is_(None), Job.leased_until < now)

    async def _finish(self, leased: Job, again: Again | None) -> None:
        async with self._database.writing() as session:
            job = await session.get(Job, leased.id, with_for_update=True)
            if job is None:
                return
            asked_meanwhile = job.run_at if job.run_at < leased.run_at else None
            times = [time for time in (asked_meanwhile, again.at if again else None) if time is not None]
            if not times:
                await session.delete(job)
                return
            job.run_at, job.leased_until, job.attempts, job.last_error = min(times), None, 0, None

    async def _put_off(self, job_id: int, error: Exception) -> None:
        async with self._database.writing() as session:
            job = await session.get(Job, job_id, with_for_update=True)
            if job is None:
                return
            job.attempts += 1
            # The type and our own sentence only: a library's message may repeat what somebody typed.
            job.last_error = f"{type(error).__name__}: {getattr(error, 'sentence', '')}"[:300]
            job.leased_until = None
            job.dead = job.attempts >= MAX_ATTEMPTS and not is_of_the_machine(error)
            longest = min(LONGEST_BACKOFF_SECONDS, FIRST_BACKOFF_SECONDS * 2**job.attempts)
            job.run_at = self._clock() + timedelta(seconds=longest * (0.5 + self._draw() / 2))

    async def _seconds_to_sleep(self) -> float:
        async with self._database.reading() as session:
            now = self._clock()
            soonest = await session.scalar(
                select(Job.run_at).where(self._is_free(now), Job.kind.in_(self._handlers)).order_by(Job.run_at).limit(1)
            )
        if soonest is None:
            return self._idle_seconds
        return min(self._idle_seconds, max(0.0, (soonest - now).total_seconds()))
