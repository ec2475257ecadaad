"""Verdicts that many nodes share: who knew the same and reads the same bytes comes to the same verdict.

Each node still asks for every file itself: only the work on what it got is spared, and only where every byte equals
what the first node read. Checked here is exactly that; nothing is taken for granted about what a source serves.
"""

from collections.abc import Awaitable, Callable, Hashable
from typing import Any, Final, TypeVar

from federation.tlog.reader import LogReader

T = TypeVar("T")
Read = tuple[str, int, bytes]
"""Path, the most bytes that it may have, and what came."""

MOST_COURSES: Final = 8
"""Of reading after knowing the same: sources differ while a log forks or grows."""


class _Noting:
    """Passes reads on and notes them; what was read already is not asked for again."""

    def __init__(self, reader: LogReader, held: list[Read]) -> None:
        self._reader = reader
        self._held = {path: data for path, _, data in held}
        self.reads = list(held)

    async def read(self, path: str, *, max_bytes: int) -> bytes:
        if path in self._held:
            return self._held.pop(path)
        data = await self._reader.read(path, max_bytes=max_bytes)
        self.reads.append((path, max_bytes, data))
        return data


class Verdicts:
    """`own` and `shared` count how often the work was done and how often it was spared."""

    def __init__(self, *, is_shared: bool) -> None:
        self.is_shared = is_shared
        self.own = 0
        self.shared = 0
        self._courses: dict[Hashable, list[tuple[list[Read], Any]]] = {}
        self._known: dict[Hashable, Any] = {}

    async def reach(self, known: Hashable, reader: LogReader, work: Callable[[LogReader], Awaitable[T]]) -> T:
        """What `work` makes of what it reads.

        Args:
            known: all that the work depends on besides what it reads; it must change nothing that others hold.

        Raises:
            Untrusted, Unreachable: as the work does; refusals are never shared.
        """
        if not self.is_shared:
            self.own += 1
            return await work(reader)
        courses = self._courses.setdefault(known, [])
        held: list[Read] = []
        for reads, verdict in list(courses):
            if await _is_repeated(reads, reader, held):
                self.shared += 1
                result: T = verdict
                return result
        noting = _Noting(reader, held)
        self.own += 1
        made = await work(noting)
        if len(courses) < MOST_COURSES:
            courses.append((noting.reads, made))
        return made

    def once(self, known: Hashable, work: Callable[[], T]) -> T:
        """What `work` makes of nothing but `known`."""
        if not self.is_shared:
            return work()
        if known not in self._known:
            self._known[known] = work()
        result: T = self._known[known]
        return result


async def _is_repeated(reads: list[Read], reader: LogReader, held: list[Read]) -> bool:
    """Whether reading the same files gives the same bytes; `held` is what was read so far, and grows."""
    for number, (path, max_bytes, data) in enumerate(reads):
        if number == len(held):
            held.append((path, max_bytes, await reader.read(path, max_bytes=max_bytes)))
        if held[number][0] != path or held[number][2] != data:
            return False
    return len(held) == len(reads)
