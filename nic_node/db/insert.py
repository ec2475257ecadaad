"""Inserting: a row that several may write first at once, and very many rows."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Dialect, Table, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.db.base import Base


async def insert_if_missing(session: AsyncSession, model: type[Base], **values: Any) -> None:
    """Insert a row unless one with its unique values is there; waits for whoever is just inserting it.

    Read the row afterwards, with a lock, to see whose it is. `values` name columns; defaults of the table apply.
    """
    await insert_missing(session, model, [values])


async def insert_missing(session: AsyncSession, model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Those of several rows that are not there yet; all name the same columns."""
    if not rows:
        return
    table = model.__table__
    assert isinstance(table, Table)
    statement = sqlite.insert(table) if session.get_bind().dialect.name == "sqlite" else postgresql.insert(table)
    await session.execute(statement.on_conflict_do_nothing(), list(rows))


async def insert_many(
    session: AsyncSession, model: type[Base], columns: tuple[str, ...], rows: Sequence[tuple[Any, ...]]
) -> None:
    """Insert rows of values that the driver takes as they are: numbers, text, bytes, true and false, None.

    SQLAlchemy looks at every value of every row; this does not, and takes a tenth of the time. Defaults of the table
    don't apply.
    """
    if not rows:
        return
    table = model.__table__
    assert isinstance(table, Table)
    connection = await session.connection()
    await connection.exec_driver_sql(_insert_text(table, columns, connection.dialect), list(rows))


@lru_cache(maxsize=64)
def _insert_text(table: Table, columns: tuple[str, ...], dialect: Dialect) -> str:
    compiled = insert(table).compile(dialect=dialect, column_keys=list(columns))
    assert tuple(compiled.positiontup or ()) == columns, "columns are named in the order of the table"
    return str(compiled)
