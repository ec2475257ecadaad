"""Obstacles as JSON."""

from typing import Any

from marshmallow import fields, validate

from nic_node.accounts.actor import actor_of
from nic_node.school.known_names import known_names
from nic_node.school.obstacles.read import ObstacleLine, obstacle_lines, obstacle_of
from nic_node.school.obstacles.tables import Obstacle
from nic_node.school.obstacles.write import KINDS, STATES, change_obstacle, settle_obstacle, write_obstacle
from nic_node.school.today import school_day
from nic_node.web.api import ApiSchema
from nic_node.web.context import database, now
from nic_node.web.routes import Api, Call, api_of


class ObstacleValuesSchema(ApiSchema):
    """Of `goal_id` and `project_id` one is named."""

    what = fields.String()
    asks = fields.String(metadata={"description": "What the district is asked for."})
    kind = fields.String(metadata={"description": " or ".join(KINDS)})
    goal_id = fields.Integer(strict=True, allow_none=True)
    project_id = fields.Integer(strict=True, allow_none=True)
    since = fields.Date()


class ChangedObstacleSchema(ObstacleValuesSchema):
    version = fields.Integer(strict=True, required=True)


class ObstacleStateSchema(ApiSchema):
    state = fields.String(required=True, validate=validate.OneOf(STATES))


class ObstacleSchema(ChangedObstacleSchema):
    id = fields.Integer()
    state = fields.String()
    removed_on = fields.Date(allow_none=True)
    answer = fields.String(metadata={"description": "The district's: taken, removed, or empty."})
    answer_note = fields.String()
    answered_at = fields.AwareDateTime(allow_none=True)


class ObstacleLineSchema(ObstacleSchema):
    in_the_way_of = fields.String()
    days = fields.Integer()


class ObstaclesSchema(ApiSchema):
    items = fields.List(fields.Nested(ObstacleLineSchema))


def api_routes() -> list[Api]:
    operation = api_of(
        "projects", "/obstacles", read="obstacles.read", write="obstacles.write", answer=ObstacleSchema(),
        named="obstacles",
    )  # fmt: skip
    return [
        operation("GET", "", "list", read_obstacles, "What only the district can remove.", answer=ObstaclesSchema()),
        operation("POST", "", "write", post_obstacle, "Write one.", body=ObstacleValuesSchema(), status=201),
        operation("GET", "/{id}", "show", read_obstacle, "One."),
        operation("PATCH", "/{id}", "change", patch_obstacle, "Change one.", body=ChangedObstacleSchema()),
        operation("PUT", "/{id}/state", "settle", put_state, "Out of the way, or not.", body=ObstacleStateSchema()),
    ]


def line_document(line: ObstacleLine) -> dict[str, Any]:
    columns = {name: getattr(line.row, name) for name in ObstacleSchema().fields}
    return {**columns, "in_the_way_of": line.in_the_way_of, "days": line.days}


async def read_obstacles(call: Call) -> Any:
    async with database(call.request).reading() as session:
        return {"items": [line_document(line) for line in await obstacle_lines(session, school_day(call.request))]}


async def read_obstacle(call: Call) -> Obstacle:
    async with database(call.request).reading() as session:
        return await obstacle_of(session, call.path_id())


async def post_obstacle(call: Call) -> Obstacle:
    request = call.request
    async with database(request).writing() as session:
        return await write_obstacle(
            session,
            actor=actor_of(request),
            values=call.body,
            names=await known_names(request, session),
            today=school_day(request),
            now=now(request),
        )


async def patch_obstacle(call: Call) -> Obstacle:
    request, values = call.request, dict(call.body)
    version = values.pop("version")
    async with database(request).writing() as session:
        return await change_obstacle(
            session,
            actor=actor_of(request),
            obstacle_id=call.path_id(),
            values=values,
            version=version,
            names=await known_names(request, session),
            today=school_day(request),
            now=now(request),
        )


async def put_state(call: Call) -> Obstacle:
    request = call.request
    async with database(request).writing() as session:
        return await settle_obstacle(
            session,
            actor=actor_of(request),
            obstacle_id=call.path_id(),
            state=call.body["state"],
            today=school_day(request),
            now=now(request),
        )
