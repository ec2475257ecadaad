"""What measures hang on: projects and goals, by name only. Their rooms stand above this one and are not imported."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Date, column, select, table
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.school.measures.tables import Measure

PROJECTS = table("projects", column("id"), column("title"), column("state"), column("starts_on", Date))
GOALS = table("goals", column("id"), column("title"), column("state"))


@dataclass(frozen=True, slots=True)
class Home:
    """A project or a goal. `key` is 'project-3' or 'goal-2'; only a project has its first day."""

    kind: str
    id: int
    title: str
    state: str
    starts_on: date | None = None

    @property
    def key(self) -> str:
        return f"{self.kind}-{self.id}"

    @property
    def is_open(self) -> bool:
        return self.state in ("draft", "active")


def home_key(measure: Measure) -> str:
    """As `Home.key`, of what a measure hangs on."""
    return _key(measure.project_id, measure.goal_id)


def _key(project_id: int | None, goal_id: int | None) -> str:
    return f"project-{project_id}" if project_id is not None else f"goal-{goal_id}"


async def homes(session: AsyncSession) -> list[Home]:
    """All of them: goals first, then projects, the newest first."""
    goals = await session.execute(select(GOALS.c.id, GOALS.c.title, GOALS.c.state).order_by(GOALS.c.id))
    projects = await session.execute(
        select(PROJECTS.c.id, PROJECTS.c.title, PROJECTS.c.state, PROJECTS.c.starts_on).order_by(PROJECTS.c.id.desc())
    )
    return [*(Home("goal", *row) for row in goals), *(Home("project", *row) for row in projects)]


async def homes_with_measures(session: AsyncSession) -> set[str]:
    """Their keys."""
    used = await session.execute(select(Measure.project_id, Measure.goal_id).distinct())
    return {_key(project_id, goal_id) for project_id, goal_id in used}


async def measures_of_homes(session: AsyncSession, wanted: Iterable[Home]) -> Sequence[Measure]:
    """In the order in which they were added."""
    projects, goals = ([home.id for home in wanted if home.kind == kind] for kind in ("project", "goal"))
    chosen = select(Measure).where(
        Measure.project_id.in_(projects) | (Measure.project_id.is_(None) & Measure.goal_id.in_(goals))
    )
    return (await session.scalars(chosen.order_by(Measure.id))).all()


async def home_of(session: AsyncSession, *, project_id: int | None, goal_id: int | None) -> Home | None:
    """The project or goal with this id, None if there is none."""
    for home in await homes(session):
        if (home.kind, home.id) in (("project", project_id), ("goal", goal_id)):
            return home
    return None
