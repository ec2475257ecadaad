"""A driver diagram as JSON."""

from typing import Any

from marshmallow import fields

from nic_node.accounts.actor import actor_of
from nic_node.school.drivers.read import lines_of, versions_of
from nic_node.school.drivers.write import LEVELS, add_driver, keep_version, try_idea
from nic_node.school.projects.read import project_of
from nic_node.school.today import school_day
from nic_node.web.api import ApiSchema
from nic_node.web.context import database, now
from nic_node.web.routes import Api, Call, api_of


class DriverValuesSchema(ApiSchema):
    level = fields.String(required=True, metadata={"description": " or ".join(LEVELS)})
    text = fields.String(required=True)
    because = fields.String(load_default="", metadata={"description": "The hypothesis of the line that leads up."})
    under_id = fields.Integer(strict=True, load_default=None, allow_none=True)
    measure_id = fields.Integer(strict=True, load_default=None, allow_none=True)


class OneDriverSchema(DriverValuesSchema):
    id = fields.Integer()
    is_tried = fields.Boolean()


class OwnDriverSchema(OneDriverSchema):
    cycles = fields.Dict(keys=fields.String(), values=fields.Integer(), metadata={"description": "act: how many"})
    latest = fields.String(allow_none=True, metadata={"description": "The newest number of its measure."})


class DriverVersionSchema(ApiSchema):
    number = fields.Integer()
    kept_on = fields.Date()
    aim = fields.String()
    drivers = fields.List(fields.Dict())


class DiagramSchema(ApiSchema):
    drivers = fields.List(fields.Nested(OwnDriverSchema))
    versions = fields.List(fields.Nested(DriverVersionSchema))


def api_routes() -> list[Api]:
    rights = {"read": "projects.read", "write": "projects.write"}
    operation = api_of("drivers", "/projects/{id}/drivers", **rights, answer=DiagramSchema())
    one = api_of("drivers", "/drivers/{id}", **rights, answer=OneDriverSchema())
    return [
        operation("GET", "", "show", read_drivers, "The diagram, with what is known of each line here."),
        operation("POST", "", "add", post_driver, "Draw one more.", body=DriverValuesSchema(), status=201),
        operation("POST", "/versions", "keep", post_version, "Keep it as a version.", status=201),
        one("POST", "/try", "choose", post_try, "The project's cycles test this idea."),
    ]


async def read_drivers(call: Call) -> Any:
    async with database(call.request).reading() as session:
        project = await project_of(session, call.path_id())
        lines, versions = await lines_of(session, project.id), await versions_of(session, project.id)
    names = ("id", "level", "text", "because", "under_id", "measure_id", "is_tried")
    return {
        "drivers": [
            {name: getattr(line.row, name) for name in names}
            | {"cycles": dict(line.cycles), "latest": line.latest.text if line.latest else None}
            for line in lines
        ],
        "versions": versions,
    }


def _named(call: Call) -> dict[str, Any]:
    return {"actor": actor_of(call.request), "now": now(call.request)}


async def post_driver(call: Call) -> Any:
    async with database(call.request).writing() as session:
        await add_driver(session, project_id=call.path_id(), **_named(call), **call.body)
    return await read_drivers(call)


async def post_version(call: Call) -> Any:
    async with database(call.request).writing() as session:
        await keep_version(session, project_id=call.path_id(), today=school_day(call.request), **_named(call))
    return await read_drivers(call)


async def post_try(call: Call) -> Any:
    async with database(call.request).writing() as session:
        return await try_idea(session, driver_id=call.path_id(), **_named(call))
