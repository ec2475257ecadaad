"""The quick way through a schema for a document that is right: the same answer as marshmallow's, or none.

A node checks every record of its networks. marshmallow keeps the place of every error, which costs most of that time
and is of use only where something is wrong. Here the same fields, validators and schema hooks are asked, in a plan that
is made once a schema instance; at the first objection there is no answer, and `document.load_parsed` asks marshmallow.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, missing
from marshmallow.decorators import POST_LOAD, PRE_LOAD, VALIDATES, VALIDATES_SCHEMA

Take = Callable[[Any, None, None], Any]
"""Answers the loaded value of one that is not null; raises ValidationError or _Objection where it objects.

It is called as marshmallow calls a field's `_deserialize`, which most of them are.
"""

PLANS_KEPT = 256


class _Objection(Exception):
    """What marshmallow will say in words."""


def load_at_sight(schema: Schema, document: Mapping[str, Any]) -> dict[str, Any] | None:
    """What `schema.load` answers; None where only marshmallow itself can tell."""
    take = _plan(schema)
    if take is None:
        return None
    try:
        loaded: dict[str, Any] = take(document, None, None)
    except (ValidationError, _Objection):
        return None
    return loaded


@lru_cache(maxsize=PLANS_KEPT)
def _plan(schema: Schema) -> Take | None:
    """None for a schema that uses more of marshmallow than wire documents do."""
    hooks = type(schema).resolve_hooks()
    takes = [(name, field, _take_field(field)) for name, field in schema.load_fields.items()]
    is_plain = schema.unknown == RAISE and not schema.many and not schema.partial
    has_others = any(hooks[tag] for tag in (PRE_LOAD, POST_LOAD, VALIDATES))
    if not is_plain or has_others or any(take is None for _, _, take in takes):
        return None
    checks = [getattr(schema, name) for name, _, _ in hooks[VALIDATES_SCHEMA]]
    if any(many or options.get("pass_original") for _, many, options in hooks[VALIDATES_SCHEMA]):
        return None
    members = [
        (field.data_key or name, field.attribute or name, field.required, take)
        for name, field, take in takes
        if take is not None
    ]
    return _take_object(members, checks)


def _take_object(members: list[tuple[str, str, bool, Take]], checks: list[Callable[..., None]]) -> Take:
    def take(document: Any, _attr: None, _data: None) -> dict[str, Any]:
        if type(document) is not dict:
            raise _Objection
        loaded = {}
        get = document.get
        for key, attribute, required, take_member in members:
            value = get(key)
            if value is not None:
                loaded[attribute] = take_member(value, None, None)
            elif required:
                raise _Objection
        if len(loaded) != len(document):
            raise _Objection  # a key that the schema does not have, or null
        for check in checks:
            check(loaded, partial=None, many=False, unknown=RAISE)
        return loaded

    return take


def _take_field(field: fields.Field[Any]) -> Take | None:
    if field.allow_none or field.load_default is not missing or field.pre_load or field.post_load:
        return None
    take = _take_value(field)
    if take is None or not field.validators:
        return take
    validators = tuple(field.validators)

    def take_validated(value: Any, _attr: None, _data: None) -> Any:
        loaded = take(value, None, None)
        for validate in validators:
            validate(loaded)
        return loaded

    return take_validated


def _take_value(field: fields.Field[Any]) -> Take | None:
    if isinstance(field, fields.Nested):
        return None if field.many or field.unknown else _plan(field.schema)
    if isinstance(field, fields.List):
        inner = _take_field(field.inner)
        return None if inner is None else _take_list(inner)
    return field._deserialize  # noqa: SLF001 - what a field does with a value that is there; ours override it


def _take_list(take_element: Take) -> Take:
    def take(value: Any, _attr: None, _data: None) -> list[Any]:
        if type(value) is not list or None in value:
            raise _Objection
        return [take_element(element, None, None) for element in value]

    return take
