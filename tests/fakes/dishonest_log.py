"""A log whose bytes are under the test's control: it tampers, drops, forks and shrinks."""

from collections.abc import Callable

from federation.errors import Unreachable, Untrusted
from federation.tlog.tiles import CHECKPOINT_PATH
from schemas.problem import Code
from tests.fakes.network_log import NetworkLog


class DishonestLog:
    """A `federation.tlog.reader.LogReader` over the files of a NetworkLog; honest until told otherwise."""

    def __init__(self, log: NetworkLog) -> None:
        self.files = dict(log.files)
        self.reads: list[str] = []

    async def read(self, path: str, *, max_bytes: int) -> bytes:
        self.reads.append(path)
        data = self.files.get(path)
        if data is None:
            raise Unreachable(Code.LOG_INCOMPLETE, f"The log has no {path}.")
        if len(data) > max_bytes:
            raise Untrusted(Code.PEER_TOO_LARGE, f"{path} is too large.")
        return data

    def tamper(self, path: str, change: Callable[[bytes], bytes]) -> None:
        """Serve something else at a path."""
        changed = change(self.files[path])
        assert changed != self.files[path], "this attack changes nothing"
        self.files[path] = changed

    def flip(self, path: str, at: int) -> None:
        """Flip one bit of the byte at `at` (from the end where negative)."""

        def flipped(data: bytes) -> bytes:
            altered = bytearray(data)
            altered[at] ^= 1
            return bytes(altered)

        self.tamper(path, flipped)

    def drop(self, path: str) -> None:
        """Have no such file any more."""
        del self.files[path]

    def shrink(self, shorter: NetworkLog) -> None:
        """Serve an older checkpoint."""
        self.files[CHECKPOINT_PATH] = shorter.files[CHECKPOINT_PATH]

    def fork(self, other: NetworkLog) -> None:
        """Serve another history, signed by the same key."""
        self.files = dict(other.files)
