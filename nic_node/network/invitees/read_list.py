"""Reading a list of schools: a table with a heading, or one school a line. Pure.

Every line that can't be used is told with its number; a list with one such line is taken by nobody.
"""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from nic_node.errors import InvalidInput
from nic_node.i18n import N_
from nic_node.mail.addresses import is_address
from nic_node.network.fold import fold

LIST_MAX_BYTES: Final = 512 * 1024
MOST_ROWS: Final = 2_000
LINE_LENGTH: Final = 1_000
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "name": ("name", "school", "school_name", "sch_name"),
    "email": ("email", "e-mail", "e_mail", "mail", "address", "email_address"),
    "district": ("district", "district_name", "lea_name"),
    "directory_id": ("directory_id", "nces_id", "ncessch", "dbn", "id"),
}
LENGTHS: Final = {"name": 200, "district": 200, "directory_id": 40}
PLACES: Final = ("name", "district", "directory_id")
"""What the cells of a line without heading are, once the address is taken out."""
DELIMITERS: Final = "\t;,"
WITH_NAME: Final = re.compile(r"\s*(?P<name>[^<>@]*?)\s*<(?P<email>[^<>\s]+)>\s*")
"""'School <office@school.example>', as address books copy it."""

NO_ADDRESS: Final = N_("There is no e-mail address on this line.")
BAD_ADDRESS: Final = N_("This e-mail address is not whole; write it like name@school.example.")
NO_NAME: Final = N_("There is no name of a school on this line.")
TOO_LONG: Final = N_("A name has at most 200 characters, a directory id at most 40.")
TWICE: Final = N_("This school stands on the list twice, with the same address.")
UNREADABLE: Final = N_("A quotation mark on this line is never closed.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One school; `line` counts from 1."""

    line: int
    name: str
    email: str
    district: str = ""
    directory_id: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What makes two lines the same school."""
        return self.email.casefold(), fold(self.name)[:200]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A line that can't be used: as it was typed, and why."""

    line: int
    text: str
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadList:
    rows: list[Row]
    faults: list[Fault]

    def verify(self) -> list[Row]:
        """The rows, when every line is good.

        Raises:
            InvalidInput: under 'list', a sentence a line.
        """
        if self.faults:
            said = [f"{fault.line}: {fault.says}" for fault in self.faults]
            raise InvalidInput({"list": said}, N_("Nothing was added: some lines need another look."))
        return self.rows


def decode_list(content: bytes) -> str:
    """A file's text.

    Raises:
        InvalidInput: under 'list'.
    """
    if b"\x00" in content:
        raise _refuse(N_("This is not a text file. Save the table as CSV and try again."))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def read_list(text: str) -> ReadList:
    """Every line as a school or as a fault.

    Raises:
        InvalidInput: under 'list': there is nothing in it, or too much.
    """
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip(" \t,;")]
    if not lines:
        raise _refuse(N_("Paste at least one line with a school and its e-mail address."))
    if len(lines) > MOST_ROWS + 1:
        raise _refuse(N_("A list has at most 2,000 schools; take the rest another time."))
    delimiter = max(DELIMITERS, key=lines[0][1].count)
    header = _header(_cells(lines[0][1], delimiter) or [])
    rows: dict[tuple[str, str], Row] = {}
    faults: list[Fault] = []
    for number, line in lines[1:] if header else lines:
        read = _row(number, line, delimiter, header)
        if isinstance(read, str):
            faults.append(Fault(line=number, text=line.strip(), says=read))
        elif read.key in rows:
            faults.append(Fault(line=number, text=line.strip(), says=TWICE))
        else:
            rows[read.key] = read
    if not rows and not faults:
        raise _refuse(N_("This list has a heading and no schools."))
    return ReadList(rows=list(rows.values()), faults=faults)


def _cells(line: str, delimiter: str) -> list[str] | None:
    """None where the line can't be read; a table's cell never goes over several lines here."""
    try:
        return [cell.strip() for cell in next(csv.reader(io.StringIO(line), delimiter=delimiter, strict=True))]
    except (csv.Error, StopIteration):
        return None


def _header(cells: Sequence[str]) -> dict[str, int]:
    """Field -> place, when the line names the columns."""
    named = [cell.lower().replace(" ", "_") for cell in cells]
    found = {
        field: next((place for place, name in enumerate(named) if name in names), None)
        for field, names in COLUMNS.items()
    }
    places = {field: place for field, place in found.items() if place is not None}
    return places if {"name", "email"} <= places.keys() else {}


def _row(number: int, line: str, delimiter: str, header: Mapping[str, int]) -> Row | str:
    """The school, or what is wrong with the line."""
    if len(line) > LINE_LENGTH:
        return TOO_LONG
    values = _values(line, delimiter, header)
    if values is None:
        return UNREADABLE
    return _fault(values) or Row(line=number, **values)


def _values(line: str, delimiter: str, header: Mapping[str, int]) -> dict[str, str] | None:
    named = None if header else WITH_NAME.fullmatch(line)
    if named:
        return {"name": named["name"].strip('"'), "email": named["email"]}
    cells = _cells(line, delimiter)
    if cells is None:
        return None
    return _by_header(cells, header) if header else _by_place(cells)


def _fault(values: Mapping[str, str]) -> str:
    if not values.get("email"):
        return NO_ADDRESS
    if not is_address(values["email"]):
        return BAD_ADDRESS
    if not values.get("name"):
        return NO_NAME
    too_long = any(len(values.get(field, "")) > length for field, length in LENGTHS.items())
    return TOO_LONG if too_long else ""


def _by_header(cells: Sequence[str], header: Mapping[str, int]) -> dict[str, str]:
    return {field: cells[place] for field, place in header.items() if place < len(cells)}


def _by_place(cells: Sequence[str]) -> dict[str, str]:
    """'School, office@school.example, District, 0042', the address in any place."""
    email = next((cell for cell in cells if "@" in cell), "")
    others = list(cells)
    if email:
        others.remove(email)
    return {"email": email, **dict(zip(PLACES, others, strict=False))}


def _refuse(sentence: str) -> InvalidInput:
    return InvalidInput({"list": [sentence]}, sentence)
