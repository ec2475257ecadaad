"""From bytes or a JSON value to a document that holds what its schema says, and nothing else.

Loading validates and converts nothing: the answer is the plain JSON value, mostly the very one that was
given. An optional field is left out when there is nothing to say, never null, so that a document has
one canonical form.
"""

from collections.abc import Container, Mapping
from typing import Any

from marshmallow import RAISE, Schema, ValidationError

from schemas.at_sight import is_right
from schemas.canonical import read_json, verify_json
from schemas.code import Code
from schemas.invalid import InvalidDocument
from schemas.limits import REQUEST_MAX_BYTES, WIRE_VERSION

__all__ = ["DocumentSchema", "InvalidDocument", "load_document", "load_parsed", "verify_version"]

KEY_SHOWN = 60  # characters of an unknown key that a JSON pointer repeats


class DocumentSchema(Schema):
    """Base of every wire document: unknown fields are refused, and fields come in the order of the schema."""

    class Meta:
        unknown = RAISE


def load_document(
    schema: Schema, data: bytes | Mapping[str, Any], *, max_bytes: int = REQUEST_MAX_BYTES
) -> dict[str, Any]:
    """The document in `data`; InvalidDocument with the JSON pointer of the first thing that is wrong.

    `schema` is one of the instances of this package. Bytes are parsed by `canonical.read_json` with
    `max_bytes`; a mapping is held to the same limits but for its size.
    """
    if isinstance(data, bytes):
        return load_parsed(schema, read_json(data, max_bytes=max_bytes))
    verify_json(data)
    return load_parsed(schema, data)


def load_parsed(schema: Schema, document: Any) -> dict[str, Any]:
    """As `load_document`, for a value that `canonical.read_json` has parsed or `verify_json` has passed."""
    if not isinstance(document, Mapping):
        raise InvalidDocument(Code.INVALID_DOCUMENT, "The document is not a JSON object.")
    if isinstance(document, dict) and is_right(schema, document):
        return document
    try:
        loaded: dict[str, Any] = schema.load(document)
    except ValidationError as error:
        path, message = _first(error.messages)
        raise InvalidDocument(Code.INVALID_DOCUMENT, message, path) from error
    return loaded


def verify_version(document: Any) -> None:
    """Tell a document of a later wire version (unsupported-version) from one that is merely wrong.

    Called before a schema looks at the fields: what needs a newer program is kept, not thrown away.
    """
    if not isinstance(document, Mapping):
        raise InvalidDocument(Code.INVALID_DOCUMENT, "The document is not a JSON object.")
    version = document.get("v")
    if isinstance(version, int) and not isinstance(version, bool) and version > WIRE_VERSION:
        raise InvalidDocument(Code.UNSUPPORTED_VERSION, f"Version {version} needs a newer program.", "/v")


def verify_kind(document: Mapping[str, Any], known: Container[str]) -> None:
    """Tell a document of a kind that version 1 does not have (unknown-kind) from one that is merely wrong."""
    kind = document.get("kind")
    if not isinstance(kind, str) or kind not in known:
        raise InvalidDocument(Code.UNKNOWN_KIND, "Version 1 has no document of this kind.", "/kind")


def _first(messages: Any, path: str = "") -> tuple[str, str]:
    """JSON pointer and sentence of the first message in marshmallow's tree of them."""
    if isinstance(messages, Mapping):
        key, below = next(iter(messages.items()))
        # A message about an object as a whole stands under "_schema": it belongs to the object itself.
        return _first(below, path if key == "_schema" else f"{path}/{_escaped(str(key))}")
    if isinstance(messages, list):
        return _first(messages[0], path)
    return path, str(messages)


def _escaped(key: str) -> str:
    # A key may be anything that a peer sent: cut, so that a refusal stays short.
    return key[:KEY_SHOWN].replace("~", "~0").replace("/", "~1")
