"""What a bundle asks the tables for is looked up, not sought: else each bundle costs more than the one before it."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Select
from sqlalchemy.dialects import sqlite

from nic_node.mirror.rows import at_indexes, of_hashes, origins_named_by
from tests.conftest import sqlite_template


@pytest.mark.parametrize(
    ("statement", "looked_up"),
    [
        (of_hashes(["a", "b"]), "mirror_records USING INDEX ix_mirror_records_blob_sha256 (blob_sha256=?)"),
        (at_indexes(1, [2, 3]), "sqlite_autoindex_mirror_records_1 (log_id=? AND leaf_index=?)"),
        (origins_named_by(["a", "b"]), "mirror_references USING INDEX ix_mirror_references_jkt (jkt=? AND name=?)"),
    ],
)
def test_what_a_bundle_names_is_looked_up(tmp_path: Path, statement: Select[Any], looked_up: str) -> None:
    file = tmp_path / "tables.sqlite3"
    file.write_bytes(sqlite_template())
    asked = statement.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
    with closing(sqlite3.connect(file)) as connection:
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {asked}")]
    assert plan[0].endswith(looked_up), plan
    assert [step for step in plan if step.startswith("SCAN")] == ["SCAN json_each VIRTUAL TABLE INDEX 1:"], plan
