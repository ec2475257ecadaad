"""Whose address counts, behind a proxy and in front of it."""

from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from nic_node.config import read_config
from nic_node.errors import NotConfigured
from nic_node.web import context
from nic_node.web.address import address_of


class Transport:
    def __init__(self, peer: str) -> None:
        self._peer = peer

    def get_extra_info(self, name: str, default: object = None) -> object:
        return (self._peer, 50_000) if name == "peername" else default


def asked(tmp_path: Path, peer: str, *forwarded: str, proxies: str | None = None) -> str:
    environ = {} if proxies is None else {"NIC_TRUSTED_PROXIES": proxies}
    app = web.Application()
    app[context.CONFIG] = read_config(tmp_path, environ)
    headers = [("X-Forwarded-For", said) for said in forwarded]
    return address_of(make_mocked_request("GET", "/", headers=headers, app=app, transport=Transport(peer)))


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.9", (), "203.0.113.9"),
        ("203.0.113.9", ("198.51.100.7",), "203.0.113.9"),
        ("127.0.0.1", ("198.51.100.7",), "198.51.100.7"),
        ("::1", ("198.51.100.7",), "198.51.100.7"),
        ("127.0.0.1", ("10.0.0.1, 198.51.100.7",), "198.51.100.7"),
        ("127.0.0.1", ("10.0.0.1", "198.51.100.7"), "198.51.100.7"),
        ("127.0.0.1", ("198.51.100.7, 127.0.0.1",), "198.51.100.7"),
        ("127.0.0.1", ("unknown",), "127.0.0.1"),
        ("127.0.0.1", ("198.51.100.7, unknown",), "127.0.0.1"),
        ("127.0.0.1", ("",), "127.0.0.1"),
        ("127.0.0.1", ("2001:db8:1:2:3:4:5:6",), "2001:db8:1:2::/64"),
        ("127.0.0.1", ("::ffff:198.51.100.7",), "198.51.100.7"),
        ("127.0.0.1", ("[2001:db8::1]",), "2001:db8::/64"),
        ("2001:db8::1", (), "2001:db8::/64"),
    ],
)
def test_the_nearest_that_is_no_proxy_of_ours(
    tmp_path: Path, peer: str, forwarded: tuple[str, ...], address: str
) -> None:
    assert asked(tmp_path, peer, *forwarded) == address


def test_a_long_chain_ends(tmp_path: Path) -> None:
    assert asked(tmp_path, "127.0.0.1", "198.51.100.7" + ", 127.0.0.1" * 50) == "127.0.0.1"


def test_which_proxies_is_a_setting(tmp_path: Path) -> None:
    assert asked(tmp_path, "10.1.2.3", "198.51.100.7", proxies="10.0.0.0/8") == "198.51.100.7"
    assert asked(tmp_path, "127.0.0.1", "198.51.100.7", proxies="10.0.0.0/8") == "127.0.0.1"
    assert asked(tmp_path, "127.0.0.1", "198.51.100.7", proxies="") == "127.0.0.1"
    with pytest.raises(NotConfigured, match="NIC_TRUSTED_PROXIES"):
        asked(tmp_path, "127.0.0.1", proxies="the proxy")


def test_a_token_for_numbers_is_long(tmp_path: Path) -> None:
    for token in ("short", "x" * 31, "with spaces " * 4, "x" * 201):
        with pytest.raises(NotConfigured, match="NIC_METRICS_TOKEN"):
            read_config(tmp_path, {"NIC_METRICS_TOKEN": token})
    config = read_config(tmp_path, {"NIC_METRICS_TOKEN": "x" * 32})
    assert "xxx" not in repr(config)
