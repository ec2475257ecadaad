"""Action items: one line to add, one press to settle, late ones first."""

from typing import Any

from aiohttp import web
from marshmallow import fields
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import actor_of
from nic_node.accounts.local_paths import local_path
from nic_node.accounts.people import people_of, person_name
from nic_node.i18n import N_
from nic_node.school.actions.read import action_of, open_actions, settled_actions
from nic_node.school.actions.read_line import read_line
from nic_node.school.actions.tables import ActionItem
from nic_node.school.actions.write import ACTION_FIELDS, SERVES, add_action, change_action, settle_action
from nic_node.school.editing import saved_meanwhile
from nic_node.school.plan.goals import active_goals
from nic_node.school.plan.tables import Goal
from nic_node.school.projects.read import running_projects
from nic_node.school.projects.tables import Project
from nic_node.school.today import school_day
from nic_node.web import flash
from nic_node.web.context import database, now
from nic_node.web.forms import Form, FormSchema, blank_form, read_form
from nic_node.web.routes import FORM_BYTES
from nic_node.web.taking import take_form
from nic_node.web.templating import render, see_other
from nic_node.web.visitor import visitor

DATE: dict[str, Any] = {"invalid": N_("Write a date as year-month-day.")}
SETTLED = {"done": N_("Done."), "dropped": N_("Taken off the list."), "open": N_("Open again.")}
SHOWN = ("mine", "all", "done")
CONFLICT = web.HTTPConflict.status_code
LABELS = {
    "text": N_("What is to be done"),
    "owner_id": N_("Who"),
    "due": N_("By"),
    "project_id": N_("For which project"),
    "goal_id": N_("For which goal"),
}


class LineForm(FormSchema):
    line = fields.String(load_default="")
    goal_id = fields.Integer(load_default=None)
    project_id = fields.Integer(load_default=None)
    back = fields.String(load_default="")


class ActionForm(FormSchema):
    text = fields.String(load_default="")
    owner_id = fields.Integer(load_default=None)
    due = fields.Date(load_default=None, error_messages=DATE)
    goal_id = fields.Integer(load_default=None)
    project_id = fields.Integer(load_default=None)
    version = fields.Integer(load_default=0)


class BackForm(FormSchema):
    back = fields.String(load_default="")


async def show_actions(request: web.Request) -> web.Response:
    serves = {
        name: request.query[name] for name in ("goal_id", "project_id") if request.query.get(name, "").isdecimal()
    }
    return await _list(request, blank_form(serves))


async def take_action_line(request: web.Request) -> web.Response:
    async def add(session: AsyncSession, data: dict[str, Any]) -> tuple[ActionItem, str]:
        item = await add_line(session, request, data["line"], {name: data.get(name) for name in SERVES})
        return item, data["back"]

    def done(made: tuple[ActionItem, str]) -> web.Response:
        item, back = made
        response = go_back(request, back)
        undo = request.app.router["actions.settle"].url_for(id=str(item.id), state="dropped")
        return flash.say(response, N_("Added: {what}"), undo_url=str(undo), what=item.text)

    return await take_form(request, LineForm(), add, done, lambda form, status: _list(request, form, status=status))


async def add_line(session: AsyncSession, request: web.Request, line: str, serves: dict[str, int | None]) -> ActionItem:
    """An action item of one line, for whoever it names. Raises InvalidInput, under 'line'."""
    people = {person.id: person.name for person in await people_of(session)}
    today = school_day(request)
    read = read_line(line, people, today)
    values = {"text": read.text, "owner_id": read.owner_id, "due": read.due, **serves}
    return await add_action(session, actor=actor_of(request), values=values, today=today, now=now(request))


async def take_settled(request: web.Request) -> web.Response:
    form = await read_form(request, BackForm(), max_bytes=FORM_BYTES)
    state = request.match_info["state"]
    async with database(request).writing() as session:
        item = await settle_action(
            session,
            actor=actor_of(request),
            action_id=int(request.match_info["id"]),
            state=state,
            today=school_day(request),
            now=now(request),
        )
    undo = request.app.router["actions.settle"].url_for(id=str(item.id), state="done" if state == "open" else "open")
    return flash.say(go_back(request, form.data.get("back", "")), SETTLED[state], undo_url=str(undo))


async def edit_action(request: web.Request) -> web.Response:
    async with database(request).reading() as session:
        item = await action_of(session, int(request.match_info["id"]))
    form = blank_form({name: getattr(item, name) for name in (*ACTION_FIELDS, "version")})
    return await _edit_page(request, form)


async def take_action(request: web.Request) -> web.Response:
    async def change(session: AsyncSession, data: dict[str, Any]) -> ActionItem:
        version = data.pop("version")
        return await change_action(
            session,
            actor=actor_of(request),
            action_id=int(request.match_info["id"]),
            values=data,
            version=version,
            today=school_day(request),
            now=now(request),
        )

    def done(_item: ActionItem) -> web.Response:
        return flash.say(see_other(request, "actions.index"), N_("The action item is saved."))

    return await take_form(request, ActionForm(), change, done, lambda form, status: _edit_page(request, form, status))


def go_back(request: web.Request, back: str) -> web.Response:
    """Where the form was: a path of this node; the list for none."""
    return (
        web.Response(status=303, headers={"Location": local_path(back)})
        if back
        else see_other(request, "actions.index")
    )


async def _list(request: web.Request, form: Form, *, status: int = 200) -> web.Response:
    who, today = visitor(request), school_day(request)
    assert who is not None
    show = request.query.get("show", "mine")
    async with database(request).reading() as session:
        everybody = await open_actions(session, today)
        settled = await settled_actions(session, today) if show == "done" else []
    mine = [line for line in everybody if line.item.owner_id == who.person_id]
    lines = {"mine": mine, "all": everybody, "done": settled}
    values = {
        "form": form,
        "show": show if show in SHOWN else "mine",
        "lines": lines.get(show, mine),
        "counts": {"mine": len(mine), "all": len(everybody)},
        "late": sum(1 for line in everybody if line.late),
    }
    return await render(request, "actions/index.html", values, status=status)


async def _edit_page(request: web.Request, form: Form, status: int = 200) -> web.Response:
    async with database(request).reading() as session:
        item = await action_of(session, int(request.match_info["id"]))
        people = {person.id: person.name for person in await people_of(session)}
        goals = {goal.id: goal.title for goal in await active_goals(session)}
        projects = {project.id: project.title for project in await running_projects(session)}
        # What it has now stays a choice, also where it is over: a form that is saved unread changes nothing.
        if item.owner_id is not None:
            people.setdefault(item.owner_id, await person_name(session, item.owner_id))
        if item.goal_id is not None and (goal := await session.get(Goal, item.goal_id)) is not None:
            goals.setdefault(goal.id, goal.title)
        if item.project_id is not None and (project := await session.get(Project, item.project_id)) is not None:
            projects.setdefault(project.id, project.title)
    choices = {"owner_id": people.items(), "goal_id": goals.items(), "project_id": projects.items()}
    theirs: list[tuple[str, str]] = []
    if status == CONFLICT:
        theirs, form.values["version"] = saved_meanwhile(form.values, item, LABELS, choices), item.version
    values = {
        "form": form,
        "item": item,
        "theirs": theirs,
        "people": list(people.items()),
        "goals": list(goals.items()),
        "projects": list(projects.items()),
    }
    return await render(request, "actions/edit.html", values, status=status)
