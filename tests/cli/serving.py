"""Nodes that answer while commands run beside them: on a thread with a loop of its own, without a worker."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path

from aiohttp import web

from nic_node.app.node import open_node
from nic_node.config import read_config


def give_address(folder: Path) -> str:
    """Write a free port into the folder's settings; the node's address from now on."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    (folder / "nic.env").write_text(f"NIC_PORT={port}\n")
    return f"http://127.0.0.1:{port}"


@contextmanager
def serving(*folders: Path) -> Iterator[None]:
    loop = asyncio.new_event_loop()
    stack = AsyncExitStack()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        for folder in folders:
            asyncio.run_coroutine_threadsafe(stack.enter_async_context(_served(folder)), loop).result(60)
        yield
    finally:
        asyncio.run_coroutine_threadsafe(_close(stack), loop).result(60)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _close(stack: AsyncExitStack) -> None:
    """A connection that was taken in the last moment ends with its client, which the server knows nothing of."""
    await stack.aclose()
    while rest := asyncio.all_tasks() - {asyncio.current_task()}:
        await asyncio.wait(rest)


@asynccontextmanager
async def _served(folder: Path) -> AsyncIterator[None]:
    config = read_config(folder, {})
    async with open_node(config) as node:
        runner = web.AppRunner(node.application, access_log=None, handle_signals=False)
        await runner.setup()
        await web.TCPSite(runner, config.host, config.port).start()
        try:
            yield
        finally:
            await runner.cleanup()
