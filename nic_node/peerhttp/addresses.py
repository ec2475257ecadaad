"""Which addresses a node may be sent to by others (server-side request forgery, SSRF).

Somebody else's document names a URL; the node that fetches it stands inside a school's network. So: https only,
the name is resolved, every address that isn't a public one is refused, and the socket is opened to the address
that was checked. The networks below are those of IANA's special-purpose registries (RFC 6890 and its updates) that
aren't globally reachable, written out because what `ipaddress.is_global` says differs between versions of Python.
"""

import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from yarl import URL

from federation.errors import Untrusted
from schemas.problem import Code

LONGEST_URL = 2000

_NOT_PUBLIC_V4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network; 0.0.0.0 reaches the machine itself
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # shared by carriers; 100.100.100.200 is a cloud's metadata
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # a cloud's host service, though it looks public
        "169.254.0.0/16",  # link-local; 169.254.169.254 is most clouds' metadata
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments; 192.0.0.192 is a cloud's metadata
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
_PUBLIC_V6 = IPv6Network("2000::/3")  # all that IANA has given out as global unicast; private, link-local lie outside
_NOT_PUBLIC_V6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments, Teredo among them
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: an IPv4 address in disguise
        "3fff::/20",  # documentation
    )
)
_LOOPBACK_V4 = IPv4Network("127.0.0.0/8")
_LOOPBACK_V6 = IPv6Address("::1")
_MAPPED_V4 = IPv6Network("::ffff:0:0/96")  # RFC 4291 section 2.5.5.2
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: how IPv6-only machines reach the IPv4 internet

# A last label made of digits, or 0x and hex digits, is an IPv4 address to some resolver or other (WHATWG URL, 3.5).
_ENDS_IN_NUMBER = re.compile(r"(^|\.)(\d+|0[xX][0-9a-fA-F]*)\.?$")
_HOST_NAME = re.compile(
    r"(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*"
)
_PRINTABLE_ASCII = re.compile(r"[\x21-\x7e]+")


def is_public_address(address: str | IPv4Address | IPv6Address) -> bool:
    """Whether the address is one of the public internet; text that is no address isn't."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv6Address):
        if ip in _MAPPED_V4 or ip in _NAT64:
            ip = IPv4Address(int(ip) & 0xFFFFFFFF)
        else:
            return ip in _PUBLIC_V6 and not any(ip in network for network in _NOT_PUBLIC_V6)
    return not any(ip in network for network in _NOT_PUBLIC_V4)


def is_loopback_address(address: str | IPv4Address | IPv6Address) -> bool:
    """127.0.0.0/8 and ::1, in their plain forms only."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    return ip == _LOOPBACK_V6 or ip in _LOOPBACK_V4


def is_loopback_host(host: str) -> bool:
    """`localhost`, or a loopback address written as one; not a name that somebody points there."""
    return host == "localhost" or is_loopback_address(host)


def verify_peer_url(text: str, *, allow_insecure_loopback: bool) -> URL:
    """Check the form of a URL that somebody else named; its host is checked again when it is resolved.

    Raises:
        Untrusted: ADDRESS_MALFORMED, ADDRESS_INSECURE (http), ADDRESS_NOT_PUBLIC (an address such as 10.0.0.1).
    """
    url = _parse(text)
    host = url.raw_host or ""
    is_loopback = allow_insecure_loopback and is_loopback_host(host)
    if _is_address(host):
        if not is_loopback and not is_public_address(host):
            raise address_refused(host)
    elif _ENDS_IN_NUMBER.search(host) or not _HOST_NAME.fullmatch(host):
        raise _malformed("it has no host name that can be looked up")
    if url.scheme == "http" and not is_loopback:
        raise Untrusted(
            Code.ADDRESS_INSECURE, f"The peer's address {url.origin()} isn't encrypted. It must begin with https://."
        )
    return url


def address_refused(host: str) -> Untrusted:
    """The verdict on a host that is, or leads to, an address inside."""
    return Untrusted(
        Code.ADDRESS_NOT_PUBLIC, f"The peer's address {host} isn't on the public internet, so nothing was sent to it."
    )


def _parse(text: str) -> URL:
    if len(text) > LONGEST_URL or not _PRINTABLE_ASCII.fullmatch(text) or "\\" in text:
        raise _malformed(f"it must be at most {LONGEST_URL} plain characters")
    try:
        url = URL(text)
        port, authority = url.port, urlsplit(text).netloc
    except ValueError as error:
        raise _malformed("it isn't a URL") from error
    if url.scheme not in ("https", "http") or not url.host or not port:
        raise _malformed("it must begin with https:// and a host")
    if "@" in authority:
        raise _malformed("it names a user")
    if "[" in authority and ":" not in url.host:
        raise _malformed("its brackets hold no IPv6 address")
    if "#" in text:
        raise _malformed("it has a fragment")
    return url


def _is_address(host: str) -> bool:
    try:
        ip_address(host.replace("%25", "%"))
    except ValueError:
        return False
    return True


def _malformed(why: str) -> Untrusted:
    return Untrusted(Code.ADDRESS_MALFORMED, f"The peer's address can't be used: {why}.")
