"""Moderation as JSON, for a network's coordinators."""

from typing import Any

from marshmallow import fields, validate

from nic_node.accounts.actor import actor_of
from nic_node.membership.local import local_node
from nic_node.network.coordinators import verify_coordinator
from nic_node.network.moderation.decide import (
    dismiss_flags,
    propose_block,
    propose_moderation,
    second,
    take_back_voice,
)
from nic_node.network.moderation.incidents import incident_api_routes
from nic_node.network.moderation.read import (
    case_document,
    decided_cases,
    flagged_document,
    flagged_records,
    open_cases,
)
from nic_node.web.api import BIGGEST_ID, ApiSchema
from nic_node.web.context import database, now, wake_worker
from nic_node.web.routes import Api, Call
from schemas.vocab import MODERATION_REASONS

COORDINATE = "network.coordinate"
ONE_CASE = "/networks/{id}/moderation/{case_id}"


def _reason(**more: Any) -> fields.String:
    return fields.String(validate=validate.OneOf(sorted(MODERATION_REASONS)), **more)


class FlaggedSchema(ApiSchema):
    """A record with its flags: code -> how many pseudonyms gave it; `pseudonyms` are distinct ones."""

    record = fields.String()
    kind = fields.String()
    pseudonym = fields.String()
    index = fields.Integer()
    title = fields.String()
    payload = fields.Dict(allow_none=True)
    codes = fields.Dict(keys=fields.String(), values=fields.Integer())
    pseudonyms = fields.Integer()


class ModerationCaseSchema(ApiSchema):
    """A proposal or decision: act is moderate, block or dismiss; state open, done, withdrawn or moot."""

    id = fields.Integer()
    act = fields.String()
    record = fields.String(allow_none=True)
    title = fields.String()
    pseudonym = fields.String(allow_none=True)
    from_index = fields.Integer(allow_none=True)
    reason = fields.String()
    state = fields.String()
    voices = fields.List(fields.String())
    needed = fields.Integer()
    opened_at = fields.String()
    decided_at = fields.String(allow_none=True)
    version = fields.Integer()


class ModerationListSchema(ApiSchema):
    flagged = fields.List(fields.Nested(FlaggedSchema()))
    open = fields.List(fields.Nested(ModerationCaseSchema()))
    decided = fields.List(fields.Nested(ModerationCaseSchema()))


class ModerationSchema(ApiSchema):
    record = fields.String(required=True, validate=validate.Length(max=340))
    reason = _reason(required=True)


class BlockSchema(ApiSchema):
    jkt = fields.String(required=True, validate=validate.Length(equal=43))
    from_index = fields.Integer(required=True, strict=True, validate=validate.Range(min=1, max=BIGGEST_ID))
    reason = _reason(load_default="rule-broken")
    record = fields.String(load_default="", validate=validate.Length(max=340))


class DismissalSchema(ApiSchema):
    record = fields.String(required=True, validate=validate.Length(max=340))


class CaseVersionSchema(ApiSchema):
    version = fields.Integer(required=True, strict=True)


def moderation_api_routes() -> list[Api]:
    return [
        Api(
            method="GET",
            path="/networks/{id}/moderation",
            name="network.api_moderation",
            handler=show,
            permit=COORDINATE,
            tag="network",
            summary="What members flagged, with the records; what is proposed and what was decided.",
            answer=ModerationListSchema(),
        ),
        _act(
            "/networks/{id}/log/moderations", "moderate", moderate, ModerationSchema(), "Propose to take a record down."
        ),
        _act("/networks/{id}/log/blocks", "block", block, BlockSchema(), "Propose to block a pseudonym."),
        _act(
            "/networks/{id}/moderation/dismissals",
            "dismiss",
            dismiss,
            DismissalSchema(),
            "Leave a flagged record as it is.",
        ),
        _act(f"{ONE_CASE}/second", "second", say_yes, CaseVersionSchema(), "Say yes to a proposal."),
        _act(f"{ONE_CASE}/undo", "unsecond", undo, CaseVersionSchema(), "Take one's own yes back."),
        *incident_api_routes(),
    ]


def _act(path: str, name: str, handler: Any, body: ApiSchema, summary: str) -> Api:
    return Api(
        method="POST",
        path=path,
        name=f"network.api_{name}",
        handler=handler,
        permit=COORDINATE,
        tag="network",
        summary=summary,
        body=body,
        answer=ModerationCaseSchema(),
    )


async def show(call: Call) -> dict[str, Any]:
    async with database(call.request).reading() as session:
        await verify_coordinator(session, call.path_id(), actor_of(call.request))
        return {
            "flagged": [flagged_document(one) for one in await flagged_records(session, call.path_id())],
            "open": [case_document(view) for view in await open_cases(session, call.path_id())],
            "decided": [case_document(view) for view in await decided_cases(session, call.path_id())],
        }


async def moderate(call: Call) -> dict[str, Any]:
    return await _do(call, propose_moderation, operator_key=local_node(call.request).operator_key)


async def block(call: Call) -> dict[str, Any]:
    return await _do(call, propose_block, operator_key=local_node(call.request).operator_key)


async def dismiss(call: Call) -> dict[str, Any]:
    return await _do(call, dismiss_flags)


async def say_yes(call: Call) -> dict[str, Any]:
    key = local_node(call.request).operator_key
    return await _do(call, second, operator_key=key, case_id=call.path_id("case_id"))


async def undo(call: Call) -> dict[str, Any]:
    return await _do(call, take_back_voice, case_id=call.path_id("case_id"))


async def _do(call: Call, verb: Any, **given: Any) -> dict[str, Any]:
    async with database(call.request).writing() as session:
        view = await verb(
            session,
            network_id=call.path_id(),
            actor=actor_of(call.request),
            now=now(call.request),
            **given,
            **call.body,
        )
        answer = case_document(view)
    wake_worker(call.request)
    return answer
