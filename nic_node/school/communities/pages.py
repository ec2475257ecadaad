"""Learning communities: the list, one of them, and its small forms."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web
from marshmallow import fields
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import actor_of
from nic_node.accounts.people import people_of
from nic_node.i18n import N_
from nic_node.school.communities.read import count_members, list_communities, view_community
from nic_node.school.communities.tables import Community
from nic_node.school.communities.write import (
    change_community,
    found_community,
    hold_session,
    keep_artefact,
    recommend_trial,
    try_as_project,
    try_in_cycle,
)
from nic_node.school.cycles.spiral import STAGES
from nic_node.school.cycles.tables import Cycle
from nic_node.school.editing import saved_meanwhile
from nic_node.school.projects.read import running_projects
from nic_node.school.today import school_day
from nic_node.web import flash
from nic_node.web.context import database, now
from nic_node.web.forms import Form, FormSchema, blank_form, read_form
from nic_node.web.routes import FORM_BYTES
from nic_node.web.taking import take_form
from nic_node.web.templating import render, see_other

DATE: dict[str, Any] = {"invalid": N_("Write a date as year-month-day.")}
CONFLICT = web.HTTPConflict.status_code
LABELS = {
    "name": N_("Name"),
    "focus": N_("What you want to learn about"),
    "members": N_("Members"),
    "is_closed": N_("It has done its work and is closed"),
}


class CommunityForm(FormSchema):
    LISTS = ("members",)
    name = fields.String(load_default="")
    focus = fields.String(load_default="")
    members = fields.List(fields.Integer(), load_default=list)
    is_closed = fields.Boolean(load_default=False)
    version = fields.Integer(load_default=0)


class SessionForm(FormSchema):
    held_on = fields.Date(load_default=None, error_messages=DATE)
    stage = fields.String(load_default="")
    notes = fields.String(load_default="")


class ArtefactForm(FormSchema):
    title = fields.String(load_default="")
    link = fields.String(load_default="")


class TrialForm(FormSchema):
    idea = fields.String(load_default="")


class CycleChoiceForm(FormSchema):
    project_id = fields.Integer(load_default=None)
    community_id = fields.Integer(load_default=0)


async def show_communities(request: web.Request) -> web.Response:
    async with database(request).reading() as session:
        values = {"communities": await list_communities(session), "members": await count_members(session)}
    return await render(request, "communities/index.html", values)


async def new_community(request: web.Request) -> web.Response:
    return await _form_page(request, blank_form(), None)


async def take_new_community(request: web.Request) -> web.Response:
    async def found(session: AsyncSession, data: dict[str, Any]) -> Community:
        return await found_community(
            session, actor=actor_of(request), values=data, members=data["members"], now=now(request)
        )

    def done(made: Community) -> web.Response:
        return see_other(request, "communities.show", id=made.id)

    return await take_form(
        request, CommunityForm(), found, done, lambda form, status: _form_page(request, form, None, status)
    )


async def show_community(request: web.Request) -> web.Response:
    return await _page(request, blank_form(), _id(request))


async def edit_community(request: web.Request) -> web.Response:
    community, start = await _start(request)
    return await _form_page(request, blank_form(start), community)


async def take_community(request: web.Request) -> web.Response:
    async def change(session: AsyncSession, data: dict[str, Any]) -> object:
        return await change_community(
            session,
            actor=actor_of(request),
            community_id=_id(request),
            values=data,
            members=data["members"],
            version=data["version"],
            now=now(request),
        )

    async def again(form: Form, status: int) -> web.Response:
        community, start = await _start(request)
        if status == CONFLICT:
            form.values["version"] = community.version
        return await _form_page(request, form, community, status, there=start)

    def done(_made: object) -> web.Response:
        return see_other(request, "communities.show", id=_id(request))

    return await take_form(request, CommunityForm(), change, done, again)


async def take_session(request: web.Request) -> web.Response:
    async def hold(session: AsyncSession, data: dict[str, Any]) -> object:
        return await hold_session(
            session,
            actor=actor_of(request),
            community_id=_id(request),
            today=school_day(request),
            now=now(request),
            **data,
        )

    return await _take(request, SessionForm(), hold, N_("The session is kept."))


async def take_artefact(request: web.Request) -> web.Response:
    async def keep(session: AsyncSession, data: dict[str, Any]) -> object:
        return await keep_artefact(
            session, actor=actor_of(request), community_id=_id(request), now=now(request), **data
        )

    return await _take(request, ArtefactForm(), keep, N_("It is kept."))


async def take_trial(request: web.Request) -> web.Response:
    async def recommend(session: AsyncSession, data: dict[str, Any]) -> object:
        return await recommend_trial(
            session, actor=actor_of(request), community_id=_id(request), idea=data["idea"], now=now(request)
        )

    return await _take(request, TrialForm(), recommend, N_("The others see your idea."))


async def take_cycle(request: web.Request) -> web.Response:
    """An idea becomes the next cycle of a project."""

    async def begin(session: AsyncSession, data: dict[str, Any]) -> Cycle:
        return await try_in_cycle(
            session,
            actor=actor_of(request),
            trial_id=_id(request),
            project_id=data["project_id"],
            today=school_day(request),
            now=now(request),
        )

    def done(cycle: Cycle) -> web.Response:
        return flash.say(see_other(request, "cycles.show", id=cycle.id), N_("Now predict what you will see."))

    return await take_form(
        request,
        CycleChoiceForm(),
        begin,
        done,
        lambda form, status: _page(request, form, int(form.values.get("community_id") or 0), status),
    )


async def take_project(request: web.Request) -> web.Response:
    """An idea becomes a project."""
    await read_form(request, FormSchema(), max_bytes=FORM_BYTES)
    async with database(request).writing() as session:
        project = await try_as_project(
            session, actor=actor_of(request), trial_id=_id(request), today=school_day(request), now=now(request)
        )
    return flash.say(see_other(request, "projects.edit", id=project.id), N_("It runs. Say what it is to achieve."))


async def _take(request: web.Request, schema: FormSchema, work: Any, said: str) -> web.Response:
    return await take_form(
        request,
        schema,
        work,
        lambda _made: flash.say(see_other(request, "communities.show", id=_id(request)), said),
        lambda form, status: _page(request, form, _id(request), status),
    )


def _id(request: web.Request) -> int:
    return int(request.match_info["id"])


async def _page(request: web.Request, form: Form, community_id: int, status: int = 200) -> web.Response:
    async with database(request).reading() as session:
        view = await view_community(session, community_id)
        running = await running_projects(session)
    values = {
        "form": form,
        "view": view,
        "running": [(project.id, project.title) for project in running],
        "stages": list(STAGES.items()),
        "stage_labels": {stage: label.split(":")[0] for stage, label in STAGES.items()},
        "today": school_day(request),
    }
    return await render(request, "communities/show.html", values, status=status)


async def _start(request: web.Request) -> tuple[Community, dict[str, Any]]:
    """A community, and what its form starts from."""
    async with database(request).reading() as session:
        view = await view_community(session, _id(request))
    start = {name: getattr(view.community, name) for name in ("name", "focus", "version")}
    start |= {"members": [str(one) for one, _name in view.members]}
    return view.community, start | {"is_closed": "true" if view.community.is_closed else ""}


async def _form_page(
    request: web.Request,
    form: Form,
    community: Community | None,
    status: int = 200,
    *,
    there: Mapping[str, Any] | None = None,
) -> web.Response:
    """Args: there: what the form starts from now, for one that somebody else was faster with."""
    async with database(request).reading() as session:
        people = [(person.id, person.name) for person in await people_of(session)]
    is_late = status == CONFLICT and there is not None
    values = {
        "form": form,
        "community": community,
        "theirs": saved_meanwhile(form.values, there, LABELS, {"members": people}) if is_late else [],
        "people": people,
    }
    return await render(request, "communities/form.html", values, status=status)
