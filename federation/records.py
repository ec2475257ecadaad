"""Records: what a school publishes. The blob is content that can be erased; the leaf is its commitment in the log.

The blob's salt makes the leaf say nothing once the blob is gone. Kind, network, epoch and pseudonym stand in both and
must agree: nobody can log another's blob as their own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from federation.errors import Untrusted, untrusted_document
from federation.keys import Jwk, PrivateKey, load_private
from federation.leaves import build_record, sign_leaf
from schemas.base64url import encode_base64url
from schemas.blob import SALT_BYTES, build_blob, load_blob
from schemas.canonical import sha256_hex
from schemas.document import InvalidDocument
from schemas.limits import BLOB_MAX_BYTES
from schemas.problem import Code

COMMON: Final = ("kind", "network", "epoch", "jkt")


@dataclass(frozen=True)
class SealedRecord:
    """What is submitted: nothing in it may change from here on."""

    leaf: bytes
    blob: bytes
    blob_sha256: str


def seal_record(
    kind: str,
    payload: Mapping[str, Any],
    private_pseudonym: Jwk | PrivateKey,
    *,
    network: str,
    epoch: int,
    salt: bytes,
) -> SealedRecord:
    """The blob of a payload and the leaf that commits to it.

    Args:
        kind: practice, replication, question, answer or flag.
        payload: by the kind's schema.
        private_pseudonym: the Ed25519 key of this network and epoch.
        salt: 32 fresh random bytes.

    Raises:
        InvalidDocument, ValueError: our own mistake: the payload is not by its schema or too large, the salt too short.
    """
    if len(salt) != SALT_BYTES:
        raise ValueError(f"a salt has {SALT_BYTES} bytes")
    key = load_private(private_pseudonym)
    blob = build_blob(
        kind=kind, network=network, epoch=epoch, jkt=key.jkt, salt=encode_base64url(salt), payload=dict(payload)
    )
    load_blob(blob)
    blob_sha256 = sha256_hex(blob)
    leaf = sign_leaf(build_record(network, epoch=epoch, kind=kind, blob_sha256=blob_sha256), key)
    return SealedRecord(leaf, blob, blob_sha256)


def read_blob(data: bytes, *, blob_sha256: str, data_sha256: str | None = None) -> dict[str, Any]:
    """A blob that is what its leaf commits to: its size, its hash, then its form and its payload's.

    Args:
        blob_sha256: what the leaf says.
        data_sha256: hex, of whoever has just computed it from the data; else it is computed here.

    Raises:
        Untrusted: BLOB_TOO_LARGE, BLOB_HASH_WRONG, NOT_CANONICAL, UNSUPPORTED_VERSION (keep it: a newer program may
            read it), UNKNOWN_KIND, INVALID_DOCUMENT and other findings of its schemas.
    """
    if len(data) > BLOB_MAX_BYTES:
        raise Untrusted(Code.BLOB_TOO_LARGE, f"A blob has {len(data)} bytes; {BLOB_MAX_BYTES} are allowed.")
    if (data_sha256 or sha256_hex(data)) != blob_sha256:
        raise Untrusted(Code.BLOB_HASH_WRONG, "A blob is not the one that its leaf commits to.")
    try:
        return load_blob(data)
    except InvalidDocument as error:
        raise untrusted_document(error) from error


def verify_agreement(blob: Mapping[str, Any], *, kind: str, network: str, epoch: int, jkt: str) -> None:
    """That blob and leaf name the same kind, network, epoch and pseudonym.

    Raises:
        Untrusted: BLOB_LEAF_MISMATCH.
    """
    said, leaf = tuple(map(blob.__getitem__, COMMON)), (kind, network, epoch, jkt)
    if said != leaf:
        name = next(name for name, one, other in zip(COMMON, said, leaf, strict=True) if one != other)
        raise Untrusted(Code.BLOB_LEAF_MISMATCH, f"A blob and the leaf that commits to it differ in {name}.")
