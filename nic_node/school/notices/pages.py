"""One's notices, and of what one wants to hear."""

from typing import Any

from aiohttp import web
from marshmallow import fields
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import actor_of, own_id
from nic_node.i18n import N_
from nic_node.school.notices.tell import KINDS, WAYS, choices_of, choose, notices_of, read_all
from nic_node.school.subjects import SUBJECTS
from nic_node.web import flash
from nic_node.web.context import database, now
from nic_node.web.forms import Form, FormSchema, blank_form, read_form
from nic_node.web.routes import FORM_BYTES
from nic_node.web.taking import take_form
from nic_node.web.templating import render, see_other


class ChoicesForm(FormSchema):
    """One field for each of `tell.KINDS`."""

    mention = fields.String(load_default="")
    comment = fields.String(load_default="")
    action = fields.String(load_default="")


async def show_notices(request: web.Request) -> web.Response:
    return await _page(request, None, 200)


async def take_read(request: web.Request) -> web.Response:
    await read_form(request, FormSchema(), max_bytes=FORM_BYTES)
    async with database(request).writing() as session:
        await read_all(session, actor=actor_of(request), now=now(request))
    return see_other(request, "notices.show")


async def take_choices(request: web.Request) -> web.Response:
    async def keep(session: AsyncSession, data: dict[str, Any]) -> None:
        await choose(session, actor=actor_of(request), choices=data, now=now(request))

    def done(_made: None) -> web.Response:
        return flash.say(see_other(request, "notices.show"), N_("It is kept."))

    return await take_form(request, ChoicesForm(), keep, done, lambda form, status: _page(request, form, status))


async def _page(request: web.Request, form: Form | None, status: int) -> web.Response:
    async with database(request).reading() as session:
        notices = await notices_of(session, own_id(request))
        chosen = await choices_of(session, own_id(request))
    values = {
        "notices": notices,
        "form": form or blank_form(chosen),
        "kinds": {kind: says for kind, (says, _way) in KINDS.items()},
        "ways": list(WAYS.items()),
        "routes": {kind: subject.route for kind, subject in SUBJECTS.items()},
    }
    return await render(request, "notices/show.html", values, status=status)
