"""Learning communities as JSON."""

from typing import Any

from marshmallow import fields
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import actor_of
from nic_node.school.communities.read import list_communities, view_community
from nic_node.school.communities.write import (
    change_community,
    found_community,
    hold_session,
    keep_artefact,
    recommend_trial,
    try_as_project,
    try_in_cycle,
)
from nic_node.school.today import school_day
from nic_node.web.api import ApiSchema
from nic_node.web.context import database, now
from nic_node.web.routes import Api, Call, api_of


class CommunityValuesSchema(ApiSchema):
    name = fields.String()
    focus = fields.String()
    is_closed = fields.Boolean()
    members = fields.List(fields.Integer(strict=True), required=True)


class ChangedCommunitySchema(CommunityValuesSchema):
    version = fields.Integer(strict=True, required=True)


class CommunityLineSchema(ApiSchema):
    id = fields.Integer()
    name = fields.String()
    focus = fields.String()
    is_closed = fields.Boolean()
    version = fields.Integer()


class CommunitiesSchema(ApiSchema):
    items = fields.List(fields.Nested(CommunityLineSchema))


class SessionValuesSchema(ApiSchema):
    held_on = fields.Date(required=True)
    stage = fields.String(required=True, metadata={"description": "scan, focus, hunch, learning, action or check"})
    notes = fields.String(load_default="")


class CommunitySessionSchema(SessionValuesSchema):
    id = fields.Integer()


class ArtefactValuesSchema(ApiSchema):
    title = fields.String(required=True)
    link = fields.String(load_default="")


class ArtefactSchema(ArtefactValuesSchema):
    id = fields.Integer()


class TrialValuesSchema(ApiSchema):
    idea = fields.String(required=True)


class TrialSchema(TrialValuesSchema):
    id = fields.Integer()
    cycle_id = fields.Integer(allow_none=True)
    project_id = fields.Integer(allow_none=True)


class CommunitySchema(CommunityLineSchema):
    members = fields.List(fields.Integer())
    sessions = fields.List(fields.Nested(CommunitySessionSchema))
    artefacts = fields.List(fields.Nested(ArtefactSchema))
    trials = fields.List(fields.Nested(TrialSchema))


class InCycleSchema(ApiSchema):
    project_id = fields.Integer(strict=True, required=True)


class BegunSchema(ApiSchema):
    project_id = fields.Integer()
    cycle_id = fields.Integer(allow_none=True)


def api_routes() -> list[Api]:
    at, tag = "/communities", "communities"
    operation = api_of(tag, at, read="communities.read", write="communities.write", answer=CommunitySchema())
    in_cycle = {"body": InCycleSchema(), "answer": BegunSchema(), "permit": "cycles.write"}
    as_project = {"answer": BegunSchema(), "permit": "projects.write"}
    trial = "/trials/{id}"
    return [
        operation("GET", "", "list", read_communities, "All of them.", answer=CommunitiesSchema()),
        operation("POST", "", "found", post_community, "Begin one.", body=CommunityValuesSchema(), status=201),
        operation("GET", "/{id}", "show", read_community, "One with all that it did."),
        operation("PATCH", "/{id}", "change", patch_community, "Change or close it.", body=ChangedCommunitySchema()),
        operation("POST", "/{id}/sessions", "meet", post_session, "Keep a session.", body=SessionValuesSchema()),
        operation("POST", "/{id}/artefacts", "keep", post_artefact, "Keep something.", body=ArtefactValuesSchema()),
        operation("POST", "/{id}/trials", "recommend", post_trial, "Recommend an idea.", body=TrialValuesSchema()),
        operation("POST", f"{trial}/cycle", "try-in-cycle", post_cycle, "It becomes a cycle.", **in_cycle),
        operation("POST", f"{trial}/project", "try-as-project", post_project, "It becomes a project.", **as_project),
    ]


async def _described(session: AsyncSession, community_id: int) -> dict[str, Any]:
    view = await view_community(session, community_id)
    row = view.community
    return {
        **{name: getattr(row, name) for name in ("id", "name", "focus", "is_closed", "version")},
        "members": [one for one, _name in view.members],
        "sessions": view.sessions,
        "artefacts": view.artefacts,
        "trials": [one.trial for one in view.trials],
    }


def _in_whose_name(call: Call) -> dict[str, Any]:
    return {"actor": actor_of(call.request), "now": now(call.request)}


async def read_communities(call: Call) -> Any:
    async with database(call.request).reading() as session:
        return {"items": await list_communities(session)}


async def read_community(call: Call) -> Any:
    async with database(call.request).reading() as session:
        return await _described(session, call.path_id())


async def post_community(call: Call) -> Any:
    async with database(call.request).writing() as session:
        members = call.body["members"]
        made = await found_community(session, values=call.body, members=members, **_in_whose_name(call))
        return await _described(session, made.id)


async def patch_community(call: Call) -> Any:
    body = call.body
    async with database(call.request).writing() as session:
        await change_community(
            session,
            community_id=call.path_id(),
            values=body,
            members=body["members"],
            version=body["version"],
            **_in_whose_name(call),
        )
        return await _described(session, call.path_id())


async def post_session(call: Call) -> Any:
    today = school_day(call.request)
    async with database(call.request).writing() as session:
        await hold_session(session, community_id=call.path_id(), today=today, **call.body, **_in_whose_name(call))
        return await _described(session, call.path_id())


async def post_artefact(call: Call) -> Any:
    async with database(call.request).writing() as session:
        await keep_artefact(session, community_id=call.path_id(), **call.body, **_in_whose_name(call))
        return await _described(session, call.path_id())


async def post_trial(call: Call) -> Any:
    async with database(call.request).writing() as session:
        await recommend_trial(session, community_id=call.path_id(), **call.body, **_in_whose_name(call))
        return await _described(session, call.path_id())


async def post_cycle(call: Call) -> Any:
    today = school_day(call.request)
    async with database(call.request).writing() as session:
        cycle = await try_in_cycle(session, trial_id=call.path_id(), today=today, **call.body, **_in_whose_name(call))
    return {"project_id": cycle.project_id, "cycle_id": cycle.id}


async def post_project(call: Call) -> Any:
    today = school_day(call.request)
    async with database(call.request).writing() as session:
        project = await try_as_project(session, trial_id=call.path_id(), today=today, **_in_whose_name(call))
    return {"project_id": project.id, "cycle_id": None}
