"""Whole signed POSTs a second over HTTP on loopback, against the same POST that nobody signs or verifies.

Signed by the client, verified, its nonce kept in the database (SQLite, synchronous=FULL), answered; client and node
share one process, 16 requests are under way at once.
"""

import asyncio
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from aiohttp import web
from aiohttp.test_utils import TestServer

from bench.pairs import Result, compare
from federation.keys import generate_private_jwk, public_jwk
from nic_node.app.tables import METADATA
from nic_node.db.engine import Database
from nic_node.peerhttp.client import PeerClient
from nic_node.peerhttp.nonces import NonceStore
from nic_node.peerhttp.requests import peer_request
from nic_node.peerhttp.signing import RequestSigner

N = 200
AT_ONCE = 16
BODY = b'{"origin":"hub.example.org/net/reading/log/1","size":7}'
NOW = datetime(2026, 10, 27, 12, 0, tzinfo=UTC)
CLOCKS: dict[str, Literal["cpu", "wall"]] = {"signed-post": "wall", "signed-post-cpu": "cpu"}
SIGNER = RequestSigner("https://alder.example", generate_private_jwk("Ed25519"))


def run() -> list[Result]:
    """By the clock on the wall, and by the processor's: on a busy machine the first says how busy it is."""
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner() as runner:
        database = runner.run(_open(Path(folder)))
        server = runner.run(_serve(database))
        client = runner.run(_client())
        signed, bare = (str(server.make_url(path)) for path in ("/signed", "/bare"))
        results = [
            compare(
                name,
                lambda: runner.run(_post(client, signed, SIGNER)),
                lambda: runner.run(_post(client, bare, None)),
                n=N,
                clock=clock,
                pairs=7,
            ).rates()
            for name, clock in CLOCKS.items()
        ]
        runner.run(client.close())
        runner.run(server.close())
        runner.run(database.close())
    return results


async def _open(folder: Path) -> Database:
    database = Database.connect(f"sqlite:///{folder / 'nic.sqlite3'}")
    async with database.engine.begin() as connection:
        await connection.run_sync(METADATA.create_all)
    return database


async def _client() -> PeerClient:
    return PeerClient(clock=lambda: NOW, allow_insecure_loopback=True)


async def _serve(database: Database) -> TestServer:
    nonces, keys = NonceStore(database), {SIGNER.key_id: public_jwk(SIGNER.private_jwk)}

    async def verified(request: web.Request) -> web.Response:
        public_url = str(server.make_url("")).rstrip("/")
        asked = await peer_request(
            request, public_url=public_url, find_key=keys.get, nonces=nonces, now=NOW, max_bytes=1000
        )
        return web.Response(status=202 if asked.body == BODY else 500)

    async def read(request: web.Request) -> web.Response:
        return web.Response(status=202 if await request.read() == BODY else 500)

    application = web.Application()
    application.router.add_post("/signed", verified)
    application.router.add_post("/bare", read)
    server = TestServer(application)
    await server.start_server()
    return server


async def _post(client: PeerClient, url: str, signer: RequestSigner | None) -> None:
    waiting = asyncio.Semaphore(AT_ONCE)

    async def one() -> None:
        async with waiting:
            await client.post(
                url, body=BODY, body_type="application/json", content_type=(), max_bytes=0, signer=signer,
                accept_status={202},
            )  # fmt: skip

    await asyncio.gather(*(one() for _ in range(N)))
