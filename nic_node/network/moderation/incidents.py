"""What members told of their own records: this should not have left. Coordinators are written to, and tick it off.

The record's id arrives, and by the signature whose it is; that school chose so. Nothing of it is logged publicly.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web
from marshmallow import fields
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from federation.errors import untrusted_document
from nic_node.accounts.actor import Actor, actor_of, peer_actor
from nic_node.accounts.audit import record_audit
from nic_node.accounts.people import person_names
from nic_node.errors import NotFound
from nic_node.i18n import N_
from nic_node.membership.local import local_node
from nic_node.network.coordinators import verify_coordinator
from nic_node.network.letters import tell_of_incident
from nic_node.network.moderation.tables import ToldIncident
from nic_node.network.requests import READERS, member_request
from nic_node.network.tables import Member
from nic_node.web import flash
from nic_node.web.api import ApiSchema
from nic_node.web.context import database, now
from nic_node.web.forms import FormSchema, read_form
from nic_node.web.routes import FORM_BYTES, KIB, Api, Call, Route, page, peer
from nic_node.web.templating import see_other
from nic_node.web.visitor import PEER
from schemas.document import load_document
from schemas.invalid import InvalidDocument
from schemas.membership import INCIDENT

COORDINATE = "network.coordinate"
NO_INCIDENT = N_("No member told of such an incident.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One incident as coordinators see it; seen_by: the name of the one who looked after it, "" for nobody yet."""

    id: int
    member_id: int
    school: str
    record: str
    told_at: datetime
    seen_by: str
    seen_at: datetime | None


async def take_incident(request: web.Request) -> web.Response:
    """202, once or again; who is suspended may tell too."""
    sent = await member_request(request, slug=request.match_info["slug"], max_bytes=KIB, states=READERS)
    try:
        record: str = load_document(INCIDENT, sent.body)["record"]
    except InvalidDocument as error:
        raise untrusted_document(error) from error
    node = local_node(request)
    told_at = node.clock()
    async with node.database.writing() as session:
        values: dict[str, Any] = {"network_id": sent.network.id, "member_id": sent.member.id, "record": record}
        if await _is_new(session, ToldIncident(**values, told_at=told_at)):
            await tell_of_incident(session, node, sent.network, sent.member, record=record, now=told_at)
            await _audit(session, peer_actor(sent.member.entity), "incident.told", values, told_at)
    node.wake()
    return web.Response(status=202)


async def _is_new(session: AsyncSession, row: ToldIncident) -> bool:
    try:
        async with session.begin_nested():
            session.add(row)
    except IntegrityError:
        return False
    return True


async def told_incidents(session: AsyncSession, network_id: int) -> list[Told]:
    """Those that nobody looked after first, then the newest first."""
    chosen = (
        select(ToldIncident, Member)
        .join(Member, Member.id == ToldIncident.member_id)
        .where(ToldIncident.network_id == network_id)
        .order_by(ToldIncident.id.desc())
    )
    found = (await session.execute(chosen)).all()
    names = await person_names(session, {row.seen_by for row, _ in found})
    told = [
        Told(
            id=row.id,
            member_id=member.id,
            school=member.name,
            record=row.record,
            told_at=row.told_at,
            seen_by=names.get(row.seen_by or 0, ""),
            seen_at=row.seen_at,
        )
        for row, member in found
    ]
    return sorted(told, key=lambda one: one.seen_at is not None)


async def see_incident(
    session: AsyncSession, *, actor: Actor, network_id: int, incident_id: int, now: datetime
) -> ToldIncident:
    """Note that a coordinator looks after it; the first one stays.

    Raises:
        NotFound; NotAllowed: somebody else's network.
    """
    await verify_coordinator(session, network_id, actor)
    row = await session.get(ToldIncident, incident_id, with_for_update=True)
    if row is None or row.network_id != network_id:
        raise NotFound(NO_INCIDENT)
    if row.seen_at is None:
        row.seen_by, row.seen_at = actor.person_id, now
        await _audit(session, actor, "incident.seen", {"record": row.record}, now)
    return row


async def _audit(session: AsyncSession, actor: Actor, action: str, after: dict[str, Any], moment: datetime) -> None:
    await record_audit(
        session, actor=actor, action=action, subject="incident", subject_id=None, before=None, after=after, now=moment
    )


# Doors ----------------------------------------------------------------------------------------------------------------


class ToldIncidentSchema(ApiSchema):
    id = fields.Integer()
    member_id = fields.Integer()
    school = fields.String()
    record = fields.String()
    told_at = fields.AwareDateTime()
    seen_by = fields.String()
    seen_at = fields.AwareDateTime(allow_none=True)


class ToldIncidentListSchema(ApiSchema):
    items = fields.List(fields.Nested(ToldIncidentSchema))


def incident_peer_routes() -> list[Route]:
    return [peer("POST", "/net/{slug}/v1/incidents", "network.incidents", take_incident, PEER, KIB)]


def incident_page_routes() -> list[Route]:
    path = "/network/{id}/incidents/{incident_id}/seen"
    return [page("POST", path, "network.see_incident", take_seen, COORDINATE)]


def incident_api_routes() -> list[Api]:
    return [
        Api(
            method="GET",
            path="/networks/{id}/incidents",
            name="network.api_incidents",
            handler=list_told,
            permit=COORDINATE,
            tag="network",
            summary="What members told should not have left.",
            answer=ToldIncidentListSchema(),
        ),
        Api(
            method="POST",
            path="/networks/{id}/incidents/{incident_id}/seen",
            name="network.api_see_incident",
            handler=note_seen,
            permit=COORDINATE,
            tag="network",
            summary="Note that a coordinator looks after an incident.",
            answer=ToldIncidentListSchema(),
        ),
    ]


async def take_seen(request: web.Request) -> web.Response:
    await read_form(request, FormSchema(), max_bytes=FORM_BYTES)
    network_id, incident_id = int(request.match_info["id"]), int(request.match_info["incident_id"])
    async with database(request).writing() as session:
        given: dict[str, Any] = {"network_id": network_id, "incident_id": incident_id, "now": now(request)}
        await see_incident(session, actor=actor_of(request), **given)
    said = N_("You look after it. The school’s contact stands on its page.")
    return flash.say(see_other(request, "network.moderation", id=network_id, anchor="incidents"), said)


async def list_told(call: Call) -> dict[str, Any]:
    async with database(call.request).reading() as session:
        await verify_coordinator(session, call.path_id(), actor_of(call.request))
        return {"items": await told_incidents(session, call.path_id())}


async def note_seen(call: Call) -> dict[str, Any]:
    async with database(call.request).writing() as session:
        given: dict[str, Any] = {"network_id": call.path_id(), "now": now(call.request)}
        await see_incident(session, actor=actor_of(call.request), incident_id=call.path_id("incident_id"), **given)
        return {"items": await told_incidents(session, call.path_id())}
