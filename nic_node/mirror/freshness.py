"""'You see everything up to 2 minutes ago': what people need to know of all this."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from nic_node.mirror.states import LogState

Kind = Literal["frozen", "ended", "never", "copies", "now", "minutes", "hours", "days"]
STANDING_STILL: dict[LogState, Kind] = {LogState.FROZEN: "frozen", LogState.ENDED: "ended"}
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """`count` minutes, hours or days; the words stand in templates/freshness.html."""

    kind: Kind
    count: int = 0


def build_freshness(state: str, current_at: datetime | None, now: datetime) -> Freshness:
    """How old the newest complete view of a log is; rounded down to a unit that reads well."""
    if state in STANDING_STILL:
        return Freshness(kind=STANDING_STILL[LogState(state)])
    if current_at is None:
        # All of it is here, from copies, and none of them can say how old it is.
        return Freshness(kind="copies" if state in (LogState.LIVE, LogState.STALE) else "never")
    return build_age(current_at, now)


def build_age(then: datetime, now: datetime) -> Freshness:
    """How long ago something was."""
    age = max(now - then, timedelta(0))
    if age < MINUTE:
        return Freshness(kind="now")
    if age < HOUR:
        return Freshness(kind="minutes", count=age // MINUTE)
    if age < 2 * DAY:
        return Freshness(kind="hours", count=age // HOUR)
    return Freshness(kind="days", count=age // DAY)
