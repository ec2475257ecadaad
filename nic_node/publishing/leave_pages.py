"""The page on which a school leaves a network: first what stays and what goes, then what will happen, then the act."""

from typing import Any

from aiohttp import web
from marshmallow import INCLUDE, fields, validate

from nic_node.accounts.actor import actor_of
from nic_node.errors import Conflict, InvalidInput
from nic_node.i18n import N_
from nic_node.membership.follow import check_membership
from nic_node.membership.local import local_node
from nic_node.publishing.leave import GO, Leaving, leave_network, leaving_of, verify_choices
from nic_node.web import flash
from nic_node.web.context import database, now
from nic_node.web.forms import Form, FormSchema, blank_form, read_form
from nic_node.web.routes import FORM_BYTES
from nic_node.web.templating import render, see_other

PREFIX = "practice-"
LEFT = N_("Done. The network knows that you left.")
WITHDRAWN = N_("Done. What goes is withdrawn, each at a moment of its own.")


class LeaveForm(FormSchema):
    """`practice-{release id}` -> stay or go, and which step was sent."""

    class Meta:
        unknown = INCLUDE

    step = fields.String(load_default="preview", validate=validate.OneOf(("choose", "preview", "leave")))


async def show_leave(request: web.Request) -> web.Response:
    return await _page(request, blank_form(), step="choose")


async def take_leave(request: web.Request) -> web.Response:
    form = await read_form(request, LeaveForm(), max_bytes=FORM_BYTES)
    if not form.ok or form.data["step"] == "choose":
        return await _page(request, form, step="choose", status=200 if form.ok else 422)
    choices = _choices(form)
    membership_id = int(request.match_info["id"])
    try:
        leaving = await _leaving(request)
        verify_choices(leaving, choices)
        if form.data["step"] == "preview":
            return await _page(request, form, step="preview")
        await leave_network(
            local_node(request), actor=actor_of(request), membership_id=membership_id, choices=choices, now=now(request)
        )
    except InvalidInput as error:
        form.refuse(error)
        return await _page(request, form, step="choose", status=422)
    except Conflict as error:
        return flash.say(see_other(request, "membership.show", id=membership_id), error.sentence, kind="error")
    if leaving.leaves:
        await check_membership(local_node(request), membership_id)
    response = see_other(request, "membership.show", id=membership_id)
    return flash.say(response, LEFT if leaving.leaves else WITHDRAWN)


def _choices(form: Form) -> dict[int, str]:
    return {
        int(name.removeprefix(PREFIX)): str(value)
        for name, value in form.values.items()
        if name.startswith(PREFIX) and name.removeprefix(PREFIX).isdecimal() and len(name) < 30
    }


async def _leaving(request: web.Request) -> Leaving:
    async with database(request).reading() as session:
        return await leaving_of(session, int(request.match_info["id"]), now(request))


async def _page(request: web.Request, form: Form, *, step: str, status: int = 200) -> web.Response:
    try:
        leaving = await _leaving(request)
    except Conflict as error:
        response = see_other(request, "membership.show", id=int(request.match_info["id"]))
        return flash.say(response, error.sentence, kind="error")
    choices = _choices(form)
    values: dict[str, Any] = {
        "leaving": leaving,
        "membership": leaving.membership,
        "form": form,
        "step": step,
        "labels": {f"{PREFIX}{one.release_id}": one.title for one in leaving.choosable},
        "going": [one for one in leaving.choosable if choices.get(one.release_id) == GO],
        "staying": [one for one in leaving.choosable if choices.get(one.release_id) != GO],
    }
    return await render(request, "publishing/leave.html", values, status=status)
