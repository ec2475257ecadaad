"""SQLite in its thread by one hop a statement.

SQLAlchemy asks aiosqlite four times for each statement: for a cursor, for what it does, for its rows, to close it. Each
time the loop and the thread wait for each other, which takes longer than most statements do.
"""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import aiosqlite
from sqlalchemy import Dialect, event
from sqlalchemy.connectors.asyncio import AsyncAdapt_dbapi_connection
from sqlalchemy.dialects.sqlite.aiosqlite import AsyncAdapt_aiosqlite_connection, AsyncAdapt_aiosqlite_cursor
from sqlalchemy.engine import Engine
from sqlalchemy.util.concurrency import await_


class Done(NamedTuple):
    """What a statement left, by the names of a cursor (PEP 249)."""

    description: Any = None
    rowcount: int = -1
    lastrowid: int | None = None
    rows: Sequence[Any] = ()


class OneHopCursor(AsyncAdapt_aiosqlite_cursor):
    """A statement's answer, all of it; the driver's own cursor is closed before the thread is left."""

    __slots__ = ()

    def __init__(self, adapt_connection: AsyncAdapt_dbapi_connection) -> None:
        self._adapt_connection = adapt_connection
        self._connection = adapt_connection._connection
        self._soft_closed_memoized = {}  # type: ignore[assignment]
        self._keep(Done())

    def _keep(self, done: Done) -> None:
        self._cursor = done  # type: ignore[assignment]
        self._rows = deque(done.rows)

    async def _execute_async(self, operation: Any, parameters: Any) -> None:
        await self._run("execute", operation, () if parameters is None else parameters)

    async def _executemany_async(self, operation: Any, seq_of_parameters: Any) -> None:
        await self._run("executemany", operation, seq_of_parameters)

    async def _run(self, method: str, operation: Any, parameters: Iterable[Any]) -> None:
        connection: Any = self._connection
        async with self._adapt_connection._execute_mutex:
            self._keep(await connection._execute(_run, getattr(connection._conn, method), operation, parameters))

    async def _async_soft_close(self) -> None:
        """Nothing is open."""

    def close(self) -> None:
        self._rows.clear()


def _run(ask: Callable[..., Any], operation: Any, parameters: Iterable[Any]) -> Done:
    cursor = ask(operation, parameters)
    try:
        rows = cursor.fetchall() if cursor.description else ()
        return Done(cursor.description, cursor.rowcount, cursor.lastrowid, rows)
    finally:
        cursor.close()


class OneHopConnection(AsyncAdapt_aiosqlite_connection):
    __slots__ = ()

    _cursor_cls = OneHopCursor

    def rollback(self) -> None:
        """The pool asks for one after each transaction's own end. A statement that was not waited for closes all."""
        if self._connection.in_transaction:
            super().rollback()


def connect_by_one_hop(engine: Engine) -> None:
    """Have every connection of an engine of aiosqlite be of this kind."""

    @event.listens_for(engine, "do_connect")
    def connect(dialect: Dialect, record: Any, arguments: Sequence[Any], options: Any) -> OneHopConnection:
        connection: Any = aiosqlite.connect(*arguments, **options)
        # As SQLAlchemy has it: a process that ends waits for none of them.
        connection._thread.daemon = True
        return OneHopConnection(dialect.loaded_dbapi, await_(connection))
