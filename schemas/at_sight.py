"""Whether a document is right by its schema, told at sight: yes, or not sure.

A node checks every record of its networks. marshmallow keeps the place of every error, which costs most of that time
and is of use only where something is wrong. Here each schema instance becomes a type of msgspec, made from the very
fields and validators that marshmallow would ask, and msgspec holds a document to it in one go; what its types can't
say, such as hooks and the letters of texts, is asked of the members that it concerns. At the first doubt there is no
answer: `document.load_parsed` then asks marshmallow, whose word counts.

What is right at sight holds no number that JSON writers spell differently, and is nested no deeper than its schema; but
for what stands in a `Dict`, which is not looked into.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Annotated, Any, Literal

import msgspec
from marshmallow import RAISE, Schema, ValidationError, fields, missing, validate
from marshmallow.decorators import POST_LOAD, PRE_LOAD, VALIDATES, VALIDATES_SCHEMA

from schemas.base64url import SPELLING, encoded_length
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

Ask = Callable[[Any], bool]
"""Answers False or raises ValidationError where something is wrong, or may be."""

FORMS_KEPT = 256
KNOWN = (fields.Dict, fields.List, fields.Nested, Base64Url, Choice, Number, PrintedN, Shaped, Text, Whole, YesNo)
"""These and no fields made from them, which may ask for more."""


def is_right(schema: Schema, document: Any, *, is_plain: bool = False) -> bool:
    """Whether `schema.load` answers this very document; False also where only marshmallow itself can tell.

    Args:
        is_plain: whether it was parsed from bytes in which each text is wire text, as `text.is_plain_json` tells of all
            at once; else each is looked at, and each dict and list for being one.
    """
    form = _form_of(schema, is_plain)
    if form is None:
        return False
    try:
        msgspec.convert(document, form.type)
        return form.ask is None or form.ask(document)
    except (msgspec.ValidationError, ValidationError, UnicodeEncodeError):  # the last: half of a surrogate pair
        return False


class _Unknown(Exception):
    """A schema that uses more of marshmallow than wire documents do."""


@dataclass(frozen=True, slots=True)
class _Form:
    """type: what msgspec holds a document to. ask: what is left to be asked then, if anything is."""

    type: Any
    ask: Ask | None


@lru_cache(maxsize=FORMS_KEPT)
def _form_of(schema: Schema, is_plain: bool) -> _Form | None:  # noqa: FBT001 - private, and its cache counts places
    try:
        form = _object_form(schema, is_plain=is_plain)
        with suppress(msgspec.ValidationError):
            msgspec.convert({}, form.type)
    except (_Unknown, TypeError, ValueError, OverflowError):  # but for the first: of what msgspec's types can't say
        return None
    return form


def _object_form(schema: Schema, *, is_plain: bool) -> _Form:
    members: list[tuple[str, Any, Any]] = []
    asked: list[tuple[str, Ask]] = []
    for name, field in schema.load_fields.items():
        key = field.data_key or name
        if key != (field.attribute or name):
            raise _Unknown
        form = _member_form(field, is_plain=is_plain)
        default: Any = {} if field.required else {"default": msgspec.UNSET}
        kind = form.type if field.required else form.type | msgspec.UnsetType
        members.append((f"member_{len(members)}", kind, msgspec.field(name=key, **default)))
        if form.ask is not None:
            asked.append((key, form.ask))
    hooks = list(_hooks(schema))
    made = msgspec.defstruct(type(schema).__name__, members, kw_only=True, forbid_unknown_fields=True, gc=False)
    return _Form(made, partial(_ask_object, asked, hooks) if asked or hooks or not is_plain else None)


def _ask_object(asked: list[tuple[str, Ask]], hooks: list[Callable[..., None]], document: Any) -> bool:
    if type(document) is not dict:  # a mapping of another kind suits msgspec too
        return False
    get = document.get
    for key, ask in asked:
        value = get(key)
        if value is not None and not ask(value):
            return False
    for hook in hooks:
        hook(document, partial=None, many=False, unknown=RAISE)
    return True


def _member_form(field: fields.Field[Any], *, is_plain: bool) -> _Form:
    """Of a value that is there and not null."""
    form = _field_form(field, is_plain=is_plain)
    made = form.type
    others = []
    for check in field.validators:
        if type(check) is validate.Length:
            made = Annotated[made, _length(check)]
        else:
            others.append(check)
    return _Form(made, partial(_ask_all, form.ask, others) if others else form.ask)


def _ask_all(ask: Ask | None, validators: list[Callable[[Any], Any]], value: Any) -> bool:
    for check in validators:
        check(value)
    return ask is None or ask(value)


def _field_form(field: fields.Field[Any], *, is_plain: bool) -> _Form:
    is_strict = field.load_default is missing and not (field.allow_none or field.pre_load or field.post_load)
    if not is_strict or type(field) not in KNOWN:
        raise _Unknown
    match field:
        case fields.Nested():
            form = None if field.many or field.unknown else _form_of(field.schema, is_plain)
            if form is None:
                raise _Unknown
            return form
        case fields.List():
            inner = _member_form(field.inner, is_plain=is_plain)
            made: Any = list[inner.type]  # type: ignore[name-defined]  # a type made at run time
            return _Form(made, None if inner.ask is None and is_plain else partial(_ask_each, inner.ask))
        case _:
            return _Form(_type_of(field), _ask_of(field, is_plain=is_plain))


def _type_of(field: fields.Field[Any]) -> Any:
    """What msgspec makes sure of."""
    match field:
        case fields.Dict() if field.key_field is None and field.value_field is None:
            return dict
        case Choice():
            return Literal[tuple(sorted(field.choices))]
        case Text():
            return Annotated[str, msgspec.Meta(min_length=1, max_length=field.most)]
        case Shaped():
            return Annotated[str, msgspec.Meta(pattern=_whole(field.shape), max_length=field.most)]
        case Base64Url():
            least, most = encoded_length(field.least), encoded_length(field.most)
            return Annotated[str, msgspec.Meta(pattern=_whole(SPELLING), min_length=least, max_length=most)]
        case _:
            return _number_type(field)


def _number_type(field: fields.Field[Any]) -> Any:
    match field:
        case YesNo():
            return bool
        case Whole():
            return Annotated[int, msgspec.Meta(ge=field.least, le=field.most)]
        case Number() if field.least == int(field.least) and field.most == int(field.most):
            whole = Annotated[int, msgspec.Meta(ge=int(field.least), le=int(field.most))]
            return whole | Annotated[float, msgspec.Meta(ge=field.least, le=field.most)]
        case PrintedN():
            return Literal[PRINTED_N_SMALL] | Annotated[int, msgspec.Meta(ge=1, le=PEOPLE_MAX)]
    raise _Unknown


def _ask_of(field: fields.Field[Any], *, is_plain: bool) -> Ask | None:
    """What a type can't say."""
    match field:
        case Text() if not is_plain:
            return partial(is_wire_text, multiline=field.multiline)
        case Number():
            return _is_plain_number
    return None


def _whole(shape: re.Pattern[str]) -> str:
    """msgspec looks for a pattern anywhere in a text."""
    flags = {re.ASCII: "a", re.UNICODE: ""}.get(re.RegexFlag(shape.flags))
    if flags is None:
        raise _Unknown
    return rf"\A(?{flags}:{shape.pattern})\Z"


def _length(check: validate.Length) -> msgspec.Meta:
    if check.equal is not None:
        return msgspec.Meta(min_length=check.equal, max_length=check.equal)
    return msgspec.Meta(min_length=check.min, max_length=check.max)


def _ask_each(ask: Ask | None, values: Any) -> bool:
    if type(values) is not list:  # a tuple suits msgspec too
        return False
    return ask is None or all(map(ask, values))


def _is_plain_number(value: float) -> bool:
    return type(value) is int or is_plain_fraction(value)


def _hooks(schema: Schema) -> Iterator[Callable[..., None]]:
    hooks = type(schema).resolve_hooks()
    is_strict = schema.unknown == RAISE and not schema.many and not schema.partial
    if not is_strict or any(hooks[tag] for tag in (PRE_LOAD, POST_LOAD, VALIDATES)):
        raise _Unknown
    for name, many, options in hooks[VALIDATES_SCHEMA]:
        if many or options.get("pass_original"):
            raise _Unknown
        yield getattr(schema, name)
