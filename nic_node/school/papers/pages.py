"""Papers to look at and print, and the page from which they are chosen."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from sqlalchemy import select

from nic_node import i18n
from nic_node.i18n import N_
from nic_node.school.meetings.tables import Meeting
from nic_node.school.papers.ask import Asked, AskedSchema, make_paper, year_asked
from nic_node.school.papers.paper import AUDIENCES
from nic_node.school.projects.read import list_projects
from nic_node.school.today import school_day
from nic_node.web.context import database
from nic_node.web.forms import FormSchema, load_form
from nic_node.web.templating import render

MOST_LISTED = 12
ROUTES = {
    "plan": "papers.plan", "whole-plan": "papers.whole_plan", "project": "papers.project", "board": "papers.board",
    "handover": "papers.handover", "minutes": "papers.minutes",
}  # fmt: skip
BACK = {
    "plan": (N_("Plan"), "plan.show"),
    "whole-plan": (N_("Plan"), "plan.show"),
    "project": (N_("The project"), "projects.show"),
    "board": (N_("Return"), "returns.show"),
    "handover": (N_("Handover"), "handover.show"),
    "minutes": (N_("The minutes"), "meetings.minutes"),
}


class AskedForm(FormSchema):
    """As `AskedSchema`; what is not known is left out rather than refused, as it stands in an address."""

    whom = AskedSchema().fields["whom"]
    language = AskedSchema().fields["language"]
    year = AskedSchema().fields["year"]


async def show_papers(request: web.Request) -> web.Response:
    async with database(request).reading() as session:
        projects = [one for one in await list_projects(session, limit=MOST_LISTED) if one.state != "draft"]
        held = select(Meeting).where(Meeting.ended_at.is_not(None)).order_by(Meeting.held_on.desc(), Meeting.id.desc())
        meetings = list(await session.scalars(held.limit(MOST_LISTED)))
    values = {"projects": projects, "meetings": meetings, "audiences": AUDIENCES, "languages": i18n.LANGUAGES}
    return await render(request, "papers/index.html", values)


def show_paper(kind: str) -> Callable[[web.Request], Awaitable[web.Response]]:
    """The page of a kind of paper."""

    async def show(request: web.Request) -> web.Response:
        asked = _asked(request, kind)
        paper = await make_paper(request, asked)
        back, route = BACK[kind]
        back_to: dict[str, Any] = {"id": str(asked.of)} if asked.of else {}
        values = {
            "paper": paper,
            "asked": asked,
            "route": ROUTES[kind],
            "of": {"id": asked.of} if asked.of else {},
            "audiences": AUDIENCES,
            "languages": i18n.LANGUAGES,
            "back": (back, str(request.app.router[route].url_for(**back_to))),
        }
        return await render(request, "papers/show.html", values)

    return show


def _asked(request: web.Request, kind: str) -> Asked:
    form = load_form(request.query, AskedForm())
    said = form.data or AskedForm().load({})
    year = year_asked(said["year"], school_day(request))
    of = int(request.match_info.get("id", 0))
    return Asked(kind=kind, of=of, whom=said["whom"], language=said["language"], year=year)
