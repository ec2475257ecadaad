"""Signed notes (C2SP signed-note): a text, an empty line, and lines of signatures by named keys.

Two kinds of key: Ed25519 over the text itself (type 0x01, a log's), and cosignature/v1 (type 0x04, a witness's:
C2SP tlog-cosignature), which signs the time of the observation with the text.
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final, Literal

from federation.errors import Untrusted
from federation.keys import PrivateKey, ed25519_jwk, raw_ed25519, sign_bytes, verify_bytes
from schemas.limits import CHECKPOINT_MAX_BYTES
from schemas.problem import Code

ED25519: Final = 0x01
COSIGNATURE_V1: Final = 0x04
KeyType = Literal[0x01, 0x04]

MAX_SIGNATURES: Final = 100

_KEY_TYPES: Final[Mapping[int, KeyType]] = {0x01: ED25519, 0x04: COSIGNATURE_V1}
_KEY_ID_BYTES: Final = 4
_PUBLIC_BYTES: Final = 32
_TIME_BYTES: Final = 8
_SIGNATURE_LENGTH: Final[Mapping[KeyType, int]] = {ED25519: 64, COSIGNATURE_V1: _TIME_BYTES + 64}
_SIGNATURE_MARK: Final = "\u2014 "
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f]")


@dataclass(frozen=True)
class VerifierKey:
    """A public key under the name that its signature lines carry."""

    name: str
    key_type: KeyType
    public: bytes

    @property
    def key_id(self) -> bytes:
        """The first 4 bytes of SHA-256(name, newline, type, public key)."""
        return sha256(self.name.encode() + b"\n" + self._typed()).digest()[:_KEY_ID_BYTES]

    @property
    def text(self) -> str:
        """The vkey: name+hex key id+base64 of type and key."""
        return f"{self.name}+{self.key_id.hex()}+{b64encode(self._typed()).decode()}"

    @property
    def jwk(self) -> dict[str, str]:
        return ed25519_jwk(self.public)

    def _typed(self) -> bytes:
        return bytes([self.key_type]) + self.public


@dataclass(frozen=True)
class NoteSignature:
    """One signature line, not verified."""

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True)
class Note:
    """A note as it was read: its text ends with a newline, its signatures may be anybody's."""

    text: str
    signatures: tuple[NoteSignature, ...]


@dataclass(frozen=True)
class VerifiedSignature:
    """A known key's valid signature; `timestamp` (Unix seconds) where it is a cosignature."""

    key: VerifierKey
    timestamp: int | None


# Keys ---------------------------------------------------------------------------------------------------------------


def build_vkey(name: str, jwk: Mapping[str, Any], key_type: KeyType = ED25519) -> VerifierKey:
    """The verifier key of an Ed25519 JWK (public or private) under a name.

    Raises:
        Untrusted: KEY_INVALID.
    """
    if not is_key_name(name):
        raise Untrusted(Code.KEY_INVALID, "The name of a signing key is empty or holds a space or a plus sign.")
    return VerifierKey(name, key_type, raw_ed25519(jwk))


def parse_vkey(text: str) -> VerifierKey:
    """The key of a vkey text of type 0x01 or 0x04, its key id checked.

    Raises:
        Untrusted: KEY_INVALID.
    """
    name, _, rest = text.partition("+")
    key_id, _, encoded = rest.partition("+")
    typed = _decode_base64(encoded)
    key_type = _KEY_TYPES.get(typed[0]) if typed else None
    if typed is None or key_type is None or len(typed) != 1 + _PUBLIC_BYTES or not is_key_name(name):
        raise Untrusted(Code.KEY_INVALID, "A verifier key is not one of type Ed25519 or cosignature/v1.")
    key = build_vkey(name, ed25519_jwk(typed[1:]), key_type)
    if key.key_id.hex() != key_id:
        raise Untrusted(Code.KEY_INVALID, "A verifier key does not match its own key id.")
    return key


def is_key_name(name: str) -> bool:
    """Not empty, without Unicode spaces, plus signs and control characters."""
    return bool(name) and name.isprintable() and "+" not in name and not any(char.isspace() for char in name)


# Reading and writing ------------------------------------------------------------------------------------------------


def parse_note(data: bytes, *, max_bytes: int = CHECKPOINT_MAX_BYTES) -> Note:
    """The text and the signature lines; nothing is verified.

    Raises:
        Untrusted: CHECKPOINT_MALFORMED.
    """
    if len(data) > max_bytes:
        raise _malformed(f"it is longer than {max_bytes} bytes")
    try:
        message = data.decode()
    except UnicodeDecodeError as error:
        raise _malformed("it is not UTF-8") from error
    if _CONTROL.search(message):
        raise _malformed("it holds control characters")
    # The text may hold empty lines itself: the last one separates.
    body, separator, lines = message.rpartition("\n\n")
    if not separator or not lines.endswith("\n"):
        raise _malformed("it has no signatures")
    signature_lines = lines[:-1].split("\n")
    if len(signature_lines) > MAX_SIGNATURES:
        raise _malformed(f"it has more than {MAX_SIGNATURES} signatures")
    return Note(body + "\n", tuple(_parse_signature(line) for line in signature_lines))


def _parse_signature(line: str) -> NoteSignature:
    name, space, encoded = line.removeprefix(_SIGNATURE_MARK).partition(" ")
    raw = _decode_base64(encoded)
    if not line.startswith(_SIGNATURE_MARK) or not space or not is_key_name(name):
        raise _malformed("a signature line is not 'dash, name, signature'")
    if raw is None or len(raw) <= _KEY_ID_BYTES:
        raise _malformed("a signature is not base64 or too short")
    return NoteSignature(name, raw[:_KEY_ID_BYTES], raw[_KEY_ID_BYTES:])


def format_note(note: Note) -> bytes:
    lines = (f"{_SIGNATURE_MARK}{s.name} {b64encode(s.key_id + s.signature).decode()}\n" for s in note.signatures)
    return (note.text + "\n" + "".join(lines)).encode()


def add_signatures(data: bytes, signatures: Iterable[NoteSignature]) -> bytes:
    """The note with these signature lines after its own; one that it has already is not repeated."""
    note = parse_note(data)
    merged = dict.fromkeys((*note.signatures, *signatures))
    return format_note(Note(note.text, tuple(merged)))


# Signing and verifying ----------------------------------------------------------------------------------------------


def sign_note(text: str, private: Mapping[str, Any] | PrivateKey, name: str) -> NoteSignature:
    """A signature of type 0x01 over a text that ends with a newline."""
    return NoteSignature(name, _own_key(private, name, ED25519).key_id, sign_bytes(private, _signable(text)))


def cosign_note(text: str, private: Mapping[str, Any] | PrivateKey, name: str, timestamp: int) -> NoteSignature:
    """A cosignature/v1 (type 0x04): that the signer saw this checkpoint, consistent, at `timestamp` (Unix seconds)."""
    signature = sign_bytes(private, _cosigned_message(_signable(text), timestamp))
    key_id = _own_key(private, name, COSIGNATURE_V1).key_id
    return NoteSignature(name, key_id, timestamp.to_bytes(_TIME_BYTES, "big") + signature)


def verify_note(note: Note, keys: Collection[VerifierKey]) -> list[VerifiedSignature]:
    """The signatures by these keys, one a key. Lines of unknown keys are passed over, as the specification says.

    Raises:
        Untrusted: SIGNATURE_INVALID, a line by one of these keys does not hold.
    """
    known = {(key.name, key.key_id): key for key in keys}
    verified: dict[VerifierKey, VerifiedSignature] = {}
    for line in note.signatures:
        key = known.get((line.name, line.key_id))
        if key is not None and key not in verified:
            verified[key] = _verify_line(note.text.encode(), line.signature, key)
    return list(verified.values())


def _verify_line(text: bytes, signature: bytes, key: VerifierKey) -> VerifiedSignature:
    if len(signature) != _SIGNATURE_LENGTH[key.key_type]:
        raise Untrusted(Code.SIGNATURE_INVALID, f"A signature by {key.name} has the wrong length.")
    if key.key_type == ED25519:
        verify_bytes(key.jwk, text, signature)
        return VerifiedSignature(key, None)
    timestamp = int.from_bytes(signature[:_TIME_BYTES], "big")
    verify_bytes(key.jwk, _cosigned_message(text, timestamp), signature[_TIME_BYTES:])
    return VerifiedSignature(key, timestamp)


def _cosigned_message(text: bytes, timestamp: int) -> bytes:
    return b"cosignature/v1\ntime %d\n" % timestamp + text


def _own_key(private: Mapping[str, Any] | PrivateKey, name: str, key_type: KeyType) -> VerifierKey:
    return build_vkey(name, private.public if isinstance(private, PrivateKey) else private, key_type)


def _signable(text: str) -> bytes:
    if not text.endswith("\n") or _CONTROL.search(text):
        raise ValueError("the text of a note ends with a newline and holds no other control characters")
    return text.encode()


def _decode_base64(text: str) -> bytes | None:
    """Standard base64 with padding, in its one spelling; none where it is not."""
    try:
        data = b64decode(text, validate=True)
    except ValueError:
        return None
    return data if b64encode(data).decode() == text else None


def _malformed(why: str) -> Untrusted:
    return Untrusted(Code.CHECKPOINT_MALFORMED, f"A signed note can't be read: {why}.")
