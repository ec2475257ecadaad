"""From the bytes of a file to the numbers that may be kept: the only place where an uploaded file is looked at.

A file with a row a period is read as it is; one with a row a student is counted here, in memory, by a recipe, and
nothing of its rows goes on but x of n. The work is pure and may take a second: callers run it in a thread.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Literal

from nic_node.errors import InvalidInput
from nic_node.evidence.counting import Recipe, count_rows, guess_recipe, load_recipe
from nic_node.evidence.sentence import Sentence
from nic_node.i18n import N_, filled
from nic_node.school.measures.columns import settle_columns
from nic_node.school.measures.file_rows import Fault, FileRow, read_rows
from nic_node.school.measures.numbers import Bounds, build_numbers
from nic_node.school.measures.sheets import Sheet, read_sheet, refused

Layout = Literal["auto", "periods", "students"]
MOST_FAULTS = 200

ONLY_PERCENT = N_("A file with a row a student can be counted for a percent of people only; this measure is another.")
NO_RECIPE = N_(
    "Which columns hold the student, the date and the mark? Name them below, as the first line of the file has them."
)
NO_WINDOW = N_(
    "Nothing could be counted: the rows that count have fewer than {days} school days, or their marks are not known."
)
UNKNOWN_MARK = N_(
    "One row has a mark that is neither known as an absence nor as a presence, so nothing was counted. "
    "Add it to the marks of absence or of presence below."
)
UNKNOWN_MARKS = N_(
    "{count} rows have a mark that is neither known as an absence nor as a presence, so nothing was counted. "
    "Add it to the marks of absence or of presence below."
)
MORE = N_("{count} more rows like these.")


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureFacts:
    """What reading needs to know of the measure. `remembered` is the recipe of its last file."""

    unit: str
    bounds: Bounds
    remembered: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """What a person said about the file; all may be left to the file and the last one.

    Attributes:
        columns: role -> header, for a row a period.
        recipe: parts of `evidence.counting.Recipe` as JSON, for a row a student; an empty `who` counts every row.
        window_ends: the day on which the counted window ends, if no column says it.
    """

    layout: Layout = "auto"
    columns: Mapping[str, str] = field(default_factory=dict)
    recipe: Mapping[str, Any] = field(default_factory=dict)
    window_ends: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadFile:
    """What is left of a file. `read` is how it was read, as `MeasureRecipe.recipe` keeps it."""

    rows: tuple[FileRow, ...]
    faults: tuple[Fault, ...]
    rows_read: int
    read: Mapping[str, Any]
    file_name: str


def read_file(content: bytes, *, file_name: str, options: ReadOptions, facts: MeasureFacts, today: date) -> ReadFile:
    """Raises InvalidInput: the file as a whole can't be used; fields are 'file' and those of ReadOptions."""
    sheet = read_sheet(content)
    name = file_name.rsplit("/", maxsplit=1)[-1].rsplit("\\", maxsplit=1)[-1][:200]
    if options.layout == "students" or (options.layout == "auto" and _is_row_a_student(sheet, facts, options)):
        return _count_students(sheet, name, options, facts, today)
    remembered = facts.remembered.get("columns", {})
    columns = settle_columns(sheet.header, facts.unit, options.columns, remembered)
    rows, faults = read_rows(sheet, columns, unit=facts.unit, bounds=facts.bounds, today=today)
    if not rows and not faults:
        raise refused(N_("There is a first line, but no row below it. Send the file with its rows."))
    read = {"columns": columns}
    return _told(name, rows, faults, len(rows) + len(faults), read)


def _is_row_a_student(sheet: Sheet, facts: MeasureFacts, options: ReadOptions) -> bool:
    if facts.unit != "proportion" or options.columns:
        return False
    said: Mapping[str, str] = options.recipe.get("columns") or {}
    fits = bool(said) and set(said.values()) <= set(sheet.header)
    return fits or guess_recipe(sheet.header) is not None or _remembered(sheet, facts) is not None


def _remembered(sheet: Sheet, facts: MeasureFacts) -> Recipe | None:
    document = facts.remembered.get("students")
    if document is None:
        return None
    recipe = load_recipe(document)
    needed = {*recipe.columns.values(), *recipe.who}
    return recipe if needed <= set(sheet.header) else None


def _count_students(sheet: Sheet, file_name: str, options: ReadOptions, facts: MeasureFacts, today: date) -> ReadFile:
    if facts.unit != "proportion":
        raise refused(ONLY_PERCENT)
    recipe = _settled_recipe(sheet, facts, options)
    try:
        counted = count_rows(recipe, _cells(sheet), period=options.window_ends)
    except InvalidInput as error:
        field_name = "window_ends" if "period" in error.fields else "file"
        raise refused(error.sentence, field_name) from error
    unknown = sum(fault.code == "unknown-mark" for fault in counted.faults)
    if unknown:  # dropping these rows would make a rate out of the others
        template = UNKNOWN_MARK if unknown == 1 else UNKNOWN_MARKS
        raise refused(str(Sentence(template, {"count": unknown})), "absent_marks")
    late = [count for count in counted.counts if count.period > today]
    if late:
        raise refused(N_("This file has days that are still to come; check its dates."))
    if not counted.counts and not counted.faults:
        raise refused(str(Sentence(NO_WINDOW, {"days": recipe.window_days})))
    rows = [
        FileRow(number, count.period, build_numbers("proportion", facts.bounds, {"x": count.x, "n": count.n}))
        for number, count in enumerate(counted.counts, 1)
    ]
    faults = [Fault(fault.line, fault.words) for fault in counted.faults]
    return _told(file_name, rows, faults, counted.rows_read, {"students": recipe.document()})


def _settled_recipe(sheet: Sheet, facts: MeasureFacts, options: ReadOptions) -> Recipe:
    """The remembered recipe, else the one that the header suggests, with what was said laid over it."""
    base = _remembered(sheet, facts) or guess_recipe(sheet.header)
    said = {name: value for name, value in options.recipe.items() if value or name == "who"}
    if base is None and not said.get("columns"):
        raise refused(NO_RECIPE)
    base = base or Recipe("student-day", {})
    columns = {**base.columns, **said.pop("columns", {})}
    if said.get("layout", base.layout) != base.layout:
        columns = dict(options.recipe.get("columns") or {})
    for marks in ("absent_marks", "present_marks"):
        if marks in said:
            said[marks] = tuple(said[marks])
    if "who" in said:
        said["who"] = {column: tuple(values) for column, values in said["who"].items()}
    recipe = replace(base, columns=columns, **said)
    for column in (*recipe.columns.values(), *recipe.who):
        if column not in sheet.header:
            raise refused(
                filled(N_("The first line has no column called {name}; choose one of its names."), name=column[:60])
            )
    return recipe


def _cells(sheet: Sheet) -> Iterator[dict[str, str]]:
    for _, cells in sheet.rows():
        yield cells


def _told(
    file_name: str, rows: list[FileRow], faults: list[Fault], rows_read: int, read: Mapping[str, Any]
) -> ReadFile:
    told = faults[:MOST_FAULTS]
    if len(faults) > MOST_FAULTS:
        rest = len(faults) - MOST_FAULTS
        told.append(Fault(0, Sentence(MORE, {"count": rest}), rest))
    ordered = sorted(rows, key=lambda row: row.period)
    return ReadFile(rows=tuple(ordered), faults=tuple(told), rows_read=rows_read, read=read, file_name=file_name)
