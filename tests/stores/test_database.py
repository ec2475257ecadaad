"""Both doors of the database, on SQLite and on PostgreSQL."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, StatementError
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.db import jobs
from nic_node.db.engine import Database
from nic_node.db.jobs import LEASE, MAX_ATTEMPTS, Again, Job, Worker, enqueue
from nic_node.db.machine import is_of_the_machine
from nic_node.db.once import once_a_reading
from nic_node.errors import Conflict, MachineTrouble
from nic_node.school.profile.tables import SchoolProfile
from tests.conftest import TestClock

UNSEEN = {"synchronize_session": False}


async def count_jobs(database: Database) -> int:
    async with database.reading() as session:
        return int(await session.scalar(select(func.count()).select_from(Job)) or 0)


async def test_writing_keeps_all_or_nothing(database: Database, clock: TestClock) -> None:
    async with database.writing() as session:
        await enqueue(session, kind="kept", key="1", run_at=clock())
    with pytest.raises(RuntimeError, match="half way"):
        async with database.writing() as session:
            await enqueue(session, kind="lost", key="1", run_at=clock())
            raise RuntimeError("half way")
    assert await count_jobs(database) == 1


async def test_reading_keeps_nothing(database: Database, clock: TestClock) -> None:
    async with database.reading() as session:
        session.add(Job(kind="a", key="1", arguments={}, run_at=clock()))
        await session.flush()
    assert await count_jobs(database) == 0


async def test_reading_sees_one_state(database: Database, clock: TestClock) -> None:
    async with database.reading() as session:
        before = await session.scalar(select(func.count()).select_from(Job))
        async with database.writing() as writer:
            await enqueue(writer, kind="a", key="1", run_at=clock())
        after = await session.scalar(select(func.count()).select_from(Job))
    assert (before, after) == (0, 0)


async def test_who_is_stopped_in_a_transaction_leaves_none_behind(database: Database, clock: TestClock) -> None:
    async def stopped_after(seconds: float) -> None:
        async with asyncio.timeout(seconds), database.writing() as session:
            for number in range(2_000):
                await enqueue(session, kind="a", key=f"{number}", run_at=clock())

    for seconds in (0, 0.001, 0.01, 0.05):
        with suppress(TimeoutError):
            await stopped_after(seconds)
        async with asyncio.timeout(10), database.writing() as session:
            assert await session.scalar(select(func.count()).select_from(Job).where(Job.kind == "a")) == 0
            await enqueue(session, kind="b", key=f"{seconds}", run_at=clock())
    assert await count_jobs(database) == 4


@once_a_reading
async def jobs_of(session: AsyncSession, kind: str) -> int:
    return int(await session.scalar(select(func.count()).select_from(Job).where(Job.kind == kind)) or 0)


async def test_a_reading_asks_once_and_a_writing_each_time(database: Database, clock: TestClock) -> None:
    async with database.writing() as session:
        assert await jobs_of(session, "a") == 0
        await enqueue(session, kind="a", key="1", run_at=clock())
        assert await jobs_of(session, "a") == 1
    async with database.reading() as session:
        assert (await jobs_of(session, "a"), await jobs_of(session, "b")) == (1, 0)
        await session.execute(delete(Job))
        assert await jobs_of(session, "a") == 1, "what was found stays, and no statement is spent on it"
    async with database.reading() as session:
        assert await jobs_of(session, "a") == 1, "the next reading begins with nothing known"


async def test_a_row_that_somebody_changed_meanwhile_is_a_conflict(database: Database, clock: TestClock) -> None:
    async with database.writing() as session:
        session.add(SchoolProfile(name="Rivermouth School", updated_at=clock()))
    with pytest.raises(Conflict, match="changed this meanwhile"):
        async with database.writing() as session:
            profile = await session.scalar(select(SchoolProfile))
            await session.execute(update(SchoolProfile).values(version=2), execution_options=UNSEEN)
            profile.name = "Elm School"


async def test_a_naive_time_is_refused(database: Database, clock: TestClock) -> None:
    with pytest.raises(StatementError, match="without a zone"):
        async with database.writing() as session:
            await enqueue(session, kind="a", key="1", run_at=clock().replace(tzinfo=None))


async def test_the_same_job_stands_once_and_moves_forward(database: Database, clock: TestClock) -> None:
    for minutes in (10, 5, 20):
        async with database.writing() as session:
            await enqueue(session, kind="pull", key="x", run_at=clock() + timedelta(minutes=minutes))
    async with database.reading() as session:
        (job,) = (await session.scalars(select(Job))).all()
    assert job.run_at == clock() + timedelta(minutes=5)


async def test_two_workers_never_run_one_job_twice(database: Database, clock: TestClock) -> None:
    ran: list[int] = []

    async def handler(arguments: dict[str, int]) -> None:
        ran.append(arguments["n"])

    async with database.writing() as session:
        for n in range(12):
            await enqueue(session, kind="once", key=str(n), run_at=clock(), arguments={"n": n})
    workers = [Worker(database, {"once": handler}, clock=clock, idle_seconds=1) for _ in range(3)]
    await asyncio.gather(*(worker.run_due() for worker in workers))
    assert sorted(ran) == list(range(12))


async def test_a_failing_job_waits_longer_each_time_and_then_asks_for_a_person(
    database: Database, clock: TestClock
) -> None:
    async def handler(arguments: dict[str, int]) -> None:
        raise ValueError("a name that must not be kept")

    async with database.writing() as session:
        await enqueue(session, kind="bad", key="1", run_at=clock())
    worker = Worker(database, {"bad": handler}, clock=clock, idle_seconds=1, draw=lambda: 1.0)
    waits: list[timedelta] = []
    for _ in range(MAX_ATTEMPTS):
        assert await worker.run_due() == 1
        job = await the_job(database)
        waits.append(job.run_at - clock())
        clock.now = job.run_at
    assert waits[:3] == [timedelta(seconds=4), timedelta(seconds=8), timedelta(seconds=16)]
    assert max(waits) <= timedelta(hours=1)
    assert job.dead
    assert "name" not in (job.last_error or "")
    assert await worker.run_due() == 0


async def test_a_recurring_job_comes_again(database: Database, clock: TestClock) -> None:
    times: list[datetime] = []

    async def handler(arguments: dict[str, int]) -> Again:
        times.append(clock())
        return Again(at=clock() + timedelta(minutes=1))

    async with database.writing() as session:
        await enqueue(session, kind="tick", key="1", run_at=clock())
    worker = Worker(database, {"tick": handler}, clock=clock, idle_seconds=1)
    assert await worker.run_due() == 1
    clock.forward(minutes=1)
    assert await worker.run_due() == 1
    assert len(times) == 2


async def test_a_job_that_is_asked_for_while_it_runs_runs_again(database: Database, clock: TestClock) -> None:
    ran: list[datetime] = []

    async def handler(arguments: dict[str, int]) -> Again | None:
        ran.append(clock())
        if len(ran) == 1:
            async with database.writing() as session:
                await enqueue(session, kind="pull", key="1", run_at=clock())
        return Again(at=clock() + timedelta(hours=1)) if arguments["recurs"] else None

    for recurs in (0, 1):
        ran.clear()
        async with database.writing() as session:
            await enqueue(session, kind="pull", key="1", run_at=clock(), arguments={"recurs": recurs})
        assert await Worker(database, {"pull": handler}, clock=clock, idle_seconds=1).run_due() == 2
        assert await count_jobs(database) == recurs


async def test_a_lease_that_a_dead_worker_held_is_taken_over(database: Database, clock: TestClock) -> None:
    async with database.writing() as session:
        await enqueue(session, kind="x", key="1", run_at=clock())
    worker = Worker(database, {"x": _never}, clock=clock, idle_seconds=1)
    assert await worker._lease() is not None
    assert await worker._lease() is None
    clock.forward(minutes=6)
    assert await worker._lease() is not None


async def test_a_job_in_hand_keeps_its_lease_and_a_killed_ones_is_free_a_minute_later(
    database: Database, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A node that was killed in the middle of a pull read nothing for five minutes after its start."""
    other = Worker(database, {"x": _never}, clock=clock, idle_seconds=1)
    kept = asyncio.Event()
    keep = Worker._keep_lease

    async def beating(worker: Worker, job_id: int) -> None:
        # The lease's third, without waiting for it.
        turns = iter((0, 0, None))

        async def turn(seconds: float) -> None:
            assert seconds == LEASE.total_seconds() / 3
            if next(turns) is None:
                kept.set()
                await asyncio.Event().wait()
            clock.forward(seconds=45)

        monkeypatch.setattr(jobs, "sleep", turn)
        await keep(worker, job_id)

    async def handler(arguments: dict[str, int]) -> None:
        await kept.wait()
        assert await other._lease() is None, "ninety seconds on, and still in hand"

    monkeypatch.setattr(Worker, "_keep_lease", beating)
    async with database.writing() as session:
        await enqueue(session, kind="x", key="1", run_at=clock())
        await enqueue(session, kind="killed", key="1", run_at=clock() + timedelta(hours=1))
    worker = Worker(database, {"x": handler, "killed": _never}, clock=clock, idle_seconds=1)
    assert await worker.run_one()
    clock.forward(hours=1)
    assert (await worker._lease() or Job(kind="")).kind == "killed"
    assert await worker._lease() is None
    clock.forward(seconds=61)
    assert (await worker._lease() or Job(kind="")).kind == "killed"


async def test_stop_ends_a_sleeping_worker(database: Database, clock: TestClock) -> None:
    worker = Worker(database, {}, clock=clock, idle_seconds=60)
    running = asyncio.create_task(worker.run())
    await asyncio.sleep(0)
    worker.stop()
    await asyncio.wait_for(running, 5)
    assert running.done()


async def test_a_database_that_is_gone_for_a_while_ends_no_worker(
    database: Database, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Full, locked, restarted or out of reach, at any of its three steps: it looks again until there is work to do."""
    ran: list[int] = []
    gone = {"_lease": 2, "_put_off": 1, "_finish": 1}

    async def handler(arguments: dict[str, int]) -> None:
        ran.append(len(ran))
        if len(ran) == 1:
            raise RuntimeError("of the job itself")

    def failing(name: str) -> Callable[..., Awaitable[Any]]:
        step = getattr(Worker, name)

        async def instead(*arguments: Any) -> Any:
            if gone[name]:
                gone[name] -= 1
                # What it leased comes free.
                clock.forward(minutes=6)
                raise OperationalError("COMMIT", {}, sqlite3.OperationalError("database or disk is full"))
            done = await step(*arguments)
            if name == "_finish":
                worker.stop()
            return done

        return instead

    for name in gone:
        monkeypatch.setattr(Worker, name, failing(name))
    async with database.writing() as session:
        await enqueue(session, kind="x", key="1", run_at=clock())
    worker = Worker(database, {"x": handler}, clock=clock, idle_seconds=0)
    await asyncio.wait_for(worker.run(), 10)
    assert (gone, len(ran), await count_jobs(database)) == (dict.fromkeys(gone, 0), 3, 0)


OF_THE_MACHINE = {
    "no room for a file": OSError(28, "No space left on device"),
    "no room for a row": OperationalError("INSERT", {}, sqlite3.OperationalError("database or disk is full")),
    "the database went away": InterfaceError("SELECT", {}, Exception("connection was closed")),
    "said in a sentence": MachineTrouble("The disk is full."),
}


async def test_what_is_written_wrong_is_no_fault_of_the_machine(database: Database) -> None:
    for wrong in ("SELECT * FROM nowhere", "SELECT missing FROM jobs", "SELEC 1"):
        with pytest.raises(DBAPIError) as raised:
            async with database.reading() as session:
                await session.execute(text(wrong))
        assert not is_of_the_machine(raised.value), wrong


@pytest.mark.parametrize("what", OF_THE_MACHINE)
async def test_what_only_the_machine_lacks_is_tried_for_ever(database: Database, clock: TestClock, what: str) -> None:
    """A disk that was full for a night makes no dead letters: whoever makes room has nothing to restart."""

    async def handler(arguments: dict[str, int]) -> None:
        raise OF_THE_MACHINE[what]

    async with database.writing() as session:
        await enqueue(session, kind="x", key="1", run_at=clock())
    worker = Worker(database, {"x": handler}, clock=clock, idle_seconds=1, draw=lambda: 1.0)
    for _ in range(2 * MAX_ATTEMPTS):
        assert await worker.run_due() == 1
        job = await the_job(database)
        assert job.run_at - clock() <= timedelta(hours=1)
        clock.now = job.run_at
    assert not job.dead


async def _never(arguments: dict[str, int]) -> None:
    raise AssertionError


async def the_job(database: Database) -> Job:
    async with database.reading() as session:
        return (await session.scalars(select(Job))).one()
