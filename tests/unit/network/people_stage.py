"""Whole nodes on loopback for tests of membership: a coordinator's node and schools, real HTTP between them."""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp_jinja2
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer, unused_port
from jinja2 import BytecodeCache

from nic_node.accounts import routes as accounts_routes
from nic_node.accounts.actor import Actor
from nic_node.accounts.passwords import TEST_COST, Passwords
from nic_node.accounts.services import ACCOUNTS, AccountsServices
from nic_node.accounts.set_up import complete_setup, create_setup_link
from nic_node.accounts.visitors import load_visitor
from nic_node.accounts.who import Who
from nic_node.commons import routes as commons_routes
from nic_node.config import read_config
from nic_node.db.engine import Database
from nic_node.db.jobs import Worker
from nic_node.keyring.operator_key import OperatorKey
from nic_node.membership import jobs as membership_jobs
from nic_node.membership import routes as membership_routes
from nic_node.membership.local import LOCAL_NODE, LocalNode
from nic_node.membership.start import prepare_membership
from nic_node.network import jobs as network_jobs
from nic_node.network import routes as network_routes
from nic_node.network.coordinators import coordinates
from nic_node.network.found import Founding, found_network
from nic_node.network.invite import create_invitation
from nic_node.network.tables import Network
from nic_node.peerhttp.client import PeerClient
from nic_node.peerhttp.nonces import NonceStore
from nic_node.school.profile.name import set_school_name
from nic_node.school.profile.tables import SchoolProfile
from nic_node.web import context
from nic_node.web.application import build_application
from nic_node.web.routes import page
from nic_node.web.visitor import PUBLIC
from tests.conftest import TestClock
from tests.unit.accounts.conftest import PASSWORD, Browser

WEB_TEMPLATES = Path(context.__file__).parent / "templates"
POLICY = {"context_k": 3, "min_issued": 3, "slot_seconds": 2, "issue_seconds": 60, "active_seconds": 600}
CHARTER = {"purpose": "Fewer absences, together.", "conduct": "We tell what failed, too."}


@dataclass
class StagedNode:
    """A node that listens, with Ada as its administrator and principal."""

    local: LocalNode
    application: web.Application
    worker: Worker
    clock: TestClock
    clients: list[TestClient[web.Request, web.Application]]
    server: TestServer
    cleanups: list[Callable[[], Awaitable[None]]] = field(default_factory=list)

    @property
    def database(self) -> Database:
        return self.local.database

    async def actor(self) -> Actor:
        return Actor(person_id=1, name="Ada Field", kind="person")

    def browser(self) -> Browser:
        client = TestClient(self.server)
        self.clients.append(client)
        return Browser(client)

    async def signed_in(self) -> Browser:
        browser = self.browser()
        await browser.sign_in("ada@school.example")
        return browser

    async def listen_again(self, port: int) -> None:
        """A node that was down comes back under its address."""
        runner = web.AppRunner(self.application)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        self.cleanups.append(runner.cleanup)

    async def work(self) -> None:
        await self.worker.run_due()


def local_node_on(
    database: Database, clock: TestClock, folder: Path, client: PeerClient, public_url: str, **settings: str
) -> LocalNode:
    environ = {"NIC_PUBLIC_URL": public_url, "NIC_ALLOW_INSECURE_LOOPBACK": "1", **settings}
    return LocalNode(
        config=read_config(folder, environ),
        database=database,
        operator_key=OperatorKey(bytes(range(32))),
        client=client,
        nonces=NonceStore(database),
        clock=clock,
        random_bytes=secrets.token_bytes,
        wake=lambda: None,
    )


@asynccontextmanager
async def running_node(
    database: Database, clock: TestClock, folder: Path, *, templates: BytecodeCache | None = None
) -> AsyncIterator[StagedNode]:
    port = unused_port()
    async with PeerClient(clock=clock, allow_insecure_loopback=True) as client:
        local = local_node_on(database, clock, folder, client, f"http://127.0.0.1:{port}")
        application = _application(local)
        if templates is not None:
            aiohttp_jinja2.get_env(application).bytecode_cache = templates
        handlers = {**membership_jobs.job_handlers(local), **network_jobs.job_handlers(local)}
        worker = Worker(database, handlers, clock=clock, idle_seconds=1.0)
        await set_up_school(database, clock)
        await prepare_membership(local)
        server = TestServer(application, host="127.0.0.1", port=port)
        await server.start_server()
        node = StagedNode(local, application, worker, clock, [], server)
        try:
            yield node
        finally:
            for browser in node.clients:
                await browser.session.close()
            for clean_up in node.cleanups:
                await clean_up()
            await server.close()


def _application(local: LocalNode) -> web.Application:
    async def empty_shell(request: web.Request) -> dict[str, object]:
        return {"school_name": "Rivermouth School", "school_year": "2026–27", "home_url": "/", "doors": []}

    async def elsewhere(request: web.Request) -> web.Response:
        return web.Response(text="elsewhere")

    def services(app: web.Application) -> None:
        app[LOCAL_NODE] = local
        app[context.DATABASE] = local.database
        app[context.CLOCK] = local.clock
        app[context.WAKE] = local.wake
        app[context.SHELL] = empty_shell
        app[context.LOAD_VISITOR] = load_visitor
        app[ACCOUNTS] = AccountsServices(
            passwords=Passwords(TEST_COST),
            after_setup=set_school_name,
            who=Who({"network.coordinate": coordinates()}, {}),
        )

    rooms = (accounts_routes, membership_routes, network_routes)
    return build_application(
        local.config,
        pages=[
            page("GET", "/school", "profile.show", elsewhere, PUBLIC),
            page("GET", "/leave/{id}", "share.leave", elsewhere, PUBLIC),
            page("GET", "/rules/{id}", "network.own_rules", elsewhere, PUBLIC),
            page("GET", "/log", "log.show", elsewhere, PUBLIC),
            *(route for room in rooms for route in room.page_routes()),
            *membership_routes.peer_routes(),
            *network_routes.peer_routes(),
        ],
        operations=[route for room in rooms for route in room.api_routes()],
        rooms={
            "web": WEB_TEMPLATES,
            "accounts": accounts_routes.TEMPLATES,
            "membership": membership_routes.TEMPLATES,
            "network": network_routes.TEMPLATES,
            "commons": commons_routes.TEMPLATES,
        },
        services=services,
    )


async def set_up_school(database: Database, clock: TestClock) -> None:
    """Ada is its first person, and the profile says enough to apply."""
    password_hash = await Passwords(TEST_COST).new_hash(PASSWORD, email="ada@school.example")
    async with database.writing() as session:
        link = await create_setup_link(session, now=clock())
        await complete_setup(
            session,
            token=link.token,
            name="Ada Field",
            email="ada@school.example",
            school_name="Rivermouth School",
            password_hash=password_hash,
            after_setup=set_school_name,
            now=clock(),
        )
    async with database.writing() as session:
        profile = await session.get(SchoolProfile, 1)
        assert profile is not None
        profile.level, profile.directory_id, profile.enrolment = "middle", "0042", 388


async def found(node: StagedNode, slug: str = "north-coast", **policy: Any) -> Network:
    founding = Founding(slug=slug, name="North Coast", charter=CHARTER, policy={**POLICY, **policy})
    return await found_network(node.local, actor=await node.actor(), founding=founding, now=node.clock())


async def invitation_link(node: StagedNode, network: Network, *, uses: int = 5, days: int = 14) -> str:
    async with node.database.writing() as session:
        made = await create_invitation(
            session,
            node=node.local,
            network_id=network.id,
            actor=await node.actor(),
            days=days,
            uses=uses,
            now=node.clock(),
        )
    return made.link
