"""Classroom visits as JSON: tallies and visits, without the name of anybody who was visited."""

from typing import Any

from marshmallow import fields
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import actor_of
from nic_node.school.projects.read import project_of
from nic_node.school.today import school_day
from nic_node.school.visits.record import (
    agree_look_fors,
    look_fors_of,
    record_visit,
    remove_visit,
    restore_visit,
    tally_measure,
    tally_of,
    visits_of,
)
from nic_node.web.api import ApiSchema
from nic_node.web.context import database, now
from nic_node.web.routes import Api, Call, api_of


class LookForSchema(ApiSchema):
    id = fields.Integer()
    text = fields.String()
    seen = fields.Integer(metadata={"description": "Visits in which it was seen."})
    looked = fields.Integer(metadata={"description": "Visits in which it was looked for."})


class VisitLineSchema(ApiSchema):
    id = fields.Integer()
    visited_on = fields.Date()
    place = fields.String()
    note = fields.String()


class VisitsSchema(ApiSchema):
    measure_id = fields.Integer(allow_none=True, metadata={"description": "The measure that the tally feeds."})
    look_fors = fields.List(fields.Nested(LookForSchema))
    visits = fields.List(fields.Nested(VisitLineSchema))


class AgreedSchema(ApiSchema):
    look_fors = fields.List(fields.String(), required=True)


class MarkedSchema(ApiSchema):
    look_for_id = fields.Integer(strict=True, required=True)
    seen = fields.Boolean(required=True)


class NewVisitSchema(ApiSchema):
    visited_on = fields.Date(required=True)
    place = fields.String(load_default="")
    note = fields.String(load_default="")
    marks = fields.List(fields.Nested(MarkedSchema), required=True)


def api_routes() -> list[Api]:
    operation = api_of("visits", "", read="visits.read", write="visits.write", answer=VisitsSchema())
    at, one = "/projects/{id}", {"answer": VisitLineSchema()}
    agreed = {"body": AgreedSchema(), "permit": "projects.write"}
    return [
        operation("GET", f"{at}/visits", "show", read_visits, "A project's look-fors, tally and visits."),
        operation("PUT", f"{at}/look-fors", "agree", put_look_fors, "What visitors look for.", **agreed),
        operation("POST", f"{at}/visits", "record", post_visit, "Record a visit.", body=NewVisitSchema(), status=201),
        operation("POST", "/visits/{id}/remove", "remove", post_removal, "Take a visit back.", **one),
        operation("POST", "/visits/{id}/restore", "restore", post_restored, "Put it back.", **one),
    ]


async def _described(session: AsyncSession, project_id: int) -> dict[str, Any]:
    project = await project_of(session, project_id)
    measure = await tally_measure(session, project.id)
    tally = await tally_of(session, project.id)
    return {
        "measure_id": measure.id if measure else None,
        "look_fors": [
            {
                "id": row.id,
                "text": row.text,
                "seen": tally.get(row.id, (0, 0))[0],
                "looked": tally.get(row.id, (0, 0))[1],
            }
            for row in await look_fors_of(session, project.id)
        ],
        "visits": await visits_of(session, project.id),
    }


async def read_visits(call: Call) -> Any:
    async with database(call.request).reading() as session:
        return await _described(session, call.path_id())


async def put_look_fors(call: Call) -> Any:
    async with database(call.request).writing() as session:
        texts = call.body["look_fors"]
        await agree_look_fors(
            session, actor=actor_of(call.request), project_id=call.path_id(), texts=texts, now=now(call.request)
        )
        return await _described(session, call.path_id())


async def post_visit(call: Call) -> Any:
    request, values = call.request, dict(call.body)
    marks = {one["look_for_id"]: one["seen"] for one in values.pop("marks")}
    async with database(request).writing() as session:
        await record_visit(
            session,
            actor=actor_of(request),
            project_id=call.path_id(),
            marks=marks,
            today=school_day(request),
            now=now(request),
            **values,
        )
        return await _described(session, call.path_id())


async def post_removal(call: Call) -> Any:
    request = call.request
    async with database(request).writing() as session:
        return await remove_visit(session, actor=actor_of(request), visit_id=call.path_id(), now=now(request))


async def post_restored(call: Call) -> Any:
    request = call.request
    async with database(request).writing() as session:
        return await restore_visit(session, actor=actor_of(request), visit_id=call.path_id(), now=now(request))
