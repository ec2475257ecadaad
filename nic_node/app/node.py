"""From a `Config` to a running node: the only place where rooms are wired to each other."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog
from aiohttp import web

from nic_node.accounts.passwords import PRODUCTION_COST, Cost, Passwords
from nic_node.accounts.services import ACCOUNTS, AccountsServices
from nic_node.accounts.visitors import load_visitor
from nic_node.accounts.who import Who
from nic_node.app import tables
from nic_node.app.jobs import all_handlers, ensure_all_jobs
from nic_node.app.routes import all_operations, all_pages, all_templates
from nic_node.app.shell import describe_shell, shell_facts
from nic_node.clock import Clock, system_clock
from nic_node.commons.shelf import SHELF, Shelf
from nic_node.config import Config
from nic_node.db.engine import Database
from nic_node.db.jobs import Worker
from nic_node.db.migrate import revisions, upgrade
from nic_node.district.sharing import telling_of_changes
from nic_node.keyring.keys import verify_operator_key
from nic_node.keyring.operator_key import OPERATOR_KEY_FILE, read_operator_key
from nic_node.membership.local import LOCAL_NODE, LocalNode
from nic_node.membership.start import prepare_membership
from nic_node.network.coordinators import coordinates
from nic_node.operations.counted import Counted
from nic_node.operations.probes import WATCHED, Watched
from nic_node.operations.routes import probe_routes
from nic_node.peerhttp.client import PeerClient
from nic_node.peerhttp.nonces import NonceStore
from nic_node.publishing.read import has_left
from nic_node.publishing.student_names import StudentNames
from nic_node.school.known_names import NAMES, LoadNames
from nic_node.school.profile.name import set_school_name
from nic_node.school.projects.services import PROJECTS, ProjectServices
from nic_node.school.sealing_key import KEY as SEALING_KEY
from nic_node.web import context
from nic_node.web.application import build_application, build_bare_application

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A node that is ready to be served.

    Attributes:
        worker: runs the node's jobs; `serve` starts it unless another process works.
        watched: what its probes see of it.
    """

    local: LocalNode
    application: web.Application
    worker: Worker
    watched: Watched


@asynccontextmanager
async def open_node(
    config: Config, *, clock: Clock = system_clock, password_cost: Cost = PRODUCTION_COST
) -> AsyncIterator[Node]:
    """Open a node's folder and database, bring them up to date, and close them at the end.

    Raises:
        NicError: something that the operator has to settle first; the sentence says what.
    """
    assert tables.METADATA.tables
    await asyncio.to_thread(config.data.mkdir, mode=0o700, parents=True, exist_ok=True)
    database = Database.connect(config.database_url, [telling_of_changes(clock)])
    try:
        await upgrade(database)
        _, head = await revisions(database)
        watched = Watched(head=head, counted=Counted())
        async with PeerClient(
            clock=clock, allow_insecure_loopback=config.allow_insecure_loopback, observe=watched.counted.asked
        ) as client:
            node = await _build_node(config, database, client, clock, password_cost, watched)
            await _prepare(node.local)
            yield node
    finally:
        await database.close()


async def _build_node(
    config: Config, database: Database, client: PeerClient, clock: Clock, password_cost: Cost, watched: Watched
) -> Node:
    operator_key = await asyncio.to_thread(
        read_operator_key, value=config.operator_key, path=config.data / OPERATOR_KEY_FILE
    )
    waker = Waker()
    local = LocalNode(
        config=config,
        database=database,
        operator_key=operator_key,
        client=client,
        nonces=NonceStore(database),
        clock=clock,
        random_bytes=secrets.token_bytes,
        wake=waker,
    )
    worker = Worker(database, all_handlers(local), clock=clock, idle_seconds=config.job_seconds)
    waker.worker = worker
    application = _build_application(local, Passwords(password_cost), watched)
    return Node(local=local, application=application, worker=worker, watched=watched)


class Waker:
    """Joins the node to its worker, which is made after it."""

    worker: Worker | None = None

    def __call__(self) -> None:
        if self.worker is not None:
            self.worker.wake()


def build_probes(node: Node) -> web.Application:
    """What a process answers that only works: the probes, and nothing else."""

    def install_services(app: web.Application) -> None:
        app[WATCHED] = node.watched
        app[context.DATABASE] = node.local.database
        app[context.CLOCK] = node.local.clock

    return build_bare_application(
        node.local.config, routes=probe_routes(), services=install_services, observe=node.watched.counted.request
    )


def _build_application(local: LocalNode, passwords: Passwords, watched: Watched) -> web.Application:
    accounts = AccountsServices(
        passwords=passwords, after_setup=set_school_name, who=Who({"network.coordinate": coordinates()}, shell_facts())
    )

    names: LoadNames = StudentNames(local.operator_key, local.clock, local.config.time_zone)

    def install_services(app: web.Application) -> None:
        app[LOCAL_NODE] = local
        app[ACCOUNTS] = accounts
        app[SHELF] = Shelf()
        app[SEALING_KEY] = local.operator_key
        app[NAMES] = names
        app[PROJECTS] = ProjectServices(has_left=has_left)
        app[WATCHED] = watched
        app[context.DATABASE] = local.database
        app[context.CLOCK] = local.clock
        app[context.WAKE] = local.wake
        app[context.SHELL] = describe_shell
        app[context.LOAD_VISITOR] = load_visitor

    return build_application(
        local.config,
        pages=all_pages(),
        operations=all_operations(),
        rooms=all_templates(),
        services=install_services,
        observe=watched.counted.request,
    )


async def _prepare(local: LocalNode) -> None:
    """What every start makes sure of: the operator's key fits, the node has its keys, its jobs stand."""
    async with local.database.reading() as session:
        await verify_operator_key(session, operator_key=local.operator_key)
    await prepare_membership(local)
    async with local.database.writing() as session:
        await ensure_all_jobs(session, local, now=local.clock())
