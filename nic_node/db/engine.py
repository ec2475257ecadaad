"""One database, two doors: `reading()` sees one consistent state, `writing()` commits all or nothing.

SQLite (WAL) and PostgreSQL answer alike: a writer on SQLite takes the write lock when it begins, so
read-then-write can't be overtaken; on PostgreSQL such verbs lock their rows (`with_for_update()`).
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import Any, Self

from sqlalchemy import Executable, Row, event
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm.exc import StaleDataError

from nic_node.db.once import KNOWN
from nic_node.db.one_hop import connect_by_one_hop
from nic_node.errors import NotConfigured, Stale
from nic_node.i18n import N_

SQLITE_SETTINGS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=10000",
    "PRAGMA synchronous=FULL",
    "PRAGMA secure_delete=ON",
)
DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}
NO_SUCH_DATABASE = "DATABASE_URL must be an address such as sqlite:////srv/nic.sqlite3 or postgresql://user@host/name."
WRITING = {"nic_writing": True}
SINGLE = {"nic_single": True}
CHANGED_MEANWHILE = N_("Somebody changed this meanwhile. Look at the page again, then repeat what you did.")

BeforeCommit = Callable[[AsyncSession], Awaitable[None]]


class Database:
    """The node's database.

    Args:
        engine: made by `connect`, or by a test.
        before_commit: what is done with each writing session, in its transaction, when its block has ended well.
    """

    def __init__(self, engine: AsyncEngine, before_commit: Sequence[BeforeCommit] = ()) -> None:
        self.engine = engine
        self._before_commit = tuple(before_commit)
        # SQLite has one writer anyway; queueing here spares its busy polling.
        self._turn: AbstractAsyncContextManager[None] = asyncio.Lock() if self.is_sqlite else nullcontext()
        self._writing_engine = engine.execution_options(**WRITING)
        # On SQLite `begin` leaves it out: the dialect's AUTOCOMMIT would give the driver its own transactions back.
        alone: Mapping[str, Any] = SINGLE if self.is_sqlite else {"isolation_level": "AUTOCOMMIT"}
        self._single_engine = engine.execution_options(**alone)

    @classmethod
    def connect(cls, url: str, before_commit: Sequence[BeforeCommit] = ()) -> Self:
        """Open `sqlite:///path` or `postgresql://...`; nothing is read or written yet."""
        parsed = async_url(url)
        if parsed.get_backend_name() == "sqlite":
            # isolation_level=None switches off the driver's own BEGIN; an event emits ours.
            connect_args = {"isolation_level": None}
            engine = create_async_engine(parsed, connect_args=connect_args, hide_parameters=True)
            connect_by_one_hop(engine.sync_engine)
            return cls(prepare_sqlite(engine), before_commit)
        engine = create_async_engine(parsed, pool_size=5, max_overflow=5, pool_pre_ping=True, hide_parameters=True)
        return cls(engine, before_commit)

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A session that sees one state and keeps nothing: what it changes is rolled back."""
        async with AsyncSession(self.engine, expire_on_commit=False, autoflush=False, info={KNOWN: {}}) as session:
            if not self.is_sqlite:
                await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            # Closing rolls back; an explicit rollback would also expire what was read.
            yield session

    async def read_rows(self, statement: Executable, values: Mapping[str, Any]) -> Sequence[Row[*tuple[Any, ...]]]:
        """What one statement finds. It sees one state by itself, so no transaction is begun or ended around it.

        This is what every request begins with: it takes half of what `reading` does.
        """
        async with self._single_engine.connect() as connection:
            return (await connection.execute(statement, dict(values))).all()

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """A session that commits when the block ends and rolls back when it raises.

        Raises:
            Conflict: a row was changed by somebody else after this block read it.
        """
        try:
            async with (
                self._turn,
                AsyncSession(self._writing_engine, expire_on_commit=False) as session,
                session.begin(),
            ):
                yield session
                for step in self._before_commit:
                    await step(session)
        except StaleDataError as stale:
            raise Stale(CHANGED_MEANWHILE) from stale

    async def close(self) -> None:
        await self.engine.dispose()


def async_url(url: str) -> URL:
    """The SQLAlchemy URL with the driver that we use.

    Raises:
        NotConfigured: it is none of `sqlite:///path` and `postgresql://...`.
    """
    try:
        parsed = make_url(url)
        return parsed.set(drivername=DRIVERS[parsed.drivername.partition("+")[0]])
    except (ArgumentError, KeyError) as error:
        raise NotConfigured(NO_SUCH_DATABASE) from error


def prepare_sqlite(engine: AsyncEngine) -> AsyncEngine:
    """What every connection of ours is set to, and when a writer takes its turn."""

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, record: Any) -> None:
        cursor = connection.cursor()
        for statement in SQLITE_SETTINGS:
            cursor.execute(statement)
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if not options.get("nic_single", False):
            connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("nic_writing", False) else "BEGIN")

    return engine
