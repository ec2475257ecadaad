"""Classroom visits of a project: what is looked for, a visit in a minute, the tally."""

from typing import Any

from aiohttp import web
from marshmallow import fields
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import actor_of
from nic_node.i18n import N_
from nic_node.school.projects.read import project_of
from nic_node.school.today import school_day
from nic_node.school.visits.record import (
    agree_look_fors,
    look_fors_of,
    record_visit,
    remove_visit,
    restore_visit,
    tally_measure,
    tally_of,
    visits_of,
)
from nic_node.web import flash
from nic_node.web.context import database, now
from nic_node.web.forms import Form, FormSchema, blank_form, read_form
from nic_node.web.routes import FORM_BYTES
from nic_node.web.taking import take_form
from nic_node.web.templating import render, see_other

DATE: dict[str, Any] = {"invalid": N_("Write a date as year-month-day.")}


class LookForsForm(FormSchema):
    look_fors = fields.String(load_default="")


def visit_form(look_for_ids: list[int]) -> FormSchema:
    """Day, place and note, and yes or no for each look-for."""
    named: dict[str, Any] = {
        "visited_on": fields.Date(load_default=None, error_messages=DATE),
        "place": fields.String(load_default=""),
        "note": fields.String(load_default=""),
    }
    named |= {f"seen_{one}": fields.Boolean(load_default=None) for one in look_for_ids}
    schema = type("VisitForm", (FormSchema,), named)()
    assert isinstance(schema, FormSchema)
    return schema


async def show_visits(request: web.Request) -> web.Response:
    return await _page(request, blank_form())


async def take_look_fors(request: web.Request) -> web.Response:
    async def agree(session: AsyncSession, data: dict[str, Any]) -> object:
        return await agree_look_fors(
            session,
            actor=actor_of(request),
            project_id=_id(request),
            texts=data["look_fors"].splitlines(),
            now=now(request),
        )

    def done(_made: object) -> web.Response:
        return flash.say(see_other(request, "visits.show", id=_id(request)), N_("This is what visitors look for."))

    return await take_form(request, LookForsForm(), agree, done, lambda form, status: _page(request, form, status))


async def take_visit(request: web.Request) -> web.Response:
    async with database(request).reading() as session:
        ids = [row.id for row in await look_fors_of(session, _id(request))]

    async def record(session: AsyncSession, data: dict[str, Any]) -> object:
        return await record_visit(
            session,
            actor=actor_of(request),
            project_id=_id(request),
            visited_on=data["visited_on"],
            place=data["place"],
            note=data["note"],
            marks={one: data[f"seen_{one}"] for one in ids if data[f"seen_{one}"] is not None},
            today=school_day(request),
            now=now(request),
        )

    def done(_made: object) -> web.Response:
        return flash.say(see_other(request, "visits.show", id=_id(request)), N_("The visit is kept, and counted."))

    return await take_form(request, visit_form(ids), record, done, lambda form, status: _page(request, form, status))


async def take_visit_act(request: web.Request) -> web.Response:
    """Take a visit back, or put it back."""
    await read_form(request, FormSchema(), max_bytes=FORM_BYTES)
    is_removal = request.match_info["act"] == "remove"
    verb = remove_visit if is_removal else restore_visit
    async with database(request).writing() as session:
        visit = await verb(session, actor=actor_of(request), visit_id=_id(request), now=now(request))
    response = see_other(request, "visits.show", id=visit.project_id)
    undo = request.app.router["visits.act"].url_for(id=str(visit.id), act="restore" if is_removal else "remove")
    return flash.say(response, N_("The visit is taken back.") if is_removal else N_("It is back."), undo_url=str(undo))


def _id(request: web.Request) -> int:
    return int(request.match_info["id"])


async def _page(request: web.Request, form: Form, status: int = 200) -> web.Response:
    async with database(request).reading() as session:
        project = await project_of(session, _id(request))
        look_fors = await look_fors_of(session, project.id)
        values = {
            "project": project,
            "look_fors": look_fors,
            "tally": await tally_of(session, project.id),
            "visits": await visits_of(session, project.id),
            "measure": await tally_measure(session, project.id),
        }
    if "look_fors" not in form.values:
        values["agreed"] = "\n".join(row.text for row in look_fors)
    values |= {"form": form, "today": school_day(request), "agreeing": "look_fors" in form.values}
    return await render(request, "visits/show.html", values, status=status)
