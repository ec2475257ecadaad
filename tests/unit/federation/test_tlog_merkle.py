import pytest

from federation.errors import Untrusted
from federation.tlog.merkle import (
    EMPTY_ROOT,
    compute_root,
    consistency_ranges,
    hash_children,
    hash_leaf,
    inclusion_ranges,
    split_range,
    verify_consistency,
    verify_inclusion,
)
from schemas.problem import Code

A, B, C = (hash_leaf(letter) for letter in (b"a", b"b", b"c"))


def test_leaves_and_nodes_are_hashed_apart():
    assert hash_leaf(A + B) != hash_children(A, B)
    assert compute_root([]) == EMPTY_ROOT
    assert compute_root([A]) == A
    assert compute_root([A, B, C]) == hash_children(hash_children(A, B), C)


def test_a_range_splits_into_complete_subtrees():
    assert split_range(0, 7) == [(2, 0), (1, 2), (0, 6)]
    assert split_range(8, 12) == [(2, 2)]
    assert split_range(3, 3) == []


def test_ranges_of_the_examples_in_the_rfc():
    # RFC 6962 section 2.1.3, the tree of 7 leaves.
    assert inclusion_ranges(0, 7) == [(1, 2), (2, 4), (4, 7)]
    assert inclusion_ranges(3, 7) == [(2, 3), (0, 2), (4, 7)]
    assert inclusion_ranges(4, 7) == [(5, 6), (6, 7), (0, 4)]
    assert inclusion_ranges(6, 7) == [(4, 6), (0, 4)]
    assert consistency_ranges(3, 7) == [(2, 3), (3, 4), (0, 2), (4, 7)]
    assert consistency_ranges(4, 7) == [(4, 7)]
    assert consistency_ranges(6, 7) == [(4, 6), (6, 7), (0, 4)]


def test_no_ranges_outside_the_tree():
    assert consistency_ranges(0, 7) == []
    assert consistency_ranges(7, 7) == []
    for index, size in ((-1, 3), (3, 3), (0, 0)):
        with pytest.raises(ValueError, match="no leaf"):
            inclusion_ranges(index, size)
    with pytest.raises(ValueError, match="extend"):
        consistency_ranges(8, 7)


ROOT = hash_children(hash_children(A, B), C)
NOT_INCLUDED = [
    pytest.param((A, 0, 3, [B], ROOT), id="too short"),
    pytest.param((A, 0, 3, [B, C, C], ROOT), id="too long"),
    pytest.param((B, 0, 3, [B, C], ROOT), id="another leaf"),
    pytest.param((A, 1, 3, [B, C], ROOT), id="another place"),
    pytest.param((A, 3, 3, [B, C], ROOT), id="outside"),
    pytest.param((A, -1, 3, [B, C], ROOT), id="negative"),
    pytest.param((A, 0, 3, [B, C], A), id="another root"),
    pytest.param((A, 0, 3, [B, C[:31]], ROOT), id="a short hash"),
    pytest.param((A + B, 0, 1, [], A + B), id="no hash"),
]


@pytest.mark.parametrize("claim", NOT_INCLUDED)
def test_inclusion_refused(claim):
    verify_inclusion(A, 0, 3, [B, C], ROOT)
    with pytest.raises(Untrusted) as refusal:
        verify_inclusion(*claim)
    assert refusal.value.code is Code.INCLUSION_WRONG


AB = hash_children(A, B)
NOT_CONSISTENT = [
    pytest.param((2, AB, 3, ROOT, []), id="no proof"),
    pytest.param((2, AB, 3, ROOT, [C, C]), id="too long"),
    pytest.param((2, AB, 3, AB, [C]), id="another new root"),
    pytest.param((2, ROOT, 3, ROOT, [C]), id="another old root"),
    pytest.param((3, ROOT, 2, AB, []), id="shrunk"),
    pytest.param((3, ROOT, 3, AB, []), id="same size, another root"),
    pytest.param((3, ROOT, 3, ROOT, [C]), id="surplus proof of sameness"),
    pytest.param((0, AB, 3, ROOT, []), id="an empty tree with a root"),
    pytest.param((0, EMPTY_ROOT, 3, ROOT, [C]), id="surplus proof from nothing"),
    pytest.param((-1, AB, 3, ROOT, []), id="negative"),
    pytest.param((2, AB, 3, ROOT, [C[:31]]), id="a short hash"),
    pytest.param((3, ROOT, 4, ROOT, []), id="empty proof of a tree that is not complete"),
]


@pytest.mark.parametrize("claim", NOT_CONSISTENT)
def test_consistency_refused(claim):
    verify_consistency(2, AB, 3, ROOT, [C])
    verify_consistency(0, EMPTY_ROOT, 3, ROOT, [])
    verify_consistency(3, ROOT, 3, ROOT, [])
    with pytest.raises(Untrusted) as refusal:
        verify_consistency(*claim)
    assert refusal.value.code is Code.CONSISTENCY_WRONG
