"""The handover on one page, to read or print."""

from datetime import date
from typing import Any

from aiohttp import web
from marshmallow import fields
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import actor_of
from nic_node.i18n import N_
from nic_node.school.handover.collect import collect_handover, write_handover, years_handed_over
from nic_node.school.handover.tables import HandoverNote
from nic_node.school.plan.roll_over import next_to_begin
from nic_node.school.profile.name import school_year, year_in_words
from nic_node.school.today import school_day
from nic_node.web import flash
from nic_node.web.context import database, now
from nic_node.web.forms import Form, FormSchema, blank_form
from nic_node.web.taking import take_form
from nic_node.web.templating import render, see_other
from nic_node.web.visitor import visitor

CONFLICT = web.HTTPConflict.status_code


class HandoverForm(FormSchema):
    note = fields.String(load_default="")
    school_year = fields.String(load_default="")
    version = fields.Integer(load_default=None)


async def show_handover(request: web.Request) -> web.Response:
    return await _page(request, blank_form())


async def take_handover(request: web.Request) -> web.Response:
    async def write(session: AsyncSession, data: dict[str, Any]) -> HandoverNote:
        year = await asked_year(session, data.pop("school_year"), school_day(request))
        return await write_handover(session, actor=actor_of(request), school_year=year, now=now(request), **data)

    def done(made: HandoverNote) -> web.Response:
        return flash.say(see_other(request, "handover.show", query={"year": made.school_year}), N_("It is kept."))

    return await take_form(request, HandoverForm(), write, done, lambda form, status: _page(request, form, status))


def _may_plan(request: web.Request) -> bool:
    who = visitor(request)
    return who is not None and "plan.write" in who.permissions


async def asked_year(session: AsyncSession, asked: str, today: date) -> str:
    """The year that is asked for where there is one to hand over; else this one."""
    return asked if asked in await years_handed_over(session, today) else school_year(today)


async def _page(request: web.Request, form: Form, status: int = 200) -> web.Response:
    today = school_day(request)
    async with database(request).reading() as session:
        years = await years_handed_over(session, today)
        year = await asked_year(session, form.values.get("school_year") or request.query.get("year", ""), today)
        handover = await collect_handover(session, year, today)
        may_begin = await next_to_begin(session, year, today) if _may_plan(request) else None
    if status == CONFLICT:
        form.values["version"] = "" if handover.version is None else handover.version
    values = {"form": form, "it": handover, "year": year_in_words(year), "clash": status == CONFLICT}
    values |= {"chosen": year, "years": [(one, year_in_words(one)) for one in years]}
    values["begins"] = year_in_words(may_begin) if may_begin else ""
    return await render(request, "handover/show.html", values, status=status)
