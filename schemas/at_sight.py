"""Whether a document is right by its schema, told at sight: yes, or not sure.

A node checks every record of its networks. marshmallow keeps the place of every error, which costs most of that time
and is of use only where something is wrong. Here each schema instance is written out once as a Python function, two
lines or three a member, from the very fields, validators and hooks that marshmallow would ask, and compiled. At the
first doubt there is no answer: `document.load_parsed` then asks marshmallow, whose word counts.

What is right at sight holds no number that JSON writers spell differently, and is nested no deeper than its schema; but
for what stands in a `Dict`, which is not looked into.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, missing, validate
from marshmallow.decorators import POST_LOAD, PRE_LOAD, VALIDATES, VALIDATES_SCHEMA

from schemas.canonical import is_plain_fraction
from schemas.fields import (
    PEOPLE_MAX,
    PRINTED_N_SMALL,
    Base64Url,
    Choice,
    Number,
    PrintedN,
    Shaped,
    Text,
    Whole,
    YesNo,
)
from schemas.text import is_wire_text

Check = Callable[[Any], bool]
CHECKS_KEPT = 256
WRITTEN = (fields.Dict, fields.List, fields.Nested, Base64Url, Choice, Number, PrintedN, Shaped, Text, Whole, YesNo)
"""These and no fields made from them, which may ask for more."""


def is_right(schema: Schema, document: Any) -> bool:
    """Whether `schema.load` answers this very document; False also where only marshmallow itself can tell."""
    check = _check_of(schema)
    try:
        return check is not None and check(document)
    except (ValidationError, TypeError):  # TypeError: a list or an object where an id of a closed list belongs
        return False


class _Unwritable(Exception):
    """A schema that uses more of marshmallow than wire documents do."""


@lru_cache(maxsize=CHECKS_KEPT)
def _check_of(schema: Schema) -> Check | None:
    try:
        return _compiled(schema)
    except _Unwritable:
        return None


def _compiled(schema: Schema) -> Check:
    writer = _Writer()
    members = [line for name, field in schema.load_fields.items() for line in writer.member(name, field)]
    hooks = [writer.named(hook) for hook in _hooks(schema)]
    lines = [
        "def check(document):",
        " if type(document) is not dict: return False",
        f" get, seen = document.get, {sum(field.required for field in schema.load_fields.values())}",
        *members,
        " if len(document) != seen: return False",  # a key that the schema does not have, or null
        *(f" {hook}(document, partial=None, many=False, unknown=RAISE)" for hook in hooks),
        " return True",
    ]
    exec("\n".join(lines), writer.names)  # noqa: S102 - written above from schemas alone, before any document is seen
    check: Check = writer.names["check"]
    return check


class _Writer:
    """Writes the members of one object; `names`: what its lines refer to."""

    def __init__(self) -> None:
        self.names: dict[str, Any] = {
            "RAISE": RAISE,
            "is_plain_fraction": is_plain_fraction,
            "is_wire_text": is_wire_text,
        }

    def named(self, thing: Any) -> str:
        name = f"known_{len(self.names)}"
        self.names[name] = thing
        return name

    def member(self, name: str, field: fields.Field[Any]) -> Iterator[str]:
        key = field.data_key or name
        if key != (field.attribute or name):
            raise _Unwritable
        yield f" value = get({key!r})"
        indent = " "
        if field.required:
            yield " if value is None: return False"
        else:
            yield " if value is not None:"
            yield "  seen += 1"
            indent = "  "
        yield f"{indent}if not ({self._is_right(field)}): return False"
        yield from (f"{indent}{self.named(check)}(value)" for check in field.validators if not _is_length(check))

    def _is_right(self, field: fields.Field[Any]) -> str:
        """An expression over `value`, which is there and not null."""
        is_plain = field.load_default is missing and not (field.allow_none or field.pre_load or field.post_load)
        if not is_plain or type(field) not in WRITTEN:
            raise _Unwritable
        lengths = [_has_length(check) for check in field.validators if _is_length(check)]
        return " and ".join([self._is_of_kind(field), *lengths])

    def _is_of_kind(self, field: fields.Field[Any]) -> str:
        match field:
            case fields.Nested():
                written = self._is_nested(field)
            case fields.List():
                written = f"type(value) is list and {self._are_elements(field.inner)}"
            case fields.Dict() if field.key_field is None and field.value_field is None:
                written = "type(value) is dict"
            case Choice():
                written = f"value in {self.named(field.choices)}"
            case Text():
                at_sight = "value.isascii() and value.isprintable() and value.strip()"
                is_text = f"({at_sight} or is_wire_text(value, multiline={field.multiline}))"
                written = f"type(value) is str and len(value) <= {field.most} and {is_text}"
            case Shaped():
                is_short = "" if field.most is None else f" and len(value) <= {field.most}"
                written = f"type(value) is str{is_short} and {self.named(field.shape.fullmatch)}(value)"
            case Base64Url():
                written = f"{self.named(field._deserialize)}(value, None, None)"  # noqa: SLF001 - as marshmallow does
            case _:
                written = _is_number(field)
        return written

    def _is_nested(self, field: fields.Nested) -> str:
        check = None if field.many or field.unknown else _check_of(field.schema)
        if check is None:
            raise _Unwritable
        return f"{self.named(check)}(value)"

    def _are_elements(self, field: fields.Field[Any]) -> str:
        if not all(map(_is_length, field.validators)):
            raise _Unwritable
        return f"all([{self._is_right(field)} for value in value])"


def _is_number(field: fields.Field[Any]) -> str:
    match field:
        case YesNo():
            return "type(value) is bool"
        case Whole():
            return f"type(value) is int and {field.least} <= value <= {field.most}"
        case Number():
            is_number = "(type(value) is int or type(value) is float and is_plain_fraction(value))"
            return f"{is_number} and {field.least!r} <= value <= {field.most!r}"
        case PrintedN():
            return f"(value == {PRINTED_N_SMALL!r} or type(value) is int and 1 <= value <= {PEOPLE_MAX})"
    raise _Unwritable


def _is_length(check: Callable[[Any], Any]) -> bool:
    return type(check) is validate.Length


def _has_length(check: Any) -> str:
    if check.equal is not None:
        return f"len(value) == {check.equal}"
    most = "" if check.max is None else f" <= {check.max}"
    return f"{check.min or 0} <= len(value){most}"


def _hooks(schema: Schema) -> list[Callable[..., None]]:
    hooks = type(schema).resolve_hooks()
    is_plain = schema.unknown == RAISE and not schema.many and not schema.partial
    if not is_plain or any(hooks[tag] for tag in (PRE_LOAD, POST_LOAD, VALIDATES)):
        raise _Unwritable
    if any(many or options.get("pass_original") for _, many, options in hooks[VALIDATES_SCHEMA]):
        raise _Unwritable
    return [getattr(schema, name) for name, _, _ in hooks[VALIDATES_SCHEMA]]
