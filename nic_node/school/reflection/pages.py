"""Reflection: the four questions every 45 days, and the stop-list."""

from typing import Any

from aiohttp import web
from marshmallow import fields
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import actor_of
from nic_node.i18n import N_
from nic_node.school.reflection.reflect import (
    QUESTIONS,
    change_reflection,
    reflection_due,
    reflection_of,
    reflections,
    remove_stop,
    restore_stop,
    start_of_reflection,
    stop_doing,
    stop_list,
    to_stop,
    write_reflection,
)
from nic_node.school.reflection.tables import Reflection
from nic_node.school.today import school_day
from nic_node.web import flash
from nic_node.web.context import database, now
from nic_node.web.forms import Form, FormSchema, blank_form, read_form
from nic_node.web.routes import FORM_BYTES
from nic_node.web.taking import take_form
from nic_node.web.templating import render, see_other

DATE: dict[str, Any] = {"invalid": N_("Write a date as year-month-day.")}
CONFLICT = web.HTTPConflict.status_code


class ReflectionForm(FormSchema):
    held_on = fields.Date(load_default=None, error_messages=DATE)
    works = fields.String(load_default="")
    off_table = fields.String(load_default="")
    better = fields.String(load_default="")
    evidence = fields.String(load_default="")
    version = fields.Integer(load_default=0)


class StopForm(FormSchema):
    text = fields.String(load_default="")
    hours_a_week = fields.Float(load_default=None, error_messages={"invalid": N_("Write a number of hours.")})
    stopped_on = fields.Date(load_default=None, error_messages=DATE)
    project_id = fields.Integer(load_default=None)


async def show_reflections(request: web.Request) -> web.Response:
    return await _index(request, blank_form())


async def new_reflection(request: web.Request) -> web.Response:
    async with database(request).reading() as session:
        start = await start_of_reflection(session)
    return await _page(request, blank_form({"held_on": school_day(request), **start}), None)


async def take_new_reflection(request: web.Request) -> web.Response:
    async def write(session: AsyncSession, data: dict[str, Any]) -> object:
        return await write_reflection(
            session, actor=actor_of(request), values=data, today=school_day(request), now=now(request)
        )

    return await take_form(
        request, ReflectionForm(), write, _done(request), lambda form, status: _page(request, form, None, status)
    )


async def edit_reflection(request: web.Request) -> web.Response:
    row = await _read(request)
    return await _page(request, blank_form({n: getattr(row, n) for n in ("held_on", *QUESTIONS, "version")}), row)


async def take_reflection(request: web.Request) -> web.Response:
    async def change(session: AsyncSession, data: dict[str, Any]) -> object:
        version = data.pop("version")
        return await change_reflection(
            session,
            actor=actor_of(request),
            reflection_id=int(request.match_info["id"]),
            values=data,
            version=version,
            today=school_day(request),
            now=now(request),
        )

    async def again(form: Form, status: int) -> web.Response:
        row = await _read(request)
        if status == CONFLICT:
            form.values["version"] = row.version
        return await _page(request, form, row, status)

    return await take_form(request, ReflectionForm(), change, _done(request), again)


async def take_stop(request: web.Request) -> web.Response:
    async def stop(session: AsyncSession, data: dict[str, Any]) -> object:
        return await stop_doing(session, actor=actor_of(request), today=school_day(request), now=now(request), **data)

    return await take_form(
        request, StopForm(), stop, _done(request), lambda form, status: _index(request, form, status)
    )


async def take_stop_act(request: web.Request) -> web.Response:
    """Off the stop-list, or back on it."""
    await read_form(request, FormSchema(), max_bytes=FORM_BYTES)
    is_removal = request.match_info["act"] == "remove"
    verb = remove_stop if is_removal else restore_stop
    async with database(request).writing() as session:
        row = await verb(session, actor=actor_of(request), stop_id=int(request.match_info["id"]), now=now(request))
    undo = request.app.router["reflection.stop_act"].url_for(id=str(row.id), act="restore" if is_removal else "remove")
    said = N_("Off the stop-list.") if is_removal else N_("Back on the stop-list.")
    return flash.say(see_other(request, "reflection.index"), said, undo_url=str(undo))


def _done(request: web.Request) -> Any:
    return lambda _made: flash.say(see_other(request, "reflection.index"), N_("It is kept."))


async def _read(request: web.Request) -> Reflection:
    async with database(request).reading() as session:
        return await reflection_of(session, int(request.match_info["id"]))


async def _index(request: web.Request, form: Form, status: int = 200) -> web.Response:
    today = school_day(request)
    async with database(request).reading() as session:
        values = {
            "found": await reflections(session),
            "stops": await stop_list(session),
            "to_stop": await to_stop(session, today) if request.method == "GET" else [],
            "due": await reflection_due(session, today),
        }
    values |= {"form": form, "today": today, "questions": QUESTIONS}
    return await render(request, "reflection/index.html", values, status=status)


async def _page(request: web.Request, form: Form, row: Reflection | None, status: int = 200) -> web.Response:
    values = {"form": form, "row": row, "questions": QUESTIONS, "clash": status == CONFLICT}
    return await render(request, "reflection/form.html", values, status=status)
