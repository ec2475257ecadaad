"""Blind RSA signatures: RSABSSA-SHA384-PSS-Randomized of RFC 9474, by its names and in its steps.

    client                                          issuer
    prepared = prepare(message)
    blinded = blind(public, prepared)      -->      blind_sign(private, blinded.message)
    finalize(public, prepared, answer, ...)         learns nothing of `prepared`

Anybody then checks (prepared, signature) with `verify_signature`, and nobody can tell which answer it came from.
The exponentiations cost milliseconds to tens of milliseconds of CPU: callers run them in threads.
"""

import hashlib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from federation.errors import Untrusted
from federation.keys import load_public, read_number
from schemas.code import Code

RandomBytes = Callable[[int], bytes]

SALT_BYTES: Final = 48  # sLen; the hash's length, as the PSS variants of RFC 9474 section 5 demand
PREFIX_BYTES: Final = 32  # the randomizer of PrepareRandomize, section 4.1
_HASH_BYTES: Final = 48
_SHA384: Final = hashes.SHA384()


@dataclass(frozen=True)
class IssuerPublicKey:
    modulus: int
    exponent: int
    handle: rsa.RSAPublicKey = field(repr=False, compare=False)

    @property
    def modulus_bytes(self) -> int:
        return (self.modulus.bit_length() + 7) // 8


@dataclass(frozen=True)
class IssuerPrivateKey:
    public: IssuerPublicKey
    p: int = field(repr=False)
    q: int = field(repr=False)
    d: int = field(repr=False)


@dataclass(frozen=True)
class Blinded:
    """`message` goes to the issuer; `inverse` unblinds the answer and, shown, would link the two for ever."""

    message: bytes
    inverse: bytes = field(repr=False)


def build_public_key(modulus: int, exponent: int) -> IssuerPublicKey:
    return IssuerPublicKey(modulus, exponent, rsa.RSAPublicNumbers(exponent, modulus).public_key())


def public_key(jwk: Mapping[str, Any]) -> IssuerPublicKey:
    """The issuer's key as an epoch announces it.

    Raises:
        Untrusted: KEY_INVALID unless it is an RSA key of 3072 bits with exponent 65537.
    """
    handle = load_public(jwk).handle
    if not isinstance(handle, rsa.RSAPublicKey):
        raise Untrusted(Code.KEY_INVALID, "A key that issues credentials must be an RSA key.")
    numbers = handle.public_numbers()
    return IssuerPublicKey(numbers.n, numbers.e, handle)


def private_key(jwk: Mapping[str, Any]) -> IssuerPrivateKey:
    """The issuer's own key.

    Raises:
        ValueError: it is damaged.
    """
    try:
        public = public_key(jwk)
        p, q, d = (read_number(jwk.get(name)) for name in ("p", "q", "d"))
    except Untrusted as error:
        raise ValueError(f"this private key is damaged: {error.detail}") from error
    if p * q != public.modulus:
        raise ValueError("this private key is damaged: its primes do not make its modulus")
    return IssuerPrivateKey(public, p, q, d)


def prepare(message: bytes, randomizer: bytes) -> bytes:
    """PrepareRandomize (section 4.1): the randomizer, 32 fresh bytes, before the message."""
    if len(randomizer) != PREFIX_BYTES:
        raise ValueError(f"the randomizer has {PREFIX_BYTES} bytes")
    return randomizer + message


def blind(public: IssuerPublicKey, prepared: bytes, *, random: RandomBytes, salt_bytes: int = SALT_BYTES) -> Blinded:
    """Blind (section 4.2): what the issuer is asked to sign, equally likely for every message.

    Raises:
        ValueError: the encoded message shares a factor with the modulus (who meets this has factored it).
    """
    encoded = _emsa_pss_encode(prepared, public.modulus.bit_length() - 1, random(salt_bytes))
    message = int.from_bytes(encoded, "big")
    if math.gcd(message, public.modulus) != 1:
        raise ValueError("the encoded message is not coprime to the modulus")
    factor, inverse = _draw_blinding(public.modulus, random)
    blinded = message * pow(factor, public.exponent, public.modulus) % public.modulus
    return Blinded(_octets(blinded, public), _octets(inverse, public))


def blind_sign(private: IssuerPrivateKey, blinded_message: bytes, *, random: RandomBytes) -> bytes:
    """BlindSign (section 4.3), for whoever proved a right to one signature.

    Refuses what no honest client sends (0, 1, n - 1, a multiple of a prime): their signatures say something about the
    key, or nothing about the client.

    Raises:
        Untrusted: BLIND_MESSAGE_INVALID.
        ValueError: s^e is not m: the key or the machine is faulty, and the answer would give the key away.
    """
    public = private.public
    message = _blinded_number(blinded_message, public)
    signature = _rsasp1_blinded(private, message, random)
    if pow(signature, public.exponent, public.modulus) != message:
        raise ValueError("the signature does not verify: the key or this machine is faulty; nothing was answered")
    return _octets(signature, public)


def finalize(
    public: IssuerPublicKey, prepared: bytes, blind_signature: bytes, inverse: bytes, *, salt_bytes: int = SALT_BYTES
) -> bytes:
    """Finalize (section 4.4): the unblinded signature, checked before anybody relies on it.

    Raises:
        Untrusted: BLIND_SIGNATURE_INVALID: the issuer's answer is no signature of what was asked.
    """
    if len(blind_signature) != public.modulus_bytes:
        raise Untrusted(Code.BLIND_SIGNATURE_INVALID, "The network's answer has not the length of a signature.")
    unblinded = int.from_bytes(blind_signature, "big") * int.from_bytes(inverse, "big") % public.modulus
    signature = _octets(unblinded, public)
    if not is_signature(public, prepared, signature, salt_bytes=salt_bytes):
        raise Untrusted(Code.BLIND_SIGNATURE_INVALID, "The network's answer is no signature of what it was asked for.")
    return signature


def verify_signature(
    public: IssuerPublicKey, prepared: bytes, signature: bytes, *, salt_bytes: int = SALT_BYTES
) -> None:
    """Raises Untrusted: CREDENTIAL_INVALID unless the issuer signed this prepared message (section 4.5)."""
    if not is_signature(public, prepared, signature, salt_bytes=salt_bytes):
        raise Untrusted(Code.CREDENTIAL_INVALID, "A credential was not signed by the key of its epoch.")


def is_signature(public: IssuerPublicKey, prepared: bytes, signature: bytes, *, salt_bytes: int = SALT_BYTES) -> bool:
    """RSASSA-PSS-VERIFY (RFC 8017 section 8.1.2)."""
    try:
        public.handle.verify(signature, prepared, _pss(salt_bytes), _SHA384)
    except InvalidSignature:
        return False
    return True


@lru_cache(maxsize=4)
def _pss(salt_bytes: int) -> padding.PSS:
    return padding.PSS(mgf=padding.MGF1(_SHA384), salt_length=salt_bytes)


def _blinded_number(blinded_message: bytes, public: IssuerPublicKey) -> int:
    message = int.from_bytes(blinded_message, "big") if len(blinded_message) == public.modulus_bytes else 0
    if not 1 < message < public.modulus - 1 or math.gcd(message, public.modulus) != 1:
        raise Untrusted(Code.BLIND_MESSAGE_INVALID, "A blinded message is not a number that this key can sign.")
    return message


def _rsasp1_blinded(private: IssuerPrivateKey, message: int, random: RandomBytes) -> int:
    """m^d mod n through the primes (RFC 8017 section 5.2.1).

    Python's pow takes a time that depends on its arguments; the base is masked by a fresh factor, so that it is no
    number that the client chose.
    """
    modulus = private.public.modulus
    factor, inverse = _draw_blinding(modulus, random)
    masked = message * pow(factor, private.public.exponent, modulus) % modulus
    mod_p = pow(masked, private.d % (private.p - 1), private.p)
    mod_q = pow(masked, private.d % (private.q - 1), private.q)
    correction = (mod_p - mod_q) * pow(private.q, -1, private.p) % private.p
    return (mod_q + correction * private.q) * inverse % modulus


def _draw_blinding(modulus: int, random: RandomBytes) -> tuple[int, int]:
    """A factor, uniform in [1, n) and invertible, and its inverse."""
    length, spare_bits = (modulus.bit_length() + 7) // 8, -modulus.bit_length() % 8
    while True:
        factor = int.from_bytes(random(length), "big") >> spare_bits
        if 0 < factor < modulus and math.gcd(factor, modulus) == 1:
            return factor, pow(factor, -1, modulus)


def _octets(number: int, public: IssuerPublicKey) -> bytes:
    return number.to_bytes(public.modulus_bytes, "big")


def _emsa_pss_encode(message: bytes, encoded_bits: int, salt: bytes) -> bytes:
    """EMSA-PSS-ENCODE (RFC 8017 section 9.1.1) with SHA-384 and MGF1-SHA-384."""
    encoded_bytes = (encoded_bits + 7) // 8
    digest = hashlib.sha384(bytes(8) + hashlib.sha384(message).digest() + salt).digest()
    padded_salt = bytes(encoded_bytes - len(salt) - _HASH_BYTES - 2) + b"\x01" + salt
    masked = bytes(a ^ b for a, b in zip(padded_salt, _mgf1(digest, len(padded_salt)), strict=True))
    top = masked[0] & (0xFF >> (8 * encoded_bytes - encoded_bits))
    return bytes([top]) + masked[1:] + digest + b"\xbc"


def _mgf1(seed: bytes, length: int) -> bytes:
    """RFC 8017 appendix B.2.1."""
    blocks = -(-length // _HASH_BYTES)
    return b"".join(hashlib.sha384(seed + i.to_bytes(4, "big")).digest() for i in range(blocks))[:length]
