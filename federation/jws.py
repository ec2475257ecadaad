"""Compact JSON Web Signatures (RFC 7515), strictly: one spelling, one algorithm a key type, nothing optional.

Refused before any key is looked at: `alg: none`, HMAC, `crit` (none is known), `b64`, another `typ`, header members
that the reader does not expect (a `jwk` or `jku` that brings its own key), JSON with a key twice, base64url in a
second spelling, too many bytes.
"""

from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

from federation.errors import Untrusted, untrusted_document
from federation.keys import (
    JWS_ALGORITHM,
    FindKey,
    Jwk,
    PrivateKey,
    PublicKey,
    decode_base64url,
    load_private,
    load_public,
    sign_bytes,
    verify_bytes,
)
from schemas.base64url import encode_base64url
from schemas.canonical import canonical_bytes, read_canonical, read_json
from schemas.code import Code
from schemas.invalid import InvalidDocument

MAX_HEADER_BYTES: Final = 2048
ALGORITHMS: Final = frozenset(JWS_ALGORITHM.values())

_OWN_HEADER: Final = frozenset({"alg", "kid", "typ"})
_SIGNATURE_BYTES: Final = 64


class UnverifiedJws(NamedTuple):
    """What a token says, well formed but signed by nobody knows whom."""

    header: dict[str, Any]
    payload: dict[str, Any]
    kid: str
    signing_input: bytes
    signature: bytes


class VerifiedJws(NamedTuple):
    """What a token says, signed by the key whose thumbprint is `kid`."""

    header: dict[str, Any]
    payload: dict[str, Any]
    kid: str


def sign_jws(
    payload: Mapping[str, Any],
    private: Jwk | PrivateKey,
    *,
    typ: str,
    extra_header: Mapping[str, Any] | None = None,
) -> str:
    """Header and payload in canonical JSON (RFC 8785), kid = jkt, alg by the key's kind.

    Raises:
        ValueError: the key does not sign (X25519, RSA-3072) or is damaged.
    """
    key = load_private(private)
    if key.kind not in JWS_ALGORITHM:
        raise ValueError(f"a {key.kind} key does not sign")
    header = {**(extra_header or {}), "alg": JWS_ALGORITHM[key.kind], "kid": key.jkt, "typ": typ}
    signing_input = f"{encode_base64url(canonical_bytes(header))}.{encode_base64url(canonical_bytes(dict(payload)))}"
    return f"{signing_input}.{encode_base64url(sign_bytes(key, signing_input.encode()))}"


def peek_jws(
    token: str | bytes,
    *,
    typ: str,
    max_bytes: int,
    extra_header_names: Collection[str] | None = (),
    is_canonical: bool = False,
) -> UnverifiedJws:
    """Every check but the signature's: to learn whose key is wanted. Nothing in the answer is proven.

    `extra_header_names` may stand in the header beside alg, kid and typ; None allows any that changes no meaning.
    `is_canonical`: both must be in the one form of RFC 8785, so that no bytes are left to say anything else with.

    Raises:
        Untrusted: TOKEN_TOO_LARGE, TOKEN_MALFORMED, TOKEN_TYPE_WRONG, ALGORITHM_REFUSED, CRITICAL_HEADER_UNKNOWN,
            or the code of what is wrong with its JSON.
    """
    segments = _segments(token, max_bytes)
    extra_names = None if extra_header_names is None else frozenset(extra_header_names)
    header = dict(_read_header(segments[0], typ, extra_names, is_canonical=is_canonical))
    signature = decode_base64url(segments[2], max_bytes=_SIGNATURE_BYTES)
    return UnverifiedJws(
        header=header,
        payload=_object(segments[1], max_bytes, is_canonical=is_canonical),
        kid=header["kid"],
        signing_input=f"{segments[0]}.{segments[1]}".encode(),
        signature=signature,
    )


def peek_header(token: bytes, *, typ: str, is_canonical: bool = False) -> Mapping[str, Any]:
    """Of a token with alg, kid and typ only; what follows its header is not looked at. Raises as `peek_jws` does."""
    segment = token.partition(b".")[0]
    if len(segment) > MAX_HEADER_BYTES * 4 // 3 or not segment.isascii():
        raise Untrusted(Code.TOKEN_MALFORMED, "A token's header is too long, or holds characters that no token has.")
    return _read_header(segment.decode(), typ, frozenset(), is_canonical=is_canonical)


def verify_jws(
    token: str | bytes,
    find_key: FindKey,
    *,
    typ: str,
    max_bytes: int,
    extra_header_names: Collection[str] | None = (),
) -> VerifiedJws:
    """The token, signed by the key that `find_key` knows under its kid.

    Raises:
        Untrusted: what `peek_jws` raises; KEY_UNKNOWN, KEY_INVALID, ALGORITHM_REFUSED when alg and key do not belong
            together, SIGNATURE_INVALID.
    """
    unverified = peek_jws(token, typ=typ, max_bytes=max_bytes, extra_header_names=extra_header_names)
    return verify_peeked(unverified, find_key)


def verify_peeked(
    unverified: UnverifiedJws, find_key: Callable[[str], Mapping[str, Any] | PublicKey | None]
) -> VerifiedJws:
    """The second half of `verify_jws`, for those who had to look first."""
    jwk = find_key(unverified.kid)
    if jwk is None:
        raise Untrusted(Code.KEY_UNKNOWN, "A token names a signing key that is not known for its issuer.")
    verify_signature(unverified, load_public(jwk))
    return VerifiedJws(header=unverified.header, payload=unverified.payload, kid=unverified.kid)


def verify_signature(unverified: UnverifiedJws, key: PublicKey) -> None:
    """That a token is signed by this very key. Raises Untrusted: KEY_INVALID, ALGORITHM_REFUSED, SIGNATURE_INVALID."""
    if key.jkt != unverified.kid:
        raise Untrusted(Code.KEY_INVALID, "A key was found under a name that is not its thumbprint.")
    if JWS_ALGORITHM.get(key.kind) != unverified.header["alg"]:
        raise Untrusted(Code.ALGORITHM_REFUSED, "A token's algorithm does not belong to its key.")
    verify_bytes(key, unverified.signing_input, unverified.signature)


def _segments(token: str | bytes, max_bytes: int) -> list[str]:
    # The size first: nothing that is too long is copied, decoded or split.
    if len(token) > max_bytes:
        raise Untrusted(Code.TOKEN_TOO_LARGE, f"A token is longer than {max_bytes} bytes.")
    try:
        text = token if isinstance(token, str) else token.decode("ascii")
    except UnicodeDecodeError as error:
        raise Untrusted(Code.TOKEN_MALFORMED, "A token holds characters that no token has.") from error
    segments = text.split(".")
    if len(segments) != 3:
        raise Untrusted(Code.TOKEN_MALFORMED, "A token does not have three parts.")
    return segments


@lru_cache(maxsize=4096)
def _read_header(segment: str, typ: str, extra_names: frozenset[str] | None, *, is_canonical: bool) -> dict[str, Any]:
    """Whoever signs much signs under the same header: it is read and checked once."""
    header = _object(segment, MAX_HEADER_BYTES, is_canonical=is_canonical)
    _verify_header(header, typ, extra_names)
    return header


def _object(segment: str, max_bytes: int, *, is_canonical: bool) -> dict[str, Any]:
    read = read_canonical if is_canonical else read_json
    try:
        value = read(decode_base64url(segment, max_bytes=max_bytes), max_bytes=max_bytes)
    except InvalidDocument as error:
        raise untrusted_document(error) from error
    if not isinstance(value, dict):
        raise Untrusted(Code.TOKEN_MALFORMED, "A token's header and payload must be JSON objects.")
    return value


def _verify_header(header: dict[str, Any], typ: str, extra_names: frozenset[str] | None) -> None:
    if "crit" in header:
        raise Untrusted(Code.CRITICAL_HEADER_UNKNOWN, "A token demands an extension that this program does not know.")
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        raise Untrusted(Code.ALGORITHM_REFUSED, "A token is not signed with ES256 or EdDSA.")
    if header.get("typ") != typ:
        raise Untrusted(Code.TOKEN_TYPE_WRONG, f"A token of type {typ} is wanted here.")
    if not isinstance(header.get("kid"), str):
        raise Untrusted(Code.TOKEN_MALFORMED, "A token does not name its key.")
    surplus = header.keys() - _OWN_HEADER
    if extra_names is not None and not surplus <= extra_names:
        raise Untrusted(Code.TOKEN_MALFORMED, "A token's header has members that do not belong there.")
    # Without `crit` a reader may ignore it (RFC 7797 section 6), and would read other bytes than the signer meant.
    if "b64" in header:
        raise Untrusted(Code.CRITICAL_HEADER_UNKNOWN, "A token's payload is not encoded as all others are.")
