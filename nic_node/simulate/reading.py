"""Reading files of a log over a simulated line: what it takes in seconds and bytes, and when there is no answer.

Bytes are those of HTTP answers, head and body, without TLS and TCP.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol

from federation.errors import Unreachable, Untrusted
from federation.tlog.tiles import CHECKPOINT_PATH
from nic_node.peerhttp.client import CONNECT_SECONDS, TOTAL_SECONDS
from nic_node.simulate.history import BLOBS
from nic_node.simulate.loop import pause
from schemas.problem import Code

ANSWER_HEAD_BYTES: Final = 650
"""Status line and headers of an answer by our server."""
UNCHANGED_BYTES: Final = 200
"""All of an answer that says that a file is still the one that is held: 304."""
REQUEST_HEAD_BYTES: Final = 900
"""Request line and headers of a request that a member signed."""


class Purpose(StrEnum):
    """What a node receives bytes for."""

    POLLS = "polls"
    COPIES = "copies"
    ENTRIES = "entries"
    TILES = "tiles"
    BLOBS = "blobs"
    HINTS = "hints"
    RELAYED = "relayed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A node's line: seconds a request takes, bytes a second, and the share of answers that never come."""

    seconds: float
    bytes_a_second: float
    loss: float = 0.0

    @classmethod
    def drawn(cls, rng: random.Random) -> "Line":
        """20 to 200 ms a request, 10 Mbit/s."""
        return cls(seconds=rng.uniform(0.02, 0.2), bytes_a_second=1_250_000.0)

    @classmethod
    def slow(cls, rng: random.Random) -> "Line":
        """2 to 6 s a request, 1 Mbit/s, a tenth of the answers lost."""
        return cls(seconds=rng.uniform(2.0, 6.0), bytes_a_second=125_000.0, loss=0.1)

    def takes(self, size: int) -> float:
        return self.seconds + size / self.bytes_a_second


def purpose_of(path: str) -> Purpose:
    if path == CHECKPOINT_PATH:
        return Purpose.POLLS
    if path.startswith(BLOBS):
        return Purpose.BLOBS
    return Purpose.ENTRIES if path.startswith("tile/entries/") else Purpose.TILES


class Shown(Protocol):
    """Files of a log, as somebody serves them."""

    def file(self, path: str) -> tuple[bytes, int] | None:
        """The bytes at a path and how many of them cross the wire; None: there is no such file."""
        ...


@dataclass(slots=True)
class Visit:
    """One source during one run of pulling: a `federation.tlog.reader.LogReader`. A tile is fetched once a run.

    Attributes:
        find: what the source shows now; None while there is no way to it.
        held: the checkpoint that it showed last; one that is still the same does not travel again.
        bill: told purpose and bytes of each answer.
    """

    line: Line
    find: Callable[[], Shown | None]
    bill: Callable[[Purpose, int], None]
    rng: random.Random
    held: bytes = b""
    _tiles: dict[str, bytes] = field(default_factory=dict)

    async def read(self, path: str, *, max_bytes: int) -> bytes:
        if path in self._tiles:
            return self._tiles[path]
        purpose = purpose_of(path)
        shown = self.find()
        if shown is None:
            await pause(CONNECT_SECONDS)
            raise Unreachable(Code.PEER_UNREACHABLE, "There is no way to this source.")
        if self.line.loss and self.rng.random() < self.line.loss:
            await pause(TOTAL_SECONDS)
            raise Unreachable(Code.PEER_UNREACHABLE, "No answer came in time.")
        found = shown.file(path)
        data, size = found if found is not None else (b"", 0)
        is_same = purpose is Purpose.POLLS and data == self.held != b""
        size = UNCHANGED_BYTES if is_same else size + ANSWER_HEAD_BYTES
        self.bill(purpose, size)
        await pause(self.line.takes(size))
        if found is None:
            raise Unreachable(Code.LOG_INCOMPLETE, f"The source has no {path}.")
        if len(data) > max_bytes:
            raise Untrusted(Code.PEER_TOO_LARGE, f"{path} has {len(data)} bytes, more than a log may serve there.")
        if purpose is Purpose.TILES:
            self._tiles[path] = data
        return data
