"""All schools of a public directory file by the finest context bands: whom an outsider could mistake this school for.

Only how many schools are alike is kept, no name and no id. A cell that can't be what its column holds is refused with
the reason; what it would have said is not known, and rules nobody out. A directory that knows neither level nor size of
any school is refused whole.

Each share column writes fractions or percentages: fractions where at least MOSTLY of its values above zero are 1 or
less. One dirty cell decides nothing, and neither does another column.
"""

import csv
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from nic_node.errors import InvalidInput
from nic_node.i18n import N_, filled
from nic_node.school.profile.directory import COLUMNS, ID_COLUMNS, MOSTLY, NOT_KNOWN, cell_of, level_of, rows_of
from schemas.vocab import CONTEXT, bands_containing

MOST_SCHOOLS: Final = 150_000
FEWEST_SCHOOLS: Final = 20
"""A list of the district's own schools says nothing about whom an outsider could take for this one."""
ATTRIBUTES: Final = ("level", "locale", "enrolment", "lunch", "english_learners", "disabilities")
SHARES: Final = {
    "lunch": "lunch_percent",
    "english_learners": "english_learners_percent",
    "disabilities": "disabilities_percent",
}
MOST_TOLD: Final = 50
"""So many refused cells are told one by one; of the others only how many they are."""
NO_NUMBER: Final = N_("is not a number")
NO_FRACTION: Final = N_("is over 1, and this column writes fractions from 0 to 1")
NO_PERCENT: Final = N_("is over 100 percent")
BELOW_ZERO: Final = N_("is below zero")
Alike = tuple[str | None, ...]
"""For each of ATTRIBUTES the finest band, None where it is not known."""


@dataclass(frozen=True, slots=True)
class RefusedCell:
    """A cell that was not taken. `line`: of the file, its header being the first. `why`: to follow the cell."""

    line: int
    attribute: str
    cell: str
    why: str


@dataclass(frozen=True, slots=True)
class DirectoryProfiles:
    """How many schools are alike; `known`: attribute -> of how many schools it is known.

    Attributes:
        told: the first MOST_TOLD cells that were refused; refused: how many they are altogether.
    """

    alike: Mapping[Alike, int]
    known: Mapping[str, int]
    told: Sequence[RefusedCell] = ()
    refused: int = 0

    @property
    def schools(self) -> int:
        return sum(self.alike.values())


def read_directory_profiles(content: bytes) -> DirectoryProfiles:
    """Count the schools of a CSV or tab-separated text with a header, UTF-8 or Latin-1.

    Raises:
        InvalidInput: under 'file': no ids, too few or too many schools, or nothing known about them.
    """
    reader = rows_of(content)
    try:
        header = {(name or "").strip().lower(): name for name in reader.fieldnames or ()}
        id_column = next((header[name] for name in (*ID_COLUMNS, "id") if name in header), None)
        if id_column is None:
            raise _refused(
                filled(
                    N_("No column holds school ids; one of these is expected: {columns}."),
                    columns=", ".join(ID_COLUMNS),
                )
            )
        held: dict[str, str] = {}
        rows = {(row.get(id_column) or "").strip(): (reader.line_num, _cells(row, header, held)) for row in reader}
    except csv.Error as error:
        raise _refused(filled(N_("Line {n} can't be read as CSV."), n=reader.line_num)) from error
    rows.pop("", None)
    if not FEWEST_SCHOOLS <= len(rows) <= MOST_SCHOOLS:
        says = N_("This file holds {n} schools; take your state's directory, with {fewest} to {most}.")
        raise _refused(filled(says, n=f"{len(rows):,}", fewest=FEWEST_SCHOOLS, most=f"{MOST_SCHOOLS:,}"))
    fractions = {
        name: _are_fractions(cells[index] for _line, cells in rows.values())
        for index, name in enumerate(ATTRIBUTES)
        if name in SHARES
    }
    refused: list[RefusedCell] = []
    alike = Counter(_bands(line, cells, fractions, refused) for line, cells in rows.values())
    known = {
        name: sum(number for bands, number in alike.items() if bands[index] is not None)
        for index, name in enumerate(ATTRIBUTES)
    }
    if not known["level"] and not known["enrolment"]:
        raise _refused(N_("Neither level nor size of its schools can be read; without them every school matches."))
    return DirectoryProfiles(alike, known, refused[:MOST_TOLD], len(refused))


def _cells(row: Mapping[str, Any], header: Mapping[str, str], held: dict[str, str]) -> tuple[str, ...]:
    """For each of ATTRIBUTES; `held` keeps a word or number that many schools have in memory once."""
    found = (cell_of(row, header, COLUMNS[SHARES.get(name, name)]) for name in ATTRIBUTES)
    return tuple(held.setdefault(cell, cell) for cell in found)


def _bands(line: int, cells: Sequence[str], fractions: Mapping[str, bool], refused: list[RefusedCell]) -> Alike:
    found: list[str | None] = []
    for name, cell in zip(ATTRIBUTES, cells, strict=True):
        try:
            value = _value(name, cell, fractions)
        except ValueError as error:
            refused.append(RefusedCell(line, name, cell[:40], str(error)))
            value = None
        found.append(None if value is None else _finest_band(name, value))
    return tuple(found)


@lru_cache(maxsize=20_000)
def _finest_band(name: str, value: float | str) -> str | None:
    """Schools share most of their numbers: to look for the bands of each took most of the time."""
    bands = bands_containing(name, value)
    finest = {band.id for band in CONTEXT[name].granularities[0]}
    return bands[0] if bands and bands[0] in finest else None


def _value(name: str, cell: str, fractions: Mapping[str, bool]) -> float | str | None:
    """None for what is not known; ValueError with the reason for what the column can't hold."""
    if name == "level":
        return level_of(cell)
    if _is_not_known(cell):
        return None
    number = _number(cell.partition("-")[0] if name == "locale" else cell)
    if number is None:
        raise ValueError(NO_NUMBER)
    if number < 0:
        raise ValueError(BELOW_ZERO)
    if name not in SHARES:
        return round(number)
    is_fraction = fractions[name] and not cell.endswith("%")
    if number > (1 if is_fraction else 100):
        raise ValueError(NO_FRACTION if is_fraction else NO_PERCENT)
    return 100 * number if is_fraction else number


def _is_not_known(cell: str) -> bool:
    """Blank, or what directories write for it: the Common Core of Data -1, -2 and -9."""
    return not cell or cell.lower().removesuffix(".0") in NOT_KNOWN


def _number(cell: str) -> float | None:
    try:
        number = float(cell.replace(",", "").removesuffix("%"))
    except ValueError:
        return None
    return number if abs(number) < 1e9 else None


def _are_fractions(cells: Iterable[str]) -> bool:
    """Of a column; a cell that bears its percent sign tells nothing of the others."""
    shares = [number for cell in cells if not cell.endswith("%") and (number := _number(cell)) is not None]
    above_zero = [share for share in shares if share > 0]
    return bool(above_zero) and sum(share <= 1 for share in above_zero) >= MOSTLY * len(above_zero)


def _refused(sentence: str) -> InvalidInput:
    return InvalidInput({"file": [sentence]}, sentence)
