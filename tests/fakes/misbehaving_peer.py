"""A peer that answers as no peer should: a real HTTP server on loopback, one path for each misdeed."""

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache

from aiohttp import web
from aiohttp.test_utils import TestServer

CHUNK = b"x" * 65536
TWO_GIGABYTES = 2 * 1024**3
WANTED = "application/json"


@cache
def gzip_bomb() -> bytes:
    """64 MiB in 64 KB; made once and beforehand, or a busy machine takes an asker's patience to make it."""
    packer = zlib.compressobj(9, wbits=31)
    return packer.compress(bytes(64 * 1024**2)) + packer.flush()


class MisbehavingPeer:
    """`seen` lists the requests that arrived; `sent` counts bytes that the endless answers got rid of.

    Args:
        wanted: the content type that the asker hopes for.
    """

    def __init__(self, wanted: str = WANTED) -> None:
        self.wanted = wanted
        self.seen: list[web.Request] = []
        self.sent = 0
        self._bomb = gzip_bomb()
        self._closing = asyncio.Event()
        self._server: TestServer | None = None

    @property
    def url(self) -> str:
        assert self._server is not None
        return str(self._server.make_url("")).rstrip("/")

    @asynccontextmanager
    async def running(self) -> AsyncIterator["MisbehavingPeer"]:
        application = web.Application()
        application.router.add_route("*", "/{deed:.*}", self._answer)
        self._server = TestServer(application)
        await self._server.start_server()
        try:
            yield self
        finally:
            self.let_go()
            await self._server.close()

    def let_go(self) -> None:
        """End the answers that never end by themselves."""
        self._closing.set()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.seen.append(request)
        deed = request.match_info["deed"].replace("-", "_") or "ok"
        answer = getattr(self, f"do_{deed}", None)
        return await answer(request) if answer else web.Response(status=404)

    async def do_ok(self, request: web.Request) -> web.StreamResponse:
        return web.Response(body=b'{"ok":true}', content_type=self.wanted)

    async def do_gzip(self, request: web.Request) -> web.StreamResponse:
        return self._encoded(gzip.compress(b'{"ok":true}'), "gzip")

    async def do_html(self, request: web.Request) -> web.StreamResponse:
        return web.Response(text="<!doctype html><title>Welcome to nginx</title>", content_type="text/html")

    async def do_untyped(self, request: web.Request) -> web.StreamResponse:
        return web.Response(body=b"{}", headers={"Content-Type": ""})

    async def do_nothing(self, request: web.Request) -> web.StreamResponse:
        return web.Response(body=b"", content_type=self.wanted)

    async def do_accepted(self, request: web.Request) -> web.StreamResponse:
        return web.Response(status=202)

    async def do_no_content(self, request: web.Request) -> web.StreamResponse:
        return web.Response(status=204)

    async def do_hang_up(self, request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    async def do_not_http(self, request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.write(b"220 mail.example.org ESMTP\r\n\r\n")
        request.transport.close()
        return web.Response()

    async def do_redirect_inside(self, request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound("/secret")

    async def do_redirect_metadata(self, request: web.Request) -> web.StreamResponse:
        raise web.HTTPTemporaryRedirect("http://169.254.169.254/latest/meta-data/")

    async def do_says_two_gigabytes(self, request: web.Request) -> web.StreamResponse:
        return await self._endless(request, {"Content-Length": str(TWO_GIGABYTES)})

    async def do_sends_two_gigabytes(self, request: web.Request) -> web.StreamResponse:
        return await self._endless(request, {})

    async def do_drips(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": self.wanted})
        await response.prepare(request)
        await response.write(b"{")
        await self._closing.wait()
        return response

    async def do_keeps_silent(self, request: web.Request) -> web.StreamResponse:
        await self._closing.wait()
        return web.Response()

    async def do_gzip_bomb(self, request: web.Request) -> web.StreamResponse:
        return self._encoded(self._bomb, "gzip")

    async def do_cut_gzip(self, request: web.Request) -> web.StreamResponse:
        return self._encoded(gzip.compress(b'{"ok":true}')[:-9], "gzip")

    async def do_false_gzip(self, request: web.Request) -> web.StreamResponse:
        return self._encoded(b"this was never compressed", "gzip")

    async def do_gzip_and_more(self, request: web.Request) -> web.StreamResponse:
        return self._encoded(gzip.compress(b"{}") + b"more", "gzip")

    async def do_brotli(self, request: web.Request) -> web.StreamResponse:
        return self._encoded(b"\x0b\x02\x80{}\x03", "br")

    async def do_cut_body(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": self.wanted, "Content-Length": "100"})
        await response.prepare(request)
        await response.write(b"{")
        assert request.transport is not None
        request.transport.abort()
        return response

    async def do_busy(self, request: web.Request) -> web.StreamResponse:
        return web.Response(status=429, headers={"Retry-After": "17"})

    async def do_busy_till_a_date(self, request: web.Request) -> web.StreamResponse:
        return web.Response(status=503, headers={"Retry-After": "Tue, 27 Oct 2026 12:01:30 GMT"})

    async def do_busy_for_ever(self, request: web.Request) -> web.StreamResponse:
        return web.Response(status=503, headers={"Retry-After": "9" * 400})

    async def do_busy_without_sense(self, request: web.Request) -> web.StreamResponse:
        return web.Response(status=503, headers={"Retry-After": "soon"})

    async def do_fault(self, request: web.Request) -> web.StreamResponse:
        return web.Response(status=500, text="Traceback (most recent call last): ...")

    async def do_problem(self, request: web.Request) -> web.StreamResponse:
        return self._problem(403, b'{"code":"member-suspended","detail":"The membership is suspended.\\u001b[2J"}')

    async def do_replayed(self, request: web.Request) -> web.StreamResponse:
        return self._problem(401, b'{"code":"request-replayed","detail":"Received before."}')

    async def do_stale(self, request: web.Request) -> web.StreamResponse:
        return self._problem(401, b'{"code":"request-stale","detail":"Signed an hour ago."}')

    async def do_bad_problem(self, request: web.Request) -> web.StreamResponse:
        return self._problem(403, b'{"code":' + b"[" * 1000)

    async def do_endless_problem(self, request: web.Request) -> web.StreamResponse:
        return await self._endless(request, {"Content-Type": "application/problem+json"}, status=403)

    async def do_oidf_error(self, request: web.Request) -> web.StreamResponse:
        return web.json_response({"error": "not_found", "error_description": "Unknown entity."}, status=404)

    async def do_gone(self, request: web.Request) -> web.StreamResponse:
        return web.Response(status=410, text="gone")

    async def _endless(self, request: web.Request, headers: dict[str, str], *, status: int = 200) -> web.StreamResponse:
        response = web.StreamResponse(status=status, headers={"Content-Type": self.wanted} | headers)
        await response.prepare(request)
        while self.sent < TWO_GIGABYTES:
            await response.write(CHUNK)
            self.sent += len(CHUNK)
        return response

    def _encoded(self, body: bytes, encoding: str) -> web.Response:
        return web.Response(body=body, headers={"Content-Type": self.wanted, "Content-Encoding": encoding})

    @staticmethod
    def _problem(status: int, body: bytes) -> web.Response:
        return web.Response(status=status, body=body, content_type="application/problem+json")
