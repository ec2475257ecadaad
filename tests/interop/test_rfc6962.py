"""The roots of the Certificate Transparency reference trees (RFC 6962 section 2.1)."""

import json
from itertools import pairwise
from pathlib import Path

import pytest

from federation.tlog.edge import EMPTY_EDGE, extend_edge
from federation.tlog.merkle import (
    EMPTY_ROOT,
    build_consistency_proof,
    build_inclusion_proof,
    compute_root,
    hash_leaf,
    hash_range,
    verify_consistency,
    verify_inclusion,
)

VECTORS = json.loads((Path(__file__).parents[1] / "data" / "vectors" / "rfc6962.json").read_text())
LEAVES = [bytes.fromhex(leaf) for leaf in VECTORS["leaves_hex"]]
ROOTS = [bytes.fromhex(root) for root in VECTORS["roots_hex_by_size"]]
HASHES = [hash_leaf(leaf) for leaf in LEAVES]


def hash_at(level: int, index: int) -> bytes:
    return compute_root(HASHES[index << level : (index + 1) << level])


def test_the_empty_tree():
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize("size", range(1, 9))
def test_every_way_to_a_root_gives_the_published_one(size):
    edge, _ = extend_edge(EMPTY_EDGE, HASHES[:size])
    assert compute_root(HASHES[:size]) == ROOTS[size - 1]
    assert hash_range(0, size, hash_at) == ROOTS[size - 1]
    assert edge.root() == ROOTS[size - 1]


def test_growing_leaf_by_leaf_passes_every_published_root():
    edge = EMPTY_EDGE
    for leaf_hash, root in zip(HASHES, ROOTS, strict=True):
        edge, _ = extend_edge(edge, [leaf_hash])
        assert edge.root() == root


def test_inclusion_proofs_lead_to_the_published_roots():
    for size, root in enumerate(ROOTS, start=1):
        for index in range(size):
            proof = build_inclusion_proof(index, size, hash_at)
            verify_inclusion(HASHES[index], index, size, proof, root)


def test_the_published_proof_of_leaf_0_in_a_tree_of_8():
    # The path of Certificate Transparency's own test: the siblings 0-1, 2-3, 4-7.
    assert [node.hex() for node in build_inclusion_proof(0, 8, hash_at)] == [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ]


def test_consistency_proofs_join_the_published_roots():
    for (old_size, old_root), (new_size, new_root) in pairwise(enumerate(ROOTS, start=1)):
        proof = build_consistency_proof(old_size, new_size, hash_at)
        verify_consistency(old_size, old_root, new_size, new_root, proof)
    verify_consistency(2, ROOTS[1], 8, ROOTS[7], build_consistency_proof(2, 8, hash_at))
