"""The one way out of a node to addresses that somebody else named."""

import asyncio
import secrets
import ssl
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from typing import Self

from aiohttp import (
    ClientConnectorDNSError,
    ClientError,
    ClientOSError,
    ClientSession,
    ClientSSLError,
    ClientTimeout,
    DummyCookieJar,
    ThreadedResolver,
)
from aiohttp.abc import AbstractResolver

from federation.errors import FederationError, Unreachable
from nic_node.clock import Clock
from nic_node.peerhttp.addresses import address_refused, verify_peer_url
from nic_node.peerhttp.answers import PeerAnswer, read_answer
from nic_node.peerhttp.connecting import AddressRefused, build_connector
from nic_node.peerhttp.outcomes import ObservePeer, Outcome, outcome_of, seconds_ahead
from nic_node.peerhttp.signing import RequestSigner, build_signature_headers
from schemas.problem import Code

CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 10.0
NONCE_BYTES = 18
USER_AGENT = "nic-node"
OK = frozenset({200})


def new_nonce() -> str:
    """24 characters, base64url, of fresh randomness."""
    return secrets.token_urlsafe(NONCE_BYTES)


class PeerClient:
    """Asks other nodes, signed or not; to be made inside a running loop, one a node, and closed with `close`.

    Args:
        clock: gives `created` of signatures.
        allow_insecure_loopback: http and loopback addresses are allowed too, for trying things on one machine.
        draw_nonce: a fresh nonce a call.
        resolver: how names are looked up; its answers are checked whatever it says.
        ssl_context: which certificates are trusted; the system's by default.
        connect_seconds: the longest wait for a connection, look-up included.
        total_seconds: the longest wait for the whole answer.
        observe: is told how each question went.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        allow_insecure_loopback: bool = False,
        draw_nonce: Callable[[], str] = new_nonce,
        resolver: AbstractResolver | None = None,
        ssl_context: ssl.SSLContext | None = None,
        connect_seconds: float = CONNECT_SECONDS,
        total_seconds: float = TOTAL_SECONDS,
        observe: ObservePeer | None = None,
    ) -> None:
        self._observe = observe
        self._clock = clock
        self._allow_insecure_loopback = allow_insecure_loopback
        self._draw_nonce = draw_nonce
        self._ssl = ssl_context or True
        self._session = ClientSession(
            connector=build_connector(resolver or ThreadedResolver(), allow_insecure_loopback=allow_insecure_loopback),
            timeout=ClientTimeout(total=total_seconds, connect=connect_seconds, sock_connect=connect_seconds),
            # No cookie links two requests, and we unpack ourselves (answers.py).
            cookie_jar=DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            headers={"User-Agent": USER_AGENT, "Accept-Encoding": "gzip"},
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.close()

    async def close(self) -> None:
        await self._session.close()

    async def get(
        self,
        url: str,
        *,
        content_type: str | Collection[str],
        max_bytes: int,
        signer: RequestSigner | None = None,
        accept_status: Collection[int] = OK,
        may_be_empty: bool = False,
        etag: str = "",
    ) -> PeerAnswer:
        """Fetch a document; the parameters and errors of `ask`."""
        return await self.ask(
            "GET",
            url,
            content_type=content_type,
            max_bytes=max_bytes,
            signer=signer,
            accept_status=accept_status,
            may_be_empty=may_be_empty,
            etag=etag,
        )

    async def post(
        self,
        url: str,
        *,
        body: bytes,
        body_type: str,
        content_type: str | Collection[str],
        max_bytes: int,
        signer: RequestSigner | None = None,
        accept_status: Collection[int] = OK,
        may_be_empty: bool = False,
    ) -> PeerAnswer:
        """Send a document of type `body_type`; the other parameters and errors of `ask`."""
        return await self.ask(
            "POST",
            url,
            body=body,
            body_type=body_type,
            content_type=content_type,
            max_bytes=max_bytes,
            signer=signer,
            accept_status=accept_status,
            may_be_empty=may_be_empty,
        )

    async def ask(
        self,
        method: str,
        url: str,
        *,
        content_type: str | Collection[str],
        max_bytes: int,
        body: bytes | None = None,
        body_type: str = "application/octet-stream",
        signer: RequestSigner | None = None,
        accept_status: Collection[int] = OK,
        may_be_empty: bool = False,
        etag: str = "",
    ) -> PeerAnswer:
        """One request, one answer; no redirect is followed, and when to try again is for the caller to say.

        `content_type` is what a 2xx answer must be (one of them; none: whatever it is), at most `max_bytes` after
        decompression. A status outside `accept_status` is an error; inside it, but no 2xx, the answer comes back
        with what was said. `signer` signs for one of this node's entities; without it the request is anonymous.
        `etag` is of an answer that is held already: 304, where accepted, says that it is still the same.

        Raises:
            Untrusted: the address is refused (ADDRESS_*), or the answer is (`read_answer`).
            Unreachable: no answer, or 'later'.
        """
        target = verify_peer_url(url, allow_insecure_loopback=self._allow_insecure_loopback)
        content_types = (content_type,) if isinstance(content_type, str) else tuple(content_type)
        headers = {"Accept": ", ".join(content_types)} if content_types else {}
        if body is not None:
            headers["Content-Type"] = body_type
        if etag:
            headers["If-None-Match"] = etag
        now = self._clock()
        if signer is not None:
            headers |= build_signature_headers(
                signer, method=method, target_uri=str(target), body=body, now=now, nonce=self._draw_nonce()
            )
        async with (
            self._told() as seen,
            _as_ours(target.raw_host or ""),
            self._session.request(
                method, target, data=body, headers=headers, allow_redirects=False, ssl=self._ssl
            ) as response,
        ):
            seen.append(seconds_ahead(response.headers, self._clock().timestamp()))
            return await read_answer(
                response,
                content_types=content_types,
                max_bytes=max_bytes,
                accept_status=accept_status,
                may_be_empty=may_be_empty,
                now=now,
            )

    @asynccontextmanager
    async def _told(self) -> AsyncIterator[list[float | None]]:
        """Tell how a question went; the block puts down what the other side's clock is ahead."""
        loop = asyncio.get_running_loop()
        started, seen = loop.time(), list[float | None]()

        def tell(outcome: Outcome) -> None:
            if self._observe is not None:
                self._observe(outcome, loop.time() - started, seen[0] if seen else None)

        try:
            yield seen
        except FederationError as error:
            tell(outcome_of(error))
            raise
        tell(Outcome.ANSWERED)


@asynccontextmanager
async def _as_ours(host: str) -> AsyncIterator[None]:
    """Whatever goes wrong on the way becomes one of our errors with a sentence."""
    try:
        yield
    except (ClientError, TimeoutError, OSError) as error:
        raise _verdict(host, error) from error


def _verdict(host: str, error: Exception) -> FederationError:
    if isinstance(error, ClientOSError) and isinstance(error.__cause__, AddressRefused):
        return address_refused(host)
    if isinstance(error, TimeoutError):
        return Unreachable(Code.PEER_TIMED_OUT, f"{host} took too long to answer. It is asked again later.")
    if isinstance(error, ClientSSLError):
        return Unreachable(
            Code.PEER_CERTIFICATE,
            f"{host} has no valid certificate, so nothing was sent to it. Whoever runs it must renew the certificate.",
        )
    if isinstance(error, ClientConnectorDNSError):
        return Unreachable(
            Code.PEER_UNREACHABLE, f"The name {host} can't be looked up. Check the spelling and this machine's DNS."
        )
    return Unreachable(Code.PEER_UNREACHABLE, f"{host} can't be reached or hung up. It is asked again later.")
