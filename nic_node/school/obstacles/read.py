"""Reading obstacles, each with the goal or project that it stands in the way of."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.school.editing import row_of
from nic_node.school.obstacles.tables import Obstacle
from nic_node.school.obstacles.write import NO_OBSTACLE
from nic_node.school.plan.goals import active_goals
from nic_node.school.plan.tables import Goal
from nic_node.school.projects.read import open_projects
from nic_node.school.projects.tables import Project

REMOVED_SHOWN: Final = timedelta(days=120)
NEWS_FOR: Final = timedelta(days=14)
"""So long Today tells of an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObstacleLine:
    """Attributes: in_the_way_of: a goal's or project's title. days: open so long, or until it was removed.

    is_of_draft: the project is one that only the team sees.
    """

    row: Obstacle
    in_the_way_of: str
    days: int
    is_of_draft: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class InTheWayOf:
    """What an obstacle may stand in the way of. Attributes: value: 'goal-3' or 'project-5', as a form sends it."""

    value: str
    title: str


async def obstacle_of(session: AsyncSession, obstacle_id: int) -> Obstacle:
    """Raises NotFound."""
    return await row_of(session, Obstacle, obstacle_id, missing=NO_OBSTACLE)


async def obstacle_lines(session: AsyncSession, today: date) -> list[ObstacleLine]:
    """Open ones, the oldest first; then those that were removed in the last months, the newest first."""
    found = await _lines(session, _with_titles(), today)
    still = [line for line in found if line.row.state == "open"]
    gone = [line for line in found if line.row.removed_on and today - line.row.removed_on <= REMOVED_SHOWN]
    return still + sorted(gone, key=lambda line: (line.row.removed_on or today, line.row.id), reverse=True)


async def obstacles_of_project(session: AsyncSession, project_id: int, today: date) -> list[ObstacleLine]:
    """Open ones of a project."""
    chosen = _with_titles().where(Obstacle.project_id == project_id, Obstacle.state == "open")
    return await _lines(session, chosen, today)


async def new_answers(session: AsyncSession, *, today: date, now: datetime) -> list[ObstacleLine]:
    """Open obstacles that the district answered in the last days."""
    chosen = _with_titles().where(Obstacle.state == "open", Obstacle.answered_at > now - NEWS_FOR)
    return await _lines(session, chosen, today)


async def what_may_be_hindered(session: AsyncSession, row: Obstacle | None) -> list[InTheWayOf]:
    """Projects that are not closed, then the goals that are worked on; and what `row` names, however that stands."""
    projects, goals = await open_projects(session), await active_goals(session)
    if row is not None and row.project_id and row.project_id not in {one.id for one in projects}:
        projects.append(await session.get_one(Project, row.project_id))
    if row is not None and row.goal_id and row.goal_id not in {one.id for one in goals}:
        goals.append(await session.get_one(Goal, row.goal_id))
    found = [InTheWayOf(value=f"project-{one.id}", title=one.title) for one in projects]
    return found + [InTheWayOf(value=f"goal-{one.id}", title=one.title) for one in goals]


def _with_titles() -> Select[Obstacle, str, str, str]:
    return (
        select(Obstacle, Goal.title, Project.title, Project.state)
        .outerjoin(Goal, Obstacle.goal_id == Goal.id)
        .outerjoin(Project, Obstacle.project_id == Project.id)
        .order_by(Obstacle.since, Obstacle.id)
    )


async def _lines(session: AsyncSession, chosen: Select[Obstacle, str, str, str], today: date) -> list[ObstacleLine]:
    return [
        ObstacleLine(
            row=row,
            in_the_way_of=goal or project or "",
            days=((row.removed_on or today) - row.since).days,
            is_of_draft=state == "draft",
        )
        for row, goal, project, state in await session.execute(chosen)
    ]
