"""Processes for work that is all calculation: signatures, schemas, words. Without them it is done in a thread here.

They are started when there is enough to do, and go when there is not, so that a node at rest pays for none.
"""

import asyncio
import os
from collections.abc import Callable, Sequence
from typing import Concatenate, Final, ParamSpec, TypeVar, cast

from nic_node.mirror.examine import have_loaded
from nic_node.mirror.examiner import Examiner

PROCESSES: Final = 2
"""Also where there are two cores: this process only stores then, and the system gives each what it needs. Calculating
in a thread here would take the interpreter's lock from what stores: measured, a sixth more in all."""
WORTHWHILE_BUNDLES: Final = 16
"""Two processes take about as long to start as eight bundles take to be checked."""
AHEAD: Final = 2
"""Lots: their calls keep both examiners busy while the lot before them is stored."""

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")
Item = TypeVar("Item")


class Examiners:
    """Calls go to whichever examiner is free, and are done here while none is there yet.

    Args:
        cores: how many this process may use; with one there are no examiners.
    """

    def __init__(self, cores: int | None = None) -> None:
        self._cores = _usable_cores() if cores is None else cores
        self._joining: dict[Examiner, asyncio.Task[None]] = {}
        self._free = asyncio.Queue[Examiner | None]()
        self._free.put_nowait(None)  # this process
        self._have_joined = False

    @property
    def ahead(self) -> int:
        """How many things are worth having in the making: none where this process makes them alone."""
        return AHEAD if self._joining else 0

    @property
    def pids(self) -> list[int]:
        """Of the examiners that there are."""
        return [examiner.pid for examiner in self._joining]

    async def expect(self, bundles: int) -> None:
        """Get ready for so many bundles: examiners join in once they have started."""
        if any(examiner.has_ended for examiner in self._joining):
            await self.rest()
        if bundles >= WORTHWHILE_BUNDLES and self._cores > 1 and not self._joining:
            for _ in range(PROCESSES):
                examiner = await asyncio.to_thread(Examiner)
                self._joining[examiner] = asyncio.create_task(self._join(examiner))

    async def _join(self, examiner: Examiner) -> None:
        if await examiner.ask(have_loaded) is not None:
            self._have_joined = True
            for _ in range(Examiner.CALLS):
                self._free.put_nowait(examiner)

    async def run(
        self, function: Callable[Arguments, Answer], *arguments: Arguments.args, **keywords: Arguments.kwargs
    ) -> Answer:
        """What the function answers; in the place of an examiner that has ended it is called here."""
        free = self._free
        examiner = await self._next_free(free)
        try:
            outcome = None if examiner is None else await examiner.ask(function, *arguments, **keywords)
            if outcome is None:
                return await asyncio.to_thread(function, *arguments, **keywords)
        finally:
            free.put_nowait(examiner)
        is_answer, answer = outcome
        if is_answer:
            return cast("Answer", answer)
        raise answer

    async def _next_free(self, free: asyncio.Queue[Examiner | None]) -> Examiner | None:
        """None: this process, until an examiner has joined."""
        examiner = await free.get()
        while examiner is None and self._have_joined:
            examiner = await free.get()
        return examiner

    async def run_for_each(
        self,
        function: Callable[Concatenate[Sequence[Item], Arguments], list[Answer]],
        items: Sequence[Item],
        a_call: int,
        *arguments: Arguments.args,
        **keywords: Arguments.kwargs,
    ) -> list[Answer]:
        """What a function answers that looks at each item by itself, so many a call."""
        some = [items[first : first + a_call] for first in range(0, len(items), a_call)]
        answers = await asyncio.gather(*(self.run(function, each, *arguments, **keywords) for each in some))
        return [answer for each in answers for answer in each]

    async def rest(self) -> None:
        """End the examiners, between two runs; they are started again when there is enough to do."""
        joining, self._joining = self._joining, {}
        for examiner, task in joining.items():
            await examiner.end()
            await task
        self._have_joined = False
        self._free = asyncio.Queue()  # what is still in hand goes back to the old one
        self._free.put_nowait(None)


def _usable_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
