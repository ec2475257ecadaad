"""Which addresses are public, and which URLs may be asked at all."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.errors import Untrusted
from nic_node.peerhttp.addresses import is_loopback_address, is_public_address, verify_peer_url
from schemas.problem import Code

PUBLIC = ["8.8.8.8", "1.1.1.1", "93.184.216.34", "172.32.0.1", "192.167.255.255", "100.128.0.1", "11.0.0.0"]
PUBLIC += ["2606:2800:220:1::1", "2a00:1450::8", "64:ff9b::808:808", "::ffff:8.8.8.8"]
INSIDE = ["0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.1.2.3"]
INSIDE += ["168.63.129.16", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.192", "192.0.2.1"]
INSIDE += ["192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1"]
INSIDE += [
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
]
INSIDE += ["64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::808:808", "100::1", "2001::1", "2001:db8::1"]
INSIDE += [
    "2002:7f00:1::",
    "2002:808:808::",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
]
INSIDE += ["fec0::1", "ff02::1", "not an address", "", "8.8.8.8.", "010.8.8.8", "134744072"]


@pytest.mark.parametrize("address", PUBLIC)
def test_public(address: str) -> None:
    assert is_public_address(address)


@pytest.mark.parametrize("address", INSIDE)
def test_not_public(address: str) -> None:
    assert not is_public_address(address)


@settings(deadline=None)  # two cores are shared
@given(
    st.ip_addresses(network="127.0.0.0/8") | st.ip_addresses(network="10.0.0.0/8") | st.ip_addresses(network="fc00::/7")
)
def test_no_address_inside_is_public_however_it_is_embedded(address: object) -> None:
    assert not is_public_address(str(address))
    if ":" not in str(address):
        assert not is_public_address(f"::ffff:{address}")
        assert not is_public_address(f"64:ff9b::{address}")


def test_loopback_in_its_plain_forms_only() -> None:
    assert [a for a in INSIDE + PUBLIC if is_loopback_address(a)] == ["127.0.0.1", "127.1.2.3", "::1"]


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("https://school.example.org", "https://school.example.org"),
        ("https://school.example.org/net/a?b=%20c", "https://school.example.org/net/a?b=%20c"),
        ("https://School.Example.org:443/x", "https://school.example.org/x"),
        ("https://school.example.org:8443/", "https://school.example.org:8443/"),
        ("https://xn--bcher-kva.example/", "https://xn--bcher-kva.example/"),
        ("https://93.184.216.34/", "https://93.184.216.34/"),
        ("https://[2606:2800:220:1::1]/", "https://[2606:2800:220:1::1]/"),
        ("https://3com.example/", "https://3com.example/"),
    ],
)
def test_urls_that_may_be_asked(text: str, sent: str) -> None:
    assert str(verify_peer_url(text, allow_insecure_loopback=False)) == sent


@pytest.mark.parametrize(
    "text",
    [
        "", "school.example.org", "//school.example.org/", "https:", "https://", "https:///x", "https:school.example.org",
        "ftp://school.example.org/", "file:///etc/passwd", "gopher://school.example.org/", "javascript:alert(1)",
        "https://user@school.example.org/", "https://user:pw@school.example.org/", "https://@school.example.org/",
        "https://good.example@127.0.0.1/", "https://school.example.org#x", "https://school.example.org/#",
        "https://school.example.org\\@127.0.0.1/", "https://school.example.org/a b", "https://school.example.org/\n",
        "https://school.example.org/\x00", "https://schöol.example/", "https://１２７.0.0.1/", "https://sch%6fol.example/",
        "https://school.example.org:0/", "https://school.example.org:99999/", "https://school.example.org:x/",
        "https://[::1/", "https://[1.2.3.4]/", "https://[v1.x]/", "https://-x.example/", "https://a..b/", "https://.a/",
        "https://" + "a" * 64 + ".example/", "https://school.example.org/" + "a" * 2000,
        # Spellings of an IPv4 address that some resolver understands, and another one otherwise.
        "https://2130706433/", "https://0x7f000001/", "https://0x7f.0.0.1/", "https://0177.0.0.1/", "https://127.1/",
        "https://127.0.1/", "https://127.0.0.1./", "https://0/", "https://8.8.8.0x8/", "https://08.8.8.8/",
    ],
)  # fmt: skip
@pytest.mark.parametrize("loopback", [False, True])
def test_urls_that_are_malformed(text: str, loopback: bool) -> None:
    with pytest.raises(Untrusted) as refused:
        verify_peer_url(text, allow_insecure_loopback=loopback)
    assert refused.value.code == Code.ADDRESS_MALFORMED


@pytest.mark.parametrize("text", ["http://school.example.org/", "http://8.8.8.8/", "http://localhost.example.org/"])
@pytest.mark.parametrize("loopback", [False, True])
def test_http_is_refused_outside_of_loopback(text: str, loopback: bool) -> None:
    with pytest.raises(Untrusted) as refused:
        verify_peer_url(text, allow_insecure_loopback=loopback)
    assert refused.value.code == Code.ADDRESS_INSECURE


@pytest.mark.parametrize("text", ["http://127.0.0.1:8000/", "http://[::1]:8000/", "http://localhost:8000/a"])
def test_loopback_needs_the_setting(text: str) -> None:
    assert str(verify_peer_url(text, allow_insecure_loopback=True)) == text
    with pytest.raises(Untrusted) as refused:
        verify_peer_url(text, allow_insecure_loopback=False)
    assert refused.value.code in (Code.ADDRESS_NOT_PUBLIC, Code.ADDRESS_INSECURE)


@settings(deadline=None)  # two cores are shared
@given(st.text(max_size=80) | st.from_regex(r"https?://[ -~]{0,60}", fullmatch=True), st.booleans())
def test_nothing_but_our_own_error_leaves(text: str, loopback: bool) -> None:
    try:
        url = verify_peer_url(text, allow_insecure_loopback=loopback)
    except Untrusted:
        return
    assert url.raw_host
