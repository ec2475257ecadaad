"""A consistent copy of a database that is in use: SQLite's backup API, or pg_dump."""

import asyncio
import os
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.config import Config
from nic_node.db.engine import Database
from nic_node.errors import Conflict, NotConfigured
from nic_node.i18n import N_
from nic_node.operations.archive import LogMark

NO_TOOL: Final = N_("{tool} is not installed here. Install PostgreSQL's client programs, of the server's version.")
LOG_ROWS: Final = "SELECT origin, log_key, size, root FROM network_logs ORDER BY origin"
REVISION: Final = "SELECT version_num FROM alembic_version"


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """What the copy holds, read from the very state that was copied."""

    revision: str
    logs: tuple[LogMark, ...]


def sqlite_file(config: Config) -> Path:
    database = make_url(config.database_url).database
    assert database is not None
    return Path(database)


async def copy_database(database: Database, config: Config, copy: Path) -> Copied:
    """One consistent state of the whole database, while others read and write.

    Raises:
        NotConfigured: pg_dump is missing. Conflict: it refused, or the database is empty.
    """
    if database.is_sqlite:
        return await asyncio.to_thread(_copy_sqlite, sqlite_file(config), copy)
    async with database.reading() as session:
        snapshot = await session.scalar(text("SELECT pg_export_snapshot()"))
        copied = await describe_copied(session)
        arguments = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={copy}"]
        await run_tool("pg_dump", arguments, make_url(config.database_url))
    return copied


def _copy_sqlite(source: Path, copy: Path) -> Copied:
    address = f"file:{source}?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as old, closing(sqlite3.connect(copy)) as new:
        # In one step: what is written meanwhile goes into the write-ahead log, and is not part of the copy.
        old.backup(new)
        (found,) = new.execute(REVISION).fetchall()
        logs = tuple(_mark(row) for row in new.execute(LOG_ROWS))
    return Copied(revision=found[0], logs=logs)


async def describe_copied(session: AsyncSession) -> Copied:
    """What a database says of itself, of whichever revision it is."""
    revision = await session.scalar(text(REVISION))
    logs = tuple(_mark(row) for row in await session.execute(text(LOG_ROWS)))
    return Copied(revision=str(revision), logs=logs)


def _mark(row: Sequence[Any]) -> LogMark:
    origin, log_key, size, root = row
    return LogMark(origin=origin, log_key=log_key, size=size, root=bytes(root).hex())


async def is_in_use(database: Database) -> bool:
    """Whether there are tables already, which a restore would replace."""
    if database.is_sqlite:
        name = database.engine.url.database
        return name is not None and await asyncio.to_thread(
            lambda: Path(name).exists() and Path(name).stat().st_size > 0
        )
    async with database.reading() as session:
        found = await session.scalar(text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"))
    return bool(found)


async def run_tool(tool: str, arguments: list[str], url: URL) -> None:
    """The password goes by the environment of the child: a command line can be read by everybody.

    Raises:
        NotConfigured: it is not installed. Conflict: it refused.
    """
    process = await asyncio.create_subprocess_exec(
        find_tool(tool), *arguments, env=_environment(url), stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    _, said = await process.communicate()
    if process.returncode != 0:
        lines = said.decode("utf-8", "replace").strip().splitlines() or ["no reason given"]
        raise Conflict(f"{tool} refused: {lines[0]}")


def find_tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise NotConfigured(NO_TOOL.format(tool=name))
    return found


def _environment(url: URL) -> dict[str, str]:
    said = {
        "PGHOST": url.host,
        "PGPORT": str(url.port) if url.port else None,
        "PGUSER": url.username,
        "PGPASSWORD": str(url.password) if url.password else None,
        "PGDATABASE": url.database,
        "PGSSLMODE": url.query.get("ssl") or url.query.get("sslmode"),
    }
    return {**os.environ, **{name: str(value) for name, value in said.items() if value is not None}}
