"""How this school's envelopes travel: a page that says so, and the choice when no relay takes them."""

from aiohttp import web
from marshmallow import fields, validate
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor, actor_of
from nic_node.errors import InvalidInput
from nic_node.i18n import N_, translations
from nic_node.membership.local import LocalNode, local_node
from nic_node.membership.read import membership_of
from nic_node.publishing.relays.draw import redraw, send_directly
from nic_node.publishing.relays.ways import all_ways
from nic_node.web import flash
from nic_node.web.api import ApiSchema
from nic_node.web.context import database, now
from nic_node.web.forms import FormSchema, read_form
from nic_node.web.language import language_of
from nic_node.web.routes import FORM_BYTES, Api, Call, Route, page
from nic_node.web.templating import render, see_other

READ, CHOOSE = "share.read", "share.review"
CHOICES = {
    "redraw": N_("Other relays are drawn. The next envelope goes through them."),
    "direct": N_("Until this term ends, envelopes go straight to the network."),
    "relays": N_("Envelopes go through relays again."),
}


class ChoiceForm(FormSchema):
    choice = fields.String(required=True, validate=validate.OneOf(sorted(CHOICES)))


class RelayChoiceSchema(ApiSchema):
    choice = fields.String(required=True, validate=validate.OneOf(sorted(CHOICES)))


class WaySchema(ApiSchema):
    """By which way envelopes travel to one network."""

    membership_id = fields.Integer()
    network = fields.String()
    name = fields.String()
    kind = fields.String(metadata={"description": "relayed, failing, direct, nobody or not-yet"})
    relays = fields.List(fields.String())
    hidden_among = fields.Integer()
    failing_since = fields.AwareDateTime(allow_none=True)
    is_lost = fields.Boolean(metadata={"description": "Something was taken again and again and is not in the log."})


class WaysSchema(ApiSchema):
    items = fields.List(fields.Nested(WaySchema))


def relay_pages() -> list[Route]:
    return [
        page("GET", "/share/relays", "share.relays", show_relays, READ),
        page("POST", "/share/relays/{id}", "share.choose_relays", take_choice, CHOOSE),
    ]


def relay_api_routes() -> list[Api]:
    return [
        Api(
            method="GET",
            path="/publishing/relays",
            name="api.publishing.relays",
            handler=list_ways,
            permit=READ,
            tag="publishing",
            summary="By which way envelopes travel",
            answer=WaysSchema(),
        ),
        Api(
            method="POST",
            path="/publishing/relays/{id}",
            name="api.publishing.choose_relays",
            handler=choose,
            permit=CHOOSE,
            tag="publishing",
            summary="Draw other relays, leave them out until the term ends, or use them again",
            body=RelayChoiceSchema(),
            answer=WaysSchema(),
        ),
    ]


async def show_relays(request: web.Request) -> web.Response:
    async with database(request).reading() as session:
        ways = await all_ways(session, local_node(request), now(request))
    return await render(request, "publishing/relays.html", {"ways": ways})


async def take_choice(request: web.Request) -> web.Response:
    form = await read_form(request, ChoiceForm(), max_bytes=FORM_BYTES)
    if not form.ok:
        raise InvalidInput(form.errors)
    choice = form.data["choice"]
    async with database(request).writing() as session:
        await _choose(session, local_node(request), actor_of(request), int(request.match_info["id"]), choice)
    said = translations(language_of(request)).gettext(CHOICES[choice])
    return flash.say(see_other(request, "share.relays"), said)


async def list_ways(call: Call) -> dict[str, object]:
    async with database(call.request).reading() as session:
        return {"items": await all_ways(session, local_node(call.request), now(call.request))}


async def choose(call: Call) -> dict[str, object]:
    node = local_node(call.request)
    async with database(call.request).writing() as session:
        await _choose(session, node, actor_of(call.request), call.path_id(), call.body["choice"])
        return {"items": await all_ways(session, node, now(call.request))}


async def _choose(session: AsyncSession, node: LocalNode, actor: Actor, membership_id: int, choice: str) -> None:
    network = (await membership_of(session, membership_id)).network
    if choice == "redraw":
        await redraw(session, node, actor=actor, network=network, now=node.clock())
    else:
        await send_directly(session, actor=actor, network=network, direct=choice == "direct", now=node.clock())
