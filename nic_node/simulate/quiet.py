"""Polls that bring nothing, counted without simulating each: exact, since they change nothing but what they cost.

A node that has everything it can get is parked. When something changes, the polls that it made meanwhile are drawn,
60 s +-50 % apart as always, for all parked nodes at once; the first one after the change is the one that counts.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray


class QuietPolls:
    """Arrays by the number of the node: `due` is when a parked node polls next, `pace` what one takes."""

    def __init__(
        self,
        rng: np.random.Generator,
        poll_seconds: float,
        capacity: int,
        charge: Callable[[NDArray[np.int64]], None],
    ) -> None:
        """charge: is told how often each node polled since the last time, before anything changes."""
        self._rng = rng
        self._poll_seconds = poll_seconds
        self._charge = charge
        self.due = np.full(capacity, np.inf)
        self.pace = np.zeros(capacity)
        self._parked = np.zeros(capacity, dtype=np.bool_)

    def wait(self) -> float:
        """From the end of a poll to the next one."""
        return self._poll_seconds * (0.5 + float(self._rng.random()))

    def park(self, node: int, due: float) -> None:
        self.due[node], self._parked[node] = due, True

    def unpark(self, node: int) -> None:
        self._parked[node] = False

    def parked(self) -> list[int]:
        return [int(node) for node in np.flatnonzero(self._parked)]

    def settle(self, now: float) -> None:
        """Draw the polls of all parked nodes up to now."""
        counts = np.zeros(len(self.due), dtype=np.int64)
        nodes = np.flatnonzero(self._parked & (self.due < now))
        while len(nodes):
            counts[nodes] += 1
            drawn = self._poll_seconds * (0.5 + self._rng.random(len(nodes)))
            self.due[nodes] += self.pace[nodes] + drawn
            nodes = nodes[self.due[nodes] < now]
        self._charge(counts)
