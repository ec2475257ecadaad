"""How each goal goes, live from its projects and measures: nobody writes a report."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.school.measures.chart import Latest, latest_numbers
from nic_node.school.measures.tables import Measure
from nic_node.school.projects.read import day_of, last_day_of
from nic_node.school.projects.tables import Project
from nic_node.school.returns.read import aim_measure

CLOSED_SHOWN = 4
"""The newest of a goal; the others stand on Return."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureLine:
    measure: Measure
    latest: Latest


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectLine:
    """Attributes: day, of: of a project that runs, else 0. measured: its aim's newest number, while it runs."""

    project: Project
    day: int
    of: int
    measured: MeasureLine | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalProgress:
    """A goal as its projects and measures tell it.

    Attributes:
        projects: those that run or are drafted, then the newest CLOSED_SHOWN closed ones.
        closed, judged, reached: how many were closed; of how many it is said whether they reached their aim, and did.
        measures: the goal's own that have numbers.
    """

    projects: Sequence[ProjectLine]
    closed: int
    judged: int
    reached: int
    measures: Sequence[MeasureLine]

    @property
    def running(self) -> int:
        return sum(one.project.state == "active" for one in self.projects)

    @property
    def closed_before(self) -> int:
        """Closed ones that `projects` lacks."""
        return max(self.closed - CLOSED_SHOWN, 0)


async def progress_of(session: AsyncSession, goal_ids: Sequence[int], today: date) -> dict[int, GoalProgress]:
    """Of each goal, in a bounded number of queries."""
    serving = select(Project).where(Project.goal_id.in_(goal_ids)).order_by(Project.starts_on.desc(), Project.id.desc())
    projects = (await session.scalars(serving)).all()
    open_ids = [one.id for one in projects if one.state != "closed"]
    chosen = select(Measure).where(Measure.goal_id.in_(goal_ids) | Measure.project_id.in_(open_ids))
    measures = (await session.scalars(chosen.where(Measure.comparison_of.is_(None)).order_by(Measure.id))).all()
    of_aim = {one.id: aim_measure(one, [m for m in measures if m.project_id == one.id]) for one in projects}
    shown = [one.id for one in measures if one.goal_id in goal_ids or one is of_aim.get(one.project_id or 0)]
    latest = await latest_numbers(session, shown) if shown else {}
    lines = {one.id: MeasureLine(measure=one, latest=latest[one.id]) for one in measures if one.id in latest}
    return {
        goal_id: _progress(
            [one for one in projects if one.goal_id == goal_id],
            {project_id: lines[aim.id] for project_id, aim in of_aim.items() if aim is not None and aim.id in lines},
            [lines[one.id] for one in measures if one.goal_id == goal_id and one.id in lines],
            today,
        )
        for goal_id in goal_ids
    }


def _progress(
    projects: Sequence[Project], measured: dict[int, MeasureLine], own: Sequence[MeasureLine], today: date
) -> GoalProgress:
    closed = [one for one in projects if one.state == "closed"]
    shown = [*reversed([one for one in projects if one.state != "closed"]), *closed[:CLOSED_SHOWN]]
    return GoalProgress(
        projects=[
            ProjectLine(
                project=one,
                day=max(day_of(one, today), 0) if one.state == "active" else 0,
                of=last_day_of(one) if one.state == "active" else 0,
                measured=measured.get(one.id),
            )
            for one in shown
        ],
        closed=len(closed),
        judged=sum(one.aim_result is not None for one in closed),
        reached=sum(one.aim_result == "reached" for one in closed),
        measures=own,
    )
