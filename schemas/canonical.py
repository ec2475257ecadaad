"""JSON as the wire has it: one strict parser, one canonical form (RFC 8785, JCS)."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NoReturn

import orjson
import rfc8785

from schemas.code import Code
from schemas.invalid import InvalidDocument
from schemas.limits import JSON_MAX_DEPTH, NUMBER_MAX

SURROGATE = re.compile("[\ud800-\udfff]")
ASTRAL = re.compile("[\U00010000-\U0010ffff]")
WORDS = frozenset({str, bool, type(None)})  # what orjson makes of all that is no number and holds nothing
LEAST_FRACTION, LARGE_FRACTION = 1e-4, 1e15  # between these no fraction is written with an exponent


def canonical_bytes(document: Any) -> bytes:
    """The RFC 8785 form of a JSON value; InvalidDocument (not-canonical) for what JSON cannot say exactly."""
    try:
        return rfc8785.dumps(document)
    except (rfc8785.CanonicalizationError, RecursionError) as error:
        raise InvalidDocument(Code.NOT_CANONICAL, f"The document has no canonical form: {error}.") from error


def sha256_hex(data: bytes) -> str:
    """SHA-256 as 64 lowercase hexadecimal digits: how documents and blobs are addressed."""
    return hashlib.sha256(data).hexdigest()


def document_sha256(document: Any) -> str:
    """The address of a document: SHA-256 of its canonical bytes."""
    return sha256_hex(canonical_bytes(document))


def read_json(data: bytes, *, max_bytes: int, max_depth: int = JSON_MAX_DEPTH) -> Any:
    """Parse JSON text in UTF-8.

    Refused as InvalidDocument: more than `max_bytes` bytes, text that is not UTF-8 or not JSON, an
    object with the same key twice, NaN and infinities, numbers beyond 2^53 - 1 (RFC 7493 section 2.2),
    NUL and lone surrogates in strings, and nesting deeper than `max_depth`.
    """
    if len(data) > max_bytes:
        raise InvalidDocument(Code.DOCUMENT_TOO_LARGE, f"The document may have {max_bytes} bytes, not {len(data)}.")
    document = _read_at_sight(data, max_depth)
    return _read_closely(data, max_depth) if document is None else document


def read_canonical(data: bytes, *, max_bytes: int, max_depth: int = JSON_MAX_DEPTH) -> Any:
    """Parse JSON that must already be in canonical form, as everything that is addressed by its hash must."""
    document = _read_at_sight(data, max_depth) if len(data) <= max_bytes else None
    if document is not None:
        return document
    document = read_json(data, max_bytes=max_bytes, max_depth=max_depth)
    if canonical_bytes(document) != data:
        raise InvalidDocument(Code.NOT_CANONICAL, "The document is not in its canonical form.")
    return document


# At sight ------------------------------------------------------------------------------------------------------------
# A node reads every record of its networks. What follows tells in a tenth of the time that a document is right and in
# canonical form; where it is not sure it gives no answer, and the functions above look closely.


def _read_at_sight(data: bytes, max_depth: int) -> Any | None:
    """The document, if these are its canonical bytes and nothing in it can be refused."""
    document = parse_same(data)
    return document if document is not None and is_plain(document, max_depth) else None


def parse_same(data: bytes) -> Any | None:
    """The document that is written in these very bytes; None where that is not sure.

    No key stands twice, no text is odd, members are in their order. Depth and numbers were not looked at.
    """
    if b"\\" in data and b"\\u" in data:  # the first look takes a fiftieth of the second one's time
        return None  # NUL, halves of surrogate pairs, and control characters that do no harm
    try:
        document = orjson.loads(data)
        # A key that stands twice, another spelling, a rounded number: all come out as other bytes.
        is_same = orjson.dumps(document, option=orjson.OPT_SORT_KEYS) == data
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        return None
    # orjson sorts by code points, JCS by UTF-16: that differs beyond the 65,536 first ones.
    return document if is_same and (data.isascii() or not ASTRAL.search(data.decode())) else None


def is_plain_fraction(value: float) -> bool:
    """Whether nobody writes it with an exponent or without its point."""
    return LEAST_FRACTION <= abs(value) < LARGE_FRACTION and not value.is_integer()


def is_plain(document: Any, max_depth: int) -> bool:
    """An array or object, not nested too deeply, all of whose numbers are exact and written the same everywhere."""
    level = [document]
    for _ in range(max_depth):
        if not all(type(value) is dict or type(value) is list for value in level):
            return False
        inside = (value.values() if type(value) is dict else value for value in level)
        others = [value for values in inside for value in values if type(value) not in WORDS]
        level = [value for value in others if not _is_plain_number(value)]
        if not level:
            return True
    return False


def _is_plain_number(value: Any) -> bool:
    if type(value) is int:
        return -NUMBER_MAX <= value <= NUMBER_MAX
    return type(value) is float and is_plain_fraction(value)


# Closely -------------------------------------------------------------------------------------------------------------


def _read_closely(data: bytes, max_depth: int) -> Any:
    try:
        text = data.decode("utf-8")
        document = json.loads(text, object_pairs_hook=_object, parse_constant=_constant, parse_int=_integer)
    except UnicodeDecodeError as error:
        raise InvalidDocument(Code.NOT_JSON, "The document is not UTF-8 text.") from error
    except json.JSONDecodeError as error:
        raise InvalidDocument(Code.NOT_JSON, f"The document is not JSON: {error.msg} at {error.pos}.") from error
    except RecursionError as error:
        raise InvalidDocument(Code.TOO_DEEP, "The document is nested too deeply.") from error
    verify_json(document, max_depth=max_depth)
    return document


def verify_json(document: Any, *, max_depth: int = JSON_MAX_DEPTH) -> None:
    """Hold a value that did not come through `read_json` to the same limits; raises InvalidDocument."""
    level: list[Any] = [document]
    for depth in range(max_depth + 1):
        below: list[Any] = []
        for value in level:
            if isinstance(value, str):
                _verify_string(value)
            elif isinstance(value, Mapping | list | tuple):
                if depth == max_depth:
                    raise InvalidDocument(Code.TOO_DEEP, f"The document may be nested {max_depth} deep.")
                below.extend(_inside(value))
            else:
                _verify_scalar(value)
        level = below


def _inside(container: Mapping[Any, Any] | Sequence[Any]) -> Iterable[Any]:
    if not isinstance(container, Mapping):
        return container
    for key in container:
        if not isinstance(key, str):
            raise InvalidDocument(Code.NOT_JSON, "A key of an object must be text.")
        _verify_string(key)
    return container.values()


def _verify_string(value: str) -> None:
    if "\x00" in value:
        raise InvalidDocument(Code.NOT_JSON, "The document holds a NUL character.")
    if SURROGATE.search(value):
        raise InvalidDocument(Code.NOT_JSON, "The document holds half of a surrogate pair.")


def _verify_scalar(value: Any) -> None:
    if value is None or isinstance(value, bool):
        return
    if not isinstance(value, int | float):
        raise InvalidDocument(Code.NOT_JSON, f"JSON has no value of type {type(value).__name__}.")
    # NaN compares false, so the condition is written for what is right.
    if not -NUMBER_MAX <= value <= NUMBER_MAX:
        raise InvalidDocument(Code.NOT_JSON, "The document holds a number beyond 2^53 - 1.")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        raise InvalidDocument(Code.DUPLICATE_KEY, "An object holds the same key twice.")
    return document


def _constant(name: str) -> NoReturn:
    raise InvalidDocument(Code.NOT_JSON, f"{name} is not a JSON number.")


def _integer(digits: str) -> int:
    # Checked before int(): thousands of digits would cost quadratic time.
    if len(digits) > len(str(-NUMBER_MAX)):
        raise InvalidDocument(Code.NOT_JSON, "The document holds a number beyond 2^53 - 1.")
    return int(digits)
