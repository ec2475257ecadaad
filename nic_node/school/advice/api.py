"""Advice on projects as JSON."""

from typing import Any

from marshmallow import fields

from nic_node.accounts.actor import actor_of
from nic_node.school.advice.heed import advice_on, heed_advice, overrule_advice, say_whether_it_held
from nic_node.school.today import school_day
from nic_node.web.api import ApiSchema
from nic_node.web.context import database, now
from nic_node.web.routes import Api, Call, api_of


class AdviceSchema(ApiSchema):
    code = fields.String()
    says = fields.String()
    why = fields.String()
    example = fields.String()
    note = fields.String(allow_none=True, metadata={"description": "Why it was overruled; null while it stands."})


class FollowUpValuesSchema(ApiSchema):
    day = fields.Integer(strict=True, required=True, metadata={"description": "90 or 135"})
    held = fields.String(required=True, metadata={"description": "yes, partly or no"})
    note = fields.String(load_default="")


class AdvisedSchema(ApiSchema):
    advice = fields.List(fields.Nested(AdviceSchema))
    follow_ups = fields.List(fields.Nested(FollowUpValuesSchema))
    follow_up = fields.Integer(allow_none=True, metadata={"description": "90 or 135 when it is time to answer."})


class OverruledSchema(ApiSchema):
    code = fields.String(required=True)
    note = fields.String(required=True)


class HeededSchema(ApiSchema):
    code = fields.String(required=True)


def api_routes() -> list[Api]:
    at = "/projects/{id}"
    named = {"read": "projects.read", "write": "projects.write", "named": "advice"}
    operation = api_of("projects", at, answer=AdvisedSchema(), **named)
    return [
        operation("GET", "/advice", "show", read_advice, "What it lacks, and why that matters."),
        operation("PUT", "/advice", "overrule", put_note, "Overrule, with a note.", body=OverruledSchema()),
        operation("POST", "/advice/heed", "heed", post_heeding, "Take that back.", body=HeededSchema()),
        operation("PUT", "/follow-ups", "follow-up", put_follow_up, "Did it hold?", body=FollowUpValuesSchema()),
    ]


def _in_whose_name(call: Call) -> dict[str, Any]:
    return {"actor": actor_of(call.request), "project_id": call.path_id(), "now": now(call.request)}


async def read_advice(call: Call) -> Any:
    async with database(call.request).reading() as session:
        advised = await advice_on(session, call.path_id(), school_day(call.request))
    told = [(one, None) for one in advised.open] + [(one, row.note) for one, row in advised.overruled]
    return {
        "advice": [
            {"code": one.code, "says": one.says, "why": one.why, "example": one.example, "note": note}
            for one, note in told
        ],
        "follow_ups": advised.follow_ups,
        "follow_up": advised.follow_up,
    }


async def put_note(call: Call) -> Any:
    async with database(call.request).writing() as session:
        await overrule_advice(session, **call.body, **_in_whose_name(call))
    return await read_advice(call)


async def post_heeding(call: Call) -> Any:
    async with database(call.request).writing() as session:
        await heed_advice(session, **call.body, **_in_whose_name(call))
    return await read_advice(call)


async def put_follow_up(call: Call) -> Any:
    async with database(call.request).writing() as session:
        await say_whether_it_held(session, **call.body, **_in_whose_name(call))
    return await read_advice(call)
