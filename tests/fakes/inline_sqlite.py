"""SQLite in the loop's own thread, for tests of many nodes in which nothing happens at once.

aiosqlite sends each call to the connection's thread: four ways there and back a statement, which cost such a test a
third of its time, and more where other tests keep the processors busy. Whoever waits here keeps the loop waiting, so
that it is no place to race anything.
"""

import sqlite3
from pathlib import Path
from typing import Any, Self

from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool
from sqlalchemy.util.concurrency import await_

from nic_node.db.engine import Database, prepare_sqlite
from tests.conftest import sqlite_template


class InlineCursor(sqlite3.Cursor):
    """What a connection answers where no session is used."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        self.close()

    async def fetchone(self) -> Any:
        return super().fetchone()


class AskedCursor(sqlite3.Cursor):
    """What SQLAlchemy asks; its rows are still to be read when this is called."""

    async def _async_soft_close(self) -> None:
        """Nothing holds a thread here."""


class InlineConnection(sqlite3.Connection):
    def cursor(self, factory: Any = AskedCursor) -> Any:
        return super().cursor(factory)

    def execute(self, *statement: Any) -> InlineCursor:
        return self.cursor(InlineCursor).execute(*statement)


class InlineDialect(SQLiteDialect_pysqlite):
    """The standard library's driver, called where aiosqlite's is."""

    driver = "inline"
    is_async = True
    supports_statement_cache = True

    def do_execute(self, *statement: Any, **named: Any) -> None:
        await_(_nothing())
        super().do_execute(*statement, **named)

    def do_executemany(self, *statement: Any, **named: Any) -> None:
        await_(_nothing())
        super().do_executemany(*statement, **named)


async def _nothing() -> None:
    """SQLAlchemy wants to see an awaitable where a connection is asked and no session, as `insert_many` asks."""


registry.register("sqlite.inline", __name__, InlineDialect.__name__)


def open_inline(folder: Path) -> Database:
    """A database with all tables; closed as any other."""
    file = folder / "test.sqlite3"
    file.write_bytes(sqlite_template())
    options = {"isolation_level": None, "factory": InlineConnection}
    engine = create_async_engine(f"sqlite+inline:///{file}", connect_args=options, poolclass=AsyncAdaptedQueuePool)
    return Database(prepare_sqlite(engine))
