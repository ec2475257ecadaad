"""Bring a database to the tables that this program knows. One writer at a time; a second one waits its turn."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, text

from nic_node.db.engine import WRITING, Database

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"
FULL_TEXT_PREFIX = "search_index"
ADVISORY_LOCK = 0x6E69636D


def include_object(item: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:  # noqa: FBT001 - Alembic's signature
    """Full-text tables and their shadows are made by hand, so autogenerate leaves them alone."""
    return not (kind == "table" and name is not None and name.startswith(FULL_TEXT_PREFIX))


async def upgrade(database: Database, to: str = "head") -> None:
    """Run every revision that this database lacks, in one transaction; up to an older one only where a test asks so."""
    if database.is_sqlite:
        await _upgrade_sqlite(database, to)
        return
    async with database.writing() as session:
        connection = await session.connection()
        await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
        await connection.run_sync(_upgrade, to)


async def _upgrade_sqlite(database: Database, to: str) -> None:
    """As SQLite's own procedure has it: a table is changed by making it anew and dropping the old one.

    Foreign keys are off meanwhile, or dropping it would delete what refers to it; they are checked before the commit.
    """
    async with database.engine.connect() as connection:
        await connection.execution_options(**WRITING)
        # The pragma does nothing inside a transaction, and every transaction of ours begins by itself.
        driver: Any = (await connection.get_raw_connection()).driver_connection
        await driver.execute("PRAGMA foreign_keys=OFF")
        try:
            async with connection.begin():
                await connection.run_sync(_upgrade, to)
                broken = (await connection.execute(text("PRAGMA foreign_key_check"))).all()
                if broken:
                    raise RuntimeError(f"the revision breaks references of {broken[0][0]}; nothing was changed")
        finally:
            await driver.execute("PRAGMA foreign_keys=ON")


async def revisions(database: Database) -> tuple[str | None, str]:
    """(the revision that the database has, the one that this program needs); the first is None where it is empty."""
    async with database.reading() as session:
        connection = await session.connection()
        return await connection.run_sync(_revisions)


def known_revisions() -> frozenset[str]:
    """Every revision that this program can bring up to date."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - heavy, and needed by few

    return frozenset(script.revision for script in ScriptDirectory.from_config(_settings()).walk_revisions())


def _revisions(connection: Connection) -> tuple[str | None, str]:
    from alembic.runtime.migration import MigrationContext  # noqa: PLC0415 - heavy, and needed by few
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - as above

    head = ScriptDirectory.from_config(_settings()).get_current_head()
    assert head is not None
    return MigrationContext.configure(connection).get_current_revision(), head


def _upgrade(connection: Connection, to: str) -> None:
    from alembic import command  # noqa: PLC0415 - heavy, and needed at start only

    settings = _settings()
    settings.attributes["connection"] = connection
    command.upgrade(settings, to)


def _settings() -> "Config":
    from alembic.config import Config  # noqa: PLC0415 - heavy, and needed by few

    settings = Config()
    settings.set_main_option("script_location", str(MIGRATIONS))
    return settings
