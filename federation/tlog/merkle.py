"""Merkle tree hashes and proofs of RFC 6962 section 2.1, verified as RFC 9162 section 2.1 spells it out.

A tree over n leaves is made of complete subtrees: subtree (level, index) covers the 2**level leaves from
index * 2**level. Every hash that a proof needs is the hash of a range of leaves, and every such range splits into few
complete subtrees: a store keeps complete subtrees only (as tiles), and each hash is computed once.
"""

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Final

from federation.errors import Untrusted
from schemas.problem import Code

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = sha256(b"").digest()

LeafRange = tuple[int, int]
"""Leaves start (inclusive) to end (exclusive)."""
Subtree = tuple[int, int]
"""(level, index): the complete subtree over leaves index * 2**level to (index + 1) * 2**level."""
HashAt = Callable[[int, int], bytes]
"""(level, index) -> the 32-byte hash of that complete subtree."""


def hash_leaf(data: bytes) -> bytes:
    return sha256(b"\x00" + data).digest()


def hash_children(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def hash_pairs(hashes: Sequence[bytes]) -> list[bytes]:
    """One level up: the hash of each two neighbours; an odd last one is left out."""
    return [hash_children(left, right) for left, right in zip(hashes[::2], hashes[1::2], strict=False)]


def compute_root(leaf_hashes: Sequence[bytes]) -> bytes:
    """The tree hash (RFC 6962 section 2.1) straight from all leaf hashes: for small trees, and to check by."""
    if not leaf_hashes:
        return EMPTY_ROOT
    levels = [list(leaf_hashes)]
    while len(levels[-1]) > 1:
        levels.append(hash_pairs(levels[-1]))
    return hash_range(0, len(leaf_hashes), lambda level, index: levels[level][index])


# Ranges and subtrees ------------------------------------------------------------------------------------------------


def split_range(start: int, end: int) -> list[Subtree]:
    """The complete subtrees that make a range, left to right, each smaller than the one before.

    `start` must be a multiple of the largest one, as it is for every range in a proof.
    """
    subtrees = []
    while start < end:
        level = (end - start).bit_length() - 1
        subtrees.append((level, start >> level))
        start += 1 << level
    return subtrees


def hash_range(start: int, end: int, hash_at: HashAt) -> bytes:
    """MTH(D[start:end]) of a range that is not empty."""
    *lefts, root = [hash_at(level, index) for level, index in split_range(start, end)]
    for left in reversed(lefts):
        root = hash_children(left, root)
    return root


def inclusion_ranges(index: int, size: int) -> list[LeafRange]:
    """The ranges whose hashes are PATH(index, D[size]) (RFC 6962 section 2.1.1), nearest sibling first."""
    if not 0 <= index < size:
        raise ValueError(f"there is no leaf {index} in a tree of {size}")
    start, end = 0, size
    siblings: list[LeafRange] = []
    while end - start > 1:
        middle = start + _split_point(end - start)
        if index < middle:
            siblings.append((middle, end))
            end = middle
        else:
            siblings.append((start, middle))
            start = middle
    return siblings[::-1]


def consistency_ranges(old_size: int, new_size: int) -> list[LeafRange]:
    """The ranges whose hashes are PROOF(old_size, D[new_size]) (RFC 6962 section 2.1.2)."""
    if not 0 <= old_size <= new_size:
        raise ValueError(f"a tree of {new_size} does not extend one of {old_size}")
    if old_size == 0:
        return []
    start, end = 0, new_size
    ranges: list[LeafRange] = []
    while end != old_size:
        middle = start + _split_point(end - start)
        if old_size <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    # The old tree's own root is left out of the proof: who checks it has that root.
    if start > 0:
        ranges.append((start, end))
    return ranges[::-1]


def _split_point(width: int) -> int:
    """The largest power of two smaller than the width (the k of RFC 6962)."""
    return 1 << ((width - 1).bit_length() - 1)


# Proofs -------------------------------------------------------------------------------------------------------------


def build_inclusion_proof(index: int, size: int, hash_at: HashAt) -> list[bytes]:
    return [hash_range(start, end, hash_at) for start, end in inclusion_ranges(index, size)]


def build_consistency_proof(old_size: int, new_size: int, hash_at: HashAt) -> list[bytes]:
    return [hash_range(start, end, hash_at) for start, end in consistency_ranges(old_size, new_size)]


def verify_inclusion(leaf_hash: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """RFC 9162 section 2.1.3.2.

    Raises:
        Untrusted: INCLUSION_WRONG.
    """
    if not 0 <= index < size or any(len(node) != HASH_BYTES for node in (leaf_hash, root, *proof)):
        raise _inclusion_wrong()
    position, last = index, size - 1
    computed = leaf_hash
    for sibling in proof:
        if last == 0:
            raise _inclusion_wrong()
        if position & 1 or position == last:
            computed = hash_children(sibling, computed)
            position, last = _skip_lone_levels(position, last)
        else:
            computed = hash_children(computed, sibling)
        position, last = position >> 1, last >> 1
    if last != 0 or computed != root:
        raise _inclusion_wrong()


def verify_consistency(old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]) -> None:
    """RFC 9162 section 2.1.4.2; the empty tree (whose root is known) is consistent with every tree.

    Raises:
        Untrusted: CONSISTENCY_WRONG.
    """
    if not 0 <= old_size <= new_size or any(len(node) != HASH_BYTES for node in (old_root, new_root, *proof)):
        raise _consistency_wrong()
    if old_size in (0, new_size):
        known = EMPTY_ROOT if old_size == 0 else new_root
        if proof or old_root != known:
            raise _consistency_wrong()
        return
    is_complete = old_size & (old_size - 1) == 0
    path = [old_root, *proof] if is_complete else list(proof)
    if not path or _roots_by_path(old_size, new_size, path) != (old_root, new_root):
        raise _consistency_wrong()


def _roots_by_path(old_size: int, new_size: int, path: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    """Both roots as the path makes them; none when it is too short or too long."""
    position, last = old_size - 1, new_size - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    old_root = new_root = path[0]
    for node in path[1:]:
        if last == 0:
            return None
        if position & 1 or position == last:
            old_root, new_root = hash_children(node, old_root), hash_children(node, new_root)
            position, last = _skip_lone_levels(position, last)
        else:
            new_root = hash_children(new_root, node)
        position, last = position >> 1, last >> 1
    return (old_root, new_root) if last == 0 else None


def _skip_lone_levels(position: int, last: int) -> tuple[int, int]:
    """At the right edge a node without a sibling moves up as it is."""
    while not position & 1 and position:
        position, last = position >> 1, last >> 1
    return position, last


def _inclusion_wrong() -> Untrusted:
    return Untrusted(Code.INCLUSION_WRONG, "A proof does not show that this entry is in the log.")


def _consistency_wrong() -> Untrusted:
    return Untrusted(Code.CONSISTENCY_WRONG, "A proof does not show that the log only grew: do not trust this source.")
