"""The cells of a table out of a CSV. Rows that agree in all that cells are told apart by are one cell."""

import csv
from collections.abc import Iterable, Mapping, Sequence

from nic_node.disclosure.withhold import TableCell
from nic_node.errors import InvalidInput

LARGEST = 1_000_000_000  # people: no school system is larger


def read_cells(lines: Iterable[str], by: Sequence[str], n: str, x: str | None = None) -> list[TableCell]:
    """The cells in the order in which they first appear.

    Args:
        lines: of the CSV, its header first.
        by: the columns that tell cells apart.
        n: the column that counts people.
        x: the column that counts those who have what is counted.

    Raises:
        InvalidInput: no header, a missing column, a count that is not one, x over n; by its line.
    """
    try:
        return _cells(csv.DictReader(lines, strict=True), by, n, x)
    except csv.Error as error:
        raise _refused("file", "The file is not a table of comma-separated values: save it as CSV.") from error


def _cells(reader: "csv.DictReader[str]", by: Sequence[str], n: str, x: str | None) -> list[TableCell]:
    header = [name.strip() for name in reader.fieldnames or ()]
    for name in (*by, n, *((x,) if x else ())):
        if name not in header:
            raise _refused(name, f"The file needs a column {name} in its first line.")
    if len(set(header)) != len(header):
        raise _refused("file", "Two columns of the first line have the same name.")
    reader.fieldnames = header
    sums: dict[tuple[str, ...], tuple[int, int]] = {}
    for row in reader:
        key = tuple(_told(row, name, reader.line_num) for name in by)
        people = _count(row, n, reader.line_num)
        counted = _count(row, x, reader.line_num) if x else 0
        if counted > people:
            raise _refused(
                x or n, f"Line {reader.line_num}: {x} is larger than {n}, but counts some of the same people."
            )
        before = sums.get(key, (0, 0))
        sums[key] = before[0] + people, before[1] + counted
    if not sums:
        raise _refused("file", "The file holds no row below its first line.")
    return [
        TableCell(dict(zip(by, key, strict=True)), people, counted if x else None)
        for key, (people, counted) in sums.items()
    ]


def _told(row: Mapping[str, str | None], name: str, line: int) -> str:
    value = row[name]
    if value is None:
        raise _refused(name, f"Line {line} is shorter than the first line: it has no {name}.")
    return value.strip()


def _count(row: Mapping[str, str | None], name: str, line: int) -> int:
    """A whole number of people; 12.0 is 12, as spreadsheets write it."""
    written = (row[name] or "").strip()
    whole, _, rest = written.partition(".")
    digits = whole.isascii() and whole.isdecimal() and not rest.strip("0")
    if not digits or len(whole) > len(str(LARGEST)) or int(whole) > LARGEST:
        raise _refused(name, f"Line {line}, column {name}: write how many people as a whole number, such as 12.")
    return int(whole)


def _refused(field: str, sentence: str) -> InvalidInput:
    return InvalidInput({field: [sentence]}, sentence)
