"""Migrations make the tables that the program knows, triggers and full-text index included, on both databases."""

import importlib
import pkgutil
import re
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text

import nic_node
from nic_node.app.tables import METADATA
from nic_node.db.engine import Database
from nic_node.db.migrate import include_object, upgrade
from tests.conftest import new_database

OBJECTS = {
    "sqlite": "SELECT type || ' ' || name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' AND name <> 'alembic_version'",
    "postgresql": (
        "SELECT 'trigger ' || tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal "
        "UNION SELECT 'index ' || indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' "
        "AND tablename <> 'alembic_version'"
    ),
}


@pytest.fixture(params=["sqlite", "postgresql"])
def urls(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, str]:
    """Two empty databases of one kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'a.sqlite3'}", f"sqlite:///{tmp_path / 'b.sqlite3'}"
    cluster = request.getfixturevalue("postgres_cluster")
    return new_database(cluster), new_database(cluster)


async def objects_of(database: Database) -> dict[str, str]:
    async with database.reading() as session:
        rows = await session.execute(text(OBJECTS[database.engine.dialect.name]))
        return {name: re.sub(r"\s+", " ", sql or "") for name, sql in rows}


def test_every_table_is_known_to_the_program() -> None:
    known = set(METADATA.tables)
    for module in pkgutil.walk_packages(nic_node.__path__, "nic_node."):
        if module.name.endswith(".tables"):
            importlib.import_module(module.name)
    assert set(METADATA.tables) == known


async def test_a_migrated_database_is_the_one_that_the_tables_describe(urls: tuple[str, str]) -> None:
    migrated, made = Database.connect(urls[0]), Database.connect(urls[1])
    await upgrade(migrated)
    await upgrade(migrated)
    async with made.engine.begin() as connection:
        await connection.run_sync(METADATA.create_all)

    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"include_object": include_object, "compare_type": True})
        return compare_metadata(context, METADATA)

    async with migrated.engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    ours, theirs = await objects_of(migrated), await objects_of(made)
    assert set(ours) == set(theirs)
    triggers = {name for name in theirs if name.startswith("trigger")}
    assert triggers
    assert {name: ours[name] for name in triggers} == {name: theirs[name] for name in triggers}
    await migrated.close()
    await made.close()
