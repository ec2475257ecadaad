"""Pulse as JSON: what is told, and nothing under its smallest number."""

from typing import Any

from marshmallow import fields
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import actor_of
from nic_node.school.pulse.pages import link_of, may_ask
from nic_node.school.pulse.slip_pages import slip_addresses
from nic_node.school.pulse.survey import answer_as_staff, close_survey, list_surveys, open_survey, view_survey
from nic_node.school.sealing_key import sealing_key
from nic_node.school.today import school_day
from nic_node.web.api import ApiSchema
from nic_node.web.context import config, database, now
from nic_node.web.routes import Api, Call, api_of


class PulseItemValuesSchema(ApiSchema):
    construct = fields.String(required=True, metadata={"description": "efficacy, climate, coherence or own"})
    text = fields.String(required=True)


class PulseItemSchema(PulseItemValuesSchema):
    id = fields.Integer()


class PulseValuesSchema(ApiSchema):
    title = fields.String(required=True)
    audience = fields.String(required=True, metadata={"description": "staff, students or families"})
    answered_by = fields.String(
        metadata={"description": "slips (one-time links, the default) or link (an open one); of staff it is account."}
    )
    asked = fields.Integer(strict=True, required=True, metadata={"description": "How many people that is."})
    opens_on = fields.Date(required=True)
    closes_on = fields.Date(required=True)


class NewPulseSchema(PulseValuesSchema):
    items = fields.List(fields.Nested(PulseItemValuesSchema), required=True)


class PulseLineSchema(PulseValuesSchema):
    id = fields.Integer()
    closed_at = fields.AwareDateTime(allow_none=True)


class PulsesSchema(ApiSchema):
    items = fields.List(fields.Nested(PulseLineSchema))


class PulseResultSchema(ApiSchema):
    construct = fields.String()
    text = fields.String()
    mean = fields.Float(allow_none=True, metadata={"description": "1 to 5; null where too few answered."})


class PulseSchema(PulseLineSchema):
    is_open = fields.Boolean()
    questions = fields.List(fields.Nested(PulseItemSchema))
    answers = fields.Integer(allow_none=True, metadata={"description": "Once it is closed and enough answered."})
    link = fields.String(allow_none=True, metadata={"description": "The open link, for whoever may close it."})
    results = fields.List(fields.Nested(PulseResultSchema))


class PulseSlipsSchema(ApiSchema):
    items = fields.List(fields.String(), metadata={"description": "One-time links, in an order that tells nothing."})


class PulseAnswerSchema(ApiSchema):
    item_id = fields.Integer(strict=True, required=True)
    value = fields.Integer(strict=True, required=True, metadata={"description": "1 not at all ... 5 fully"})


class PulseAnswersSchema(ApiSchema):
    answers = fields.List(fields.Nested(PulseAnswerSchema), required=True)


def api_routes() -> list[Api]:
    operation = api_of("pulse", "/pulse", read="pulse.read", write="pulse.write", answer=PulseSchema())
    slips = {"answer": PulseSlipsSchema(), "permit": "pulse.write"}
    own = {"body": PulseAnswersSchema(), "permit": "pulse.read"}
    return [
        operation("GET", "", "list", read_surveys, "Surveys, the newest first.", answer=PulsesSchema()),
        operation("POST", "", "open", post_survey, "Ask an audience.", body=NewPulseSchema(), status=201),
        operation("GET", "/{id}", "show", read_survey, "One, with what may be told."),
        operation("POST", "/{id}/answers", "answer", post_answers, "Answer as staff, once.", **own),
        operation("GET", "/{id}/slips", "slips", read_slips, "Its one-time links.", **slips),
        operation("POST", "/{id}/close", "close", post_close, "Close it for good."),
    ]


async def _described(session: AsyncSession, survey_id: int, call: Call) -> dict[str, Any]:
    view = await view_survey(session, survey_id, school_day(call.request))
    return {
        **{name: getattr(view.survey, name) for name in PulseLineSchema().fields},
        "is_open": view.is_open,
        "questions": view.items,
        "answers": view.survey.answers if view.is_told else None,
        "results": view.results,
        "link": (link_of(call.request, view.survey) or None) if may_ask(call.request) else None,
    }


async def read_surveys(call: Call) -> Any:
    async with database(call.request).reading() as session:
        return {"items": await list_surveys(session)}


async def read_survey(call: Call) -> Any:
    async with database(call.request).reading() as session:
        return await _described(session, call.path_id(), call)


async def read_slips(call: Call) -> Any:
    return {"items": await slip_addresses(call.request, call.path_id())}


async def post_survey(call: Call) -> Any:
    request, values = call.request, dict(call.body)
    items = [(one["construct"], one["text"]) for one in values.pop("items")]
    async with database(request).writing() as session:
        survey = await open_survey(
            session,
            actor=actor_of(request),
            values=values,
            items=items,
            zone=config(request).time_zone,
            now=now(request),
        )
        return await _described(session, survey.id, call)


async def post_answers(call: Call) -> Any:
    request = call.request
    async with database(request).writing() as session:
        await answer_as_staff(
            session,
            sealing_key(request),
            actor=actor_of(request),
            survey_id=call.path_id(),
            answers={one["item_id"]: one["value"] for one in call.body["answers"]},
            today=school_day(request),
        )
        return await _described(session, call.path_id(), call)


async def post_close(call: Call) -> Any:
    request = call.request
    async with database(request).writing() as session:
        await close_survey(session, actor=actor_of(request), survey_id=call.path_id(), now=now(request))
        return await _described(session, call.path_id(), call)
