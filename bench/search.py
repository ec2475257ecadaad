"""Searching 100,000 practices by words, filters and likeness, with facets, against one bare bm25 query of FTS5.

Ours goes from what was typed to twenty ids in their order and the counts of every filter, through the engine that pages
use; the other is the ranked query alone, by the sqlite3 module, on the same index. Each search of a stream is made once
by each, in turns, after some that warm up both. And a whole page of 10,000 practices, results and all: 50 ms at most.
"""

import asyncio
import sqlite3
import statistics
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

import numpy as np

from bench.filled_shelf import NOW, filled_shelf, searches
from bench.pairs import Result
from nic_node.commons.search import Search, look_up, search_practices
from nic_node.commons.shelf import Shelf
from nic_node.db.engine import Database
from nic_node.mirror.search import query_words

PRACTICES = 100_000
A_PAGE_OF = 10_000
PAGE_MICROSECONDS = 50_000.0
TOP = 20
WARM_UP, MEASURED = 40, 200
BARE = "SELECT rowid FROM search_index WHERE search_index MATCH ? ORDER BY rank LIMIT 20"
Clock = Literal["cpu", "wall"]
READ: dict[Clock, Callable[[], float]] = {"cpu": time.process_time, "wall": time.perf_counter}


def run() -> list[Result]:
    return [*asyncio.run(compare_searches(filled_shelf(PRACTICES), PRACTICES)), asyncio.run(_page())]


async def compare_searches(path: Path, practices: int, clock: Clock = "cpu") -> list[Result]:
    """Median and 95th percentile over a stream of searches."""
    bare = sqlite3.connect(path)
    ours, reference = [], []
    async with opened(f"sqlite:///{path}") as (database, shelf):
        for number, search in enumerate(searches(practices, WARM_UP + MEASURED)):
            query = " AND ".join(f'"{word}"' for word in query_words(search.words))
            taken = await timed_search(database, shelf, search, clock)
            started = READ[clock]()
            bare.execute(BARE, (query,)).fetchall()
            if number >= WARM_UP:
                ours.append(taken)
                reference.append(READ[clock]() - started)
    bare.close()
    return [percentile(f"search-{practices}-p{part}", ours, reference, part, clock) for part in (50, 95)]


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[tuple[Database, Shelf]]:
    """With the library in memory, as in a process that has answered a search."""
    database, shelf = Database.connect(url), Shelf()
    async with database.reading() as session:
        await look_up(session, shelf, Search(), now=NOW, limit=TOP)
    yield database, shelf
    await database.close()


async def timed_search(database: Database, shelf: Shelf, search: Search, clock: Clock) -> float:
    started = READ[clock]()
    async with database.reading() as session:
        await look_up(session, shelf, search, now=NOW, limit=TOP)
    return READ[clock]() - started


def percentile(name: str, ours: list[float], reference: list[float], part: int, clock: Clock) -> Result:
    found = [float(np.percentile(np.array(taken) * 1e6, part)) for taken in (ours, reference)]
    return Result(
        name=name,
        ratio=round(found[0] / found[1], 3),
        ours=round(found[0], 1),
        reference=round(found[1], 1),
        unit="us",
        better="lower",
        clock=clock,
        pairs=len(ours),
        n=1,
    )


async def _page() -> Result:
    taken = []
    async with opened(f"sqlite:///{filled_shelf(A_PAGE_OF)}") as (database, shelf):
        for search in searches(A_PAGE_OF, WARM_UP):
            started = time.process_time()
            async with database.reading() as session:
                await search_practices(session, shelf, search, now=NOW, limit=TOP)
            taken.append(time.process_time() - started)
    ours = round(statistics.median(taken) * 1e6, 1)
    return Result(
        name=f"search-{A_PAGE_OF}-page",
        ratio=round(ours / PAGE_MICROSECONDS, 3),
        ours=ours,
        reference=PAGE_MICROSECONDS,
        unit="us",
        better="lower",
        clock="cpu",
        pairs=len(taken),
        n=1,
    )
