"""A log that is lost with its folder and its database, rehearsed between whole nodes: what was final stays, all goes on.

The network's machine is gone, and a backup of before is put back on another one. It would sign a second history if
nobody told it what it forgot. Members do; it stops; the coordinators start the next generation of the log.
"""

import shutil
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from sqlalchemy import select

from nic_node.config import read_config
from nic_node.keyring import passphrase
from nic_node.membership.follow import check_membership
from nic_node.mirror.states import LogState, RecordState
from nic_node.mirror.tables import MirrorLog, MirrorRecord
from nic_node.network.log import announce
from nic_node.network.log.announce import announce_epoch
from nic_node.network.log.queue import log_of
from nic_node.network.log.tables import Log
from nic_node.network.recover import recover_network
from nic_node.operations.backup import make_backup
from nic_node.operations.restore import restore_backup
from nic_node.publishing.drafts import draft_of
from nic_node.publishing.states import DraftState, OutboxState
from nic_node.publishing.tables import OutboxRow
from tests.stores.publishing_stage import World
from tests.unit.accounts.stage import join
from tests.unit.app.county import County, running_county
from tests.unit.app.test_suspension import listening
from tests.unit.network.log.stage import shared_epoch_keys
from tests.unit.network.people_stage import StagedNode

POLICY = {"slot_seconds": 60, "issue_seconds": 360, "active_seconds": 86_400}
SECRET = "four words or rather more"
MOST_ROUNDS = 30
LIVING = RecordState.LIVING


async def share(county: County, place: int, title: str) -> int:
    """A closed project of a school, its draft, and a second person's yes."""
    school = county.schools[place]
    await join(school.database, school.clock, "ben@school.example", "reviewer", name="Ben Stone")
    return await World(school.local, county.network, school.clock).approved(title=title)


async def share_again(county: County, place: int, draft_id: int) -> None:
    """The node asked its people again: what it sent under the pseudonym of a lost log it seals under no other one."""
    school = county.schools[place]
    world = World(school.local, county.network, school.clock)
    async with school.database.reading() as session:
        draft = await draft_of(session, draft_id)
    assert (draft.state, "term ended" in draft.note) == (DraftState.REVIEW, True)
    await world.decide_all(draft_id)
    await world.approve(draft_id)


async def outboxes(county: County) -> list[str]:
    found: list[str] = []
    for school in county.schools:
        async with school.database.reading() as session:
            found += list(await session.scalars(select(OutboxRow.state)))
    return found


async def work_until(county: County, *states: OutboxState) -> None:
    """Rounds of two minutes, two slots each, until the outboxes stand so."""
    for _ in range(MOST_ROUNDS):
        if await outboxes(county) == list(states):
            return
        await county.work()
    pytest.fail(f"the outboxes still stand so: {await outboxes(county)}")


async def open_term(county: County) -> None:
    hub = county.hub
    await announce_epoch(hub.local, network_id=county.network.id, actor=await hub.actor(), now=hub.clock())


async def records(school: StagedNode) -> list[tuple[int, str]]:
    """(generation of the log, state) of each record in a school's copy."""
    seen = select(MirrorLog.generation, MirrorRecord.state).join(MirrorLog, MirrorLog.id == MirrorRecord.log_id)
    async with school.database.reading() as session:
        return sorted((generation, state) for generation, state in await session.execute(seen))


async def test_the_log_is_lost_and_everything_goes_on(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passphrase, "ARGON2_MEMORY_KIB", 64)
    monkeypatch.setattr(announce, "draw_epoch_keys", shared_epoch_keys)
    shared_epoch_keys.drawn = 0
    folder = tmp_path_factory.mktemp("rehearsal")
    async with AsyncExitStack() as stack:
        county = await stack.enter_async_context(running_county(tmp_path_factory, **POLICY))
        await county.work(2)
        await open_term(county)
        file = folder / "monday.backup"
        hub = county.hub.local
        await make_backup(hub.config, hub.database, file=file, passphrase=SECRET, now=hub.clock())
        await share(county, 0, "Final before it was lost")
        await work_until(county, OutboxState.FINAL)
        sent = await share(county, 1, "Sent while it is lost")

        await lose(county, stack, folder / "new", file)
        await county.work(2)
        async with county.hub.database.reading() as session:
            log = await log_of(session, county.network.id)
        assert log.signed_size < (await county.status()).size
        assert "nic network recover" in (log.trouble or "")
        assert [(await county.status(place)).state for place in range(3)] == [LogState.LIVE] * 3, "no second history"

        hub = county.hub.local
        done = await recover_network(hub, network_id=county.network.id, actor=await county.hub.actor(), now=hub.clock())
        assert (done.generation, done.has_new_pin) == (2, False)
        assert done.predecessor.size == (await county.status()).size, (
            "the members' checkpoint is the one it goes on from"
        )
        await county.work()
        hub.clock.forward(minutes=12)
        for school, membership_id in zip(county.schools, county.memberships, strict=True):
            assert await check_membership(school.local, membership_id)
        await open_term(county)
        await work_until(county, OutboxState.FINAL)
        await share_again(county, 1, sent)
        await work_until(county, OutboxState.FINAL, OutboxState.FINAL)

        for school in county.schools:
            assert await records(school) == [(1, LIVING), (2, LIVING)], "neither lost nor doubled"
            async with school.database.reading() as session:
                states = list(await session.scalars(select(MirrorLog.state).order_by(MirrorLog.generation)))
            assert states == [LogState.ENDED, LogState.LIVE]
        async with county.hub.database.reading() as session:
            written = list(await session.scalars(select(Log.generation).order_by(Log.generation)))
        assert written == [1, 2]


async def lose(county: County, stack: AsyncExitStack, folder: Path, file: Path) -> None:
    """The hub's machine is gone; another one answers in its place, from the backup."""
    old = county.hub
    port = old.local.config.port
    await county.close_hub()
    shutil.rmtree(old.local.config.data)
    config = read_config(folder, {"NIC_PORT": str(port), "NIC_ALLOW_INSECURE_LOOPBACK": "1"})
    done = await restore_backup(config, file=file, passphrase=SECRET, now=old.clock())
    assert done.behind == (), "nothing on this machine says that it is behind"
    county.hub = await stack.enter_async_context(listening(folder, old.clock, port=port))
