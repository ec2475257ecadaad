"""The demo's dates: a project that has just reached its 45th day, whatever day it is run on.

The attendance series of 2015-16 is moved by whole weeks, so that a Monday stays a Monday.
"""

from dataclasses import dataclass
from datetime import date, timedelta

SOURCE_START = date(2015, 11, 2)
"""The Monday of the source year that becomes the project's first day: eight weeks of school lie before it."""
DAYS_SINCE_START = 46
WEEKS_BEFORE = 8
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoCalendar:
    """Attributes: starts_on, the project's first day (a Monday); today, on which it closes."""

    starts_on: date
    today: date

    def moved(self, source: date) -> date:
        """A day of the source year on this calendar."""
        return source + (self.starts_on - SOURCE_START)

    def school_days(self) -> list[date]:
        """Monday to Friday, from eight weeks before the start until the day before today."""
        first = self.starts_on - WEEKS_BEFORE * WEEK
        days = (first + timedelta(days=n) for n in range((self.today - first).days))
        return [day for day in days if day.weekday() < 5]


def calendar_of(today: date) -> DemoCalendar:
    latest = today - timedelta(days=DAYS_SINCE_START)
    return DemoCalendar(starts_on=latest - timedelta(days=latest.weekday()), today=today)
