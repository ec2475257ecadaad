"""The school's calendar: weekdays are school days, but for days off. A project's 45 days are calendar days."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import record_audit
from nic_node.db.once import once_a_reading
from nic_node.errors import InvalidInput
from nic_node.i18n import N_
from nic_node.school.bin.keep import bin_rows
from nic_node.school.editing import far_off, keep_new, locked_row, long_ones, verify
from nic_node.school.team.tables import DayOff

SATURDAY = 5
LONGEST_BREAK = timedelta(days=120)
DAY = timedelta(days=1)
NO_DAY_OFF = N_("These days off are no longer in the calendar.")


class SchoolCalendar:
    """Which days are school days.

    Args:
        off: (first, last) days without school.
    """

    def __init__(self, off: Iterable[tuple[date, date]]) -> None:
        self._off = sorted(off)

    def is_school_day(self, day: date) -> bool:
        return day.weekday() < SATURDAY and not any(first <= day <= last for first, last in self._off)

    def school_days(self, first: date, last: date) -> int:
        """How many school days there are from `first` to `last`, both included."""
        days = range((last - first).days + 1)
        return sum(1 for ahead in days if self.is_school_day(first + timedelta(days=ahead)))

    def school_days_late(self, due: date, today: date) -> int:
        """School days since it was due: what was due on Friday is not late on Sunday."""
        return self.school_days(due + DAY, today) if due < today else 0


@once_a_reading
async def calendar_of(session: AsyncSession) -> SchoolCalendar:
    rows = await session.execute(select(DayOff.starts_on, DayOff.ends_on))
    return SchoolCalendar((first, last) for first, last in rows)


async def days_off(session: AsyncSession, *, since: date) -> Sequence[DayOff]:
    """Those that end on `since` or later, in order."""
    chosen = select(DayOff).where(DayOff.ends_on >= since).order_by(DayOff.starts_on, DayOff.id)
    return (await session.scalars(chosen)).all()


async def add_days_off(
    session: AsyncSession, *, actor: Actor, label: str, starts_on: date | None, ends_on: date | None, today: date,
    now: datetime,
) -> DayOff:  # fmt: skip
    """Put days off into the calendar; without an end it is one day.

    Raises:
        InvalidInput: no day, an end before the start, a break longer than a summer.
    """
    said = long_ones({"label": label}, {"label": 80})
    if not label.strip():
        said["label"] = N_("Say what it is: Thanksgiving, a staff day.")
    if starts_on is None:
        said["starts_on"] = N_("Say from which day.")
    else:
        last = ends_on or starts_on
        said["starts_on"] = far_off(starts_on, today)
        if not starts_on <= last <= starts_on + LONGEST_BREAK:
            said["ends_on"] = N_("The last day comes on or after the first, within four months.")
    verify(said)
    assert starts_on is not None
    row = DayOff(label=label.strip(), starts_on=starts_on, ends_on=ends_on or starts_on)
    return await keep_new(session, row, actor=actor, action="day-off.added", now=now)


async def remove_days_off(session: AsyncSession, *, actor: Actor, day_off_id: int, now: datetime) -> DayOff:
    """Take days off out of the calendar; what stood there comes back, so that it can be added again."""
    row = await locked_row(session, DayOff, day_off_id, missing=NO_DAY_OFF)
    before = {"label": row.label, "starts_on": row.starts_on, "ends_on": row.ends_on}
    await bin_rows(session, kind="day-off", label=row.label, rows=[row], actor=actor, now=now)
    await record_audit(
        session,
        actor=actor,
        action="day-off.removed",
        subject="day-off",
        subject_id=day_off_id,
        before=before,
        after=None,
        now=now,
    )
    return row


def meeting_days(calendar: SchoolCalendar, first: date, last: date, every_weeks: int) -> list[date]:
    """The days of a series, each `every_weeks` weeks, without those that are no school days.

    Raises:
        InvalidInput: an end before the start, more than a year, or no school day among them.
    """
    if not first <= last <= first + timedelta(days=366):
        raise InvalidInput({"last": [N_("The last day comes after the first, within a year.")]})
    days = range(0, (last - first).days + 1, 7 * every_weeks)
    found = [day for ahead in days if calendar.is_school_day(day := first + timedelta(days=ahead))]
    if not found:
        raise InvalidInput({"first": [N_("None of these days is a school day. Choose another weekday.")]})
    return found
