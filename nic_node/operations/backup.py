"""`nic backup`: one file with all of a node, made while it runs, sealed under a passphrase."""

import asyncio
import os
import shutil
import tempfile
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

from nic_node.accounts.actor import SYSTEM
from nic_node.accounts.audit import record_audit
from nic_node.config import SETTINGS_FILE, Config
from nic_node.db.engine import Database
from nic_node.errors import Conflict, NotConfigured
from nic_node.i18n import N_
from nic_node.operations.archive import DATABASES, LOGS, MANIFEST, OPERATOR_KEY, ArchiveWriter, Manifest, log_files
from nic_node.operations.dump import copy_database
from nic_node.operations.last_backup import LastBackup, note_backup
from nic_node.operations.machine import find_operator_key

THERE_ALREADY: Final = N_("{file} is there already. Name another file: a backup never replaces one.")


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupMade:
    """size in bytes; logs: how many that are written here it holds."""

    file: Path
    size: int
    logs: int
    revision: str


async def make_backup(config: Config, database: Database, *, file: Path, passphrase: str, now: datetime) -> BackupMade:
    """Write a backup beside `file`, then give it its name: nobody takes half a one for a whole.

    Raises:
        Conflict: the file exists; pg_dump refused.
        NotConfigured: the operator's key can't be read, or pg_dump is missing.
        InvalidInput: the passphrase is too short.
    """
    if await asyncio.to_thread(file.exists):
        raise Conflict(THERE_ALREADY.format(file=file))
    said, operator_key = find_operator_key(config)
    if operator_key is None:
        raise NotConfigured(said.document()["sentence"])
    draft = file.with_name(f".{file.name}.part")
    folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix=".backup-", dir=config.data))
    try:
        manifest = await _write(config, database, draft, folder, passphrase, operator_key.as_text(), now)
        await asyncio.to_thread(draft.replace, file)
    finally:
        await asyncio.to_thread(shutil.rmtree, folder)
        draft.unlink(missing_ok=True)
    note_backup(config.data, LastBackup(at=now, file=str(file)))
    size = (await asyncio.to_thread(file.stat)).st_size
    async with database.writing() as session:
        await record_audit(
            session,
            actor=SYSTEM,
            action="backup.made",
            subject="backup",
            subject_id=None,
            before=None,
            after={"file": file.name, "bytes": size},
            now=now,
        )
    return BackupMade(file=file, size=size, logs=len(manifest.logs), revision=manifest.revision)


async def _write(
    config: Config, database: Database, draft: Path, folder: Path, passphrase: str, operator_key: str, now: datetime
) -> Manifest:
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as sink:
        archive = await asyncio.to_thread(ArchiveWriter, sink, passphrase)
        await asyncio.to_thread(_add_logs, archive, config.data / LOGS)
        backend = "sqlite" if database.is_sqlite else "postgresql"
        copy = folder / DATABASES[backend]
        copied = await copy_database(database, config, copy)
        manifest = Manifest(
            made_at=now,
            program=version("nic-node"),
            backend=backend,
            revision=copied.revision,
            public_url=config.public_url,
            logs=copied.logs,
        )
        await asyncio.to_thread(_add_rest, archive, config, copy, operator_key, manifest)
        await asyncio.to_thread(archive.close)
        sink.flush()
        await asyncio.to_thread(os.fsync, sink.fileno())
    return manifest


def _add_logs(archive: ArchiveWriter, folder: Path) -> None:
    for path in log_files(folder):
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            continue  # a partial tile whose full one has come; the database writes it again
        archive.add_bytes(f"{LOGS}/{path.relative_to(folder).as_posix()}", data)


def _add_rest(archive: ArchiveWriter, config: Config, copy: Path, operator_key: str, manifest: Manifest) -> None:
    archive.add_file(copy.name, copy)
    archive.add_bytes(OPERATOR_KEY, operator_key.encode() + b"\n")
    settings = config.data / SETTINGS_FILE
    if settings.is_file():
        archive.add_bytes(SETTINGS_FILE, settings.read_bytes())
    archive.add_bytes(MANIFEST, manifest.to_bytes())
