"""Reading a school directory: the Common Core of Data's school file as it is downloaded, or a plain CSV.

Pure. Columns are found by their header, whatever their order: an id and a name; where known district, level, enrolment,
and the domain or web site under which the district's hosts lie. A row that can't be used is told with its line and
left out; the others don't wait for it. Closed schools of the Common Core of Data are left out and counted.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from nic_node.errors import InvalidInput
from nic_node.i18n import N_, Filled, filled

DIRECTORY_MAX_BYTES: Final = 16 * 1024 * 1024
MOST_ROWS: Final = 150_000
FAULTS_KEPT: Final = 100
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "directory_id": ("ncessch", "directory_id", "nces_id", "dbn", "sch_id", "id"),
    "name": ("sch_name", "school_name", "name"),
    "district": ("lea_name", "district_name", "district"),
    "level": ("level", "school_level"),
    "enrolment": ("enrolment", "enrollment", "total_enrollment", "member"),
    "domain": ("domain", "district_domain", "website", "web_site"),
    "status": ("sy_status", "updated_status"),
}
LACKING: Final[Mapping[str, str]] = {
    "directory_id": N_("No column holds the schools' ids; name it one of: {names}."),
    "name": N_("No column holds the schools' names; name it one of: {names}."),
}
LENGTHS: Final = {"directory_id": 40, "name": 200, "district": 200, "level": 40, "domain": 200}
NCES_DIGITS: Final = 12
CLOSED: Final = frozenset({"2", "6", "7"})
"""SY_STATUS of the Common Core of Data: closed, inactive, to be opened."""
SHARED_HOSTS: Final = frozenset(
    {
        "sites.google.com", "facebook.com", "weebly.com", "wixsite.com", "wordpress.com", "blogspot.com", "github.io",
        "schoolblocks.com", "edlioschool.com", "schoolloop.com", "finalsite.net", "schoology.com", "linktr.ee",
    }
)  # fmt: skip
"""Whoever pays has a host under these: they say nothing of a district."""
OPEN_SUFFIX: Final = re.compile(r"([a-z]{2}|k12|k12\.[a-z]{2}|[a-z]{2})\.us|(co|ac|sch|gov|org)\.[a-z]{2}")
"""Everybody registers under these."""
_HOST: Final = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+")


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectoryRow:
    directory_id: str
    name: str
    district: str = ""
    level: str = ""
    enrolment: int | None = None
    domain: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFault:
    """A row that was left out: its line in the file, and why: `text` of the catalogue with its `values`."""

    line: int
    text: str
    values: Mapping[str, Any]

    @property
    def says(self) -> Filled:
        return filled(self.text, **self.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectoryFile:
    """What a file holds.

    Attributes:
        rows: by directory id; the first of an id counts.
        faults: the first FAULTS_KEPT; `faulty` counts all. `closed`: schools left out because they are closed.
        columns: field -> the header that it was read from.
    """

    rows: dict[str, DirectoryRow]
    faults: list[RowFault]
    faulty: int
    closed: int
    columns: Mapping[str, str]


class _Refused(Exception):
    """One row is left out."""

    def __init__(self, text: str, **values: Any) -> None:
        super().__init__(text)
        self.text, self.values = text, values


def read_directory(content: bytes) -> DirectoryFile:
    """The rows of a directory file.

    Raises:
        InvalidInput: under 'file': one sentence why nothing of it can be used.
    """
    lines, columns = _opened(_decode(content))
    rows: dict[str, DirectoryRow] = {}
    faults: list[RowFault] = []
    seen_at: dict[str, int] = {}
    is_nces = columns["directory_id"].strip().lower() == "ncessch"
    faulty = closed = 0
    for line, cells in lines:
        values = {field: (cells.get(name) or "").strip() for field, name in columns.items()}
        if not any(values.values()):
            continue
        if values.get("status") in CLOSED:
            closed += 1
            continue
        try:
            row = _row(values, is_nces=is_nces, seen_at=seen_at)
        except _Refused as refused:
            faulty += 1
            faults += [RowFault(line=line, text=refused.text, values=refused.values)][: FAULTS_KEPT - len(faults)]
            continue
        rows[row.directory_id], seen_at[row.directory_id] = row, line
        if len(rows) > MOST_ROWS:
            most = f"{MOST_ROWS:,}"
            raise _refuse(filled(N_("A directory has at most {most} schools; import those of your region."), most=most))
    if not rows:
        raise _refuse(_nothing_usable(faults))
    return DirectoryFile(rows=rows, faults=faults, faulty=faulty, closed=closed, columns=columns)


def _nothing_usable(faults: Sequence[RowFault]) -> str:
    if not faults:
        return N_("This file has a header and no school that can be used.")
    sentence = N_("This file has a header and no school that can be used. Line {line}: {why}.")
    return filled(sentence, line=faults[0].line, why=faults[0].says)


def domain_of(address: str) -> str:
    """'lakes.k12.example.us' of a domain or a web site's address; "" where it says nothing of a district."""
    cell = address.strip().lower()
    try:
        host = urlsplit(cell if "//" in cell else f"//{cell}").hostname or ""
    except ValueError:
        return ""
    host = host.strip(".").removeprefix("www.")
    is_shared = any(host == shared or host.endswith(f".{shared}") for shared in SHARED_HOSTS)
    return host if _HOST.fullmatch(host) and not is_shared and not OPEN_SUFFIX.fullmatch(host) else ""


def _opened(text: str) -> tuple[Iterator[tuple[int, Mapping[str, str | None]]], dict[str, str]]:
    """The rows with their lines, and field -> header."""
    first = text.partition("\n")[0]
    delimiter = max(",;\t|", key=first.count)
    reader = csv.DictReader(io.StringIO(text), delimiter=delimiter)
    try:
        header = {(name or "").strip().lower(): name for name in reader.fieldnames or ()}
    except csv.Error as error:
        raise _refuse(filled(N_("Line {n} can't be read as CSV."), n=1)) from error
    found = {field: next((header[name] for name in names if name in header), None) for field, names in COLUMNS.items()}
    for field, sentence in LACKING.items():
        if found[field] is None:
            raise _refuse(filled(sentence, names=", ".join(COLUMNS[field])))
    return _numbered(reader), {field: name for field, name in found.items() if name is not None}


def _numbered(reader: "csv.DictReader[str]") -> Iterator[tuple[int, Mapping[str, str | None]]]:
    try:
        for cells in reader:
            yield reader.line_num, cells
    except csv.Error as error:
        raise _refuse(filled(N_("Line {n} can't be read as CSV."), n=reader.line_num)) from error


def _decode(content: bytes) -> str:
    if b"\x00" in content or content.startswith(b"PK"):
        raise _refuse(N_("This is not a CSV file: it holds binary data. Save it as CSV and try again."))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _row(values: Mapping[str, str], *, is_nces: bool, seen_at: Mapping[str, int]) -> DirectoryRow:
    if not values["directory_id"] or not values["name"]:
        raise _Refused(N_("the school’s id or name is missing"))
    for field, length in LENGTHS.items():
        if field != "domain" and len(values.get(field, "")) > length:
            raise _Refused(N_("the {field} has more than {n} characters"), field=field, n=length)
    directory_id = _nces_id(values["directory_id"]) if is_nces else values["directory_id"]
    if directory_id in seen_at:
        text = N_("the id {id} stands in line {first} already; the first counts")
        raise _Refused(text, id=directory_id, first=seen_at[directory_id])
    return DirectoryRow(
        directory_id=directory_id,
        name=values["name"],
        district=values.get("district", ""),
        level=values.get("level", ""),
        enrolment=_whole(values.get("enrolment", "")),
        domain=domain_of(values.get("domain", ""))[: LENGTHS["domain"]],
    )


def _nces_id(cell: str) -> str:
    """Sheets drop the zeros in front, which can be mended, or write 6.0E+10, which can't."""
    if not cell.isdecimal() or len(cell) > NCES_DIGITS:
        raise _Refused(N_("{id} is no id of twelve digits; a sheet may have rounded it"), id=cell)
    return cell.zfill(NCES_DIGITS)


def _whole(cell: str) -> int | None:
    if not cell:
        return None
    try:
        number = round(float(cell.replace(",", "")))
    except (ValueError, OverflowError):
        raise _Refused(N_("the enrolment {cell} is not a number"), cell=cell[:20]) from None
    if number < 0:
        # The Common Core of Data writes -1, -2 and -9 for what is missing.
        return None
    if number > 1_000_000:
        raise _Refused(N_("no school has {n} students"), n=number)
    return number


def _refuse(sentence: str) -> InvalidInput:
    return InvalidInput({"file": [sentence]}, sentence)
