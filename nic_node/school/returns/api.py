"""Hours, money and who stayed, as JSON."""

from typing import Any

from marshmallow import fields

from nic_node.accounts.actor import actor_of
from nic_node.school.profile.name import school_year
from nic_node.school.projects.read import project_of
from nic_node.school.returns.put_in import count_staff, plan_budget, put_in, remove_input, restore_input
from nic_node.school.returns.read import board_table, inputs_of, retention, spent_by
from nic_node.school.team.describe import days_of_year
from nic_node.school.today import school_day
from nic_node.web.api import ApiSchema
from nic_node.web.context import database, now
from nic_node.web.routes import Api, Call, api_of


class ProjectSpentSchema(ApiSchema):
    hours = fields.Float()
    dollars = fields.Float()
    of_hours = fields.Float(allow_none=True)
    of_dollars = fields.Float(allow_none=True)


class BoardRowSchema(ProjectSpentSchema):
    project_id = fields.Integer()
    title = fields.String()
    decision = fields.String(allow_none=True)
    moved = fields.String(metadata={"description": "'' where nothing was measured."})
    is_early_win = fields.Boolean()


class StaffValuesSchema(ApiSchema):
    school_year = fields.String(required=True, metadata={"description": "2026-27"})
    staff = fields.Integer(strict=True, required=True)
    stayed = fields.Integer(strict=True, required=True)


class StaffRetentionSchema(StaffValuesSchema):
    percent = fields.Integer(allow_none=True, metadata={"description": "null for a staff under ten."})


class BoardSchema(ApiSchema):
    rows = fields.List(fields.Nested(BoardRowSchema))
    retention = fields.List(fields.Nested(StaffRetentionSchema))


class InputValuesSchema(ApiSchema):
    put_on = fields.Date(required=True)
    what = fields.String(load_default="")
    hours = fields.Float(load_default=None, allow_none=True)
    dollars = fields.Float(load_default=None, allow_none=True)


class ProjectInputSchema(InputValuesSchema):
    id = fields.Integer()


class ProjectInputsSchema(ProjectSpentSchema):
    version = fields.Integer(allow_none=True, metadata={"description": "Of what was planned."})
    items = fields.List(fields.Nested(ProjectInputSchema))


class ProjectBudgetSchema(ApiSchema):
    hours = fields.Float(required=True, allow_none=True)
    dollars = fields.Float(required=True, allow_none=True)
    version = fields.Integer(strict=True, required=True, allow_none=True)


def api_routes() -> list[Api]:
    operation = api_of(
        "return", "", read="return.read", write="projects.write", answer=ProjectInputsSchema(), named="returns"
    )
    at, one = "/projects/{id}/inputs", {"answer": ProjectInputSchema()}
    staff = {"answer": BoardSchema(), "permit": "return.write"}
    return [
        operation("GET", "/return", "show", read_return, "This school year's table.", answer=BoardSchema()),
        operation("PUT", "/return/staff", "staff", put_staff, "Who stayed.", body=StaffValuesSchema(), **staff),
        operation("GET", at, "inputs", read_inputs, "What went into a project."),
        operation("POST", at, "put", post_input, "Note some.", body=InputValuesSchema(), status=201),
        operation(
            "PUT", "/projects/{id}/budget", "budget", put_budget, "What it may take.", body=ProjectBudgetSchema()
        ),
        operation("POST", "/inputs/{id}/remove", "remove", post_removal, "Remove what was noted.", **one),
        operation("POST", "/inputs/{id}/restore", "restore", post_restored, "Put it back.", **one),
    ]


def _in_whose_name(call: Call) -> dict[str, Any]:
    return {"actor": actor_of(call.request), "now": now(call.request)}


async def read_return(call: Call) -> Any:
    first, last = days_of_year(school_year(school_day(call.request)))
    async with database(call.request).reading() as session:
        rows = await board_table(session, since=first, until=last)
        kept = await retention(session)
    return {
        "rows": [
            {
                **{name: getattr(row.spent, name) for name in ProjectSpentSchema().fields},
                "project_id": row.project.id,
                "title": row.project.title,
                "decision": row.project.decision,
                "moved": row.moved,
                "is_early_win": row.is_early_win,
            }
            for row in rows
        ],
        "retention": [
            {name: getattr(one.row, name) for name in StaffValuesSchema().fields} | {"percent": one.percent}
            for one in kept
        ],
    }


async def put_staff(call: Call) -> Any:
    async with database(call.request).writing() as session:
        await count_staff(session, **call.body, **_in_whose_name(call))
    return await read_return(call)


async def read_inputs(call: Call) -> Any:
    async with database(call.request).reading() as session:
        project = await project_of(session, call.path_id())
        spent = (await spent_by(session, [project.id]))[project.id]
        items = await inputs_of(session, project.id)
    return {**{name: getattr(spent, name) for name in (*ProjectSpentSchema().fields, "version")}, "items": items}


async def post_input(call: Call) -> Any:
    async with database(call.request).writing() as session:
        today = school_day(call.request)
        await put_in(session, project_id=call.path_id(), today=today, **call.body, **_in_whose_name(call))
    return await read_inputs(call)


async def put_budget(call: Call) -> Any:
    async with database(call.request).writing() as session:
        await plan_budget(session, project_id=call.path_id(), **call.body, **_in_whose_name(call))
    return await read_inputs(call)


async def post_removal(call: Call) -> Any:
    async with database(call.request).writing() as session:
        return await remove_input(session, input_id=call.path_id(), **_in_whose_name(call))


async def post_restored(call: Call) -> Any:
    async with database(call.request).writing() as session:
        return await restore_input(session, input_id=call.path_id(), **_in_whose_name(call))
