"""What the project did, for the chart of its measure: its cycles as a strip, its decisions as marks on the axis.

Cycles and projects stand in rooms above this one; their tables are read by name.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from gettext import NullTranslations
from typing import Any

from sqlalchemy import Date, Row, column, select, table
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.charts.frame import Decided, Decision, Phase
from nic_node.evidence.sentence import Sentence
from nic_node.i18n import N_
from nic_node.school.measures.tables import Measure

CYCLES = table(
    "cycles", column("project_id"), column("number"), column("starts_on", Date), column("ends_on", Date), column("act")
)
PROJECTS = table(
    "projects",
    column("id"),
    column("goal_id"),
    column("title"),
    column("starts_on", Date),
    column("closed_on", Date),
    column("decision"),
)


@dataclass(frozen=True, slots=True)
class DatedPhase:
    """A stretch of the strip over the chart, from its day to the next one's; `before` is drawn quiet."""

    label: str
    starts_on: date
    before: bool = False


@dataclass(frozen=True, slots=True)
class DatedDecision:
    """What was decided, on which day, of what: 'Cycle 2', or a project by its title."""

    decision: Decision
    on: date
    of: Sentence


@dataclass(frozen=True, slots=True)
class Story:
    """`starts_on` is the project's first day; None for a measure of a goal."""

    starts_on: date | None = None
    phases: Sequence[DatedPhase] = ()
    decisions: Sequence[DatedDecision] = ()


async def story_of(session: AsyncSession, measure: Measure, catalogue: NullTranslations) -> Story:
    """The cycles and decisions of a measure's project; of a goal, the decisions of its projects."""
    return (await stories_of(session, [measure], catalogue))[measure.id]


async def stories_of(
    session: AsyncSession, measures: Sequence[Measure], catalogue: NullTranslations
) -> dict[int, Story]:
    """Of several measures at once, by measure."""
    project_ids = {measure.project_id for measure in measures if measure.project_id is not None}
    goal_ids = {measure.goal_id for measure in measures if measure.project_id is None}
    of_them = PROJECTS.c.id.in_(project_ids) | PROJECTS.c.goal_id.in_(goal_ids - {None})
    projects = (await session.execute(select(PROJECTS).where(of_them).order_by(PROJECTS.c.closed_on))).all()
    chosen = select(CYCLES).where(CYCLES.c.project_id.in_(project_ids)).order_by(CYCLES.c.number)
    cycles: dict[int, list[Row[Any]]] = {project_id: [] for project_id in project_ids}
    for row in await session.execute(chosen) if project_ids else ():
        cycles[row.project_id].append(row)
    of_projects = {row.id: _of_project(row, cycles[row.id], catalogue) for row in projects if row.id in project_ids}
    of_goals = {
        goal_id: Story(decisions=_closes(row for row in projects if row.goal_id == goal_id)) for goal_id in goal_ids
    }
    return {
        measure.id: of_goals[measure.goal_id] if measure.project_id is None else of_projects[measure.project_id]
        for measure in measures
    }


def _of_project(project: Row[Any], rows: Sequence[Row[Any]], catalogue: NullTranslations) -> Story:
    cycles = [(row, Sentence(N_("Cycle {number}"), {"number": row.number})) for row in rows]
    phases = [DatedPhase(catalogue.gettext(N_("Before")), date.min, before=True)]
    if not cycles or cycles[0][0].starts_on > project.starts_on:
        phases.append(DatedPhase(catalogue.gettext(N_("Project")), project.starts_on))
    phases += [DatedPhase(name.said(catalogue), row.starts_on) for row, name in cycles]
    decided = [DatedDecision(row.act, row.ends_on, name) for row, name in cycles if row.act and row.ends_on]
    return Story(project.starts_on, phases, [*decided, *_closes([project])])


def placed_phases(phases: Sequence[DatedPhase], days: Sequence[date]) -> list[Phase]:
    """Phases by index of their first day; those that have no point yet are left out."""
    placed = []
    for number, phase in enumerate(phases):
        ends = phases[number + 1].starts_on if number + 1 < len(phases) else date.max
        first = next((index for index, day in enumerate(days) if phase.starts_on <= day < ends), None)
        if first is not None:
            placed.append(Phase(phase.label, first, phase.before))
    return placed


def placed_decisions(decisions: Sequence[DatedDecision], days: Sequence[date]) -> list[tuple[Decided, DatedDecision]]:
    """Decisions at the latest day that was not after them; those before the first day are left out."""
    placed = []
    for decision in decisions:
        before = [index for index, day in enumerate(days) if day <= decision.on]
        if before:
            placed.append((Decided(decision.decision, before[-1]), decision))
    return placed


def _closes(projects: Iterable[Row[Any]]) -> list[DatedDecision]:
    return [
        DatedDecision(row.decision, row.closed_on, Sentence("{title}", {"title": row.title}))
        for row in projects
        if row.decision and row.closed_on
    ]
