"""Links to one measure, as JSON."""

from typing import Any

from nic_node.accounts.actor import actor_of
from nic_node.school.measures import api_schemas as shapes
from nic_node.school.measures.link_pages import link_address
from nic_node.school.measures.links import close_link, links_of, make_link
from nic_node.school.measures.read import measure_of
from nic_node.web.context import database, now
from nic_node.web.routes import Api, Call

LINKS = "/measures/{id}/links"


def link_routes() -> list[Api]:
    return [
        Api(
            method="GET",
            path=LINKS,
            name="api.measures.links",
            handler=list_links,
            permit="measures.write",
            tag="measures",
            summary="Links with which colleagues add numbers to it.",
            answer=shapes.MeasureLinksSchema(),
        ),
        Api(
            method="POST",
            path=LINKS,
            name="api.measures.make_link",
            handler=make,
            permit="measures.write",
            tag="measures",
            summary="Make a link with which somebody adds numbers to it, until its project closes.",
            body=shapes.NewMeasureLinkSchema(),
            answer=shapes.MadeLinkSchema(),
            status=201,
        ),
        Api(
            method="DELETE",
            path=LINKS + "/{link_id}",
            name="api.measures.close_link",
            handler=close,
            permit="measures.write",
            tag="measures",
            summary="Close a link.",
        ),
    ]


async def list_links(call: Call) -> Any:
    async with database(call.request).reading() as session:
        await measure_of(session, call.path_id())
        return {"items": await links_of(session, call.path_id(), now=now(call.request))}


async def make(call: Call) -> Any:
    request = call.request
    async with database(request).writing() as session:
        made = await make_link(
            session, actor=actor_of(request), measure_id=call.path_id(), name=call.body["name"], now=now(request)
        )
    names = ("id", "name", "created_at", "expires_at", "last_used_at")
    told = {name: getattr(made.link, name) for name in names}
    return {**told, "address": link_address(request, made.token)}


async def close(call: Call) -> None:
    request = call.request
    async with database(request).writing() as session:
        await close_link(
            session,
            actor=actor_of(request),
            measure_id=call.path_id(),
            link_id=call.path_id("link_id"),
            now=now(request),
        )
