"""What the charts of running projects have to say: for Today, and for the agenda of the next meeting."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.db.once import once_a_reading
from nic_node.school.measures.chart import latest_of
from nic_node.school.measures.marks import marks_by_measure
from nic_node.school.measures.read import numbers_of
from nic_node.school.measures.tables import Measure, MeasureMark, Observed
from nic_node.school.projects.read import running_projects


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartSignal:
    """A measure whose chart signals; `latest` is its newest number in words, the rest what its chart is drawn from."""

    measure: Measure
    latest: str
    numbers: Sequence[Observed]
    marks: Sequence[MeasureMark]


@once_a_reading
async def running_measures(session: AsyncSession) -> Sequence[Measure]:
    """Those of running projects, but for comparison groups, in the order in which they were added."""
    projects = [project.id for project in await running_projects(session)]
    chosen = select(Measure).where(Measure.project_id.in_(projects), Measure.comparison_of.is_(None))
    return (await session.scalars(chosen.order_by(Measure.id))).all() if projects else ()


@once_a_reading
async def running_signals(session: AsyncSession) -> Sequence[ChartSignal]:
    measures = await running_measures(session)
    if not measures:
        return ()
    numbers = await numbers_of(session, measures)
    marks = await marks_by_measure(session, numbers)
    found = []
    for measure in measures:
        latest = latest_of(measure, numbers[measure.id], marks[measure.id], drawn=False)
        if latest is not None and latest.signal:
            of = measure.id
            found.append(ChartSignal(measure=measure, latest=latest.text, numbers=numbers[of], marks=marks[of]))
    return found
