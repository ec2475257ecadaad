"""Every proof verifies, and with any byte of it altered none does."""

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.errors import Untrusted
from federation.tlog.edge import EMPTY_EDGE, TreeEdge, extend_edge
from federation.tlog.merkle import (
    build_consistency_proof,
    build_inclusion_proof,
    hash_children,
    hash_leaf,
    verify_consistency,
    verify_inclusion,
)
from federation.tlog.tiles import TileHashes

LARGEST = 600
HASHES = [hash_leaf(b"%d" % n) for n in range(LARGEST)]


def plain_root(start: int, end: int) -> bytes:
    """MTH as the RFC defines it, and nothing else."""
    if end - start == 1:
        return HASHES[start]
    split = 1
    while split * 2 < end - start:
        split *= 2
    return hash_children(plain_root(start, start + split), plain_root(start + split, end))


@cache
def tree(size: int) -> tuple[TreeEdge, TileHashes]:
    edge, tiles = extend_edge(EMPTY_EDGE, HASHES[:size])
    return edge, TileHashes({tile.path: data for tile, data in tiles.items()}, size)


sizes = st.one_of(st.sampled_from([1, 2, 255, 256, 257, 511, 512, 513]), st.integers(1, LARGEST))


@st.composite
def places(draw):
    size = draw(sizes)
    return draw(st.integers(0, size - 1)), size


@st.composite
def growths(draw):
    new_size = draw(sizes)
    return draw(st.integers(1, new_size)), new_size


def alterations(proof: list[bytes], at: int, bit: int) -> list[bytes]:
    node = bytearray(proof[at % len(proof)])
    node[bit // 8 % len(node)] ^= 1 << bit % 8
    return [*proof[: at % len(proof)], bytes(node), *proof[at % len(proof) + 1 :]]


@given(sizes)
@settings(max_examples=60)
def test_the_edge_has_the_root_of_the_definition(size):
    assert tree(size)[0].root() == plain_root(0, size)


@given(st.lists(st.integers(0, 300), max_size=6))
@settings(max_examples=60)
def test_any_way_to_cut_the_batches_gives_the_same_edge(batches):
    edge, size = EMPTY_EDGE, 0
    for batch in batches:
        end = min(size + batch, LARGEST)
        edge, _ = extend_edge(edge, HASHES[size:end])
        size = end
    assert edge == extend_edge(EMPTY_EDGE, HASHES[:size])[0]
    assert TreeEdge.from_bytes(edge.to_bytes()) == edge


@given(places(), st.integers(0, 2**16), st.integers(0, 255))
@settings(max_examples=150)
def test_inclusion(place, at, bit):
    index, size = place
    edge, hashes = tree(size)
    proof = build_inclusion_proof(index, size, hashes.hash_at)
    verify_inclusion(HASHES[index], index, size, proof, edge.root())
    wrong = [(HASHES[index], index, size, [*proof, HASHES[0]], edge.root())]
    if proof:
        wrong.append((HASHES[index], index, size, alterations(proof, at, bit), edge.root()))
        wrong.append((HASHES[index], index, size, proof[:-1], edge.root()))
        wrong.append((HASHES[index], (index + 1) % size, size, proof, edge.root()))
    for claim in wrong:
        with pytest.raises(Untrusted):
            verify_inclusion(*claim)


@given(growths(), st.integers(0, 2**16), st.integers(0, 255))
@settings(max_examples=150)
def test_consistency(growth, at, bit):
    old_size, new_size = growth
    old_root, new_root = plain_root(0, old_size), plain_root(0, new_size)
    proof = build_consistency_proof(old_size, new_size, tree(new_size)[1].hash_at)
    verify_consistency(old_size, old_root, new_size, new_root, proof)
    wrong = [
        (old_size, HASHES[0][::-1], new_size, new_root, proof),
        (old_size, old_root, new_size, HASHES[0][::-1], proof),
        (old_size, old_root, new_size, new_root, [*proof, HASHES[0]]),
    ]
    if proof:
        wrong.append((old_size, old_root, new_size, new_root, alterations(proof, at, bit)))
        wrong.append((old_size, old_root, new_size, new_root, proof[:-1]))
        wrong.append((new_size, new_root, old_size, old_root, proof))
    for claim in wrong:
        with pytest.raises(Untrusted):
            verify_consistency(*claim)
