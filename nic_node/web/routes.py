"""A route is data: where it is, what it is called, who may use it, how much it takes.

Each room lists its own (`page_routes()`, `api_routes()`, `peer_routes()`); `app` puts them together. Nothing is
reachable that does not say who may reach it.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from marshmallow import Schema

KIB = 1024
FORM_BYTES = 64 * KIB

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A page for people, or (kind 'peer', 'document', 'probe') something that another program fetches.

    Attributes:
        permit: a permission of `accounts.permissions`, or PUBLIC, SIGNED_IN, PEER.
        max_bytes: the largest body that is read.
    """

    method: str
    path: str
    name: str
    handler: Handler
    permit: str
    max_bytes: int = FORM_BYTES
    kind: str = "page"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A validated API call: what the schemas let through."""

    request: web.Request
    body: dict[str, Any]
    query: dict[str, Any]

    def path_id(self, name: str = "id") -> int:
        return int(self.request.match_info[name])


ApiHandler = Callable[[Call], Awaitable[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """One operation of the JSON API under /api/v1.

    Attributes:
        tag: the room, as in the contract's list for OpenAPI.
        answer: dumps what the handler returns; None for 204.
    """

    method: str
    path: str
    name: str
    handler: ApiHandler
    permit: str
    tag: str
    summary: str
    body: Schema | None = None
    query: Schema | None = None
    answer: Schema | None = None
    status: int = 200
    max_bytes: int = FORM_BYTES


def api_of(tag: str, at: str, *, read: str, write: str, answer: Schema, named: str | None = None) -> Callable[..., Api]:
    """How a room writes its operations: below the path `at`, GET under `read` and all else under `write`.

    `named` begins their names where the tag can't (a word of Python). The function that it returns takes method,
    path, name, handler, summary, and whatever else an `Api` has.
    """

    def operation(method: str, path: str, name: str, handler: ApiHandler, summary: str, **rest: Any) -> Api:
        given = {
            "permit": read if method == "GET" else write,
            "answer": answer,
            "status": 200,
            **rest,
        }
        return Api(
            method=method,
            path=at + path,
            name=f"api.{named or tag}.{name}",
            handler=handler,
            tag=tag,
            summary=summary,
            **given,
        )

    return operation


def page(method: str, path: str, name: str, handler: Handler, permit: str, max_bytes: int = FORM_BYTES) -> Route:
    return Route(method=method, path=path, name=name, handler=handler, permit=permit, max_bytes=max_bytes)


def document(path: str, name: str, handler: Handler, permit: str) -> Route:
    """A GET whose errors are problem+json: something that programs fetch."""
    return Route(method="GET", path=path, name=name, handler=handler, permit=permit, kind="document")


def probe(path: str, name: str, handler: Handler, permit: str) -> Route:
    """A GET of whatever watches this node: nobody is looked up, so that it answers without a database too."""
    return Route(method="GET", path=path, name=name, handler=handler, permit=permit, kind="probe")


def peer(method: str, path: str, name: str, handler: Handler, permit: str, max_bytes: int = FORM_BYTES) -> Route:
    """A route between nodes; errors are problem+json, there is no session and no form token."""
    return Route(method=method, path=path, name=name, handler=handler, permit=permit, max_bytes=max_bytes, kind="peer")
