"""What the district sees, and what a district sees of its schools, as JSON."""

from typing import Any

from marshmallow import fields, validate

from nic_node.accounts.actor import actor_of
from nic_node.district.read import SeenSchool, one_school, our_schools
from nic_node.district.schools import add_school, answer_obstacle, ask_now, keep_school, refuse_school, school_of
from nic_node.district.shared import TOO_LARGE, build_shared
from nic_node.district.sharing import (
    NOT_NAMED,
    choose_shares,
    look_up_district,
    name_district,
    sharing_of,
    stop_sharing,
)
from nic_node.district.tables import OURS, REFUSED, DistrictAnswer, DistrictSchool, Sharing
from nic_node.errors import NotFound, TooLarge
from nic_node.membership.local import local_node
from nic_node.school.known_names import known_names
from nic_node.school.today import school_day
from nic_node.web.api import ApiSchema
from nic_node.web.context import database, now, wake_worker
from nic_node.web.routes import Api, Call, api_of
from schemas.district import ANSWERS, SHARES, SharedSchema


class OtherNodeSchema(ApiSchema):
    entity = fields.String(required=True, metadata={"description": "The address of the other node."})


class DistrictSharesSchema(OtherNodeSchema):
    shares = fields.List(fields.String(validate=validate.OneOf(SHARES)), required=True)


class DistrictSharingSchema(DistrictSharesSchema):
    pinned = fields.List(fields.String(), metadata={"description": "Thumbprints of the district's keys."})
    read_at = fields.AwareDateTime(allow_none=True)
    problem = fields.String()


class DistrictSchoolStateSchema(ApiSchema):
    state = fields.String(required=True, validate=validate.OneOf((OURS, REFUSED)))


class DistrictSchoolSchema(OtherNodeSchema):
    id = fields.Integer()
    name = fields.String()
    state = fields.String(metadata={"description": "named, ours or refused"})
    read_at = fields.AwareDateTime(allow_none=True)
    ended_at = fields.AwareDateTime(allow_none=True)
    problem = fields.String()


class SeenProjectSchema(ApiSchema):
    title = fields.String()
    state = fields.String()
    day = fields.Integer()
    last_day = fields.Integer()
    late = fields.Integer(metadata={"description": "Days since its last day without a decision."})


class SeenObstacleSchema(ApiSchema):
    id = fields.Integer()
    what = fields.String()
    asks = fields.String()
    kind = fields.String()
    of = fields.String()
    days = fields.Integer()
    is_open = fields.Boolean()
    answer = fields.String()
    note = fields.String()
    is_sent = fields.Boolean()
    problem = fields.String()


class SeenSchoolSchema(DistrictSchoolSchema):
    goals = fields.List(fields.String())
    projects = fields.List(fields.Nested(SeenProjectSchema))
    obstacles = fields.List(fields.Nested(SeenObstacleSchema))
    shared = fields.Nested(SharedSchema, allow_none=True, metadata={"description": "The last copy, as it came."})


class SeenSchoolsSchema(ApiSchema):
    items = fields.List(fields.Nested(SeenSchoolSchema))
    named = fields.List(fields.Nested(DistrictSchoolSchema), metadata={"description": "Not kept as ours yet."})


class ObstacleAnswerValuesSchema(ApiSchema):
    answer = fields.String(required=True, validate=validate.OneOf(ANSWERS))
    note = fields.String(load_default="")


class ObstacleAnswerRowSchema(ObstacleAnswerValuesSchema):
    sent_at = fields.AwareDateTime(allow_none=True)
    problem = fields.String()


def api_routes() -> list[Api]:
    own = api_of(
        "communication", "/district", read="district.read", write="district.share", answer=DistrictSharingSchema(),
        named="district",
    )  # fmt: skip
    of = api_of(
        "network", "/schools", read="schools.read", write="schools.write", answer=DistrictSchoolSchema(),
        named="schools",
    )  # fmt: skip
    answered = {"body": ObstacleAnswerValuesSchema(), "answer": ObstacleAnswerRowSchema()}
    return [
        own("GET", "", "show", read_sharing, "Which district is named, and what it sees."),
        own("PUT", "", "name", put_district, "Name the district; it sees nothing yet.", body=OtherNodeSchema()),
        own("PUT", "/shares", "share", put_shares, "Let it see these and nothing else.", body=DistrictSharesSchema()),
        own("DELETE", "/shares", "stop", delete_shares, "Off, at once."),
        own("GET", "/preview", "preview", read_preview, "What it would see now.", answer=SharedSchema()),
        of("GET", "", "list", read_schools, "Schools that name this node.", answer=SeenSchoolsSchema()),
        of("POST", "", "add", post_school, "Take one at its address.", body=OtherNodeSchema(), status=201),
        of("GET", "/{id}", "show", read_school, "What one shares.", answer=SeenSchoolSchema()),
        of("PUT", "/{id}/state", "keep", put_state, "One of ours, or not.", body=DistrictSchoolStateSchema()),
        of("POST", "/{id}/ask", "ask", post_ask, "Ask it again."),
        of("PUT", "/{id}/obstacles/{obstacle_id}", "answer", put_answer, "Answer an obstacle.", **answered),
    ]


async def read_sharing(call: Call) -> Sharing:
    async with database(call.request).reading() as session:
        row = await sharing_of(session)
    if row is None:
        raise NotFound(NOT_NAMED)
    return row


async def put_district(call: Call) -> Sharing:
    request = call.request
    found = await look_up_district(local_node(request), call.body["entity"])
    async with database(request).writing() as session:
        row = await name_district(session, actor=actor_of(request), district=found, now=now(request))
    wake_worker(request)
    return row


async def put_shares(call: Call) -> Sharing:
    request = call.request
    async with database(request).writing() as session:
        row = await choose_shares(session, actor=actor_of(request), now=now(request), **call.body)
    wake_worker(request)
    return row


async def delete_shares(call: Call) -> Sharing:
    request = call.request
    async with database(request).writing() as session:
        row = await stop_sharing(session, actor=actor_of(request), now=now(request))
    wake_worker(request)
    return row


async def read_preview(call: Call) -> Any:
    row = await read_sharing(call)
    async with database(call.request).reading() as session:
        node, names = local_node(call.request), await known_names(call.request, session)
        upward = await build_shared(node, session, names, row, shares=row.shares)
    if upward.is_too_large(row.shares):
        raise TooLarge(TOO_LARGE)
    return upward.document


async def read_schools(call: Call) -> Any:
    async with database(call.request).reading() as session:
        ours, named = await our_schools(session, school_day(call.request))
    return {"items": [_seen(one) for one in ours], "named": named}


async def read_school(call: Call) -> Any:
    async with database(call.request).reading() as session:
        row = await school_of(session, call.path_id())
        return _seen(await one_school(session, row, school_day(call.request)))


def _seen(one: SeenSchool) -> dict[str, Any]:
    head = {name: getattr(one.row, name) for name in (*DistrictSchoolSchema().fields, "shared")}
    return {**head, "goals": one.goals, "projects": one.projects, "obstacles": one.obstacles}


async def post_school(call: Call) -> DistrictSchool:
    request = call.request
    async with database(request).writing() as session:
        row = await add_school(
            session, local_node(request), actor=actor_of(request), address=call.body["entity"], now=now(request)
        )
    wake_worker(request)
    return row


async def put_state(call: Call) -> DistrictSchool:
    request = call.request
    settle = keep_school if call.body["state"] == OURS else refuse_school
    async with database(request).writing() as session:
        row = await settle(session, actor=actor_of(request), school_id=call.path_id(), now=now(request))
    wake_worker(request)
    return row


async def post_ask(call: Call) -> DistrictSchool:
    async with database(call.request).writing() as session:
        row = await ask_now(session, school_id=call.path_id(), now=now(call.request))
    wake_worker(call.request)
    return row


async def put_answer(call: Call) -> DistrictAnswer:
    request = call.request
    async with database(request).writing() as session:
        row = await answer_obstacle(
            session,
            actor=actor_of(request),
            school_id=call.path_id(),
            obstacle_id=call.path_id("obstacle_id"),
            names=await known_names(request, session),
            now=now(request),
            **call.body,
        )
    wake_worker(request)
    return row
