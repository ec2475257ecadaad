"""The list of schools to invite, on a coordinator's pages: looked at before it is added, then followed."""

from typing import Any, Final

from aiohttp import web
from marshmallow import fields, validate

from nic_node.accounts.actor import actor_of
from nic_node.errors import Conflict, InvalidInput
from nic_node.i18n import N_
from nic_node.network.forms import NUMBER
from nic_node.network.invitees.find import count_uninvited, list_invitees
from nic_node.network.invitees.keep import (
    Compared,
    add_to_list,
    choose_reminders,
    compare_list,
    invite_all,
    is_reminding,
    remind_all,
    settle_invitee,
)
from nic_node.network.invitees.read_list import LIST_MAX_BYTES, ReadList, decode_list, read_list
from nic_node.network.invitees.states import REMINDED, SENT, SHOWN, STATE_WORDS
from nic_node.network.shell import coordinated_network, coordinator_shell
from nic_node.web import flash
from nic_node.web.api import BIGGEST_ID
from nic_node.web.context import config, database, now, wake_worker
from nic_node.web.forms import Form, FormSchema, blank_form, load_form, read_form
from nic_node.web.routes import FORM_BYTES
from nic_node.web.templating import render, see_other

DOOR: Final = "network.invite"
ADD_BYTES: Final = 4 * LIST_MAX_BYTES
"""A pasted list, with every sign of it escaped."""
SHOWN_AT_ONCE: Final = 100
ACTS: Final = ("invite", "remind", "declined", "removed", "back")
ACTS_ON_ALL: Final = ("invite", "remind", "on", "off")
SAID: Final = {
    "invite": N_("The invitation is on its way."),
    "remind": N_("A new link is on its way; the earlier one no longer works."),
    "declined": N_("Noted. Nobody writes to this school any more."),
    "removed": N_("Taken off the list; its link lets nobody apply any more."),
    "back": N_("It is on the list again, and not yet invited."),
}


class InviteesQuery(FormSchema):
    q = fields.String(load_default="", validate=validate.Length(max=100))
    state = fields.String(load_default=None, validate=validate.OneOf(SHOWN))
    after = fields.Integer(load_default=None, validate=validate.Range(min=0, max=BIGGEST_ID), error_messages=NUMBER)
    before = fields.Integer(load_default=None, validate=validate.Range(min=0, max=BIGGEST_ID), error_messages=NUMBER)


class AddForm(FormSchema):
    """First the list alone; then the list again, with what to do."""

    list = fields.String(load_default="")
    step = fields.String(load_default="look", validate=validate.OneOf(("look", "send", "keep", "change")))


class ActForm(FormSchema):
    act = fields.String(required=True, validate=validate.OneOf(ACTS))


class AllForm(FormSchema):
    act = fields.String(required=True, validate=validate.OneOf(ACTS_ON_ALL))


async def show_invitees(request: web.Request) -> web.Response:
    query = load_form(request.query, InviteesQuery())
    asked = query.data if query.ok else InviteesQuery().load({})
    async with database(request).reading() as session:
        network = await coordinated_network(request, session)
        page = await list_invitees(
            session,
            network.id,
            state=asked["state"],
            words=asked["q"],
            after=asked["after"],
            before=asked["before"],
        )
        uninvited = await count_uninvited(session, network.id)
        reminds = await is_reminding(session, network.id)
    values: dict[str, Any] = {
        "page": page,
        "asked": asked,
        "uninvited": uninvited,
        "silent": page.counts[SENT] + page.counts[REMINDED],
        "reminds": reminds,
        "state_words": STATE_WORDS,
        "has_server": config(request).smtp is not None,
        **coordinator_shell(request, network, DOOR),
    }
    return await render(request, "network/invitees/invitees.html", values)


async def show_add(request: web.Request) -> web.Response:
    return await _add_page(request, blank_form())


async def take_add(request: web.Request) -> web.Response:
    """Look at a list, or add the list that was looked at; with one bad line nothing is added."""
    form = await read_form(request, AddForm(), max_bytes=ADD_BYTES)
    if not form.ok or form.data["step"] == "change":
        return await _add_page(request, form)
    try:
        text = _text(form)
        form.values["list"] = text
        read = read_list(text)
    except InvalidInput as error:
        form.refuse(error)
        return await _add_page(request, form)
    if read.faults or form.data["step"] == "look":
        return await _preview_page(request, form, read)
    return await _add(request, form, read)


def _text(form: Form) -> str:
    upload = form.files.get("file")
    if upload is None:
        typed: str = form.data["list"]
        return typed
    if len(upload.content) > LIST_MAX_BYTES:
        raise InvalidInput({"file": [N_("This file is larger than 512 KB. Keep name and address of each school.")]})
    return decode_list(upload.content)


async def _add(request: web.Request, form: Form, read: ReadList) -> web.Response:
    is_sending = form.data["step"] == "send"
    async with database(request).writing() as session:
        network = await coordinated_network(request, session)
        await add_to_list(
            session,
            network_id=network.id,
            rows=read.verify(),
            actor=actor_of(request),
            is_sending=is_sending,
            now=now(request),
        )
    wake_worker(request)
    said = N_("Added; the invitations are being written.") if is_sending else N_("Added. Nobody was written to yet.")
    return flash.say(see_other(request, "network.invitees", id=network.id), said)


async def _add_page(request: web.Request, form: Form) -> web.Response:
    async with database(request).reading() as session:
        network = await coordinated_network(request, session)
    values = {"form": form, "read": None, **coordinator_shell(request, network, DOOR)}
    return await render(request, "network/invitees/add.html", values, status=200 if form.ok else 422)


async def _preview_page(request: web.Request, form: Form, read: ReadList) -> web.Response:
    async with database(request).reading() as session:
        network = await coordinated_network(request, session)
        compared: Compared = await compare_list(session, network.id, read.rows)
    values: dict[str, Any] = {
        "form": form,
        "read": read,
        "compared": compared,
        "most": SHOWN_AT_ONCE,
        "has_server": config(request).smtp is not None,
        **coordinator_shell(request, network, DOOR),
    }
    return await render(request, "network/invitees/add.html", values, status=422 if read.faults else 200)


async def take_act(request: web.Request) -> web.Response:
    """One school."""
    form = await read_form(request, ActForm(), max_bytes=FORM_BYTES)
    async with database(request).reading() as session:
        network = await coordinated_network(request, session)
    response = see_other(request, "network.invitees", id=network.id)
    if not form.ok:
        return flash.say(response, N_("Choose what to do with this school."), kind="error")
    try:
        async with database(request).writing() as session:
            await settle_invitee(
                session,
                network_id=network.id,
                invitee_id=int(request.match_info["invitee_id"]),
                act=form.data["act"],
                actor=actor_of(request),
                now=now(request),
            )
    except Conflict as error:
        return flash.say(response, error.sentence, kind="error")
    wake_worker(request)
    return flash.say(response, SAID[form.data["act"]])


async def take_all(request: web.Request) -> web.Response:
    """Everybody on the list: invite, remind, or whether reminders go out by themselves."""
    form = await read_form(request, AllForm(), max_bytes=FORM_BYTES)
    async with database(request).reading() as session:
        network = await coordinated_network(request, session)
    response = see_other(request, "network.invitees", id=network.id)
    if not form.ok:
        return flash.say(response, N_("Choose what to do with the list."), kind="error")
    said = await _do_with_all(request, network.id, form.data["act"])
    wake_worker(request)
    return flash.say(response, said)


async def _do_with_all(request: web.Request, network_id: int, act: str) -> str:
    actor, moment = actor_of(request), now(request)
    async with database(request).writing() as session:
        if act in ("on", "off"):
            is_on = act == "on"
            await choose_reminders(session, network_id=network_id, is_on=is_on, actor=actor, now=moment)
            return N_("Reminders go out by themselves.") if is_on else N_("No reminder goes out by itself any more.")
        verb = invite_all if act == "invite" else remind_all
        count = await verb(session, network_id=network_id, actor=actor, now=moment)
    if not count:
        return N_("There is nobody to write to: everybody was written to within the last day, or has answered.")
    return N_("The invitations are on their way.") if act == "invite" else N_("The reminders are on their way.")
