"""Somebody names an address inside, and waits for the node to go there. It never does.

A real server on loopback stands for everything inside; it must never see a request that this list causes.
"""

import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from socket import AF_INET, IPPROTO_TCP, SOCK_STREAM, AddressFamily

import pytest
from aiohttp import ClientConnectorError, ClientSession, TCPConnector, ThreadedResolver, web
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.test_utils import TestServer
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from yarl import URL

from federation.errors import FederationError, Unreachable
from nic_node.peerhttp.client import TOTAL_SECONDS, PeerClient
from nic_node.peerhttp.connecting import AddressRefused, CheckedResolver, build_connector, open_checked_socket
from schemas.problem import Code
from tests.fakes.misbehaving_peer import MisbehavingPeer

NOW = datetime(2026, 10, 27, 12, 0, tzinfo=UTC)
JSON = "application/json"


class LyingResolver(AbstractResolver):
    """DNS in the attacker's hands: each look-up of a name gets the next answer, the last one for ever."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def resolve(self, host: str, port: int = 0, family: AddressFamily = AF_INET) -> list[ResolveResult]:
        self.asked.append(host)
        addresses = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [
            ResolveResult(hostname=host, host=address, port=port, family=AF_INET, proto=IPPROTO_TCP, flags=0)
            for address in addresses
        ]

    async def close(self) -> None:
        return


@pytest.fixture
async def inside() -> AsyncIterator[MisbehavingPeer]:
    async with MisbehavingPeer().running() as running:
        yield running
        assert not [request.path for request in running.seen if request.path == "/secret"]


async def refused_code(client: PeerClient, url: str) -> Code:
    with pytest.raises(FederationError) as refused:
        await client.get(url, content_type=JSON, max_bytes=1000)
    return refused.value.code


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "127.9.9.9", "localhost", "0.0.0.0", "[::1]", "[::]", "169.254.169.254", "[fe80::1]", "[fd00:ec2::254]",
        "10.0.0.1", "172.16.0.1", "192.168.0.1", "100.100.100.200", "168.63.129.16", "192.0.0.192", "[fc00::1]",
        "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:169.254.169.254]", "[::127.0.0.1]", "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]", "[2001::1]", "255.255.255.255", "224.0.0.1",
        "2130706433", "0x7f000001", "0177.0.0.1", "017700000001", "0xa9fea9fe", "2852039166", "0251.0376.0251.0376",
        "0x7f.0x0.0x0.0x1", "[::ffff:10.0.0.1]", "[::ffff:192.168.1.1]", "[::ffff:a9fe:a9fe]", "127.1", "0", "0x7f.1", "127.0.0.1.", "[::1%25lo]",
    ],
)  # fmt: skip
async def test_no_spelling_of_an_address_inside_is_asked(inside: MisbehavingPeer, host: str) -> None:
    port = URL(inside.url).port
    async with PeerClient(clock=lambda: NOW) as client:
        for scheme in ("https", "http"):
            code = await refused_code(client, f"{scheme}://{host}:{port}/secret")
            assert code in (Code.ADDRESS_NOT_PUBLIC, Code.ADDRESS_MALFORMED, Code.ADDRESS_INSECURE)
    assert not inside.seen


async def test_a_name_that_leads_inside_is_not_asked(inside: MisbehavingPeer) -> None:
    port = URL(inside.url).port
    for addresses in (["127.0.0.1"], ["10.0.0.1"], ["169.254.169.254"], ["93.184.216.34", "127.0.0.1"]):
        resolver = LyingResolver(addresses)
        async with PeerClient(clock=lambda: NOW, resolver=resolver) as client:
            code = await refused_code(client, f"https://school.example.org:{port}/secret")
        assert code == Code.ADDRESS_NOT_PUBLIC
        assert resolver.asked == ["school.example.org"]
    assert not inside.seen


async def test_the_loopback_setting_opens_loopback_by_its_own_names_only(inside: MisbehavingPeer) -> None:
    port = URL(inside.url).port
    async with PeerClient(
        clock=lambda: NOW, allow_insecure_loopback=True, resolver=LyingResolver(["127.0.0.1"])
    ) as client:
        assert await refused_code(client, f"https://school.example.org:{port}/secret") == Code.ADDRESS_NOT_PUBLIC
        for host in ("10.0.0.1", "169.254.169.254", "[fe80::1]", "0.0.0.0", "[::ffff:127.0.0.1]"):
            assert await refused_code(client, f"http://{host}:{port}/secret") in (
                Code.ADDRESS_NOT_PUBLIC,
                Code.ADDRESS_INSECURE,
            )
        assert not inside.seen
        for host in ("127.0.0.1", "localhost"):
            answer = await client.get(f"http://{host}:{port}/ok", content_type=JSON, max_bytes=99)
            assert answer.status == 200


async def test_dns_rebinding_finds_no_gap(inside: MisbehavingPeer) -> None:
    """The name is harmless when somebody looks at it first, and leads inside when it is asked."""
    resolver = LyingResolver(["93.184.216.34"], ["127.0.0.1"])
    looked_at = await CheckedResolver(resolver, allow_insecure_loopback=False).resolve("school.example.org", 443)
    assert [found["host"] for found in looked_at] == ["93.184.216.34"]
    async with PeerClient(clock=lambda: NOW, resolver=resolver) as client:
        url = f"https://school.example.org:{URL(inside.url).port}/secret"
        assert await refused_code(client, url) == Code.ADDRESS_NOT_PUBLIC
    assert len(resolver.asked) == 2, "one look-up a connection: what was checked is what is connected to"
    assert not inside.seen


async def test_the_socket_itself_is_guarded(inside: MisbehavingPeer) -> None:
    """Even with the resolver's check out of the way, as for literals and cached answers."""
    connector = build_connector(ThreadedResolver(), allow_insecure_loopback=False)
    unchecked = TCPConnector(resolver=LyingResolver(["127.0.0.1"]), socket_factory=connector._socket_factory)
    async with ClientSession(connector=unchecked) as session:
        for host in ("school.example.org", "127.0.0.1", "localhost"):
            with pytest.raises(ClientConnectorError) as refused:
                await session.get(f"http://{host}:{URL(inside.url).port}/secret")
            assert isinstance(refused.value.os_error, AddressRefused)
    await connector.close()
    assert not inside.seen


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "0.0.0.0"])
def test_no_socket_is_opened_to_an_address_inside(address: str) -> None:
    info = (AF_INET, SOCK_STREAM, IPPROTO_TCP, "", (address, 443))
    with pytest.raises(AddressRefused):
        open_checked_socket(info, allow_insecure_loopback=False)
    if not ip_address(address).is_loopback:
        with pytest.raises(AddressRefused):
            open_checked_socket(info, allow_insecure_loopback=True)


def test_a_socket_to_a_public_address_is_opened() -> None:
    info = (AF_INET, SOCK_STREAM, IPPROTO_TCP, "", ("93.184.216.34", 443))
    with open_checked_socket(info, allow_insecure_loopback=False) as opened:
        assert opened.family == AF_INET


@pytest.mark.parametrize(
    "address", ["::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "fd00::1", "fe80::1", "fec0::1", "64:ff9b::a00:1"]
)
async def test_a_name_that_leads_inside_by_version_6_is_not_asked(inside: MisbehavingPeer, address: str) -> None:
    async with PeerClient(clock=lambda: NOW, resolver=LyingResolver([address])) as client:
        url = f"https://school.example.org:{URL(inside.url).port}/secret"
        assert await refused_code(client, url) == Code.ADDRESS_NOT_PUBLIC
    assert not inside.seen


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "target",
    ["/secret", "http://127.0.0.1/", "http://169.254.169.254/", "http://[::ffff:10.0.0.1]/", "http://2130706433/",
     "https://school.example.org/", "file:///etc/passwd", "//10.0.0.1/"],
)  # fmt: skip
async def test_no_kind_of_redirect_leads_anywhere(status: int, target: str) -> None:
    seen = []

    async def point(request: web.Request) -> web.Response:
        seen.append(request.path)
        return web.Response(status=status, headers={"Location": target})

    application = web.Application()
    application.router.add_route("*", "/{any:.*}", point)
    server = TestServer(application, host="127.0.0.1")
    await server.start_server()
    resolver = LyingResolver(["127.0.0.1"])
    async with PeerClient(clock=lambda: NOW, allow_insecure_loopback=True, resolver=resolver) as client:
        assert await refused_code(client, str(server.make_url("/start"))) == Code.PEER_REDIRECTED
    await server.close()
    assert seen == ["/start"]
    assert not resolver.asked


@pytest.mark.parametrize(
    ("deed", "code"),
    [
        ("says-two-gigabytes", Code.PEER_TOO_LARGE),
        ("sends-two-gigabytes", Code.PEER_TOO_LARGE),
        ("gzip-bomb", Code.PEER_TOO_LARGE),
        ("drips", Code.PEER_TIMED_OUT),
        ("keeps-silent", Code.PEER_TIMED_OUT),
    ],
)
async def test_an_answer_costs_no_more_than_was_asked_for(inside: MisbehavingPeer, deed: str, code: Code) -> None:
    seconds = 0.3 if code is Code.PEER_TIMED_OUT else TOTAL_SECONDS
    async with PeerClient(clock=lambda: NOW, allow_insecure_loopback=True, total_seconds=seconds) as client:
        assert await refused_code(client, f"{inside.url}/{deed}") == code
    assert inside.sent < 64 * 1024**2


@pytest.mark.parametrize("deed", ["redirect-inside", "redirect-metadata"])
async def test_no_redirect_is_followed(inside: MisbehavingPeer, deed: str) -> None:
    async with PeerClient(clock=lambda: NOW, allow_insecure_loopback=True) as client:
        assert await refused_code(client, f"{inside.url}/{deed}") == Code.PEER_REDIRECTED
    assert [request.path for request in inside.seen] == [f"/{deed}"]


# TLS: a name that was checked must also prove that it is the one that was asked for ----------------------------------


def make_certificate(folder: Path, *, host: str, days: int) -> tuple[Path, ssl.SSLContext]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    today = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=30))
        .not_valid_after(today + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / f"{host}-{days}.pem"
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return file, context


@pytest.mark.parametrize(
    ("host", "days", "is_trusted", "is_good"),
    [
        ("localhost", 30, True, True),
        ("localhost", 30, False, False),
        ("localhost", -1, True, False),
        ("other.example.org", 30, True, False),
    ],
    ids=["good", "unknown issuer", "expired", "another's name"],
)
async def test_certificates(tmp_path: Path, host: str, days: int, *, is_trusted: bool, is_good: bool) -> None:
    seen = []

    async def answer(request: web.Request) -> web.Response:
        seen.append(request)
        return web.json_response({})

    application = web.Application()
    application.router.add_get("/", answer)
    file, server_side = make_certificate(tmp_path, host=host, days=days)
    client_side = ssl.create_default_context(cafile=str(file)) if is_trusted else None
    server = TestServer(application, scheme="https")
    await server.start_server(ssl=server_side)
    async with PeerClient(clock=lambda: NOW, allow_insecure_loopback=True, ssl_context=client_side) as client:
        url = f"https://localhost:{server.port}/"
        if is_good:
            assert (await client.get(url, content_type=JSON, max_bytes=9)).body == b"{}"
        else:
            with pytest.raises(Unreachable) as refused:
                await client.get(url, content_type=JSON, max_bytes=9)
            assert refused.value.code == Code.PEER_CERTIFICATE
    await server.close()
    assert bool(seen) is is_good
