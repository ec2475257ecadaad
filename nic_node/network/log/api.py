"""Epochs and the log as JSON, for a network's coordinators."""

from typing import Any

from marshmallow import fields

from nic_node.accounts.actor import actor_of
from nic_node.membership.local import local_node
from nic_node.network.coordinators import verify_coordinator
from nic_node.network.log.announce import announce_epoch
from nic_node.network.log.read import epoch_views, log_status, refusals_of, supplement_standing
from nic_node.web.api import ApiSchema, PageQuery
from nic_node.web.context import database, now
from nic_node.web.routes import Api, Call

COORDINATE = "network.coordinate"


class EpochSchema(ApiSchema):
    epoch = fields.Integer(required=True)
    phase = fields.String(required=True)
    logged = fields.Boolean(required=True)
    issue_from = fields.String(required=True)
    issue_to = fields.String(required=True)
    active_from = fields.String(required=True)
    active_to = fields.String(required=True)
    issued = fields.Integer(required=True)
    registered = fields.Integer(required=True)
    unaccounted = fields.Integer(required=True)
    members = fields.Integer(required=True)
    min_issued = fields.Integer(required=True)
    policy_sha256 = fields.String(required=True)
    lattice_sha256 = fields.String(allow_none=True)
    alarm = fields.Boolean(required=True)
    issued_to = fields.List(fields.String(), required=True)


class SupplementSchema(ApiSchema):
    """Beside an open epoch: how many members wait for a supplementary one, and how many must."""

    waiting = fields.Integer(required=True)
    needed = fields.Integer(required=True)
    ends = fields.AwareDateTime(required=True)


class EpochsSchema(ApiSchema):
    items = fields.List(fields.Nested(EpochSchema()), required=True)
    supplement = fields.Nested(SupplementSchema(), allow_none=True)
    next = fields.Integer(allow_none=True)


class AnnouncedSchema(ApiSchema):
    epoch = fields.Integer(required=True)


class NothingSchema(ApiSchema):
    """An act that needs no words: an empty object."""


class NetworkLogStatusSchema(ApiSchema):
    network = fields.String(required=True)
    origin = fields.String(required=True)
    generation = fields.Integer(required=True)
    size = fields.Integer(required=True)
    signed_size = fields.Integer(required=True)
    root = fields.String(required=True)
    signed_at = fields.String(allow_none=True)
    waiting = fields.Integer(required=True)
    records = fields.Integer(required=True)
    living = fields.Integer(required=True)
    refusals = fields.Integer(required=True)
    trouble = fields.String(allow_none=True)


class LogRefusalSchema(ApiSchema):
    id = fields.Integer(required=True)
    at = fields.DateTime(required=True)
    what = fields.String(required=True)
    code = fields.String(required=True)
    detail = fields.String(required=True)
    sha256 = fields.String(required=True)
    source = fields.String(allow_none=True)


class LogRefusalsSchema(ApiSchema):
    items = fields.List(fields.Nested(LogRefusalSchema()), required=True)
    next = fields.Integer(allow_none=True)


def api_routes() -> list[Api]:
    return [*_epoch_routes(), *_log_routes()]


def _epoch_routes() -> list[Api]:
    return [
        Api(
            method="GET",
            path="/networks/{id}/epochs",
            name="network.api_epochs",
            handler=list_epochs,
            permit=COORDINATE,
            tag="network",
            summary="The network's epochs, the newest first.",
            answer=EpochsSchema(),
        ),
        Api(
            method="POST",
            path="/networks/{id}/epochs",
            name="network.api_announce",
            handler=announce,
            permit=COORDINATE,
            tag="network",
            summary="Announce the next epoch, issuing from now; a supplementary one beside an open epoch.",
            body=NothingSchema(),
            answer=AnnouncedSchema(),
            status=201,
        ),
    ]


def _log_routes() -> list[Api]:
    return [
        Api(
            method="GET",
            path="/networks/{id}/log",
            name="network.api_log",
            handler=show_status,
            permit=COORDINATE,
            tag="log",
            summary="How far the network's log goes, what waits, and what troubles it.",
            answer=NetworkLogStatusSchema(),
        ),
        Api(
            method="GET",
            path="/networks/{id}/log/refusals",
            name="network.api_refusals",
            handler=list_refusals,
            permit=COORDINATE,
            tag="log",
            summary="What the network's log did not let in, the newest first.",
            query=PageQuery(),
            answer=LogRefusalsSchema(),
        ),
    ]


async def list_epochs(call: Call) -> dict[str, Any]:
    async with database(call.request).reading() as session:
        await verify_coordinator(session, call.path_id(), actor_of(call.request))
        views = await epoch_views(session, call.path_id(), now(call.request))
        supplement = await supplement_standing(session, call.path_id(), now(call.request))
    return {"items": [view.document() for view in views], "supplement": supplement, "next": None}


async def announce(call: Call) -> dict[str, int]:
    actor = actor_of(call.request)
    async with database(call.request).reading() as session:
        await verify_coordinator(session, call.path_id(), actor)
    number = await announce_epoch(
        local_node(call.request), network_id=call.path_id(), actor=actor, now=now(call.request)
    )
    return {"epoch": number}


async def show_status(call: Call) -> dict[str, Any]:
    async with database(call.request).reading() as session:
        await verify_coordinator(session, call.path_id(), actor_of(call.request))
        return (await log_status(session, call.path_id())).document()


async def list_refusals(call: Call) -> dict[str, Any]:
    limit = call.query["limit"]
    async with database(call.request).reading() as session:
        await verify_coordinator(session, call.path_id(), actor_of(call.request))
        found = await refusals_of(session, call.path_id(), after=call.query["after"], limit=limit + 1)
    return {"items": found[:limit], "next": found[limit - 1].id if len(found) > limit else None}
