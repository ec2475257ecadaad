"""Cycles: planned in two minutes on a phone, noted in two more."""

from typing import Any

from aiohttp import web
from marshmallow import fields
from sqlalchemy import select

from nic_node.accounts.actor import actor_of
from nic_node.errors import Conflict, InvalidInput
from nic_node.i18n import N_
from nic_node.school.cycles.spiral import STAGES
from nic_node.school.cycles.tables import Cycle
from nic_node.school.cycles.write import (
    CYCLE_FIELDS,
    FIDELITIES,
    FORMS,
    cycle_of,
    fields_of,
    note_cycle,
    plan_cycle,
    start_of_next,
)
from nic_node.school.editing import saved_meanwhile
from nic_node.school.measures.tables import Measure
from nic_node.school.projects.read import project_of
from nic_node.school.today import school_day
from nic_node.web import flash
from nic_node.web.context import database, now
from nic_node.web.forms import Form, FormSchema, blank_form, read_form
from nic_node.web.routes import FORM_BYTES
from nic_node.web.templating import render, see_other

CONFLICT = web.HTTPConflict.status_code
DATE: dict[str, Any] = {"invalid": N_("Write a date as year-month-day.")}


class CycleForm(FormSchema):
    project = fields.Integer(load_default=None)
    form = fields.String(load_default="pdsa")
    measure_id = fields.Integer(load_default=None)
    scale = fields.String(load_default="")
    question = fields.String(load_default="")
    prediction = fields.String(load_default="")
    did = fields.String(load_default="")
    studied = fields.String(load_default="")
    fidelity = fields.String(load_default=None)
    differed = fields.String(load_default="")
    scan = fields.String(load_default="")
    focus = fields.String(load_default="")
    hunch = fields.String(load_default="")
    learning = fields.String(load_default="")
    action = fields.String(load_default="")
    check = fields.String(load_default="")
    act = fields.String(load_default=None)
    next_step = fields.String(load_default="")
    starts_on = fields.Date(load_default=None, error_messages=DATE)
    ends_on = fields.Date(load_default=None, error_messages=DATE)
    version = fields.Integer(load_default=None)


LABELS = {
    "question": N_("What do you want to find out?"),
    "scale": N_("How large?"),
    "starts_on": N_("From"),
    "ends_on": N_("Until"),
    "prediction": N_("What do you expect to see?"),
    "did": N_("What happened?"),
    "studied": N_("What did you see, against what you expected?"),
    **STAGES,
    "fidelity": N_("How far was it done as planned?"),
    "differed": N_("What was different?"),
    "next_step": N_("Next step"),
    "act": N_("Now"),
}


async def new_cycle(request: web.Request) -> web.Response:
    project = request.query.get("project", "")
    project_id = int(project) if project.isdecimal() and len(project) < 16 else 0
    async with database(request).reading() as session:
        last, start = await start_of_next(session, project_id)
    shape = request.query.get("form") or start.get("form")
    start |= {"project": project, "form": shape if shape in FORMS else "pdsa", "starts_on": school_day(request)}
    return await _page(request, blank_form(start), project_id, None, after=last)


async def take_new_cycle(request: web.Request) -> web.Response:
    form = await read_form(request, CycleForm(), max_bytes=FORM_BYTES)
    project_id = form.data.get("project") or 0
    if form.ok:
        values = {name: form.data[name] for name in ("form", *CYCLE_FIELDS)}
        try:
            async with database(request).writing() as session:
                await plan_cycle(
                    session,
                    actor=actor_of(request),
                    project_id=project_id,
                    values=values,
                    now=now(request),
                    today=school_day(request),
                )
            return flash.say(see_other(request, "projects.show", id=project_id), N_("The cycle is planned."))
        except InvalidInput as error:
            form.refuse(error)
    return await _page(request, form, project_id, None, status=422)


async def show_cycle(request: web.Request) -> web.Response:
    cycle = await _read(request)
    form = blank_form({name: getattr(cycle, name) for name in (*CYCLE_FIELDS, "version")})
    return await _page(request, form, cycle.project_id, cycle)


async def take_cycle(request: web.Request) -> web.Response:
    cycle = await _read(request)
    form = await read_form(request, CycleForm(), max_bytes=FORM_BYTES)
    status = 422
    if form.ok:
        try:
            async with database(request).writing() as session:
                await note_cycle(
                    session,
                    actor=actor_of(request),
                    cycle_id=cycle.id,
                    values={name: form.data[name] for name in fields_of(cycle.form)},
                    version=form.data["version"] or 0,
                    now=now(request),
                    today=school_day(request),
                )
            return flash.say(see_other(request, "projects.show", id=cycle.project_id), N_("The cycle is saved."))
        except InvalidInput as error:
            form.refuse(error)
        except Conflict as error:
            form.errors[""] = [error.sentence]
            form.values["version"] = cycle.version
            status = CONFLICT
    return await _page(request, form, cycle.project_id, cycle, status=status)


async def _read(request: web.Request) -> Cycle:
    async with database(request).reading() as session:
        return await cycle_of(session, int(request.match_info["id"]))


async def _page(
    request: web.Request,
    form: Form,
    project_id: int,
    cycle: Cycle | None,
    *,
    after: Cycle | None = None,
    status: int = 200,
) -> web.Response:
    async with database(request).reading() as session:
        project = await project_of(session, project_id)
        chosen = select(Measure).where(Measure.project_id == project_id).order_by(Measure.id)
        measures = [(measure.id, measure.name) for measure in await session.scalars(chosen)]
    theirs = saved_meanwhile(form.values, cycle, LABELS) if cycle and status == CONFLICT else []
    shape = cycle.form if cycle else form.values.get("form")
    values = {"form": form, "project": project, "cycle": cycle, "after": after, "measures": measures, "theirs": theirs}
    values |= {"stages": STAGES if shape == "spiral" else None, "fidelities": list(FIDELITIES.items())}
    return await render(request, "cycles/form.html", values, status=status)
