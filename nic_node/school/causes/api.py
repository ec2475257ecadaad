"""Why it happens, as JSON."""

from typing import Any

from marshmallow import fields

from nic_node.accounts.actor import actor_of
from nic_node.school.causes.pages import TEAM
from nic_node.school.causes.read import causes_of
from nic_node.school.causes.write import (
    BRANCHES,
    VOICES,
    add_cause,
    check_consensus,
    choose_cause,
    keep_talk,
    write_process,
)
from nic_node.school.projects.read import project_of
from nic_node.school.today import school_day
from nic_node.web.api import ApiSchema
from nic_node.web.context import database, now
from nic_node.web.routes import Api, Call, api_of
from nic_node.web.visitor import visitor


class CauseValuesSchema(ApiSchema):
    text = fields.String(required=True)
    branch = fields.String(load_default="", metadata={"description": " or ".join(BRANCHES)})
    why_id = fields.Integer(strict=True, load_default=None, allow_none=True)


class CauseSchema(CauseValuesSchema):
    id = fields.Integer()
    is_chosen = fields.Boolean()


class ChosenCauseSchema(ApiSchema):
    is_chosen = fields.Boolean(required=True)


class ProcessValuesSchema(ApiSchema):
    steps = fields.String(required=True)
    version = fields.Integer(strict=True, required=True, allow_none=True)


class TalkValuesSchema(ApiSchema):
    with_whom = fields.String(required=True, metadata={"description": " or ".join(VOICES)})
    people = fields.Integer(strict=True, required=True)
    said = fields.String(required=True)
    held_on = fields.Date(required=True)


class TalkSchema(TalkValuesSchema):
    id = fields.Integer()


class ConsensusValuesSchema(ApiSchema):
    question = fields.String(required=True)
    heard = fields.String(load_default="")
    held_on = fields.Date(required=True)
    fists = fields.List(
        fields.Integer(strict=True), required=True, metadata={"description": "0 to 5 fingers: how many"}
    )


class ConsensusSchema(ConsensusValuesSchema):
    id = fields.Integer()


class CausesSchema(ApiSchema):
    causes = fields.List(fields.Nested(CauseSchema))
    process = fields.Nested(ProcessValuesSchema, allow_none=True)
    talks = fields.List(fields.Nested(TalkSchema), metadata={"description": "Empty but for the team."})
    consensus = fields.List(fields.Nested(ConsensusSchema))


def api_routes() -> list[Api]:
    operation = api_of(
        "causes", "/projects/{id}/causes", read="projects.read", write="projects.write", answer=CausesSchema()
    )
    chosen = {"body": ChosenCauseSchema(), "answer": CauseSchema()}
    choice = api_of("causes", "/causes/{id}", read="projects.read", write="projects.write", answer=CauseSchema())
    return [
        operation("GET", "", "show", read_causes, "Why it happens."),
        operation("POST", "", "add", post_cause, "Name a cause.", body=CauseValuesSchema(), status=201),
        choice("PUT", "/chosen", "choose", put_choice, "Work on it, or not.", **chosen),
        operation("PUT", "/process", "process", put_process, "How it goes now.", body=ProcessValuesSchema()),
        operation("POST", "/talks", "talk", post_talk, "Keep a talk.", body=TalkValuesSchema(), permit=TEAM),
        operation("POST", "/consensus", "consensus", post_check, "Fist to five.", body=ConsensusValuesSchema()),
    ]


async def read_causes(call: Call) -> Any:
    who = visitor(call.request)
    async with database(call.request).reading() as session:
        project = await project_of(session, call.path_id())
        found = await causes_of(session, project.id, with_talks=who is not None and TEAM in who.permissions)
    return {
        "causes": [row for _label, listed in found.branches for _depth, row in listed],
        "process": found.process,
        "talks": found.talks,
        "consensus": [one.row for one in found.consensus],
    }


def _named(call: Call) -> dict[str, Any]:
    return {"actor": actor_of(call.request), "project_id": call.path_id(), "now": now(call.request)}


async def post_cause(call: Call) -> Any:
    async with database(call.request).writing() as session:
        await add_cause(session, **_named(call), **call.body)
    return await read_causes(call)


async def put_choice(call: Call) -> Any:
    async with database(call.request).writing() as session:
        return await choose_cause(
            session, actor=actor_of(call.request), cause_id=call.path_id(), now=now(call.request), **call.body
        )


async def put_process(call: Call) -> Any:
    async with database(call.request).writing() as session:
        await write_process(session, **_named(call), **call.body)
    return await read_causes(call)


async def post_talk(call: Call) -> Any:
    async with database(call.request).writing() as session:
        await keep_talk(session, **_named(call), today=school_day(call.request), **call.body)
    return await read_causes(call)


async def post_check(call: Call) -> Any:
    async with database(call.request).writing() as session:
        await check_consensus(session, **_named(call), today=school_day(call.request), **call.body)
    return await read_causes(call)
