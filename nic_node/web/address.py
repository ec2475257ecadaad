"""From which address a request comes, also through the proxy in front."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from aiohttp import web

from nic_node.web import context

FORWARDED = "X-Forwarded-For"
ONE_HOLDER = 64
"""Bits of an IPv6 address that one household or machine has: within them everybody may take any address."""
MOST_HOPS = 20


def address_of(request: web.Request) -> str:
    """The visitor's address as limits count it: the nearest one that is no proxy of ours, IPv6 as its /64 network."""
    proxies = context.config(request).proxies
    address = _read(request.remote or "")
    if address is None:
        return ""
    for said in _forwarded(request):
        if not any(address in network for network in proxies):
            break
        before = _read(said)
        if before is None:
            break
        address = before
    return _as_holder(address)


def _forwarded(request: web.Request) -> list[str]:
    """The nearest first."""
    said = ",".join(request.headers.getall(FORWARDED, [])).split(",")
    return said[::-1][:MOST_HOPS]


def _read(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text.strip().strip("[]"))
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def _as_holder(address: IPv4Address | IPv6Address) -> str:
    if isinstance(address, IPv4Address):
        return str(address)
    return str(ip_network((address.packed, ONE_HOLDER), strict=False))
