"""The handover as JSON: what stands nowhere else, and the projects by decision."""

from typing import Any

from marshmallow import fields

from nic_node.accounts.actor import actor_of
from nic_node.school.handover.collect import collect_handover, write_handover
from nic_node.school.handover.pages import asked_year
from nic_node.school.today import school_day
from nic_node.web.api import ApiSchema
from nic_node.web.context import database, now
from nic_node.web.routes import Api, Call, api_of


class HandoverNoteSchema(ApiSchema):
    note = fields.String(required=True)
    version = fields.Integer(strict=True, required=True, allow_none=True)


class HandoverSchema(HandoverNoteSchema):
    kept = fields.List(fields.Integer(), metadata={"description": "Ids of projects that were adopted or adapted."})
    dropped = fields.List(fields.Integer(), metadata={"description": "Of those that were abandoned."})
    running = fields.List(fields.Integer())
    hours_freed = fields.Float()


class HandoverYearSchema(ApiSchema):
    year = fields.String(load_default="", metadata={"description": "2026-27; this one if it is left out."})


def api_routes() -> list[Api]:
    asked = HandoverYearSchema()
    operation = api_of("handover", "/handover", read="handover.read", write="handover.write", answer=HandoverSchema())
    return [
        operation("GET", "", "show", read_handover, "A school year's handover.", query=asked),
        operation(
            "PUT", "", "write", put_handover, "What stands nowhere else.", body=HandoverNoteSchema(), query=asked
        ),
    ]


async def read_handover(call: Call) -> Any:
    today = school_day(call.request)
    async with database(call.request).reading() as session:
        year = await asked_year(session, call.query["year"], today)
        handover = await collect_handover(session, year, today)
    ids = {decision: [row.project.id for row in rows] for decision, rows in handover.by_decision.items()}
    return {
        "note": handover.note,
        "version": handover.version,
        "kept": [*ids["adopt"], *ids["adapt"]],
        "dropped": ids["abandon"],
        "running": ids[""],
        "hours_freed": handover.stops.hours,
    }


async def put_handover(call: Call) -> Any:
    request = call.request
    async with database(request).writing() as session:
        year = await asked_year(session, call.query["year"], school_day(request))
        await write_handover(session, actor=actor_of(request), school_year=year, now=now(request), **call.body)
    return await read_handover(call)
