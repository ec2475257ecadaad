"""Rows of whole tables as JSON values, and back, the same on both databases and whatever the revision.

The tables are read from the database itself, not from the program: an older revision has its own. Bytes are base64,
moments ISO 8601 in UTC; everything else is what JSON has.
"""

import base64
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    func,
    insert,
    inspect,
    select,
    text,
    update,
)

from nic_node.db.migrate import FULL_TEXT_PREFIX

Row = dict[str, Any]


class RowInLoop(ValueError):
    """`key` is that of a row that stands under itself, at once or by way of others."""

    def __init__(self, key: int) -> None:
        super().__init__(f"row {key} stands under itself")
        self.key = key


NO_CONTENT = ("alembic_version", FULL_TEXT_PREFIX)  # the revision, and an index that is made from the other rows
ROWS_AT_ONCE = 500


def tables_of(connection: Connection, is_wanted: Callable[[str], bool] | None = None) -> list[Table]:
    """The tables that this database has, or those of them that are wanted by their names, parents before children."""
    metadata = MetaData()
    wanted = [name for name in inspect(connection).get_table_names() if is_wanted is None or is_wanted(name)]
    metadata.reflect(connection, only=[name for name in wanted if not name.startswith(NO_CONTENT)])
    return [table for table in metadata.sorted_tables if table.name in wanted]


def read_rows(connection: Connection, table: Table) -> Iterator[Row]:
    """Every row as JSON values, in the order of the primary key."""
    found = connection.execute(select(table).order_by(*table.primary_key.columns)).mappings()
    for row in found:
        yield {name: _as_json(value) for name, value in row.items()}


def write_rows(connection: Connection, table: Table, rows: Iterable[Row]) -> int:
    """Insert rows that `read_rows` gave, of a table that may point at itself; how many they were.

    Raises:
        ValueError, TypeError, KeyError: a row is not of this table.
        RowInLoop: rows of this table point at each other in a circle, as in no tree that a node makes.
        sqlalchemy.exc.IntegrityError: a row points at one that is not there, or is there twice.
    """
    own = _columns_that_point_at_the_table(table)
    waiting: list[Row] = []
    written, later = 0, []
    for row in rows:
        typed = {name: _typed(table.columns[name], value) for name, value in row.items()}
        if any(typed.get(name) is not None for name in own):
            later.append(dict(typed))
            typed |= dict.fromkeys(own)
        waiting.append(typed)
        if len(waiting) >= ROWS_AT_ONCE:
            written += _insert(connection, table, waiting)
    written += _insert(connection, table, waiting)
    for name in own:
        _verify_no_loop({typed["id"]: typed[name] for typed in later if typed[name] is not None})
    for typed in later:
        key = [column == typed[column.name] for column in table.primary_key.columns]
        connection.execute(update(table).where(*key).values({name: typed[name] for name in own}))
    return written


def count_on(connection: Connection, tables: Collection[Table]) -> None:
    """PostgreSQL's sequences do not see numbers that were written by hand: go on after the highest."""
    if connection.dialect.name != "postgresql":
        return
    for table in tables:
        for column in table.primary_key.columns:
            named = {"table": table.name, "column": column.name}
            sequence = connection.execute(text("SELECT pg_get_serial_sequence(:table, :column)"), named).scalar()
            highest = connection.execute(select(func.max(column))).scalar() if sequence else None
            if highest is not None:
                connection.execute(select(func.setval(sequence, highest)))


def _insert(connection: Connection, table: Table, waiting: list[Row]) -> int:
    if waiting:
        connection.execute(insert(table), waiting)
    count = len(waiting)
    waiting.clear()
    return count


def _verify_no_loop(above: Mapping[int, int]) -> None:
    """above: key of a row -> key of the row that it points at."""
    seen: set[int] = set()
    for start in above:
        way: set[int] = set()
        key: int | None = start
        while key is not None and key not in seen:
            if key in way:
                raise RowInLoop(key)
            way.add(key)
            key = above.get(key)
        seen |= way


def _columns_that_point_at_the_table(table: Table) -> list[str]:
    return [key.parent.name for key in table.foreign_keys if key.column.table is table]


def _as_json(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, date) else value


def _typed(column: Column[Any], value: Any) -> Any:
    kind = column.type
    if value is None:
        return None
    if isinstance(kind, LargeBinary):
        return base64.b64decode(value, validate=True)
    if isinstance(kind, DateTime):
        moment = datetime.fromisoformat(value)
        return moment if kind.timezone else moment.astimezone(UTC).replace(tzinfo=None)
    if isinstance(kind, Date):
        return date.fromisoformat(value)
    if isinstance(kind, Integer) and not isinstance(value, int):
        raise TypeError(f"{column.name} is no whole number")
    return value


def as_plain(row: Mapping[str, Any], left_out: Collection[str]) -> Row:
    """The row without what some columns hold."""
    return {name: None if name in left_out else value for name, value in row.items()}
