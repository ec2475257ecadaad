"""Rows of a whole database as JSON, and back, on either database."""

import base64
import gzip
import json
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Date, DateTime, LargeBinary, MetaData, Table, insert, select, text

from nic_node.db.migrate import FULL_TEXT_PREFIX

Rows = dict[str, list[dict[str, Any]]]
SECRET = ("sealed", "password_hash", "token_hash", "private", "html", "text")  # an e-mail may hold a link
NOT_KEPT = ("alembic_version", FULL_TEXT_PREFIX)


def kept_tables(connection: Connection) -> list[Table]:
    """The tables as the database has them, parents first."""
    metadata = MetaData()
    metadata.reflect(connection)
    return [table for table in metadata.sorted_tables if not table.name.startswith(NOT_KEPT)]


def dump(connection: Connection) -> Rows:
    return {
        table.name: [_plain(table, dict(row)) for row in connection.execute(select(table)).mappings()]
        for table in kept_tables(connection)
    }


def load(connection: Connection, rows: Rows) -> None:
    """Insert all of them; foreign keys are checked at the end, for rows of a table may point at each other."""
    tables = {table.name: table for table in kept_tables(connection)}
    is_sqlite = connection.dialect.name == "sqlite"
    connection.execute(
        text("PRAGMA defer_foreign_keys = ON" if is_sqlite else "SET session_replication_role = replica")
    )
    for name, table in tables.items():
        if rows.get(name):
            connection.execute(insert(table), [_typed(table, row) for row in rows[name]])
    if not is_sqlite:
        connection.execute(text("SET session_replication_role = DEFAULT"))
        _count_on(connection, list(tables.values()))


def _count_on(connection: Connection, tables: list[Table]) -> None:
    """PostgreSQL's sequences do not see ids that were written by hand."""
    for table in tables:
        if "id" in table.columns and table.columns["id"].autoincrement:
            named = {"name": table.name}
            sequence = connection.execute(text("SELECT pg_get_serial_sequence(:name, 'id')"), named).scalar()
            if sequence:
                highest = f'SELECT max(id) FROM "{table.name}"'
                connection.execute(text(f"SELECT setval('{sequence}', coalesce(({highest}), 1))"))


def write(path: Path, rows: Rows) -> None:
    path.write_bytes(gzip.compress(json.dumps(rows, sort_keys=True).encode(), mtime=0))


def read(path: Path) -> Rows:
    rows: Rows = json.loads(gzip.decompress(path.read_bytes()))
    return rows


def _plain(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    return {name: _as_json(name, value) for name, value in row.items()}


def _as_json(name: str, value: Any) -> Any:
    if name.startswith(SECRET) and value is not None:
        value = bytes(len(value)) if isinstance(value, bytes) else sha256(value.encode()).hexdigest()[: len(value)]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, date):
        return value.isoformat()
    return value


def _typed(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    return {name: _from_json(table, name, value) for name, value in row.items()}


def _from_json(table: Table, name: str, value: Any) -> Any:
    kind = table.columns[name].type
    if value is None:
        return None
    if isinstance(kind, LargeBinary):
        return base64.b64decode(value)
    if isinstance(kind, DateTime):
        moment = datetime.fromisoformat(value)
        return moment.replace(tzinfo=UTC) if kind.timezone else moment
    return date.fromisoformat(value) if isinstance(kind, Date) else value
