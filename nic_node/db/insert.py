"""A row that several may write first at once: one of them does, and the others find it there."""

from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.db.base import Base


async def insert_if_missing(session: AsyncSession, model: type[Base], **values: Any) -> None:
    """Insert a row unless one with its unique values is there; waits for whoever is just inserting it.

    Read the row afterwards, with a lock, to see whose it is. `values` name columns; defaults of the table apply.
    """
    table = model.__table__
    assert isinstance(table, Table)
    insert = sqlite.insert(table) if session.get_bind().dialect.name == "sqlite" else postgresql.insert(table)
    await session.execute(insert.values(**values).on_conflict_do_nothing())
