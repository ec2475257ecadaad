"""Questions and answers as JSON."""

from typing import Any

from marshmallow import fields, validate

from nic_node.commons.practice import readable_record
from nic_node.commons.threads.read import Said, Thread, calls_page, thread_of, threads_about
from nic_node.web.api import ApiSchema
from nic_node.web.context import database, now
from nic_node.web.routes import Api, Call
from schemas.fields import record_id_field

READ = "practices.read"
MOST_PAGES = 10_000
LONGEST_WORDS = 200


class QuestionsQuery(ApiSchema):
    about = record_id_field(
        load_default=None, metadata={"description": "The questions about this record; without it calls to everybody."}
    )
    words = fields.String(
        load_default="",
        validate=validate.Length(max=LONGEST_WORDS),
        metadata={"description": "Of calls only: those that hold all of these words, or whose answers do."},
    )
    page = fields.Integer(load_default=1, validate=validate.Range(1, MOST_PAGES))


class QuestionQuery(ApiSchema):
    record = record_id_field(required=True, metadata={"description": "A question's record id."})


class ChipSchema(ApiSchema):
    facet = fields.String()
    id = fields.String()


class AnswerSchema(ApiSchema):
    record = fields.String()
    by = fields.String(metadata={"description": "author, asker, tried or other: told by the key alone."})
    decision = fields.String(allow_none=True)
    text = fields.String()
    practice = fields.String(allow_none=True)
    is_final = fields.Boolean()
    removed = fields.Boolean(metadata={"description": "The coordinators took it down."})


class QuestionSchema(ApiSchema):
    record = fields.String()
    network = fields.String()
    by = fields.String()
    text = fields.String()
    about = fields.String(allow_none=True, metadata={"description": "null: a call to everybody."})
    about_gone = fields.String(allow_none=True)
    chips = fields.List(fields.Nested(ChipSchema()))
    is_final = fields.Boolean()
    removed = fields.Boolean()
    answers = fields.List(fields.Nested(AnswerSchema()))


class QuestionsSchema(ApiSchema):
    items = fields.List(fields.Nested(QuestionSchema()))
    total = fields.Integer()
    page = fields.Integer()
    pages = fields.Integer()


def thread_operations() -> list[Api]:
    return [
        Api(
            method="GET",
            path="/questions",
            name="api.questions.list",
            handler=list_questions,
            permit=READ,
            tag="questions",
            summary="Calls to everybody, the newest first; or the questions about a record, the oldest first.",
            query=QuestionsQuery(),
            answer=QuestionsSchema(),
        ),
        Api(
            method="GET",
            path="/questions/record",
            name="api.questions.show",
            handler=read_question,
            permit=READ,
            tag="questions",
            summary="A question with its answers.",
            query=QuestionQuery(),
            answer=QuestionSchema(),
        ),
    ]


async def list_questions(call: Call) -> Any:
    about, page = call.query["about"], call.query["page"]
    async with database(call.request).reading() as session:
        if about is None:
            found = await calls_page(session, words=call.query["words"], page=page, now=now(call.request))
        else:
            record, _ = await readable_record(session, about, now=now(call.request))
            found = await threads_about(session, record, page=page, now=now(call.request))
    items = [thread_document(one) for one in found.threads]
    return {"items": items, "total": found.total, "page": found.page, "pages": found.pages}


async def read_question(call: Call) -> Any:
    async with database(call.request).reading() as session:
        return thread_document(await thread_of(session, call.query["record"], now=now(call.request)))


def thread_document(one: Thread) -> dict[str, Any]:
    """What the API answers and `nic question` prints."""
    return {
        "record": one.record_id,
        "network": one.network,
        "by": one.by,
        "text": one.text,
        "about": one.about,
        "about_gone": one.about_gone or None,
        "chips": [{"facet": facet, "id": value} for facet, value in one.chips],
        "is_final": one.is_final,
        "removed": one.removed,
        "answers": [_answer(said) for said in one.answers],
    }


def _answer(said: Said) -> dict[str, Any]:
    return {
        "record": said.record_id,
        "by": said.by,
        "decision": said.decision or None,
        "text": said.text,
        "practice": said.practice.record_id if said.practice else None,
        "is_final": said.is_final,
        "removed": said.removed,
    }
