"""Flags as JSON: raise one, list this school's own, take one back."""

from typing import Any

from marshmallow import fields

from nic_node.accounts.actor import actor_of
from nic_node.membership.local import local_node
from nic_node.publishing.flags.raise_flag import own_flags, raise_flag, take_flag_back
from nic_node.web.api import ApiSchema
from nic_node.web.context import database, now, wake_worker
from nic_node.web.routes import Api, Call
from schemas.fields import record_id_field

DRAFT = "share.draft"


class OwnFlagSchema(ApiSchema):
    """`state` as of anything that is shared; `withdrawal` is '' where it was not taken back.

    `problem`: why it, or its withdrawal, is not in the log yet.
    """

    id = fields.Integer()
    record = fields.String()
    code = fields.String()
    network = fields.String()
    state = fields.String()
    withdrawal = fields.String()
    problem = fields.String()
    raised_at = fields.AwareDateTime()


class OwnFlagsSchema(ApiSchema):
    items = fields.List(fields.Nested(OwnFlagSchema()))


class RaiseFlagSchema(ApiSchema):
    """`code`: identifies-someone, wrong-data, off-topic, harmful, duplicate."""

    record = record_id_field(required=True)
    code = fields.String(required=True)


def flag_api_routes() -> list[Api]:
    given: dict[str, Any] = {"permit": DRAFT, "tag": "publishing"}
    return [
        Api(
            method="GET",
            path="/publishing/flags",
            name="api.publishing.flags",
            handler=list_flags,
            summary="What this school flagged, the newest first.",
            answer=OwnFlagsSchema(),
            **given,
        ),
        Api(
            method="POST",
            path="/publishing/flags",
            name="api.publishing.flag",
            handler=post_flag,
            summary="Flag a record: its coordinators look at it, and never learn who flagged.",
            body=RaiseFlagSchema(),
            answer=OwnFlagsSchema(),
            status=201,
            **given,
        ),
        Api(
            method="DELETE",
            path="/publishing/flags/{id}",
            name="api.publishing.unflag",
            handler=delete_flag,
            summary="Take a flag back.",
            answer=OwnFlagsSchema(),
            **given,
        ),
    ]


async def list_flags(call: Call) -> dict[str, Any]:
    async with database(call.request).reading() as session:
        return {"items": await own_flags(session, local_node(call.request))}


async def post_flag(call: Call) -> dict[str, Any]:
    node = local_node(call.request)
    async with database(call.request).writing() as session:
        asked = {"record_id": call.body["record"], "code": call.body["code"], "now": now(call.request)}
        await raise_flag(session, node, actor=actor_of(call.request), **asked)
        answer = {"items": await own_flags(session, node)}
    wake_worker(call.request)
    return answer


async def delete_flag(call: Call) -> dict[str, Any]:
    node = local_node(call.request)
    async with database(call.request).writing() as session:
        await take_flag_back(session, node, actor=actor_of(call.request), flag_id=call.path_id(), now=now(call.request))
        answer = {"items": await own_flags(session, node)}
    wake_worker(call.request)
    return answer
