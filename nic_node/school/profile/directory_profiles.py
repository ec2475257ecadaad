"""All schools of a public directory file by the finest context bands: whom an outsider could mistake this school for.

Only how many schools are alike is kept, no name and no id. A cell that can't be read is not known, and rules nobody
out; a directory that knows neither level nor size of any school is refused.
"""

import csv
import io
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from nic_node.errors import InvalidInput
from nic_node.i18n import N_
from nic_node.school.profile.directory import COLUMNS, ID_COLUMNS, cell_of, decode, level_of
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
Alike = tuple[str | None, ...]
"""For each of ATTRIBUTES the finest band, None where it is not known."""


@dataclass(frozen=True, slots=True)
class DirectoryProfiles:
    """How many schools are alike; `known`: attribute -> of how many schools it is known."""

    alike: Mapping[Alike, int]
    known: Mapping[str, int]

    @property
    def schools(self) -> int:
        return sum(self.alike.values())


def read_directory_profiles(content: bytes) -> DirectoryProfiles:
    """Count the schools of a CSV with a header, UTF-8 or Latin-1.

    Raises:
        InvalidInput: under 'file': no ids, too few or too many schools, or nothing known about them.
    """
    reader = csv.DictReader(io.StringIO(decode(content)))
    try:
        header = {(name or "").strip().lower(): name for name in reader.fieldnames or ()}
        id_column = next((header[name] for name in (*ID_COLUMNS, "id") if name in header), None)
        if id_column is None:
            raise _refused(f"No column holds school ids; one of these is expected: {', '.join(ID_COLUMNS)}.")
        rows = {(row.get(id_column) or "").strip(): _cells(row, header) for row in reader}
    except csv.Error as error:
        raise _refused(f"Line {reader.line_num} can't be read as CSV.") from error
    rows.pop("", None)
    if not FEWEST_SCHOOLS <= len(rows) <= MOST_SCHOOLS:
        wanted = f"{FEWEST_SCHOOLS} to {MOST_SCHOOLS:,}"
        raise _refused(f"This file holds {len(rows):,} schools; take your state's directory, with {wanted}.")
    fractions = {name: _are_fractions(rows.values(), name) for name in SHARES}
    alike = Counter(_bands(cells, fractions) for cells in rows.values())
    known = {
        name: sum(number for bands, number in alike.items() if bands[index] is not None)
        for index, name in enumerate(ATTRIBUTES)
    }
    if not known["level"] and not known["enrolment"]:
        raise _refused(N_("Neither level nor size of its schools can be read; without them every school matches."))
    return DirectoryProfiles(alike, known)


def _cells(row: Mapping[str, Any], header: Mapping[str, str]) -> dict[str, str]:
    cells = {name: cell_of(row, header, COLUMNS[column]) for name, column in SHARES.items()}
    cells |= {name: cell_of(row, header, COLUMNS[name]) for name in ("locale", "enrolment")}
    return cells | {"level": cell_of(row, header, COLUMNS["level"])}


def _bands(cells: Mapping[str, str], fractions: Mapping[str, bool]) -> Alike:
    found: list[str | None] = []
    for name in ATTRIBUTES:
        value = level_of(cells["level"]) if name == "level" else _value(name, cells[name], fractions)
        bands = () if value is None else bands_containing(name, value)
        finest = {band.id for band in CONTEXT[name].granularities[0]}
        found.append(bands[0] if bands and bands[0] in finest else None)
    return tuple(found)


def _value(name: str, cell: str, fractions: Mapping[str, bool]) -> float | None:
    number = _number(cell.partition("-")[0] if name == "locale" else cell)
    if number is None or number < 0:
        # The Common Core of Data writes -1, -2 and -9 for what is missing.
        return None
    if name in SHARES:
        share = 100 * number if fractions[name] else number
        return share if share <= 100 else None
    return round(number)


def _number(cell: str) -> float | None:
    try:
        number = float(cell.replace(",", "").removesuffix("%"))
    except ValueError:
        return None
    return number if abs(number) < 1e9 else None


def _are_fractions(rows: Any, name: str) -> bool:
    return all((_number(cells[name]) or 0) <= 1 for cells in rows)


def _refused(sentence: str) -> InvalidInput:
    return InvalidInput({"file": [sentence]}, sentence)
