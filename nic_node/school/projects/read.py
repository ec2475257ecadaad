"""Reading projects, and what a project's dates mean. 45 days are calendar days."""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.db.once import once_a_reading
from nic_node.errors import NotFound
from nic_node.i18n import N_
from nic_node.school.projects.tables import Project, ProjectStep

LAST_DAY = 45
MIDWAY_DAY = 22
CLOSED_SHOWN = 20
STATES = ("draft", "active", "closed")
NO_PROJECT = N_("There is no such project here.")


async def project_of(session: AsyncSession, project_id: int) -> Project:
    project = await session.get(Project, project_id)
    if project is None:
        raise NotFound(NO_PROJECT)
    return project


async def steps_of(session: AsyncSession, project_id: int) -> list[ProjectStep]:
    """The steps of the change idea, in order."""
    chosen = select(ProjectStep).where(ProjectStep.project_id == project_id).order_by(ProjectStep.position)
    return list(await session.scalars(chosen))


async def list_projects(session: AsyncSession, *, after: int | None = None, limit: int = 200) -> list[Project]:
    """Running projects first, then drafts, then closed ones, the newest of each first."""
    order = case({"active": 0, "draft": 1}, value=Project.state, else_=2)
    chosen = select(Project).order_by(order, Project.starts_on.desc(), Project.id.desc()).limit(limit)
    if after is not None:
        chosen = select(Project).where(Project.id > after).order_by(Project.id).limit(limit)
    return list(await session.scalars(chosen))


async def open_projects(session: AsyncSession) -> list[Project]:
    """Running ones, then drafts, the newest of each first."""
    chosen = select(Project).where(Project.state != "closed")
    return list(await session.scalars(chosen.order_by(Project.state, Project.starts_on.desc(), Project.id.desc())))


async def closed_projects(session: AsyncSession, page: int) -> tuple[list[Project], int]:
    """(CLOSED_SHOWN of them on the page, the newest first; how many there are)."""
    count = await session.scalar(select(func.count()).select_from(Project).where(Project.state == "closed")) or 0
    chosen = select(Project).where(Project.state == "closed").order_by(Project.starts_on.desc(), Project.id.desc())
    return list(await session.scalars(chosen.offset((page - 1) * CLOSED_SHOWN).limit(CLOSED_SHOWN))), count


@once_a_reading
async def running_projects(session: AsyncSession) -> list[Project]:
    chosen = select(Project).where(Project.state == "active").order_by(Project.starts_on, Project.id)
    return list(await session.scalars(chosen))


async def projects_from(session: AsyncSession, origin_record: str) -> list[Project]:
    """Projects here that copied the practice with this record id."""
    return list(
        await session.scalars(select(Project).where(Project.origin_record == origin_record).order_by(Project.id))
    )


async def count_steps(session: AsyncSession, project_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Project id -> (steps done, steps)."""
    chosen = (
        select(ProjectStep.project_id, func.count(ProjectStep.done_on), func.count())
        .where(ProjectStep.project_id.in_(project_ids))
        .group_by(ProjectStep.project_id)
    )
    return {project_id: (done, all_of) for project_id, done, all_of in await session.execute(chosen)}


def day_of(project: Project, today: date) -> int:
    """1 on the first day; 0 or less before it; a closed project's clock stands at its last day."""
    until = min(today, project.closed_on) if project.closed_on else today
    return (until - project.starts_on).days + 1


def day_45(project: Project) -> date:
    return project.starts_on + timedelta(days=LAST_DAY - 1)


def closes_on(project: Project) -> date:
    """Day 45, or the last day that it was extended to."""
    return project.extended_to or day_45(project)


def last_day_of(project: Project) -> int:
    """45, or more once it was extended."""
    return (closes_on(project) - project.starts_on).days + 1


def days_late(project: Project, today: date) -> int:
    """How long a running project has been without a decision since its last day; 0 until then."""
    return max((today - closes_on(project)).days, 0) if project.state == "active" else 0


def is_late(project: Project, today: date) -> bool:
    """Whether a running project has passed its last day without a decision."""
    return days_late(project, today) > 0
