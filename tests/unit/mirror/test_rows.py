"""What a bundle asks the tables for is looked up, not sought: else each bundle costs more than the one before it."""

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy.dialects import sqlite

from nic_node.mirror.rows import of_hashes
from tests.conftest import sqlite_template


def test_records_are_looked_up_by_their_hashes(tmp_path: Path) -> None:
    file = tmp_path / "tables.sqlite3"
    file.write_bytes(sqlite_template())
    hashes = [f"{number:064x}" for number in range(256)]
    asked = of_hashes(hashes).compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
    with closing(sqlite3.connect(file)) as connection:
        plan = connection.execute(f"EXPLAIN QUERY PLAN {asked}").fetchall()
    assert [row[3] for row in plan] == [
        "SEARCH mirror_records USING INDEX ix_mirror_records_blob_sha256 (blob_sha256=?)"
    ]
