"""Virtual time: what is due next happens at once, and the clock says that it is so late.

Coroutines run on it as they are, those of the mirror too, as long as nothing but `pause` makes them wait. Of two
things due at the same moment the one that was asked for first comes first: a seed gives one course of events.
"""

import heapq
import types
from collections.abc import Callable, Coroutine, Generator
from functools import partial
from typing import Any

Work = Coroutine[Any, Any, None]


@types.coroutine
def pause(seconds: float) -> Generator[float, None, None]:
    """Wait, in virtual time."""
    yield seconds


class VirtualLoop:
    """`now` is in Unix seconds and belongs to no clock."""

    def __init__(self, start: float) -> None:
        self.now = start
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._asked = 0

    def call_at(self, when: float, callback: Callable[[], None]) -> None:
        """A moment that is past means now."""
        heapq.heappush(self._due, (max(when, self.now), self._asked, callback))
        self._asked += 1

    def spawn(self, work: Work) -> None:
        """Begin at once; goes on by itself whenever it pauses."""
        try:
            seconds = work.send(None)
        except StopIteration:
            return
        self.call_at(self.now + seconds, partial(self.spawn, work))

    def run(self, until: float) -> None:
        """Everything that is due up to a moment, this moment included."""
        while self._due and self._due[0][0] <= until:
            self.now, _, callback = heapq.heappop(self._due)
            callback()
        self.now = until
