"""One's notices as JSON."""

from typing import Any

from marshmallow import fields

from nic_node.accounts.actor import actor_of, own_id
from nic_node.school.notices.tell import KINDS, WAYS, choices_of, choose, notices_of, read_all
from nic_node.web.api import ApiSchema
from nic_node.web.context import database, now
from nic_node.web.routes import Api, Call, api_of


class NoticeSchema(ApiSchema):
    id = fields.Integer()
    kind = fields.String(metadata={"description": " or ".join(KINDS)})
    by = fields.String()
    subject_kind = fields.String()
    subject_id = fields.Integer()
    about = fields.String()
    text = fields.String()
    created_at = fields.AwareDateTime()
    read_at = fields.AwareDateTime(allow_none=True)


class NoticeChoicesSchema(ApiSchema):
    choices = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        required=True,
        metadata={"description": f"kind: {' or '.join(WAYS)}"},
    )


class NoticesSchema(NoticeChoicesSchema):
    items = fields.List(fields.Nested(NoticeSchema))


def api_routes() -> list[Api]:
    operation = api_of(
        "today", "/notices", read="school.read", write="school.read", answer=NoticesSchema(), named="notices"
    )
    return [
        operation("GET", "", "show", read_notices, "One's own, and of what one wants to hear."),
        operation("POST", "/read", "read", post_read, "All were seen."),
        operation("PUT", "/choices", "choose", put_choices, "How to hear of each.", body=NoticeChoicesSchema()),
    ]


async def _own(call: Call) -> dict[str, Any]:
    async with database(call.request).reading() as session:
        person_id = own_id(call.request)
        return {"items": await notices_of(session, person_id), "choices": await choices_of(session, person_id)}


async def read_notices(call: Call) -> Any:
    return await _own(call)


async def post_read(call: Call) -> Any:
    async with database(call.request).writing() as session:
        await read_all(session, actor=actor_of(call.request), now=now(call.request))
    return await _own(call)


async def put_choices(call: Call) -> Any:
    async with database(call.request).writing() as session:
        await choose(session, actor=actor_of(call.request), choices=call.body["choices"], now=now(call.request))
    return await _own(call)
