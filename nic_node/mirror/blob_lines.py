"""Which line of a blob file belongs to which record: by hash; where no hash fits, by its place among those that do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from schemas.canonical import sha256_hex


@dataclass
class MatchedLines:
    """`of_record`: leaf index -> line, which may be wrong; `strays`: lines that stand for no record."""

    of_record: dict[int, bytes] = field(default_factory=dict)
    strays: list[bytes] = field(default_factory=list)


def match_lines(records: Mapping[int, str], lines: Sequence[bytes]) -> MatchedLines:
    """Match a file's lines to records.

    A line with a foreign hash, where as many records are missing as there are foreign lines between two that fit, is
    taken for its record's: so it can be said whose record was tampered with.

    Args:
        records: leaf index -> sha256 of its blob, in index order.
    """
    by_hash = {sha256: index for index, sha256 in records.items()}
    matched = MatchedLines()
    foreign: list[bytes] = []
    last = -1
    for line in lines:
        index = by_hash.get(sha256_hex(line))
        if index is None:
            foreign.append(line)
            continue
        _place(matched, records, foreign, last, index)
        matched.of_record[index] = line
        foreign, last = [], index
    _place(matched, records, foreign, last, None)
    return matched


def _place(
    matched: MatchedLines, records: Mapping[int, str], foreign: list[bytes], after: int, before: int | None
) -> None:
    """Foreign lines between the records `after` and `before` (none: to the end)."""
    if not foreign:
        return
    gap = [index for index in records if after < index and (before is None or index < before)]
    gap = [index for index in gap if index not in matched.of_record]
    if len(gap) == len(foreign):
        matched.of_record.update(zip(gap, foreign, strict=True))
    else:
        matched.strays += foreign
