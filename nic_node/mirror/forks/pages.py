"""The page of a fork: what happened, both notes, who signed which, and how it can go on."""

from typing import Any, Final

from aiohttp import web
from marshmallow import fields, validate

from nic_node.accounts.actor import actor_of
from nic_node.errors import Conflict, InvalidInput
from nic_node.i18n import N_
from nic_node.mirror.forks.api import READ, RESOLVE
from nic_node.mirror.forks.read import fork_of_id
from nic_node.mirror.forks.resolve import CHOOSE, LONGEST_NOTE, resolve_fork
from nic_node.mirror.forks.states import Choice
from nic_node.web import context, flash
from nic_node.web.forms import Form, FormSchema, blank_form, read_form
from nic_node.web.routes import FORM_BYTES, Route, page
from nic_node.web.templating import render, see_other
from nic_node.web.visitor import visitor

PAGE: Final = "log.fork"
KEPT: Final = N_("Decided. The log is read on from where it was.")
FOLLOWED: Final = N_("Decided. The network’s new log is being fetched.")


class ResolutionForm(FormSchema):
    choice = fields.String(
        required=True,
        validate=validate.OneOf([choice.value for choice in Choice], error=CHOOSE),
        error_messages={"required": CHOOSE},
    )
    note = fields.String(load_default="", validate=validate.Length(max=LONGEST_NOTE))
    version = fields.Integer(required=True)


def fork_pages() -> list[Route]:
    path = "/log/forks/{id}"
    return [
        page("GET", path, PAGE, show_fork, READ),
        page("POST", path, "log.resolve", take_resolution, RESOLVE),
    ]


async def show_fork(request: web.Request) -> web.Response:
    return await _page(request, None)


async def take_resolution(request: web.Request) -> web.Response:
    form = await read_form(request, ResolutionForm(), max_bytes=FORM_BYTES)
    fork_id, status = int(request.match_info["id"]), 422
    if form.ok:
        given: dict[str, Any] = {"actor": actor_of(request), "now": context.now(request), **form.data}
        try:
            async with context.database(request).writing() as session:
                await resolve_fork(session, fork_id=fork_id, **given)
            context.wake_worker(request)
            said = KEPT if form.data["choice"] == Choice.KEEP else FOLLOWED
            return flash.say(see_other(request, PAGE, id=fork_id), said)
        except InvalidInput as error:
            form.refuse(error)
        except Conflict as error:
            form.errors["choice"], status = [error.sentence], 409
    return await _page(request, form, status=status)


async def _page(request: web.Request, form: Form | None, *, status: int = 200) -> web.Response:
    who = visitor(request)
    async with context.database(request).reading() as session:
        fork = await fork_of_id(session, int(request.match_info["id"]))
    values = {
        "fork": fork,
        "form": form or blank_form({"choice": "", "note": "", "version": fork.version}),
        "may_decide": who is not None and RESOLVE in who.permissions,
        "longest_note": LONGEST_NOTE,
    }
    return await render(request, "mirror/fork.html", values, status=status)
