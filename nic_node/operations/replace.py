"""A copy in the place of a whole database, and what was there back again where that goes wrong."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import text
from sqlalchemy.engine import make_url

from nic_node.config import Config
from nic_node.db.engine import Database
from nic_node.operations.dump import find_tool, run_tool, sqlite_file

ASIDE: Final = "nic_before_restore"
"""The schema, or the end of the name of the file, in which the database of before stands aside."""
FILES: Final = ("", "-wal", "-shm", "-journal")
OF_RESTORE: Final = ("--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error")


@asynccontextmanager
async def replaced(database: Database, config: Config, copy: Path) -> AsyncIterator[None]:
    """The copy is the database from here on; nobody else may use it meanwhile.

    Where the block raises, the database of before comes back. It does so too where an earlier call was cut off.

    Raises:
        NotConfigured: pg_restore is missing. Conflict: it refused.
    """
    aside = _SqliteAside(sqlite_file(config)) if database.is_sqlite else _PostgresqlAside(config.database_url)
    await database.close()
    await aside.put()
    try:
        await aside.put_in(copy)
        yield
    except BaseException:
        await aside.come_back()
        raise
    await aside.forget()


class _SqliteAside:
    def __init__(self, file: Path) -> None:
        self._file = file
        self._aside = file.with_name(f".{file.name}.{ASIDE}")

    async def put(self) -> None:
        # One that is there already is of a restore that was cut off: what it left here is no node.
        if not await asyncio.to_thread(self._aside.exists):
            await asyncio.to_thread(_move, self._file, self._aside)

    async def put_in(self, copy: Path) -> None:
        await asyncio.to_thread(_remove, self._file)
        await asyncio.to_thread(copy.chmod, 0o600)
        await asyncio.to_thread(shutil.move, copy, self._file)

    async def come_back(self) -> None:
        await asyncio.to_thread(_remove, self._file)
        await asyncio.to_thread(_move, self._aside, self._file)

    async def forget(self) -> None:
        await asyncio.to_thread(_remove, self._aside)


def _beside(file: Path) -> list[Path]:
    """A SQLite file, and what SQLite keeps beside it."""
    return [file.with_name(file.name + end) for end in FILES]


def _remove(file: Path) -> None:
    for one in _beside(file):
        one.unlink(missing_ok=True)


def _move(source: Path, target: Path) -> None:
    for one, there in zip(_beside(source), _beside(target), strict=True):
        there.unlink(missing_ok=True)
        if one.exists():
            one.replace(there)


class _PostgresqlAside:
    def __init__(self, url: str) -> None:
        self._url = url

    async def put(self) -> None:
        find_tool("pg_restore")
        if await self._is_aside():
            await self.come_back()
        await self._do(f"ALTER SCHEMA public RENAME TO {ASIDE}", "CREATE SCHEMA public")

    async def put_in(self, copy: Path) -> None:
        url = make_url(self._url)
        await run_tool("pg_restore", [*OF_RESTORE, f"--dbname={url.database}", str(copy)], url)

    async def come_back(self) -> None:
        await self._do("DROP SCHEMA IF EXISTS public CASCADE", f"ALTER SCHEMA {ASIDE} RENAME TO public")

    async def forget(self) -> None:
        await self._do(f"DROP SCHEMA {ASIDE} CASCADE")

    async def _is_aside(self) -> bool:
        async with _opened(self._url) as database, database.reading() as session:
            found = await session.scalar(text("SELECT 1 FROM pg_namespace WHERE nspname = :name"), {"name": ASIDE})
        return found is not None

    async def _do(self, *statements: str) -> None:
        async with _opened(self._url) as database, database.writing() as session:
            for statement in statements:
                await session.execute(text(statement))


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[Database]:
    database = Database.connect(url)
    try:
        yield database
    finally:
        await database.close()
