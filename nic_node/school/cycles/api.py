"""Cycles as JSON."""

from typing import Any

from marshmallow import fields

from nic_node.accounts.actor import actor_of
from nic_node.school.cycles.write import cycle_of, cycles_of, note_cycle, plan_cycle
from nic_node.school.today import school_day
from nic_node.web.api import ApiSchema
from nic_node.web.context import database, now
from nic_node.web.routes import Api, Call


class CycleValuesSchema(ApiSchema):
    """`act` is adopt, adapt or abandon; `fidelity` planned, mostly, partly or not; scan to check tell a spiral."""

    measure_id = fields.Integer(strict=True, allow_none=True)
    scale = fields.String()
    question = fields.String()
    prediction = fields.String()
    did = fields.String()
    studied = fields.String()
    fidelity = fields.String(allow_none=True)
    differed = fields.String()
    scan = fields.String()
    focus = fields.String()
    hunch = fields.String()
    learning = fields.String()
    action = fields.String()
    check = fields.String()
    act = fields.String(allow_none=True)
    next_step = fields.String()
    starts_on = fields.Date()
    ends_on = fields.Date(allow_none=True)


class PlannedCycleSchema(CycleValuesSchema):
    form = fields.String(metadata={"description": "pdsa, or spiral; it stays"})


class ChangedCycleSchema(CycleValuesSchema):
    version = fields.Integer(strict=True, required=True)


class CycleSchema(ChangedCycleSchema):
    id = fields.Integer()
    project_id = fields.Integer()
    number = fields.Integer()
    form = fields.String()


class CyclesSchema(ApiSchema):
    items = fields.List(fields.Nested(CycleSchema))


def api_routes() -> list[Api]:
    def operation(method: str, path: str, name: str, handler: Any, summary: str, **rest: Any) -> Api:
        return Api(
            method=method,
            path=path,
            name=f"api.cycles.{name}",
            handler=handler,
            permit="cycles.read" if method == "GET" else "cycles.write",
            tag="cycles",
            summary=summary,
            **{"answer": CycleSchema(), **rest},
        )

    at_project = "/projects/{id}/cycles"
    return [
        operation("GET", at_project, "list", read_cycles, "A project's cycles.", answer=CyclesSchema()),
        operation("POST", at_project, "plan", post_cycle, "Plan the next.", body=PlannedCycleSchema(), status=201),
        operation("GET", "/cycles/{id}", "show", read_cycle, "One cycle."),
        operation("PATCH", "/cycles/{id}", "note", patch_cycle, "Note what happened.", body=ChangedCycleSchema()),
    ]


async def read_cycles(call: Call) -> Any:
    async with database(call.request).reading() as session:
        return {"items": await cycles_of(session, call.path_id())}


async def read_cycle(call: Call) -> Any:
    async with database(call.request).reading() as session:
        return await cycle_of(session, call.path_id())


async def post_cycle(call: Call) -> Any:
    request = call.request
    async with database(request).writing() as session:
        return await plan_cycle(
            session,
            actor=actor_of(request),
            project_id=call.path_id(),
            values=call.body,
            now=now(request),
            today=school_day(request),
        )


async def patch_cycle(call: Call) -> Any:
    request, values = call.request, dict(call.body)
    version = values.pop("version")
    async with database(request).writing() as session:
        return await note_cycle(
            session,
            actor=actor_of(request),
            cycle_id=call.path_id(),
            values=values,
            version=version,
            now=now(request),
            today=school_day(request),
        )
