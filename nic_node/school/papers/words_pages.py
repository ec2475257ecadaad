"""Words for families, to be written beside what the school says: one language at a time."""

from typing import Any

from aiohttp import web
from marshmallow import fields, validate

from nic_node import i18n
from nic_node.accounts.actor import actor_of
from nic_node.errors import InvalidInput
from nic_node.i18n import N_
from nic_node.school.known_names import known_names
from nic_node.school.papers.ask import AskedSchema
from nic_node.school.papers.plain_words import ABOUT, LONGEST, keep_plain_words, worded
from nic_node.school.profile.name import school_year
from nic_node.school.today import school_day
from nic_node.web import flash
from nic_node.web.api import ApiSchema
from nic_node.web.context import database, now
from nic_node.web.forms import UNREADABLE, Form, FormSchema, blank_form, read_form
from nic_node.web.routes import FORM_BYTES, Call
from nic_node.web.templating import render, see_other

SPANISH = "es"


class WordsForm(FormSchema):
    LISTS = ("about", "about_id", "text")

    language = AskedSchema().fields["language"]
    about = fields.List(fields.String(validate=validate.OneOf(ABOUT)), load_default=list)
    about_id = fields.List(fields.Integer(), load_default=list)
    text = fields.List(fields.String(), load_default=list)


class PlainTextSchema(ApiSchema):
    about = fields.String(required=True, validate=validate.OneOf(ABOUT))
    about_id = fields.Integer(strict=True, required=True)
    text = fields.String(required=True, metadata={"description": "'' takes it away."})


class PlainTextsSchema(ApiSchema):
    language = fields.String(required=True, validate=validate.OneOf(list(i18n.LANGUAGES)))
    texts = fields.List(fields.Nested(PlainTextSchema), required=True, validate=validate.Length(max=200))


class WordedSchema(ApiSchema):
    about = fields.String()
    about_id = fields.Integer()
    title = fields.String(metadata={"description": "As the school says it."})
    texts = fields.Dict(keys=fields.String(), values=fields.String(), metadata={"description": "By language."})


class WordedListSchema(ApiSchema):
    items = fields.List(fields.Nested(WordedSchema))


async def show_words(request: web.Request) -> web.Response:
    asked = request.query.get("language", SPANISH)
    return await _page(request, blank_form(), asked if asked in i18n.LANGUAGES else SPANISH)


async def take_words(request: web.Request) -> web.Response:
    form = await read_form(request, WordsForm(), max_bytes=FORM_BYTES)
    lists = [form.data.get(name, []) for name in WordsForm.LISTS]
    if not form.ok or len({len(one) for one in lists}) != 1:
        form.errors = {"": [UNREADABLE]}
        return await _page(request, form, SPANISH, status=422)
    language = form.data["language"]
    try:
        async with database(request).writing() as session:
            await keep_plain_words(
                session,
                actor=actor_of(request),
                school_year=school_year(school_day(request)),
                language=language,
                texts=list(zip(*lists, strict=True)),
                names=await known_names(request, session),
                now=now(request),
            )
    except InvalidInput as error:
        form.refuse(error)
        return await _page(request, form, language, status=422)
    return flash.say(see_other(request, "papers.words", query={"language": language}), N_("It is kept."))


async def read_words(call: Call) -> Any:
    async with database(call.request).reading() as session:
        return {"items": await worded(session, school_year(school_day(call.request)))}


async def put_words(call: Call) -> Any:
    request = call.request
    texts = [(one["about"], one["about_id"], one["text"]) for one in call.body["texts"]]
    async with database(request).writing() as session:
        await keep_plain_words(
            session,
            actor=actor_of(request),
            school_year=school_year(school_day(request)),
            language=call.body["language"],
            texts=texts,
            names=await known_names(request, session),
            now=now(request),
        )
    return await read_words(call)


async def _page(request: web.Request, form: Form, language: str, *, status: int = 200) -> web.Response:
    async with database(request).reading() as session:
        things = await worded(session, school_year(school_day(request)))
    values = {"form": form, "things": things, "language": language, "languages": i18n.LANGUAGES, "longest": LONGEST}
    values["typed"] = form.values.get("text", [])
    return await render(request, "papers/words.html", values, status=status)
