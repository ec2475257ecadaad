"""Which source of a log is asked next: the log itself while it answers, else a copy, the better it does the likelier.

No source is trusted for anything, so that this decides when something arrives, never what. Chance spreads the load of
an outage over the copies; what does not answer, or is behind, is put behind the others, and asked less and less often.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

LONGEST_WAIT: Final = timedelta(minutes=15)
MOST_DOUBLINGS: Final = 10
UNKNOWN_SECONDS: Final = 0.5
"""What an answer is taken to take while there was none."""
LEAST_SECONDS: Final = 0.05
"""Faster ones are all alike: who is next door does not carry everybody's load."""
BEHIND: Final = 0.1
"""A copy that lacks entries which are here is worth so much of one that does not."""
NEWEST_COUNTS: Final = 0.3
"""Of the smoothed time of an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceHealth:
    """How a source did lately.

    Attributes:
        size: of the checkpoint that it showed last.
        seconds: what an answer takes, smoothed; None before the first one.
        failures: since the last answer. retry_at: before that it is asked only when nobody else is left.
        is_stopped: it showed what was proven wrong.
    """

    url: str
    is_log: bool
    size: int = 0
    seconds: float | None = None
    failures: int = 0
    retry_at: datetime | None = None
    is_stopped: bool = False


def order_sources(
    sources: Iterable[SourceHealth], *, size: int, now: datetime, draw: Callable[[], float]
) -> list[SourceHealth]:
    """Those that may be asked, the first one first.

    Args:
        size: of the checkpoint that is believed here.
        draw: uniform on [0, 1).
    """
    asked = [source for source in sources if source.is_log or not source.is_stopped]
    waiting = [source for source in asked if source.retry_at is not None and now < source.retry_at]
    ready = [source for source in asked if source not in waiting]
    # Weighted sampling without replacement (Efraimidis and Spirakis, 2006): u to the power of 1/weight, the largest.
    drawn = {source.url: math.pow(draw(), 1 / _weight(source, size)) for source in ready}
    ready.sort(key=lambda source: (source.is_log, drawn[source.url]), reverse=True)
    waiting.sort(key=lambda source: (not source.is_log, source.retry_at))
    return ready + waiting


def _weight(source: SourceHealth, size: int) -> float:
    seconds = UNKNOWN_SECONDS if source.seconds is None else source.seconds
    is_behind = 0 < source.size < size
    return (BEHIND if is_behind else 1.0) / max(LEAST_SECONDS, seconds)


def wait_after(failures: int, *, poll: timedelta) -> timedelta:
    """How long a source that failed so often in a row is left alone: twice as long each time."""
    return min(LONGEST_WAIT, poll * (1 << min(failures - 1, MOST_DOUBLINGS)))


def smooth(before: float | None, seconds: float) -> float:
    """The time of an answer, the newest counting most."""
    return seconds if before is None else before + NEWEST_COUNTS * (seconds - before)
