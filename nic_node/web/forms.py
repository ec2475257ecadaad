"""A form from the browser to values: parsed under a limit, checked by a marshmallow schema, nothing typed lost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import BodyPartReader, web
from marshmallow import RAISE, Schema, ValidationError, pre_load
from multidict import MultiDict, MultiMapping

from nic_node.errors import InvalidInput, TooLarge
from nic_node.i18n import N_
from nic_node.web import csrf
from nic_node.web.limits import read_limited
from nic_node.web.visitor import visitor

MAX_FIELDS = 2000
UNREADABLE = N_("This form can't be read; load the page anew and send it again.")
NUL = N_("has a character that can't be kept; remove it and try again.")
FILE_TOO_LARGE = N_("This file is larger than this page takes. Split it, or send fewer columns.")
READ_ON = 4
"""A body is read to its end, up to so many times its limit: a browser that is cut off shows no page."""
MOST_TYPED = 4 * 1024 * 1024
"""So much of a signed-in person is read at least, to be given back: what was pasted stands nowhere else, maybe."""
TOO_MUCH = "This is {size} KB, this form takes {limit}. Nothing was kept, but what you typed is still here: shorten it."
UNKNOWN = N_("is not a field of this form.")


class FormTooLarge(TooLarge):
    """A file over the route's limit.

    Attributes:
        typed: the other fields, so that they need not be typed again.
    """

    def __init__(self, typed: Mapping[str, str]) -> None:
        super().__init__(FILE_TOO_LARGE)
        self.typed = dict(typed)


class FormSchema(Schema):
    """The base of every form and query: unknown fields are refused, an empty text is an absent one."""

    class Meta:
        unknown = RAISE

    LISTS: Sequence[str] = ()
    """Fields that may come more than once (checkboxes, rows)."""

    error_messages = {"unknown": UNKNOWN}  # noqa: RUF012 - as marshmallow declares it

    @pre_load
    def drop_empty(self, values: Mapping[str, Any], **rest: Any) -> dict[str, Any]:
        return {name: value for name, value in values.items() if value != ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file that came with a form, whole, under the route's limit."""

    name: str
    content: bytes


@dataclass(slots=True, kw_only=True)
class Form:
    """What a template shows again and a handler works with.

    Attributes:
        values: what was typed, as typed: name -> text, or list of texts for the schema's LISTS.
        data: what the schema made of it; empty when there are errors.
        errors: field -> sentences; "" for the form as a whole.
        files: field -> upload.
    """

    values: dict[str, Any] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, list[str]] = field(default_factory=dict)
    files: dict[str, Upload] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return not self.errors

    def refuse(self, error: InvalidInput) -> None:
        """Show what a verb said of these fields."""
        for name, sentences in error.fields.items():
            self.errors.setdefault(name, []).extend(sentences)


def blank_form(values: Mapping[str, Any] | None = None) -> Form:
    """A form not yet sent, with what it starts from."""
    return Form(values=dict(values or {}))


async def read_form(request: web.Request, schema: FormSchema, *, max_bytes: int) -> Form:
    """Read, check the token, and load a form.

    What is typed over `max_bytes` comes back as an error of the form, to whoever is signed in.

    Raises:
        FormOfAnotherVisit: the form's token is missing or not this browser's; the page offers what was typed again.
        TooLarge: the body is over `max_bytes`, of somebody who is not signed in, or by far.
    """
    most = max_bytes if visitor(request) is None else max(max_bytes, MOST_TYPED)
    typed, files, size = await _read_fields(request, max_bytes, most)
    token = typed.popall(csrf.FIELD, [None])[0]
    try:
        csrf.verify_token(request, token or request.headers.get(csrf.HEADER))
    except csrf.FormOfAnotherVisit as refused:
        raise csrf.FormOfAnotherVisit(list(typed.items())) from refused
    form = load_form(typed, schema)
    form.files = files
    if size > max_bytes:
        form.errors = {"": [TOO_MUCH.format(size=size // 1024, limit=max_bytes // 1024)]}
        form.data = {}
    return form


def load_form(typed: MultiMapping[str], schema: FormSchema) -> Form:
    """Load fields that were already read; also for query strings."""
    values: dict[str, Any] = {}
    for name in typed:
        values[name] = typed.getall(name) if name in schema.LISTS else typed.getall(name)[-1].strip()
    form = Form(values=values)
    for name, value in values.items():
        if "\x00" in "".join(value):
            form.errors[name] = [NUL]
    if form.ok:
        try:
            form.data = schema.load(values)
        except ValidationError as error:
            form.errors = errors_of(error)
    return form


def errors_of(error: ValidationError) -> dict[str, list[str]]:
    """What marshmallow found wrong: dotted field name -> sentences, "" for the whole."""
    return flatten_errors(error.normalized_messages())  # type: ignore[no-untyped-call]  # marshmallow leaves it so


def flatten_errors(messages: Mapping[str, Any], prefix: str = "") -> dict[str, list[str]]:
    """marshmallow's tree of messages -> dotted field name -> sentences."""
    flat: dict[str, list[str]] = {}
    for name, said in messages.items():
        path = "" if name == "_schema" else str(name)
        full = f"{prefix}.{path}" if prefix and path else prefix or path
        if isinstance(said, Mapping):
            flat.update(flatten_errors(said, full))
        else:
            flat.setdefault(full, []).extend(said)
    return flat


async def _read_fields(
    request: web.Request, max_bytes: int, most: int
) -> tuple[MultiDict[str], dict[str, Upload], int]:
    """Fields, files, and how many bytes they were."""
    if request.content_type == "multipart/form-data":
        return *await _read_multipart(request, max_bytes, most), 0
    if request.content_type not in ("application/x-www-form-urlencoded", "application/octet-stream", ""):
        raise InvalidInput({"": ["This page takes a form; send it from the page."]})
    body = await read_limited(request, most)
    try:
        pairs = parse_qsl(body.decode("utf-8", errors="replace"), keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError as error:
        raise TooLarge("This form has more fields than any of ours.") from error
    return MultiDict(pairs), {}, len(body)


async def _read_multipart(request: web.Request, max_bytes: int, most: int) -> tuple[MultiDict[str], dict[str, Upload]]:
    fields: MultiDict[str] = MultiDict()
    files: dict[str, Upload] = {}
    left, left_at_all, is_too_large = max_bytes, max(READ_ON * max_bytes, most), False
    try:
        reader = await request.multipart()
        async for part in reader:
            if not isinstance(part, BodyPartReader) or part.name is None:
                raise InvalidInput({"": [UNREADABLE]})
            # What was typed is given back whole; a file stands on its disk.
            keeps = left if part.filename is not None else max(left, most)
            content, size = await _read_part(part, keeps, left_at_all)
            is_too_large = is_too_large or size > left
            left, left_at_all = left - len(content), left_at_all - size
            if len(fields) + len(files) > MAX_FIELDS:
                raise TooLarge("This form has more fields than any of ours.")
            if part.filename is None:
                fields.add(part.name, content.decode("utf-8", errors="replace"))
            elif part.filename or content:
                files[part.name] = Upload(name=part.filename, content=content)
    except ValueError as error:
        raise InvalidInput({"": [UNREADABLE]}) from error
    if is_too_large:
        raise FormTooLarge(fields)
    return fields, files


async def _read_part(part: BodyPartReader, left: int, left_at_all: int) -> tuple[bytes, int]:
    """(content, its size); of a part over the limit nothing is kept.

    Raises:
        FormTooLarge: even reading on to the end would be too much.
    """
    content, size = bytearray(), 0
    while chunk := await part.read_chunk():
        size += len(chunk)
        if size > left_at_all:
            raise FormTooLarge({})
        if size <= left:
            content += chunk
    return (bytes(content) if size <= left else b""), size
