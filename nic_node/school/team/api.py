"""The leadership team, its norms and the school's calendar as JSON."""

from typing import Any

from marshmallow import fields

from nic_node.accounts.actor import actor_of
from nic_node.school.meetings.series import plan_series
from nic_node.school.profile.name import school_year
from nic_node.school.team.calendar import add_days_off, days_off, remove_days_off
from nic_node.school.team.describe import add_member, change_member, team_of_year, write_norms, years_with_team
from nic_node.school.team.terms import terms_since
from nic_node.school.today import school_day
from nic_node.web.api import ApiSchema
from nic_node.web.context import database, now
from nic_node.web.routes import Api, Call, api_of


class TeamMemberValuesSchema(ApiSchema):
    role = fields.String(metadata={"description": "principal, assistant-principal, coach, teacher-leader or other"})
    represents = fields.List(fields.String(), metadata={"description": "grade-6, math, special-education ..."})
    duty = fields.String(metadata={"description": "facilitator, recorder, timekeeper, data-lead, or ''"})
    disposition = fields.String(metadata={"description": "visionary, integrator, or ''"})
    since = fields.Date()
    until = fields.Date(allow_none=True)


class NewTeamMemberSchema(TeamMemberValuesSchema):
    person_id = fields.Integer(strict=True, required=True)


class ChangedTeamMemberSchema(TeamMemberValuesSchema):
    version = fields.Integer(strict=True, required=True)


class TeamMemberSchema(ChangedTeamMemberSchema):
    id = fields.Integer()
    person_id = fields.Integer()


class OfYearSchema(ApiSchema):
    year = fields.String(load_default="", metadata={"description": "2026-27; this one if it is left out."})


class DayOffValuesSchema(ApiSchema):
    label = fields.String(required=True)
    starts_on = fields.Date(required=True)
    ends_on = fields.Date(load_default=None, allow_none=True)


class DayOffSchema(DayOffValuesSchema):
    id = fields.Integer()


class TermOfYearSchema(ApiSchema):
    id = fields.Integer()
    title = fields.String()
    kind = fields.String(metadata={"description": "school-year, semester, term or grading-period"})
    school_year = fields.String()
    starts_on = fields.Date()
    ends_on = fields.Date(metadata={"description": "The last day."})
    parent_id = fields.Integer(allow_none=True)


class TeamSchema(ApiSchema):
    members = fields.List(fields.Nested(TeamMemberSchema))
    missing = fields.List(fields.String(), metadata={"description": "Grades and subjects that nobody represents."})
    free_duties = fields.List(fields.String())
    dispositions = fields.Dict(keys=fields.String(), values=fields.Integer())
    norms = fields.String()
    version = fields.Integer(allow_none=True, metadata={"description": "Of the norms."})
    days_off = fields.List(fields.Nested(DayOffSchema))
    terms = fields.List(fields.Nested(TermOfYearSchema))


class NormsSchema(ApiSchema):
    norms = fields.String(required=True)
    version = fields.Integer(strict=True, required=True, allow_none=True)


class SeriesSchema(ApiSchema):
    first = fields.Date(required=True)
    last = fields.Date(required=True)
    every_weeks = fields.Integer(strict=True, required=True, metadata={"description": "1, 2 or 4"})


class PlannedSeriesSchema(ApiSchema):
    meetings = fields.List(fields.Integer(), metadata={"description": "Their ids."})


def api_routes() -> list[Api]:
    operation = api_of("team", "/team", read="team.read", write="team.write", answer=TeamSchema())
    member, day = {"answer": TeamMemberSchema()}, {"answer": DayOffSchema()}
    series = {"body": SeriesSchema(), "answer": PlannedSeriesSchema(), "permit": "meetings.write"}
    return [
        operation("GET", "", "show", read_team, "A year's team, and what is missing.", query=OfYearSchema()),
        operation("PUT", "/norms", "norms", put_norms, "Write the norms.", body=NormsSchema()),
        operation("POST", "/members", "add", post_member, "Begin a term.", body=NewTeamMemberSchema(), **member),
        operation(
            "PATCH", "/members/{id}", "change", patch_member, "Change it.", body=ChangedTeamMemberSchema(), **member
        ),
        operation("POST", "/days-off", "day-off", post_day_off, "Add days off.", body=DayOffValuesSchema(), **day),
        operation("DELETE", "/days-off/{id}", "no-day-off", delete_day_off, "Take them out.", **day),
        operation("POST", "/meetings", "series", post_series, "Plan a year of meetings.", **series),
    ]


def _in_whose_name(call: Call) -> dict[str, Any]:
    return {"actor": actor_of(call.request), "now": now(call.request)}


async def read_team(call: Call) -> Any:
    today = school_day(call.request)
    async with database(call.request).reading() as session:
        this = school_year(today)
        asked = call.query.get("year", this)
        team = await team_of_year(session, asked if asked in await years_with_team(session, this) else this, today)
        off = await days_off(session, since=today)
        terms = await terms_since(session, today)
    return {
        "members": [view.member for view in team.members],
        "missing": team.missing,
        "free_duties": team.free_duties,
        "dispositions": team.dispositions,
        "norms": team.norms,
        "version": team.version,
        "days_off": off,
        "terms": terms,
    }


async def put_norms(call: Call) -> Any:
    year = school_year(school_day(call.request))
    async with database(call.request).writing() as session:
        await write_norms(session, school_year=year, **call.body, **_in_whose_name(call))
    return await read_team(call)


async def post_member(call: Call) -> Any:
    async with database(call.request).writing() as session:
        return await add_member(session, values=call.body, today=school_day(call.request), **_in_whose_name(call))


async def patch_member(call: Call) -> Any:
    values = dict(call.body)
    version = values.pop("version")
    async with database(call.request).writing() as session:
        return await change_member(
            session,
            member_id=call.path_id(),
            values=values,
            version=version,
            today=school_day(call.request),
            **_in_whose_name(call),
        )


async def post_day_off(call: Call) -> Any:
    async with database(call.request).writing() as session:
        return await add_days_off(session, today=school_day(call.request), **call.body, **_in_whose_name(call))


async def delete_day_off(call: Call) -> Any:
    async with database(call.request).writing() as session:
        return await remove_days_off(session, day_off_id=call.path_id(), **_in_whose_name(call))


async def post_series(call: Call) -> Any:
    async with database(call.request).writing() as session:
        planned = await plan_series(session, today=school_day(call.request), **call.body, **_in_whose_name(call))
    return {"meetings": [meeting.id for meeting in planned]}
