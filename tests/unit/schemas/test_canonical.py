import json

import pytest

from schemas.canonical import canonical_bytes, document_sha256, read_canonical, read_json, sha256_hex, verify_json
from schemas.code import Code
from schemas.invalid import InvalidDocument

LIMIT = 1_000

REFUSED = {
    "duplicate key": (b'{"a":1,"a":2}', Code.DUPLICATE_KEY),
    "duplicate key inside": (b'[{"b":{"a":1,"\\u0061":1}}]', Code.DUPLICATE_KEY),
    "NaN": (b'{"a":NaN}', Code.NOT_JSON),
    "Infinity": (b"[Infinity]", Code.NOT_JSON),
    "-Infinity": (b"[-Infinity]", Code.NOT_JSON),
    "a number beyond doubles": (b"[1e400]", Code.NOT_JSON),
    "an integer beyond 2^53": (b"[9007199254740992]", Code.NOT_JSON),
    "a round number beyond 2^53": (b"[9007199254740992.0]", Code.NOT_JSON),
    "an integer of many digits": (b"[" + b"1" * 900 + b"]", Code.NOT_JSON),
    "25 levels": (b"[" * 25 + b"]" * 25, Code.TOO_DEEP),
    "25 levels of objects": (b'{"a":' * 25 + b"1" + b"}" * 25, Code.TOO_DEEP),
    "NUL": (b'["a\\u0000"]', Code.NOT_JSON),
    "NUL in a key": (b'{"\\u0000":1}', Code.NOT_JSON),
    "half a surrogate pair": (b'["\\ud800"]', Code.NOT_JSON),
    "not UTF-8": (b'["\xff"]', Code.NOT_JSON),
    "a byte order mark": (b"\xef\xbb\xbf{}", Code.NOT_JSON),
    "nothing": (b"", Code.NOT_JSON),
    "HTML": (b"<html></html>", Code.NOT_JSON),
    "something behind": (b"{} {}", Code.NOT_JSON),
    "a comment": (b"{/**/}", Code.NOT_JSON),
    "a trailing comma": (b"[1,]", Code.NOT_JSON),
    "a control character": (b'["\x01"]', Code.NOT_JSON),
    "too many bytes": (b'"' + b"a" * LIMIT + b'"', Code.DOCUMENT_TOO_LARGE),
}


@pytest.mark.parametrize("what", REFUSED)
def test_strict_parser_refuses(what):
    data, code = REFUSED[what]
    with pytest.raises(InvalidDocument) as refused:
        read_json(data, max_bytes=LIMIT)
    assert refused.value.code is code


def test_a_hundred_thousand_levels_do_not_exhaust_the_stack():
    with pytest.raises(InvalidDocument) as refused:
        read_json(b"[" * 100_000, max_bytes=200_000)
    assert refused.value.code is Code.TOO_DEEP


def test_strict_parser_takes_what_is_at_the_limits():
    assert read_json(b"[" * 24 + b"]" * 24, max_bytes=48)
    assert read_json(b"[9007199254740991,-9007199254740991]", max_bytes=LIMIT) == [2**53 - 1, 1 - 2**53]


@pytest.mark.parametrize(
    "value",
    [{1: "a"}, [b"bytes"], [{1, 2}], [float("nan")], [2**53], ["\ud800"], {"a": object()}],
    ids=lambda value: type(value).__name__,
)
def test_values_that_are_no_json_are_refused(value):
    with pytest.raises(InvalidDocument):
        verify_json(value)


# RFC 8785 section 3.2.3 (sorting by UTF-16 code units) and section 3.2.2 (literals, strings, numbers).
RFC_8785_INPUT = rb"""{
  "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
  "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
  "literals": [null, true, false]
}"""
RFC_8785_OUTPUT = bytes.fromhex(
    "7b226c69746572616c73223a5b6e756c6c2c747275652c66616c73655d2c226e756d62657273223a5b3333333333333333332e3333333333"
    "33332c31652b33302c342e352c302e3030322c31652d32375d2c22737472696e67223a22e282ac245c75303030665c6e4127425c225c5c5c"
    "5c5c222f227d"
)


def test_rfc_8785_example():
    assert canonical_bytes(json.loads(RFC_8785_INPUT)) == RFC_8785_OUTPUT


def test_rfc_8785_sorts_by_utf16_code_units():
    keys = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    expected = ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]
    assert list(read_json(canonical_bytes(dict.fromkeys(keys, 0)), max_bytes=LIMIT)) == expected


@pytest.mark.parametrize(
    "data", [b'{"b":1,"a":2}', b'{"a": 1}', b'{"a":1.0}', b'{"a":"\\u0061"}', b'{"a":-0}', b'{"a":1}\n']
)
def test_only_the_canonical_spelling_is_read_as_canonical(data):
    read_json(data, max_bytes=LIMIT)
    with pytest.raises(InvalidDocument) as refused:
        read_canonical(data, max_bytes=LIMIT)
    assert refused.value.code is Code.NOT_CANONICAL


def test_a_document_is_addressed_by_its_canonical_bytes():
    assert document_sha256({"b": [], "a": 1}) == sha256_hex(b'{"a":1,"b":[]}')
    assert sha256_hex(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize("value", [float("inf"), 2**53, "\ud800", object()], ids=lambda value: type(value).__name__)
def test_what_json_cannot_say_has_no_canonical_form(value):
    with pytest.raises(InvalidDocument) as refused:
        canonical_bytes([value])
    assert refused.value.code is Code.NOT_CANONICAL
