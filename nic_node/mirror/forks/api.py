"""Forks for programs: what was seen, checking what others show, and deciding."""

from typing import Any, Final

from marshmallow import fields, validate

from nic_node.accounts.actor import actor_of
from nic_node.membership.local import local_node
from nic_node.mirror.forks.evidence import heed_evidence
from nic_node.mirror.forks.read import fork_of_id, forks
from nic_node.mirror.forks.resolve import LONGEST_NOTE, resolve_fork
from nic_node.mirror.forks.states import Choice
from nic_node.web import context
from nic_node.web.api import ApiSchema
from nic_node.web.routes import Api, Call
from schemas.limits import CHECKPOINT_MAX_BYTES
from schemas.membership import EVIDENCE_MOST, ForkSchema

TAG: Final = "log"
READ: Final = "practices.read"
OPERATE: Final = "log.read"
RESOLVE: Final = "network.join"


class SignedNoteSchema(ApiSchema):
    text = fields.String(metadata={"description": "The signed note."})
    size = fields.Integer()
    root = fields.String(metadata={"description": "Hex."})
    cosigned = fields.List(fields.String(), metadata={"description": "Witnesses whose signature under it holds."})
    is_final = fields.Boolean(metadata={"description": "As many as it takes have signed it."})


class SeenForkSchema(ApiSchema):
    id = fields.Integer()
    membership_id = fields.Integer()
    network = fields.String()
    name = fields.String()
    origin = fields.String()
    generation = fields.Integer()
    first = fields.Nested(SignedNoteSchema, metadata={"description": "Of the history that is followed here."})
    second = fields.Nested(SignedNoteSchema)
    witnesses = fields.Integer()
    quorum = fields.Integer()
    source = fields.String(metadata={"description": "Who showed the second note."})
    seen_at = fields.AwareDateTime()
    telling = fields.String(metadata={"description": "waiting, told or refused: whether the coordinators know."})
    told_at = fields.AwareDateTime(allow_none=True)
    problem = fields.String()
    successor = fields.Integer(allow_none=True, metadata={"description": "The generation that follows, if any."})
    choice = fields.String(metadata={"description": "keep or successor; empty while nobody has decided."})
    note = fields.String()
    resolved_by = fields.String()
    resolved_at = fields.AwareDateTime(allow_none=True)
    version = fields.Integer()
    evidence = fields.Dict(attribute="document", metadata={"description": "As /v1/evidence shows it to anybody."})


class SeenForksSchema(ApiSchema):
    items = fields.List(fields.Nested(SeenForkSchema))


class ResolutionSchema(ApiSchema):
    choice = fields.String(required=True, validate=validate.OneOf([choice.value for choice in Choice]))
    note = fields.String(load_default="", validate=validate.Length(max=LONGEST_NOTE))
    version = fields.Integer(strict=True, required=True)


class EvidenceBodySchema(ApiSchema):
    forks = fields.List(fields.Nested(ForkSchema()), required=True, validate=validate.Length(1, EVIDENCE_MOST))


class CheckedSchema(ApiSchema):
    origin = fields.String()
    is_known = fields.Boolean(metadata={"description": "This node follows such a log."})
    is_proven = fields.Boolean()
    code = fields.String(metadata={"description": "Why it proves nothing; empty where it does."})


class CheckedListSchema(ApiSchema):
    items = fields.List(fields.Nested(CheckedSchema))


def fork_api_routes() -> list[Api]:
    return [
        Api(
            method="GET",
            path="/logs/forks",
            name="log.api.forks",
            handler=_list_forks,
            permit=READ,
            tag=TAG,
            summary="Two histories that a log showed, the newest first",
            answer=SeenForksSchema(),
        ),
        Api(
            method="GET",
            path="/logs/forks/{id}",
            name="log.api.fork",
            handler=_show_fork,
            permit=READ,
            tag=TAG,
            summary="One fork: both notes, who signed which, who was told",
            answer=SeenForkSchema(),
        ),
        Api(
            method="POST",
            path="/logs/forks/{id}/resolution",
            name="log.api.resolve",
            handler=_resolve,
            permit=RESOLVE,
            tag=TAG,
            summary="Decide how it goes on after a fork",
            body=ResolutionSchema(),
            answer=SeenForkSchema(),
        ),
        Api(
            method="POST",
            path="/logs/evidence",
            name="log.api.check_evidence",
            handler=_check,
            permit=OPERATE,
            tag=TAG,
            summary="Check what another node shows at /v1/evidence; what it proves of a log of ours freezes that log",
            body=EvidenceBodySchema(),
            answer=CheckedListSchema(),
            max_bytes=EVIDENCE_MOST * 4 * CHECKPOINT_MAX_BYTES,
        ),
    ]


async def _list_forks(call: Call) -> Any:
    async with context.database(call.request).reading() as session:
        return {"items": await forks(session)}


async def _show_fork(call: Call) -> Any:
    async with context.database(call.request).reading() as session:
        return await fork_of_id(session, call.path_id())


async def _resolve(call: Call) -> Any:
    moment = context.now(call.request)
    async with context.database(call.request).writing() as session:
        row = await resolve_fork(session, actor=actor_of(call.request), fork_id=call.path_id(), now=moment, **call.body)
        answer = await fork_of_id(session, row.id)
    context.wake_worker(call.request)
    return answer


async def _check(call: Call) -> Any:
    checked = await heed_evidence(local_node(call.request), call.body["forks"], source="shown by hand")
    context.wake_worker(call.request)
    return {"items": checked}
