"""Asking the network for another term, and asking to be let in again after a revocation."""

from typing import Any

from aiohttp import web
from marshmallow import fields, validate

from nic_node.accounts.actor import actor_of
from nic_node.errors import InvalidInput, NotFound
from nic_node.i18n import N_
from nic_node.membership.follow import check_membership
from nic_node.membership.local import local_node
from nic_node.membership.policy_words import policy_terms
from nic_node.membership.read import membership_of
from nic_node.membership.refusals import READ_AGAIN
from nic_node.membership.tell import ask_for_renewal, send_appeal
from nic_node.membership.today_terms import Accepted, todays_terms
from nic_node.web import flash
from nic_node.web.context import database, now
from nic_node.web.forms import Form, FormSchema, blank_form, read_form
from nic_node.web.routes import FORM_BYTES
from nic_node.web.templating import render, see_other
from schemas.states import APPROVED, REVOKED

AGREE = N_("Read charter and policy, then tick that the school accepts them.")
RENEWAL, APPEAL = "renewal", "appeal"
STATE_FOR = {RENEWAL: APPROVED, APPEAL: REVOKED}
NOT_NOW = {
    RENEWAL: N_("Only a member asks for another term."),
    APPEAL: N_("Only a membership that was revoked is appealed for."),
}
SENT = {
    RENEWAL: N_("Asked. A coordinator decides; this page shows it."),
    APPEAL: N_("Sent. The coordinators decide; this page shows how many said yes."),
}


class AgainForm(FormSchema):
    """The hashes are those of the charter and policy that the page showed."""

    policy_sha256 = fields.String(load_default="")
    charter_sha256 = fields.String(load_default="")
    accepted = fields.String(load_default="")
    text = fields.String(
        load_default="", validate=validate.Length(max=2_000, error=N_("Use at most 2,000 characters."))
    )


async def show_renewal(request: web.Request) -> web.Response:
    return await _page(request, RENEWAL, blank_form())


async def show_appeal(request: web.Request) -> web.Response:
    return await _page(request, APPEAL, blank_form())


async def take_renewal(request: web.Request) -> web.Response:
    return await _take(request, RENEWAL)


async def take_appeal(request: web.Request) -> web.Response:
    return await _take(request, APPEAL)


async def _page(request: web.Request, kind: str, form: Form, *, status: int = 200) -> web.Response:
    membership_id = int(request.match_info["id"])
    async with database(request).reading() as session:
        membership = await membership_of(session, membership_id)
    back = see_other(request, "membership.show", id=membership_id)
    if membership.state != STATE_FOR[kind]:
        return flash.say(back, NOT_NOW[kind], kind="error")
    try:
        terms = await todays_terms(local_node(request), membership_id)
    except InvalidInput as error:
        return flash.say(back, error.sentence, kind="error")
    values: dict[str, Any] = {
        "kind": kind,
        "membership": membership,
        "terms": terms,
        "policy_terms": policy_terms(terms.policy),
        "form": form,
    }
    return await render(request, "membership/again.html", values, status=status)


async def _take(request: web.Request, kind: str) -> web.Response:
    form = await read_form(request, AgainForm(), max_bytes=FORM_BYTES)
    if form.ok and not form.data["accepted"]:
        form.errors["accepted"] = [AGREE]
    if not form.ok:
        return await _page(request, kind, form, status=422)
    node, membership_id = local_node(request), int(request.match_info["id"])
    accepted = Accepted(policy_sha256=form.data["policy_sha256"], charter_sha256=form.data["charter_sha256"])
    said: dict[str, Any] = {"actor": actor_of(request), "membership_id": membership_id, "now": now(request)}
    back = see_other(request, "membership.show", id=membership_id)
    try:
        if kind == RENEWAL:
            await ask_for_renewal(node, accepted=accepted, **said)
        else:
            await send_appeal(node, text=form.data["text"], accepted=accepted, **said)
    except InvalidInput as error:
        if error.sentence == READ_AGAIN:
            form.values.pop("accepted", None)
        form.refuse(error)
        return await _page(request, kind, form, status=422)
    except NotFound:
        return flash.say(back, NOT_NOW[kind], kind="error")
    await check_membership(node, membership_id)
    return flash.say(back, SENT[kind])
