"""Serving one or several nodes from one process, each on an address of its own, until told to stop."""

import asyncio
import gc
import signal
import socket
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from itertools import chain, repeat

import structlog
from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError
from structlog.contextvars import bound_contextvars

from nic_node.accounts.passwords import PRODUCTION_COST, Cost
from nic_node.accounts.set_up import create_setup_link, is_set_up
from nic_node.app.node import Node, build_probes, open_node
from nic_node.clock import Clock, system_clock
from nic_node.config import Config
from nic_node.errors import NicError, NotConfigured

SHUTDOWN_SECONDS = 8.0
"""For what is in hand, pages and jobs at once; a node has ended within ten."""
ADDRESS_BYTES = 128 * 1024
"""So much may be typed into a search and be told in our own words that it is too long."""
COLLECTIONS = (5_000, 20, 20)
"""Python's thresholds for collecting garbage while pages are served: it looks through what is new after 5,000 things
were made and not thrown away, through what survived twice that after 20 such looks, and so on. With its own (700, 10,
10) every seventh opening of Today waited for a look through everything."""

START_AGAIN_AFTER = (5.0, 15.0, 60.0, 300.0)
"""Seconds until one of several nodes that did not start is tried again; from then on as long as the last."""

log = structlog.get_logger()


async def serve_nodes(configs: Sequence[Config], *, with_worker: bool = True) -> None:
    """Run until SIGINT or SIGTERM; says each node's address on stdout as soon as it answers.

    Each of several runs in a task of its own: one that can't start is told of on stderr, and tried again while the
    others run. All stop at once.

    Raises:
        NicError, SQLAlchemyError, OSError: why the only node can't start.
        NotConfigured: none of several can.
    """
    stopping = _told_to_stop()
    if len(configs) == 1:
        return await _serve_one(configs[0], stopping, with_worker=with_worker)
    running: list[tuple[str, asyncio.Task[None]]] = []
    again: list[tuple[Config, str, str]] = []
    for at, config in enumerate(configs):
        name = _name_of(config, configs)
        try:
            _verify_apart(config, configs[:at])
        except NotConfigured as error:
            say_not_started(name, why_not_started(name, error))
            continue
        task = await _start(config, name, stopping, with_worker=with_worker)
        if stopping.is_set() or not task.done():
            running.append((name, task))
        elif (failed := task.exception()) is not None:
            why = why_not_started(name, failed)
            say_not_started(name, why, is_tried_again=True)
            again.append((config, name, why))
    if not running:
        raise NotConfigured("None of these nodes could be started. Put right what is said above, then start again.")
    settle_memory()
    for config, name, why in again:
        trying = _start_again(config, name, why, stopping, with_worker=with_worker)
        running.append((name, asyncio.create_task(trying)))
    ended = await asyncio.gather(*(task for _name, task in running), return_exceptions=True)
    for (name, _task), failed in zip(running, ended, strict=True):
        if isinstance(failed, Exception):
            log.error("node.ended_badly", node=name, exc_info=failed)
    return None


async def _serve_one(config: Config, stopping: asyncio.Event, *, with_worker: bool) -> None:
    task = await _start(config, "", stopping, with_worker=with_worker)
    if not task.done():
        settle_memory()
    if not task.cancelled():
        await task


async def _start(config: Config, name: str, stopping: asyncio.Event, *, with_worker: bool) -> asyncio.Task[None]:
    """The node's task: under way once it answers, done once it failed, cancelled where all stop before it answers."""
    ready = asyncio.Event()
    task = asyncio.create_task(_serve(config, name, ready, stopping, with_worker=with_worker))
    waiting = [asyncio.create_task(event.wait()) for event in (ready, stopping)]
    await asyncio.wait({task, *waiting}, return_when=asyncio.FIRST_COMPLETED)
    for one in waiting:
        one.cancel()
    if not ready.is_set() and not task.done():
        task.cancel()
        await asyncio.wait({task})
    return task


async def _start_again(config: Config, name: str, why: str, stopping: asyncio.Event, *, with_worker: bool) -> None:
    """Until it runs, and then to its end. Only another reason than `why` is told."""
    for seconds in chain(START_AGAIN_AFTER, repeat(START_AGAIN_AFTER[-1])):
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await stopping.wait()
        if stopping.is_set():
            return None
        task = await _start(config, name, stopping, with_worker=with_worker)
        if not task.done():
            log.info("node.started_after_all", node=name)
            settle_memory()
            return await task
        if task.cancelled() or (failed := task.exception()) is None:
            return None
        told, why = why, why_not_started(name, failed)
        if why != told:
            say_not_started(name, why, is_tried_again=True)
    return None


def _name_of(config: Config, configs: Sequence[Config]) -> str:
    """The folder's, as long as it tells nodes apart."""
    alike = [one for one in configs if one.data.name == config.data.name]
    return config.data.name if len(alike) == 1 else str(config.data)


async def _serve(
    config: Config, name: str, ready: asyncio.Event, stopping: asyncio.Event, *, with_worker: bool
) -> None:
    """One node, from its start to its end; whatever is logged meanwhile carries its name, where it has one."""
    with bound_contextvars(**({"node": name} if name else {})):
        async with running_node(config, with_worker=with_worker) as node:
            print(f"{node.local.config.public_url}", flush=True)  # noqa: T201 - the contract's first line
            await _say_setup_link(node)
            ready.set()
            await stopping.wait()


def _verify_apart(config: Config, others: Sequence[Config]) -> None:
    """Nodes of one process share nothing but that. Raises NotConfigured."""
    for other in others:
        if config.database_url == other.database_url:
            raise NotConfigured(f"It has the database of {other.data.name}. Give each its own DATABASE_URL, or none.")
        if config.public_url == other.public_url and config.port:
            raise NotConfigured(f"It has the address of {other.data.name}. Give each a NIC_PORT and NIC_PUBLIC_URL.")


def why_not_started(name: str, error: BaseException) -> str:
    """In a sentence or two."""
    match error:
        case NicError():
            return error.sentence
        case SQLAlchemyError():
            # A driver's message may hold a password or a row; its kind says enough.
            return f"Its database can't be used ({type(error).__name__})."
        case OSError():
            return f"{error.filename or 'The machine'}: {error.strerror}."
    log.error("node.not_started", node=name, exc_info=error)
    return f"{type(error).__name__}; the log says where."


def say_not_started(name: str, why: str, *, is_tried_again: bool = False) -> None:
    """Tell whoever starts several nodes which one does not run, and why."""
    again = " It is tried again until it starts." if is_tried_again else ""
    print(f"{name} was not started, the others run. {why}{again}", file=sys.stderr, flush=True)  # noqa: T201 - for whoever started it


@asynccontextmanager
async def running_node(
    config: Config, *, with_worker: bool = True, clock: Clock = system_clock, password_cost: Cost = PRODUCTION_COST
) -> AsyncIterator[Node]:
    """A node that answers on its address, and works unless others do."""
    async with (
        open_node(with_free_port(config), clock=clock, password_cost=password_cost) as node,
        _Running(node, with_worker=with_worker),
    ):
        yield node


def settle_memory() -> None:
    """From now on what stands is never looked through for garbage, and what is new less often; for good.

    Modules, routes and mapped tables are hundreds of thousands of things that stay until the end. A look through all of
    them took up to 200 ms, and fell into the middle of an answer.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTIONS)


async def work_for(config: Config, *, probes_port: int | None = None) -> None:
    """Run a node's jobs until SIGINT or SIGTERM; any number of these share one database.

    Nothing is served, or with a port the probes alone.
    """
    stopping = _told_to_stop()
    async with open_node(config) as node, AsyncExitStack() as stack:
        if probes_port is not None:
            listening = _Listening(build_probes(node), config.host, probes_port)
            await stack.enter_async_context(listening)
        settle_memory()
        work = asyncio.create_task(node.worker.run())
        stopped = asyncio.create_task(stopping.wait())
        await asyncio.wait({work, stopped}, return_when=asyncio.FIRST_COMPLETED)
        node.watched.is_stopping = True
        node.worker.stop()
        stopped.cancel()
        await work


def _told_to_stop() -> asyncio.Event:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    return stopping


def with_free_port(config: Config) -> Config:
    """Port 0 becomes a free one before the node opens, since its address is its name."""
    if config.port != 0:
        return config
    sock = web_socket(config.host)
    port = sock.getsockname()[1]
    sock.close()
    fixed = replace(config, port=port)
    return replace(fixed, public_url=f"http://{config.host}:{port}") if config.public_url.endswith(":0") else fixed


def web_socket(host: str) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family)
    sock.bind((host, 0))
    return sock


class _Listening:
    """An application on its address."""

    def __init__(self, application: web.Application, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._runner = web.AppRunner(
            application,
            access_log=None,
            shutdown_timeout=SHUTDOWN_SECONDS,
            handle_signals=False,
            max_line_size=ADDRESS_BYTES,
        )

    async def __aenter__(self) -> None:
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, self._port).start()
        except OSError as error:
            await self._runner.cleanup()
            raise NotConfigured(
                f"{self._host}:{self._port} can't be listened on: {error.strerror}. Is a node running there already?"
                " Stop it, or choose another port with --port."
            ) from error

    async def __aexit__(self, *exc: object) -> None:
        await self._runner.cleanup()


class _Running:
    """A node with its listener and its worker."""

    def __init__(self, node: Node, *, with_worker: bool) -> None:
        self._node = node
        self._with_worker = with_worker
        config = node.local.config
        self._listening = _Listening(node.application, config.host, config.port)
        self._work: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Node:
        await self._listening.__aenter__()
        if self._with_worker:
            self._work = asyncio.create_task(self._node.worker.run())
        return self._node

    async def __aexit__(self, *exc: object) -> None:
        self._node.watched.is_stopping = True
        await asyncio.gather(self._listening.__aexit__(*exc), self._stop_working())

    async def _stop_working(self) -> None:
        if self._work is None:
            return
        self._node.worker.stop()
        done, _ = await asyncio.wait({self._work}, timeout=SHUTDOWN_SECONDS)
        if not done:
            self._work.cancel()


async def _say_setup_link(node: Node) -> None:
    """Until somebody has set the school up, each start prints a new one-time link."""
    local = node.local
    async with local.database.reading() as session:
        if await is_set_up(session):
            return
    async with local.database.writing() as session:
        link = await create_setup_link(session, now=local.clock())
    print(f"Set your school up here, once: {local.config.public_url}/setup/{link.token}", flush=True)  # noqa: T201 - for whoever started it
