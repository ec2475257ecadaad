"""The mirror for programs."""

from typing import Any, Final

from marshmallow import fields, validate

from nic_node.membership.read import network_with_log
from nic_node.mirror.inclusion import verify_record_inclusion
from nic_node.mirror.pull import pull_soon
from nic_node.mirror.states import LogState
from nic_node.mirror.status import log_statuses, refusals
from nic_node.web import context
from nic_node.web.api import ApiSchema, PageQuery
from nic_node.web.routes import Api, Call

TAG: Final = "log"
READ: Final = "practices.read"
OPERATE: Final = "log.read"


class TroubleSchema(ApiSchema):
    code = fields.String(required=True)
    detail = fields.String(required=True)


class SilenceSchema(ApiSchema):
    since = fields.String(required=True)
    copies = fields.Integer(required=True, metadata={"description": "How many members' copies answer meanwhile."})


class LogStatusSchema(ApiSchema):
    membership_id = fields.Integer(required=True)
    network = fields.String(required=True)
    name = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf([state.value for state in LogState]))
    size = fields.Integer(required=True, metadata={"description": "Entries in the last believed checkpoint."})
    mirrored = fields.Integer(required=True, metadata={"description": "Entries that are here and judged."})
    final_size = fields.Integer(required=True)
    witnessed = fields.Boolean(required=True)
    cosigned = fields.Integer(required=True)
    witnesses = fields.Integer(required=True)
    lag_seconds = fields.Integer(required=True, allow_none=True)
    source = fields.String(required=True)
    silence = fields.Nested(
        SilenceSchema, required=True, allow_none=True, metadata={"description": "That the log itself does not answer."}
    )
    records = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    refusals = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    trouble = fields.Nested(TroubleSchema, required=True, allow_none=True)


class LogStatusesSchema(ApiSchema):
    items = fields.List(fields.Nested(LogStatusSchema), required=True)


class RefusalSchema(ApiSchema):
    id = fields.Integer(required=True)
    network = fields.String(required=True)
    what = fields.String(required=True, metadata={"description": "leaf, blob, source or alarm"})
    leaf_index = fields.Integer(required=True, allow_none=True)
    code = fields.String(required=True)
    title = fields.String(required=True)
    detail = fields.String(required=True)
    sha256 = fields.String(required=True, allow_none=True)
    source = fields.String(required=True)
    first_seen_at = fields.AwareDateTime(required=True)
    seen_at = fields.AwareDateTime(required=True)
    times = fields.Integer(required=True)


class RefusalsSchema(ApiSchema):
    items = fields.List(fields.Nested(RefusalSchema), required=True)
    next = fields.Integer(required=True, allow_none=True)


class InclusionQuery(ApiSchema):
    record = fields.String(required=True, validate=validate.Length(min=1, max=300))


class InclusionSchema(ApiSchema):
    record_id = fields.String(required=True)
    index = fields.Integer(required=True)
    size = fields.Integer(required=True)
    root = fields.String(required=True, metadata={"description": "Hex."})
    leaf_sha256 = fields.String(required=True)
    proof = fields.List(fields.String(), required=True, metadata={"description": "RFC 6962, nearest sibling first."})
    is_final = fields.Boolean(required=True)
    is_witnessed = fields.Boolean(required=True)


def api_routes() -> list[Api]:
    return [
        Api(
            method="GET",
            path="/logs",
            name="log.api.list",
            handler=_list_logs,
            permit=READ,
            tag=TAG,
            summary="How far this node's copy of each network's log is",
            answer=LogStatusesSchema(),
        ),
        Api(
            method="GET",
            path="/logs/refusals",
            name="log.api.refusals",
            handler=_list_refusals,
            permit=OPERATE,
            tag=TAG,
            summary="What was refused, the newest first",
            query=PageQuery(),
            answer=RefusalsSchema(),
        ),
        Api(
            method="GET",
            path="/logs/inclusion",
            name="log.api.inclusion",
            handler=_show_inclusion,
            permit=READ,
            tag=TAG,
            summary="Check anew that the log holds a record, and give the proof",
            query=InclusionQuery(),
            answer=InclusionSchema(),
        ),
        Api(
            method="POST",
            path="/logs/{membership_id}/pull",
            name="log.api.pull",
            handler=_pull,
            permit=OPERATE,
            tag=TAG,
            summary="Fetch what is new as soon as a worker is free",
        ),
    ]


async def _list_logs(call: Call) -> Any:
    async with context.database(call.request).reading() as session:
        statuses = await log_statuses(session, now=context.now(call.request))
    return {"items": [{**status.document(), "membership_id": status.membership_id} for status in statuses]}


async def _list_refusals(call: Call) -> Any:
    limit = call.query["limit"]
    async with context.database(call.request).reading() as session:
        found = await refusals(session, after=call.query["after"], limit=limit + 1)
    return {"items": found[:limit], "next": found[limit - 1].id if len(found) > limit else None}


async def _show_inclusion(call: Call) -> Any:
    async with context.database(call.request).reading() as session:
        return await verify_record_inclusion(session, call.query["record"])


async def _pull(call: Call) -> None:
    membership_id = call.path_id("membership_id")
    async with context.database(call.request).writing() as session:
        await network_with_log(session, membership_id)
        await pull_soon(session, membership_id=membership_id, now=context.now(call.request))
    context.wake_worker(call.request)
