"""Keys as JSON Web Keys (RFC 7517, RFC 8037), named by their thumbprint (RFC 7638, 'jkt').

A key is a plain dict of strings: it rests in the database, travels in documents and is compared as it stands.
What is parsed from it (`PublicKey`, `PrivateKey`) is for those who use one key many times.
Four kinds exist, each bound to one use: ES256 and Ed25519 sign, X25519 receives envelopes, RSA-3072 issues credentials.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa, x25519
from jwt.algorithms import ECAlgorithm

from federation.errors import Untrusted
from schemas import base64url
from schemas.base64url import encode_base64url
from schemas.code import Code

Jwk = dict[str, str]
FindKey = Callable[[str], Mapping[str, Any] | None]
KeyKind = Literal["ES256", "Ed25519", "X25519", "RSA-3072"]
PublicHandle = ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | x25519.X25519PublicKey | rsa.RSAPublicKey
PrivateHandle = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | x25519.X25519PrivateKey | rsa.RSAPrivateKey

JWS_ALGORITHM: Final[Mapping[KeyKind, str]] = {"ES256": "ES256", "Ed25519": "EdDSA"}
MAX_KEYS_IN_SET: Final = 32

_ANY_SCALAR: Final = b"\x55" * 32
_RSA_BITS: Final = 3072
_RSA_EXPONENT: Final = 65537
_MAX_NUMBER_BYTES: Final = 512
_ES256: Final = ECAlgorithm(ECAlgorithm.SHA256, ec.SECP256R1)
_REQUIRED: Final[Mapping[str, tuple[str, ...]]] = {
    "EC": ("crv", "kty", "x", "y"),
    "OKP": ("crv", "kty", "x"),
    "RSA": ("e", "kty", "n"),
}
_PRIVATE: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_CURVES: Final[Mapping[tuple[str, str], KeyKind]] = {
    ("EC", "P-256"): "ES256",
    ("OKP", "Ed25519"): "Ed25519",
    ("OKP", "X25519"): "X25519",
}

# Points of small order on edwards25519, by y: under such a 'key' almost any signature holds for many messages,
# so that a leaf could be signed by everybody.
_ED25519_PRIME: Final = 2**255 - 19
_ORDER_8_Y: Final = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
_SMALL_ORDER_Y: Final = frozenset({0, 1, _ED25519_PRIME - 1, _ORDER_8_Y, _ED25519_PRIME - _ORDER_8_Y})


@dataclass(frozen=True)
class PublicKey:
    """A checked public key; `handle` is the cryptography object."""

    kind: KeyKind
    jkt: str
    jwk: Jwk
    handle: PublicHandle


@dataclass(frozen=True)
class PrivateKey:
    """A loaded private key; keep it only as long as the key may be used."""

    kind: KeyKind
    jkt: str
    public: Jwk
    handle: PrivateHandle = field(repr=False)


def decode_base64url(text: object, *, max_bytes: int) -> bytes:
    """The one text that `encode_base64url` makes of the bytes, no other spelling of it.

    Raises:
        Untrusted: TOKEN_MALFORMED.
    """
    if not isinstance(text, str) or len(text) > base64url.encoded_length(max_bytes):
        raise Untrusted(Code.TOKEN_MALFORMED, "A base64url value is missing or too long.")
    try:
        return base64url.decode_base64url(text)
    except ValueError as error:
        raise Untrusted(Code.TOKEN_MALFORMED, "A value is not base64url in its one spelling.") from error


# JSON Web Keys --------------------------------------------------------------------------------------------------


def public_jwk(jwk: Mapping[str, Any]) -> Jwk:
    """Only the members that RFC 7638 requires: nothing private, no `kid`, no hints.

    Raises:
        Untrusted: KEY_INVALID when one is missing or no string.
    """
    kty = jwk.get("kty")
    names = _REQUIRED.get(kty) if isinstance(kty, str) else None
    if names is None:
        raise _invalid_key("its type is not one of ours")
    public = {name: jwk[name] for name in names if isinstance(jwk.get(name), str)}
    if len(public) != len(names):
        raise _invalid_key("a member is missing")
    return public


def thumbprint(jwk: Mapping[str, Any]) -> str:
    """RFC 7638: base64url SHA-256 of the required members in order."""
    canonical = json.dumps(public_jwk(jwk), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return encode_base64url(hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).digest())


def load_public(jwk: Mapping[str, Any] | PublicKey) -> PublicKey:
    """A key that somebody sent, checked: on its curve, of the full size, in its one spelling.

    Raises:
        Untrusted: KEY_INVALID.
    """
    return jwk if isinstance(jwk, PublicKey) else _load_public(tuple(public_jwk(jwk).items()))


@lru_cache(maxsize=4096)
def _load_public(members: tuple[tuple[str, str], ...]) -> PublicKey:
    jwk = dict(members)
    kind = _kind(jwk)
    try:
        handle = _public_handle(kind, jwk)
    except ValueError as error:
        raise _invalid_key("its numbers make no key") from error
    return PublicKey(kind=kind, jkt=thumbprint(jwk), jwk=jwk, handle=handle)


@lru_cache(maxsize=4096)
def load_ed25519(x: str) -> PublicKey:
    """The key whose JWK has this `x` (RFC 8037), all that a log keeps of it. Raises Untrusted: KEY_INVALID."""
    return load_public({"kty": "OKP", "crv": "Ed25519", "x": x})


def _kind(jwk: Jwk) -> KeyKind:
    if jwk["kty"] == "RSA":
        return "RSA-3072"
    kind = _CURVES.get((jwk["kty"], jwk["crv"]))
    if kind is None:
        raise _invalid_key("its curve is not one of ours")
    return kind


def _public_handle(kind: KeyKind, jwk: Jwk) -> PublicHandle:
    match kind:
        case "ES256":
            point = ec.EllipticCurvePublicNumbers(_fixed(jwk["x"]), _fixed(jwk["y"]), ec.SECP256R1())
            return point.public_key()
        case "Ed25519":
            return ed25519.Ed25519PublicKey.from_public_bytes(_checked_point(_octets(jwk["x"], 32)))
        case "X25519":
            receiver = x25519.X25519PublicKey.from_public_bytes(_octets(jwk["x"], 32))
            # RFC 7748 section 6.1: with a point of small order every secret comes out as zero; the exchange refuses it.
            x25519.X25519PrivateKey.from_private_bytes(_ANY_SCALAR).exchange(receiver)
            return receiver
        case "RSA-3072":
            modulus, exponent = read_number(jwk["n"]), read_number(jwk["e"])
            if modulus.bit_length() != _RSA_BITS or exponent != _RSA_EXPONENT:
                raise _invalid_key(f"RSA keys have {_RSA_BITS} bits and the exponent {_RSA_EXPONENT}")
            return rsa.RSAPublicNumbers(exponent, modulus).public_key()


def _checked_point(raw: bytes) -> bytes:
    """RFC 8032 section 5.1.3 lets a decoder refuse y >= p; a second spelling of a point would be a second jkt."""
    y = int.from_bytes(raw, "little") & (2**255 - 1)
    if y >= _ED25519_PRIME or y in _SMALL_ORDER_Y:
        raise _invalid_key("its point is of small order or not canonical")
    return raw


def _octets(text: object, length: int) -> bytes:
    try:
        data = decode_base64url(text, max_bytes=length)
    except Untrusted as error:
        raise _invalid_key("a member is not base64url") from error
    if len(data) != length:
        raise _invalid_key("a member has the wrong length")
    return data


def _fixed(text: object) -> int:
    return int.from_bytes(_octets(text, 32), "big")


def read_number(text: object) -> int:
    """A Base64urlUInt (RFC 7518 section 2): big-endian, no leading zero octet.

    Raises:
        Untrusted: KEY_INVALID.
    """
    try:
        data = decode_base64url(text, max_bytes=_MAX_NUMBER_BYTES)
    except Untrusted as error:
        raise _invalid_key("a number is not base64url") from error
    if not data or data[0] == 0:
        raise _invalid_key("a number is empty or starts with zero")
    return int.from_bytes(data, "big")


def write_number(number: int) -> str:
    return encode_base64url(number.to_bytes((number.bit_length() + 7) // 8, "big"))


def _invalid_key(why: str) -> Untrusted:
    return Untrusted(Code.KEY_INVALID, f"A key can't be used: {why}.")


# Key sets -------------------------------------------------------------------------------------------------------


def build_jwks(keys: Iterable[Mapping[str, Any]]) -> dict[str, list[Jwk]]:
    """A JWK Set (RFC 7517 section 5) of public keys, each with kid = jkt, use and, for signing keys, alg."""
    return {"keys": [_published(load_public(jwk)) for jwk in keys]}


def _published(key: PublicKey) -> Jwk:
    algorithm = JWS_ALGORITHM.get(key.kind)
    return key.jwk | {"kid": key.jkt} | ({"use": "sig", "alg": algorithm} if algorithm else {"use": "enc"})


def read_jwks(document: object, *, kinds: Collection[KeyKind] = tuple(JWS_ALGORITHM)) -> dict[str, Jwk]:
    """The keys of a JWK Set by kid; keys of other kinds are passed over (RFC 7517 section 5).

    Raises:
        Untrusted: KEY_INVALID: no set, a private or symmetric key in it, a kid that is not the jkt, a kid twice,
            a key unfit for its type.
    """
    entries = document.get("keys") if isinstance(document, Mapping) else None
    if not isinstance(entries, list) or len(entries) > MAX_KEYS_IN_SET:
        raise _invalid_key(f"a key set has a list 'keys' of at most {MAX_KEYS_IN_SET}")
    keys: dict[str, Jwk] = {}
    seen: set[str] = set()
    for entry in entries:
        kid = entry.get("kid") if isinstance(entry, Mapping) else None
        if not isinstance(kid, str) or kid in seen:
            raise _invalid_key("each key of a set needs a kid of its own")
        if _PRIVATE & entry.keys():
            raise _invalid_key("a set of public keys holds a private or symmetric one")
        seen.add(kid)
        if _is_understood(entry, kinds):
            keys[kid] = _named(entry, kid)
    return keys


def _is_understood(entry: Mapping[str, Any], kinds: Collection[KeyKind]) -> bool:
    if entry.get("kty") == "RSA":
        return "RSA-3072" in kinds
    return any(
        entry.get("kty") == kty and entry.get("crv") == crv for (kty, crv), kind in _CURVES.items() if kind in kinds
    )


def _named(entry: Mapping[str, Any], kid: str) -> Jwk:
    key = load_public(entry)
    if key.jkt != kid:
        raise _invalid_key("its kid is not its thumbprint")
    if entry.get("alg", JWS_ALGORITHM.get(key.kind)) != JWS_ALGORITHM.get(key.kind):
        raise _invalid_key("its alg does not belong to its type")
    return dict(key.jwk)


# Private keys ---------------------------------------------------------------------------------------------------


def generate_private_jwk(kind: KeyKind) -> Jwk:
    """A new key pair from the operating system's randomness (seconds of CPU for RSA-3072: use a thread)."""
    match kind:
        case "ES256":
            return _es256_jwk(ec.generate_private_key(ec.SECP256R1()))
        case "Ed25519":
            return _okp_jwk("Ed25519", ed25519.Ed25519PrivateKey.generate())
        case "X25519":
            return _okp_jwk("X25519", x25519.X25519PrivateKey.generate())
        case "RSA-3072":
            return _rsa_jwk(rsa.generate_private_key(_RSA_EXPONENT, _RSA_BITS))


def derive_ed25519_jwk(secret: bytes) -> Jwk:
    """The key pair of a 32-byte secret (RFC 8032 section 5.1.5), the same each time: for worlds made from a seed."""
    return _okp_jwk("Ed25519", ed25519.Ed25519PrivateKey.from_private_bytes(secret))


def _es256_jwk(handle: ec.EllipticCurvePrivateKey) -> Jwk:
    numbers = handle.private_numbers()
    point = numbers.public_numbers
    coordinates = {"x": point.x, "y": point.y, "d": numbers.private_value}
    # RFC 7518 section 6.2: the full size of a coordinate, leading zeros kept.
    return {"kty": "EC", "crv": "P-256"} | {k: encode_base64url(v.to_bytes(32, "big")) for k, v in coordinates.items()}


def _okp_jwk(crv: str, handle: ed25519.Ed25519PrivateKey | x25519.X25519PrivateKey) -> Jwk:
    public = handle.public_key().public_bytes_raw()
    return {
        "kty": "OKP",
        "crv": crv,
        "x": encode_base64url(public),
        "d": encode_base64url(handle.private_bytes_raw()),
    }


def _rsa_jwk(handle: rsa.RSAPrivateKey) -> Jwk:
    private = handle.private_numbers()
    public = private.public_numbers
    numbers = {"n": public.n, "e": public.e, "d": private.d, "p": private.p, "q": private.q}
    numbers |= {"dp": private.dmp1, "dq": private.dmq1, "qi": private.iqmp}
    return {"kty": "RSA"} | {name: write_number(number) for name, number in numbers.items()}


def load_private(jwk: Mapping[str, Any] | PrivateKey) -> PrivateKey:
    """One of this node's own keys, fit for use.

    Raises:
        ValueError: the key is damaged, or its halves do not belong together.
    """
    if isinstance(jwk, PrivateKey):
        return jwk
    try:
        public = load_public(jwk)
        handle = _private_handle(public, jwk)
    except (Untrusted, ValueError) as error:
        raise ValueError("this private key is damaged: its numbers do not belong together") from error
    return PrivateKey(kind=public.kind, jkt=public.jkt, public=dict(public.jwk), handle=handle)


def _private_handle(public: PublicKey, jwk: Mapping[str, Any]) -> PrivateHandle:
    if isinstance(public.handle, ec.EllipticCurvePublicKey):
        return ec.EllipticCurvePrivateNumbers(_fixed(jwk.get("d")), public.handle.public_numbers()).private_key()
    if isinstance(public.handle, rsa.RSAPublicKey):
        p, q, d, dp, dq, qi = (read_number(jwk.get(name)) for name in ("p", "q", "d", "dp", "dq", "qi"))
        return rsa.RSAPrivateNumbers(p, q, d, dp, dq, qi, public.handle.public_numbers()).private_key()
    secret = _octets(jwk.get("d"), 32)
    handle: ed25519.Ed25519PrivateKey | x25519.X25519PrivateKey
    if isinstance(public.handle, ed25519.Ed25519PublicKey):
        handle = ed25519.Ed25519PrivateKey.from_private_bytes(secret)
    else:
        handle = x25519.X25519PrivateKey.from_private_bytes(secret)
    if handle.public_key().public_bytes_raw() != public.handle.public_bytes_raw():
        raise ValueError("the public half is another key's")
    return handle


# Signatures over bytes ------------------------------------------------------------------------------------------


def sign_bytes(private: Mapping[str, Any] | PrivateKey, message: bytes) -> bytes:
    """64 bytes: r || s for ES256 (RFC 7518 section 3.4), R || S for Ed25519 (RFC 8032)."""
    handle = load_private(private).handle
    if isinstance(handle, ed25519.Ed25519PrivateKey):
        return handle.sign(message)
    if isinstance(handle, ec.EllipticCurvePrivateKey):
        return _ES256.sign(message, handle)
    raise ValueError("this kind of key does not sign")


def verify_bytes(public: Mapping[str, Any] | PublicKey, message: bytes, signature: bytes) -> None:
    """Raises Untrusted: SIGNATURE_INVALID; KEY_INVALID when the key is none or does not sign."""
    handle = load_public(public).handle
    if isinstance(handle, ed25519.Ed25519PublicKey):  # first, since logs hold many
        holds = _is_ed25519_signature(handle, message, signature)
    elif isinstance(handle, ec.EllipticCurvePublicKey):
        holds = len(signature) == 64 and _ES256.verify(message, handle, signature)
    else:
        raise _invalid_key("its kind does not sign")
    if not holds:
        raise Untrusted(Code.SIGNATURE_INVALID, "A signature does not match what it is said to sign.")


def _is_ed25519_signature(handle: ed25519.Ed25519PublicKey, message: bytes, signature: bytes) -> bool:
    try:
        handle.verify(signature, message)
    except InvalidSignature:
        return False
    return True


def ed25519_jwk(raw: bytes) -> Jwk:
    """The JWK of a bare 32-byte public key, as signed notes and RFC 9421 carry it.

    Raises:
        Untrusted: KEY_INVALID.
    """
    return dict(load_ed25519(encode_base64url(raw)).jwk)


def raw_ed25519(jwk: Mapping[str, Any]) -> bytes:
    """The 32 bytes of an Ed25519 public key; Untrusted: KEY_INVALID for any other kind."""
    handle = load_public(jwk).handle
    if not isinstance(handle, ed25519.Ed25519PublicKey):
        raise _invalid_key("an Ed25519 key is wanted here")
    return handle.public_bytes_raw()
