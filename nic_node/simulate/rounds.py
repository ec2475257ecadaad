"""Hints, by the rules of `nic_node.network.log.hints`: rounds, a few at a time, nobody twice in one."""

import heapq
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from nic_node.network.log.hints import AT_A_TIME, JITTER, MEMBERS_A_RUN, SILENT
from nic_node.peerhttp.client import CONNECT_SECONDS
from nic_node.simulate.loop import VirtualLoop, pause


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Whom the network tells.

    Attributes:
        members: all that belong to it, in order.
        silent_since: when a node was switched off or cut off, None where it answers.
        seconds: what one request takes.
        tell: a hint arrives; given the node and the size.
    """

    members: Callable[[], Sequence[int]]
    silent_since: Callable[[int], float | None]
    seconds: Callable[[int], float]
    tell: Callable[[int, int], None]


class Rounds:
    def __init__(self, loop: VirtualLoop, rng: random.Random, poll_seconds: float, audience: Audience) -> None:
        self._loop = loop
        self._rng = rng
        self._poll_seconds = poll_seconds
        self._audience = audience
        self._size = 0
        self._told = 0
        self._begun_at: float | None = None
        self._is_running = False

    def grown(self, size: int) -> None:
        """A checkpoint over so many entries was published."""
        self._size = size
        if not self._is_running:
            self._ask(self._loop.now + self._poll_seconds * JITTER * self._rng.random())

    def _ask(self, due: float) -> None:
        if self._begun_at is not None:
            due = max(due, self._begun_at + self._poll_seconds)
        self._loop.call_at(due, self._begin)

    def _begin(self) -> None:
        if not self._is_running and self._size > self._told:
            self._is_running, self._begun_at, self._told = True, self._loop.now, self._size
            self._loop.spawn(self._run())

    async def _run(self) -> None:
        members = [member for member in self._audience.members() if not self._is_silent(member)]
        for start in range(0, len(members), MEMBERS_A_RUN):
            await pause(self._tell(members[start : start + MEMBERS_A_RUN]))
        self._is_running = False
        if self._size > self._told:
            self._ask(self._loop.now)

    def _is_silent(self, member: int) -> bool:
        since = self._audience.silent_since(member)
        return since is not None and self._loop.now - since > SILENT.total_seconds()

    def _tell(self, members: Sequence[int]) -> float:
        """Have the hints arrive, so many at a time; answers how long this part of the round takes."""
        free = [0.0] * AT_A_TIME
        for member in members:
            begun = heapq.heappop(free)
            is_answering = self._audience.silent_since(member) is None
            took = self._audience.seconds(member) if is_answering else CONNECT_SECONDS
            if is_answering:
                self._loop.call_at(self._loop.now + begun + took, partial(self._audience.tell, member, self._size))
            heapq.heappush(free, begun + took)
        return max(free)
