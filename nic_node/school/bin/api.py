"""The bin as JSON; removing one of a kind is DELETE."""

from typing import Any

from marshmallow import fields

from nic_node.accounts.actor import actor_of, own_id
from nic_node.school.bin.pages import permissions_here
from nic_node.school.bin.read import bin_lines
from nic_node.school.bin.removable import REMOVABLE
from nic_node.school.bin.remove import ALL, remove, restore
from nic_node.web.api import ApiSchema
from nic_node.web.context import database, now
from nic_node.web.routes import Api, ApiHandler, Call

TAG = "search"


class BinLineSchema(ApiSchema):
    id = fields.Integer()
    kind = fields.String()
    label = fields.String()
    who = fields.String()
    removed_at = fields.AwareDateTime()
    until = fields.AwareDateTime()
    is_whole = fields.Boolean(metadata={"description": "Put back here; else by the restore of its own room."})


class BinSchema(ApiSchema):
    items = fields.List(fields.Nested(BinLineSchema))


class BinnedSchema(ApiSchema):
    id = fields.Integer(metadata={"description": "To put it back with."})


class RestoredSchema(ApiSchema):
    kind = fields.String()
    id = fields.Integer()
    rests = fields.Boolean(metadata={"description": "A goal that came back at rest: three others are active."})


def api_routes() -> list[Api]:
    removals = [
        Api(
            method="DELETE",
            path=f"/bin/{kind}/{{id}}",
            name=f"api.bin.remove-{kind}",
            handler=_removal_of(kind),
            permit=removable.permit,
            tag=TAG,
            summary=f"Remove one ({kind}); it can be put back for 30 days.",
            answer=BinnedSchema(),
        )
        for kind, removable in REMOVABLE.items()
    ]
    read = Api(
        method="GET",
        path="/bin",
        name="api.bin.show",
        handler=read_bin,
        permit="bin.read",
        tag=TAG,
        summary="What was removed within 30 days, of what one may put back.",
        answer=BinSchema(),
    )
    back = Api(
        method="POST",
        path="/bin/{id}/restore",
        name="api.bin.restore",
        handler=post_restore,
        permit="bin.read",
        tag=TAG,
        summary="Put it back.",
        answer=RestoredSchema(),
    )
    return [read, back, *removals]


def _removal_of(kind: str) -> ApiHandler:
    async def delete_one(call: Call) -> Any:
        async with database(call.request).writing() as session:
            return await remove(
                session,
                actor=actor_of(call.request),
                kind=kind,
                row_id=call.path_id(),
                may_all=ALL in permissions_here(call.request),
                now=now(call.request),
            )

    return delete_one


async def read_bin(call: Call) -> Any:
    async with database(call.request).reading() as session:
        lines = await bin_lines(
            session,
            person_id=own_id(call.request),
            permissions=permissions_here(call.request),
            now=now(call.request),
        )
    names = ("id", "kind", "label", "who", "removed_at", "until")
    return {"items": [{**{name: getattr(line, name) for name in names}, "is_whole": not line.back} for line in lines]}


async def post_restore(call: Call) -> Any:
    async with database(call.request).writing() as session:
        return await restore(
            session,
            actor=actor_of(call.request),
            binned_id=call.path_id(),
            permissions=permissions_here(call.request),
            now=now(call.request),
        )
