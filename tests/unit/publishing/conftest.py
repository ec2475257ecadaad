"""A node with the school's rooms and Share, and two people who are signed in: Ada writes, Ben reviews, Dee is the privacy officer."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import aiohttp_jinja2
import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer, unused_port
from jinja2 import FileSystemBytecodeCache

from nic_node.accounts.permissions import permissions_of
from nic_node.commons import routes as commons
from nic_node.commons.shelf import SHELF, Shelf
from nic_node.db.engine import Database
from nic_node.membership.local import LOCAL_NODE
from nic_node.mirror import routes as mirror
from nic_node.publishing.routes import TEMPLATES, api_routes, page_routes
from nic_node.school import routes as school
from nic_node.web import context
from nic_node.web.application import build_application
from nic_node.web.routes import page
from nic_node.web.visitor import Visitor
from tests.conftest import TestClock
from tests.stores.publishing_stage import World, publishing_world

WEB_TEMPLATES = next((Path(context.__file__).parent / "templates").rglob("base.html")).parent
TOKEN = re.compile(r'X-CSRF-Token[^:]*:\s*(?:"|&#34;|&quot;)([\w.~=-]+)')
OTHER_ROOMS = {
    "log.show": "/log",
    "accounts.people": "/people",
    "network.join": "/network/join",
    "network.index": "/network",
    "membership.show": "/network/memberships/{id}",
    "network.own_rules": "/network/memberships/{id}/rules",
}
ROLES = {
    1: ("Ada Field", {"principal"}),
    2: ("Ben Stone", {"reviewer"}),
    3: ("Cem Olsen", {"teacher"}),
    4: ("Dee Young", {"privacy-officer"}),
}


@dataclass
class Person:
    """Loads pages and sends their forms with the token that was in the page."""

    client: TestClient[web.Request, web.Application]
    number: int
    token: str = ""

    async def get(self, path: str) -> ClientResponse:
        headers = {"Accept": "text/html", "X-Person": str(self.number)}
        response = await self.client.get(path, allow_redirects=False, headers=headers)
        found = TOKEN.search(await response.text())
        self.token = found.group(1) if found else self.token
        return response

    async def text(self, path: str) -> str:
        response = await self.get(path)
        assert response.status == 200
        return await response.text()

    async def send(self, path: str, fields: dict[str, object] | None = None) -> ClientResponse:
        data = {"csrf_token": self.token, **(fields or {})}
        headers = {"Accept": "text/html", "X-Person": str(self.number)}
        return await self.client.post(path, data=data, allow_redirects=False, headers=headers)

    async def call(self, method: str, path: str, document: object = None) -> ClientResponse:
        headers = {"X-CSRF-Token": self.token, "X-Person": str(self.number)}
        return await self.client.request(method, f"/api/v1/publishing{path}", json=document, headers=headers)


@dataclass
class Site:
    world: World
    ada: Person
    ben: Person
    cem: Person
    dee: Person


async def load_visitor(request: web.Request) -> Visitor:
    number = int(request.headers.get("X-Person", "1"))
    name, roles = ROLES[number]
    return Visitor(person_id=number, name=name, roles=frozenset(roles), permissions=frozenset(permissions_of(roles)))


async def empty_shell(request: web.Request) -> dict[str, object]:
    return {"school_name": "Rivermouth School"}


async def answer(request: web.Request) -> web.Response:
    return web.Response(text="another room")


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
async def world(sqlite_database: Database, tmp_path: Path, clock: TestClock) -> AsyncIterator[World]:
    async with publishing_world(sqlite_database, tmp_path, clock) as made:
        yield made


@pytest.fixture
async def site(world: World, compiled: FileSystemBytecodeCache) -> AsyncIterator[Site]:
    async with running_site(world, compiled) as running:
        yield running


@asynccontextmanager
async def running_site(world: World, compiled: FileSystemBytecodeCache | None = None) -> AsyncIterator[Site]:
    """The rooms of a school's node behind HTTP; who asks is who the header X-Person says."""
    port = unused_port()

    def services(app: web.Application) -> None:
        app[SHELF] = Shelf()
        app[LOCAL_NODE] = world.node
        app[context.DATABASE] = world.database
        app[context.CLOCK] = world.clock
        app[context.WAKE] = lambda: None
        app[context.SHELL] = empty_shell
        app[context.LOAD_VISITOR] = load_visitor

    others = [page("GET", path, name, answer, "share.read") for name, path in OTHER_ROOMS.items()]
    app = build_application(
        replace(world.node.config, public_url=f"http://127.0.0.1:{port}"),
        pages=[*page_routes(), *school.page_routes(), *commons.page_routes(), *others],
        operations=[*api_routes(), *commons.api_routes()],
        rooms={
            "web": WEB_TEMPLATES,
            "publishing": TEMPLATES,
            "commons": commons.TEMPLATES,
            "mirror": mirror.TEMPLATES,
            **school.TEMPLATES,
        },
        services=services,
    )
    aiohttp_jinja2.get_env(app).bytecode_cache = compiled
    server = TestServer(app, port=port)
    await server.start_server()
    clients = [TestClient(server) for _ in ROLES]
    try:
        yield Site(world, *(Person(client, number) for client, number in zip(clients, ROLES, strict=True)))
    finally:
        for client in clients:
            await client.session.close()
        await server.close()
