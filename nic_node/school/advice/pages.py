"""Advice on a project: overruled or heeded from its page; and 'did it hold?'."""

from typing import Any

from aiohttp import web
from marshmallow import fields
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import actor_of
from nic_node.i18n import N_
from nic_node.school.advice.advise import CODES
from nic_node.school.advice.heed import advice_on, heed_advice, overrule_advice, say_whether_it_held
from nic_node.school.projects.read import project_of
from nic_node.school.today import school_day
from nic_node.web import flash
from nic_node.web.context import database, now
from nic_node.web.forms import Form, FormSchema, blank_form, read_form
from nic_node.web.routes import FORM_BYTES
from nic_node.web.taking import take_form
from nic_node.web.templating import render, see_other


class OverruleForm(FormSchema):
    code = fields.String(load_default="")
    note = fields.String(load_default="")


class FollowUpForm(FormSchema):
    day = fields.Integer(load_default=0)
    held = fields.String(load_default="")
    note = fields.String(load_default="")


async def show_advice(request: web.Request) -> web.Response:
    return await _page(request, blank_form())


async def take_overruling(request: web.Request) -> web.Response:
    async def overrule(session: AsyncSession, data: dict[str, Any]) -> object:
        return await overrule_advice(
            session, actor=actor_of(request), project_id=_id(request), now=now(request), **data
        )

    return await _take(request, OverruleForm(), overrule, N_("You go on without it; your reason is kept."))


async def take_heeding(request: web.Request) -> web.Response:
    form = await read_form(request, OverruleForm(), max_bytes=FORM_BYTES)
    async with database(request).writing() as session:
        await heed_advice(
            session,
            actor=actor_of(request),
            project_id=_id(request),
            code=form.values.get("code", ""),
            now=now(request),
        )
    return see_other(request, "advice.show", id=_id(request))


async def take_follow_up(request: web.Request) -> web.Response:
    async def say(session: AsyncSession, data: dict[str, Any]) -> object:
        return await say_whether_it_held(
            session, actor=actor_of(request), project_id=_id(request), now=now(request), **data
        )

    return await _take(request, FollowUpForm(), say, N_("Thank you: now it is known whether it holds."))


def _id(request: web.Request) -> int:
    return int(request.match_info["id"])


async def _take(request: web.Request, schema: FormSchema, work: Any, said: str) -> web.Response:
    return await take_form(
        request,
        schema,
        work,
        lambda _made: flash.say(see_other(request, "projects.show", id=_id(request)), said),
        lambda form, status: _page(request, form, status),
    )


async def _page(request: web.Request, form: Form, status: int = 200) -> web.Response:
    async with database(request).reading() as session:
        project = await project_of(session, _id(request))
        advised = await advice_on(session, project.id, school_day(request))
    values = {"form": form, "project": project, "advised": advised, "codes": CODES}
    return await render(request, "advice/show.html", values, status=status)
