"""Sources of logs for programs: where each log is read, how each source does, and asking a stopped one again."""

from typing import Any

from marshmallow import fields, validate

from nic_node.mirror.api import OPERATE, TAG
from nic_node.mirror.pull import pull_soon
from nic_node.mirror.read_sources import SourceState
from nic_node.mirror.sources import ask_source_again
from nic_node.mirror.status import log_sources
from nic_node.web import context
from nic_node.web.api import ApiSchema
from nic_node.web.routes import Api, Call


class SourceSchema(ApiSchema):
    url = fields.String(required=True)
    entity = fields.String(required=True)
    is_log = fields.Boolean(required=True)
    state = fields.String(required=True, validate=validate.OneOf([state.value for state in SourceState]))
    size = fields.Integer(required=True, metadata={"description": "Entries in the checkpoint that it showed last."})
    behind = fields.Integer(required=True)
    seconds = fields.Float(required=True, allow_none=True, metadata={"description": "What an answer takes, smoothed."})
    asked_at = fields.AwareDateTime(required=True, allow_none=True)
    answered_at = fields.AwareDateTime(required=True, allow_none=True)
    retry_at = fields.AwareDateTime(required=True, allow_none=True)
    failures = fields.Integer(required=True, metadata={"description": "Since its last answer."})
    trouble = fields.String(required=True)
    trouble_detail = fields.String(required=True)


class CosignatureSchema(ApiSchema):
    witness = fields.String(required=True)
    at = fields.AwareDateTime(required=True, allow_none=True)


class LogSourcesSchema(ApiSchema):
    membership_id = fields.Integer(required=True)
    network = fields.String(required=True)
    origin = fields.String(required=True)
    sources = fields.List(fields.Nested(SourceSchema), required=True)
    cosignatures = fields.List(fields.Nested(CosignatureSchema), required=True)


class AllSourcesSchema(ApiSchema):
    items = fields.List(fields.Nested(LogSourcesSchema), required=True)


class SourceBodySchema(ApiSchema):
    url = fields.String(required=True, validate=validate.Length(min=1, max=250))


def sources_api() -> list[Api]:
    return [
        Api(
            method="GET",
            path="/logs/sources",
            name="log.api.sources",
            handler=_list_sources,
            permit=OPERATE,
            tag=TAG,
            summary="Where each log is read, how each source does, and who confirmed what is here",
            answer=AllSourcesSchema(),
        ),
        Api(
            method="POST",
            path="/logs/{membership_id}/sources/ask-again",
            name="log.api.ask_source_again",
            handler=_ask_source_again,
            permit=OPERATE,
            tag=TAG,
            summary="Let a source be asked again that was stopped",
            body=SourceBodySchema(),
        ),
    ]


async def _list_sources(call: Call) -> Any:
    async with context.database(call.request).reading() as session:
        return {"items": await log_sources(session)}


async def _ask_source_again(call: Call) -> None:
    membership_id, now = call.path_id("membership_id"), context.now(call.request)
    async with context.database(call.request).writing() as session:
        await ask_source_again(session, membership_id, call.body["url"])
        await pull_soon(session, membership_id=membership_id, now=now)
    context.wake_worker(call.request)
