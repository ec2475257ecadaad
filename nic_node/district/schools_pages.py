"""Our schools: obstacles together, a line a school, and a page a school."""

from dataclasses import dataclass
from typing import Any

from aiohttp import web
from marshmallow import fields
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor, actor_of
from nic_node.district.read import OLD_AFTER, grouped, one_school, our_schools
from nic_node.district.schools import add_school, answer_obstacle, ask_now, keep_school, refuse_school, school_of
from nic_node.i18n import N_
from nic_node.membership.local import local_node
from nic_node.school.known_names import known_names
from nic_node.school.obstacles.write import KINDS
from nic_node.school.today import school_day
from nic_node.web import flash
from nic_node.web.context import database, now, wake_worker
from nic_node.web.forms import Form, FormSchema, blank_form, read_form
from nic_node.web.routes import FORM_BYTES
from nic_node.web.taking import take_form
from nic_node.web.templating import render, see_other


class SchoolForm(FormSchema):
    entity = fields.String(load_default="")


class AnswerForm(FormSchema):
    """`back` is all or one: the page that the form stood on."""

    answer = fields.String(load_default="")
    note = fields.String(load_default="")
    back = fields.String(load_default="all")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answering:
    """The obstacle whose form came back."""

    school_id: int
    obstacle_id: int
    form: Form


async def show_schools(request: web.Request) -> web.Response:
    return await _index(request, blank_form())


async def take_school(request: web.Request) -> web.Response:
    async def add(session: AsyncSession, data: dict[str, Any]) -> object:
        return await add_school(
            session, local_node(request), actor=actor_of(request), address=data["entity"], now=now(request)
        )

    return await take_form(
        request, SchoolForm(), add, lambda _row: _asked(request), lambda form, status: _index(request, form, status)
    )


async def show_school(request: web.Request) -> web.Response:
    return await _school_page(request, None)


async def take_keep(request: web.Request) -> web.Response:
    school_id = await _pressed(request)
    async with database(request).writing() as session:
        row = await keep_school(session, actor=actor_of(request), school_id=school_id, now=now(request))
    wake_worker(request)
    return flash.say(see_other(request, "schools.show", id=row.id), N_("It is one of your schools."))


async def take_refusal(request: web.Request) -> web.Response:
    school_id = await _pressed(request)
    async with database(request).writing() as session:
        await refuse_school(session, actor=actor_of(request), school_id=school_id, now=now(request))
    said = N_("Nothing of it is kept here, and it is asked no more.")
    return flash.say(see_other(request, "schools.index"), said)


async def take_ask(request: web.Request) -> web.Response:
    school_id = await _pressed(request)
    async with database(request).writing() as session:
        await ask_now(session, school_id=school_id, now=now(request))
    return _asked(request, school_id)


async def take_answer(request: web.Request) -> web.Response:
    school_id, obstacle_id = int(request.match_info["id"]), int(request.match_info["obstacle_id"])
    actor: Actor = actor_of(request)
    back = "all"

    async def answer(session: AsyncSession, data: dict[str, Any]) -> object:
        nonlocal back
        back = data.pop("back")
        return await answer_obstacle(
            session,
            actor=actor,
            school_id=school_id,
            obstacle_id=obstacle_id,
            names=await known_names(request, session),
            now=now(request),
            **data,
        )

    def done(_row: object) -> web.Response:
        wake_worker(request)
        at = see_other(request, "schools.show", id=school_id) if back == "one" else see_other(request, "schools.index")
        return flash.say(at, N_("The school is told, on its own page and on its Today."))

    async def again(form: Form, status: int) -> web.Response:
        answering = Answering(school_id=school_id, obstacle_id=obstacle_id, form=form)
        if form.values.get("back") == "one":
            return await _school_page(request, answering, status)
        return await _index(request, blank_form(), status, answering)

    return await take_form(request, AnswerForm(), answer, done, again)


def _asked(request: web.Request, school_id: int | None = None) -> web.Response:
    wake_worker(request)
    at = see_other(request, "schools.show", id=school_id) if school_id else see_other(request, "schools.index")
    return flash.say(at, N_("The school's node is being asked; load the page again in a moment."))


async def _pressed(request: web.Request) -> int:
    await read_form(request, FormSchema(), max_bytes=FORM_BYTES)
    return int(request.match_info["id"])


async def _index(
    request: web.Request, form: Form, status: int = 200, answering: Answering | None = None
) -> web.Response:
    async with database(request).reading() as session:
        ours, named = await our_schools(session, school_day(request))
    values = {"ours": ours, "named": named, "groups": grouped(ours), "form": form, **_shared_values(request, answering)}
    return await render(request, "district/schools.html", values, status=status)


async def _school_page(request: web.Request, answering: Answering | None, status: int = 200) -> web.Response:
    async with database(request).reading() as session:
        row = await school_of(session, int(request.match_info["id"]))
        seen = await one_school(session, row, school_day(request))
    values = {"seen": seen, **_shared_values(request, answering)}
    return await render(request, "district/school.html", values, status=status)


def _shared_values(request: web.Request, answering: Answering | None) -> dict[str, Any]:
    return {
        "kinds": KINDS,
        "answering": answering,
        "old_since": now(request) - OLD_AFTER,
        "own_address": local_node(request).entity_id,
    }
