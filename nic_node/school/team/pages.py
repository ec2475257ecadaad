"""The leadership team on one page, with its norms and the school's calendar."""

from typing import Any

from aiohttp import web
from marshmallow import fields
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import actor_of
from nic_node.accounts.people import people_of, person_name
from nic_node.i18n import N_
from nic_node.school.editing import row_of, saved_meanwhile
from nic_node.school.meetings.series import plan_series
from nic_node.school.profile.describe import profile_of_school
from nic_node.school.profile.name import school_year, year_in_words
from nic_node.school.team.calendar import add_days_off, days_off, remove_days_off
from nic_node.school.team.describe import (
    DISPOSITIONS,
    DUTIES,
    MEMBER_FIELDS,
    NO_MEMBER,
    REPRESENTED,
    ROLES,
    TeamView,
    add_member,
    change_member,
    team_of_year,
    wanted_of,
    write_norms,
    years_with_team,
)
from nic_node.school.team.tables import TeamMember
from nic_node.school.team.terms import KINDS, terms_since
from nic_node.school.today import school_day
from nic_node.web import flash
from nic_node.web.context import database, now
from nic_node.web.forms import Form, FormSchema, blank_form, read_form
from nic_node.web.routes import FORM_BYTES
from nic_node.web.taking import take_form
from nic_node.web.templating import render, see_other

DATE: dict[str, Any] = {"invalid": N_("Write a date as year-month-day.")}
OK, CONFLICT = web.HTTPOk.status_code, web.HTTPConflict.status_code
LABELS = {
    "role": N_("As"),
    "represents": N_("Speaks for"),
    "duty": N_("Duty in meetings"),
    "disposition": N_("By nature rather"),
    "since": N_("Since"),
    "until": N_("Until"),
}
EVERY = {"1": N_("every week"), "2": N_("every two weeks"), "4": N_("every four weeks")}


class MemberForm(FormSchema):
    LISTS = ("represents",)
    person_id = fields.Integer(load_default=None)
    role = fields.String(load_default="")
    represents = fields.List(fields.String(), load_default=list)
    duty = fields.String(load_default="")
    disposition = fields.String(load_default="")
    since = fields.Date(load_default=None, error_messages=DATE)
    until = fields.Date(load_default=None, error_messages=DATE)
    version = fields.Integer(load_default=0)


class NormsForm(FormSchema):
    norms = fields.String(load_default="")
    version = fields.Integer(load_default=None)


class DayOffForm(FormSchema):
    label = fields.String(load_default="")
    starts_on = fields.Date(load_default=None, error_messages=DATE)
    ends_on = fields.Date(load_default=None, error_messages=DATE)


class SeriesForm(FormSchema):
    first = fields.Date(load_default=None, error_messages=DATE)
    last = fields.Date(load_default=None, error_messages=DATE)
    every = fields.Integer(load_default=2)


async def show_team(request: web.Request) -> web.Response:
    return await _team_page(request, blank_form())


async def take_norms(request: web.Request) -> web.Response:
    async def keep(session: AsyncSession, data: dict[str, Any]) -> object:
        year = school_year(school_day(request))
        return await write_norms(session, actor=actor_of(request), school_year=year, now=now(request), **data)

    return await _take(request, NormsForm(), keep, N_("The norms are kept."))


async def take_day_off(request: web.Request) -> web.Response:
    async def add(session: AsyncSession, data: dict[str, Any]) -> object:
        return await add_days_off(session, actor=actor_of(request), today=school_day(request), now=now(request), **data)

    return await _take(request, DayOffForm(), add, N_("They are in the calendar."))


async def take_day_off_removal(request: web.Request) -> web.Response:
    await read_form(request, FormSchema(), max_bytes=FORM_BYTES)
    async with database(request).writing() as session:
        row = await remove_days_off(
            session, actor=actor_of(request), day_off_id=int(request.match_info["id"]), now=now(request)
        )
    return flash.say(
        see_other(request, "team.show"),
        N_("{label} is out of the calendar. The bin keeps it for 30 days."),
        label=row.label,
    )


async def take_series(request: web.Request) -> web.Response:
    async def plan(session: AsyncSession, data: dict[str, Any]) -> int:
        return len(
            await plan_series(
                session,
                actor=actor_of(request),
                first=data["first"],
                last=data["last"],
                every_weeks=data["every"],
                today=school_day(request),
                now=now(request),
            )
        )

    def done(count: int) -> web.Response:
        return flash.say(
            see_other(request, "meetings.index"), N_("{count} meetings are planned, none on a day off."), count=count
        )

    return await take_form(request, SeriesForm(), plan, done, lambda form, status: _team_page(request, form, status))


async def new_member(request: web.Request) -> web.Response:
    return await _member_page(request, blank_form({"since": school_day(request), "role": "teacher-leader"}), None)


async def take_new_member(request: web.Request) -> web.Response:
    async def add(session: AsyncSession, data: dict[str, Any]) -> object:
        return await add_member(
            session, actor=actor_of(request), values=data, today=school_day(request), now=now(request)
        )

    def done(_made: object) -> web.Response:
        return flash.say(see_other(request, "team.show"), N_("Welcome to the team."))

    return await take_form(
        request, MemberForm(), add, done, lambda form, status: _member_page(request, form, None, status)
    )


async def edit_member(request: web.Request) -> web.Response:
    member = await _member(request)
    return await _member_page(
        request, blank_form({name: getattr(member, name) for name in (*MEMBER_FIELDS, "version")}), member
    )


async def take_member(request: web.Request) -> web.Response:
    async def change(session: AsyncSession, data: dict[str, Any]) -> object:
        version = data.pop("version")
        return await change_member(
            session,
            actor=actor_of(request),
            member_id=int(request.match_info["id"]),
            values=data,
            version=version,
            today=school_day(request),
            now=now(request),
        )

    async def again(form: Form, status: int) -> web.Response:
        member = await _member(request)
        if status == CONFLICT:
            form.values["version"] = member.version
        return await _member_page(request, form, member, status)

    def done(_made: object) -> web.Response:
        return flash.say(see_other(request, "team.show"), N_("The term is saved."))

    return await take_form(request, MemberForm(), change, done, again)


async def _take(request: web.Request, schema: FormSchema, work: Any, said: str) -> web.Response:
    return await take_form(
        request,
        schema,
        work,
        lambda _made: flash.say(see_other(request, "team.show"), said),
        lambda form, status: _team_page(request, form, status),
    )


async def _member(request: web.Request) -> TeamMember:
    async with database(request).reading() as session:
        return await row_of(session, TeamMember, int(request.match_info["id"]), missing=NO_MEMBER)


async def _team_page(request: web.Request, form: Form, status: int = 200) -> web.Response:
    today = school_day(request)
    this = school_year(today)
    async with database(request).reading() as session:
        years = await years_with_team(session, this)
        asked = request.query.get("year", this)
        year = asked if asked in years and status == OK else this
        team: TeamView = await team_of_year(session, year, today)
        off = await days_off(session, since=today)
        terms = await terms_since(session, today)
    if status == CONFLICT:
        form.values["version"] = "" if team.version is None else team.version
    values = {
        "form": form,
        "team": team,
        "clash": status == CONFLICT,
        "year": year_in_words(year),
        "chosen": year,
        "is_this_year": year == this,
        "years": [(one, year_in_words(one)) for one in years],
        "off": off,
        "terms": terms,
        "kinds": KINDS,
        "today": today,
        "labels": {"roles": ROLES, "duties": DUTIES, "represented": REPRESENTED},
        "every": list(EVERY.items()),
    }
    return await render(request, "team/show.html", values, status=status)


async def _member_page(request: web.Request, form: Form, member: TeamMember | None, status: int = 200) -> web.Response:
    async with database(request).reading() as session:
        people = await people_of(session)
        name = await person_name(session, member.person_id if member else None)
        wanted = wanted_of(await profile_of_school(session))
    chosen = form.values.get("represents", [])
    lists = {"role": ROLES, "represents": REPRESENTED, "duty": DUTIES, "disposition": DISPOSITIONS}
    choices = {field: words.items() for field, words in lists.items()}
    values = {
        "form": form,
        "member": member,
        "name": name,
        "theirs": saved_meanwhile(form.values, member, LABELS, choices) if member and status == CONFLICT else [],
        "people": [(person.id, person.name) for person in people],
        "represented": [(one, label) for one, label in REPRESENTED.items() if one in wanted or one in chosen],
        "roles": list(ROLES.items()),
        "duties": list(DUTIES.items()),
        "dispositions": list(DISPOSITIONS.items()),
    }
    return await render(request, "team/member.html", values, status=status)
