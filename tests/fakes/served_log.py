"""A network's log behind real HTTP on loopback, every byte of it under the test's control."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from federation.tlog.tiles import CHECKPOINT_PATH, TILE_WIDTH, parse_index_path
from schemas.canonical import canonical_bytes, sha256_hex
from tests.fakes.dishonest_log import DishonestLog
from tests.fakes.network_log import NetworkLog

Lines = list[bytes]


class ServedLog:
    """Serves `log` and its blobs and documents; `lie_with` serves another history's files instead.

    Attributes:
        next_log: the log of the generation after, where there is one.
        take_fork: what the network answers who tells it of a fork.
        gone: indexes whose blobs an honest network does not serve any more.
        change_lines: what a bundle's blobs become on their way out.
        statuses: path -> the status that is answered instead of anything else.
        asked: the paths that were asked for, in order.
        same: those of them that the asker had already.
        unsigned: paths of blobs that were asked for without a signature.
    """

    def __init__(self) -> None:
        self.gone: set[int] = set()
        self.change_lines: Callable[[Lines], Lines] = lambda lines: lines
        self.statuses: dict[str, int] = {}
        self.bodies: dict[str, tuple[str, bytes]] = {}
        self.asked: list[str] = []
        self.same: list[str] = []
        self.unsigned: list[str] = []
        self.acks: list[tuple[bool, Any]] = []
        """Whether it was signed, and what it promised."""
        self.ack_status = 202
        self.next_log: NetworkLog | None = None
        self.take_fork: Callable[[web.Request], Awaitable[web.Response]] | None = None
        self._dishonest: DishonestLog | None = None
        self._log: NetworkLog | None = None
        self._server: TestServer | None = None

    @property
    def network(self) -> str:
        assert self._server is not None
        return str(self._server.make_url("/net/north"))

    @property
    def log(self) -> NetworkLog:
        assert self._log is not None
        return self._log

    @log.setter
    def log(self, log: NetworkLog) -> None:
        self._log = log

    @property
    def log_url(self) -> str:
        return f"{self.network}/log/1"

    def lie(self, log: NetworkLog | None = None) -> DishonestLog:
        """From now on a copy of these files is served, to be tampered with."""
        self._dishonest = DishonestLog(log or self.log)
        return self._dishonest

    def be_honest(self) -> None:
        self._dishonest = None
        self.statuses.clear()
        self.bodies.clear()
        self.change_lines = lambda lines: lines

    @asynccontextmanager
    async def running(self) -> AsyncIterator["ServedLog"]:
        application = web.Application()
        application.router.add_get("/net/north/log/1/{path:.*}", self._serve_log)
        application.router.add_get("/net/north/v1/documents/{sha256}", self._serve_document)
        application.router.add_post("/net/north/v1/acks", self._take_ack)
        application.router.add_get("/net/north/log/2/{path:.*}", self._serve_next)
        application.router.add_post("/net/north/v1/forks", self._take_fork)
        self._server = TestServer(application)
        await self._server.start_server()
        try:
            yield self
        finally:
            await self._server.close()

    async def _serve_log(self, request: web.Request) -> web.Response:
        path = request.match_info["path"]
        self.asked.append(path)
        if path in self.statuses:
            return web.Response(status=self.statuses[path])
        if path in self.bodies:
            content_type, body = self.bodies[path]
            return self._tagged(request, body, content_type)
        if path.startswith("blobs/"):
            return self._serve_blobs(request, path.removeprefix("blobs/"))
        files = self.log.files if self._dishonest is None else self._dishonest.files
        if path not in files:
            return web.Response(status=404)
        if path != CHECKPOINT_PATH:
            return web.Response(body=files[path], content_type="application/octet-stream")
        return self._tagged(request, files[path], "text/plain")

    def _tagged(self, request: web.Request, body: bytes, content_type: str) -> web.Response:
        """What changes, with the tag by which it is asked for again."""
        etag = f'"{sha256_hex(body)}"'
        if request.headers.get("If-None-Match") == etag:
            self.same.append(request.match_info["path"])
            return web.Response(status=304)
        return web.Response(body=body, content_type=content_type, headers={"ETag": etag})

    async def _serve_next(self, request: web.Request) -> web.Response:
        path = request.match_info["path"]
        if self.next_log is None or path not in self.next_log.files:
            return web.Response(status=404)
        content_type = "text/plain" if path == CHECKPOINT_PATH else "application/octet-stream"
        return web.Response(body=self.next_log.files[path], content_type=content_type)

    async def _take_fork(self, request: web.Request) -> web.Response:
        return web.Response(status=404) if self.take_fork is None else await self.take_fork(request)

    def _serve_blobs(self, request: web.Request, name: str) -> web.Response:
        if "Signature" not in request.headers:
            self.unsigned.append(request.path)
        body = b"".join(line + b"\n" for line in self.change_lines(self.living(name)))
        return web.Response(body=body, content_type="application/x-ndjson")

    def living(self, name: str) -> Lines:
        """What an honest network has at `blobs/{name}`."""
        position, _ = parse_index_path(name)
        within = range(position * TILE_WIDTH, (position + 1) * TILE_WIDTH)
        return [blob for index, blob in sorted(self.log.blobs.items()) if index in within and index not in self.gone]

    async def _serve_document(self, request: web.Request) -> web.Response:
        self.asked.append(f"documents/{request.match_info['sha256']}")
        document: Any = self.log.documents.get(request.match_info["sha256"])
        if document is None:
            return web.Response(status=404)
        return web.Response(body=canonical_bytes(document), content_type="application/json")

    async def _take_ack(self, request: web.Request) -> web.Response:
        self.acks.append(("Signature" in request.headers, await request.json()))
        return web.Response(status=self.ack_status)
