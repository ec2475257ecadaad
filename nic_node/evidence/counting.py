"""A file with a row a student, counted at the door: x of n at each period, and the rows are gone.

The measure is `absent-10pct-window`: students who missed 10 % or more of the last 20 school days. Two layouts occur
in offices: a row a student and day with a mark, and a row a student with counts of days. A recipe says which columns
mean what, who counts and which marks are absences; a school remembers it. Nothing of a row leaves this module but
the counts: a fault names its line and column, never the value in it.
"""

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from nic_node.errors import InvalidInput
from nic_node.evidence.sentence import Sentence
from nic_node.i18n import N_

Layout = Literal["student-day", "student-counts"]
Every = Literal["week", "day"]
FaultCode = Literal["no-date", "no-student", "unknown-mark", "twice", "not-a-count", "more-than-days", "beyond-window"]

DATE_FORMATS = (
    "%Y-%m-%d", "%m/%d/%Y", "%m/%d/%y", "%Y/%m/%d",
    "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S",
    "%m/%d/%Y %H:%M", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %I:%M:%S %p",
)  # fmt: skip
"""Spreadsheets and offices' programs often write midnight beside a day."""
NEEDED: dict[Layout, tuple[str, ...]] = {
    "student-day": ("student", "date", "mark"),
    "student-counts": ("absent", "days"),
}
FIRST_LINE = 2  # of a file whose first line is the header

FAULT_WORDS: dict[FaultCode, str] = {
    "no-date": N_("Line {line}: there is no date in the column {column}. Write it as 2026-10-27 or 10/27/2026."),
    "no-student": N_("Line {line}: the column {column} is empty. Each row needs its student."),
    "unknown-mark": N_(
        "Line {line}: the recipe does not say what the mark in the column {column} means. Add it there."
    ),
    "twice": N_("Line {line}: the same student stands here a second time. Remove one of the two."),
    "not-a-count": N_("Line {line}: the column {column} needs a whole number of days, 0 or more."),
    "more-than-days": N_("Line {line}: more days missed than there were in the column {column}."),
    "beyond-window": N_(
        "Line {line}: more than {window} days. This file adds up the year; count the last {window} days."
    ),
}

HEADERS: dict[str, tuple[str, ...]] = {
    "student": ("student", "student id", "student_id", "studentid", "pupil", "sis id", "local id"),
    "date": ("date", "day", "attendance date", "school date", "att_date"),
    "mark": ("mark", "status", "attendance", "code", "attendance code", "att_code"),
    "period": ("period", "period end", "period_end", "week ending", "week_ending", "through", "as of"),
    "absent": ("absent", "days absent", "days_absent", "absences", "days missed", "missed"),
    "days": ("days", "days enrolled", "days_enrolled", "school days", "membership days", "possible days"),
}


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to count a file.

    `columns` gives the header of each role: student, date, mark (a row a student and day), or absent, days and
    perhaps student and period, the day on which the window ends (a row a student). `who` gives, for a header, the
    values of the rows that count, such as {"grade": ("7",)}. Marks are compared without case.
    """

    layout: Layout
    columns: Mapping[str, str]
    who: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    absent_marks: tuple[str, ...] = ("a", "absent", "u", "e", "ua", "ea", "unexcused", "excused", "0", "n", "no")
    present_marks: tuple[str, ...] = ("p", "present", "t", "tardy", "l", "late", "1", "y", "yes")
    window_days: int = 20
    threshold_percent: int = 10
    least_days: int = 10  # a student with fewer days in the window has not been here long enough to tell
    every: Every = "week"

    def document(self) -> dict[str, Any]:
        """As JSON, to remember."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Count:
    """x of n students at a period, named by its last school day."""

    period: date
    x: int
    n: int


@dataclass(frozen=True, slots=True)
class RowFault:
    """A row that could not be counted; it carries no value of the row."""

    line: int
    code: FaultCode
    words: Sentence


@dataclass(frozen=True, slots=True)
class Counted:
    """What remains of a file. `short` counts, over all periods, the students with too few days to tell."""

    counts: tuple[Count, ...]
    rows_read: int
    short: int
    faults: tuple[RowFault, ...]

    @property
    def words(self) -> Sentence:
        return Sentence(
            N_("Read {rows} rows, kept {numbers} numbers."),
            {"rows": f"{self.rows_read:,}", "numbers": 2 * len(self.counts)},
        )


def load_recipe(document: Mapping[str, Any]) -> Recipe:
    """A recipe from what `Recipe.document` gave."""
    lists = {name: tuple(document[name]) for name in ("absent_marks", "present_marks")}
    who = {column: tuple(values) for column, values in document["who"].items()}
    return Recipe(**{**document, **lists, "who": who})


def guess_recipe(header: Sequence[str]) -> Recipe | None:
    """The recipe that a file's header suggests, None where it suggests none; a person confirms it."""
    known = {name.strip().casefold(): name for name in header}
    columns = {
        role: known[spelling]
        for role, spellings in HEADERS.items()
        for spelling in reversed(spellings)
        if spelling in known
    }
    for layout, needed in NEEDED.items():
        if set(needed) <= set(columns):
            return Recipe(layout, {role: columns[role] for role in columns if role in _roles(layout)})
    return None


def count_rows(recipe: Recipe, rows: Iterable[Mapping[str, str]], *, period: date | None = None) -> Counted:
    """Count a file in one pass.

    Args:
        recipe: how.
        rows: header -> cell, in the file's order.
        period: the last day of the window, for a row a student without a column for it.

    Raises:
        InvalidInput: the recipe lacks a column or names one that the file has not, or no period is known.
    """
    missing = [role for role in NEEDED[recipe.layout] if role not in recipe.columns]
    if missing:
        raise _refused("columns", f"Say which column holds: {', '.join(missing)}.")
    if recipe.layout == "student-day":
        return _DayCounter(recipe).counted(rows)
    if period is None and "period" not in recipe.columns:
        raise _refused("period", "Say on which day the file's window of school days ends.")
    return _CountsCounter(recipe, period).counted(rows)


class _Fault(Exception):
    def __init__(self, code: FaultCode, role: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.role = role


class _Counter(ABC):
    """What both layouts share: reading rows, collecting faults. It lives as long as one file is read."""

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self.rows_read = 0
        self.faults: list[RowFault] = []
        self._days: dict[str, date | None] = {}  # a file repeats few dates over many rows

    def counted(self, rows: Iterable[Mapping[str, str]]) -> Counted:
        for line, row in enumerate(rows, FIRST_LINE):
            if not self.rows_read:
                self._check_header(row)
            self.rows_read += 1
            try:
                self.take(row)
            except _Fault as fault:
                self.faults.append(self._told(line, fault))
        told = list(self.tallies())
        counts = tuple(Count(day, x, n) for day, x, n, _ in told if n)
        return Counted(counts, self.rows_read, sum(short for *_, short in told), tuple(self.faults))

    @abstractmethod
    def take(self, row: Mapping[str, str]) -> None:
        """Count one row, or end it with a `_Fault`."""

    @abstractmethod
    def tallies(self) -> Iterator[tuple[date, int, int, int]]:
        """Of each period in order: its day, x, n, and how many students had too few days."""

    def cell(self, row: Mapping[str, str], role: str) -> str:
        return (row.get(self.recipe.columns[role]) or "").strip()

    def counts_here(self, row: Mapping[str, str]) -> bool:
        return all((row.get(column) or "").strip() in values for column, values in self.recipe.who.items())

    def day(self, row: Mapping[str, str], role: str) -> date:
        cell = self.cell(row, role)
        if cell not in self._days:
            self._days[cell] = _date(cell)
        day = self._days[cell]
        if day is None:
            raise _Fault("no-date", role)
        return day

    def missed_enough(self, missed: int, days: int) -> bool:
        return 100 * missed >= self.recipe.threshold_percent * days

    def _check_header(self, row: Mapping[str, str]) -> None:
        headers = (*self.recipe.columns.values(), *self.recipe.who)
        missing = next((header for header in headers if header not in row), None)
        if missing is not None:
            raise _refused("columns", f"The file has no column {missing}: choose its columns again.")

    def _told(self, line: int, fault: _Fault) -> RowFault:
        column = self.recipe.columns.get(fault.role, "")
        values = {"line": line, "column": column, "window": self.recipe.window_days}
        return RowFault(line, fault.code, Sentence(FAULT_WORDS[fault.code], values))


class _DayCounter(_Counter):
    """A row a student and day."""

    def __init__(self, recipe: Recipe) -> None:
        super().__init__(recipe)
        self.school_days: set[date] = set()
        self.absences: dict[str, dict[date, bool]] = defaultdict(dict)
        self._absent = {mark.casefold() for mark in recipe.absent_marks}
        self._present = {mark.casefold() for mark in recipe.present_marks}

    def take(self, row: Mapping[str, str]) -> None:
        day = self.day(row, "date")
        self.school_days.add(day)  # the calendar is the school's, also where a row's student does not count
        if not self.counts_here(row):
            return
        student = self.cell(row, "student")
        if not student:
            raise _Fault("no-student", "student")
        mark = self.cell(row, "mark").casefold()
        if mark not in self._absent and mark not in self._present:
            raise _Fault("unknown-mark", "mark")
        if day in self.absences[student]:
            raise _Fault("twice", "student")
        self.absences[student][day] = mark in self._absent

    def tallies(self) -> Iterator[tuple[date, int, int, int]]:
        days = sorted(self.school_days)
        for place in range(self.recipe.window_days - 1, len(days)):
            if self._ends_period(days, place):
                window = days[place + 1 - self.recipe.window_days : place + 1]
                yield days[place], *self._tally(window)

    def _ends_period(self, days: Sequence[date], place: int) -> bool:
        if self.recipe.every == "day" or place + 1 == len(days):
            return True
        return days[place].isocalendar()[:2] != days[place + 1].isocalendar()[:2]

    def _tally(self, window: Sequence[date]) -> tuple[int, int, int]:
        x = n = short = 0
        for absences in self.absences.values():
            marked = [absences[day] for day in window if day in absences]
            if len(marked) >= self.recipe.least_days:
                n += 1
                x += self.missed_enough(sum(marked), len(marked))
            elif marked:
                short += 1
        return x, n, short


class _CountsCounter(_Counter):
    """A row a student, with the days that there were and the days missed."""

    def __init__(self, recipe: Recipe, period: date | None) -> None:
        super().__init__(recipe)
        self.period = period
        self.seen: set[tuple[date, str]] = set()
        self.periods: dict[date, list[int]] = {}  # x, n, short

    def take(self, row: Mapping[str, str]) -> None:
        if not self.counts_here(row):
            return
        ends = self.day(row, "period") if "period" in self.recipe.columns else self.period
        missed, days = self._whole(row, "absent"), self._whole(row, "days")
        if missed > days:
            raise _Fault("more-than-days", "days")
        if days > self.recipe.window_days:
            raise _Fault("beyond-window", "days")
        if ends is None:
            raise _Fault("no-date", "period")
        self._see(row, ends)
        tally = self.periods.setdefault(ends, [0, 0, 0])
        if days < self.recipe.least_days:
            tally[2] += 1
            return
        tally[0] += self.missed_enough(missed, days)
        tally[1] += 1

    def tallies(self) -> Iterator[tuple[date, int, int, int]]:
        for ends, (x, n, short) in sorted(self.periods.items()):
            yield ends, x, n, short

    def _see(self, row: Mapping[str, str], ends: date) -> None:
        if "student" not in self.recipe.columns:
            return
        student = self.cell(row, "student")
        if not student:
            raise _Fault("no-student", "student")
        if (ends, student) in self.seen:
            raise _Fault("twice", "student")
        self.seen.add((ends, student))

    def _whole(self, row: Mapping[str, str], role: str) -> int:
        cell = self.cell(row, role)
        if not (cell.isascii() and cell.isdigit() and len(cell) < 5):
            raise _Fault("not-a-count", role)
        return int(cell)


def _date(cell: str) -> date | None:
    for form in DATE_FORMATS:
        try:
            return datetime.strptime(cell, form).date()  # noqa: DTZ007 - a calendar day has no zone
        except ValueError:
            continue
    return None


def _roles(layout: Layout) -> tuple[str, ...]:
    return (*NEEDED[layout], *(("student", "period") if layout == "student-counts" else ()))


def _refused(field_name: str, sentence: str) -> InvalidInput:
    return InvalidInput({field_name: [sentence]}, sentence)
