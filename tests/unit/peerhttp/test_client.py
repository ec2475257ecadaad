"""The client against peers that answer well, badly and not at all: over real sockets on loopback."""

import asyncio
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from federation.errors import FederationError, Unreachable, Untrusted
from nic_node.peerhttp.answers import LONGEST_RETRY_AFTER_SECONDS, PeerRefused
from nic_node.peerhttp.client import PeerClient
from schemas.problem import Code
from tests.fakes.misbehaving_peer import TWO_GIGABYTES, MisbehavingPeer

NOW = datetime(2026, 10, 27, 12, 0, tzinfo=UTC)
JSON = "application/json"


class SilentResolver(AbstractResolver):
    """DNS that never answers."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        await asyncio.Event().wait()
        return []

    async def close(self) -> None:
        return


class DeadResolver(SilentResolver):
    """DNS that is gone."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")


@pytest.fixture
async def peer() -> AsyncIterator[MisbehavingPeer]:
    async with MisbehavingPeer().running() as running:
        yield running


@pytest.fixture
async def client() -> AsyncIterator[PeerClient]:
    async with PeerClient(clock=lambda: NOW, allow_insecure_loopback=True) as opened:
        yield opened


async def refusal(client: PeerClient, url: str, max_bytes: int = 1000) -> FederationError:
    with pytest.raises(FederationError) as refused:
        await client.get(url, content_type=JSON, max_bytes=max_bytes)
    assert refused.value.detail[0].isalnum()
    assert refused.value.detail.endswith("."), "one plain sentence or two"
    return refused.value


async def test_a_good_answer_comes_whole(client: PeerClient, peer: MisbehavingPeer) -> None:
    for deed in ("ok", "gzip"):
        answer = await client.get(f"{peer.url}/{deed}?a=%20b", content_type=JSON, max_bytes=11)
        assert (answer.status, answer.content_type, answer.body) == (200, JSON, b'{"ok":true}')
    asked = peer.seen[0]
    assert (asked.method, asked.raw_path) == ("GET", "/ok?a=%20b")
    assert asked.headers["Accept"] == JSON
    assert asked.headers["Accept-Encoding"] == "gzip"
    assert "Cookie" not in asked.headers


async def test_one_byte_less_than_the_answer_is_too_few(client: PeerClient, peer: MisbehavingPeer) -> None:
    for deed in ("ok", "gzip"):
        assert (await refusal(client, f"{peer.url}/{deed}", max_bytes=10)).code == Code.PEER_TOO_LARGE


@pytest.mark.parametrize(
    ("deed", "code"),
    [
        ("html", Code.PEER_CONTENT_TYPE),
        ("untyped", Code.PEER_CONTENT_TYPE),
        ("nothing", Code.PEER_EMPTY),
        ("redirect-inside", Code.PEER_REDIRECTED),
        ("redirect-metadata", Code.PEER_REDIRECTED),
        ("says-two-gigabytes", Code.PEER_TOO_LARGE),
        ("sends-two-gigabytes", Code.PEER_TOO_LARGE),
        ("gzip-bomb", Code.PEER_TOO_LARGE),
        ("cut-gzip", Code.PEER_ENCODING),
        ("false-gzip", Code.PEER_ENCODING),
        ("gzip-and-more", Code.PEER_ENCODING),
        ("brotli", Code.PEER_ENCODING),
        ("problem", Code.PEER_REFUSED),
        ("gone", Code.PEER_REFUSED),
    ],
)
async def test_what_is_wrong_is_untrusted(client: PeerClient, peer: MisbehavingPeer, deed: str, code: Code) -> None:
    error = await refusal(client, f"{peer.url}/{deed}", max_bytes=200_000)
    assert isinstance(error, Untrusted)
    assert error.code == code
    assert peer.sent < TWO_GIGABYTES / 100, "it hung up long before"
    assert len(peer.seen) == 1, "nothing was followed, nothing retried"


@pytest.mark.parametrize(
    ("deed", "code"),
    [
        ("hang-up", Code.PEER_UNREACHABLE),
        ("not-http", Code.PEER_UNREACHABLE),
        ("cut-body", Code.PEER_UNREACHABLE),
        ("fault", Code.PEER_UNREACHABLE),
        ("busy", Code.PEER_BUSY),
        ("replayed", Code.REQUEST_REPLAYED),
    ],
)
async def test_what_may_pass_is_unreachable(client: PeerClient, peer: MisbehavingPeer, deed: str, code: Code) -> None:
    error = await refusal(client, f"{peer.url}/{deed}")
    assert isinstance(error, Unreachable)
    assert error.code == code


@pytest.mark.parametrize("deed", ["drips", "keeps-silent"])
async def test_a_slow_peer_is_left(peer: MisbehavingPeer, deed: str) -> None:
    async with PeerClient(clock=lambda: NOW, allow_insecure_loopback=True, total_seconds=0.2) as client:
        error = await refusal(client, f"{peer.url}/{deed}")
    assert isinstance(error, Unreachable)
    assert error.code == Code.PEER_TIMED_OUT


async def test_dns_that_keeps_silent_or_is_gone() -> None:
    async with PeerClient(clock=lambda: NOW, resolver=SilentResolver(), connect_seconds=0.05) as client:
        error = await refusal(client, "https://school.example.org/")
        assert isinstance(error, Unreachable)
        assert error.code == Code.PEER_TIMED_OUT
    async with PeerClient(clock=lambda: NOW, resolver=DeadResolver()) as client:
        error = await refusal(client, "https://school.example.org/")
        assert isinstance(error, Unreachable)
        assert error.code == Code.PEER_UNREACHABLE
        assert "DNS" in error.detail


async def test_nobody_listens(client: PeerClient) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        error = await refusal(client, f"http://127.0.0.1:{taken.getsockname()[1]}/")
    assert isinstance(error, Unreachable)
    assert error.code == Code.PEER_UNREACHABLE


@pytest.mark.parametrize(
    ("deed", "seconds"),
    [
        ("busy", 17),
        ("busy-till-a-date", 90),
        ("busy-for-ever", LONGEST_RETRY_AFTER_SECONDS),
        ("busy-without-sense", None),
    ],
)
async def test_retry_after(client: PeerClient, peer: MisbehavingPeer, deed: str, seconds: int | None) -> None:
    error = await refusal(client, f"{peer.url}/{deed}")
    assert isinstance(error, Unreachable)
    assert error.retry_after_seconds == seconds


async def test_a_refusal_says_what_the_peer_said(client: PeerClient, peer: MisbehavingPeer) -> None:
    error = await refusal(client, f"{peer.url}/problem")
    assert isinstance(error, PeerRefused)
    assert error.status == 403
    assert error.problem is not None
    assert error.problem["code"] == Code.MEMBER_SUSPENDED
    assert "The membership is suspended." in error.detail
    assert error.detail.isprintable(), "a peer can't write on the operator's terminal"
    error = await refusal(client, f"{peer.url}/oidf-error")
    assert isinstance(error, PeerRefused)
    assert error.problem == {"error": "not_found", "error_description": "Unknown entity."}


@pytest.mark.parametrize("deed", ["bad-problem", "endless-problem", "gone"])
async def test_a_refusal_without_sense_is_a_refusal_all_the_same(
    client: PeerClient, peer: MisbehavingPeer, deed: str
) -> None:
    error = await refusal(client, f"{peer.url}/{deed}")
    assert isinstance(error, PeerRefused)
    assert error.problem is None
    assert peer.sent < TWO_GIGABYTES / 100


async def test_an_expected_status_is_an_answer(client: PeerClient, peer: MisbehavingPeer) -> None:
    gone = await client.get(f"{peer.url}/gone", content_type=JSON, max_bytes=9, accept_status={200, 410})
    assert (gone.status, gone.body) == (410, b"gone")
    accepted = await client.post(
        f"{peer.url}/accepted", body=b"{}", body_type=JSON, content_type=(), max_bytes=0, accept_status={202}
    )
    assert (accepted.status, accepted.body) == (202, b"")
    none = await client.get(f"{peer.url}/no-content", content_type=JSON, max_bytes=0, accept_status={204})
    assert (none.status, none.body) == (204, b"")
    empty = await client.get(f"{peer.url}/nothing", content_type=JSON, max_bytes=0, may_be_empty=True)
    assert (empty.status, empty.body) == (200, b"")


async def test_a_post_carries_its_body_and_type(client: PeerClient, peer: MisbehavingPeer) -> None:
    await client.post(
        f"{peer.url}/ok", body=b"\x00" * 10, body_type="application/x-envelope", content_type=JSON, max_bytes=99
    )
    (asked,) = peer.seen
    assert asked.method == "POST"
    assert asked.headers["Content-Type"] == "application/x-envelope"
    assert asked.content_length == 10


async def test_a_proxy_of_the_environment_is_not_used(
    client: PeerClient, peer: MisbehavingPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "")
    assert (await client.get(f"{peer.url}/ok", content_type=JSON, max_bytes=99)).status == 200
