"""What is taken at sight is what a close look takes, and comes out the same."""

import json
from copy import deepcopy
from unittest.mock import patch

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import ValidationError

from federation.rules_text import find_pattern, may_hold_pattern, texts_of
from schemas import blob, canonical, leaf, practice
from schemas.at_sight import is_right
from schemas.blob import BLOB, load_blob
from schemas.canonical import canonical_bytes, read_canonical, read_json
from schemas.invalid import InvalidDocument
from schemas.limits import JSON_MAX_DEPTH
from tests.property.test_schemas import JSON, LIMIT
from tests.unit.schemas.protocol_examples import example

EXAMPLES = {
    name: (schema, example(name))
    for name, schema in {**practice.PAYLOADS, **leaf.LEAVES, "blob": BLOB}.items()
}  # fmt: skip
UNHURRIED = settings(deadline=None, max_examples=200)
ODD = st.sampled_from(
    [
        None, True, 0, -1, 1.0, 1.5, 10**16, "", " ", "  x", "x" * 5000, "a@b.example", "été", "\u200b", "a\nb", "\x7f",
        'a "b"', [], {}, [[]],
    ]
).map(deepcopy)  # fmt: skip  # copied, or one example's changes would stand in the next


def places(value, path=()):
    yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in inside:
        yield from places(inner, (*path, key))


@st.composite
def altered(draw):
    """(schema, an example in which up to three things were changed, added or left out)."""
    schema, document = EXAMPLES[draw(st.sampled_from(sorted(EXAMPLES)))]
    document = deepcopy(document)
    for _ in range(draw(st.integers(1, 3))):
        changeable = [place for place in places(document) if place]
        if not changeable:
            break
        *path, last = draw(st.sampled_from(changeable))
        holder = document
        for key in path:
            holder = holder[key]
        act = draw(st.sampled_from(["change", "remove", "repeat", "add"]))
        if act == "change":
            holder[last] = draw(JSON | ODD)
        elif act == "remove":
            del holder[last]
        elif isinstance(holder, list):
            holder.append(deepcopy(holder[last]) if act == "repeat" else draw(JSON | ODD))
        else:
            holder[draw(st.sampled_from(["label", "supersedes", "scale", "x"]))] = draw(JSON | ODD)
    return schema, document


def test_every_example_is_taken_at_sight() -> None:
    for schema, document in EXAMPLES.values():
        assert is_right(schema, document)
        assert schema.load(document) == document


@UNHURRIED
@given(altered())
def test_what_is_right_at_sight_is_what_marshmallow_answers(given_one) -> None:
    schema, document = given_one
    try:
        is_answered = schema.load(document) == document
    except ValidationError:
        is_answered = False
    # The only other doubt is of numbers that JSON writers spell differently; a blob's payload has a schema of its own.
    is_doubtful = schema is not BLOB and not canonical.is_plain(document, JSON_MAX_DEPTH)
    assert is_right(schema, document) == (is_answered and not is_doubtful)


@UNHURRIED
@given(altered())
def test_a_blob_at_sight_is_what_a_close_look_makes_of_it(given_one) -> None:
    schema, payload = given_one
    kind = next((kind for kind, known in practice.PAYLOADS.items() if known is schema), "practice")
    for document in (payload, example("blob") | {"kind": kind, "payload": payload}):
        data = orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
        with (
            patch.object(blob, "parse_same", return_value=None),
            patch.object(canonical, "parse_same", return_value=None),
        ):
            closely_seen = blob_outcome(data)
        assert blob_outcome(data) == closely_seen


def blob_outcome(data):
    try:
        return load_blob(data)
    except InvalidDocument as refused:
        return refused.code, refused.path


def outcome(read, data):
    try:
        return repr(read(data, max_bytes=LIMIT, max_depth=4))
    except InvalidDocument as refused:
        return refused.code, refused.message


def closely(read, data):
    with patch.object(canonical, "_read_at_sight", return_value=None):
        return outcome(read, data)


SPELLINGS = st.one_of(
    JSON.map(canonical_bytes),
    JSON.map(lambda document: json.dumps(document).encode()),
    JSON.map(lambda document: json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()),
    st.sampled_from(
        [
            b'{"a":1,"a":1}', b'{"a":"\\u0000"}', b'["\\ud800"]', b"[1e3]", b"[1.0]", b"[-0]", b"[-0.0]", b"[1.50]",
            b"[0.00001]", b"[1e-5]", b"[9007199254740993]", b"[9007199254740991]", b"[NaN]", b"[1E400]", b"[[[[[1]]]]]",
            b"[[[[1]]]]", b'{"\xef\xbf\xbf":1,"\xf0\x90\x80\x80":2}', b'{"\xf0\x90\x80\x80":2,"\xef\xbf\xbf":1}',
            b' {"a":1}', b'{"b":1,"a":2}', b'["\\u001f\\n\\t"]', b'["\x7f"]', b"[0.1]", b"null", b"7", b'"x"', b"", b"\xff",
            b"[123456789012345.5]", b"[100000000000000000000.5]", b'["\\/"]',
        ]
    ),
)  # fmt: skip


@UNHURRIED
@given(SPELLINGS)
def test_json_at_sight_is_what_a_close_look_makes_of_it(data) -> None:
    assert outcome(read_json, data) == closely(read_json, data)
    assert outcome(read_canonical, data) == closely(read_canonical, data)


TEXTS = st.text(st.sampled_from("a1234567890@+.-() wW:/tT５＠．\n"), max_size=30)
PIECES = st.sampled_from(
    ["a@b.example", "ａ＠b.example", "WWW.x.example", "http://x", "(555) 234-5678", "+١٢٣ 456 789", "ok", "1."]
)


@UNHURRIED
@given(st.lists(TEXTS | PIECES, max_size=4))
def test_what_may_hold_no_pattern_holds_none(texts) -> None:
    payload = {"title": texts[0] if texts else "", "steps": [{"does": text, "who": "teacher"} for text in texts]}
    found = [text for _, text in texts_of(payload) if find_pattern(text)]
    assert may_hold_pattern(canonical_bytes(payload)) or not found


def test_words_in_other_letters_are_no_numbers() -> None:
    for text in ("Добрый день всем", "今日 は良い", "Straße — “Übung”", "año 2024"):
        assert not may_hold_pattern(canonical_bytes({"title": text}))
    assert may_hold_pattern(canonical_bytes({"title": "día: 555-201-9834"}))
