import json

import pytest

from schemas.blob import build_blob, load_blob
from schemas.canonical import canonical_bytes
from schemas.code import Code
from schemas.invalid import InvalidDocument
from schemas.limits import BLOB_MAX_BYTES
from schemas.practice import PAYLOADS
from tests.unit.schemas.protocol_examples import example


def blob_with(**changes):
    return canonical_bytes(example("blob") | changes)


def refusal(data):
    with pytest.raises(InvalidDocument) as refused:
        load_blob(data)
    return refused.value


@pytest.mark.parametrize("kind", sorted(PAYLOADS))
def test_what_is_built_can_be_loaded(kind):
    frame = {key: value for key, value in example("blob").items() if key not in {"v", "kind", "payload"}}
    blob = load_blob(build_blob(kind=kind, payload=example(kind), **frame))
    assert blob == {**frame, "v": 1, "kind": kind, "payload": example(kind)}


def test_only_canonical_bytes_are_a_blob():
    assert refusal(json.dumps(example("blob")).encode()).code is Code.NOT_CANONICAL


def test_a_blob_has_at_most_48_kib():
    assert refusal(b" " * (BLOB_MAX_BYTES + 1)).code is Code.BLOB_TOO_LARGE


def test_a_later_version_is_kept_for_a_newer_program():
    assert refusal(blob_with(v=2, payload={"new": True})).code is Code.UNSUPPORTED_VERSION


def test_the_payload_is_held_to_the_schema_of_its_kind():
    error = refusal(blob_with(kind="flag"))
    assert (error.code, error.path) == (Code.INVALID_DOCUMENT, "/payload/code")


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"kind": "rumour"}, "/kind"),
        ({"salt": "AAAA"}, "/salt"),
        ({"jkt": "short"}, "/jkt"),
        ({"network": "http://networks.example"}, "/network"),
        ({"epoch": 0}, "/epoch"),
        ({"time": 1}, "/time"),
    ],
)
def test_the_frame_is_strict(change, path):
    assert refusal(blob_with(**change)).path == path


@pytest.mark.parametrize("data", [b"[]", b"null", b"1"])
def test_a_blob_is_an_object(data):
    assert refusal(data).code is Code.INVALID_DOCUMENT
