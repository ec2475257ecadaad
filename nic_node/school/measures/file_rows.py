"""A file with a row a period, row by row: date, numbers, note; what can't be read is told with its line.

A cell's content is never repeated in a fault: a wrong file may hold anything.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from nic_node.errors import InvalidInput
from nic_node.evidence.counting import DATE_FORMATS
from nic_node.evidence.sentence import Sentence
from nic_node.i18n import N_
from nic_node.school.measures.numbers import NUMBER_FIELDS, Bounds, Numbers, build_numbers
from nic_node.school.measures.observe import LONGEST_NOTE, period_fault
from nic_node.school.measures.sheets import Sheet, refused

MOST_ROWS = 2000
BLANKS = frozenset({"", "na", "n/a", "nan", "null", "none", "-", "–", "—"})
NUMBER = re.compile(r"[-−]?(\d+|\d{1,3}(,\d{3})+)?(\.\d*)?")
FORMULA = ("=", "@", "+", "#")
LONGEST_CELL = 40

NO_DATE = N_("Line {line}: there is no date in the column {column}. Write it as 2026-10-27 or 10/27/2026.")
NO_NUMBER = N_("Line {line}: there is no number in the column {column}. Write a plain number, or leave it blank.")
A_FORMULA = N_("Line {line}: a formula stands in the column {column}. Write the number itself.")
TWICE = N_("Line {line}: this day stands in line {first} already. Remove one of the two.")
LONG_NOTE = N_("Line {line}: the note is longer than {longest} characters. Shorten it.")
TOLD = N_("Line {line}: {fault}")
TOO_MANY = N_("This file has more than 2,000 rows, and a measure has one a day. If it has a row a student, say so.")


@dataclass(frozen=True, slots=True)
class FileRow:
    """A row that can be read. `numbers` is None where the cells are blank, `note` where the file has no such column."""

    line: int
    period: date
    numbers: Numbers | None
    note: str | None = None

    def document(self) -> dict[str, Any]:
        """As JSON, while it waits for a confirmation."""
        numbers = self.numbers.document() if self.numbers else None
        return {"line": self.line, "period": self.period.isoformat(), "numbers": numbers, "note": self.note}


@dataclass(frozen=True, slots=True)
class Fault:
    """A row that can't be read, and why. The last of very many stands for the rest: its line is 0, `count` of them."""

    line: int
    words: Sentence
    count: int = 1

    def document(self) -> dict[str, Any]:
        values = {name: str(value) for name, value in self.words.values.items()}
        return {"line": self.line, "template": self.words.template, "values": values, "count": self.count}


def load_row(document: Mapping[str, Any]) -> FileRow:
    numbers = Numbers(**document["numbers"]) if document["numbers"] else None
    return FileRow(document["line"], date.fromisoformat(document["period"]), numbers, document["note"])


def load_fault(document: Mapping[str, Any]) -> Fault:
    return Fault(document["line"], Sentence(document["template"], document["values"]), document.get("count", 1))


def read_rows(
    sheet: Sheet, columns: Mapping[str, str], *, unit: str, bounds: Bounds, today: date
) -> tuple[list[FileRow], list[Fault]]:
    """Rows in the file's order, and what could not be read.

    Raises:
        InvalidInput: the file as a whole can't be read, or has too many rows.
    """
    rows: list[FileRow] = []
    faults: list[Fault] = []
    lines: dict[date, int] = {}
    for count, (line, cells) in enumerate(sheet.rows(), 1):
        if count > MOST_ROWS:
            raise refused(TOO_MANY)
        try:
            row = _row(line, cells, columns, unit, bounds, today)
            _verify_first(row, lines)
        except _BadRow as bad:
            faults.append(Fault(line, bad.words))
            continue
        lines[row.period] = line
        rows.append(row)
    return rows, faults


class _BadRow(Exception):
    def __init__(self, words: Sentence) -> None:
        super().__init__(words.template)
        self.words = words


def _row(
    line: int, cells: Mapping[str, str], columns: Mapping[str, str], unit: str, bounds: Bounds, today: date
) -> FileRow:
    period = read_date(cells[columns["period"]])
    if period is None:
        raise _BadRow(Sentence(NO_DATE, {"line": line, "column": columns["period"]}))
    fault = period_fault(period, today)
    if fault:
        raise _BadRow(Sentence(TOLD, {"line": line, "fault": Sentence(fault)}))
    given = {role: _number(cells[column], line, column) for role, column in columns.items() if role in NUMBER_FIELDS}
    note = cells[columns["note"]].strip() if "note" in columns else None
    if note and len(note) > LONGEST_NOTE:
        raise _BadRow(Sentence(LONG_NOTE, {"line": line, "longest": LONGEST_NOTE}))
    if _is_blank(given):
        return FileRow(line, period, None, note)
    try:
        return FileRow(line, period, build_numbers(unit, bounds, given), note)
    except InvalidInput as error:
        raise _BadRow(Sentence(TOLD, {"line": line, "fault": error.sentence})) from error


def _verify_first(row: FileRow, lines: Mapping[date, int]) -> None:
    if row.period in lines:
        raise _BadRow(Sentence(TWICE, {"line": row.line, "first": lines[row.period]}))


def _is_blank(given: Mapping[str, float | None]) -> bool:
    """A group's size alone says nothing yet: a closed day often keeps its enrolment."""
    return all(number is None for role, number in given.items() if role not in ("n", "exposure"))


def read_date(cell: str) -> date | None:
    written = cell.strip()
    if not written or len(written) > LONGEST_CELL:
        return None
    for form in DATE_FORMATS:
        try:
            return datetime.strptime(written, form).date()  # noqa: DTZ007 - a calendar day has no zone
        except ValueError:
            continue
    return None


def _number(cell: str, line: int, column: str) -> float | None:
    written = cell.strip()
    if written.casefold() in BLANKS:
        return None
    plain = written.removesuffix("%").rstrip()
    if len(plain) <= LONGEST_CELL and NUMBER.fullmatch(plain) and any(letter.isdigit() for letter in plain):
        return float(plain.replace(",", "").replace("−", "-"))
    template = A_FORMULA if written.startswith(FORMULA) else NO_NUMBER
    raise _BadRow(Sentence(template, {"line": line, "column": column}))
