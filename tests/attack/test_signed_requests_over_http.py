"""Signed requests over real HTTP, with nonces in both databases: client and node understand each other, others fail."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from federation.errors import FederationError, Unreachable, Untrusted
from federation.keys import generate_private_jwk, public_jwk
from federation.requests import build_key_id
from nic_node.db.engine import Database
from nic_node.peerhttp.answers import PeerRefused
from nic_node.peerhttp.client import PeerClient
from nic_node.peerhttp.nonces import NonceStore
from nic_node.peerhttp.requests import build_target_uri, peer_request
from nic_node.peerhttp.signing import RequestSigner, build_signature_headers
from nic_node.peerhttp.throttle import Throttle
from schemas.canonical import canonical_bytes
from schemas.problem import PROBLEM_CONTENT_TYPE, PROBLEMS, Code, problem_document
from tests.conftest import TestClock

MEMBER = "https://maple.example.org"
PUBLIC_URL = "https://hub.example.org"
URL = f"{PUBLIC_URL}/v1/hints"
BODY = b'{"origin":"hub.example.org/net/reading/log/1","size":7}'
NONCE = "0123456789abcdef"
SIGNER = RequestSigner(MEMBER, generate_private_jwk("Ed25519"))


class Node:
    """A node with one peer route, `/v1/hints`, behind a public address that isn't the one it listens on."""

    def __init__(self, database: Database, clock: TestClock, *, max_bytes: int = 1000) -> None:
        self.nonces = NonceStore(database)
        self.throttle = Throttle()
        self.clock = clock
        self.max_bytes = max_bytes
        self.accepted: list[tuple[str, bytes]] = []
        self.keys = {SIGNER.key_id: public_jwk(SIGNER.private_jwk)}
        self.public_url = ""
        application = web.Application()
        application.router.add_route("*", "/v1/hints", self._receive)
        self.server = TestServer(application)

    async def start(self) -> None:
        await self.server.start_server()
        self.public_url = str(self.server.make_url("")).rstrip("/")

    @property
    def url(self) -> str:
        return f"{self.public_url}/v1/hints"

    async def _receive(self, request: web.Request) -> web.Response:
        try:
            asked = await peer_request(
                request,
                public_url=self.public_url,
                find_key=self.keys.get,
                nonces=self.nonces,
                throttle=self.throttle,
                now=self.clock(),
                max_bytes=self.max_bytes,
                body_seconds=0.2,
            )
        except FederationError as error:
            return web.Response(
                status=PROBLEMS[error.code].status,
                body=canonical_bytes(problem_document(error.code, error.detail)),
                content_type=PROBLEM_CONTENT_TYPE,
            )
        self.accepted.append((asked.entity_id, asked.body))
        return web.Response(status=202)

    async def send(self, headers: Mapping[str, str], body: bytes = BODY, method: str = "POST") -> Code | None:
        async with (
            ClientSession(skip_auto_headers=["Accept-Encoding"]) as session,
            session.request(method, self.url, data=body, headers=headers) as response,
        ):
            if response.status == 202:
                return None
            problem = json.loads(await response.read())
            assert problem["status"] == response.status
            assert problem["detail"]
            return Code(problem["code"])

    def sign(self, body: bytes | None = BODY, url: str | None = None, nonce: str = NONCE) -> dict[str, str]:
        return build_signature_headers(
            SIGNER, method="POST", target_uri=url or self.url, body=body, now=self.clock(), nonce=nonce
        )


@pytest.fixture
async def node(database: Database, clock: TestClock) -> AsyncIterator[Node]:
    running = Node(database, clock)
    await running.start()
    yield running
    await running.server.close()


@pytest.fixture
async def client(clock: TestClock) -> AsyncIterator[PeerClient]:
    async with PeerClient(clock=clock, allow_insecure_loopback=True) as opened:
        yield opened


async def post(client: PeerClient, node: Node, body: bytes = BODY, signer: RequestSigner | None = SIGNER) -> None:
    await client.post(
        f"{node.url}", body=body, body_type="application/json", content_type=(), max_bytes=0, signer=signer,
        accept_status={202},
    )  # fmt: skip


async def test_the_client_and_the_node_understand_each_other(node: Node, client: PeerClient) -> None:
    await post(client, node)
    await post(client, node)
    await client.get(f"{node.url}?a=%20%2Fb&c", content_type=(), max_bytes=0, signer=SIGNER, accept_status={202})
    assert node.accepted == [(MEMBER, BODY), (MEMBER, BODY), (MEMBER, b"")]


async def test_a_replay_is_refused_even_with_another_body(node: Node, clock: TestClock) -> None:
    headers = node.sign()
    assert await node.send(headers) is None
    assert await node.send(headers) == Code.REQUEST_REPLAYED
    assert await node.send(headers, body=b"{}") == Code.REQUEST_BODY_ALTERED
    clock.forward(seconds=59)
    assert await node.send(headers) == Code.REQUEST_REPLAYED
    clock.forward(seconds=2)
    assert await node.send(headers) == Code.REQUEST_STALE
    assert len(node.accepted) == 1


async def test_a_request_that_failed_does_not_use_up_its_nonce(node: Node) -> None:
    """Else anybody who sees a request could spoil it by sending it first with another body."""
    headers = node.sign()
    assert await node.send(headers, body=b"{}") == Code.REQUEST_BODY_ALTERED
    assert await node.send(headers) is None


async def test_host_and_forwarding_headers_play_no_part(node: Node) -> None:
    headers = node.sign() | {"Host": "evil.example.org", "X-Forwarded-Host": "evil.example.org", "Forwarded": "host=e"}
    assert await node.send(headers) is None
    elsewhere = node.sign(url="http://evil.example.org/v1/hints", nonce="another-nonce-123")
    assert await node.send(elsewhere | {"Host": "evil.example.org"}) == Code.SIGNATURE_INVALID


async def test_a_request_for_another_node_is_of_no_use_here(node: Node) -> None:
    assert await node.send(node.sign(url=URL)) == Code.SIGNATURE_INVALID


async def test_bodies_too_large_or_compressed(node: Node) -> None:
    large = b"x" * 1001
    assert await node.send(node.sign(body=large), body=large) == Code.BODY_TOO_LARGE
    assert await node.send(node.sign(nonce="n" * 16) | {"Content-Encoding": "gzip"}) == Code.BODY_ENCODED
    assert await node.send({"Content-Length": "5000"}, body=b"x" * 5000) == Code.REQUEST_UNSIGNED, "before it is read"

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"x" * 100

    async with (
        ClientSession() as session,
        session.post(node.url, data=endless(), headers=node.sign(nonce="m" * 16)) as response,
    ):
        assert json.loads(await response.read())["code"] == Code.BODY_TOO_LARGE
    assert not node.accepted


async def test_a_body_that_never_ends(node: Node) -> None:
    never = asyncio.Event()

    async def silent() -> AsyncIterator[bytes]:
        yield b"{"
        await never.wait()

    async with (
        ClientSession() as session,
        session.post(node.url, data=silent(), headers=node.sign()) as response,
    ):
        assert json.loads(await response.read())["code"] == Code.PEER_TIMED_OUT
        never.set()
    assert not node.accepted


@pytest.mark.parametrize(
    ("framing", "sent"),
    [
        ("Content-Length: 50", b"half"),
        ("Transfer-Encoding: chunked", b"zz\r\n"),
        ("Transfer-Encoding: chunked", b"4\r\nha"),
    ],
    ids=["cut", "malformed chunk", "cut chunk"],
)
async def test_a_body_that_breaks_off_can_be_sent_again(node: Node, framing: str, sent: bytes) -> None:
    headers = node.sign()
    lines = ["POST /v1/hints HTTP/1.1", "Host: x", framing, *(f"{name}: {value}" for name, value in headers.items())]
    reader, writer = await asyncio.open_connection("127.0.0.1", node.server.port)
    writer.write("\r\n".join([*lines, "", ""]).encode() + sent)
    writer.write_eof()
    await reader.read()
    writer.close()
    await writer.wait_closed()
    assert not node.accepted
    assert await node.send(headers) is None


async def test_the_client_tells_what_may_pass_from_what_may_not(
    node: Node, client: PeerClient, clock: TestClock
) -> None:
    node.clock = TestClock(clock.now + timedelta(hours=1))
    with pytest.raises(Unreachable, match="clock") as wrong_clock:
        await post(client, node)
    assert wrong_clock.value.code == Code.REQUEST_STALE
    node.clock = clock
    node.keys.clear()
    with pytest.raises(PeerRefused) as unknown:
        await post(client, node)
    assert unknown.value.problem is not None
    assert unknown.value.problem["code"] == Code.SIGNER_UNKNOWN
    with pytest.raises(PeerRefused) as unsigned:
        await post(client, node, signer=None)
    assert unsigned.value.problem is not None
    assert unsigned.value.problem["code"] == Code.REQUEST_UNSIGNED


async def test_rotation_changes_the_keyid(node: Node, client: PeerClient) -> None:
    new = RequestSigner(MEMBER, generate_private_jwk("Ed25519"))
    with pytest.raises(PeerRefused):
        await post(client, node, signer=new)
    node.keys[build_key_id(MEMBER, new.key.jkt)] = public_jwk(new.private_jwk)
    await post(client, node, signer=new)
    await post(client, node)
    assert len(node.accepted) == 2


@pytest.mark.parametrize("raw_path", ["http://evil.example.org/x", "*", ""])
def test_a_request_line_with_a_host_of_its_own_is_refused(raw_path: str) -> None:
    with pytest.raises(Untrusted) as refused:
        build_target_uri(PUBLIC_URL, raw_path)
    assert refused.value.code == Code.REQUEST_MALFORMED


def test_the_target_is_the_configured_address() -> None:
    assert build_target_uri("https://hub.example.org:443", "/a?b=%20") == "https://hub.example.org/a?b=%20"
    assert build_target_uri("http://127.0.0.1:8000", "//x/y") == "http://127.0.0.1:8000//x/y"
