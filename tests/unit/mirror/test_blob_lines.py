"""Which line belongs to which record, also when lines are wrong, missing, too many or in another order."""

from nic_node.mirror.blob_lines import match_lines
from schemas.canonical import sha256_hex

A, B, C, X, Y = b"a", b"b", b"c", b"x", b"y"
RECORDS = {3: sha256_hex(A), 5: sha256_hex(B), 9: sha256_hex(C)}


def matched(*lines: bytes) -> tuple[dict[int, bytes], list[bytes]]:
    found = match_lines(RECORDS, lines)
    of_record = {index: lines[number] for index, number in found.of_record.items()}
    return of_record, [lines[number] for number in found.strays]


def test_lines_that_fit_are_matched_by_hash() -> None:
    assert matched(A, B, C) == ({3: A, 5: B, 9: C}, [])
    assert matched(A, C) == ({3: A, 9: C}, [])
    assert matched() == ({}, [])


def test_a_foreign_line_stands_for_the_record_in_its_place() -> None:
    assert matched(X, B, C) == ({3: X, 5: B, 9: C}, [])
    assert matched(A, X, C) == ({3: A, 5: X, 9: C}, [])
    assert matched(A, B, X) == ({3: A, 5: B, 9: X}, [])
    assert matched(A, X, Y) == ({3: A, 5: X, 9: Y}, [])


def test_where_no_place_is_certain_it_stands_for_none() -> None:
    assert matched(A, X) == ({3: A}, [X])
    assert matched(A, X, Y, C) == ({3: A, 9: C}, [X, Y])
    assert matched(A, B, C, X) == ({3: A, 5: B, 9: C}, [X])


def test_another_order_and_doubled_lines_do_no_harm() -> None:
    assert matched(C, B, A) == ({3: A, 5: B, 9: C}, [])
    assert matched(A, A, B, C) == ({3: A, 5: B, 9: C}, [])
    assert matched(C, X, A)[0] == {9: C, 3: A}
