"""Supports of a goal: added in one line on the goal's page, changed on a page of their own."""

from typing import Any

from aiohttp import web
from marshmallow import fields
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import actor_of
from nic_node.i18n import N_
from nic_node.school.editing import saved_meanwhile
from nic_node.school.plan.goals import goal_of
from nic_node.school.plan.pages import DATE, filled_goal_form, goal_page
from nic_node.school.plan.supports import KINDS, SUPPORT_FIELDS, add_support, change_support, support_of
from nic_node.school.plan.tables import GoalSupport
from nic_node.school.today import school_day
from nic_node.web import flash
from nic_node.web.context import database, now
from nic_node.web.forms import Form, FormSchema, blank_form
from nic_node.web.taking import take_form
from nic_node.web.templating import render, see_other

CONFLICT = web.HTTPConflict.status_code
LABELS = {"what": N_("What"), "how_much": N_("How much"), "starts_on": N_("From"), "ends_on": N_("Until")}


class SupportForm(FormSchema):
    kind = fields.String(load_default="")
    what = fields.String(load_default="")
    how_much = fields.String(load_default="")
    starts_on = fields.Date(load_default=None, error_messages=DATE)
    ends_on = fields.Date(load_default=None, error_messages=DATE)
    version = fields.Integer(load_default=0)


async def take_new_support(request: web.Request) -> web.Response:
    goal_id = int(request.match_info["id"])

    async def add(session: AsyncSession, data: dict[str, Any]) -> GoalSupport:
        day = school_day(request)
        return await add_support(
            session, actor=actor_of(request), goal_id=goal_id, values=data, today=day, now=now(request)
        )

    async def again(form: Form, status: int) -> web.Response:
        async with database(request).reading() as session:
            goal = await goal_of(session, goal_id)
        return await goal_page(request, filled_goal_form(goal), goal, support_form=form, status=status)

    return await take_form(request, SupportForm(), add, _done(request, N_("The support is added.")), again)


async def show_support(request: web.Request) -> web.Response:
    async with database(request).reading() as session:
        row = await support_of(session, int(request.match_info["id"]))
    return await _page(request, blank_form({name: getattr(row, name) for name in (*SUPPORT_FIELDS, "version")}), 200)


async def take_support(request: web.Request) -> web.Response:
    async def change(session: AsyncSession, data: dict[str, Any]) -> GoalSupport:
        version = data.pop("version")
        return await change_support(
            session,
            actor=actor_of(request),
            support_id=int(request.match_info["id"]),
            values=data,
            version=version,
            today=school_day(request),
            now=now(request),
        )

    done = _done(request, N_("The support is saved."))
    return await take_form(request, SupportForm(), change, done, lambda form, status: _page(request, form, status))


def _done(request: web.Request, said: str) -> Any:
    return lambda made: flash.say(see_other(request, "plan.goal", id=made.goal_id), said)


async def _page(request: web.Request, form: Form, status: int) -> web.Response:
    async with database(request).reading() as session:
        row = await support_of(session, int(request.match_info["id"]))
        goal = await goal_of(session, row.goal_id)
    theirs: list[tuple[str, str]] = []
    if status == CONFLICT:
        theirs = saved_meanwhile(form.values, row, LABELS)
        form.values["version"] = row.version
    values = {"form": form, "support": row, "goal": goal, "kinds": list(KINDS.items()), "theirs": theirs}
    return await render(request, "plan/support.html", values, status=status)
