"""Which line of a blob file belongs to which record: by hash; where no hash fits, by its place among those that do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from schemas.canonical import sha256_hex


@dataclass
class MatchedLines:
    """Lines by their numbers. `of_record`: leaf index -> line, which may be wrong; `strays`: those of no record.

    sha256s: of every line.
    """

    of_record: dict[int, int] = field(default_factory=dict)
    strays: list[int] = field(default_factory=list)
    sha256s: list[str] = field(default_factory=list)


def match_lines(records: Mapping[int, str], lines: Sequence[bytes]) -> MatchedLines:
    """Match a file's lines to records.

    A line with a foreign hash, where as many records are missing as there are foreign lines between two that fit, is
    taken for its record's: so it can be said whose record was tampered with.

    Args:
        records: leaf index -> sha256 of its blob, in index order.
    """
    by_hash = {sha256: index for index, sha256 in records.items()}
    matched = MatchedLines(sha256s=[sha256_hex(line) for line in lines])
    foreign: list[int] = []
    last = -1
    for number, sha256 in enumerate(matched.sha256s):
        index = by_hash.get(sha256)
        if index is None:
            foreign.append(number)
            continue
        _place(matched, records, foreign, last, index)
        matched.of_record[index] = number
        foreign, last = [], index
    _place(matched, records, foreign, last, None)
    return matched


def _place(
    matched: MatchedLines, records: Mapping[int, str], foreign: list[int], after: int, before: int | None
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
