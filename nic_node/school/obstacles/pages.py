"""Obstacles: the list, writing one, and saying that it is out of the way."""

from typing import Any

from aiohttp import web
from marshmallow import fields
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import actor_of
from nic_node.i18n import N_
from nic_node.school.editing import saved_meanwhile
from nic_node.school.known_names import known_names
from nic_node.school.obstacles.read import obstacle_lines, obstacle_of, what_may_be_hindered
from nic_node.school.obstacles.tables import Obstacle
from nic_node.school.obstacles.write import ANSWERS, KINDS, change_obstacle, settle_obstacle, write_obstacle
from nic_node.school.today import school_day
from nic_node.web import flash
from nic_node.web.context import database, now
from nic_node.web.forms import Form, FormSchema, blank_form, read_form
from nic_node.web.routes import FORM_BYTES
from nic_node.web.taking import take_form
from nic_node.web.templating import render, see_other

CONFLICT = web.HTTPConflict.status_code
LABELS = {"what": N_("What stands in the way"), "asks": N_("What you ask of the district")}


class ObstacleForm(FormSchema):
    """`of` is goal-N or project-N."""

    what = fields.String(load_default="")
    asks = fields.String(load_default="")
    kind = fields.String(load_default="")
    of = fields.String(load_default="")
    since = fields.Date(load_default=None, error_messages={"invalid": N_("Write a date as year-month-day.")})
    version = fields.Integer(load_default=0)


async def show_obstacles(request: web.Request) -> web.Response:
    async with database(request).reading() as session:
        lines = await obstacle_lines(session, school_day(request))
    return await render(request, "obstacles/index.html", {"lines": lines, "kinds": KINDS, "answers": ANSWERS})


async def new_obstacle(request: web.Request) -> web.Response:
    project = request.query.get("project", "")
    start = {"since": school_day(request), "of": f"project-{project}" if project.isdecimal() else ""}
    return await _form_page(request, blank_form(start), None)


async def take_new_obstacle(request: web.Request) -> web.Response:
    async def write(session: AsyncSession, data: dict[str, Any]) -> Obstacle:
        values = {**data, **_named(data["of"])}
        return await write_obstacle(
            session,
            actor=actor_of(request),
            values=values,
            names=await known_names(request, session),
            today=school_day(request),
            now=now(request),
        )

    return await take_form(
        request, ObstacleForm(), write, _kept(request), lambda form, status: _form_page(request, form, None, status)
    )


async def edit_obstacle(request: web.Request) -> web.Response:
    row = await _read(request)
    of = f"goal-{row.goal_id}" if row.goal_id else f"project-{row.project_id}"
    start = {name: getattr(row, name) for name in ("what", "asks", "kind", "since", "version")}
    return await _form_page(request, blank_form({**start, "of": of}), row)


async def take_obstacle(request: web.Request) -> web.Response:
    async def change(session: AsyncSession, data: dict[str, Any]) -> Obstacle:
        return await change_obstacle(
            session,
            actor=actor_of(request),
            obstacle_id=int(request.match_info["id"]),
            values={**data, **_named(data["of"]), "since": data["since"] or school_day(request)},
            version=data["version"],
            names=await known_names(request, session),
            today=school_day(request),
            now=now(request),
        )

    async def again(form: Form, status: int) -> web.Response:
        row = await _read(request)
        if status == CONFLICT:
            form.values["version"] = row.version
        return await _form_page(request, form, row, status)

    return await take_form(request, ObstacleForm(), change, _kept(request), again)


async def take_state(request: web.Request) -> web.Response:
    await read_form(request, FormSchema(), max_bytes=FORM_BYTES)
    state = request.match_info["state"]
    async with database(request).writing() as session:
        await settle_obstacle(
            session,
            actor=actor_of(request),
            obstacle_id=int(request.match_info["id"]),
            state=state,
            today=school_day(request),
            now=now(request),
        )
    said = N_("It is out of the way.") if state == "removed" else N_("It is open again.")
    return flash.say(see_other(request, "obstacles.index"), said)


def _named(of: str) -> dict[str, int | None]:
    kind, _, number = of.partition("-")
    row_id = int(number) if number.isdecimal() and len(number) < 16 else None
    return {name: row_id if kind == name.removesuffix("_id") else None for name in ("goal_id", "project_id")}


def _kept(request: web.Request) -> Any:
    return lambda _row: flash.say(see_other(request, "obstacles.index"), N_("It is kept."))


async def _read(request: web.Request) -> Obstacle:
    async with database(request).reading() as session:
        return await obstacle_of(session, int(request.match_info["id"]))


async def _form_page(request: web.Request, form: Form, row: Obstacle | None, status: int = 200) -> web.Response:
    async with database(request).reading() as session:
        hindered = [(one.value, one.title) for one in await what_may_be_hindered(session, row)]
    values = {"form": form, "row": row, "kinds": list(KINDS.items()), "hindered": hindered}
    values["meanwhile"] = saved_meanwhile(form.values, row, LABELS) if row and status == CONFLICT else []
    return await render(request, "obstacles/form.html", values, status=status)
