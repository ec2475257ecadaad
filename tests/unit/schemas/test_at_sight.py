"""What a parser never makes, and what msgspec's types can't say, is left to marshmallow."""

from types import MappingProxyType
from typing import Any

import pytest
from marshmallow import fields, validate

from schemas.at_sight import is_right
from schemas.document import DocumentSchema, load_document
from schemas.fields import Base64Url, Choice, Number, Text, Whole
from schemas.practice import PRACTICE
from tests.unit.schemas.protocol_examples import example


@pytest.mark.parametrize(
    "changes",
    [
        {"steps": tuple(example("practice")["steps"])},
        {"problem": MappingProxyType(example("practice")["problem"])},
        {"core": (0,)},
    ],
)
def test_tuples_and_other_mappings_come_back_as_json_has_them(changes: dict[str, Any]) -> None:
    document = example("practice") | changes
    assert not is_right(PRACTICE, document)
    loaded = load_document(PRACTICE, document)
    assert {type(loaded[name]) for name in changes} <= {dict, list}


@pytest.mark.parametrize("changes", [{"\ud800": 1}, {"rung": "\ud800"}, {"title": "\ud800"}])
def test_half_of_a_surrogate_pair_is_never_right(changes: dict[str, Any]) -> None:
    assert not is_right(PRACTICE, example("practice") | changes)


class Sized(DocumentSchema):
    key = Base64Url(2, 4)


@pytest.mark.parametrize(
    "key", ["", "AA", "AAA", "AAE", "AAF", "AAAA", "AAAAA", "AAAAAA", "AAAAAB", "AAAAAAA", "AA-_", "AA+/"]
)
def test_base64url_is_told_at_sight_as_marshmallow_tells_it(key: str) -> None:
    assert is_right(Sized(), {"key": key}) == (not Sized().validate({"key": key}))


class Doubled(DocumentSchema):
    text = Text(5, validate=validate.Length(1, 3))


class Endless(DocumentSchema):
    number = Number(0, float("inf"))


class Wide(DocumentSchema):
    number = Whole(5, 2**70)


class Empty(DocumentSchema):
    choice = Choice(())


class Counted(DocumentSchema):
    inner = fields.Nested(Doubled(), validate=validate.Length(1))


@pytest.mark.parametrize(
    ("schema", "document"),
    [(Doubled(), {"text": "abc"}), (Endless(), {"number": 7}), (Wide(), {"number": 2**69}), (Empty(), {})],
)
def test_what_a_type_cannot_say_is_not_told_at_sight(schema: DocumentSchema, document: dict[str, Any]) -> None:
    assert not is_right(schema, document)
    assert schema.load(document) == document


def test_a_schema_that_holds_one_of_these_is_not_told_at_sight_either() -> None:
    assert not is_right(Counted(), {"inner": {"text": "abc"}})
