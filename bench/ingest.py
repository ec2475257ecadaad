"""Taking in 20,000 records of 3 KiB from a log over HTTP, into SQLite with its index, against a plain loop.

In turns: ours and the loop on one core (processor time), and ours with examiners and the loop on all (by the clock on
the wall). What comes before the first record is read beforehand, by both. One core is really one, as on a machine that
has no other: else the threads of a node hand each other what stands in another core's cache, a tenth of all its time.
For Linux.
"""

import asyncio
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench.following_node import FollowingNode
from bench.generated_log import GeneratedLog, generated_log
from bench.pairs import Result
from bench.plain_ingest import PlainLoop
from bench.served_log import served
from nic_node.app.serve import settle_memory
from nic_node.mirror.examiners import Examiners

RECORDS = 20_000
PAIRS = 9
"""Each takes ten seconds, in which a machine that others use may be half as quick as in the last ten."""


def run() -> list[Result]:
    log = generated_log(RECORDS)
    with served(log.folder) as url, tempfile.TemporaryDirectory() as folder:
        prepared = Path(folder) / "prepared"
        prepared.mkdir()
        asyncio.run(_prepare(prepared, log, url))
        plain = PlainLoop(log, f"{url}/log")
        settle_memory()  # as a node does, and for both
        ways: dict[str, Callable[[Path], Taken]] = {
            "one": lambda place: _on_one_core(lambda: asyncio.run(_take_in(prepared, place, log, url, cores=1))),
            "plain on one": lambda place: _on_one_core(lambda: _timed_plain(plain, place)),
            "two": lambda place: asyncio.run(_take_in(prepared, place, log, url, cores=2)),
            "plain": lambda place: _timed_plain(plain, place),
        }
        taken: dict[str, list[Taken]] = {name: [] for name in ways}
        for _ in range(PAIRS):
            for name, take_in in ways.items():
                place = Path(folder) / name
                place.mkdir()
                taken[name].append(take_in(place))
                shutil.rmtree(place)
    of_processor = ([one[0] for one in taken[name]] for name in ("one", "plain on one"))
    by_the_clock = ([one[1] for one in taken[name]] for name in ("two", "plain"))
    return [
        _compared("ingest-one-core", "cpu", *of_processor),
        _compared("ingest-two-cores", "wall", *by_the_clock),
    ]


Taken = tuple[float, float]
"""Seconds of this process's processor time, and by the clock on the wall."""


def _on_one_core(take_in: Callable[[], Taken]) -> Taken:
    """Threads inherit the cores of the one that starts them, and a loop starts its own."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        return take_in()
    finally:
        os.sched_setaffinity(0, cores)


async def _prepare(place: Path, log: GeneratedLog, url: str) -> None:
    """A node that has read everything that comes before the first record."""

    node = await FollowingNode.opened(place, log, f"{url}/setup")
    await node.follow(Examiners(cores=1))
    await node.move_to(f"{url}/log")
    await node.close()


async def _take_in(prepared: Path, place: Path, log: GeneratedLog, url: str, *, cores: int) -> Taken:
    shutil.copytree(prepared, place, dirs_exist_ok=True)
    node = await FollowingNode.opened(place, log)
    examiners = Examiners(cores=cores)
    before = time.process_time(), time.perf_counter()
    records = await node.follow(examiners)
    after = time.process_time(), time.perf_counter()
    assert records == log.records
    await examiners.rest()
    await node.close()
    return after[0] - before[0], after[1] - before[1]


def _timed_plain(plain: PlainLoop, place: Path) -> Taken:
    before = time.process_time(), time.perf_counter()
    plain.take_in(place)
    return time.process_time() - before[0], time.perf_counter() - before[1]


def _compared(name: str, clock: str, ours: list[float], reference: list[float]) -> Result:
    """Records a second; more are better."""
    rates = [RECORDS / statistics.median(seconds) for seconds in (ours, reference)]
    return Result(
        name=name,
        ratio=round(rates[0] / rates[1], 3),
        ours=round(rates[0], 1),
        reference=round(rates[1], 1),
        unit="1/s",
        better="higher",
        clock=clock,
        pairs=PAIRS,
        n=RECORDS,
    )
