"""What the project did, for the chart of its measure: its cycles as a strip, its decisions as marks on the axis.

Cycles and projects stand in rooms above this one; their tables are read by name.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from gettext import NullTranslations

from sqlalchemy import ColumnElement, Date, column, select, table
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
    if measure.project_id is None:
        return Story(decisions=await _closes(session, PROJECTS.c.goal_id == measure.goal_id))
    first_day = await session.execute(select(PROJECTS.c.starts_on).where(PROJECTS.c.id == measure.project_id))
    starts_on: date = first_day.scalar_one()
    found = await session.execute(
        select(CYCLES.c.number, CYCLES.c.starts_on, CYCLES.c.ends_on, CYCLES.c.act)
        .where(CYCLES.c.project_id == measure.project_id)
        .order_by(CYCLES.c.number)
    )
    cycles = [(row, Sentence(N_("Cycle {number}"), {"number": row.number})) for row in found]
    phases = [DatedPhase(catalogue.gettext(N_("Before")), date.min, before=True)]
    if not cycles or cycles[0][0].starts_on > starts_on:
        phases.append(DatedPhase(catalogue.gettext(N_("Project")), starts_on))
    phases += [DatedPhase(name.said(catalogue), row.starts_on) for row, name in cycles]
    decided = [DatedDecision(row.act, row.ends_on, name) for row, name in cycles if row.act and row.ends_on]
    closed = await _closes(session, PROJECTS.c.id == measure.project_id)
    return Story(starts_on, phases, [*decided, *closed])


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


async def _closes(session: AsyncSession, which: ColumnElement[bool]) -> list[DatedDecision]:
    chosen = select(PROJECTS.c.decision, PROJECTS.c.closed_on, PROJECTS.c.title).where(
        which, PROJECTS.c.decision.is_not(None), PROJECTS.c.closed_on.is_not(None)
    )
    found = await session.execute(chosen.order_by(PROJECTS.c.closed_on))
    return [DatedDecision(row.decision, row.closed_on, Sentence("{title}", {"title": row.title})) for row in found]
