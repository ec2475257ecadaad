"""A process beside this one that answers calls, as `answer_calls` does, and what asks it.

When either process dies, however it dies, the pipes close and the other one is told.
"""

import asyncio
import fcntl
import pickle
import sys
from collections.abc import Callable
from contextlib import suppress
from subprocess import PIPE, Popen
from typing import IO, Any, Final

from nic_node.mirror import answer_calls
from nic_node.mirror.answer_calls import LENGTH_BYTES, Outcome, framed, unframed

PIPE_BYTES: Final = 1024 * 1024
"""As much as Linux gives without asking: a bundle fits, and neither end waits for the other so often."""


class Examiner:
    """Two calls are under way at most, the one that is worked on and the next, so that it waits for no question."""

    CALLS: Final = 2

    def __init__(self) -> None:
        self._process = _start()
        self._asking = asyncio.Lock()
        self._listening = asyncio.Lock()
        self.has_ended = False

    @property
    def pid(self) -> int:
        return self._process.pid

    async def ask(self, function: Callable[..., Any], *arguments: Any, **keywords: Any) -> Outcome | None:
        """None: it has ended, and so nobody answers."""
        try:
            async with self._asking:
                await asyncio.to_thread(_write, self._process, (function, arguments, keywords))
                await self._listening.acquire()  # before anybody else asks: answers come in the order of the calls
            try:
                return await asyncio.to_thread(_read_outcome, self._process)
            finally:
                self._listening.release()
        except (OSError, EOFError, ValueError, pickle.PickleError):
            await self.end()
            return None
        except BaseException:
            # The answer would be taken for that to the next question.
            await self.end()
            raise

    async def end(self) -> None:
        if not self.has_ended:
            self.has_ended = True
            self._process.kill()
            await asyncio.to_thread(_forget, self._process)


def _start() -> Popen[bytes]:
    process = Popen((sys.executable, "-P", "-m", answer_calls.__name__), stdin=PIPE, stdout=PIPE)  # noqa: S603 - this program
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


def _write(process: Popen[bytes], call: object) -> None:
    """Raises OSError, ValueError: the process has ended, or its pipe is closed; PickleError: the call can't be sent."""
    assert process.stdin is not None
    process.stdin.write(framed(call))
    process.stdin.flush()


def _read_outcome(process: Popen[bytes]) -> Outcome:
    """Raises OSError, EOFError, ValueError, PickleError: as `_write`, of its answer."""
    assert process.stdout is not None
    length = int.from_bytes(_read(process.stdout, LENGTH_BYTES), "big")
    outcome: Outcome = unframed(_read(process.stdout, length))
    return outcome


def _read(answers: IO[bytes], length: int) -> bytes:
    data = answers.read(length)
    if len(data) < length:
        raise EOFError
    return data
