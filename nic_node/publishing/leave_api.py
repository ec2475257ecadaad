"""Leaving a network as JSON: what would happen, and the act."""

from typing import Any

from marshmallow import fields, validate

from nic_node.accounts.actor import actor_of
from nic_node.membership.follow import check_membership
from nic_node.membership.local import local_node
from nic_node.publishing.leave import GO, STAY, Leaving, leave_network, leaving_of
from nic_node.web.api import ApiSchema
from nic_node.web.context import database, now
from nic_node.web.routes import Api, Call

PATH = "/publishing/memberships/{id}/leave"


class OwnRecordSchema(ApiSchema):
    """`retraction`: waiting, taken or refused; null where it was not taken back."""

    release_id = fields.Integer()
    title = fields.String()
    kind = fields.String()
    approved_at = fields.DateTime()
    retraction = fields.String(allow_none=True)
    problem = fields.String()


class LeavingSchema(ApiSchema):
    """`choosable`: say of each whether it stays or goes; `on_their_way` stay, `waiting` never leave."""

    state = fields.String()
    leaves = fields.Boolean()
    erased_by = fields.DateTime()
    spread_seconds = fields.Integer()
    choosable = fields.List(fields.Nested(OwnRecordSchema))
    on_their_way = fields.List(fields.Nested(OwnRecordSchema))
    waiting = fields.List(fields.Nested(OwnRecordSchema))
    withdrawn = fields.List(fields.Nested(OwnRecordSchema))


class LeaveSchema(ApiSchema):
    """Release id -> stay or go, for each choosable one."""

    practices = fields.Dict(
        keys=fields.Integer(), values=fields.String(validate=validate.OneOf((STAY, GO))), load_default=dict
    )


def leave_api_routes() -> list[Api]:
    return [
        Api(
            method="GET",
            path=PATH,
            name="api.publishing.leaving",
            handler=get_leaving,
            permit="network.join",
            tag="publishing",
            summary="What leaving this network would do, and which practices may stay or go.",
            answer=LeavingSchema(),
        ),
        Api(
            method="POST",
            path=PATH,
            name="api.publishing.leave",
            handler=post_leave,
            permit="network.join",
            tag="publishing",
            summary="Leave the network and withdraw what goes; of an ended membership, only withdraw.",
            body=LeaveSchema(),
            answer=LeavingSchema(),
        ),
    ]


async def get_leaving(call: Call) -> Any:
    async with database(call.request).reading() as session:
        return _shown(await leaving_of(session, call.path_id(), now(call.request)))


async def post_leave(call: Call) -> Any:
    node, membership_id = local_node(call.request), call.path_id()
    await leave_network(
        node,
        actor=actor_of(call.request),
        membership_id=membership_id,
        choices=call.body["practices"],
        now=now(call.request),
    )
    await check_membership(node, membership_id)
    return await get_leaving(call)


def _shown(leaving: Leaving) -> dict[str, Any]:
    names = ("leaves", "erased_by", "spread_seconds", "choosable", "on_their_way", "waiting", "withdrawn")
    return {"state": leaving.membership.state, **{name: getattr(leaving, name) for name in names}}
