"""Withdraw: what it does and what each way of sending it shows, then one button."""

from aiohttp import web
from marshmallow import fields, validate

from nic_node.accounts.actor import actor_of
from nic_node.errors import NotFound
from nic_node.i18n import N_
from nic_node.membership.local import local_node
from nic_node.publishing.drafts import NO_DRAFT
from nic_node.publishing.pages import draft_id
from nic_node.publishing.read import Sharing, sharing_of_draft
from nic_node.publishing.retract import PLACED
from nic_node.publishing.withdraw import may_send, withdraw
from nic_node.web import flash
from nic_node.web.context import database, now, wake_worker
from nic_node.web.forms import Form, FormSchema, blank_form, read_form
from nic_node.web.routes import FORM_BYTES
from nic_node.web.templating import render, see_other

WAYS = {
    "slot": (
        N_("In one of the next slots"),
        N_(
            "Nobody sees who took it back. It leaves in your node’s next free envelope, as a rule within two slots; a"
            " slot is a day, unless the policy says otherwise."
        ),
    ),
    "at-once": (
        N_("At once, in the open"),
        N_(
            "It arrives within a minute. The network then sees your node’s address, and so whose record it was; and"
            " that all else your school shared, asked, answered or flagged in that term is yours too. Choose this when"
            " a person could be recognised."
        ),
    ),
}


class WithdrawForm(FormSchema):
    way = fields.String(
        required=True,
        validate=validate.OneOf(list(WAYS)),
        error_messages={"required": N_("Choose how it leaves.")},
    )


async def show_withdraw(request: web.Request) -> web.Response:
    return await _page(request, blank_form({"way": "slot"}))


async def take_withdraw(request: web.Request) -> web.Response:
    form = await read_form(request, WithdrawForm(), max_bytes=FORM_BYTES)
    if not form.ok:
        return await _page(request, form, status=422)
    async with database(request).writing() as session:
        await withdraw(
            session,
            local_node(request),
            actor=actor_of(request),
            draft_id=draft_id(request),
            at_once=form.data["way"] == "at-once",
            now=now(request),
        )
    wake_worker(request)
    said = N_("It is withdrawn. This page shows when the log says so; every member erases it from then on.")
    return flash.say(see_other(request, "share.show", id=draft_id(request)), said)


async def _page(request: web.Request, form: Form, *, status: int = 200) -> web.Response:
    async with database(request).reading() as session:
        sharing = _withdrawable(await sharing_of_draft(session, draft_id(request)))
        has_slots = await may_send(session, sharing.network or "", now(request))
    values = {
        "sharing": sharing,
        "form": form,
        "ways": [
            {"value": name, "label": label, "hint": hint}
            for name, (label, hint) in WAYS.items()
            if name == "at-once" or (has_slots and not sharing.can_be_hurried)
        ],
        "has_slots": has_slots,
    }
    return await render(request, "publishing/withdraw.html", values, status=status)


def _withdrawable(sharing: Sharing | None) -> Sharing:
    if sharing is None or sharing.placed not in PLACED or (sharing.is_taken_back and not sharing.can_be_hurried):
        raise NotFound(NO_DRAFT)
    return sharing
