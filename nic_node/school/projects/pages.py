"""Projects: the list, one project, and the forms that change it."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from aiohttp import web
from marshmallow import fields, validate
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import actor_of
from nic_node.accounts.people import people_to_choose, person_names
from nic_node.errors import Conflict, InvalidInput
from nic_node.i18n import N_
from nic_node.school.editing import saved_meanwhile
from nic_node.school.measures.read import measures_of_project
from nic_node.school.plan.goals import active_goals
from nic_node.school.projects.close import check_midway, close_project, extend_project, reopen_project
from nic_node.school.projects.forms import (
    CHOICES,
    WORDS_OF_CHOICES,
    CloseForm,
    ExtendForm,
    MidwayForm,
    ProjectForm,
    StepsForm,
    VersionForm,
    form_values_of,
    step_rows,
    steps_of_form,
    values_of_form,
)
from nic_node.school.projects.read import (
    CLOSED_SHOWN,
    LAST_DAY,
    closed_projects,
    closes_on,
    count_steps,
    day_45,
    day_of,
    is_late,
    last_day_of,
    open_projects,
    project_of,
    steps_of,
)
from nic_node.school.projects.services import project_services
from nic_node.school.projects.tables import Project
from nic_node.school.projects.write import change_project, mark_step, open_project, replace_steps
from nic_node.school.team.terms import shortest_on, terms_since
from nic_node.school.today import school_day
from nic_node.web import flash
from nic_node.web.context import database, now
from nic_node.web.forms import Form, FormSchema, blank_form, load_form, read_form
from nic_node.web.templating import render, see_other

FORM_BYTES = 256 * 1024
CONFLICT = web.HTTPConflict.status_code
LABELS = {
    "title": N_("What it is called"),
    "starts_on": N_("First day"),
    "lead_id": N_("Who leads it"),
    "goal_id": N_("The goal it serves"),
    "problem_statement": N_("Problem of practice"),
    "problem_category": N_("Kind of problem"),
    "grade_bands": N_("Grades"),
    "subject": N_("Subject"),
    "aim_text": N_("How much, for whom, by when"),
    "aim_measure": N_("Measured by"),
    "idea_summary": N_("What you do differently"),
    "idea_category": N_("Kind of idea"),
    "weeks": N_("Weeks"),
    "sessions_a_week": N_("Times a week"),
    "minutes": N_("Minutes each time"),
    "cost_band": N_("Money, in all"),
    "staff_time_band": N_("Staff time a week"),
    "supports": N_("Supported by"),
    "conditions": N_("What has to be in place"),
}
NOTE_LABELS = {"midway_note": N_("What you saw, and what you change")}
Work = Callable[[AsyncSession, Form], Awaitable[object]]


class ClosedQuery(FormSchema):
    closed = fields.Integer(load_default=1, validate=validate.Range(1, 10_000))


async def show_projects(request: web.Request) -> web.Response:
    today = school_day(request)
    page = load_form(request.query, ClosedQuery()).data.get("closed") or 1
    async with database(request).reading() as session:
        closed, count = await closed_projects(session, page)
        projects = [*(await open_projects(session) if page == 1 else ()), *closed]
        steps = await count_steps(session, [project.id for project in projects])
        leads = await person_names(session, {project.lead_id for project in projects if project.lead_id})
    rows = [
        {
            "project": project,
            "day": day_of(project, today),
            "late": is_late(project, today),
            "last_day": last_day_of(project),
            "steps": steps.get(project.id, (0, 0)),
            "lead": leads.get(project.lead_id or 0, ""),
        }
        for project in projects
    ]
    values = {"rows": rows, "page": page, "pages": -(-count // CLOSED_SHOWN), "closed": count}
    return await render(request, "projects/index.html", values)


async def new_project(request: web.Request) -> web.Response:
    goal = request.query.get("goal", "")
    start = {
        "starts_on": school_day(request),
        "aim_by_days": LAST_DAY,
        "goal_id": goal if goal.isdecimal() else "",
        "lead_id": actor_of(request).person_id,
    }
    return await _form_page(request, blank_form(start), None)


async def take_new_project(request: web.Request) -> web.Response:
    form = await read_form(request, ProjectForm(), max_bytes=FORM_BYTES)
    if form.ok:
        try:
            async with database(request).writing() as session:
                project = await open_project(
                    session,
                    actor=actor_of(request),
                    values=values_of_form(form.data),
                    now=now(request),
                    today=school_day(request),
                )
            return flash.say(
                see_other(request, "projects.show", id=project.id),
                N_("The project runs. Next: a number that shows whether it helps."),
            )
        except InvalidInput as error:
            form.refuse(error)
    return await _form_page(request, form, None, status=422)


async def edit_project(request: web.Request) -> web.Response:
    project = await read_project(request)
    return await _form_page(request, blank_form(form_values_of(project)), project)


async def take_project(request: web.Request) -> web.Response:
    project = await read_project(request)

    async def change(session: AsyncSession, form: Form) -> None:
        await change_project(
            session,
            actor=actor_of(request),
            project_id=project.id,
            values=values_of_form(form.data),
            version=form.data["version"] or 0,
            now=now(request),
            today=school_day(request),
        )

    return await _take(request, project, ProjectForm(), change, _form_page, N_("The project is saved."))


async def edit_steps(request: web.Request) -> web.Response:
    project = await read_project(request)
    return await _steps_page(request, blank_form({"version": project.version}), project)


async def take_steps(request: web.Request) -> web.Response:
    project = await read_project(request)

    async def change(session: AsyncSession, form: Form) -> None:
        steps, said = steps_of_form(form.data)
        if said:
            raise InvalidInput(said)
        await replace_steps(
            session,
            actor=actor_of(request),
            project_id=project.id,
            steps=steps,
            version=form.data["version"],
            now=now(request),
        )

    return await _take(request, project, StepsForm(), change, _steps_page, N_("The steps are saved."))


async def take_step_mark(request: web.Request) -> web.Response:
    await read_form(request, FormSchema(), max_bytes=FORM_BYTES)
    done = request.match_info["mark"] == "done"
    async with database(request).writing() as session:
        step = await mark_step(
            session,
            actor=actor_of(request),
            step_id=int(request.match_info["step_id"]),
            done=done,
            today=school_day(request),
            now=now(request),
        )
    back = see_other(request, "projects.show", id=step.project_id)
    router = request.app.router["projects.mark_step"]
    undo = router.url_for(id=str(step.project_id), step_id=str(step.id), mark="open" if done else "done")
    return flash.say(back, N_("Step done.") if done else N_("Step open again."), undo_url=str(undo))


async def show_close(request: web.Request) -> web.Response:
    project = await read_project(request)
    start = {"version": project.version, "closed_on": school_day(request)}
    return await _close_page(request, blank_form(start), project)


async def take_close(request: web.Request) -> web.Response:
    project = await read_project(request)

    async def change(session: AsyncSession, form: Form) -> None:
        await close_project(
            session,
            actor=actor_of(request),
            project_id=project.id,
            now=now(request),
            today=school_day(request),
            **form.data,
        )

    return await _take(request, project, CloseForm(), change, _close_page, N_("Closed. You can share what happened."))


async def take_reopen(request: web.Request) -> web.Response:
    project = await read_project(request)
    form = await read_form(request, VersionForm(), max_bytes=FORM_BYTES)
    async with database(request).writing() as session:
        await reopen_project(
            session,
            actor=actor_of(request),
            project_id=project.id,
            version=form.data.get("version", 0),
            has_left=project_services(request).has_left,
            now=now(request),
        )
    return flash.say(see_other(request, "projects.show", id=project.id), N_("The project is open again."))


async def show_extension(request: web.Request) -> web.Response:
    project = await read_project(request)
    start = {"version": project.version, "to": day_45(project) + timedelta(days=14)}
    return await _extension_page(request, blank_form(start), project)


async def take_extension(request: web.Request) -> web.Response:
    project = await read_project(request)

    async def change(session: AsyncSession, form: Form) -> None:
        await extend_project(session, actor=actor_of(request), project_id=project.id, now=now(request), **form.data)

    return await _take(request, project, ExtendForm(), change, _extension_page, N_("It goes on until then."))


async def show_midway(request: web.Request) -> web.Response:
    project = await read_project(request)
    return await _midway_page(request, blank_form({"note": project.midway_note, "version": project.version}), project)


async def take_midway(request: web.Request) -> web.Response:
    project = await read_project(request)

    async def change(session: AsyncSession, form: Form) -> None:
        await check_midway(
            session,
            actor=actor_of(request),
            project_id=project.id,
            on=school_day(request),
            now=now(request),
            **form.data,
        )

    return await _take(request, project, MidwayForm(), change, _midway_page, N_("The mid-way check is kept."))


async def read_project(request: web.Request) -> Project:
    async with database(request).reading() as session:
        return await project_of(session, int(request.match_info["id"]))


async def _take(
    request: web.Request, project: Project, schema: FormSchema, change: Work, page: Any, said: str
) -> web.Response:
    """One way for all forms of a project: done, or the same page with what was typed and why it was not taken."""
    form = await read_form(request, schema, max_bytes=FORM_BYTES)
    status = 422
    if form.ok:
        try:
            async with database(request).writing() as session:
                await change(session, form)
            return flash.say(see_other(request, "projects.show", id=project.id), said)
        except InvalidInput as error:
            form.refuse(error)
        except Conflict as error:
            form.errors[""] = [error.sentence]
            project = await read_project(request)
            form.values["version"] = project.version
            status = CONFLICT
    answer: web.Response = await page(request, form, project, status=status)
    return answer


async def _form_page(request: web.Request, form: Form, project: Project | None, *, status: int = 200) -> web.Response:
    async with database(request).reading() as session:
        leads = await people_to_choose(session, project.lead_id if project else None)
        goals = await active_goals(session, kept=project.goal_id if project else None)
        served = [(goal.id, goal.title) for goal in goals]
        steps = await steps_of(session, project.id) if project else []
        term = shortest_on(await terms_since(session, school_day(request)), school_day(request))
    theirs: list[tuple[str, str]] = []
    if project is not None and status == CONFLICT:
        words: dict[str, list[tuple[Any, str]]] = {
            "lead_id": [*leads],
            "goal_id": [*served],
            **WORDS_OF_CHOICES,
        }
        theirs = saved_meanwhile(form.values, form_values_of(project), LABELS, words)
    values = {
        "term": term,
        "last_start": term.ends_on - timedelta(days=LAST_DAY - 1) if term else None,
        "form": form,
        "project": project,
        "people": leads,
        "goals": served,
        "kept_choices": [(str(step.position), step.does) for step in steps],
        "choices": CHOICES,
        "theirs": theirs,
    }
    return await render(request, "projects/form.html", values, status=status)


async def _steps_page(request: web.Request, form: Form, project: Project, *, status: int = 200) -> web.Response:
    async with database(request).reading() as session:
        steps = await steps_of(session, project.id)
    rows = step_rows(steps)
    if "does" in form.values:
        typed = ("who", "does", "how_often", "minutes", "due")
        rows = [
            {name: form.values.get(name, [""] * (row + 1))[row] for name in typed}
            | {"core": str(row) in form.values.get("core", [])}
            for row in range(len(form.values["does"]))
        ]
    theirs = [(N_("Steps"), "\n".join(step.does for step in steps))] if status == CONFLICT else []
    values = {"form": form, "project": project, "rows": rows, "choices": CHOICES, "theirs": theirs}
    return await render(request, "projects/steps.html", values, status=status)


async def _close_page(request: web.Request, form: Form, project: Project, *, status: int = 200) -> web.Response:
    today = school_day(request)
    async with database(request).reading() as session:
        measures = await measures_of_project(session, project.id)
    values = {
        "form": form,
        "has_measure": bool(measures),
        "project": project,
        "choices": CHOICES,
        "day": day_of(project, today),
        "last_day": LAST_DAY,
        "closes_on": closes_on(project),
    }
    return await render(request, "projects/close.html", values, status=status)


async def _extension_page(request: web.Request, form: Form, project: Project, *, status: int = 200) -> web.Response:
    values = {"form": form, "project": project, "day_45": day_45(project)}
    return await render(request, "projects/extend.html", values, status=status)


async def _midway_page(request: web.Request, form: Form, project: Project, *, status: int = 200) -> web.Response:
    typed = {"midway_note": form.values.get("note")}
    theirs = saved_meanwhile(typed, project, NOTE_LABELS) if status == CONFLICT else []
    values = {"form": form, "project": project, "theirs": theirs}
    return await render(request, "projects/midway.html", values, status=status)
