"""Serving one or several nodes from one process, each on an address of its own, until told to stop."""

import asyncio
import gc
import signal
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

from aiohttp import web

from nic_node.accounts.passwords import PRODUCTION_COST, Cost
from nic_node.accounts.set_up import create_setup_link, is_set_up
from nic_node.app.node import Node, open_node
from nic_node.clock import Clock, system_clock
from nic_node.config import Config
from nic_node.errors import NotConfigured

SHUTDOWN_SECONDS = 10.0
ADDRESS_BYTES = 128 * 1024
"""So much may be typed into a search and be told in our own words that it is too long."""
COLLECTIONS = (5_000, 20, 20)
"""Python's thresholds for collecting garbage while pages are served: it looks through what is new after 5,000 things
were made and not thrown away, through what survived twice that after 20 such looks, and so on. With its own (700, 10,
10) every seventh opening of Today waited for a look through everything."""


async def serve_nodes(configs: Sequence[Config], *, with_worker: bool = True) -> None:
    """Run until SIGINT or SIGTERM; says each node's address on stdout as soon as it answers."""
    stopping = _told_to_stop()
    async with AsyncExitStack() as stack:
        for config in configs:
            node = await stack.enter_async_context(running_node(config, with_worker=with_worker))
            print(f"{node.local.config.public_url}", flush=True)  # noqa: T201 - the contract's first line
            await _say_setup_link(node)
        settle_memory()
        await stopping.wait()


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


async def work_for(config: Config) -> None:
    """Run a node's jobs, and serve nothing, until SIGINT or SIGTERM; any number of these share one database."""
    stopping = _told_to_stop()
    async with open_node(config) as node:
        settle_memory()
        work = asyncio.create_task(node.worker.run())
        stopped = asyncio.create_task(stopping.wait())
        await asyncio.wait({work, stopped}, return_when=asyncio.FIRST_COMPLETED)
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


class _Running:
    """A node with its listener and its worker."""

    def __init__(self, node: Node, *, with_worker: bool) -> None:
        self._node = node
        self._with_worker = with_worker
        self._runner = web.AppRunner(
            node.application,
            access_log=None,
            shutdown_timeout=SHUTDOWN_SECONDS,
            handle_signals=False,
            max_line_size=ADDRESS_BYTES,
        )
        self._work: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Node:
        config = self._node.local.config
        await self._runner.setup()
        await self._listen(config)
        if self._with_worker:
            self._work = asyncio.create_task(self._node.worker.run())
        return self._node

    async def _listen(self, config: Config) -> None:
        try:
            await web.TCPSite(self._runner, config.host, config.port).start()
        except OSError as error:
            await self._runner.cleanup()
            raise NotConfigured(
                f"{config.host}:{config.port} can't be listened on: {error.strerror}. Is a node running there already?"
                " Stop it, or choose another port with --port."
            ) from error

    async def __aexit__(self, *exc: object) -> None:
        await self._runner.cleanup()
        if self._work is not None:
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
