"""The page on which a network's coordinators say under which network it belongs, and see who reads here through it."""

from datetime import datetime
from typing import Any

from aiohttp import web
from marshmallow import fields, validate

from nic_node.accounts.actor import actor_of
from nic_node.accounts.forms import EmptyForm
from nic_node.errors import Conflict, InvalidInput
from nic_node.i18n import N_
from nic_node.membership.documents import document_of
from nic_node.membership.local import local_node
from nic_node.membership.look_up import Offer, look_up
from nic_node.membership.policy_words import policy_terms
from nic_node.membership.words import move_words
from nic_node.network.above.belong import accept_above, apply_above, confirm_above, leave_above
from nic_node.network.above.follow import check_superior
from nic_node.network.above.read import ASKED, LIVING, lets_read, readers_of, standing_of, superior_of, superiors_of
from nic_node.network.above.words import STATES
from nic_node.network.shell import coordinated_network, coordinator_shell
from nic_node.web import flash
from nic_node.web.context import database, now, wake_worker
from nic_node.web.forms import Form, FormSchema, blank_form, read_form
from nic_node.web.routes import FORM_BYTES
from nic_node.web.templating import render, see_other
from schemas.states import APPROVED

ROUTE = "network.above"
PASTE = N_("Paste the invitation link that the coordinator of the network above gave you.")
AGREE = N_("Read charter and policy, then tick that this network accepts them.")
SENT = N_("The application is on its way. The network above looks at it as it looks at a school.")


class AboveForm(FormSchema):
    """First the link alone; then the link again, with what was accepted and whom to call."""

    invitation = fields.String(
        required=True, validate=validate.Length(min=1, max=6_000, error=PASTE), error_messages={"required": PASTE}
    )
    step = fields.String(load_default="look", validate=validate.OneOf(("look", "apply")))
    policy_sha256 = fields.String(load_default="")
    accepted = fields.String(load_default="")
    contact_name = fields.String(load_default="", validate=validate.Length(max=120))
    contact_email = fields.String(load_default="", validate=validate.Length(max=254))


class AboveCodeForm(FormSchema):
    code = fields.String(required=True, error_messages={"required": N_("Type the code that you were given.")})


class AboveTermsForm(FormSchema):
    policy_sha256 = fields.String(required=True)


async def show_above(request: web.Request) -> web.Response:
    return await _page(request, blank_form())


async def take_above(request: web.Request) -> web.Response:
    """Look the link up; with step 'apply', apply."""
    form = await read_form(request, AboveForm(), max_bytes=FORM_BYTES)
    if not form.ok:
        return await _page(request, form, status=422)
    async with database(request).reading() as session:
        network = await coordinated_network(request, session)
    offer = None
    try:
        offer = await look_up(local_node(request), form.data["invitation"], now=now(request))
        if form.data["step"] == "look":
            return await _page(request, form, offer=offer)
        if not form.data["accepted"] or form.data["policy_sha256"] != offer.policy_sha256:
            form.errors["accepted"] = [AGREE]
            return await _page(request, form, offer=offer, status=422)
        contact = {"name": form.data["contact_name"], "email": form.data["contact_email"]}
        made = await apply_above(
            local_node(request),
            actor=actor_of(request),
            network_id=network.id,
            offer=offer,
            contact=contact,
            now=now(request),
        )
    except InvalidInput as error:
        form.refuse(error)
        return await _page(request, form, offer=offer, status=422)
    except Conflict as error:
        form.errors["invitation"] = [error.sentence]
        return await _page(request, form, status=409)
    await check_superior(local_node(request), made)
    wake_worker(request)
    return flash.say(see_other(request, ROUTE, id=network.id), SENT)


async def take_above_code(request: web.Request) -> web.Response:
    form = await read_form(request, AboveCodeForm(), max_bytes=FORM_BYTES)
    if not form.ok:
        return await _page(request, blank_form(), code=form, status=422)
    network_id, superior_id = _ids(request)
    try:
        await confirm_above(
            local_node(request),
            actor=actor_of(request),
            network_id=network_id,
            superior_id=superior_id,
            code=form.data["code"],
            now=now(request),
        )
    except InvalidInput as error:
        form.refuse(error)
        return await _page(request, blank_form(), code=form, status=422)
    return flash.say(see_other(request, ROUTE, id=network_id), N_("Confirmed. Now the coordinators above decide."))


async def take_above_terms(request: web.Request) -> web.Response:
    form = await read_form(request, AboveTermsForm(), max_bytes=FORM_BYTES)
    network_id, superior_id = _ids(request)
    try:
        async with database(request).writing() as session:
            await accept_above(
                session,
                actor=actor_of(request),
                network_id=network_id,
                superior_id=superior_id,
                policy_sha256=form.data.get("policy_sha256", ""),
                now=now(request),
            )
    except Conflict as error:
        return flash.say(see_other(request, ROUTE, id=network_id), error.sentence, kind="warning")
    return flash.say(see_other(request, ROUTE, id=network_id), N_("Accepted."))


async def take_above_leave(request: web.Request) -> web.Response:
    await read_form(request, EmptyForm(), max_bytes=FORM_BYTES)
    network_id, superior_id = _ids(request)
    try:
        await leave_above(
            local_node(request),
            actor=actor_of(request),
            network_id=network_id,
            superior_id=superior_id,
            now=now(request),
        )
    except (InvalidInput, Conflict) as error:
        return flash.say(see_other(request, ROUTE, id=network_id), error.sentence, kind="warning")
    said = N_("Left. Schools of the other networks read here no more, and erase their copies.")
    return flash.say(see_other(request, ROUTE, id=network_id), said)


async def take_above_check(request: web.Request) -> web.Response:
    await read_form(request, EmptyForm(), max_bytes=FORM_BYTES)
    async with database(request).reading() as session:
        network = await coordinated_network(request, session)
        await superior_of(session, network.id, _ids(request)[1])
    await check_superior(local_node(request), _ids(request)[1])
    return see_other(request, ROUTE, id=network.id)


def _is_open(moment: datetime | None, now: datetime) -> bool:
    return moment is not None and moment <= now


def _ids(request: web.Request) -> tuple[int, int]:
    return int(request.match_info["id"]), int(request.match_info["superior_id"])


async def _page(
    request: web.Request,
    form: Form,
    *,
    offer: Offer | None = None,
    code: Form | None = None,
    status: int = 200,
) -> web.Response:
    async with database(request).reading() as session:
        network = await coordinated_network(request, session)
        superiors = [
            {
                "row": row,
                "words": STATES[row.state],
                "lives": row.state in LIVING,
                "is_asked": row.state in ASKED,
                "standing": (standing := standing_of(row)),
                "may_renew": row.state == APPROVED and _is_open(standing.renewable_from, now(request)),
                "last_move": move_words(standing.moves[-1]) if standing.moves else None,
                "lets_read": lets_read(row, now(request)),
                "terms": policy_terms(policy) if (policy := await document_of(session, row.policy_sha256)) else [],
                "is_new": row.state in LIVING and row.policy_accepted != row.policy_sha256,
            }
            for row in await superiors_of(session, network.id)
        ]
        readers = await readers_of(session, network.id)
    values: dict[str, Any] = {
        "form": form,
        "code": code or blank_form(),
        "offer": offer,
        "offer_terms": policy_terms(offer.policy) if offer else [],
        "superiors": superiors,
        "readers": readers,
        "now": now(request),
        **coordinator_shell(request, network, "network.policy"),
    }
    return await render(request, "network/above.html", values, status=status)
