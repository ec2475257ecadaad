"""Rows of a whole database as a file, and back, on either database."""

import gzip
import json
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table

from nic_node.db.rows import count_on, read_rows, tables_of, write_rows

Rows = dict[str, list[dict[str, Any]]]
SECRET = ("sealed", "password_hash", "token_hash", "private", "html", "text")  # an e-mail may hold a link


def dump(connection: Connection) -> Rows:
    return {table.name: [_told(table, row) for row in read_rows(connection, table)] for table in tables_of(connection)}


def load(connection: Connection, rows: Rows) -> None:
    tables = tables_of(connection)
    for table in tables:
        write_rows(connection, table, rows.get(table.name, ()))
    count_on(connection, tables)


def write(path: Path, rows: Rows) -> None:
    path.write_bytes(gzip.compress(json.dumps(rows).encode(), mtime=0))


def read(path: Path) -> Rows:
    rows: Rows = json.loads(gzip.decompress(path.read_bytes()))
    return rows


def _told(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    """The row with its secrets overwritten, at their length."""
    return {name: _overwritten(table, name, value) if name.startswith(SECRET) else value for name, value in row.items()}


def _overwritten(table: Table, name: str, value: Any) -> Any:
    if value is None:
        return None
    if table.columns[name].type.python_type is bytes:
        return "A" * (len(value) // 4 * 4)
    return sha256(value.encode()).hexdigest()[: len(value)]
