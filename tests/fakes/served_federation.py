"""A federation of many entities behind one real HTTP server: each states what a test lets it state."""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from schemas.entity import ENTITY_STATEMENT_CONTENT_TYPE, WELL_KNOWN_PATH
from tests.unit.federation.parties import Party, hint

FETCH = "/federation/fetch"


@dataclass
class ServedEntity:
    """One entity; whatever stands in `own` and `of` (by the subordinate's id) changes what it states.

    A leaf vouches for nobody; `vouches_for` fills with those who hint at it when the federation is told so.
    """

    party: Party
    hints: list["ServedEntity"] = field(default_factory=list)
    vouches_for: dict[str, "ServedEntity"] = field(default_factory=dict)
    own: dict[str, Any] = field(default_factory=dict)
    of: dict[str, dict[str, Any]] = field(default_factory=dict)
    endpoint: str | None = None
    answer: Callable[[web.Request], Awaitable[web.StreamResponse]] | None = None

    @property
    def entity(self) -> str:
        return self.party.entity

    def configuration(self) -> str:
        metadata: dict[str, Any] = {"organization_name": "Invented"}
        if self.vouches_for:
            metadata["federation_fetch_endpoint"] = self.endpoint or self.entity + FETCH
        values = {"metadata": {"federation_entity": metadata}, **hint(*(above.party for above in self.hints))}
        return self.party.configuration(**(values | self.own))

    def statement(self, subject: str) -> str | None:
        below = self.vouches_for.get(subject)
        return self.party.about(below.party, **self.of.get(subject, {})) if below else None


class ServedFederation:
    """Entities under one loopback address; `asked` counts the requests by path and subject."""

    def __init__(self) -> None:
        self.entities: dict[str, ServedEntity] = {}
        self.asked: Counter[str] = Counter()
        self._base = ""

    def entity(self, name: str, *above: ServedEntity) -> ServedEntity:
        """A new entity below `above`, known to each of them."""
        made = ServedEntity(Party(f"{self._base}/{name}"))
        self.entities[name] = made
        for superior in above:
            self.join(made, superior)
        return made

    @staticmethod
    def join(below: ServedEntity, above: ServedEntity) -> None:
        below.hints.append(above)
        above.vouches_for[below.entity] = below

    @asynccontextmanager
    async def running(self) -> AsyncIterator["ServedFederation"]:
        application = web.Application()
        application.router.add_get(f"/{{name}}{WELL_KNOWN_PATH}", self._configuration)
        application.router.add_get(f"/{{name}}{FETCH}", self._fetch)
        server = TestServer(application, host="127.0.0.1")
        await server.start_server()
        self._base = str(server.make_url("")).rstrip("/")
        try:
            yield self
        finally:
            await server.close()

    async def _configuration(self, request: web.Request) -> web.StreamResponse:
        entity = self._asked(request, "configuration")
        if entity.answer is not None:
            return await entity.answer(request)
        return _token(entity.configuration())

    async def _fetch(self, request: web.Request) -> web.StreamResponse:
        subject = request.query["sub"]
        entity = self._asked(request, f"fetch {subject.rpartition('/')[2]}")
        statement = entity.statement(subject)
        return _token(statement) if statement else web.json_response({"error": "not_found"}, status=404)

    def _asked(self, request: web.Request, what: str) -> ServedEntity:
        name = request.match_info["name"]
        self.asked[f"{name} {what}"] += 1
        return self.entities[name]


def _token(token: str) -> web.Response:
    return web.Response(body=token.encode(), headers={"Content-Type": ENTITY_STATEMENT_CONTENT_TYPE})
