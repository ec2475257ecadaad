"""The right edge of a tree: what it takes to append to it, and to know its root, without reading the rest.

The edge holds the partial tile of every level (at most 255 hashes each, so about 8 KiB a level, three levels for 16
million leaves). An append touches each new hash once; nothing that is complete is looked at again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from federation.errors import Untrusted
from federation.tlog.merkle import EMPTY_ROOT, hash_children, hash_leaf, hash_pairs
from federation.tlog.tiles import (
    TILE_HEIGHT,
    TILE_WIDTH,
    Tile,
    TileHashes,
    decode_entries,
    decode_tile,
    encode_entries,
    tile_levels,
)
from schemas.problem import Code

_SIZE_BYTES: Final = 8


@dataclass(frozen=True)
class TreeEdge:
    """A tree of `size` leaves; partials[level] are the hashes of that level's last, partial tile (may be empty)."""

    size: int = 0
    partials: tuple[tuple[bytes, ...], ...] = ()

    def root(self) -> bytes:
        """RFC 6962: the hashes at the edge, folded from the right."""
        root: bytes | None = None
        for hashes in self.partials:
            for node in reversed(_complete_subtrees(hashes)):
                root = node if root is None else hash_children(node, root)
        return EMPTY_ROOT if root is None else root

    def to_bytes(self) -> bytes:
        """For a database column: the size, then the partial tiles (their widths follow from the size)."""
        return self.size.to_bytes(_SIZE_BYTES, "big") + b"".join(b"".join(hashes) for hashes in self.partials)

    @classmethod
    def from_bytes(cls, data: bytes) -> "TreeEdge":
        """Raises Untrusted: TILE_MALFORMED, the length does not fit the size."""
        if len(data) < _SIZE_BYTES:
            raise Untrusted(Code.TILE_MALFORMED, "The stored edge of a tree is cut off.")
        size = int.from_bytes(data[:_SIZE_BYTES], "big")
        widths = _edge_widths(size)
        hashes = iter(decode_tile(data[_SIZE_BYTES:], sum(widths)))
        return cls(size, tuple(tuple(next(hashes) for _ in range(width)) for width in widths))


EMPTY_EDGE: Final = TreeEdge()


@dataclass(frozen=True)
class Appended:
    """A longer tree and the files that it adds: path -> bytes. They are written before its root is signed."""

    edge: TreeEdge
    root: bytes
    files: dict[str, bytes]


def extend_edge(edge: TreeEdge, leaf_hashes: Sequence[bytes]) -> tuple[TreeEdge, dict[Tile, bytes]]:
    """The edge after these leaves, and the tiles that are new or longer, full and partial."""
    tiles: dict[Tile, bytes] = {}
    partials: list[tuple[bytes, ...]] = []
    rising: list[bytes] = list(leaf_hashes)
    level = 0
    while level < len(edge.partials) or rising:
        held = edge.partials[level] if level < len(edge.partials) else ()
        hashes = [*held, *rising]
        first = edge.size >> (TILE_HEIGHT * (level + 1))
        full = len(hashes) // TILE_WIDTH
        carried = []
        for number in range(full):
            tile = hashes[number * TILE_WIDTH : (number + 1) * TILE_WIDTH]
            tiles[Tile(level, first + number)] = b"".join(tile)
            carried.append(_complete_subtrees(tile)[0])
        rest = tuple(hashes[full * TILE_WIDTH :])
        if rest and rising:
            tiles[Tile(level, first + full, len(rest))] = b"".join(rest)
        partials.append(rest)
        rising = carried
        level += 1
    return TreeEdge(edge.size + len(leaf_hashes), tuple(partials)), tiles


def append_entries(edge: TreeEdge, partial_bundle: bytes, entries: Sequence[bytes]) -> Appended:
    """Everything that a sequencer writes for new entries.

    Args:
        edge: the tree so far.
        partial_bundle: the bytes of its last entry bundle where that is partial, else nothing.
        entries: the new leaves in order.

    Raises:
        Untrusted: BUNDLE_MALFORMED, the bundle is not the one at the edge of this tree.
    """
    decode_entries(partial_bundle, edge.size % TILE_WIDTH)
    longer, tiles = extend_edge(edge, [hash_leaf(entry) for entry in entries])
    files = {tile.path: data for tile, data in tiles.items()}
    files |= _new_bundles(edge.size, partial_bundle, entries)
    return Appended(longer, longer.root(), files)


def _new_bundles(size: int, partial_bundle: bytes, entries: Sequence[bytes]) -> dict[str, bytes]:
    bundles: dict[str, bytes] = {}
    index, held = divmod(size, TILE_WIDTH)
    at = 0
    while at < len(entries):
        taken = entries[at : at + TILE_WIDTH - held]
        path = Tile(0, index, held + len(taken)).bundle_path
        bundles[path] = partial_bundle + encode_entries(taken)
        at += len(taken)
        index, held, partial_bundle = index + 1, 0, b""
    return bundles


def edge_tiles(size: int) -> list[Tile]:
    """The partial tiles that make the edge of a tree: what to read to go on after a restart."""
    return [
        Tile(level, size >> (TILE_HEIGHT * (level + 1)), width)
        for level, width in enumerate(_edge_widths(size))
        if width
    ]


def edge_from_files(size: int, files: Mapping[str, bytes]) -> TreeEdge:
    """The edge of a tree out of the tiles that `edge_tiles` names: claims until its root is compared.

    Raises:
        Unreachable: LOG_INCOMPLETE.
        Untrusted: TILE_MALFORMED.
    """
    hashes = TileHashes(files, size)
    return TreeEdge(size, tuple(_edge_hashes(level, size, hashes) for level in range(tile_levels(size))))


def _edge_hashes(level: int, size: int, hashes: TileHashes) -> tuple[bytes, ...]:
    end = size >> (TILE_HEIGHT * level)
    start = end - end % TILE_WIDTH
    return tuple(hashes.hash_at(TILE_HEIGHT * level, index) for index in range(start, end))


def _edge_widths(size: int) -> list[int]:
    return [(size >> (TILE_HEIGHT * level)) % TILE_WIDTH for level in range(tile_levels(size))]


def _complete_subtrees(hashes: Sequence[bytes]) -> list[bytes]:
    """The hashes of the complete subtrees that `len(hashes)` nodes make, largest first."""
    subtrees = []
    nodes = list(hashes)
    while nodes:
        if len(nodes) & 1:
            subtrees.append(nodes[-1])
        nodes = hash_pairs(nodes)
    return subtrees[::-1]
