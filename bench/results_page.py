"""A page of search results as a signed-in person gets it, against bare aiohttp and Jinja with one query and its size.

Ours reads session, person, shelf, the found practices with their results and the shell, pools what can be pooled and
renders ten results with filters; the other reads the same ten records by their keys, by SQLAlchemy, and renders their
words until the page is as large.
"""

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from aiohttp import ClientSession, web
from jinja2 import Environment, Template
from sqlalchemy import select

from bench.list_page import served_application, set_up
from bench.pairs import Result, compare
from nic_node.accounts.passwords import TEST_COST
from nic_node.app.node import open_node
from nic_node.commons.search import PAGE_SIZE
from nic_node.config import read_config
from nic_node.db.engine import Database
from nic_node.demo.corpus.generate import Corpus, CorpusPlan
from nic_node.mirror.tables import MirrorBlob
from tests.fakes.filled_library import fill_library, open_library

N = 10
PLAN = CorpusPlan(schools=200, records=1_000, seed=3)
SEARCH = "/learn?q=families"
BARE = (
    "<!doctype html><title>Practices</title>{% for p in practices %}<article><h2>{{ p.title }}</h2>"
    "<p>{{ p.idea.summary }}</p><p>{{ p.problem.statement }}</p><ol>{% for step in p.steps %}<li>{{ step.does }}</li>"
    "{% endfor %}</ol><dl>{% for name, text in p.lessons.items() %}<dt>{{ name }}</dt><dd>{{ text }}</dd>{% endfor %}"
    "</dl></article>{% endfor %}<footer>{{ rest }}</footer>"
)


def run() -> Result:
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner() as runner:
        stack = AsyncExitStack()
        client, url, database = runner.run(stack.enter_async_context(our_page(Path(folder))))
        size = runner.run(_fetch(client, url))
        bare = runner.run(stack.enter_async_context(bare_page(database, size)))
        result = compare(
            "results-page",
            lambda: runner.run(_several(client, url)),
            lambda: runner.run(_several(*bare)),
            n=N,
            clock="cpu",
            pairs=9,
        )
        runner.run(stack.aclose())
    return result


async def _several(client: ClientSession, url: str) -> None:
    for _ in range(N):
        await _fetch(client, url)


async def _fetch(client: ClientSession, url: str) -> int:
    """How many bytes came."""
    async with client.get(url, allow_redirects=False) as response:
        assert response.status == 200
        return len(await response.read())


@asynccontextmanager
async def our_page(folder: Path) -> AsyncIterator[tuple[ClientSession, str, Database]]:
    async with open_node(read_config(folder, {}), password_cost=TEST_COST) as opened:
        database = opened.local.database
        token = await set_up(opened.local)
        corpus = Corpus(PLAN)
        async with database.writing() as session:
            log_id = await open_library(session, corpus, opened.local.clock)
        await fill_library(database, corpus, log_id, corpus.records())
        async with (
            served_application(opened.application) as url,
            ClientSession(cookies={"nic_session": token}) as client,
        ):
            yield client, f"{url}{SEARCH}", database


@asynccontextmanager
async def bare_page(database: Database, size: int) -> AsyncIterator[tuple[ClientSession, str]]:
    template = Environment(autoescape=True).from_string(BARE)
    keys = list(range(1, PAGE_SIZE + 1))
    rest = "x" * (size - len(await _render(database, keys, template, "")))

    async def show(_request: web.Request) -> web.Response:
        return web.Response(text=await _render(database, keys, template, rest), content_type="text/html")

    application = web.Application()
    application.router.add_get("/practices", show)
    async with served_application(application) as url, ClientSession() as client:
        yield client, f"{url}/practices"


async def _render(database: Database, keys: list[int], template: Template, rest: str) -> str:
    async with database.reading() as session:
        found = await session.scalars(select(MirrorBlob.content).where(MirrorBlob.record_id.in_(keys)))
        practices = [json.loads(content)["payload"] for content in found]
    return template.render(practices=practices, rest=rest)
