"""Opening sockets to checked addresses only, in two places that don't trust each other.

`CheckedResolver` refuses a name that leads to any address inside (a name may have several, and may change between
two look-ups: DNS rebinding). `open_checked_socket` stands at the socket itself, where no name, literal, cache or
redirect gets by.
"""

import socket
from functools import partial

from aiohttp import TCPConnector
from aiohttp.abc import AbstractResolver, ResolveResult

from nic_node.peerhttp.addresses import is_loopback_address, is_loopback_host, is_public_address

CONNECTIONS = 64
CONNECTIONS_A_HOST = 8

AddressInfo = tuple[int | socket.AddressFamily, int | socket.SocketKind, int, str, tuple[object, ...]]


class AddressRefused(OSError):
    """The address isn't a public one; no packet was sent."""

    def __init__(self) -> None:
        # The same text for every address: the connector joins differing errors into one that is no longer ours.
        super().__init__("not an address of the public internet")


class CheckedResolver(AbstractResolver):
    """Looks names up and passes on none that leads inside, even partly."""

    def __init__(self, inner: AbstractResolver, *, allow_insecure_loopback: bool) -> None:
        self._inner = inner
        self._allow_insecure_loopback = allow_insecure_loopback

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses of a host.

        Raises:
            AddressRefused: one of them isn't public.
            OSError: the name can't be looked up.
        """
        found = await self._inner.resolve(host, port, family)
        loopback_wanted = self._allow_insecure_loopback and is_loopback_host(host)
        for result in found:
            if not is_public_address(result["host"]) and not (loopback_wanted and is_loopback_address(result["host"])):
                raise AddressRefused
        return found

    async def close(self) -> None:
        await self._inner.close()


def open_checked_socket(info: AddressInfo, *, allow_insecure_loopback: bool) -> socket.socket:
    """A socket for one address, not yet connected.

    Raises:
        AddressRefused: the address isn't public.
    """
    family, kind, protocol, _, where = info
    address = str(where[0])
    if not is_public_address(address) and not (allow_insecure_loopback and is_loopback_address(address)):
        raise AddressRefused
    return socket.socket(family, kind, protocol)


def build_connector(inner: AbstractResolver, *, allow_insecure_loopback: bool) -> TCPConnector:
    """A connector that reaches public addresses only; to be made inside a running loop."""
    return TCPConnector(
        resolver=CheckedResolver(inner, allow_insecure_loopback=allow_insecure_loopback),
        socket_factory=partial(open_checked_socket, allow_insecure_loopback=allow_insecure_loopback),
        limit=CONNECTIONS,
        limit_per_host=CONNECTIONS_A_HOST,
    )
