"""One way to read a log, whoever keeps it: over HTTP, in a folder, or in a test's hands."""

from typing import Final, Protocol

from federation.tlog.merkle import HASH_BYTES
from federation.tlog.tiles import TILE_WIDTH
from schemas.limits import CHECKPOINT_MAX_BYTES, LEAF_MAX_BYTES

MAX_CHECKPOINT_BYTES: Final = CHECKPOINT_MAX_BYTES
MAX_TILE_BYTES: Final = TILE_WIDTH * HASH_BYTES
MAX_BUNDLE_BYTES: Final = TILE_WIDTH * (2 + LEAF_MAX_BYTES)


class LogReader(Protocol):
    async def read(self, path: str, *, max_bytes: int) -> bytes:
        """The bytes at a path of the log: 'checkpoint', 'tile/0/000', 'tile/entries/000.p/5', ...

        Raises:
            Unreachable: LOG_INCOMPLETE, the source has no such file; other codes, the source gave no answer.
            Untrusted: CONTENT_TOO_LARGE, more than `max_bytes`.
        """
        ...
