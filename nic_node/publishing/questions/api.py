"""Asking and answering as JSON; the drafts that come of it go on under /publishing/drafts."""

from typing import Any

from marshmallow import fields, validate

from nic_node.accounts.actor import actor_of
from nic_node.membership.local import local_node
from nic_node.publishing.questions.asked import asked_of_us
from nic_node.publishing.questions.write import change_words, start_answer, start_question
from nic_node.publishing.tables import DraftRow
from nic_node.web.api import ApiSchema
from nic_node.web.context import database, now
from nic_node.web.routes import Api, Call
from schemas.fields import record_id_field
from schemas.practice import CHIPS_MAX

READ, DRAFT = "share.read", "share.draft"
LONGEST_PASTED = 2_000


class AskChipSchema(ApiSchema):
    facet = fields.String(required=True)
    id = fields.String(required=True)


class AskSchema(ApiSchema):
    about = record_id_field(load_default=None, allow_none=True, metadata={"description": "null: a call to everybody."})
    network = fields.String(load_default=None, allow_none=True, metadata={"description": "Of a call."})
    text = fields.String(required=True)
    chips = fields.List(fields.Nested(AskChipSchema()), load_default=list, validate=validate.Length(max=CHIPS_MAX))


class AnswerBodySchema(ApiSchema):
    question = record_id_field(required=True)
    text = fields.String(required=True)
    practice = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Length(max=LONGEST_PASTED),
        metadata={"description": "Record id, or page's address, of a practice that it points to."},
    )


class WordsSchema(ApiSchema):
    version = fields.Integer(strict=True, required=True)
    text = fields.String(required=True)


class NoteSchema(ApiSchema):
    """A question or an answer as a draft; the rest of it at /publishing/drafts/{id}."""

    id = fields.Integer()
    kind = fields.String()
    target = fields.String(allow_none=True)
    state = fields.String()
    network = fields.String()
    version = fields.Integer()


class AskedSchema(ApiSchema):
    """A question of another school about something that ours shared."""

    record = fields.String(attribute="record_id")
    about = fields.String()
    title = fields.String()
    text = fields.String()
    is_answered = fields.Boolean()
    draft_id = fields.Integer(allow_none=True, metadata={"description": "Of an answer under way."})


class AskedListSchema(ApiSchema):
    items = fields.List(fields.Nested(AskedSchema()))


def question_operations() -> list[Api]:
    return [
        _operation(
            "GET", "/asked", "asked", show_asked, READ, "What others ask about our practices", AskedListSchema()
        ),
        _operation("POST", "", "ask", ask, DRAFT, "Draft a question", body=AskSchema(), status=201),
        _operation("POST", "/answers", "answer", answer, DRAFT, "Draft an answer", body=AnswerBodySchema(), status=201),
        _operation("PUT", "/drafts/{id}", "words", put_words, DRAFT, "Change the words of a draft", body=WordsSchema()),
    ]


def _operation(
    method: str, path: str, name: str, handler: Any, permit: str, summary: str, answer: Any = None, **rest: Any
) -> Api:
    return Api(
        method=method,
        path=f"/questions{path}",
        name=f"api.questions.{name}",
        handler=handler,
        permit=permit,
        tag="questions",
        summary=summary,
        answer=answer or NoteSchema(),
        **rest,
    )


async def show_asked(call: Call) -> Any:
    async with database(call.request).reading() as session:
        return {"items": await asked_of_us(session, local_node(call.request), now=now(call.request))}


async def ask(call: Call) -> DraftRow:
    async with database(call.request).writing() as session:
        return await start_question(
            session, local_node(call.request), actor=actor_of(call.request), now=now(call.request), **call.body
        )


async def answer(call: Call) -> DraftRow:
    async with database(call.request).writing() as session:
        return await start_answer(
            session, local_node(call.request), actor=actor_of(call.request), now=now(call.request), **call.body
        )


async def put_words(call: Call) -> DraftRow:
    async with database(call.request).writing() as session:
        return await change_words(
            session, actor=actor_of(call.request), draft_id=call.path_id(), now=now(call.request), **call.body
        )
