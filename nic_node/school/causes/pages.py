"""Why it happens: causes, the current process, voices, and a consensus check, on one page of a project."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from marshmallow import fields
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import actor_of
from nic_node.i18n import N_
from nic_node.school.causes.read import causes_of
from nic_node.school.causes.write import (
    BRANCHES,
    FINGERS,
    MOST_WHYS,
    VOICES,
    add_cause,
    check_consensus,
    choose_cause,
    keep_talk,
    write_process,
)
from nic_node.school.projects.read import project_of
from nic_node.school.today import school_day
from nic_node.web import flash
from nic_node.web.context import database, now
from nic_node.web.forms import Form, FormSchema, blank_form, read_form
from nic_node.web.routes import FORM_BYTES
from nic_node.web.taking import take_form
from nic_node.web.templating import render, see_other
from nic_node.web.visitor import visitor

DATE: dict[str, Any] = {"invalid": N_("Write a date as year-month-day.")}
NUMBER: dict[str, Any] = {"invalid": N_("Write a number.")}
TEAM = "talks.read"
Work = Callable[[AsyncSession, dict[str, Any]], Awaitable[object]]


class CauseForm(FormSchema):
    text = fields.String(load_default="")
    branch = fields.String(load_default="")
    why_id = fields.Integer(load_default=None)


class ProcessForm(FormSchema):
    steps = fields.String(load_default="")
    version = fields.Integer(load_default=None)


class TalkForm(FormSchema):
    with_whom = fields.String(load_default="")
    people = fields.Integer(load_default=None, error_messages=NUMBER)
    said = fields.String(load_default="")
    held_on = fields.Date(load_default=None, error_messages=DATE)


class ConsensusForm(FormSchema):
    question = fields.String(load_default="")
    heard = fields.String(load_default="")
    held_on = fields.Date(load_default=None, error_messages=DATE)
    fist_0 = fields.Integer(load_default=0, error_messages=NUMBER)
    fist_1 = fields.Integer(load_default=0, error_messages=NUMBER)
    fist_2 = fields.Integer(load_default=0, error_messages=NUMBER)
    fist_3 = fields.Integer(load_default=0, error_messages=NUMBER)
    fist_4 = fields.Integer(load_default=0, error_messages=NUMBER)
    fist_5 = fields.Integer(load_default=0, error_messages=NUMBER)


async def show_causes(request: web.Request) -> web.Response:
    return await _page(request, blank_form())


async def take_cause(request: web.Request) -> web.Response:
    async def add(session: AsyncSession, data: dict[str, Any]) -> object:
        return await add_cause(session, **_named(request), now=now(request), **data)

    return await _take(request, CauseForm(), add)


async def take_choice(request: web.Request) -> web.Response:
    await read_form(request, FormSchema(), max_bytes=FORM_BYTES)
    async with database(request).writing() as session:
        row = await choose_cause(
            session,
            actor=actor_of(request),
            cause_id=int(request.match_info["id"]),
            is_chosen=request.match_info["act"] == "choose",
            now=now(request),
        )
    return see_other(request, "causes.show", id=row.project_id)


async def take_process(request: web.Request) -> web.Response:
    async def write(session: AsyncSession, data: dict[str, Any]) -> object:
        return await write_process(session, **_named(request), now=now(request), **data)

    return await _take(request, ProcessForm(), write)


async def take_talk(request: web.Request) -> web.Response:
    async def keep(session: AsyncSession, data: dict[str, Any]) -> object:
        return await keep_talk(session, **_named(request), today=school_day(request), now=now(request), **data)

    return await _take(request, TalkForm(), keep)


async def take_consensus(request: web.Request) -> web.Response:
    async def check(session: AsyncSession, data: dict[str, Any]) -> object:
        fists = [data.pop(f"fist_{number}") for number in range(FINGERS)]
        return await check_consensus(
            session, **_named(request), fists=fists, today=school_day(request), now=now(request), **data
        )

    return await _take(request, ConsensusForm(), check)


def _named(request: web.Request) -> dict[str, Any]:
    return {"actor": actor_of(request), "project_id": int(request.match_info["id"])}


async def _take(request: web.Request, schema: FormSchema, work: Work) -> web.Response:
    def done(_made: object) -> web.Response:
        return flash.say(see_other(request, "causes.show", id=request.match_info["id"]), N_("It is kept."))

    return await take_form(request, schema, work, done, lambda form, status: _page(request, form, status))


async def _page(request: web.Request, form: Form, status: int = 200) -> web.Response:
    who = visitor(request)
    is_of_team = who is not None and TEAM in who.permissions
    async with database(request).reading() as session:
        project = await project_of(session, int(request.match_info["id"]))
        causes = await causes_of(session, project.id, with_talks=is_of_team)
    values = {
        "form": form,
        "project": project,
        "causes": causes,
        "is_of_team": is_of_team,
        "branches": list(BRANCHES.items()),
        "voices": VOICES,
        "most_whys": MOST_WHYS,
        "today": school_day(request),
    }
    return await render(request, "causes/show.html", values, status=status)
