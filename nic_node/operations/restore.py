"""`nic restore`: a node from a backup. Everything is read and checked before anything is replaced.

Two things must not come back with an old state: a log that says less than it once signed, and content that was taken
back since. The first is refused; the second stays hidden until the log was read anew, and is erased then.
"""

import asyncio
import os
import shutil
import socket
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import select, text, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from federation.errors import FederationError
from federation.tlog.checkpoint import Checkpoint, read_checkpoint, verify_checkpoint
from federation.tlog.note import parse_vkey
from federation.tlog.tiles import CHECKPOINT_PATH, is_tile_path
from nic_node.accounts.actor import SYSTEM
from nic_node.accounts.audit import record_audit
from nic_node.config import SETTINGS_FILE, Config
from nic_node.db.engine import Database
from nic_node.db.migrate import known_revisions, upgrade
from nic_node.errors import Conflict, InvalidInput, NicError
from nic_node.i18n import N_
from nic_node.keyring.keys import verify_operator_key
from nic_node.keyring.operator_key import LONGEST_KEY_FILE, OperatorKey
from nic_node.logstore.store import LogStore, LogStoreConflict
from nic_node.mail.states import HELD, WAITING
from nic_node.mail.tables import Mail
from nic_node.mirror.hold_back import hold_back
from nic_node.network.log.files import store_in
from nic_node.network.log.replay import replay_taken_back
from nic_node.network.log.tables import Log
from nic_node.operations.archive import DATABASES, LOGS, NEWER, OPERATOR_KEY, Manifest, extract
from nic_node.operations.dump import describe_copied, is_in_use
from nic_node.operations.replace import replaced

STILL_RUNS: Final = N_("Something answers at {host}:{port}: stop the node first, and its workers.")
REPLACES: Final = N_(
    "There is a node here already. To put the backup in its place, and lose what came since, say so: --replace."
)
OTHER_DATABASE: Final = N_("The backup is of a {backend} database, and DATABASE_URL names another kind.")
OTHER_KEY: Final = N_(
    "NIC_OPERATOR_KEY is another key than the one that this backup's private keys rest under. Unset it: the backup"
    " brings its own."
)
BEHIND: Final = N_(
    "{origin} was signed up to {signed} entries here, and this backup knows {known}. Restoring it would break the"
    " promise to every member. Use a newer backup. If there is none: restore with --behind-the-log, then go on with"
    " nic network recover."
)
OTHER_FILES: Final = N_(
    "{file} holds other bytes than the backup: it is of another log, or was altered. Nothing was changed. If the backup"
    " is right, move that file away, then restore."
)
NOT_A_NODE: Final = N_("This backup is not what it says it is: {why}. Nothing was changed. Take another backup.")
CHECKPOINT_ALTERED: Final = N_("The checkpoint {file} is not the log's own. Look at what happened to it first.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """made_at: of the backup; behind: logs that were signed further and go on by `nic network recover` only."""

    made_at: datetime
    public_url: str
    behind: tuple[str, ...]
    taken_back: int


async def restore_backup(
    config: Config,
    *,
    file: Path,
    passphrase: str,
    now: datetime,
    may_replace: bool = False,
    may_be_behind: bool = False,
) -> Restored:
    """Put a backup's node into the data folder and the database.

    Raises:
        Conflict: the node runs, or one is here and may not be replaced; the backup is behind a log's checkpoint, of
            another kind of database, of a newer program, or under another operator's key.
        InvalidInput: another passphrase, a damaged file, or one that is not what it says. Then all is as it was.
        TooLarge: it would fill the disk.
    """
    await asyncio.to_thread(config.data.mkdir, mode=0o700, parents=True, exist_ok=True)
    database = Database.connect(config.database_url)
    folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix=".restore-", dir=config.data))
    try:
        if await is_in_use(database):
            await asyncio.to_thread(_verify_stopped, config)
            if not may_replace:
                raise Conflict(REPLACES)
        manifest = await asyncio.to_thread(_extract, file, passphrase, folder)
        await asyncio.to_thread(_verify_fits, config, database, manifest, folder)
        behind = await asyncio.to_thread(logs_behind, config.data / LOGS, manifest)
        if behind and not may_be_behind:
            origin, (signed, known) = next(iter(behind.items()))
            raise Conflict(BEHIND.format(origin=origin, signed=signed, known=known))
        async with replaced(database, config, folder / DATABASES[manifest.backend]):
            taken_back = await _settle(config, manifest, folder, now)
            await asyncio.to_thread(_place_private_files, config, folder)
    finally:
        await database.close()
        await asyncio.to_thread(shutil.rmtree, folder)
    return Restored(
        made_at=manifest.made_at, public_url=manifest.public_url, behind=tuple(behind), taken_back=taken_back
    )


async def _hold_mails(session: AsyncSession) -> None:
    """They may have been sent since the backup was made: a person decides."""
    await session.execute(update(Mail).where(Mail.state == WAITING).values(state=HELD, next_try_at=None))


def _verify_stopped(config: Config) -> None:
    with socket.socket(socket.AF_INET6 if ":" in config.host else socket.AF_INET) as probe:
        probe.settimeout(1)
        if config.port and probe.connect_ex((config.host, config.port)) == 0:
            raise Conflict(STILL_RUNS.format(host=config.host, port=config.port))


def _extract(file: Path, passphrase: str, folder: Path) -> Manifest:
    with file.open("rb") as opened:
        return extract(opened, passphrase, folder)


def _verify_fits(config: Config, database: Database, manifest: Manifest, folder: Path) -> None:
    if database.is_sqlite is not (manifest.backend == "sqlite"):
        raise Conflict(OTHER_DATABASE.format(backend=manifest.backend))
    if manifest.revision not in known_revisions():
        raise Conflict(NEWER)
    if not (folder / DATABASES[manifest.backend]).is_file():
        raise not_a_node("it has no database")
    kept = _operator_key(folder)
    if config.operator_key is not None:
        given = OperatorKey.from_text(config.operator_key, source="NIC_OPERATOR_KEY")
        if given != kept:
            raise Conflict(OTHER_KEY)
    _verify_logs(config, manifest, folder)


def _operator_key(folder: Path) -> OperatorKey:
    file = folder / OPERATOR_KEY
    if not file.is_file() or file.stat().st_size > LONGEST_KEY_FILE:
        raise not_a_node("it has no operator's key")
    return OperatorKey.from_text(file.read_text(encoding="utf-8", errors="replace"), source=OPERATOR_KEY)


def _verify_logs(config: Config, manifest: Manifest, folder: Path) -> None:
    """Each checkpoint is signed by a log that the backup names, and no file says other than one that is here."""
    named = {store_in(folder, mark.origin).root.name: mark for mark in manifest.logs}
    for file in sorted((folder / LOGS).glob(f"*/{CHECKPOINT_PATH}")):
        mark = named.get(file.parent.name)
        if mark is None:
            raise not_a_node("a checkpoint in it is of no log of this node")
        try:
            verify_checkpoint(file.read_bytes(), parse_vkey(mark.log_key))
        except FederationError as error:
            raise not_a_node("a checkpoint in it was not signed by its log") from error
    for file in sorted((folder / LOGS).rglob("*")):
        here = config.data / file.relative_to(folder)
        is_tile = file.is_file() and is_tile_path("/".join(file.relative_to(folder / LOGS).parts[1:]))
        if is_tile and here.is_file() and here.read_bytes() != file.read_bytes():
            raise Conflict(OTHER_FILES.format(file=here))


def not_a_node(why: str) -> InvalidInput:
    sentence = NOT_A_NODE.format(why=why)
    return InvalidInput({"file": [sentence]}, sentence)


def logs_behind(folder: Path, manifest: Manifest) -> dict[str, tuple[int, int]]:
    """Origin -> (entries signed here, entries in the backup) of logs that the backup would set back.

    Raises:
        Conflict: a checkpoint here was not signed by its log.
    """
    marks = {mark.origin: mark for mark in manifest.logs}
    behind = {}
    for file in sorted(folder.glob(f"*/{CHECKPOINT_PATH}")):
        note = file.read_bytes()
        try:
            signed = read_checkpoint(note)
            mark = marks.get(signed.origin)
            if mark is not None:
                verify_checkpoint(note, parse_vkey(mark.log_key))
        except FederationError as error:
            raise Conflict(CHECKPOINT_ALTERED.format(file=file)) from error
        known = Checkpoint(signed.origin, 0, b"") if mark is None else _known(mark.origin, mark.size, mark.root)
        if signed.size > known.size or (signed.size == known.size and signed.root != known.root):
            behind[signed.origin] = (signed.size, known.size)
    return behind


def _known(origin: str, size: int, root: str) -> Checkpoint:
    return Checkpoint(origin, size, bytes.fromhex(root))


def _place_logs(config: Config, folder: Path) -> None:
    """Logs keep what is here, since nothing of them is ever taken back; what is missing comes from the backup."""
    for origin_folder in sorted((folder / LOGS).glob("*")):
        store = LogStore(config.data / LOGS / origin_folder.name)
        files = {
            path.relative_to(origin_folder).as_posix(): path for path in origin_folder.rglob("*") if path.is_file()
        }
        tiles = {name: path.read_bytes() for name, path in files.items() if is_tile_path(name)}
        store.root.mkdir(parents=True, exist_ok=True)
        store.write_all(tiles)
        if CHECKPOINT_PATH in files:
            _place_checkpoint(store, files[CHECKPOINT_PATH].read_bytes())


def _place_private_files(config: Config, folder: Path) -> None:
    _place_private(config.data / OPERATOR_KEY, folder / OPERATOR_KEY, always=True)
    _place_private(config.data / SETTINGS_FILE, folder / SETTINGS_FILE, always=False)


def _place_checkpoint(store: LogStore, note: bytes) -> None:
    try:
        store.write_checkpoint(note)
    except LogStoreConflict:
        return  # the one that is here is longer, and stays


def _place_private(target: Path, source: Path, *, always: bool) -> None:
    if not source.is_file() or (target.exists() and not always):
        return
    draft = target.with_name(f".{target.name}.part")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(source.read_bytes())
        file.flush()
        os.fsync(file.fileno())
    draft.replace(target)


async def _settle(config: Config, manifest: Manifest, folder: Path, now: datetime) -> int:
    """See that the database is the one that was promised; then bring it up to date and hide what may be gone since.

    Returns:
        How many records were erased, since newer entries of the logs here took them back.

    Raises:
        InvalidInput: it is not what the backup says.
    """
    database = Database.connect(config.database_url)
    try:
        await _verify_as_said(database, manifest)
        await upgrade(database)
        await _verify_opens(database, folder)
        await asyncio.to_thread(_place_logs, config, folder)
        async with database.writing() as session:
            return await _hide_what_may_be_gone(session, config, manifest, now)
    except (SQLAlchemyError, RuntimeError) as error:
        raise not_a_node(f"its database can't be used ({type(error).__name__})") from error
    finally:
        await database.close()


async def _verify_as_said(database: Database, manifest: Manifest) -> None:
    async with database.reading() as session:
        if database.is_sqlite and (await session.scalars(text("PRAGMA quick_check(1)"))).all() != ["ok"]:
            raise not_a_node("its database is damaged")
        found = await describe_copied(session)
    if found.revision != manifest.revision:
        raise not_a_node("its database has the tables of another program")
    if found.logs != manifest.logs:
        raise not_a_node("its database knows its logs otherwise")


async def _verify_opens(database: Database, folder: Path) -> None:
    async with database.reading() as session:
        try:
            await verify_operator_key(session, operator_key=_operator_key(folder))
        except NicError as error:
            raise not_a_node("its operator's key does not open its keys") from error


async def _hide_what_may_be_gone(session: AsyncSession, config: Config, manifest: Manifest, now: datetime) -> int:
    await hold_back(session)
    await _hold_mails(session)
    taken_back = 0
    for log in await session.scalars(select(Log)):
        log.restored_at = now  # what was signed since, members know: they are asked before anything is signed
        taken_back += await replay_taken_back(session, store_in(config.data, log.origin), log)
    await record_audit(
        session,
        actor=SYSTEM,
        action="backup.restored",
        subject="backup",
        subject_id=None,
        before=None,
        after={"made_at": manifest.made_at, "taken_back": taken_back},
        now=now,
    )
    return taken_back
