"""The school directory that a coordinator imports: which schools there are, and under which domain their hosts lie.

A CSV with a header: an id, a name, and where known level, enrolment and the district's domain. Importing again
replaces what was there.
"""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import record_audit
from nic_node.errors import InvalidInput
from nic_node.network.coordinators import verify_coordinator
from nic_node.network.tables import DirectoryEntry

DIRECTORY_MAX_BYTES: Final = 16 * 1024 * 1024
MOST_ROWS: Final = 150_000
ROWS_AT_ONCE: Final = 2_000
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "directory_id": ("directory_id", "nces_id", "ncessch", "dbn", "sch_id", "id"),
    "name": ("name", "school_name", "sch_name"),
    "level": ("level", "school_level"),
    "enrolment": ("enrolment", "enrollment", "total_enrollment", "member"),
    "domain": ("domain", "district_domain"),
}
LENGTHS: Final = {"directory_id": 40, "name": 200, "level": 40, "domain": 200}


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectoryRow:
    directory_id: str
    name: str
    level: str = ""
    enrolment: int | None = None
    domain: str = ""


def read_directory(content: bytes) -> list[DirectoryRow]:
    """The rows of a directory file; the first of an id counts.

    Raises:
        InvalidInput: under 'file': one sentence that names the line.
    """
    reader = csv.DictReader(io.StringIO(_decode(content)))
    header = {(name or "").strip().lower(): name for name in reader.fieldnames or ()}
    columns = {
        field: next((header[name] for name in names if name in header), None) for field, names in COLUMNS.items()
    }
    for field in ("directory_id", "name"):
        if columns[field] is None:
            raise _refuse(f"No column holds the schools' {field}; name it one of: {', '.join(COLUMNS[field])}.")
    rows: dict[str, DirectoryRow] = {}
    try:
        for cells in reader:
            row = _row(cells, columns, reader.line_num)
            rows.setdefault(row.directory_id, row)
            if len(rows) > MOST_ROWS:
                raise _refuse(f"A directory has at most {MOST_ROWS} schools; import those of your region.")
    except csv.Error as error:
        raise _refuse(f"Line {reader.line_num} can't be read as CSV.") from error
    if not rows:
        raise _refuse("This file has a header and no schools.")
    return list(rows.values())


def _decode(content: bytes) -> str:
    if b"\x00" in content:
        raise _refuse("This is not a CSV file: it holds binary data. Save it as CSV and try again.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _row(cells: Mapping[str, str | None], columns: Mapping[str, str | None], line: int) -> DirectoryRow:
    values = {field: (cells.get(name) or "").strip() if name else "" for field, name in columns.items()}
    if not values["directory_id"] or not values["name"]:
        raise _refuse(f"Line {line} lacks the school's id or name.")
    for field, length in LENGTHS.items():
        if len(values[field]) > length:
            raise _refuse(f"Line {line}: the {field} has more than {length} characters.")
    return DirectoryRow(
        directory_id=values["directory_id"],
        name=values["name"],
        level=values["level"],
        enrolment=_whole(values["enrolment"], line),
        domain=values["domain"].lower().lstrip("."),
    )


def _whole(cell: str, line: int) -> int | None:
    if not cell:
        return None
    try:
        number = round(float(cell.replace(",", "")))
    except (ValueError, OverflowError) as error:
        raise _refuse(f"Line {line}: the enrolment is not a number.") from error
    if not 0 <= number <= 1_000_000:
        raise _refuse(f"Line {line}: no school has so many students.")
    return number


def _refuse(sentence: str) -> InvalidInput:
    return InvalidInput({"file": [sentence]}, sentence)


async def import_directory(
    session: AsyncSession, *, network_id: int, rows: list[DirectoryRow], actor: Actor, now: datetime
) -> int:
    """Replace the network's directory by these rows; how many."""
    await verify_coordinator(session, network_id, actor)
    before = await count_directory(session, network_id)
    await session.execute(delete(DirectoryEntry).where(DirectoryEntry.network_id == network_id))
    for start in range(0, len(rows), ROWS_AT_ONCE):
        values = [_values(network_id, row) for row in rows[start : start + ROWS_AT_ONCE]]
        await session.execute(insert(DirectoryEntry), values)
    await record_audit(
        session,
        actor=actor,
        action="directory.imported",
        subject="network",
        subject_id=network_id,
        before={"schools": before},
        after={"schools": len(rows)},
        now=now,
    )
    return len(rows)


def _values(network_id: int, row: DirectoryRow) -> dict[str, object]:
    return {
        "network_id": network_id,
        "directory_id": row.directory_id,
        "name": row.name,
        "level": row.level,
        "enrolment": row.enrolment,
        "domain": row.domain,
    }


async def count_directory(session: AsyncSession, network_id: int) -> int:
    counted = select(func.count()).select_from(DirectoryEntry).where(DirectoryEntry.network_id == network_id)
    return await session.scalar(counted) or 0
