"""What a detector says about a stretch of text."""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

MarkType = Literal[
    "PERSON", "SCHOOL", "DISTRICT", "PLACE", "ADDRESS", "EMAIL", "PHONE", "ID", "DATE", "ROOM", "URL",
    "SINGLING_OUT", "UNKNOWN_NAME",
]  # fmt: skip
Severity = Literal["info", "ask", "block"]
Source = Literal["pattern", "roster", "title", "singling-out", "unknown-name"]


@dataclass(frozen=True, slots=True)
class Mark:
    """[start, end) is a `type`; info: it is replaced, ask: a person says, block: a person rewrites."""

    start: int
    end: int
    type: MarkType
    severity: Severity
    source: Source
    replacement: str | None = None


class Spans:
    """Stretches [start, end) that may overlap, asked about in time that hardly grows with their number."""

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        for start, end in sorted(spans):
            if self._ends and start <= self._ends[-1]:
                self._ends[-1] = max(self._ends[-1], end)
            else:
                self._starts.append(start)
                self._ends.append(end)

    def overlap(self, start: int, end: int) -> bool:
        last = bisect_left(self._starts, end) - 1  # of those that begin before the end
        return last >= 0 and self._ends[last] > start

    def hold(self, start: int, end: int) -> bool:
        """Whether one of them, or several that touch, cover all of it."""
        last = bisect_left(self._starts, start + 1) - 1
        return last >= 0 and self._ends[last] >= end
