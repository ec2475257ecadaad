"""Whatever arrives: the wire's parsers answer with a document or with InvalidDocument, and lose nothing."""

import json
from contextlib import suppress
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.base64url import decode_base64url, encode_base64url
from schemas.blob import load_blob
from schemas.canonical import canonical_bytes, read_canonical, read_json
from schemas.document import load_document
from schemas.ids import is_entity_id
from schemas.invalid import InvalidDocument
from schemas.leaf import load_leaf_payload
from schemas.membership import read_invitation
from schemas.policy import load_public_document
from schemas.practice import PRACTICE
from schemas.text import is_wire_text, normal_text
from schemas.vocab import (
    ANY,
    CONTEXT,
    DECISIONS,
    DIRECTIONS,
    GRADE_BANDS,
    IDEAS,
    OTHER,
    PROBLEMS,
    ROLES,
    RUNGS,
    bands_containing,
    is_within,
)

LIMIT = 1_000_000
UNHURRIED = settings(deadline=None)  # two cores are shared

SCALARS = st.none() | st.booleans() | st.integers(1 - 2**53, 2**53 - 1) | st.floats(1 - 2**53, 2**53 - 1)
STRINGS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
JSON = st.recursive(
    SCALARS | STRINGS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(STRINGS, inner, max_size=4),
    max_leaves=12,
)


@UNHURRIED
@given(JSON)
def test_canonical_bytes_are_read_back_as_the_same_value(document):
    data = canonical_bytes(document)
    assert read_canonical(data, max_bytes=LIMIT) == document
    assert canonical_bytes(read_json(data, max_bytes=LIMIT)) == data


@UNHURRIED
@given(JSON)
def test_any_spelling_of_a_value_has_one_canonical_form(document):
    spelled = json.dumps(document, indent=3, ensure_ascii=True).encode()
    assert canonical_bytes(read_json(spelled, max_bytes=LIMIT)) == canonical_bytes(document)


@UNHURRIED
@given(st.binary(max_size=200))
def test_any_bytes_are_a_document_or_refused(data):
    for load in (
        lambda: read_json(data, max_bytes=LIMIT),
        lambda: load_blob(data),
        lambda: load_leaf_payload(data),
        lambda: load_public_document(data),
        lambda: read_invitation(data.decode("latin-1")),
    ):
        with suppress(InvalidDocument):
            load()


@UNHURRIED
@given(st.dictionaries(st.sampled_from(["t", "v", "kind", "payload", "title", "network"]), JSON))
def test_any_json_is_a_document_or_refused(document):
    for load in (
        lambda: load_document(PRACTICE, document),
        lambda: load_leaf_payload(document),
        lambda: load_blob(canonical_bytes(document)),
        lambda: load_public_document(canonical_bytes(document)),
    ):
        with suppress(InvalidDocument):
            load()


def wire_text(most, *, multiline=False):
    return (
        st.text(max_size=most)
        .map(lambda text: normal_text(text, multiline=multiline))
        .filter(lambda text: 0 < len(text) <= most)
    )


def known(vocabulary):
    return st.sampled_from([entry_id for entry_id in vocabulary if entry_id != OTHER])


PRACTICES = st.fixed_dictionaries(
    {
        "title": wire_text(120),
        "problem": st.fixed_dictionaries(
            {"category": known(PROBLEMS)},
            optional={
                "grade_bands": st.lists(st.sampled_from(GRADE_BANDS.ids), min_size=1, unique=True),
                "statement": wire_text(400, multiline=True),
            },
        ),
        "idea": st.fixed_dictionaries({"category": known(IDEAS)}, optional={"summary": wire_text(400, multiline=True)}),
        "rung": st.sampled_from(RUNGS.ids),
        "decision": st.sampled_from(DECISIONS.ids),
    },
    optional={
        "steps": st.lists(
            st.fixed_dictionaries(
                {"does": wire_text(200)},
                optional={"who": st.sampled_from(ROLES.ids), "minutes": st.integers(1, 100_000)},
            ),
            min_size=1,
            max_size=12,
        ),
        "direction": st.sampled_from(DIRECTIONS.ids),
        "conditions": wire_text(400, multiline=True),
        "dose": st.fixed_dictionaries({}, optional={"weeks": st.floats(0, 200), "minutes": st.integers(0, 10_000)}),
        "lessons": st.fixed_dictionaries({}, optional={"worked": wire_text(800, multiline=True)}),
    },
)


@UNHURRIED
@given(PRACTICES)
def test_a_practice_comes_back_as_it_was_sent(practice):
    data = canonical_bytes(practice)
    loaded = load_document(PRACTICE, data)
    assert loaded == practice
    assert canonical_bytes(loaded) == data


@UNHURRIED
@given(st.text(), st.booleans())
def test_normal_text_is_wire_text_or_nothing_and_stays(typed, multiline):
    text = normal_text(typed, multiline=multiline)
    assert text == "" or is_wire_text(text, multiline=multiline)
    assert normal_text(text, multiline=multiline) == text


@UNHURRIED
@given(st.binary())
def test_base64url_round_trip(data):
    assert decode_base64url(encode_base64url(data)) == data


@UNHURRIED
@given(st.text(alphabet="ABab01-_=+/ \n", max_size=12))
def test_base64url_text_that_is_read_is_the_one_that_is_written(text):
    try:
        data = decode_base64url(text)
    except ValueError:
        return
    assert encode_base64url(data) == text


@UNHURRIED
@given(st.sampled_from(["enrolment", "lunch", "english_learners", "disabilities"]), st.floats(0, 100_000))
def test_bands_of_a_value_are_nested(attribute, value):
    chain = bands_containing(attribute, value)
    assert chain[-1] == ANY
    assert all(is_within(attribute, fine, coarse) for fine, coarse in pairwise(chain))
    bands = CONTEXT[attribute].bands
    assert all(bands[band_id].holds(value) for band_id in chain[:-1])


@UNHURRIED
@given(st.text(alphabet="htps:/.localexm127[]@#?%A ", max_size=40))
def test_an_entity_id_never_holds_what_parts_an_address(text):
    if is_entity_id(text):
        assert text.startswith(("https://", "http://localhost", "http://127.", "http://[::1]"))
        assert not set("@#?% ") & set(text)
