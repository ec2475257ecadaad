"""Every page of a school's rooms after five years of work: how long each takes, and how many statements it makes.

`run` holds Today after five years against Today after one. `python -m bench.school_pages` prints a line a page: the
median and the 95th percentile of its milliseconds, the median of those that this process computed, and its statements.
The last line says whether what was asked holds, and exits with 1 if not.
"""

import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import ClientSession
from sqlalchemy import event

from bench.five_years import NOW, TODAY, Size, fill
from bench.list_page import set_up
from bench.pairs import Result, compare
from bench.school_ways import open_ways
from nic_node.accounts import routes as accounts
from nic_node.accounts.passwords import TEST_COST
from nic_node.app.serve import running_node, settle_memory
from nic_node.config import read_config
from nic_node.db.engine import Database
from nic_node.school import routes as school
from nic_node.today import routes as today

TIMES = 20
ASKED_MS, TODAY_ASKED_MS = 150.0, 100.0
ONE_YEAR = Size(projects=40, meetings=36, years=1)
OF_PEOPLE = ("accounts.account", "accounts.people", "accounts.audit")
LEADS_ON = ("today.home",)
"""It answers with another address, and nothing else."""
QUERIES = {
    "search.show": "?q=breakfast+t",
    "actions.index": "?show=all",
    "cycles.new": "?project={project}",
    "measures.wall": "?goal=2",
    "measures.limits": f"?day={TODAY}",
}
PARTS = {"kind": "project", "act": "make"}


@dataclass(slots=True)
class Pages:
    """A school that is served, and what it did for one page.

    Attributes:
        ways: the addresses of pages that only a link, a file or a pair opens.
        counted: statements since the last look.
    """

    client: ClientSession
    url: str
    size: Size
    ways: dict[str, str]
    counted: list[str] = field(default_factory=list)

    def addresses(self) -> dict[str, str]:
        """Route -> address, of every page of the school's rooms, as whoever set the node up opens it."""
        rooms = [*today.page_routes(), *school.page_routes()]
        routes = [*rooms, *(route for route in accounts.page_routes() if route.name in OF_PEOPLE)]
        return {
            route.name: self.ways.get(route.name) or _address(route.name, route.path, self.size)
            for route in routes
            if route.method == "GET" and route.name not in LEADS_ON
        }

    async def open(self, address: str) -> int:
        """How many statements the page took. AssertionError for one that does not open."""
        self.counted.clear()
        async with self.client.get(f"{self.url}{address}", allow_redirects=False) as response:
            text = await response.text()
            assert response.status == 200, f"{address}: {response.status} {text[:400]}"
        return len(self.counted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A line of what is printed; milliseconds by the clock, `cpu_ms` those that this process computed (median)."""

    page: str
    p50_ms: float
    p95_ms: float
    cpu_ms: float
    statements: int

    @property
    def holds(self) -> bool:
        return self.p95_ms <= (TODAY_ASKED_MS if self.page == "today.show" else ASKED_MS)


def _address(name: str, path: str, size: Size) -> str:
    project = size.projects
    room = name.split(".", maxsplit=1)[0]
    ids = {"measures": size.measures * project, "cycles": project * size.cycles}
    ids |= dict.fromkeys(("projects", "visits", "advice", "returns", "discussion", "causes", "drivers"), project)
    values = {**PARTS, "id": ids.get(room, 1), "observation_id": 1, "project": project}
    if name in ("measures.observation", "papers.minutes"):
        values["id"] = 1 if name == "measures.observation" else 2
    return path.format(**values) + QUERIES.get(name, "").format(**values)


@asynccontextmanager
async def served_school(folder: Path, size: Size) -> AsyncIterator[Pages]:
    """As `nic serve --no-worker` serves it, but for the memory, which only a process of its own may settle."""
    config = read_config(folder, {"NIC_PORT": "0"})
    async with running_node(config, with_worker=False, clock=lambda: NOW, password_cost=TEST_COST) as node:
        token = await set_up(node.local, titles=())
        async with node.local.database.writing() as session:
            await fill(session, size)
            ways = await open_ways(session, node.local, size)
        async with ClientSession(cookies={"nic_session": token}) as client:
            pages = Pages(client, node.local.config.public_url, size, ways)
            count_statements(node.local.database, pages.counted)
            yield pages


def count_statements(database: Database, counted: list[str]) -> None:
    @event.listens_for(database.engine.sync_engine, "before_cursor_execute")
    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        counted.append(statement)


def run() -> Result:
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as five, asyncio.Runner() as runner:
        worlds = [served_school(Path(folder), size) for folder, size in ((five, Size()), (one, ONE_YEAR))]
        pages = [runner.run(world.__aenter__()) for world in worlds]
        opened = [lambda page=page: runner.run(page.open("/today")) for page in pages]
        result = compare("today-five-years", *opened, n=1, clock="cpu", pairs=9)
        for world in worlds:
            runner.run(world.__aexit__(None, None, None))
    return result


async def measured(pages: Pages, times: int) -> AsyncIterator[Measured]:
    """A line a page."""
    for name, address in pages.addresses().items():
        taken, computed, statements = [], [], await pages.open(address)
        for _ in range(times):
            started = time.perf_counter(), time.process_time()
            await pages.open(address)
            taken.append(1000 * (time.perf_counter() - started[0]))
            computed.append(1000 * (time.process_time() - started[1]))
        yield Measured(
            page=name,
            p50_ms=round(statistics.median(taken), 1),
            p95_ms=round(p95(taken), 1),
            cpu_ms=round(statistics.median(computed), 1),
            statements=statements,
        )


def p95(taken: Sequence[float]) -> float:
    return sorted(taken)[max(0, -(-95 * len(taken) // 100) - 1)]


async def main() -> bool:
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        async with served_school(Path(folder), Size()) as pages:
            settle_memory()
            async for line in measured(pages, TIMES):
                lines.append(line)
                print(json.dumps(asdict(line)), flush=True)
    late = [line.page for line in lines if not line.holds]
    asked = {"asked": f"p95 <= {ASKED_MS:.0f} ms, Today {TODAY_ASKED_MS:.0f}", "pages": len(lines), "late": late}
    print(json.dumps({**asked, "holds": not late}))
    return not late


if __name__ == "__main__":
    sys.exit(not asyncio.run(main()))
