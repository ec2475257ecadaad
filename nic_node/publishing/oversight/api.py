"""The same for programs."""

from typing import Any

from marshmallow import fields

from nic_node.membership.local import local_node
from nic_node.publishing.oversight.read import approvals, check_log, page_of_release
from nic_node.web.api import ApiSchema
from nic_node.web.context import database
from nic_node.web.routes import Api, Call

PERMIT = "privacy.read"


class ApprovedSchema(ApiSchema):
    """An approval: when, by whom, by which policy, on which legal basis, how far it went."""

    release_id = fields.Integer()
    draft_id = fields.Integer(allow_none=True)
    title = fields.String()
    kind = fields.String()
    network = fields.String()
    state = fields.String()
    withdrawal = fields.String()
    author = fields.String()
    reviewer = fields.String()
    approved_at = fields.AwareDateTime()
    record_sha256 = fields.String()
    policy_sha256 = fields.String()
    policy = fields.Integer(allow_none=True)
    basis = fields.String()
    shows_context = fields.Boolean()
    incident_id = fields.Integer(allow_none=True)
    kept_until = fields.AwareDateTime()
    erased_at = fields.AwareDateTime(allow_none=True)


class ApprovedListSchema(ApiSchema):
    items = fields.List(fields.Nested(ApprovedSchema))


class KeptPageSchema(ApprovedSchema):
    record = fields.Dict(allow_none=True, metadata={"description": "The approved bytes; null once they are erased."})


class LogCheckSchema(ApiSchema):
    lines = fields.Integer()
    broken_at = fields.Integer(allow_none=True)


def oversight_api_routes() -> list[Api]:
    return [
        _api("/privacy/releases", "releases", list_releases, "Everything that was approved", ApprovedListSchema()),
        _api("/privacy/releases/{id}", "release", show_release, "An approval, and the page as kept", KeptPageSchema()),
        _api("/privacy/log-check", "log_check", verify_log, "Whether the release log's chain holds", LogCheckSchema()),
    ]


def _api(path: str, name: str, handler: Any, summary: str, answer: ApiSchema) -> Api:
    return Api(
        method="GET",
        path=path,
        name=f"api.privacy.{name}",
        handler=handler,
        permit=PERMIT,
        tag="publishing",
        summary=summary,
        answer=answer,
    )


async def list_releases(call: Call) -> dict[str, Any]:
    async with database(call.request).reading() as session:
        return {"items": await approvals(session, local_node(call.request))}


async def show_release(call: Call) -> dict[str, Any]:
    async with database(call.request).reading() as session:
        one, record = await page_of_release(session, local_node(call.request), call.path_id())
    return {**{name: getattr(one, name) for name in type(one).__slots__}, "record": record}


async def verify_log(call: Call) -> Any:
    async with database(call.request).reading() as session:
        return await check_log(session)
