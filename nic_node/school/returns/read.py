"""Hours and money of each project beside what it moved, for one table; small groups are held back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.rules_printing import CELL_MINIMUM
from nic_node.school.measures.periods import NEAR_THE_END, OLDEST_BASELINE, PERIODS_A_POINT
from nic_node.school.measures.read import numbers_of
from nic_node.school.measures.tables import Measure, Observed
from nic_node.school.measures.told import ToldValue, held_back, told_percent, told_value, told_words
from nic_node.school.projects.read import LAST_DAY
from nic_node.school.projects.tables import Project
from nic_node.school.returns.tables import ProjectBudget, ProjectInput, StaffYear

SMALL = CELL_MINIMUM
"""Of fewer people nothing is told outside the team."""
COST_TOPS = ((500, "under-500"), (5_000, "under-5k"), (25_000, "under-25k"))
HOUR_TOPS = ((1, "under-1h"), (3, "1-3h"), (8, "3-8h"))
"""Below which dollars in all, and hours a week, each band of the vocabulary ends."""
TOO_SMALL = "too small a group to show"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """Attributes: of_hours, of_dollars: planned, or None."""

    hours: float
    dollars: float
    of_hours: float | None
    of_dollars: float | None
    version: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What a project's measure was before and at the end; `told` is None where that is held back."""

    measure: Measure
    told: tuple[str, str] | None

    @property
    def in_words(self) -> str:
        return f"{self.measure.name}: {f'{self.told[0]} to {self.told[1]}' if self.told else TOO_SMALL}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A project in the board's table.

    Attributes:
        what: what it moved; None where nothing was measured.
        is_early_win: its aim was reached within 45 days.
    """

    project: Project
    spent: Spent
    what: Moved | None
    is_early_win: bool

    @property
    def moved(self) -> str:
        """'Daily attendance: 82 % to 90 %', or ''."""
        return self.what.in_words if self.what else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """Attributes: percent: None where the staff is too small to be told so."""

    row: StaffYear
    percent: int | None

    @property
    def told(self) -> ToldValue | None:
        """As papers say it, where one or two who left would show."""
        return told_percent(100 * self.row.stayed / self.row.staff, self.row.staff) if self.row.staff >= SMALL else None


async def inputs_of(session: AsyncSession, project_id: int) -> list[ProjectInput]:
    """The newest first."""
    chosen = select(ProjectInput).where(ProjectInput.project_id == project_id, ProjectInput.removed_at.is_(None))
    return list(await session.scalars(chosen.order_by(ProjectInput.put_on.desc(), ProjectInput.id.desc())))


async def spent_by(session: AsyncSession, project_ids: Sequence[int]) -> dict[int, Spent]:
    """For several projects in two queries."""
    sums = (
        select(ProjectInput.project_id, func.sum(ProjectInput.hours), func.sum(ProjectInput.dollars))
        .where(ProjectInput.project_id.in_(project_ids), ProjectInput.removed_at.is_(None))
        .group_by(ProjectInput.project_id)
    )
    put = {project_id: (hours, dollars) for project_id, hours, dollars in await session.execute(sums)}
    planned = select(ProjectBudget).where(ProjectBudget.project_id.in_(project_ids))
    budgets = {row.project_id: row for row in await session.scalars(planned)}
    found = {}
    for project_id in project_ids:
        hours, dollars = put.get(project_id, (0.0, 0.0))
        budget = budgets.get(project_id)
        found[project_id] = Spent(
            hours=round(hours, 1),
            dollars=round(dollars, 2),
            of_hours=budget.hours if budget else None,
            of_dollars=budget.dollars if budget else None,
            version=budget.version if budget else None,
        )
    return found


def bands_of(spent: Spent, *, days: int) -> dict[str, str]:
    """What was noted in the words of the shared lists, so that nobody says it twice; what was not noted is left out.

    Args:
        days: how long the project ran.
    """
    bands = {}
    if spent.dollars:
        bands["cost_band"] = next((band for top, band in COST_TOPS if spent.dollars < top), "more")
    if spent.hours:
        a_week = spent.hours / max(days / 7, 1)
        bands["staff_time_band"] = next((band for top, band in HOUR_TOPS if a_week < top), "more")
    return bands


async def board_table(session: AsyncSession, *, since: date, until: date) -> list[Row]:
    """Projects that began within these days, those that are closed first, in the order in which they closed."""
    chosen = select(Project).where(Project.starts_on >= since, Project.starts_on <= until, Project.state != "draft")
    projects = (await session.scalars(chosen)).all()
    spent = await spent_by(session, [project.id for project in projects])
    moved = await moved_by(session, projects)
    rows = [
        Row(
            project=project,
            spent=spent[project.id],
            what=moved.get(project.id),
            is_early_win=_is_early_win(project),
        )
        for project in projects
    ]
    return sorted(rows, key=lambda row: (row.project.closed_on is None, row.project.closed_on or until, row.project.id))


async def retention(session: AsyncSession) -> list[Retention]:
    """By school year, the newest first."""
    rows = await session.scalars(select(StaffYear).order_by(StaffYear.school_year.desc()))
    return [
        Retention(row=row, percent=round(100 * row.stayed / row.staff) if row.staff >= SMALL else None) for row in rows
    ]


async def moved_by(session: AsyncSession, projects: Sequence[Project]) -> dict[int, Moved]:
    """What the aim's measure (else the first outcome) was before and at the end, by closed project."""
    ids = [project.id for project in projects if project.closed_on is not None]
    of_projects = select(Measure).where(Measure.project_id.in_(ids), Measure.comparison_of.is_(None))
    by_project: dict[int, list[Measure]] = {}
    for measure in await session.scalars(of_projects.order_by(Measure.id)):
        by_project.setdefault(measure.project_id or 0, []).append(measure)
    found = {project.id: aim_measure(project, by_project.get(project.id, [])) for project in projects}
    chosen = {project_id: measure for project_id, measure in found.items() if measure is not None}
    held = await held_back(session, chosen.values())
    numbers = await numbers_of(session, list(chosen.values()))
    by_id = {project.id: project for project in projects}
    moved = {
        one: _moved(by_id[one], measure, numbers[measure.id], is_held=measure.id in held)
        for one, measure in chosen.items()
    }
    return {one: what for one, what in moved.items() if what is not None}


def aim_measure(project: Project, measures: Sequence[Measure]) -> Measure | None:
    """What the aim is measured by, else its first outcome."""
    of_aim = [measure for measure in measures if measure.vocabulary == project.aim_measure]
    outcomes = [measure for measure in measures if measure.kind == "outcome"]
    return next(iter(of_aim or outcomes), None)


def _moved(project: Project, measure: Measure, numbers: Sequence[Observed], *, is_held: bool) -> Moved | None:
    assert project.closed_on is not None
    counted = [one for one in numbers if one.value is not None and not one.excluded_because]
    a_point = PERIODS_A_POINT.get(measure.cadence, 2)
    oldest, last = project.starts_on - OLDEST_BASELINE, project.closed_on + NEAR_THE_END
    before = [one for one in counted if oldest <= one.period < project.starts_on][-a_point:]
    after = [one for one in counted if project.starts_on <= one.period <= last][-a_point:]
    if not before or not after:
        return None
    if is_held:
        return Moved(measure=measure, told=None)
    first, then = (told_words(measure, _mean(measure, some)) for some in (before, after))
    return Moved(measure=measure, told=(first, then))


def _mean(measure: Measure, numbers: Sequence[Observed]) -> ToldValue:
    sizes = [one.n for one in numbers if one.n is not None]
    return told_value(measure, sum(one.value or 0 for one in numbers) / len(numbers), min(sizes, default=None))


def _is_early_win(project: Project) -> bool:
    """Reached within its 45 days."""
    if project.closed_on is None or project.aim_result != "reached":
        return False
    return project.closed_on <= project.starts_on + timedelta(days=LAST_DAY)
