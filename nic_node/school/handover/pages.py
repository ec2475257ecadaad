"""The handover on one page, to read or print."""

from typing import Any

from aiohttp import web
from marshmallow import fields
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import actor_of
from nic_node.school.handover.collect import collect_handover, write_handover
from nic_node.school.profile.name import school_year, year_in_words
from nic_node.school.today import school_day
from nic_node.web import flash
from nic_node.web.context import database, now
from nic_node.web.forms import Form, FormSchema, blank_form
from nic_node.web.taking import take_form
from nic_node.web.templating import render, see_other

CONFLICT = web.HTTPConflict.status_code


class HandoverForm(FormSchema):
    note = fields.String(load_default="")
    version = fields.Integer(load_default=None)


async def show_handover(request: web.Request) -> web.Response:
    return await _page(request, blank_form())


async def take_handover(request: web.Request) -> web.Response:
    async def write(session: AsyncSession, data: dict[str, Any]) -> object:
        year = school_year(school_day(request))
        return await write_handover(session, actor=actor_of(request), school_year=year, now=now(request), **data)

    def done(_made: object) -> web.Response:
        return flash.say(see_other(request, "handover.show"), "It is kept.")

    return await take_form(request, HandoverForm(), write, done, lambda form, status: _page(request, form, status))


async def _page(request: web.Request, form: Form, status: int = 200) -> web.Response:
    today = school_day(request)
    year = school_year(today)
    async with database(request).reading() as session:
        handover = await collect_handover(session, year, today)
    if status == CONFLICT:
        form.values["version"] = "" if handover.version is None else handover.version
    values = {"form": form, "it": handover, "year": year_in_words(year), "clash": status == CONFLICT}
    return await render(request, "handover/show.html", values, status=status)
