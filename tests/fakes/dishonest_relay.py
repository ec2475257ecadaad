"""A member's node that carries envelopes as it likes: a real server that takes them, and a network that it brings them to."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import ClientResponse, ClientSession, web
from aiohttp.test_utils import TestServer

from tests.unit.network.log.served import Served, code_of

Behaviour = Callable[["DishonestRelay", bytes], Awaitable[None]]


class DishonestRelay:
    """`behave` decides what becomes of an envelope. Whoever sends one is told 202, whatever becomes of it.

    Attributes:
        kept: what was not brought on yet. answers: codes and statuses of what the network said.
    """

    def __init__(self, network: Served) -> None:
        self.network = network
        self.behave: Behaviour = honest
        self.kept: list[bytes] = []
        self.answers: list[str] = []
        self._server: TestServer | None = None

    async def bring(self, envelope: bytes, *, name: str = "ben", **headers: str) -> None:
        await self.note(await self.network.post(name, "/v1/submissions", envelope, **headers))

    async def note(self, answer: ClientResponse) -> None:
        self.answers.append("202" if answer.status == 202 else (await code_of(answer))[1])

    async def take(self, envelope: bytes) -> None:
        """Over HTTP, as an author's node hands it over."""
        assert self._server is not None
        async with ClientSession() as author, author.post(self._server.make_url("/v1/relay"), data=envelope) as answer:
            assert answer.status == 202

    @asynccontextmanager
    async def running(self) -> AsyncIterator["DishonestRelay"]:
        application = web.Application()
        application.router.add_post("/v1/relay", self._take)
        self._server = TestServer(application)
        await self._server.start_server()
        try:
            yield self
        finally:
            await self._server.close()

    async def _take(self, request: web.Request) -> web.Response:
        await self.behave(self, await request.read())
        return web.Response(status=202)


async def honest(relay: DishonestRelay, envelope: bytes) -> None:
    await relay.bring(envelope)
