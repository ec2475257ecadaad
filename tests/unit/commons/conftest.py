"""A node with the school's rooms and the library, and a browser of somebody who is signed in."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp_jinja2
import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer
from jinja2 import FileSystemBytecodeCache

from nic_node.accounts.actor import SYSTEM
from nic_node.accounts.permissions import permissions_of
from nic_node.commons.routes import TEMPLATES, api_routes, page_routes
from nic_node.commons.shelf import SHELF, Shelf
from nic_node.config import read_config
from nic_node.db.engine import Database
from nic_node.mirror import routes as mirror
from nic_node.school import routes as school
from nic_node.school.profile.describe import describe_school
from nic_node.school.profile.name import set_school_name
from nic_node.web import context
from nic_node.web.application import build_application
from nic_node.web.routes import Route, page
from nic_node.web.visitor import Visitor
from tests.conftest import TestClock
from tests.fakes.library import Library
from tests.unit.accounts.stage import first_person

WEB_TEMPLATES = next((Path(context.__file__).parent / "templates").rglob("base.html")).parent
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
OTHER_ROOMS = {"network.join": "/network/join", "network.index": "/network", "share.index": "/share"}
OTHER_ROOMS |= {"share.ask": "/share/questions/new", "share.answer": "/share/answers/new"}
OTHER_ROOMS |= {"share.flag": "/share/flags/{record:.+}", "log.show": "/log"}
MY_SCHOOL = {
    "level": "middle",
    "low_grade": "6",
    "high_grade": "8",
    "enrolment": 412,
    "locale": 41,
    "lunch_percent": 71.0,
    "english_learners_percent": 6.0,
    "disabilities_percent": 14.0,
}


@dataclass
class Reader:
    """Loads pages and sends their forms with the token that was in the page."""

    client: TestClient[web.Request, web.Application]
    library: Library
    token: str = field(default="")

    async def get(self, path: str) -> ClientResponse:
        response = await self.client.get(path, allow_redirects=False, headers={"Accept": "text/html"})
        found = TOKEN.search(await response.text())
        self.token = found.group(1) if found else self.token
        return response

    async def send(self, path: str, fields: dict[str, str]) -> ClientResponse:
        fields = {"csrf_token": self.token, **fields}
        return await self.client.post(path, data=fields, allow_redirects=False, headers={"Accept": "text/html"})

    async def call(self, method: str, path: str, document: object = None, **query: str) -> ClientResponse:
        headers = {"X-CSRF-Token": self.token}
        return await self.client.request(method, f"/api/v1{path}", json=document, params=query, headers=headers)


async def describe_mine(database: Database, clock: TestClock) -> None:
    async with database.writing() as session:
        await set_school_name(session, actor=SYSTEM, school_name="Harbor View Middle School", now=clock())
    async with database.writing() as session:
        await describe_school(session, actor=SYSTEM, values=MY_SCHOOL, version=1, today=clock().date(), now=clock())


async def empty_shell(request: web.Request) -> dict[str, object]:
    return {"school_name": "Harbor View Middle School"}


async def answer(request: web.Request) -> web.Response:
    return web.Response(text="another room")


def elsewhere() -> list[Route]:
    return [page("GET", path, name, answer, "school.read") for name, path in OTHER_ROOMS.items()]


def build(
    database: Database, clock: TestClock, folder: Path, load_visitor: Callable[[web.Request], Awaitable[Visitor]]
) -> web.Application:
    def services(app: web.Application) -> None:
        app[SHELF] = Shelf()
        app[context.DATABASE] = database
        app[context.CLOCK] = clock
        app[context.WAKE] = lambda: None
        app[context.SHELL] = empty_shell
        app[context.LOAD_VISITOR] = load_visitor

    return build_application(
        read_config(folder, {}),
        pages=[*page_routes(), *school.page_routes(), *elsewhere()],
        operations=[*api_routes(), *school.api_routes()],
        rooms={"web": WEB_TEMPLATES, "commons": TEMPLATES, "mirror": mirror.TEMPLATES, **school.TEMPLATES},
        services=services,
    )


@pytest.fixture(scope="session")
def compiled_pages(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("pages")))


@pytest.fixture
def roles() -> list[str]:
    """What the reader is; a test may change it between requests."""
    return ["principal"]


@pytest.fixture
async def reader(
    sqlite_database: Database,
    clock: TestClock,
    tmp_path: Path,
    compiled_pages: FileSystemBytecodeCache,
    roles: list[str],
) -> AsyncIterator[Reader]:
    person = await first_person(sqlite_database, clock)
    await describe_mine(sqlite_database, clock)

    async def load_visitor(request: web.Request) -> Visitor:
        held = permissions_of(roles)
        return Visitor(person_id=person.id, name="Ada Field", roles=frozenset(roles), permissions=held, session_id=1)

    app = build(sqlite_database, clock, tmp_path, load_visitor)
    aiohttp_jinja2.get_env(app).bytecode_cache = compiled_pages
    async with TestClient(TestServer(app)) as client:
        yield Reader(client, Library(sqlite_database, clock))
