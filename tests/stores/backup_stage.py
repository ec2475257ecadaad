"""A node with a network and a record in its log, and another place of the same kind to restore it in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from nic_node.config import Config, read_config
from nic_node.db.engine import Database
from nic_node.db.migrate import upgrade
from nic_node.keyring import passphrase
from nic_node.keyring.operator_key import OPERATOR_KEY_FILE, OperatorKey
from nic_node.operations.backup import make_backup
from nic_node.operations.restore import restore_backup
from tests.conftest import TestClock, new_database
from tests.unit.network.log.stage import Stage, running_stage

PASSPHRASE = "four words or rather more"


@dataclass
class Place:
    """`elsewhere`: how to configure another node on the same kind of database; `index` of the record."""

    stage: Stage
    config: Config
    database: Database
    file: Path
    elsewhere: Config
    index: int


@asynccontextmanager
async def running_place(
    request: pytest.FixtureRequest, tmp_path: Path, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Place]:
    """On the database that `request.param` names."""
    # The cost of a guess is tried in tests/unit/keyring.
    monkeypatch.setattr(passphrase, "ARGON2_MEMORY_KIB", 64)

    def config_in(name: str) -> Config:
        (tmp_path / name).mkdir(mode=0o700)
        environ = {"NIC_PORT": "0"}
        if request.param == "postgresql":
            environ["DATABASE_URL"] = new_database(request.getfixturevalue("postgres_cluster"))
        return read_config(tmp_path / name, environ)

    config = config_in("node")
    (config.data / OPERATOR_KEY_FILE).write_text(OperatorKey(bytes(range(32))).as_text())
    (config.data / OPERATOR_KEY_FILE).chmod(0o600)
    database = Database.connect(config.database_url)
    await upgrade(database)
    async with running_stage(database, clock, config.data, monkeypatch) as stage:
        await stage.open_epoch()
        index = await stage.publish("ada")
        yield Place(stage, config, database, tmp_path / "monday.backup", config_in("elsewhere"), index)
    await database.close()


async def backed_up(place: Place) -> None:
    await make_backup(place.config, place.database, file=place.file, passphrase=PASSPHRASE, now=place.stage.clock())


async def restored(place: Place, config: Config, **more: bool):
    return await restore_backup(config, file=place.file, passphrase=PASSPHRASE, now=place.stage.clock(), **more)
