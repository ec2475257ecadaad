"""`nic export`: a school's whole work in one zip, to read in a spreadsheet and to go on with on another machine.

manifest.json        what it is: `ExportManifest`
rows/TABLE.jsonl     a row a line, as `nic_node.db.rows` writes it; what is sealed stays sealed
csv/TABLE.csv        the same to look at, without what is sealed
operator.key.sealed  under which that rests, itself sealed under a passphrase
"""

import asyncio
import csv
import io
import json
import os
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any, Final

from sqlalchemy import Connection, LargeBinary, Table

from nic_node.accounts.actor import SYSTEM
from nic_node.accounts.audit import record_audit
from nic_node.config import Config
from nic_node.db.engine import Database
from nic_node.db.migrate import revisions
from nic_node.db.rows import as_plain, read_rows, tables_of
from nic_node.errors import Conflict, NotConfigured
from nic_node.i18n import N_
from nic_node.keyring.passphrase import SealedWriter
from nic_node.operations.exported import LEFT_OUT, MANIFEST, OPERATOR_KEY, READ_ME, ROWS, SHEETS, VERSION, is_exported
from nic_node.operations.machine import find_operator_key
from nic_node.school.measures.export import neutral_cell

THERE_ALREADY: Final = N_("{file} is there already. Name another file: an export never replaces one.")
NO_NODE: Final = N_("There is no node here yet, so there is nothing to export.")
SAYS: Final = """This is the whole work of one school: {public_url}, as it was on {made_at}.

csv/   to look at, with any spreadsheet. Nothing in it names who shared which practice.
rows/  the same for programs. `nic import` makes a node of it again, on another machine if you like.

Keys, shared practices and the map from them to their pseudonyms are sealed; the passphrase of this file opens them.
Whoever has file and passphrase can take back what this school shared, and answer in its name. Keep them apart.
Passwords are not in it: after an import everybody is invited again. Names for the scrub of texts are in no export.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportManifest:
    """`revision` is the database's; tables: name -> how many rows."""

    made_at: datetime
    program: str
    revision: str
    public_url: str
    tables: Mapping[str, int]

    def to_bytes(self) -> bytes:
        document = {"v": VERSION, **asdict(self), "made_at": self.made_at.isoformat()}
        return json.dumps(document, ensure_ascii=False, indent=1).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """size in bytes."""

    file: Path
    size: int
    rows: int


async def export_node(config: Config, database: Database, *, file: Path, passphrase: str, now: datetime) -> Exported:
    """Write an export beside `file`, then give it its name: nobody takes half a one for a whole.

    Raises:
        Conflict: the file exists, or there is no node.
        NotConfigured: the operator's key can't be read.
        InvalidInput: the passphrase is too short.
    """
    if await asyncio.to_thread(file.exists):
        raise Conflict(THERE_ALREADY.format(file=file))
    said, operator_key = find_operator_key(config)
    if operator_key is None:
        raise NotConfigured(said.document()["sentence"])
    sealed = await asyncio.to_thread(_seal, operator_key.as_text(), passphrase)
    revision, _needed = await revisions(database)
    if revision is None:
        raise Conflict(NO_NODE)
    draft = file.with_name(f".{file.name}.part")
    try:
        async with database.reading() as session:
            connection = await session.connection()
            rows = await connection.run_sync(_write, draft, sealed, config.public_url, revision, now)
        await asyncio.to_thread(draft.replace, file)
    finally:
        await asyncio.to_thread(draft.unlink, missing_ok=True)
    await _record(database, file, rows, now)
    return Exported(file=file, size=(await asyncio.to_thread(file.stat)).st_size, rows=rows)


async def _record(database: Database, file: Path, rows: int, now: datetime) -> None:
    async with database.writing() as session:
        await record_audit(
            session,
            actor=SYSTEM,
            action="export.made",
            subject="export",
            subject_id=None,
            before=None,
            after={"file": file.name, "rows": rows},
            now=now,
        )


def _seal(operator_key: str, passphrase: str) -> bytes:
    sealed = io.BytesIO()
    writer = SealedWriter(sealed, passphrase)
    writer.write(operator_key.encode())
    writer.close()
    return sealed.getvalue()


def _write(connection: Connection, draft: Path, sealed: bytes, public_url: str, revision: str, now: datetime) -> int:
    """All of it in one state of the database; how many rows."""
    counts: dict[str, int] = {}
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as sink, zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for table in tables_of(connection, is_exported):
            counts[table.name] = _write_rows(archive, connection, table)
            _write_sheet(archive, connection, table)
        archive.writestr(OPERATOR_KEY, sealed)
        archive.writestr(READ_ME, SAYS.format(public_url=public_url, made_at=f"{now:%Y-%m-%d}"))
        manifest = ExportManifest(
            made_at=now, program=version("nic-node"), revision=revision, public_url=public_url, tables=counts
        )
        archive.writestr(MANIFEST, manifest.to_bytes())
    return sum(counts.values())


def _write_rows(archive: zipfile.ZipFile, connection: Connection, table: Table) -> int:
    count = 0
    with archive.open(ROWS.format(table=table.name), "w") as entry:
        for count, row in enumerate(_rows(connection, table), 1):  # noqa: B007 - the count is what is wanted
            entry.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")
    return count


def _write_sheet(archive: zipfile.ZipFile, connection: Connection, table: Table) -> None:
    shown = [column.name for column in table.columns if not isinstance(column.type, LargeBinary)]
    with archive.open(SHEETS.format(table=table.name), "w") as entry, _text(entry) as lines:
        writer = csv.writer(lines)
        writer.writerow(shown)
        for row in _rows(connection, table):
            writer.writerow([_cell(row[name]) for name in shown])


def _rows(connection: Connection, table: Table) -> Iterator[dict[str, Any]]:
    left_out = LEFT_OUT.get(table.name, frozenset())
    return (as_plain(row, left_out) for row in read_rows(connection, table))


def _text(entry: IO[bytes]) -> io.TextIOWrapper:
    return io.TextIOWrapper(entry, "utf-8", newline="")


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return neutral_cell(value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value
