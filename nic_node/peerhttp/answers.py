"""Reading what a peer answers: never more than asked for, never another kind, never a surprise.

The size is capped on the wire and after decompression; we decompress ourselves, so that a bomb of any ratio stops
at the cap.
"""

import re
import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from aiohttp import ClientResponse

from federation.errors import FederationError, Unreachable, Untrusted
from schemas.canonical import read_json
from schemas.document import InvalidDocument
from schemas.problem import PROBLEM_CONTENT_TYPE, PROBLEM_TYPE_PREFIX, PROBLEMS, Code

ETAG = re.compile(r'(W/)?"[\x21\x23-\x7e]{1,100}"')
"""RFC 9110 section 8.8.3; a longer one is none."""
READ_BYTES = 64 * 1024
GZIP_OVERHEAD_BYTES = 1024  # incompressible content grows a little in gzip
PROBLEM_MAX_BYTES = 16 * 1024
DETAIL_MAX_CHARACTERS = 200
LONGEST_RETRY_AFTER_SECONDS = 24 * 3600
GZIP_WINDOW_BITS = 31  # zlib: a gzip header and trailer around the stream
BUSY_STATUS = frozenset({408, 425, 429, 503})
RETRIED_REFUSALS = frozenset({Code.REQUEST_REPLAYED, Code.REQUEST_STALE, Code.REQUEST_FROM_FUTURE})
"""Refusals of a signed request that say nothing about us but that it came twice, or that a clock is wrong."""


@dataclass(frozen=True, slots=True)
class PeerAnswer:
    """What a peer answered. `content_type` in lower case, without parameters; `etag` as it stood, "" where none did."""

    status: int
    content_type: str
    body: bytes
    etag: str = ""


class PeerRefused(Untrusted):
    """A peer answered with a 4xx status that the caller doesn't expect.

    `problem` is the peer's RFC 9457 document, or OpenID Federation's `{error, error_description}`; None where it
    sent neither. It is the peer's word: names in it are not to be believed.
    """

    def __init__(self, detail: str, *, status: int, problem: Mapping[str, Any] | None) -> None:
        super().__init__(Code.PEER_REFUSED, detail)
        self.status = status
        self.problem = problem

    @property
    def peer_code(self) -> Code | None:
        """The code of a node's own problem document; None of every other answer, such as a proxy's."""
        said = ((self.problem or {}).get("type"), self.status)
        known = ((code, (f"{PROBLEM_TYPE_PREFIX}{code}", one.status)) for code, one in PROBLEMS.items())
        return next((code for code, form in known if form == said), None)


async def read_answer(
    response: ClientResponse,
    *,
    content_types: Collection[str],
    max_bytes: int,
    accept_status: Collection[int],
    may_be_empty: bool,
    now: datetime,
) -> PeerAnswer:
    """The answer, if it is of the kind that was asked for.

    Raises:
        Untrusted: PEER_REDIRECTED, PEER_REFUSED, PEER_CONTENT_TYPE, PEER_EMPTY, PEER_TOO_LARGE,
            PEER_ENCODING.
        Unreachable: PEER_BUSY, PEER_UNREACHABLE, or one of `RETRIED_REFUSALS`.
    """
    host = response.url.host or ""
    content_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if response.status not in accept_status:
        raise await _refusal(response, host, content_type, now)
    if not 200 <= response.status < 300:
        return PeerAnswer(response.status, content_type, await _read_body(response, host, PROBLEM_MAX_BYTES))
    if content_types and response.status != 204 and content_type not in content_types:
        raise Untrusted(
            Code.PEER_CONTENT_TYPE,
            f"{host} answered with {_shown(content_type) or 'no content type'} where {' or '.join(content_types)}"
            " was expected. Check that the address is that of a node.",
        )
    body = await _read_body(response, host, max_bytes)
    if not body and content_types and not may_be_empty and response.status != 204:
        raise Untrusted(Code.PEER_EMPTY, f"{host} answered with nothing in it. Tell whoever runs it.")
    etag = response.headers.get("ETag", "")
    return PeerAnswer(response.status, content_type, body, etag if ETAG.fullmatch(etag) else "")


async def _read_body(response: ClientResponse, host: str, max_bytes: int) -> bytes:
    encoding = response.headers.get("Content-Encoding", "").strip().lower()
    if encoding not in ("", "identity", "gzip"):
        raise Untrusted(Code.PEER_ENCODING, f"{host} compressed its answer as nobody asked for. Tell whoever runs it.")
    too_large = Untrusted(
        Code.PEER_TOO_LARGE,
        f"{host} answered with more than the {max_bytes} bytes that are allowed here."
        " Check that the address is that of a node.",
    )
    wire_cap = max_bytes + GZIP_OVERHEAD_BYTES if encoding == "gzip" else max_bytes
    if (response.content_length or 0) > wire_cap:
        raise too_large
    gzip = zlib.decompressobj(GZIP_WINDOW_BITS) if encoding == "gzip" else None
    body, received = bytearray(), 0
    try:
        async for chunk in response.content.iter_chunked(READ_BYTES):
            received += len(chunk)
            body += gzip.decompress(chunk, max_bytes - len(body) + 1) if gzip else chunk
            if received > wire_cap or len(body) > max_bytes:
                raise too_large
    except zlib.error as error:
        raise _broken_gzip(host) from error
    if gzip and received and (not gzip.eof or gzip.unused_data):
        raise _broken_gzip(host)
    return bytes(body)


async def _refusal(response: ClientResponse, host: str, content_type: str, now: datetime) -> FederationError:
    status = response.status
    if 300 <= status < 400:
        return Untrusted(
            Code.PEER_REDIRECTED, f"{host} pointed to another address. Nodes don't follow: ask for its right address."
        )
    retry_after = _retry_after(response.headers.get("Retry-After", ""), now)
    if status in BUSY_STATUS:
        return Unreachable(
            Code.PEER_BUSY,
            f"{host} is busy (status {status}). It is asked again later.",
            retry_after_seconds=retry_after,
        )
    if status >= 500:
        return Unreachable(
            Code.PEER_UNREACHABLE,
            f"{host} has a fault (status {status}). It is asked again later.",
            retry_after_seconds=retry_after,
        )
    problem = await _read_problem(response, host, content_type)
    detail = _detail_of(problem)
    for code in RETRIED_REFUSALS:
        if problem is not None and problem.get("code") == code:
            return Unreachable(code, f'{host} refused our request ("{detail or code}"). Check this machine\'s clock.')
    said = f' and said "{detail}"' if detail else ""
    sentence = f"{host} refused our request (status {status}){said}. Check the address, or ask whoever runs it."
    return PeerRefused(sentence, status=status, problem=problem)


async def _read_problem(response: ClientResponse, host: str, content_type: str) -> dict[str, Any] | None:
    if content_type not in (PROBLEM_CONTENT_TYPE, "application/json"):
        return None
    try:
        document = read_json(await _read_body(response, host, PROBLEM_MAX_BYTES), max_bytes=PROBLEM_MAX_BYTES)
    except (InvalidDocument, Untrusted):
        return None
    return document if isinstance(document, dict) else None


def _detail_of(problem: Mapping[str, Any] | None) -> str:
    for name in ("detail", "title", "error_description", "error"):
        value = (problem or {}).get(name)
        if isinstance(value, str) and value.strip():
            return _shown(value)
    return ""


def _retry_after(text: str, now: datetime) -> int | None:
    """RFC 9110 section 10.2.3: seconds or a date; a peer can't put us off for longer than a day."""
    try:
        seconds = int(text) if text.isdecimal() else round((parsedate_to_datetime(text) - now).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(seconds, 0), LONGEST_RETRY_AFTER_SECONDS)


def _shown(text: str) -> str:
    """A peer's words, short and without control characters, fit for a log and a page."""
    return "".join(character if character.isprintable() else " " for character in text[:DETAIL_MAX_CHARACTERS]).strip()


def _broken_gzip(host: str) -> Untrusted:
    return Untrusted(Code.PEER_ENCODING, f"{host} sent gzip that can't be unpacked. Tell whoever runs it.")
