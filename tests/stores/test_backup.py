"""Backup and restore on both databases: a node that goes on, and nothing that comes back from what was taken back."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from federation.keys import thumbprint
from federation.leaves import build_block
from nic_node.config import read_config
from nic_node.db.engine import Database
from nic_node.errors import Conflict, InvalidInput
from nic_node.keyring.keys import verify_operator_key
from nic_node.keyring.operator_key import OPERATOR_KEY_FILE, OperatorKey, read_operator_key
from nic_node.network.log.files import LogBehind, store_in
from nic_node.network.log.queue import queue_leaf, queue_network_leaf
from nic_node.network.log.tables import LivingBlob, Log, LogRecord
from nic_node.network.recover import recover_network
from nic_node.operations.last_backup import read_last_backup
from nic_node.operations.restore import restore_backup
from tests.conftest import BACKENDS, TestClock
from tests.stores.backup_stage import PASSPHRASE, Place, backed_up, restored, running_place
from tests.unit.accounts.stage import ADA


@pytest.fixture(params=BACKENDS)
async def place(
    request: pytest.FixtureRequest, tmp_path: Path, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Place]:
    async with running_place(request, tmp_path, clock, monkeypatch) as opened:
        yield opened


async def refuses_what_does_not_fit(place: Place) -> None:
    """Each of these leaves everything as it was."""
    data = place.file.read_bytes()
    assert place.file.stat().st_mode & 0o777 == 0o600
    for secret in (b"Ada School", OperatorKey(bytes(range(32))).as_text().encode(), b"SQLite format"):
        assert secret not in data
    with pytest.raises(Conflict, match="there already"):
        await backed_up(place)
    assert place.file.read_bytes() == data
    with pytest.raises(InvalidInput, match="passphrase"):
        await restore_backup(place.elsewhere, file=place.file, passphrase="four other words", now=place.stage.clock())
    cut = place.file.with_name("cut")
    cut.write_bytes(data[:-40])
    with pytest.raises(InvalidInput):
        await restore_backup(place.elsewhere, file=cut, passphrase=PASSPHRASE, now=place.stage.clock())
    values = {"NIC_OPERATOR_KEY": OperatorKey(bytes(32)).as_text(), "NIC_PORT": "0"}
    if not place.database.is_sqlite:
        values["DATABASE_URL"] = place.elsewhere.database_url
    with pytest.raises(Conflict, match="NIC_OPERATOR_KEY"):
        await restored(place, read_config(place.elsewhere.data, values))
    foreign = store_in(place.elsewhere.data, (await place.stage.log()).origin).root / "checkpoint"
    foreign.parent.mkdir(parents=True)
    foreign.write_bytes(b"not a note\n")
    with pytest.raises(Conflict, match="not the log's own"):
        await restored(place, place.elsewhere)
    foreign.unlink()
    assert not (place.elsewhere.data / OPERATOR_KEY_FILE).exists()


async def test_a_node_goes_on_from_its_backup(place: Place) -> None:
    await backed_up(place)
    await refuses_what_does_not_fit(place)
    config = place.elsewhere
    done = await restored(place, config)
    assert (done.behind, done.taken_back) == ((), 0)
    key = read_operator_key(value=None, path=config.data / OPERATOR_KEY_FILE)
    assert (config.data / OPERATOR_KEY_FILE).stat().st_mode & 0o777 == 0o600
    database = Database.connect(config.database_url)
    try:
        async with database.reading() as session:
            await verify_operator_key(session, operator_key=key)
            log = await session.scalar(select(Log))
            assert log is not None
            assert await session.get(LivingBlob, (log.id, place.index)) is not None
        old = await place.stage.log()
        assert (log.size, log.root) == (old.size, old.root)
        for path in ("checkpoint", f"tile/entries/000.p/{log.size}"):
            assert store_in(config.data, log.origin).read(path) == store_in(place.config.data, log.origin).read(path)
    finally:
        await database.close()
    assert list(config.data.glob(".restore-*")) == list(place.config.data.glob(".backup-*")) == []
    noted = read_last_backup(place.config.data)
    assert noted is not None
    assert noted.file == str(place.file)


async def test_a_log_is_never_set_back(place: Place) -> None:
    stage = place.stage
    blocked = await stage.publish("ben")
    await backed_up(place)
    async with place.database.writing() as session:
        await queue_network_leaf(
            session,
            operator_key=stage.node.operator_key,
            network_id=stage.network.id,
            payload=build_block(
                (await stage.log()).network, jkt=thumbprint(stage.pseudonym_key("ben")), from_index=blocked
            ),
            now=stage.clock(),
        )
        await queue_leaf(session, stage.network.id, await stage.retract_leaf("ada", place.index), None, stage.clock())
    await stage.sequence()
    signed = (await stage.checkpoint()).size
    with pytest.raises(Conflict, match="--replace"):
        await restored(place, place.config)
    with pytest.raises(Conflict, match="--behind-the-log"):
        await restored(place, place.config, may_replace=True)
    async with place.database.reading() as session:
        log = await session.scalar(select(Log))
    assert log is not None
    assert log.size == signed

    await place.database.close()
    done = await restored(place, place.config, may_replace=True, may_be_behind=True)
    assert (done.behind, done.taken_back) == ((log.origin,), 2)
    async with place.database.reading() as session:
        assert await session.get(LivingBlob, (log.id, place.index)) is None
        record = await session.get(LogRecord, (log.id, place.index))
        assert record is not None
        assert record.gone == "withdrawn"
        assert await session.get(LivingBlob, (log.id, blocked)) is None
    with pytest.raises(LogBehind):
        await stage.sequence()
    went_on = await recover_network(stage.node, network_id=stage.network.id, actor=ADA, now=stage.clock())
    assert (went_on.generation, went_on.predecessor.size) == (2, signed)
    await stage.sequence()
    assert (await stage.checkpoint()).size == 4
