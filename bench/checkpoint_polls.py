"""Polls of a checkpoint that is known already, a second of the processor, by a whole node, against aiohttp alone.

The polls come over HTTP on loopback, eight connections at once, from a process of their own, whose time is not counted.
"""

import asyncio
import hashlib
import sys
import tempfile
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import ClientSession, web
from sqlalchemy import select

from bench.list_page import served_application, set_up
from bench.pairs import Result, compare
from nic_node.accounts.actor import Actor
from nic_node.accounts.passwords import TEST_COST
from nic_node.app.node import open_node
from nic_node.config import read_config
from nic_node.network.found import Founding, found_network
from nic_node.network.log.sequence import sequence_log
from nic_node.network.log.tables import Log

N = 4_000
AT_ONCE = 8
PATH = "/net/north/log/1/checkpoint"


def run() -> Result:
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner() as runner:
        stack = AsyncExitStack()
        ours = runner.run(stack.enter_async_context(our_checkpoint(Path(folder))))
        bare = runner.run(stack.enter_async_context(bare_checkpoint()))
        result = compare(
            "checkpoint-polls",
            lambda: runner.run(_poll(*ours)),
            lambda: runner.run(_poll(*bare)),
            n=N,
            clock="cpu",
            pairs=7,
        )
        runner.run(stack.aclose())
    return result.rates()


@asynccontextmanager
async def our_checkpoint(folder: Path) -> AsyncIterator[tuple[str, str]]:
    """Where a network's checkpoint is served, and its ETag."""
    config = read_config(folder, {"NIC_PUBLIC_URL": "http://127.0.0.1:8000", "NIC_ALLOW_INSECURE_LOOPBACK": "1"})
    async with open_node(config, password_cost=TEST_COST) as opened:
        node = opened.local
        await set_up(node)
        founding = Founding(slug="north", name="North", charter={"purpose": "To help every child come."}, policy={})
        await found_network(
            node, actor=Actor(person_id=1, name="Ada Field", kind="person"), founding=founding, now=node.clock()
        )
        async with node.database.reading() as session:
            log_id = await session.scalar(select(Log.id))
        assert log_id is not None
        await sequence_log(node, log_id, now=node.clock())
        async with served_application(opened.application) as url, ClientSession() as client:
            async with client.get(url + PATH) as answer:
                assert answer.status == 200, await answer.text()
            yield url + PATH, answer.headers["ETag"]


@asynccontextmanager
async def bare_checkpoint() -> AsyncIterator[tuple[str, str]]:
    note = b"north.example\n1\nAAAA\n"
    etag = f'"{hashlib.sha256(note).hexdigest()[:32]}"'

    async def show(request: web.Request) -> web.Response:
        headers = {"Cache-Control": "public, max-age=2", "ETag": etag}
        if request.headers.get("If-None-Match") == etag:
            return web.Response(status=304, headers=headers)
        return web.Response(body=note, headers=headers)

    application = web.Application()
    application.router.add_get(PATH, show)
    async with served_application(application) as url:
        yield url + PATH, etag


async def _poll(url: str, etag: str) -> None:
    command = (sys.executable, "-m", "bench.checkpoint_polls", url, etag)
    process = await asyncio.create_subprocess_exec(*command, stdout=PIPE)
    said, _ = await process.communicate()
    assert said.split() == [b"304"] * AT_ONCE, said


# The process that polls -----------------------------------------------------------------------------------------------


async def _poll_all(url: str, etag: str) -> None:
    address = urlsplit(url)
    request = f"GET {address.path} HTTP/1.1\r\nHost: {address.netloc}\r\nIf-None-Match: {etag}\r\n\r\n".encode()
    await asyncio.gather(*(_poll_one(address.hostname, address.port, request) for _ in range(AT_ONCE)))


async def _poll_one(host: str | None, port: int | None, request: bytes) -> None:
    reader, writer = await asyncio.open_connection(host, port)
    status = b""
    for _ in range(N // AT_ONCE):
        writer.write(request)
        status = (await reader.readuntil(b"\r\n\r\n")).split()[1]
    print(status.decode())
    writer.close()


if __name__ == "__main__":
    asyncio.run(_poll_all(*sys.argv[1:]))
