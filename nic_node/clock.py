"""Time comes in as an argument; this is where it comes from."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """The machine's time, aware, in UTC."""
    return datetime.now(UTC)


def day_at(moment: datetime, zone: str) -> date:
    """Which calendar day a moment is in a time zone such as 'Pacific/Auckland': never the day in Greenwich."""
    return moment.astimezone(ZoneInfo(zone)).date()
