"""Sealed envelopes: what a school's node sends each slot, through a relay that can't open it.

HPKE base mode (RFC 9180), DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-128-GCM. Each envelope is exactly 64 KiB,
`enc || ct`; a record and a dummy look alike to everybody but the network.

    plaintext  uint32 length, leaf, uint32 length (0 where there is none), blob, zeros
    info       nic-submission-v1 NUL log origin NUL epoch (decimal)
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import x25519
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from federation.errors import Untrusted
from federation.keys import PrivateKey, PublicKey, load_private, load_public
from schemas.code import Code
from schemas.limits import BLOB_MAX_BYTES, ENVELOPE_BYTES, LEAF_MAX_BYTES

_ENC_BYTES: Final = 32
_TAG_BYTES: Final = 16
_LENGTH_BYTES: Final = 4
_PLAINTEXT_BYTES: Final = ENVELOPE_BYTES - _ENC_BYTES - _TAG_BYTES


@dataclass(frozen=True)
class Submission:
    """What an envelope held: a leaf, and the blob it commits to (empty where the leaf has none)."""

    leaf: bytes
    blob: bytes


def seal_envelope(
    public: Mapping[str, Any] | PublicKey, *, origin: str, epoch: int, leaf: bytes, blob: bytes = b""
) -> bytes:
    """A record for the network's eyes only.

    Raises:
        ValueError: the leaf is empty, or leaf or blob too large to be a record.
        Untrusted: KEY_INVALID: the epoch's submission key is no X25519 key.
    """
    if not leaf:
        raise ValueError("an envelope without a leaf is a dummy; seal_dummy makes those")
    return _seal(public, _info(origin, epoch), leaf, blob)


def seal_dummy(public: Mapping[str, Any] | PublicKey, *, origin: str, epoch: int) -> bytes:
    """An envelope that says nothing, for a slot in which this node has nothing to say."""
    return _seal(public, _info(origin, epoch), b"", b"")


def open_envelope(
    private: Mapping[str, Any] | PrivateKey, envelope: bytes, *, origin: str, epoch: int
) -> Submission | None:
    """What the envelope held, None for a dummy. Leaf and blob are not yet checked.

    Raises:
        Untrusted: ENVELOPE_MALFORMED: not of the one size, or its plaintext is not laid out as it must be;
            ENVELOPE_UNOPENED: sealed for another key, epoch or network, or altered.
        ValueError: this node's own key is damaged.
    """
    if len(envelope) != ENVELOPE_BYTES:
        raise Untrusted(Code.ENVELOPE_MALFORMED, f"An envelope has exactly {ENVELOPE_BYTES} bytes.")
    handle = load_private(private).handle
    if not isinstance(handle, x25519.X25519PrivateKey):
        raise TypeError("envelopes are opened with an X25519 key")
    try:
        plaintext = _suite().decrypt(envelope, handle, info=_info(origin, epoch))
    except (InvalidTag, ValueError) as error:
        raise Untrusted(Code.ENVELOPE_UNOPENED, "An envelope was not sealed for this network and epoch.") from error
    return _read_plaintext(plaintext)


def _suite() -> Suite:
    return Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_128_GCM)


def _info(origin: str, epoch: int) -> bytes:
    return b"\x00".join((b"nic-submission-v1", origin.encode(), str(epoch).encode()))


def _seal(public: Mapping[str, Any] | PublicKey, info: bytes, leaf: bytes, blob: bytes) -> bytes:
    handle = load_public(public).handle
    if not isinstance(handle, x25519.X25519PublicKey):
        raise Untrusted(Code.KEY_INVALID, "Envelopes are sealed for an X25519 key.")
    if len(leaf) > LEAF_MAX_BYTES or len(blob) > BLOB_MAX_BYTES:
        raise ValueError(f"a leaf has at most {LEAF_MAX_BYTES} bytes, a blob {BLOB_MAX_BYTES}")
    plaintext = b"".join((_length(leaf), leaf, _length(blob), blob)).ljust(_PLAINTEXT_BYTES, b"\x00")
    return _suite().encrypt(plaintext, handle, info=info)


def _length(data: bytes) -> bytes:
    return len(data).to_bytes(_LENGTH_BYTES, "big")


def _read_plaintext(plaintext: bytes) -> Submission | None:
    leaf, end = _read_part(plaintext, 0, LEAF_MAX_BYTES)
    blob, end = _read_part(plaintext, end, BLOB_MAX_BYTES)
    # Bytes that nobody reads would be a place to leave a mark that outlives the relay.
    if plaintext.count(0, end) != len(plaintext) - end or (blob and not leaf):
        raise Untrusted(Code.ENVELOPE_MALFORMED, "An envelope holds more than a leaf and a blob.")
    return Submission(leaf, blob) if leaf else None


def _read_part(plaintext: bytes, start: int, max_bytes: int) -> tuple[bytes, int]:
    """A length and so many bytes, and where they end."""
    begin = start + _LENGTH_BYTES
    length = int.from_bytes(plaintext[start:begin], "big")
    if length > max_bytes:
        raise Untrusted(Code.ENVELOPE_MALFORMED, "An envelope's leaf or blob is longer than any may be.")
    return plaintext[begin : begin + length], begin + length
