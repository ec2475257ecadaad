"""Tiles and entry bundles as C2SP tlog-tiles lays them out: what a log is made of when it is files.

Tile (level, index) holds up to 256 hashes: those of the complete subtrees (8 * level, index * 256 + i). A tile with
fewer than 256 is partial and stands at the right edge only. Entry bundle `index` holds the same leaves as tile
(0, index), each with its length as big-endian uint16 before it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from federation.errors import Unreachable, Untrusted
from federation.tlog.merkle import HASH_BYTES, LeafRange, hash_pairs, split_range
from schemas.problem import Code

TILE_HEIGHT: Final = 8
TILE_WIDTH: Final = 1 << TILE_HEIGHT
CHECKPOINT_PATH: Final = "checkpoint"

_LENGTH_BYTES: Final = 2
_MAX_ENTRY_BYTES: Final = 0xFFFF
_MAX_INDEX: Final = 2**63
_LEVEL_NAMES: Final = frozenset(["entries", *(str(level) for level in range(64))])


@dataclass(frozen=True, order=True)
class Tile:
    """Where a tile stands. level 0 holds leaf hashes; width is the number of hashes in it, 1 to 256."""

    level: int
    index: int
    width: int = TILE_WIDTH

    @property
    def path(self) -> str:
        return f"tile/{self.level}/{index_path(self.index, self.width)}"

    @property
    def bundle_path(self) -> str:
        """The entry bundle over the same leaves (of a tile of level 0)."""
        return f"tile/entries/{index_path(self.index, self.width)}"

    @property
    def blobs_path(self) -> str:
        """The living blobs of the same leaves (of a tile of level 0)."""
        return f"blobs/{index_path(self.index, self.width)}"


def index_path(index: int, width: int) -> str:
    """1234067 -> 'x001/x234/067', and '.p/{width}' after it where the tile is partial."""
    groups = [f"{index % 1000:03d}"]
    while index := index // 1000:
        groups.append(f"x{index % 1000:03d}")
    name = "/".join(reversed(groups))
    return name if width == TILE_WIDTH else f"{name}.p/{width}"


def parse_index_path(text: str) -> tuple[int, int]:
    """'x001/x234/067.p/8' -> (1234067, 8). One spelling only.

    Raises:
        ValueError: it is none.
    """
    name, dot, width_text = text.partition(".p/")
    if len(text) > 64 or not text.isascii():
        raise ValueError("not the path of a tile")
    width = int(width_text) if dot and width_text.isdigit() else TILE_WIDTH
    digits = "".join(group.removeprefix("x") for group in name.split("/"))
    if not digits.isdigit():
        raise ValueError("not the path of a tile")
    index = int(digits)
    if not 1 <= width <= TILE_WIDTH or index >= _MAX_INDEX or index_path(index, width) != text:
        raise ValueError("not the path of a tile")
    return index, width


def is_tile_path(path: str) -> bool:
    """Whether a path names a tile or an entry bundle, in the one spelling that there is."""
    kind, _, rest = path.partition("/")
    level, _, index = rest.partition("/")
    if kind != "tile" or level not in _LEVEL_NAMES:
        return False
    try:
        parse_index_path(index)
    except ValueError:
        return False
    return True


def tiles_at(level: int, size: int, *, first: int = 0) -> Iterator[Tile]:
    """The tiles of one level of a tree over `size` leaves from tile `first` on; only the last may be partial.

    One by one: a size is a claim, and may be absurd.
    """
    full, rest = divmod(size >> (TILE_HEIGHT * level), TILE_WIDTH)
    for index in range(first, full):
        yield Tile(level, index)
    if rest and first <= full:
        yield Tile(level, full, rest)


def tile_levels(size: int) -> int:
    """How many levels of tiles a tree has."""
    levels = 0
    while size >> (TILE_HEIGHT * levels):
        levels += 1
    return levels


def tile_of(level: int, index: int, size: int) -> Tile:
    """The tile, as wide as a tree over `size` leaves has it, that holds or yields complete subtree (level, index)."""
    if (index + 1) << level > size:
        raise ValueError(f"a tree of {size} has no complete subtree {index} of level {level}")
    tile_level, height = divmod(level, TILE_HEIGHT)
    tile_index = (index << height) >> TILE_HEIGHT
    width = min((size >> (TILE_HEIGHT * tile_level)) - tile_index * TILE_WIDTH, TILE_WIDTH)
    return Tile(tile_level, tile_index, width)


def tiles_wanted(ranges: Iterable[LeafRange], size: int) -> list[Tile]:
    """The tiles that yield the hashes of these ranges, each once."""
    subtrees = (subtree for start, end in ranges for subtree in split_range(start, end))
    return sorted({tile_of(level, index, size) for level, index in subtrees})


class TileHashes:
    """Hashes of complete subtrees, out of the bytes of tiles.

    They are only claims: what is computed from them must be checked against a root. A full tile serves for a partial
    one (a server may drop partial tiles once the full one is there).
    """

    def __init__(self, files: Mapping[str, bytes], size: int) -> None:
        self._files = files
        self._size = size
        self._levels: dict[Tile, list[list[bytes]]] = {}

    def hash_at(self, level: int, index: int) -> bytes:
        """Raises Unreachable: LOG_INCOMPLETE, a tile is not there; Untrusted: TILE_MALFORMED."""
        tile = tile_of(level, index, self._size)
        height = level % TILE_HEIGHT
        levels = self._levels.get(tile) or self._levels.setdefault(tile, [self._read(tile)])
        while len(levels) <= height:
            levels.append(hash_pairs(levels[-1]))
        return levels[height][index - (tile.index << (TILE_HEIGHT - height))]

    def _read(self, tile: Tile) -> list[bytes]:
        data = self._files.get(tile.path)
        if data is not None:
            return decode_tile(data, tile.width)
        full = self._files.get(Tile(tile.level, tile.index).path)
        if full is None:
            raise Unreachable(Code.LOG_INCOMPLETE, f"The log lacks {tile.path}.")
        return decode_tile(full, TILE_WIDTH)[: tile.width]


def decode_tile(data: bytes, width: int) -> list[bytes]:
    """Raises Untrusted: TILE_MALFORMED."""
    if len(data) != width * HASH_BYTES:
        raise Untrusted(Code.TILE_MALFORMED, f"A tile of {width} hashes has {len(data)} bytes.")
    return [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]


def encode_entries(entries: Iterable[bytes]) -> bytes:
    """An entry bundle, or a part of one: bundles are extended by appending.

    Raises:
        ValueError: an entry is longer than 65,535 bytes.
    """
    parts: list[bytes] = []
    for entry in entries:
        if len(entry) > _MAX_ENTRY_BYTES:
            raise ValueError("an entry of a log has at most 65,535 bytes")
        parts += (len(entry).to_bytes(_LENGTH_BYTES, "big"), entry)
    return b"".join(parts)


def decode_entries(data: bytes, width: int) -> list[bytes]:
    """The `width` entries of a bundle.

    Raises:
        Untrusted: BUNDLE_MALFORMED when it holds more, fewer or a broken one.
    """
    entries = []
    at = 0
    while at < len(data):
        start = at + _LENGTH_BYTES
        end = start + int.from_bytes(data[at:start], "big")
        if end > len(data):
            raise Untrusted(Code.BUNDLE_MALFORMED, "An entry bundle ends in the middle of an entry.")
        entries.append(data[start:end])
        at = end
    if len(entries) != width:
        raise Untrusted(Code.BUNDLE_MALFORMED, f"An entry bundle holds {len(entries)} entries instead of {width}.")
    return entries
