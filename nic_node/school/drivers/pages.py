"""The driver diagram of a project: drawn, as a list, and its versions."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web
from marshmallow import fields
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import actor_of
from nic_node.charts.drivers import drivers_svg
from nic_node.errors import Conflict
from nic_node.i18n import N_
from nic_node.school.drivers.read import DriverLine, boxes_of, lines_of, versions_of
from nic_node.school.drivers.write import LEVELS, add_driver, keep_version, try_idea
from nic_node.school.measures.read import measures_of_project
from nic_node.school.projects.read import project_of
from nic_node.school.projects.tables import Project
from nic_node.school.today import school_day
from nic_node.web import flash
from nic_node.web.context import database, now
from nic_node.web.forms import Form, FormSchema, blank_form, read_form
from nic_node.web.routes import FORM_BYTES
from nic_node.web.taking import take_form
from nic_node.web.templating import is_fragment_wanted, render, see_other

SAYS = N_("Each line is a hypothesis: what is under a driver is expected to move it.")
ACTS = {"adopt": N_("adopted"), "adapt": N_("adapted"), "abandon": N_("abandoned"), "": N_("under way")}
NOT_TRIED = N_("not tried here yet")


class DriverForm(FormSchema):
    level = fields.String(load_default="")
    text = fields.String(load_default="")
    because = fields.String(load_default="")
    under_id = fields.Integer(load_default=None)
    measure_id = fields.Integer(load_default=None)


async def show_drivers(request: web.Request) -> web.Response:
    return await _page(request, blank_form())


async def take_driver(request: web.Request) -> web.Response:
    async def add(session: AsyncSession, data: dict[str, Any]) -> object:
        return await add_driver(session, actor=actor_of(request), project_id=_id(request), now=now(request), **data)

    def done(_made: object) -> web.Response:
        return flash.say(see_other(request, "drivers.show", id=_id(request)), N_("It is drawn."))

    return await take_form(request, DriverForm(), add, done, lambda form, status: _page(request, form, status))


async def take_try(request: web.Request) -> web.Response:
    await read_form(request, FormSchema(), max_bytes=FORM_BYTES)
    async with database(request).writing() as session:
        row = await try_idea(session, actor=actor_of(request), driver_id=_id(request), now=now(request))
    return see_other(request, "drivers.show", id=row.project_id)


async def take_version(request: web.Request) -> web.Response:
    await read_form(request, FormSchema(), max_bytes=FORM_BYTES)
    back = see_other(request, "drivers.show", id=_id(request))
    try:
        async with database(request).writing() as session:
            kept = await keep_version(
                session,
                actor=actor_of(request),
                project_id=_id(request),
                today=school_day(request),
                now=now(request),
            )
    except Conflict as error:
        return flash.say(back, error.sentence, kind="warning")
    return flash.say(back, N_("Version {number} is kept."), number=kept.number)


def _id(request: web.Request) -> int:
    return int(request.match_info["id"])


def cycles_in_words(cycles: Mapping[str, int]) -> str:
    """'2 adapted, 1 under way'."""
    return ", ".join(f"{cycles[act]} {word}" for act, word in ACTS.items() if cycles.get(act)) or NOT_TRIED


def draw(project: Project, lines: list[DriverLine]) -> dict[str, str]:
    """The diagram wide and narrow."""
    says = {line.row.id: cycles_in_words(line.cycles) for line in lines}
    aim = project.aim_text or project.title
    boxes = boxes_of(lines, says)
    return {
        "wide": drivers_svg(project.title, SAYS, aim, boxes),
        "narrow": drivers_svg(project.title, SAYS, aim, boxes, size="narrow"),
    }


async def _page(request: web.Request, form: Form, status: int = 200) -> web.Response:
    """The page; for the project's own page, which asks by htmx, the drawing alone."""
    async with database(request).reading() as session:
        project = await project_of(session, _id(request))
        lines = await lines_of(session, project.id)
        if lines and is_fragment_wanted(request):
            return await render(request, "drivers/drawn.html", {"drawing": draw(project, lines), "says": SAYS})
        versions = await versions_of(session, project.id)
        measures = await measures_of_project(session, project.id)
    values = {
        "form": form,
        "project": project,
        "lines": lines,
        "drawing": draw(project, lines) if lines else None,
        "says": SAYS,
        "evidence": {line.row.id: cycles_in_words(line.cycles) for line in lines},
        "versions": versions,
        "levels": list(LEVELS.items()),
        "labels": LEVELS,
        "measures": [(measure.id, measure.name) for measure in measures],
        "names": {measure.id: measure.name for measure in measures},
    }
    return await render(request, "drivers/show.html", values, status=status)
