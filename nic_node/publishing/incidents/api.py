"""Incidents as JSON."""

from typing import Any

from marshmallow import fields, validate

from nic_node.accounts.actor import actor_of
from nic_node.membership.local import local_node
from nic_node.publishing.incidents.checklist import KINDS, STEPS
from nic_node.publishing.incidents.read import incident_of, incidents
from nic_node.publishing.incidents.report import LONGEST_NOTE, close_incident, open_incident, tick_step
from nic_node.publishing.pages import verify_may_reword
from nic_node.web.api import ApiSchema
from nic_node.web.context import database, now, wake_worker
from nic_node.web.routes import Api, Call

READ, DRAFT, REVIEW = "share.read", "share.draft", "share.review"


class IncidentStepSchema(ApiSchema):
    name = fields.String()
    label = fields.String()
    done = fields.Boolean()
    by_itself = fields.Boolean(metadata={"description": "The node takes this step and ticks it."})
    by = fields.String()
    at = fields.AwareDateTime(allow_none=True)


class IncidentSchema(ApiSchema):
    """Something that should not have left. `telling`: waiting, told or refused, with the reason in `problem`."""

    id = fields.Integer()
    draft_id = fields.Integer(allow_none=True)
    title = fields.String()
    kind = fields.String()
    note = fields.String()
    withdrawal = fields.String()
    telling = fields.String()
    problem = fields.String()
    told_at = fields.AwareDateTime(allow_none=True)
    opened_by = fields.String()
    opened_at = fields.AwareDateTime()
    closed_at = fields.AwareDateTime(allow_none=True)
    version = fields.Integer()
    steps = fields.List(fields.Nested(IncidentStepSchema))


class IncidentListSchema(ApiSchema):
    items = fields.List(fields.Nested(IncidentSchema))


class OpenIncidentSchema(ApiSchema):
    """Takes it back at once, in the open: the network sees whose record it was, and its coordinators are told."""

    kind = fields.String(required=True, validate=validate.OneOf(list(KINDS)))
    note = fields.String(load_default="", validate=validate.Length(max=LONGEST_NOTE))


class TickSchema(ApiSchema):
    step = fields.String(required=True, validate=validate.OneOf(list(STEPS)))
    done = fields.Boolean(load_default=True, truthy={True}, falsy={False})
    version = fields.Integer(strict=True, required=True)


class IncidentVersionSchema(ApiSchema):
    version = fields.Integer(strict=True, required=True)


def incident_api_routes() -> list[Api]:
    one = "/publishing/incidents/{id}"
    return [
        _api("GET", "/publishing/incidents", "incidents", show_all, READ, "Incidents", answer=IncidentListSchema()),
        _api("GET", one, "incident", show_one, READ, "An incident"),
        _api(
            "POST",
            "/publishing/drafts/{id}/incident",
            "open_incident",
            open_one,
            DRAFT,
            "This should not have left",
            body=OpenIncidentSchema(),
            status=201,
        ),
        _api("POST", one + "/steps", "incident_step", tick, READ, "Tick a step", body=TickSchema()),
        _api("POST", one + "/close", "incident_close", close, REVIEW, "Close it", body=IncidentVersionSchema()),
    ]


def _api(method: str, path: str, name: str, handler: Any, permit: str, summary: str, **rest: Any) -> Api:
    return Api(
        method=method,
        path=path,
        name=f"api.publishing.{name}",
        handler=handler,
        permit=permit,
        tag="publishing",
        summary=summary,
        **{"answer": IncidentSchema(), **rest},
    )


async def show_all(call: Call) -> dict[str, Any]:
    async with database(call.request).reading() as session:
        return {"items": await incidents(session, local_node(call.request))}


async def show_one(call: Call) -> Any:
    async with database(call.request).reading() as session:
        return await incident_of(session, local_node(call.request), call.path_id())


async def open_one(call: Call) -> Any:
    node = local_node(call.request)
    async with database(call.request).writing() as session:
        given: dict[str, Any] = {"actor": actor_of(call.request), "draft_id": call.path_id(), "now": now(call.request)}
        row = await open_incident(session, node, **given, **call.body)
        answer = await incident_of(session, node, row.id)
    wake_worker(call.request)
    return answer


async def tick(call: Call) -> Any:
    verify_may_reword(call.request)
    async with database(call.request).writing() as session:
        await tick_step(session, **_of(call), **call.body)
        return await incident_of(session, local_node(call.request), call.path_id())


async def close(call: Call) -> Any:
    async with database(call.request).writing() as session:
        await close_incident(session, **_of(call), **call.body)
        return await incident_of(session, local_node(call.request), call.path_id())


def _of(call: Call) -> dict[str, Any]:
    return {"actor": actor_of(call.request), "incident_id": call.path_id(), "now": now(call.request)}
