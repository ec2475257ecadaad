"""A node that has only the accounts room, and a browser to use it with."""

import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import aiohttp_jinja2
import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer
from jinja2 import FileSystemBytecodeCache
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.accounts.routes import TEMPLATES, api_routes, page_routes
from nic_node.accounts.services import ACCOUNTS, AccountsServices
from nic_node.accounts.tables import Person
from nic_node.accounts.visitors import load_visitor
from nic_node.accounts.who import Who
from nic_node.config import read_config
from nic_node.db.engine import Database
from nic_node.web import context
from nic_node.web.application import build_application
from tests.conftest import TestClock
from tests.unit.accounts.stage import PASSWORD, PASSWORDS, first_person, join

WEB_TEMPLATES = next((Path(context.__file__).parent / "templates").rglob("base.html")).parent
HIDDEN_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Browser:
    """Loads pages, and sends their forms with the token that was in the page."""

    def __init__(self, client: TestClient[web.Request, web.Application]) -> None:
        self.client = client
        self._token = ""

    async def get(self, path: str, **more: object) -> ClientResponse:
        response = await self.client.get(path, allow_redirects=False, headers={"Accept": "text/html"}, **more)
        found = HIDDEN_TOKEN.search(await response.text())
        if found:
            self._token = found.group(1)
        return response

    async def send(self, path: str, fields: dict[str, object] | None = None) -> ClientResponse:
        return await self.client.post(
            path,
            data={"csrf_token": self._token, **(fields or {})},
            allow_redirects=False,
            headers={"Accept": "text/html"},
        )

    async def sign_in(self, email: str, password: str = PASSWORD, there: str = "/") -> ClientResponse:
        await self.get("/sign-in")
        return await self.send("/sign-in", {"email": email, "password": password, "next": there})

    async def call(self, method: str, path: str, document: object = None, **headers: str) -> ClientResponse:
        """The JSON API, as a script on a page calls it."""
        return await self.client.request(
            method,
            f"/api/v1{path}",
            json=document if document is not None else None,
            headers={"X-CSRF-Token": self._token, **headers},
        )


@dataclass
class Node:
    database: Database
    clock: TestClock
    new_browser: Callable[[], Browser]
    school_names: list[str]

    async def set_up(self) -> None:
        """Ada, the first administrator and principal, is person 1."""
        await first_person(self.database, self.clock)

    async def join(self, name: str, email: str, *roles: str) -> int:
        """Somebody who accepted Ada's invitation."""
        return (await join(self.database, self.clock, email, *roles, name=name)).id

    async def after_setup(self, session: AsyncSession, /, *, actor: Actor, school_name: str, now: datetime) -> None:
        self.school_names.append(school_name)


async def empty_shell(request: web.Request) -> dict[str, object]:
    return {}


@pytest.fixture(scope="session")
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Each node has its own Jinja environment; this lets them share the compiling."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
async def node(
    sqlite_database: Database, clock: TestClock, tmp_path: Path, compiled_templates: FileSystemBytecodeCache
) -> AsyncIterator[Node]:
    clients: list[TestClient[web.Request, web.Application]] = []

    def new_browser() -> Browser:
        client = TestClient(server)
        clients.append(client)
        return Browser(client)

    node = Node(sqlite_database, clock, new_browser, [])

    def services(app: web.Application) -> None:
        app[context.DATABASE] = sqlite_database
        app[context.CLOCK] = clock
        app[context.WAKE] = lambda: None
        app[context.SHELL] = empty_shell
        app[context.LOAD_VISITOR] = load_visitor
        app[ACCOUNTS] = AccountsServices(
            passwords=PASSWORDS, after_setup=node.after_setup, who=Who({"network.coordinate": Person.id == 1}, {})
        )

    app = build_application(
        read_config(tmp_path, {}),
        pages=page_routes(),
        operations=api_routes(),
        rooms={"web": WEB_TEMPLATES, "accounts": TEMPLATES},
        services=services,
    )
    aiohttp_jinja2.get_env(app).bytecode_cache = compiled_templates
    server = TestServer(app)
    await server.start_server()
    yield node
    for client in clients:
        await client.session.close()
    await server.close()


@pytest.fixture
async def browser(node: Node) -> Browser:
    return node.new_browser()
