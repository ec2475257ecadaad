import pytest

from schemas.code import Code
from schemas.document import load_document
from schemas.invalid import InvalidDocument
from schemas.leaf import load_leaf_payload
from schemas.membership import HINT
from schemas.practice import PRACTICE
from tests.unit.schemas.protocol_examples import example


def refusal(schema, data, **options):
    with pytest.raises(InvalidDocument) as refused:
        load_document(schema, data, **options)
    return refused.value


@pytest.mark.parametrize("data", [b"[]", b"null", b'"text"', b"1"])
def test_only_objects_are_documents(data):
    assert refusal(HINT, data).code is Code.INVALID_DOCUMENT


def test_the_path_is_a_json_pointer_to_the_first_thing_that_is_wrong():
    practice = example("practice")
    practice["steps"][1]["minutes"] = "ten"
    error = refusal(PRACTICE, practice)
    assert (error.code, error.path) == (Code.INVALID_DOCUMENT, "/steps/1/minutes")
    assert error.message == "This must be a whole number."


def test_a_pointer_escapes_and_cuts_what_a_peer_named():
    assert refusal(HINT, {**example("hint"), "a/b~c": 1}).path == "/a~1b~0c"
    assert len(refusal(HINT, {**example("hint"), "x" * 500: 1}).path) < 70


def test_a_mapping_is_held_to_the_limits_of_json_too():
    assert refusal(HINT, {**example("hint"), "size": float("nan")}).code is Code.NOT_JSON


def test_bytes_are_held_to_their_limit():
    assert refusal(HINT, b'{"origin":"a","size":1}', max_bytes=10).code is Code.DOCUMENT_TOO_LARGE


def test_a_later_version_is_told_from_a_wrong_one():
    later = {**example("void"), "v": 2, "surprise": True}
    with pytest.raises(InvalidDocument) as refused:
        load_leaf_payload(later)
    assert refused.value.code is Code.UNSUPPORTED_VERSION
    for wrong in (0, "1", True, None):
        with pytest.raises(InvalidDocument) as refused:
            load_leaf_payload({**example("void"), "v": wrong})
        assert refused.value.code is Code.INVALID_DOCUMENT


@pytest.mark.parametrize("document", [[], "text", None, 1])
def test_a_leaf_payload_is_an_object(document):
    with pytest.raises(InvalidDocument) as refused:
        load_leaf_payload(document)
    assert refused.value.code is Code.INVALID_DOCUMENT
