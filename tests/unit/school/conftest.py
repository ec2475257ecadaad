"""A node with the accounts and school rooms, a project and a browser, for their pages and API."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import aiohttp_jinja2
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from jinja2 import FileSystemBytecodeCache
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts import routes as accounts
from nic_node.accounts.services import ACCOUNTS, AccountsServices
from nic_node.accounts.visitors import load_visitor
from nic_node.accounts.who import Who
from nic_node.config import read_config
from nic_node.db.engine import Database
from nic_node.keyring.operator_key import OperatorKey
from nic_node.school import routes as school
from nic_node.school.known_names import NAMES, KnownNames
from nic_node.school.sealing_key import KEY as SEALING_KEY
from nic_node.web import context
from nic_node.web.application import build_application
from nic_node.web.routes import page
from nic_node.web.visitor import PUBLIC
from tests.conftest import TestClock
from tests.stores.measures_stage import a_project
from tests.unit.accounts.conftest import Browser
from tests.unit.accounts.stage import PASSWORDS, first_person, keep_nothing

WEB_TEMPLATES = Path(context.__file__).parent / "templates"
ABOVE = (
    "district.show", "learn.index", "learn.show", "share.index", "share.records", "share.roster", "share.show",
    "today.show", "today.reach",
)  # fmt: skip
"""Routes of rooms above, which pages here link to."""
STUDENT = "Kiona Vale"


@dataclass
class Stage:
    database: Database
    clock: TestClock
    browser: Browser
    project_id: int
    folder: Path

    async def add_measure(self, **values: Any) -> int:
        """A measure through the API; its id."""
        body = {
            "project_id": self.project_id,
            "vocabulary": "attendance-rate",
            "name": "Daily attendance",
            "cadence": "day",
        }
        answer = await self.browser.call("POST", "/measures", {**body, **values})
        document = await answer.json()
        assert answer.status == 201, document
        return document["id"]


async def known_student(session: AsyncSession) -> KnownNames:
    """As if the roster held one student."""
    return KnownNames(spans_in=lambda text: [found.span() for found in re.finditer(STUDENT, text)])


async def elsewhere(request: web.Request) -> web.Response:
    return web.Response(text="elsewhere")


async def plain_shell(request: web.Request) -> dict[str, object]:
    return {"school_name": "Rivermouth School", "school_year": "2026–27"}


@pytest.fixture(scope="session")
def compiled_school_templates(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("school-templates")))


@pytest.fixture
def zone() -> str:
    """Where the school is; a module with its own sees other days."""
    return "America/New_York"


@pytest.fixture
async def stage(
    sqlite_database: Database,
    clock: TestClock,
    tmp_path: Path,
    compiled_school_templates: FileSystemBytecodeCache,
    zone: str,
) -> AsyncIterator[Stage]:
    def services(app: web.Application) -> None:
        app[context.DATABASE] = sqlite_database
        app[context.CLOCK] = clock
        app[context.WAKE] = lambda: None
        app[context.SHELL] = plain_shell
        app[context.LOAD_VISITOR] = load_visitor
        app[NAMES] = known_student
        app[SEALING_KEY] = OperatorKey(bytes(range(32)))
        app[ACCOUNTS] = AccountsServices(passwords=PASSWORDS, after_setup=keep_nothing, who=Who({}, {}))

    others = [page("GET", f"/elsewhere/{name}", name, elsewhere, PUBLIC) for name in ABOVE]
    app = build_application(
        read_config(tmp_path, {"NIC_TIME_ZONE": zone}),
        pages=[*accounts.page_routes(), *school.page_routes(), *others],
        operations=[*accounts.api_routes(), *school.api_routes()],
        rooms={"web": WEB_TEMPLATES, "accounts": accounts.TEMPLATES, **school.TEMPLATES},
        services=services,
    )
    aiohttp_jinja2.get_env(app).bytecode_cache = compiled_school_templates
    await first_person(sqlite_database, clock)
    project_id = await a_project(sqlite_database, clock, starts_on=date(2026, 9, 14))
    async with TestClient(TestServer(app)) as client:
        browser = Browser(client)
        await browser.sign_in("ada@school.example")
        yield Stage(sqlite_database, clock, browser, project_id, tmp_path)
