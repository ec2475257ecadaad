"""A network's log, the copies of its members and whatever else answers: one real server, every byte under control."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from federation.tlog.tiles import CHECKPOINT_PATH
from schemas.canonical import canonical_bytes
from tests.fakes.misbehaving_peer import MisbehavingPeer
from tests.fakes.served_log import ServedLog

Deed = Callable[[web.Request], Awaitable[web.StreamResponse]]


class DishonestPeers(ServedLog):
    """As `ServedLog`; besides, members' nodes at `/{name}`, each with a copy of the log.

    Attributes:
        deeds: path in the log -> what is done instead of answering.
        documents: hash -> what is served at its address instead.
        evidence: what members serve as evidence of forks.
        copies: member -> the files that it serves instead of the log's own; None: it is down.
        visited: paths that nobody has any business to ask for.
    """

    def __init__(self) -> None:
        super().__init__()
        self.deeds: dict[str, Deed] = {}
        self.documents: dict[str, dict[str, Any]] = {}
        self.copies: dict[str, dict[str, bytes] | None] = {}
        self.evidence: dict[str, Any] = {"forks": []}
        self.visited: list[str] = []
        self._as_note, self._as_file = MisbehavingPeer("text/plain"), MisbehavingPeer("application/octet-stream")

    @property
    def host(self) -> str:
        assert self._server is not None
        return str(self._server.make_url("/members"))

    def be_honest(self) -> None:
        super().be_honest()
        self.deeds.clear()
        self.copies.clear()
        self.documents.clear()
        self.evidence = {"forks": []}
        self.visited.clear()
        self.gone.clear()

    @asynccontextmanager
    async def running(self) -> AsyncIterator["DishonestPeers"]:
        application = web.Application()
        application.router.add_get("/net/north/log/1/{path:.*}", self._answer)
        application.router.add_get("/net/north/v1/documents/{sha256}", self._serve_document)
        application.router.add_post("/net/north/v1/acks", self._take_ack)
        application.router.add_get("/members/{name}/mirror/{origin}/{path:.*}", self._serve_copy)
        application.router.add_get("/members/{name}/v1/evidence", self._show_evidence)
        application.router.add_get("/secret", self._note_visit)
        self._server = TestServer(application)
        await self._server.start_server()
        try:
            yield self
        finally:
            self._as_note.let_go()
            self._as_file.let_go()
            await self._server.close()

    def do(self, deed: str, path: str) -> None:
        """What `MisbehavingPeer` does under this name, in the place of a file of the log."""
        peer = self._as_note if path == CHECKPOINT_PATH else self._as_file
        self.deeds[path] = getattr(peer, f"do_{deed}")

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        deed = self.deeds.get(request.match_info["path"])
        return await self._serve_log(request) if deed is None else await deed(request)

    async def _serve_document(self, request: web.Request) -> web.Response:
        other = self.documents.get(request.match_info["sha256"])
        if other is None:
            return await super()._serve_document(request)
        return web.Response(body=canonical_bytes(other), content_type="application/json")

    async def _serve_copy(self, request: web.Request) -> web.Response:
        files = self.copies.get(request.match_info["name"], self.log.files)
        path = request.match_info["path"]
        if path.startswith("blobs/"):
            return self._serve_blobs(request, path.removeprefix("blobs/"))
        if files is None or path not in files:
            return web.Response(status=503 if files is None else 404)
        content_type = "text/plain" if path == CHECKPOINT_PATH else "application/octet-stream"
        return web.Response(body=files[path], content_type=content_type)

    async def _show_evidence(self, request: web.Request) -> web.Response:
        return web.json_response(self.evidence)

    async def _note_visit(self, request: web.Request) -> web.Response:
        self.visited.append(request.path)
        return web.Response(text="inside")
