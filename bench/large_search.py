"""`python -m bench.large_search [PRACTICES] [DATABASE_URL]`: the search benchmark at any size, a million without one.

Prints `search-N-p50` and `-p95` as `make bench` does, then how long the library took to be read into memory, how long
to be read again after a change, and the most memory that the process has held. With the address of a PostgreSQL
database, filled by `python -m bench.filled_shelf PRACTICES DATABASE_URL`, it looks there for the same, and says whether
it found the same ids in the same order. Making the library, once a size, takes far longer than all of this.
"""

import asyncio
import json
import resource
import statistics
import subprocess
import sys
import time

from sqlalchemy import update

from bench.filled_shelf import NOW, PLACE, filled_shelf, searches
from bench.search import TOP, WARM_UP, compare_searches, opened, timed_search
from nic_node.commons.search import Search, look_up
from nic_node.commons.shelf import Shelf
from nic_node.db.engine import Database
from nic_node.mirror.tables import MirrorLog

PRACTICES = 1_000_000
COMPARED = 100


def main(practices: int, other: str | None) -> int:
    if not any(PLACE.glob(f"nic-bench-shelf-*-{practices}.sqlite3")):
        # In a process of its own, so that its memory is not counted here.
        subprocess.run(
            [sys.executable, "-c", f"from bench.filled_shelf import *; filled_shelf({practices})"], check=True
        )
    path = filled_shelf(practices)
    asyncio.run(_read_in(f"sqlite:///{path}", practices))
    for result in asyncio.run(compare_searches(path, practices)):
        print(json.dumps(result.document()), flush=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"practices": practices, "peak_mib": peak}), flush=True)
    if other is not None:
        asyncio.run(_beside(f"sqlite:///{path}", other, practices))
    return 0


async def _read_in(url: str, practices: int) -> None:
    started = time.perf_counter()
    async with opened(url) as (database, shelf):
        first = time.perf_counter() - started
        async with database.writing() as session:
            await session.execute(update(MirrorLog).values(shelf=MirrorLog.shelf + 1))
        started = time.perf_counter()
        await timed_search(database, shelf, Search(), "wall")
        again = time.perf_counter() - started
    line = {"practices": practices, "read_seconds": round(first, 2), "read_again_seconds": round(again, 2)}
    print(json.dumps(line), flush=True)


async def _beside(url: str, other: str, practices: int) -> None:
    times: dict[str, list[float]] = {"sqlite": [], "postgresql": []}
    same = 0
    async with opened(url) as here, opened(other) as there:
        asked = searches(practices, WARM_UP + COMPARED)
        for number, search in enumerate(asked):
            found = []
            for (database, shelf), taken in zip((here, there), times.values(), strict=True):
                started = time.perf_counter()
                found.append(await _ids(database, shelf, search))
                if number >= WARM_UP:
                    taken.append(time.perf_counter() - started)
            same += found[0] == found[1]
    medians = {name: round(statistics.median(taken) * 1e3, 2) for name, taken in times.items()}
    print(json.dumps({"practices": practices, "searches": len(asked), "same": same, "p50_ms": medians}), flush=True)


async def _ids(database: Database, shelf: Shelf, search: Search) -> list[int]:
    async with database.reading() as session:
        return (await look_up(session, shelf, search, now=NOW, limit=TOP)).ranked.ids.tolist()


if __name__ == "__main__":
    practices = int(sys.argv[1]) if len(sys.argv) > 1 else PRACTICES
    sys.exit(main(practices, sys.argv[2] if len(sys.argv) > 2 else None))
