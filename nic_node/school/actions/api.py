"""Action items as JSON."""

from typing import Any

from marshmallow import fields

from nic_node.accounts.actor import actor_of
from nic_node.school.actions.pages import add_line
from nic_node.school.actions.read import action_of, actions_after
from nic_node.school.actions.write import SERVES, add_action, change_action, settle_action
from nic_node.school.today import school_day
from nic_node.web.api import ApiSchema, PageQuery
from nic_node.web.context import database, now
from nic_node.web.routes import Api, Call, api_of


class ActionValuesSchema(ApiSchema):
    text = fields.String()
    owner_id = fields.Integer(strict=True, allow_none=True)
    due = fields.Date(allow_none=True)
    goal_id = fields.Integer(strict=True, allow_none=True)
    project_id = fields.Integer(strict=True, allow_none=True)
    meeting_id = fields.Integer(strict=True, allow_none=True)
    decision_id = fields.Integer(strict=True, allow_none=True)


class NewActionSchema(ActionValuesSchema):
    line = fields.String(metadata={"description": "Instead of text, owner and due: 'Call them @Jin by Friday'."})


class ChangedActionSchema(ActionValuesSchema):
    version = fields.Integer(strict=True, required=True)


class ActionSchema(ChangedActionSchema):
    id = fields.Integer()
    state = fields.String(metadata={"description": "open, done or dropped"})
    settled_on = fields.Date(allow_none=True)


class ActionsSchema(ApiSchema):
    items = fields.List(fields.Nested(ActionSchema))
    next = fields.Integer(allow_none=True)


class SettleActionSchema(ApiSchema):
    state = fields.String(required=True, metadata={"description": "open, done or dropped"})


def api_routes() -> list[Api]:
    operation = api_of("actions", "/actions", read="actions.read", write="actions.write", answer=ActionSchema())
    listed = {"query": PageQuery(), "answer": ActionsSchema()}
    return [
        operation("GET", "", "list", read_actions, "Action items, by id.", **listed),
        operation("POST", "", "add", post_action, "Add one.", body=NewActionSchema(), status=201),
        operation("GET", "/{id}", "show", read_action, "One of them."),
        operation("PATCH", "/{id}", "change", patch_action, "Change one.", body=ChangedActionSchema()),
        operation("POST", "/{id}/settle", "settle", post_settled, "Settle it, or not.", body=SettleActionSchema()),
    ]


async def read_actions(call: Call) -> Any:
    limit = call.query["limit"]
    async with database(call.request).reading() as session:
        found = await actions_after(session, call.query["after"] or 0, limit=limit + 1)
    return {"items": found[:limit], "next": found[limit - 1].id if len(found) > limit else None}


async def read_action(call: Call) -> Any:
    async with database(call.request).reading() as session:
        return await action_of(session, call.path_id())


async def post_action(call: Call) -> Any:
    request, values = call.request, dict(call.body)
    line = values.pop("line", None)
    async with database(request).writing() as session:
        if line is not None:
            return await add_line(session, request, line, {name: values.get(name) for name in SERVES})
        return await add_action(
            session, actor=actor_of(request), values=values, today=school_day(request), now=now(request)
        )


async def patch_action(call: Call) -> Any:
    request, values = call.request, dict(call.body)
    version = values.pop("version")
    async with database(request).writing() as session:
        return await change_action(
            session,
            actor=actor_of(request),
            action_id=call.path_id(),
            values=values,
            version=version,
            today=school_day(request),
            now=now(request),
        )


async def post_settled(call: Call) -> Any:
    request = call.request
    async with database(request).writing() as session:
        return await settle_action(
            session,
            actor=actor_of(request),
            action_id=call.path_id(),
            today=school_day(request),
            now=now(request),
            **call.body,
        )
