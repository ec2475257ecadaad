"""The page 'Other networks that you may read'."""

from collections.abc import Sequence
from typing import Any

from aiohttp import web
from marshmallow import fields
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import actor_of
from nic_node.accounts.forms import EmptyForm
from nic_node.errors import Conflict, InvalidInput, NotFound
from nic_node.i18n import N_
from nic_node.membership.across.look import look_above
from nic_node.membership.across.reading import start_reading, stop_reading
from nic_node.membership.local import local_node
from nic_node.membership.read import READING, Membership, memberships, read_only_networks
from nic_node.membership.tables import NetworkAbove
from nic_node.web import flash
from nic_node.web.api import ApiSchema
from nic_node.web.context import database, now, wake_worker
from nic_node.web.forms import FormSchema, read_form
from nic_node.web.routes import FORM_BYTES, Api, Call, Route, page
from nic_node.web.templating import render, see_other

ROUTE = "membership.across"
READ, JOIN = "network.read", "network.join"
STARTED = N_("Your node fetches its practices now. They show in Learn from others, marked with the network's name.")


class StartReadingForm(FormSchema):
    network = fields.String(required=True)


class StartReadingSchema(ApiSchema):
    network = fields.String(required=True)


class OtherNetworkSchema(ApiSchema):
    """A network below a common superior; `name` is null until it was asked."""

    entity = fields.String()
    name = fields.String(allow_none=True)
    reading = fields.Boolean()


class AboveSchema(ApiSchema):
    superior = fields.String()
    name = fields.String()
    through = fields.String()
    allows = fields.Boolean()
    networks = fields.List(fields.Nested(OtherNetworkSchema))
    checked_at = fields.AwareDateTime(allow_none=True)
    problem = fields.String()


class ReadingSchema(ApiSchema):
    """A network that is read, or was: `problem` says why it ended."""

    id = fields.Integer()
    network = fields.String()
    name = fields.String()
    state = fields.String()
    read_under = fields.String()
    read_through = fields.String()
    chain_expires_at = fields.AwareDateTime(allow_none=True)
    problem = fields.String()


class AcrossSchema(ApiSchema):
    superiors = fields.List(fields.Nested(AboveSchema))
    reading = fields.List(fields.Nested(ReadingSchema))


def across_page_routes() -> list[Route]:
    return [
        page("GET", "/network/others", ROUTE, show_across, READ),
        page("POST", "/network/others", ROUTE, take_start, JOIN),
        page("POST", "/network/others/look", "membership.look_above", take_look, READ),
        page("POST", "/network/others/{id}/stop", "membership.stop_reading", take_stop, JOIN),
    ]


def across_api_routes() -> list[Api]:
    same: dict[str, Any] = {"tag": "membership"}
    return [
        Api(
            method="GET",
            path="/other-networks",
            name="api.across.list",
            handler=get_across,
            permit=READ,
            summary="Networks above ours, the others below them, and those that this school reads.",
            answer=AcrossSchema(),
            **same,
        ),
        Api(
            method="POST",
            path="/other-networks",
            name="api.across.start",
            handler=post_start,
            permit=JOIN,
            summary="Read another network, where a policy above allows it.",
            body=StartReadingSchema(),
            answer=AcrossSchema(),
            status=201,
            **same,
        ),
        Api(
            method="POST",
            path="/other-networks/look",
            name="api.across.look",
            handler=post_look,
            permit=READ,
            summary="Ask the networks above now.",
            answer=AcrossSchema(),
            **same,
        ),
        Api(
            method="DELETE",
            path="/other-networks/{id}",
            name="api.across.stop",
            handler=delete_reading,
            permit=JOIN,
            summary="Read it no more; the copy is erased.",
            **same,
        ),
    ]


async def show_across(request: web.Request) -> web.Response:
    return await _page(request)


async def take_start(request: web.Request) -> web.Response:
    form = await read_form(request, StartReadingForm(), max_bytes=FORM_BYTES)
    try:
        await start_reading(
            local_node(request), actor=actor_of(request), network=form.data.get("network", ""), now=now(request)
        )
    except (InvalidInput, Conflict) as error:
        return await _page(request, refused=error.sentence, status=422 if isinstance(error, InvalidInput) else 409)
    wake_worker(request)
    return flash.say(see_other(request, ROUTE), STARTED)


async def take_look(request: web.Request) -> web.Response:
    await read_form(request, EmptyForm(), max_bytes=FORM_BYTES)
    await look_above(local_node(request))
    return see_other(request, ROUTE)


async def take_stop(request: web.Request) -> web.Response:
    await read_form(request, EmptyForm(), max_bytes=FORM_BYTES)
    try:
        await _stop(request)
    except NotFound as error:
        return await _page(request, refused=error.sentence, status=404)
    return flash.say(see_other(request, ROUTE), N_("Stopped. The copy is erased here in a moment."))


async def get_across(call: Call) -> Any:
    async with database(call.request).reading() as session:
        return await _everything(session)


async def post_start(call: Call) -> Any:
    await start_reading(
        local_node(call.request), actor=actor_of(call.request), network=call.body["network"], now=now(call.request)
    )
    return await get_across(call)


async def post_look(call: Call) -> Any:
    await look_above(local_node(call.request))
    return await get_across(call)


async def delete_reading(call: Call) -> None:
    await _stop(call.request)


async def _stop(request: web.Request) -> None:
    async with database(request).writing() as session:
        reading_id = int(request.match_info["id"])
        await stop_reading(session, actor=actor_of(request), reading_id=reading_id, now=now(request))
    wake_worker(request)


async def _everything(session: AsyncSession) -> dict[str, Any]:
    reading = await read_only_networks(session)
    rows = (await session.scalars(select(NetworkAbove).order_by(NetworkAbove.id))).all()
    return {"superiors": [_above(row, reading) for row in rows], "reading": reading}


def _above(row: NetworkAbove, reading: Sequence[Membership]) -> dict[str, Any]:
    read = {one.network for one in reading if one.state == READING}
    return {
        **{name: getattr(row, name) for name in ("superior", "name", "through", "allows", "checked_at", "problem")},
        "networks": [{**one, "reading": one["entity"] in read} for one in row.networks],
    }


async def _page(request: web.Request, *, refused: str = "", status: int = 200) -> web.Response:
    async with database(request).reading() as session:
        everything = await _everything(session)
        ours = {one.network: one.name for one in await memberships(session)}
    values = {**everything, "ours": ours, "refused": refused, "READING": READING}
    return await render(request, "membership/across.html", values, status=status)
