"""The plan on one page: vision, the two-year goal, this year's goals, and the projects that serve them."""

from typing import Any

from aiohttp import web
from marshmallow import fields, validate
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import actor_of, own_id
from nic_node.accounts.people import people_to_choose, person_names
from nic_node.errors import Conflict, InvalidInput
from nic_node.i18n import N_
from nic_node.school.assessment.rate import RATINGS, newest_vision, weakest
from nic_node.school.editing import saved_meanwhile
from nic_node.school.handover.collect import handed_over
from nic_node.school.plan.changes import WITHOUT_MEETING, changes_since, last_time, meeting_days
from nic_node.school.plan.goals import (
    CARRIED,
    GOAL_FIELDS,
    HORIZONS,
    MOST_ACTIVE,
    STATES,
    PlanView,
    active_goals,
    add_goal,
    change_goal,
    goal_of,
    plan_of_year,
    write_plan,
    years_with_plan,
)
from nic_node.school.plan.progress import progress_of
from nic_node.school.plan.supports import KINDS, plan_with_supports, supports_of
from nic_node.school.plan.tables import Goal
from nic_node.school.profile.name import school_year, year_in_words
from nic_node.school.pulse.survey import AUDIENCES, CONSTRUCTS, trend
from nic_node.school.today import school_day
from nic_node.web import flash
from nic_node.web.context import config, database, now
from nic_node.web.forms import Form, FormSchema, blank_form, read_form
from nic_node.web.language import words_of
from nic_node.web.routes import FORM_BYTES
from nic_node.web.templating import render, see_other
from nic_node.web.visitor import visitor

HORIZON_LABELS = {
    "two-year": N_("Two-year goal"),
    "annual": N_("Goal for this year"),
    "half-year": N_("Goal for this half-year"),
}
STATE_LABELS = {
    "active": N_("Active"),
    "resting": N_("Resting"),
    "reached": N_("Reached"),
    "dropped": N_("Dropped"),
    CARRIED: N_("Goes on in the next year"),
}
DATE: dict[str, Any] = {"invalid": N_("Write a date as year-month-day.")}
CONFLICT = web.HTTPConflict.status_code
PLAN_LABELS = {"vision": N_("Vision"), "beliefs": N_("Beliefs")}
GOAL_LABELS = {
    "title": N_("The goal"),
    "why": N_("Why this one"),
    "indicator": N_("Leading indicator"),
    "baseline": N_("From"),
    "target": N_("To"),
    "due": N_("By"),
    "owner_id": N_("Owner"),
    "state": N_("State"),
    "despite": N_("Or why you go on with four"),
}


class PlanForm(FormSchema):
    vision = fields.String(load_default="", validate=validate.Length(max=2000))
    beliefs = fields.String(load_default="", validate=validate.Length(max=2000))
    version = fields.Integer(load_default=None)


class GoalForm(FormSchema):
    horizon = fields.String(load_default="annual")
    title = fields.String(load_default="", validate=validate.Length(max=200))
    why = fields.String(load_default="", validate=validate.Length(max=2000))
    indicator = fields.String(load_default="", validate=validate.Length(max=300))
    baseline = fields.String(load_default="", validate=validate.Length(max=60))
    target = fields.String(load_default="", validate=validate.Length(max=60))
    due = fields.Date(load_default=None, error_messages=DATE)
    owner_id = fields.Integer(load_default=None)
    state = fields.String(load_default="active")
    rests_id = fields.Integer(load_default=None)
    despite = fields.String(load_default="", validate=validate.Length(max=400))
    version = fields.Integer(load_default=None)


def this_year(request: web.Request) -> str:
    return school_year(school_day(request))


async def show_plan(request: web.Request) -> web.Response:
    async with database(request).reading() as session:
        years = await years_with_plan(session)
        year = request.query.get("year", "")
        year = year if year in years else this_year(request)
        plan = await plan_with_supports(session, year)
        goals, supports = (plan.goals, plan.supports) if plan else ((), ())
        progress = await progress_of(session, [goal.id for goal in goals], school_day(request))
        owners = await person_names(session, {goal.owner_id for goal in goals if goal.owner_id})
        before = next((one for one in years if one < year), None)
        handed = await handed_over(session, before) if before and _may(request, "handover.read") else None
        pulse = await trend(session)
        weak = await weakest(session, own_id(request))
        changed = await _what_changed(request, session, plan) if year == this_year(request) else {}
    values = {
        **changed,
        "supports": {goal.id: [one for one in supports if one.goal_id == goal.id] for goal in goals},
        "kinds": KINDS,
        "plan": plan,
        "year": year_in_words(year),
        "chosen": year,
        "is_this_year": year == this_year(request),
        "years": [(one, year_in_words(one)) for one in sorted({*years, this_year(request)}, reverse=True)],
        "progress": progress,
        "handed": handed,
        "handed_year": year_in_words(before or ""),
        "owners": owners,
        "state_labels": STATE_LABELS,
        "trend": pulse,
        "weak": weak,
        "ratings": RATINGS,
        "constructs": CONSTRUCTS,
        "audiences": AUDIENCES,
        "room_left": MOST_ACTIVE - len(plan.active_goals) if plan else MOST_ACTIVE,
    }
    return await render(request, "plan/show.html", values)


def _may(request: web.Request, permission: str) -> bool:
    who = visitor(request)
    return who is not None and permission in who.permissions


async def edit_plan(request: web.Request) -> web.Response:
    async with database(request).reading() as session:
        plan = await plan_of_year(session, this_year(request))
        answered = "" if plan and plan.vision else await newest_vision(session)
    start: dict[str, Any] = {"beliefs": plan.beliefs, "version": plan.version} if plan else {"version": ""}
    start["vision"] = (plan.vision if plan else "") or answered
    return await render(request, "plan/edit.html", {"form": blank_form(start)})


async def take_plan(request: web.Request) -> web.Response:
    form = await read_form(request, PlanForm(), max_bytes=FORM_BYTES)
    if form.ok:
        try:
            async with database(request).writing() as session:
                await write_plan(
                    session, actor=actor_of(request), school_year=this_year(request), now=now(request), **form.data
                )
            return flash.say(see_other(request, "plan.show"), N_("The plan is saved."))
        except Conflict as error:
            plan = await _read_plan(request)
            form.errors[""] = [error.sentence]
            form.values["version"] = plan.version if plan else ""
            theirs = saved_meanwhile(form.values, plan, PLAN_LABELS) if plan else []
            return await render(request, "plan/edit.html", {"form": form, "theirs": theirs}, status=CONFLICT)
    return await render(request, "plan/edit.html", {"form": form}, status=422)


async def new_goal(request: web.Request) -> web.Response:
    horizon = request.query.get("horizon", "annual")
    start = {"horizon": horizon if horizon in HORIZONS else "annual", "state": "active"}
    start["title"] = request.query.get("title", "")[:200]
    return await goal_page(request, blank_form(start), None)


async def take_new_goal(request: web.Request) -> web.Response:
    form = await read_form(request, GoalForm(), max_bytes=FORM_BYTES)
    if form.ok:
        try:
            async with database(request).writing() as session:
                await add_goal(
                    session,
                    actor=actor_of(request),
                    school_year=this_year(request),
                    horizon=form.data["horizon"],
                    values=form.data,
                    now=now(request),
                    today=school_day(request),
                )
            return flash.say(see_other(request, "plan.show"), N_("The goal is added."))
        except InvalidInput as error:
            form.refuse(error)
    return await goal_page(request, form, None, status=422)


async def edit_goal(request: web.Request) -> web.Response:
    goal = await _read_goal(request)
    return await goal_page(request, filled_goal_form(goal), goal)


async def take_goal(request: web.Request) -> web.Response:
    goal = await _read_goal(request)
    form = await read_form(request, GoalForm(), max_bytes=FORM_BYTES)
    if not form.ok:
        return await goal_page(request, form, goal, status=422)
    values = {name: form.data[name] for name in (*GOAL_FIELDS, "rests_id")}
    try:
        async with database(request).writing() as session:
            await change_goal(
                session,
                actor=actor_of(request),
                goal_id=goal.id,
                values=values,
                state=form.data["state"],
                version=form.data["version"] or 0,
                now=now(request),
                today=school_day(request),
            )
        return flash.say(see_other(request, "plan.show"), N_("The goal is saved."))
    except InvalidInput as error:
        form.refuse(error)
        return await goal_page(request, form, goal, status=422)
    except Conflict as error:
        form.errors[""] = [error.sentence]
        goal = await _read_goal(request)
        form.values["version"] = goal.version
        return await goal_page(request, form, goal, status=CONFLICT)


def filled_goal_form(goal: Goal) -> Form:
    return blank_form({name: getattr(goal, name) for name in (*GOAL_FIELDS, "horizon", "state", "version")})


async def goal_page(
    request: web.Request, form: Form, goal: Goal | None, *, support_form: Form | None = None, status: int = 200
) -> web.Response:
    """Args: support_form: what was typed as one more support, when that is not taken."""
    async with database(request).reading() as session:
        people = await people_to_choose(session, goal.owner_id if goal else None)
        supports = await supports_of(session, [goal.id]) if goal else ()
        running = await active_goals(session)
    choices: dict[str, list[tuple[Any, str]]] = {
        "owner_id": [*people],
        "state": [(state, STATE_LABELS[state]) for state in STATES],
    }
    values = {
        "form": form,
        "running": [(one.id, one.title) for one in running if goal is None or one.id != goal.id],
        "goal": goal,
        "theirs": saved_meanwhile(form.values, goal, GOAL_LABELS, choices) if goal and status == CONFLICT else [],
        "supports": supports,
        "support_form": support_form,
        "kinds": KINDS,
        "people": choices["owner_id"],
        "horizons": [(horizon, HORIZON_LABELS[horizon]) for horizon in HORIZONS],
        "states": choices["state"],
    }
    return await render(request, "plan/goal.html", values, status=status)


async def _read_plan(request: web.Request) -> PlanView | None:
    async with database(request).reading() as session:
        return await plan_of_year(session, this_year(request))


async def _read_goal(request: web.Request) -> Goal:
    async with database(request).reading() as session:
        return await goal_of(session, int(request.match_info["id"]))


async def _what_changed(request: web.Request, session: AsyncSession, plan: PlanView | None) -> dict[str, Any]:
    """Since the day that the address names, as long as it is one that is offered; else since last time."""
    today = school_day(request)
    meetings = await meeting_days(session)
    usual = last_time(meetings, today)
    days = sorted({*meetings, today - WITHOUT_MEETING}, reverse=True)
    since = next((day for day in days if day.isoformat() == request.query.get("since")), usual)
    zone = config(request).time_zone
    changes = await changes_since(session, plan, since=since, today=today, time_zone=zone) if plan else []
    said = [change.in_words(words_of(request)[0]) for change in changes]
    return {"changes": said, "since": since, "days": days, "meetings": meetings}
