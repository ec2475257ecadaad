"""Insert or replace by key, the same on both databases."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.db.base import Base
from nic_node.mirror.full_text import is_sqlite


async def upsert(session: AsyncSession, model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows (all with the same columns, no key twice) over those with their primary key."""
    if not rows:
        return
    table = model.__table__
    assert isinstance(table, Table)
    insert = sqlite.insert(table) if is_sqlite(session) else postgresql.insert(table)
    keys = {column.name for column in table.primary_key}
    replaced = {name: insert.excluded[name] for name in rows[0] if name not in keys}
    statement = insert.on_conflict_do_update(index_elements=sorted(keys), set_=replaced)
    if not replaced:
        statement = insert.on_conflict_do_nothing()
    await session.execute(statement, [dict(row) for row in rows])
