"""A second process for work that is all calculation: signatures, schemas, words. Without one it is done in a thread.

It is started when there is enough to do, and goes when there is not, so that a node at rest pays for none. What goes
over its pipes is pickled by this program on both ends. When this process dies, however it dies, the pipe closes and the
other one ends.
"""

import asyncio
import fcntl
import gc
import os
import pickle
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from subprocess import PIPE, Popen
from typing import IO, Any, BinaryIO, Concatenate, Final, ParamSpec, TypeVar, cast

WORTHWHILE_BUNDLES: Final = 8
"""A process takes about as long to start as four bundles take to be checked."""
LENGTH_BYTES: Final = 8
PIPE_BYTES: Final = 1024 * 1024
"""As much as Linux gives without asking: a bundle fits, and neither end waits for the other so often."""
FEW_COLLECTIONS: Final = 50_000  # a bundle's answers, twice

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")
Item = TypeVar("Item")


class SecondCore:
    """Runs functions of modules with few imports; one at a time, in the order in which they come.

    Args:
        cores: how many this process may use.
    """

    def __init__(self, cores: int | None = None) -> None:
        self._cores = _usable_cores() if cores is None else cores
        self._process: Popen[bytes] | None = None
        self._turn = asyncio.Lock()

    @property
    def cores(self) -> int:
        """How many there are for this process and the other."""
        return self._cores

    @property
    def pid(self) -> int | None:
        """Of the other process, while there is one."""
        return None if self._process is None else self._process.pid

    async def expect(self, bundles: int) -> None:
        """Get ready for so many bundles."""
        if bundles >= WORTHWHILE_BUNDLES and self._cores > 1 and self._process is None:
            self._process = await asyncio.to_thread(_start)

    async def run(
        self, function: Callable[Arguments, Answer], *arguments: Arguments.args, **keywords: Arguments.kwargs
    ) -> Answer:
        """What the function answers; where the other process fails, it is called here."""
        async with self._turn:
            if self._process is not None:
                try:
                    is_answer, answer = await asyncio.to_thread(_ask, self._process, (function, arguments, keywords))
                except (OSError, EOFError, pickle.PickleError):
                    await self.rest()
                except BaseException:
                    # The answer would be taken for that to the next question.
                    await self.rest()
                    raise
                else:
                    if is_answer:
                        return cast("Answer", answer)
                    raise answer
        return await asyncio.to_thread(function, *arguments, **keywords)

    async def run_for_each(
        self,
        here: float,
        function: Callable[Concatenate[Sequence[Item], Arguments], list[Answer]],
        items: Sequence[Item],
        *arguments: Arguments.args,
        **keywords: Arguments.kwargs,
    ) -> list[Answer]:
        """What a function answers that looks at each item by itself.

        Args:
            here: the part of the items that this process looks at meanwhile, where there is another.
        """
        if self._process is None:
            return await self.run(function, items, *arguments, **keywords)
        cut = round(len(items) * (1 - here))
        there, rest = await asyncio.gather(
            self.run(function, items[:cut], *arguments, **keywords),
            asyncio.to_thread(function, items[cut:], *arguments, **keywords),
        )
        return [*there, *rest]

    async def rest(self) -> None:
        """End the other process; it is started again when there is enough to do."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            await asyncio.to_thread(_forget, process)


def _usable_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _start() -> Popen[bytes]:
    process = Popen((sys.executable, "-P", "-m", __name__), stdin=PIPE, stdout=PIPE)  # noqa: S603 - this program
    if hasattr(fcntl, "F_SETPIPE_SZ"):
        for pipe in (process.stdin, process.stdout):
            assert pipe is not None
            with suppress(OSError):  # whoever has many pipes gets no more: then it takes more turns
                fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    return process


def _forget(process: Popen[bytes]) -> None:
    """Once it has ended."""
    process.wait()
    for pipe in (process.stdin, process.stdout):
        assert pipe is not None
        with suppress(OSError):  # what was still to be written has no reader
            pipe.close()


def _ask(process: Popen[bytes], call: object) -> tuple[bool, Any]:
    """Whether the function answered, and what; else what it raised.

    Raises:
        OSError, EOFError: the process has ended.
    """
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(_framed(call))
    process.stdin.flush()
    length = int.from_bytes(_read(process.stdout, LENGTH_BYTES), "big")
    is_answer, answer = _unframed(_read(process.stdout, length))
    return is_answer, answer


def _read(answers: IO[bytes], length: int) -> bytes:
    data = answers.read(length)
    if len(data) < length:
        raise EOFError
    return data


def _framed(thing: object) -> bytes:
    data = pickle.dumps(thing, protocol=pickle.HIGHEST_PROTOCOL)
    return len(data).to_bytes(LENGTH_BYTES, "big") + data


def _unframed(data: bytes) -> Any:
    return pickle.loads(data)  # noqa: S301 - both ends of the pipes are this program


# The other process ----------------------------------------------------------------------------------------------------


def answer_calls(calls: BinaryIO, answers: BinaryIO) -> None:
    """Until nobody asks any more."""
    while header := calls.read(LENGTH_BYTES):
        function, arguments, keywords = _unframed(calls.read(int.from_bytes(header, "big")))
        try:
            answer = (True, function(*arguments, **keywords))
        except Exception as error:  # noqa: BLE001 - whatever it is, who asked is told
            answer = (False, error)
        answers.write(_framed(answer))
        answers.flush()


if __name__ == "__main__":
    # Ctrl-C is for the process that started this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Answers are many small things and hold no cycles: looking for some among them costs more than it could free.
    gc.freeze()
    gc.set_threshold(FEW_COLLECTIONS)
    answer_calls(sys.stdin.buffer, sys.stdout.buffer)
