"""Columns of numbers out of a CSV, for the calculators on the command line: all of it reads well, or one sentence."""

import csv
import math
from collections.abc import Iterable, Mapping, Sequence

from nic_node.errors import InvalidInput

MISSING = {"", "na", "nan", "null", "none"}


def read_columns(
    lines: Iterable[str], needed: Sequence[str], optional: Sequence[str] = ()
) -> Mapping[str, list[float | None]]:
    """Read named columns; a blank cell or NA is None.

    Args:
        lines: of the CSV, its header first; other columns may stand beside.
        needed: columns that must be there.
        optional: columns that are read if they are there.

    Raises:
        InvalidInput: no header, a missing column, a cell that is no number.
    """
    try:
        return _columns(csv.DictReader(lines), needed, optional)
    except csv.Error as error:
        raise _refused(needed[0], "The file is not a table of comma-separated values: save it as CSV.") from error


def read_labels(lines: Iterable[str], name: str) -> list[str]:
    """Read one column as text, such as the practice that each effect belongs to.

    Raises:
        InvalidInput: no header, or no such column.
    """
    try:
        reader = csv.DictReader(lines)
        header = [column.strip().removeprefix("\ufeff") for column in reader.fieldnames or ()]
        if name not in header:
            raise _refused(name, f"The file needs a column {name} in its first line.")
        reader.fieldnames = header
        return [(row[name] or "").strip() for row in reader]
    except csv.Error as error:
        raise _refused(name, "The file is not a table of comma-separated values: save it as CSV.") from error


def _columns(
    reader: "csv.DictReader[str]", needed: Sequence[str], optional: Sequence[str]
) -> dict[str, list[float | None]]:
    header = [name.strip().removeprefix("\ufeff") for name in reader.fieldnames or ()]
    missing = [name for name in needed if name not in header]
    if missing:
        raise _refused(missing[0], f"The file needs a column {missing[0]} in its first line.")
    reader.fieldnames = header
    columns: dict[str, list[float | None]] = {name: [] for name in (*needed, *optional) if name in header}
    for row in reader:
        for name, values in columns.items():
            values.append(_number(row[name], name, reader.line_num))
    return columns


def _number(cell: str | None, name: str, line: int) -> float | None:
    written = (cell or "").strip()
    if written.casefold() in MISSING:
        return None
    try:
        number = float(written)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise _refused(name, f"Line {line}, column {name}: write a plain number such as 0.25, or leave it blank.")
    return number


def _refused(field: str, sentence: str) -> InvalidInput:
    return InvalidInput({field: [sentence]}, sentence)
