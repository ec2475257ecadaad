"""What an examiner does: call functions of modules with few imports, one after the other.

Calls and answers are pickled by this program on both ends. It starts the sooner the less is imported here.
"""

import gc
import os
import pickle
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, BinaryIO, Final

LENGTH_BYTES: Final = 8
LESS_URGENT: Final = 5
FEW_COLLECTIONS: Final = 50_000  # a bundle's answers, twice

Outcome = tuple[bool, Any]
"""Whether the function answered, and what; else what it raised."""


def framed(thing: object) -> bytes:
    data = pickle.dumps(thing, protocol=pickle.HIGHEST_PROTOCOL)
    return len(data).to_bytes(LENGTH_BYTES, "big") + data


def unframed(data: bytes) -> Any:
    return pickle.loads(data)  # noqa: S301 - both ends of the pipes are this program


def answer_calls(calls: BinaryIO, answers: BinaryIO) -> None:
    """Until nobody asks any more. While an answer is taken, the next call is worked on."""
    with ThreadPoolExecutor(max_workers=1) as writer:
        while header := calls.read(LENGTH_BYTES):
            call = unframed(calls.read(int.from_bytes(header, "big")))
            writer.submit(_hand_over, framed(_outcome(*call)), answers)


def _outcome(function: Callable[..., Any], arguments: Sequence[Any], keywords: Mapping[str, Any]) -> Outcome:
    try:
        return True, function(*arguments, **keywords)
    except Exception as error:  # noqa: BLE001 - whatever it is, who asked is told
        return False, error


def _hand_over(answer: bytes, answers: BinaryIO) -> None:
    with suppress(OSError):  # who asked is gone: no more calls come either
        answers.write(answer)
        answers.flush()


if __name__ == "__main__":
    # What stores and what answers people comes first: it works in small steps, each of which would wait for a turn.
    os.nice(LESS_URGENT)
    # Ctrl-C is for the process that started this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Answers are many small things and hold no cycles: looking for some among them costs more than it could free.
    gc.freeze()
    gc.set_threshold(FEW_COLLECTIONS)
    answer_calls(sys.stdin.buffer, sys.stdout.buffer)
