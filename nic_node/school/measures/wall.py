"""The chart wall: all charts of a goal, with its projects, or of one project, small and side by side."""

from collections.abc import Sequence

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.errors import NotFound
from nic_node.i18n import N_
from nic_node.school.measures.belongs import Home, home_of
from nic_node.school.measures.chart import ON_A_WALL, build_chart
from nic_node.school.measures.marks import marks_by_measure
from nic_node.school.measures.phases import PROJECTS, stories_of
from nic_node.school.measures.read import numbers_of
from nic_node.school.measures.tables import Measure
from nic_node.web.context import database
from nic_node.web.language import words_of
from nic_node.web.templating import render
from schemas.vocab import MEASURE_KINDS

NO_HOME = N_("There is no such goal or project here.")
KIND_ORDER = tuple(MEASURE_KINDS.ids)


async def show_wall(request: web.Request) -> web.Response:
    catalogue, language = words_of(request)
    async with database(request).reading() as session:
        home = await _home(request, session)
        measures = await measures_of_home(session, home)
        observations = await numbers_of(session, measures)
        marks = await marks_by_measure(session, [measure.id for measure in measures])
        stories = await stories_of(session, measures, catalogue)
        projects = await _titles(session, measures) if home.kind == "goal" else {}
    charts = [
        build_chart(
            measure,
            observations[measure.id],
            marks[measure.id],
            stories[measure.id],
            catalogue=catalogue,
            language=language,
            sizes=ON_A_WALL,
        )
        for measure in measures
    ]
    kinds = {measure.id: MEASURE_KINDS[measure.kind].label for measure in measures}
    values = {"home": home, "charts": charts, "kinds": kinds, "projects": projects}
    return await render(request, "measures/wall.html", values)


async def measures_of_home(session: AsyncSession, home: Home) -> Sequence[Measure]:
    """Of a goal, those of its projects too; outcomes first, a comparison beside what it compares with."""
    chosen = select(Measure)
    if home.kind == "project":
        chosen = chosen.where(Measure.project_id == home.id)
    else:
        projects = select(PROJECTS.c.id).where(PROJECTS.c.goal_id == home.id)
        chosen = chosen.where((Measure.goal_id == home.id) | Measure.project_id.in_(projects))
    found = list(await session.scalars(chosen))
    return sorted(
        found,
        key=lambda measure: (
            measure.project_id or 0,
            KIND_ORDER.index(measure.kind),
            measure.comparison_of or measure.id,
            measure.id,
        ),
    )


async def _titles(session: AsyncSession, measures: Sequence[Measure]) -> dict[int, str]:
    """Project id -> title: two projects of a goal may measure the same thing."""
    ids = {measure.project_id for measure in measures if measure.project_id is not None}
    found = await session.execute(select(PROJECTS.c.id, PROJECTS.c.title).where(PROJECTS.c.id.in_(ids)))
    return {row.id: row.title for row in found}


async def _home(request: web.Request, session: AsyncSession) -> Home:
    project, goal = (_number(request.query.get(kind, "")) for kind in ("project", "goal"))
    home = await home_of(session, project_id=project, goal_id=goal)
    if home is None:
        raise NotFound(NO_HOME)
    return home


def _number(written: str) -> int | None:
    return int(written) if written.isascii() and written.isdigit() and len(written) < 16 else None
