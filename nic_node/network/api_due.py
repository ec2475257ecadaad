"""Renewals and appeals as JSON: the same acts as on their page."""

from typing import Any

from nic_node.accounts.actor import actor_of
from nic_node.membership.local import local_node
from nic_node.network import api_schemas as schemas
from nic_node.network.appeal import AppealView, open_appeals, voice_appeal
from nic_node.network.operation import operation
from nic_node.network.renew import decline_renewal, ending_soon, renew, waiting_renewals
from nic_node.network.shell import coordinated_network
from nic_node.network.tables import Member
from nic_node.web.context import database, now, wake_worker
from nic_node.web.routes import Api, Call

RENEWALS = "/networks/{id}/renewals"
MEMBER = "/networks/{id}/members/{member_id}"


def due_api_routes() -> list[Api]:
    return [*_renewal_routes(), *_appeal_routes()]


def _renewal_routes() -> list[Api]:
    return [
        operation(
            "GET",
            RENEWALS,
            "renewals",
            get_renewals,
            "Members who ask for another term, and whose term ends soon.",
            answer=schemas.RenewalsSchema(),
        ),
        operation(
            "POST",
            RENEWALS,
            "renew",
            post_renewals,
            "Renew these memberships in one act; a stale version is 409, and then none is.",
            body=schemas.RenewSchema(),
            answer=schemas.RenewedSchema(),
        ),
        operation(
            "POST",
            MEMBER + "/renewal-decline",
            "decline_renewal",
            post_decline,
            "Let a membership end with its term.",
            body=schemas.MemberApprovalSchema(),
            answer=schemas.MemberSchema(),
        ),
    ]


def _appeal_routes() -> list[Api]:
    return [
        operation(
            "GET",
            "/networks/{id}/appeals",
            "appeals",
            get_appeals,
            "Open appeals against revocations, the longest waiting first.",
            answer=schemas.AppealsSchema(),
        ),
        operation(
            "POST",
            MEMBER + "/appeal",
            "voice_appeal",
            post_voice,
            "Grant an appeal or decline it; two coordinators, or one after members have seen it for 14 days.",
            body=schemas.VoiceSchema(),
            answer=schemas.AppealSchema(),
        ),
    ]


async def get_renewals(call: Call) -> Any:
    async with database(call.request).reading() as session:
        network = await coordinated_network(call.request, session)
        asking = await waiting_renewals(session, network.id)
        return {"asking": asking, "ending": await ending_soon(session, network.id, now(call.request))}


async def post_renewals(call: Call) -> Any:
    async with database(call.request).writing() as session:
        renewed = await renew(
            session,
            local_node(call.request),
            network_id=call.path_id(),
            versions={seen["id"]: seen["version"] for seen in call.body["members"]},
            note=call.body["note"],
            actor=actor_of(call.request),
            now=now(call.request),
        )
    return {"items": renewed}


async def post_decline(call: Call) -> Member:
    async with database(call.request).writing() as session:
        return await decline_renewal(
            session,
            local_node(call.request),
            network_id=call.path_id(),
            member_id=call.path_id("member_id"),
            version=call.body["version"],
            note=call.body["note"],
            actor=actor_of(call.request),
            now=now(call.request),
        )


async def get_appeals(call: Call) -> Any:
    async with database(call.request).reading() as session:
        network = await coordinated_network(call.request, session)
        return {"items": [_appeal(view) for view in await open_appeals(session, network.id)]}


async def post_voice(call: Call) -> Any:
    body = call.body
    async with database(call.request).writing() as session:
        view = await voice_appeal(
            session,
            local_node(call.request),
            network_id=call.path_id(),
            member_id=call.path_id("member_id"),
            grants=body["grants"],
            note=body["note"],
            version=body["if_version"],
            actor=actor_of(call.request),
            now=now(call.request),
        )
    wake_worker(call.request)
    return _appeal(view)


def _appeal(view: AppealView) -> dict[str, Any]:
    return {
        "member_id": view.member.id,
        "entity": view.member.entity,
        "name": view.member.name,
        "text": view.appeal.text,
        "received_at": view.appeal.received_at,
        "state": view.appeal.state,
        "voices": view.voices,
        "needed": view.needed,
        "earliest": view.earliest,
        "version": view.member.version,
    }
