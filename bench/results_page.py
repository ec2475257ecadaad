"""A page of 20 results as a signed-in person gets it, against bare aiohttp and Jinja with one query and its size.

Ours reads session, person, shell, shelf and the found practices with their results, pools what can be pooled and
renders the results with filters; the other reads 20 records by their keys, by SQLAlchemy, and renders their words until
the page is as large. `results-page` is a page that somebody of this node looked at since the library changed last, so
that its drawings are held; of `results-page-cold` each request is for another page, and nothing of its results is held.
"""

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from aiohttp import ClientSession, web
from jinja2 import Environment, Template
from sqlalchemy import select

from bench.list_page import served_application, set_up
from bench.pairs import Result, compare
from nic_node.accounts.passwords import TEST_COST
from nic_node.app.node import open_node
from nic_node.commons.cards import Cards
from nic_node.commons.search import PAGE_SIZE
from nic_node.commons.shelf import SHELF, Shelf
from nic_node.config import read_config
from nic_node.db.engine import Database
from nic_node.demo.corpus.generate import Corpus, CorpusPlan
from nic_node.mirror.tables import MirrorBlob
from tests.fakes.filled_library import fill_library, open_library

N = 10
PLAN = CorpusPlan(schools=200, records=1_000, seed=3)
SEARCH = "/learn?sort=evidence"
BARE = (
    "<!doctype html><title>Practices</title>{% for p in practices %}<article><h2>{{ p.title }}</h2>"
    "<p>{{ p.idea.summary }}</p><p>{{ p.problem.statement }}</p><ol>{% for step in p.steps %}<li>{{ step.does }}</li>"
    "{% endfor %}</ol><dl>{% for name, text in p.lessons.items() %}<dt>{{ name }}</dt><dd>{{ text }}</dd>{% endfor %}"
    "</dl></article>{% endfor %}<footer>{{ rest }}</footer>"
)


def run() -> list[Result]:
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner() as runner:
        stack = AsyncExitStack()
        client, url, database, shelf = runner.run(stack.enter_async_context(our_page(Path(folder))))
        size = runner.run(_fetch(client, url, results=PAGE_SIZE))
        bare_client, bare_url = runner.run(stack.enter_async_context(bare_page(database, size)))
        warm = compare(
            "results-page",
            lambda: runner.run(_several(client, [url] * N)),
            lambda: runner.run(_several(bare_client, [bare_url] * N)),
            n=N,
            clock="cpu",
            pairs=9,
        )

        def let_go() -> None:
            shelf.cards = Cards()

        pages = range(1, N + 1)
        cold = compare(
            "results-page-cold",
            lambda: runner.run(_several(client, [f"{url}&page={page}" for page in pages])),
            lambda: runner.run(_several(bare_client, [f"{bare_url}?page={page}" for page in pages])),
            n=N,
            clock="cpu",
            pairs=9,
            between=let_go,
        )
        runner.run(stack.aclose())
    return [warm, cold]


async def _several(client: ClientSession, urls: Sequence[str]) -> None:
    for url in urls:
        await _fetch(client, url)


async def _fetch(client: ClientSession, url: str, *, results: int = 0) -> int:
    """How many bytes came; at least with so many results."""
    async with client.get(url, allow_redirects=False) as response:
        assert response.status == 200
        content = await response.read()
        assert content.count(b'class="card hit"') >= results
        return len(content)


@asynccontextmanager
async def our_page(folder: Path) -> AsyncIterator[tuple[ClientSession, str, Database, Shelf]]:
    async with open_node(read_config(folder, {}), password_cost=TEST_COST) as opened:
        database = opened.local.database
        token = await set_up(opened.local)
        corpus = Corpus(PLAN)
        async with database.writing() as session:
            log_id = await open_library(session, corpus, opened.local.clock)
        await fill_library(database, corpus, log_id, corpus.records())
        async with (
            served_application(opened.application) as url,
            ClientSession(cookies={"nic_session": token, "nic_csrf": "k" * 43}) as client,
        ):
            yield client, f"{url}{SEARCH}", database, opened.application[SHELF]


@asynccontextmanager
async def bare_page(database: Database, size: int) -> AsyncIterator[tuple[ClientSession, str]]:
    template = Environment(autoescape=True).from_string(BARE)
    rest = "x" * (size - len(await _render(database, _keys(1), template, "")))

    async def show(request: web.Request) -> web.Response:
        keys = _keys(int(request.query.get("page", "1")))
        return web.Response(text=await _render(database, keys, template, rest), content_type="text/html")

    application = web.Application()
    application.router.add_get("/practices", show)
    async with served_application(application) as url, ClientSession() as client:
        yield client, f"{url}/practices"


def _keys(page: int) -> list[int]:
    return list(range((page - 1) * PAGE_SIZE + 1, page * PAGE_SIZE + 1))


async def _render(database: Database, keys: list[int], template: Template, rest: str) -> str:
    async with database.reading() as session:
        found = await session.scalars(select(MirrorBlob.content).where(MirrorBlob.record_id.in_(keys)))
        practices = [json.loads(content)["payload"] for content in found]
    return template.render(practices=practices, rest=rest)
