"""Reflections and the stop-list as JSON."""

from typing import Any

from marshmallow import fields

from nic_node.accounts.actor import actor_of
from nic_node.school.reflection.reflect import (
    change_reflection,
    reflection_due,
    reflections,
    remove_stop,
    restore_stop,
    stop_doing,
    stop_list,
    to_stop,
    write_reflection,
)
from nic_node.school.today import school_day
from nic_node.web.api import ApiSchema
from nic_node.web.context import database, now
from nic_node.web.routes import Api, Call, api_of


class ReflectionValuesSchema(ApiSchema):
    held_on = fields.Date()
    works = fields.String()
    off_table = fields.String()
    better = fields.String()
    evidence = fields.String()


class ChangedReflectionSchema(ReflectionValuesSchema):
    version = fields.Integer(strict=True, required=True)


class ReflectionSchema(ChangedReflectionSchema):
    id = fields.Integer()


class NewStopSchema(ApiSchema):
    text = fields.String(required=True)
    hours_a_week = fields.Float(required=True)
    stopped_on = fields.Date(required=True)
    project_id = fields.Integer(strict=True, allow_none=True, load_default=None)


class StopSchema(NewStopSchema):
    id = fields.Integer()


class ReflectionsSchema(ApiSchema):
    items = fields.List(fields.Nested(ReflectionSchema))
    due = fields.Date(allow_none=True, metadata={"description": "When the next one is."})
    stopped = fields.List(fields.Nested(StopSchema))
    hours_freed = fields.Float(metadata={"description": "A week, by all that was stopped."})
    to_stop = fields.List(fields.Integer(), metadata={"description": "Ids of abandoned projects that it lacks."})


def api_routes() -> list[Api]:
    at = "/reflection"
    operation = api_of("reflection", at, read="reflection.read", write="reflection.write", answer=ReflectionSchema())
    stop = {"answer": StopSchema()}
    return [
        operation("GET", "", "list", read_all, "Reflections, and the stop-list.", answer=ReflectionsSchema()),
        operation("POST", "", "write", post_reflection, "Keep one.", body=ReflectionValuesSchema(), status=201),
        operation("PATCH", "/{id}", "change", patch_reflection, "Change one.", body=ChangedReflectionSchema()),
        operation("POST", "/stops", "stop", post_stop, "Stop something.", body=NewStopSchema(), status=201, **stop),
        operation("POST", "/stops/{id}/remove", "remove-stop", post_removal, "Off the list.", **stop),
        operation("POST", "/stops/{id}/restore", "restore-stop", post_restored, "Back on it.", **stop),
    ]


def _in_whose_name(call: Call) -> dict[str, Any]:
    return {"actor": actor_of(call.request), "now": now(call.request)}


async def read_all(call: Call) -> Any:
    async with database(call.request).reading() as session:
        stops = await stop_list(session)
        return {
            "items": await reflections(session),
            "due": await reflection_due(session, school_day(call.request)),
            "stopped": stops.things,
            "hours_freed": stops.hours,
            "to_stop": [one.project.id for one in await to_stop(session, school_day(call.request))],
        }


async def post_reflection(call: Call) -> Any:
    today = school_day(call.request)
    async with database(call.request).writing() as session:
        return await write_reflection(session, values=call.body, today=today, **_in_whose_name(call))


async def patch_reflection(call: Call) -> Any:
    values = dict(call.body)
    version = values.pop("version")
    async with database(call.request).writing() as session:
        return await change_reflection(
            session,
            reflection_id=call.path_id(),
            values=values,
            version=version,
            today=school_day(call.request),
            **_in_whose_name(call),
        )


async def post_stop(call: Call) -> Any:
    async with database(call.request).writing() as session:
        return await stop_doing(session, today=school_day(call.request), **call.body, **_in_whose_name(call))


async def post_removal(call: Call) -> Any:
    async with database(call.request).writing() as session:
        return await remove_stop(session, stop_id=call.path_id(), **_in_whose_name(call))


async def post_restored(call: Call) -> Any:
    async with database(call.request).writing() as session:
        return await restore_stop(session, stop_id=call.path_id(), **_in_whose_name(call))
