"""Return: one table for the board, and what a single project takes."""

from typing import Any

from aiohttp import web
from marshmallow import fields
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import actor_of
from nic_node.i18n import N_
from nic_node.school.editing import saved_meanwhile
from nic_node.school.profile.name import school_year, year_in_words
from nic_node.school.projects.read import project_of
from nic_node.school.returns.put_in import count_staff, plan_budget, put_in, remove_input, restore_input
from nic_node.school.returns.read import board_table, inputs_of, retention, spent_by
from nic_node.school.returns.tables import ProjectInput
from nic_node.school.team.describe import days_of_year
from nic_node.school.today import school_day
from nic_node.web import flash
from nic_node.web.context import database, now
from nic_node.web.forms import Form, FormSchema, blank_form, read_form
from nic_node.web.routes import FORM_BYTES
from nic_node.web.taking import take_form
from nic_node.web.templating import render, see_other

DATE: dict[str, Any] = {"invalid": N_("Write a date as year-month-day.")}
NUMBER: dict[str, Any] = {"invalid": N_("Write a number.")}
CONFLICT = web.HTTPConflict.status_code
BUDGET_LABELS = {"of_hours": N_("Staff hours"), "of_dollars": N_("Dollars")}
YEARS_BACK = 5


class InputForm(FormSchema):
    put_on = fields.Date(load_default=None, error_messages=DATE)
    what = fields.String(load_default="")
    hours = fields.Float(load_default=None, error_messages=NUMBER)
    dollars = fields.Float(load_default=None, error_messages=NUMBER)


class BudgetForm(FormSchema):
    of_hours = fields.Float(load_default=None, error_messages=NUMBER)
    of_dollars = fields.Float(load_default=None, error_messages=NUMBER)
    version = fields.Integer(load_default=None)


class StaffForm(FormSchema):
    school_year = fields.String(load_default="")
    staff = fields.Integer(load_default=None, error_messages=NUMBER)
    stayed = fields.Integer(load_default=None, error_messages=NUMBER)


async def show_return(request: web.Request) -> web.Response:
    return await _board_page(request, blank_form())


async def take_staff(request: web.Request) -> web.Response:
    async def count(session: AsyncSession, data: dict[str, Any]) -> object:
        return await count_staff(session, actor=actor_of(request), now=now(request), **data)

    def done(_made: object) -> web.Response:
        return see_other(request, "returns.show")

    return await take_form(request, StaffForm(), count, done, lambda form, status: _board_page(request, form, status))


async def show_inputs(request: web.Request) -> web.Response:
    return await _inputs_page(request, blank_form())


async def take_input(request: web.Request) -> web.Response:
    async def put(session: AsyncSession, data: dict[str, Any]) -> object:
        return await put_in(
            session,
            actor=actor_of(request),
            project_id=_id(request),
            today=school_day(request),
            now=now(request),
            **data,
        )

    return await _take(request, InputForm(), put)


async def take_budget(request: web.Request) -> web.Response:
    async def plan(session: AsyncSession, data: dict[str, Any]) -> object:
        return await plan_budget(
            session,
            actor=actor_of(request),
            project_id=_id(request),
            hours=data["of_hours"],
            dollars=data["of_dollars"],
            version=data["version"],
            now=now(request),
        )

    return await _take(request, BudgetForm(), plan)


async def take_input_act(request: web.Request) -> web.Response:
    """Remove what was noted, or put it back."""
    await read_form(request, FormSchema(), max_bytes=FORM_BYTES)
    is_removal = request.match_info["act"] == "remove"
    verb = remove_input if is_removal else restore_input
    async with database(request).writing() as session:
        row: ProjectInput = await verb(session, actor=actor_of(request), input_id=_id(request), now=now(request))
    undo = request.app.router["returns.input_act"].url_for(id=str(row.id), act="restore" if is_removal else "remove")
    response = see_other(request, "returns.inputs", id=row.project_id)
    return flash.say(response, N_("Removed.") if is_removal else N_("It is back."), undo_url=str(undo))


def _id(request: web.Request) -> int:
    return int(request.match_info["id"])


async def _take(request: web.Request, schema: FormSchema, work: Any) -> web.Response:
    return await take_form(
        request,
        schema,
        work,
        lambda _made: flash.say(see_other(request, "returns.inputs", id=_id(request)), N_("It is kept.")),
        lambda form, status: _inputs_page(request, form, status),
    )


async def _board_page(request: web.Request, form: Form, status: int = 200) -> web.Response:
    this = school_year(school_day(request))
    years = [f"{first}-{(first + 1) % 100:02d}" for first in range(int(this[:4]), int(this[:4]) - YEARS_BACK, -1)]
    asked = request.query.get("year", this)
    year = asked if asked in years else this
    first, last = days_of_year(year)
    async with database(request).reading() as session:
        rows = await board_table(session, since=first, until=last)
        values = {"rows": rows, "retention": await retention(session)}
    values |= {
        "form": form,
        "year": year_in_words(year),
        "years": [(one, year_in_words(one)) for one in years],
        "chosen": year,
        "hours": round(sum(row.spent.hours for row in rows), 1),
        "dollars": round(sum(row.spent.dollars for row in rows)),
    }
    return await render(request, "returns/board.html", values, status=status)


async def _inputs_page(request: web.Request, form: Form, status: int = 200) -> web.Response:
    async with database(request).reading() as session:
        project = await project_of(session, _id(request))
        inputs = await inputs_of(session, project.id)
        spent = (await spent_by(session, [project.id]))[project.id]
    values = {"form": form, "project": project, "inputs": inputs, "spent": spent, "today": school_day(request)}
    if status == CONFLICT:
        form.values["version"] = "" if spent.version is None else spent.version
        values["theirs"] = saved_meanwhile(form.values, spent, BUDGET_LABELS)
    values["planning"] = "of_hours" in form.values or "version" in form.values
    return await render(request, "returns/inputs.html", values, status=status)
