"""Which measures wait for a number: held against their cadence in school days, so that no day off counts against it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.school.measures.tables import Measure, Observation
from nic_node.school.team.calendar import SchoolCalendar

NEXT_AFTER = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=31)}
"""When the next number is expected; measures of other cadences wait for nothing."""
LATE_FROM = 3
"""School days over: one can be ill, and Monday's number may come on Tuesday."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberDue:
    """Attributes: days: school days since its number was due."""

    measure_id: int
    name: str
    owner_id: int | None
    project_id: int | None
    days: int


async def numbers_due(
    session: AsyncSession, project_ids: Collection[int], calendar: SchoolCalendar, today: date
) -> Sequence[NumberDue]:
    """Of these projects, the longest overdue first; a measure without any number is advised on, not due."""
    newest = func.max(Observation.period)
    chosen = (
        select(Measure.id, Measure.name, Measure.owner_id, Measure.project_id, Measure.cadence, newest)
        .join(Observation, Observation.measure_id == Measure.id)
        .where(Measure.project_id.in_(project_ids), Measure.numerator_id.is_(None), Measure.cadence.in_(NEXT_AFTER))
        .group_by(Measure.id, Measure.name, Measure.owner_id, Measure.project_id, Measure.cadence)
    )
    found = [
        NumberDue(
            measure_id=measure_id,
            name=name,
            owner_id=owner_id,
            project_id=project_id,
            days=school_days_over(cadence, last, calendar, today),
        )
        for measure_id, name, owner_id, project_id, cadence, last in await session.execute(chosen)
    ]
    return sorted((one for one in found if one.days >= LATE_FROM), key=lambda one: (-one.days, one.measure_id))


def school_days_over(cadence: str, last: date, calendar: SchoolCalendar, today: date) -> int:
    """School days since the number after the one of `last` was due."""
    return calendar.school_days_late(last + NEXT_AFTER[cadence], today)
