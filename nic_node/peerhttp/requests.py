"""What a handler of a peer route calls first."""

import asyncio
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web
from yarl import URL

from federation.errors import Unreachable, Untrusted
from federation.keys import FindKey
from federation.requests import split_key_id
from nic_node.peerhttp.nonces import NonceStore
from nic_node.peerhttp.throttle import Throttle
from nic_node.peerhttp.verifying import verify_request
from schemas.problem import Code

READ_BYTES = 64 * 1024
BODY_SECONDS = 10.0
MOST_CLAIMED = 4
"""A request carries one signature for us; a proxy may have added some."""

_KEY_ID = re.compile(r'keyid="([^"\\]{1,300})"')


@dataclass(frozen=True, slots=True)
class PeerRequest:
    """A request that one entity signed, and its body."""

    entity_id: str
    body: bytes


async def peer_request(
    request: web.Request,
    *,
    public_url: str,
    find_key: FindKey,
    nonces: NonceStore,
    throttle: Throttle,
    now: datetime,
    max_bytes: int,
    body_seconds: float = BODY_SECONDS,
) -> PeerRequest:
    """Who sent this and what; the body is read only after the signature has been found to hold.

    `public_url` is the node's configured address: what `Host` says plays no part.

    Raises:
        Untrusted: the codes of `verify_request`; BODY_ENCODED, BODY_TOO_LARGE, REQUEST_MALFORMED.
        TooMany: too much of what its signer sent to this door was refused in this minute; the body is not read.
        Unreachable: PEER_TIMED_OUT: the body didn't come in time. (One that hangs up ends the handler.)
    """

    async def read_body(entity_id: str) -> bytes:
        with throttle.watching(door_of(request, entity_id), now):
            return await _read_body(request, max_bytes, body_seconds)

    entity_id, body = await verify_request(
        method=request.method,
        target_uri=build_target_uri(public_url, request.raw_path),
        headers=request.headers,
        read_body=read_body,
        find_key=find_key,
        nonces=nonces,
        now=now,
    )
    return PeerRequest(entity_id, body)


def door_of(request: web.Request, entity_id: str) -> str:
    """The name under which refusals are counted: of one signer at one route, whatever its address holds besides."""
    resource = request.match_info.route.resource
    return f"{resource.canonical if resource is not None else ''} {entity_id}"


def build_target_uri(public_url: str, raw_path: str) -> str:
    """RFC 9421 section 2.2.2, as the sender saw it.

    `public_url` is an origin such as https://school.example.org, `raw_path` the request line's path and query.

    Raises:
        Untrusted: REQUEST_MALFORMED: the request line names a host of its own.
    """
    if not raw_path.startswith("/"):
        raise Untrusted(Code.REQUEST_MALFORMED, "The request line must hold a path and not a whole address.")
    return f"{URL(public_url).origin()}{raw_path}"


async def _read_body(request: web.Request, max_bytes: int, seconds: float) -> bytes:
    if request.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        raise Untrusted(Code.BODY_ENCODED, "The request's body must be sent without compression.")
    too_large = Untrusted(Code.BODY_TOO_LARGE, f"The request's body may have at most {max_bytes} bytes here.")
    if (request.content_length or 0) > max_bytes:
        raise too_large
    body = bytearray()
    try:
        async with asyncio.timeout(seconds):
            async for chunk in request.content.iter_chunked(READ_BYTES):
                body += chunk
                if len(body) > max_bytes:
                    raise too_large
    except TimeoutError as error:
        raise Unreachable(Code.PEER_TIMED_OUT, "The request's body didn't arrive in time. Send it again.") from error
    return bytes(body)


def claimed_key_ids(headers: Mapping[str, str]) -> tuple[str, ...]:
    """The key ids that a request says it is signed with; whether it is, the signature shows."""
    lines = [value for name, value in headers.items() if name.lower() == "signature-input"]
    return tuple(dict.fromkeys(_KEY_ID.findall(", ".join(lines))))[:MOST_CLAIMED]


def claimed_entities(headers: Mapping[str, str]) -> set[str]:
    """The entities whose keys these are; a key id that names none is left out: there is no key under it."""
    entities = set()
    for key_id in claimed_key_ids(headers):
        with suppress(Untrusted):
            entities.add(split_key_id(key_id)[0])
    return entities
