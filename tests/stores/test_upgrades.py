"""A node that ran a delivered revision keeps every row when it is brought up to date, on both databases."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select

from nic_node.db.engine import Database
from nic_node.db.migrate import known_revisions, upgrade
from nic_node.db.rows import tables_of
from tests.conftest import new_database
from tests.stores.heads import rows

HEADS = Path(rows.__file__).parent
FILLED = sorted(file.name.removesuffix(".json.gz") for file in HEADS.glob("*.json.gz"))


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'old.sqlite3'}"
    else:
        url = new_database(request.getfixturevalue("postgres_cluster"))
    connected = Database.connect(url)
    yield connected
    await connected.close()


def test_every_delivered_revision_left_a_school_and_a_network() -> None:
    older = known_revisions() - {max(known_revisions())}
    assert set(FILLED) >= {f"{revision}-{node}" for revision in older for node in ("network", "school")}


@pytest.mark.parametrize("filled", FILLED)
async def test_an_upgrade_keeps_every_row(database: Database, filled: str) -> None:
    before = rows.read(HEADS / f"{filled}.json.gz")
    await upgrade(database, to=filled.split("-", maxsplit=1)[0])
    async with database.writing() as session:
        await (await session.connection()).run_sync(rows.load, before)
    await upgrade(database)

    def counted(connection: Connection) -> dict[str, int]:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in tables_of(connection)
        }

    async with database.reading() as session:
        after = await (await session.connection()).run_sync(counted)
    assert {name: after.get(name) for name, kept in before.items() if kept} == {
        name: len(kept) for name, kept in before.items() if kept
    }
