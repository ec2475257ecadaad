"""One way to read a log, whoever keeps it: over HTTP, in a folder, or in a test's hands."""

from typing import Final, Protocol

from federation.errors import Unreachable
from federation.tlog.merkle import HASH_BYTES
from federation.tlog.tiles import CHECKPOINT_PATH, TILE_WIDTH, Tile, decode_entries, decode_tile
from schemas.limits import CHECKPOINT_MAX_BYTES, LEAF_MAX_BYTES
from schemas.problem import Code

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


async def read_note(reader: LogReader) -> bytes:
    """The log's checkpoint, as signed; nothing verified."""
    return await reader.read(CHECKPOINT_PATH, max_bytes=MAX_CHECKPOINT_BYTES)


async def read_tile(reader: LogReader, tile: Tile) -> list[bytes]:
    """A tile's hashes. A partial tile that was dropped is taken from the full one (C2SP tlog-tiles).

    Raises:
        Unreachable: the source has neither, or gave no answer.
        Untrusted: TILE_MALFORMED.
    """
    full = Tile(tile.level, tile.index)
    data, width = await _read_either(reader, (tile.path, tile.width), full.path, MAX_TILE_BYTES)
    return decode_tile(data, width)[: tile.width]


async def read_bundle(reader: LogReader, tile: Tile) -> list[bytes]:
    """The entries under a tile of level 0, from the full bundle where the partial one was dropped.

    Raises:
        Unreachable: the source has neither, or gave no answer.
        Untrusted: BUNDLE_MALFORMED.
    """
    full = Tile(0, tile.index)
    data, width = await _read_either(reader, (tile.bundle_path, tile.width), full.bundle_path, MAX_BUNDLE_BYTES)
    return decode_entries(data, width)[: tile.width]


async def _read_either(reader: LogReader, wanted: tuple[str, int], full_path: str, max_bytes: int) -> tuple[bytes, int]:
    path, width = wanted
    try:
        return await reader.read(path, max_bytes=max_bytes), width
    except Unreachable as absent:
        if absent.code is not Code.LOG_INCOMPLETE or path == full_path:
            raise
    return await reader.read(full_path, max_bytes=max_bytes), TILE_WIDTH
