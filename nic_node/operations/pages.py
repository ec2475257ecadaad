"""How this node is: the doctor's findings for its administrator, as a page and for programs."""

from typing import Any, Final

from aiohttp import web
from marshmallow import fields, validate

from nic_node.i18n import N_
from nic_node.membership.local import local_node
from nic_node.operations.checks import NAMES, Check, CheckState, is_well
from nic_node.operations.doctor import examine
from nic_node.web.api import ApiSchema
from nic_node.web.routes import Api, Call
from nic_node.web.templating import render

OPERATE: Final = "node.operate"
TAGS: Final = {
    CheckState.OK: (N_("well"), "good", "check"),
    CheckState.WARN: (N_("look at this"), "warn", "alert"),
    CheckState.FAIL: (N_("broken"), "stop", "cross"),
}
ORDER: Final = (CheckState.FAIL, CheckState.WARN, CheckState.OK)


class NodeCheckSchema(ApiSchema):
    name = fields.String(required=True, validate=validate.OneOf(tuple(NAMES)))
    state = fields.String(required=True, validate=validate.OneOf([state.value for state in CheckState]))
    sentence = fields.String(required=True)
    next_step = fields.String(required=True)


class NodeStatusSchema(ApiSchema):
    """`ok`: nothing failed."""

    ok = fields.Boolean(required=True)
    checks = fields.List(fields.Nested(NodeCheckSchema), required=True)


def api_routes() -> list[Api]:
    return [
        Api(
            method="GET",
            path="/operations/status",
            name="api.operations.status",
            handler=get_status,
            permit=OPERATE,
            tag="operations",
            summary="How this node is: every check with its state, a sentence, and the next step.",
            answer=NodeStatusSchema(),
        )
    ]


async def show_status(request: web.Request) -> web.Response:
    found = await _found(request)
    values = {
        "checks": sorted(found, key=lambda check: ORDER.index(check.state)),
        "names": NAMES,
        "tags_of": TAGS,
        "counts": {state.value: sum(check.state is state for check in found) for state in CheckState},
    }
    return await render(request, "operations/status.html", values)


async def get_status(call: Call) -> Any:
    found = await _found(call.request)
    return {"ok": is_well(found), "checks": [check.document() for check in found]}


async def _found(request: web.Request) -> list[Check]:
    node = local_node(request)
    return await examine(node.config, database=node.database, client=node.client, clock=node.clock, is_thorough=False)
