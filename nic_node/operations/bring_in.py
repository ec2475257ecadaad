"""`nic import`: a node from an export, on either database. All of it is read and checked before anything is kept."""

import asyncio
import io
import json
import os
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Table, func, select
from sqlalchemy.exc import SQLAlchemyError

from nic_node.accounts.actor import SYSTEM
from nic_node.accounts.audit import record_audit
from nic_node.accounts.tables import Person
from nic_node.config import Config
from nic_node.db.engine import Database
from nic_node.db.migrate import known_revisions, revisions, upgrade
from nic_node.db.rows import Row, RowInLoop, count_on, tables_of, write_rows
from nic_node.errors import Conflict, InvalidInput, TooLarge
from nic_node.i18n import N_
from nic_node.keyring.operator_key import OPERATOR_KEY_FILE, OperatorKey
from nic_node.keyring.passphrase import SealedReader
from nic_node.operations.export import ExportManifest
from nic_node.operations.exported import LEFT_OUT, MANIFEST, OPERATOR_KEY, ROWS, VERSION, is_exported
from schemas.canonical import read_json
from schemas.invalid import InvalidDocument

LARGEST_ENTRY: Final = 2_000_000_000  # bytes, unpacked
LARGEST_LINE: Final = 4_000_000
DEEPEST: Final = 40
LARGEST_SMALL: Final = 1_000_000  # manifest and sealed key
NOT_OURS: Final = N_("This file is no export of a node, or it is damaged. Nothing was changed.")
NEWER: Final = N_("This export was made by a newer program. Install that one, then import.")
IN_USE: Final = N_("There is a node here already. Import into a new data folder: --data FOLDER.")
OTHER_KEY: Final = N_(
    "Another operator's key is here already. Import into a new data folder, without NIC_OPERATOR_KEY."
)
TOO_LARGE: Final = N_("The export unpacks to more than it may. Nothing was changed.")
DAMAGED_ROW: Final = N_("Line {line} of {entry} is damaged. Nothing was changed.")
IN_LOOP: Final = N_(
    "In {entry} row {key} stands under itself, as no node writes it: the file was altered. Export again. Nothing was"
    " changed."
)
MISSING_ROWS: Final = N_("{entry} does not hold as many rows as the manifest says. Nothing was changed.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """public_url: under which the exported node was known; others go on finding it only there."""

    made_at: datetime
    public_url: str
    rows: int


async def import_node(config: Config, *, file: Path, passphrase: str, now: datetime) -> Imported:
    """Make a node of an export, in a data folder and a database that have none.

    Raises:
        Conflict: a node or another operator's key is here; the export is of a newer program.
        InvalidInput: 'passphrase' or 'file'.
        TooLarge: an entry unpacks to more than it may.
    """
    manifest, key = await asyncio.to_thread(_read_head, file, passphrase)
    _verify_key(config, key)
    await asyncio.to_thread(config.data.mkdir, mode=0o700, parents=True, exist_ok=True)
    database = Database.connect(config.database_url)
    try:
        await _verify_empty(database, manifest)
        await upgrade(database, to=manifest.revision)
        await asyncio.to_thread(_place_key, config.data / OPERATOR_KEY_FILE, key)
        try:
            async with database.writing() as session:
                rows = await (await session.connection()).run_sync(_load, file, manifest)
        except SQLAlchemyError as error:
            raise InvalidInput({"file": [NOT_OURS]}, NOT_OURS) from error
        await upgrade(database)
        await _record(database, manifest, now)
    finally:
        await database.close()
    return Imported(made_at=manifest.made_at, public_url=manifest.public_url, rows=rows)


async def _record(database: Database, manifest: ExportManifest, now: datetime) -> None:
    async with database.writing() as session:
        await record_audit(
            session,
            actor=SYSTEM,
            action="export.imported",
            subject="export",
            subject_id=None,
            before=None,
            after={"made_at": manifest.made_at, "public_url": manifest.public_url},
            now=now,
        )


def _read_head(file: Path, passphrase: str) -> tuple[ExportManifest, OperatorKey]:
    try:
        with zipfile.ZipFile(file) as archive:
            manifest = _manifest(_small(archive, MANIFEST))
            with archive.open(OPERATOR_KEY) as sealed:
                opened = SealedReader(io.BytesIO(sealed.read(LARGEST_SMALL)), passphrase).read(LARGEST_SMALL)
    except (zipfile.BadZipFile, zlib.error, KeyError, ValueError, TypeError, EOFError) as error:
        raise InvalidInput({"file": [NOT_OURS]}, NOT_OURS) from error
    if manifest.revision not in known_revisions():
        raise Conflict(NEWER)
    return manifest, OperatorKey.from_text(opened.decode(), source=OPERATOR_KEY)


def _small(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as entry:
        content = entry.read(LARGEST_SMALL + 1)
    if len(content) > LARGEST_SMALL:
        raise TooLarge(TOO_LARGE)
    return content


def _manifest(content: bytes) -> ExportManifest:
    said: dict[str, Any] = json.loads(content)
    if said.pop("v") != VERSION:
        raise Conflict(NEWER)
    return ExportManifest(made_at=datetime.fromisoformat(said.pop("made_at")), **said)


def _verify_key(config: Config, key: OperatorKey) -> None:
    """The sealed rows rest under the export's key: it has to be this node's, or become it."""
    here = config.data / OPERATOR_KEY_FILE
    given = [config.operator_key] if config.operator_key is not None else []
    kept = [here.read_text()] if here.is_file() else []
    for text in (*given, *kept):
        if OperatorKey.from_text(text, source=OPERATOR_KEY_FILE) != key:
            raise Conflict(OTHER_KEY)


async def _verify_empty(database: Database, manifest: ExportManifest) -> None:
    """No tables; or, after an import that was broken off, tables of the export's revision and nobody in them."""
    revision, _needed = await revisions(database)
    if revision is None:
        return
    async with database.reading() as session:
        people = await session.scalar(select(func.count()).select_from(Person))
    if people or revision != manifest.revision:
        raise Conflict(IN_USE)


def _place_key(target: Path, key: OperatorKey) -> None:
    if target.exists():
        return
    draft = target.with_name(f".{target.name}.part")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(key.as_text() + "\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(target)


def _load(connection: Connection, file: Path, manifest: ExportManifest) -> int:
    """Every table's rows, parents first; how many."""
    tables = tables_of(connection, is_exported)
    if set(manifest.tables) != {table.name for table in tables}:
        raise InvalidInput({"file": [NOT_OURS]}, NOT_OURS)
    loaded = 0
    try:
        with zipfile.ZipFile(file) as archive:
            for table in tables:
                loaded += _load_table(connection, archive, table, manifest.tables[table.name])
    except (zipfile.BadZipFile, zlib.error, KeyError, EOFError) as error:
        raise InvalidInput({"file": [NOT_OURS]}, NOT_OURS) from error
    count_on(connection, tables)
    return loaded


def _load_table(connection: Connection, archive: zipfile.ZipFile, table: Table, expected: int) -> int:
    entry = ROWS.format(table=table.name)
    if archive.getinfo(entry).file_size > LARGEST_ENTRY:
        raise TooLarge(TOO_LARGE)
    try:
        written = write_rows(connection, table, _lines(archive, entry, table))
    except RowInLoop as error:
        sentence = IN_LOOP.format(entry=entry, key=error.key)
        raise InvalidInput({"file": [sentence]}, sentence) from error
    except (ValueError, TypeError) as error:
        raise InvalidInput({"file": [NOT_OURS]}, NOT_OURS) from error
    if written != expected:
        sentence = MISSING_ROWS.format(entry=entry)
        raise InvalidInput({"file": [sentence]}, sentence)
    return written


def _lines(archive: zipfile.ZipFile, entry: str, table: Table) -> Iterator[Row]:
    columns = {column.name for column in table.columns} - LEFT_OUT.get(table.name, frozenset())
    with archive.open(entry) as lines:
        number = 0
        while line := lines.readline(LARGEST_LINE + 1):
            number += 1
            try:
                row = read_json(line, max_bytes=LARGEST_LINE, max_depth=DEEPEST)
            except InvalidDocument as error:
                raise _damaged(entry, number) from error
            if not isinstance(row, dict) or not columns <= set(row) <= {column.name for column in table.columns}:
                raise _damaged(entry, number)
            yield row


def _damaged(entry: str, line: int) -> InvalidInput:
    sentence = DAMAGED_ROW.format(entry=entry, line=line)
    return InvalidInput({"file": [sentence]}, sentence)
