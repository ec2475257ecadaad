"""Blobs: the content of records. Exact canonical bytes, at most 48 KiB; a leaf commits to their hash."""

from typing import Any

from marshmallow import fields

from schemas.at_sight import is_right
from schemas.canonical import canonical_bytes, parse_same, read_canonical
from schemas.code import Code
from schemas.document import DocumentSchema, load_parsed, verify_kind, verify_version
from schemas.fields import Base64Url, Choice, Whole, entity_field, jkt_field, version_field
from schemas.invalid import InvalidDocument
from schemas.limits import BLOB_MAX_BYTES, WIRE_VERSION
from schemas.practice import PAYLOADS
from schemas.text import is_plain_json

SALT_BYTES = 32
PAYLOAD_MARK = b'"payload":'  # no member before it holds a quotation mark


class BlobSchema(DocumentSchema):
    """The frame; `load_blob` holds the payload to the schema of its kind."""

    v = version_field()
    kind = Choice(PAYLOADS, required=True)
    network = entity_field(required=True)
    epoch = Whole(1, required=True)
    jkt = jkt_field(required=True)
    salt = Base64Url(SALT_BYTES, required=True)
    payload = fields.Dict(required=True)


BLOB = BlobSchema()


def build_blob(*, kind: str, network: str, epoch: int, jkt: str, salt: str, payload: dict[str, Any]) -> bytes:
    """The canonical bytes of a blob; `salt` is base64url of 32 random bytes."""
    return canonical_bytes(
        {
            "v": WIRE_VERSION,
            "kind": kind,
            "network": network,
            "epoch": epoch,
            "jkt": jkt,
            "salt": salt,
            "payload": payload,
        }
    )


def load_blob(data: bytes) -> dict[str, Any]:
    """The blob in its canonical bytes, payload included.

    InvalidDocument: blob-too-large, not-canonical, unsupported-version for a later wire version
    (keep its bytes: a newer program may read them), unknown-kind, else what its schemas find.
    """
    if len(data) > BLOB_MAX_BYTES:
        raise InvalidDocument(Code.BLOB_TOO_LARGE, f"A blob may have {BLOB_MAX_BYTES} bytes, not {len(data)}.")
    document = _load_at_sight(data)
    return _load_closely(data) if document is None else document


def payload_in(data: bytes) -> bytes:
    """The bytes of a blob from its payload on: without its network's address, which would be taken for a link."""
    return data.partition(PAYLOAD_MARK)[2]


def _load_at_sight(data: bytes) -> dict[str, Any] | None:
    """A blob that is right, as all but very few are; what is right by its schema is shallow, and its numbers exact."""
    blob: Any = parse_same(data)
    is_plain = is_plain_json(data)
    is_whole = is_right(BLOB, blob, is_plain=is_plain) and is_right(
        PAYLOADS[blob["kind"]], blob["payload"], is_plain=is_plain
    )
    return blob if is_whole else None


def _load_closely(data: bytes) -> dict[str, Any]:
    document = read_canonical(data, max_bytes=BLOB_MAX_BYTES)
    verify_version(document)
    verify_kind(document, PAYLOADS)
    blob = load_parsed(BLOB, document)
    try:
        load_parsed(PAYLOADS[blob["kind"]], blob["payload"])
    except InvalidDocument as error:
        raise InvalidDocument(error.code, error.message, f"/payload{error.path}") from error
    return blob
