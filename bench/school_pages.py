"""Every page of a school's rooms after five years of work: how long each takes, and how many statements it makes.

`run` holds Today after five years against Today after one. `python -m bench.school_pages` prints a line a page: its
95th percentile in milliseconds of this process's time on one core, and its statements.
"""

import asyncio
import json
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import ClientSession
from sqlalchemy import event

from bench.five_years import NOW, TODAY, Size, fill
from bench.list_page import served_application, set_up
from bench.pairs import Result, compare
from nic_node.accounts.passwords import TEST_COST
from nic_node.app.node import open_node
from nic_node.app.routes import all_pages
from nic_node.config import read_config
from nic_node.db.engine import Database

TIMES = 20
ONE_YEAR = Size(projects=40, meetings=36, years=1)
ROOMS = (
    "today", "plan", "projects", "measures", "cycles", "meetings", "actions", "team", "assessment", "visits",
    "communities", "coaching", "pulse", "reflection", "returns", "handover", "advice", "communication", "search", "bin",
    "discussion", "notices", "profile", "causes", "drivers",
)  # fmt: skip
NOT_FOR_A_VISITOR = frozenset({
    "today.home", "today.off",
    "today.feed", "measures.by_link", "measures.preview", "pulse.answer", "pulse.own", "discussion.file",
    "coaching.show", "coaching.note", "measures.csv", "projects.extend",
})  # fmt: skip
OF_PEOPLE = ("accounts.account", "accounts.people", "accounts.audit")
QUERIES = {
    "search.show": "?q=breakfast+t",
    "actions.index": "?show=all",
    "cycles.new": "?project={project}",
    "measures.wall": "?project={project}",
    "measures.limits": f"?day={TODAY}",
}
PARTS = {"kind": "project", "act": "make"}


@dataclass(slots=True)
class Pages:
    """A school that is served, and what it did for one page. `counted`: statements since the last look."""

    client: ClientSession
    url: str
    size: Size
    counted: list[str] = field(default_factory=list)

    def addresses(self) -> dict[str, str]:
        """Route -> address, of every page of the school's rooms that opens for whoever set the node up."""
        found = {}
        for route in all_pages():
            is_ours = route.name.split(".")[0] in ROOMS and route.name not in NOT_FOR_A_VISITOR
            if route.method == "GET" and (is_ours or route.name in OF_PEOPLE):
                found[route.name] = _address(route.name, route.path, self.size)
        return found

    async def open(self, address: str) -> int:
        """How many statements the page took. AssertionError for one that does not open."""
        self.counted.clear()
        async with self.client.get(f"{self.url}{address}", allow_redirects=False) as response:
            text = await response.text()
            assert response.status == 200, f"{address}: {response.status} {text[:400]}"
        return len(self.counted)


def _address(name: str, path: str, size: Size) -> str:
    project = size.projects
    room = name.split(".", maxsplit=1)[0]
    ids = {"measures": 2 * project, "cycles": project * size.cycles}
    ids |= dict.fromkeys(("projects", "visits", "advice", "returns", "discussion", "causes", "drivers"), project)
    values = {**PARTS, "id": ids.get(room, 1), "observation_id": 2 * project * size.observations, "project": project}
    values["observation_id"] = 1
    if name == "measures.observation":
        values["id"] = 1
    return path.format(**values) + QUERIES.get(name, "").format(**values)


@asynccontextmanager
async def served_school(folder: Path, size: Size) -> AsyncIterator[Pages]:
    config = read_config(folder, {})
    async with open_node(config, clock=lambda: NOW, password_cost=TEST_COST) as opened:
        token = await set_up(opened.local, titles=())
        async with opened.local.database.writing() as session:
            await fill(session, size)
        async with (
            served_application(opened.application) as url,
            ClientSession(cookies={"nic_session": token}) as client,
        ):
            pages = Pages(client, url, size)
            count_statements(opened.local.database, pages.counted)
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


async def measured(pages: Pages, times: int) -> AsyncIterator[dict[str, Any]]:
    """A line a page."""
    for name, address in pages.addresses().items():
        taken, statements = [], await pages.open(address)
        for _ in range(times):
            started = time.process_time()
            await pages.open(address)
            taken.append(1000 * (time.process_time() - started))
        yield {"page": name, "p95_ms": round(p95(taken), 1), "statements": statements}


def p95(taken: Sequence[float]) -> float:
    return sorted(taken)[max(0, -(-95 * len(taken) // 100) - 1)]


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with served_school(Path(folder), Size()) as pages:
            async for line in measured(pages, TIMES):
                print(json.dumps(line), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
