"""A dishonest network puts into its log what no log should hold: each is refused by its code, the rest is unharmed."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from nic_node.db.engine import Database
from nic_node.membership.read import memberships
from nic_node.mirror.read import list_living
from nic_node.mirror.status import refusals
from nic_node.mirror.tables import MirrorBlob, MirrorRecord
from nic_node.publishing.standing import standing_in
from tests.attack.lies_of_contents import CONTENTS, altered, practice
from tests.conftest import TestClock
from tests.fakes.mirroring import Mirroring, mirroring
from tests.fakes.network_log import MEMBERS, START, announced_log

KINDS = ("practice", "replication")
WITHOUT_NEWER = [one for one in CONTENTS if one.code != "unsupported-version"]
"""What is for a newer program is kept, and looked at apart."""


@pytest.fixture
async def world(database: Database, tmp_path: Path, clock: TestClock) -> AsyncIterator[Mirroring]:
    async with mirroring(database, tmp_path, clock) as made:
        yield made


async def test_each_is_refused_by_its_code_and_harms_nothing(world: Mirroring) -> None:
    honest = [world.log.publish("cem", payload=practice(title="Before"))]
    indexes = {}
    for attack in WITHOUT_NEWER:
        indexes[attack.name] = attack.put(world.log)
        honest.append(world.log.publish("cem", payload=practice(title=f"After {attack.name}")))

    report = await world.pull()

    assert report.done
    assert report.trouble is None
    async with world.database.reading() as session:
        refused = {one.leaf_index: one for one in await refusals(session)}
        shown = {record.index for record in await list_living(session, log_ids=[1], kinds=KINDS)}
        kept = set(await session.scalars(select(MirrorRecord.leaf_index).join(MirrorBlob)))
    found = {name: (refused[index].what, refused[index].code) for name, index in indexes.items() if index in refused}
    assert found == {attack.name: (attack.what, attack.code) for attack in WITHOUT_NEWER}
    assert len(refused) == len(WITHOUT_NEWER)
    assert all(one.detail and one.sha256 for one in refused.values())
    assert set(honest) <= shown
    assert not shown & set(indexes.values())
    assert kept == shown, "of what is refused only the hash is kept"


async def test_what_was_refused_once_is_not_asked_for_again(world: Mirroring) -> None:
    for attack in CONTENTS[-3:]:
        attack.put(world.log)
    await world.pull()
    world.served.asked.clear()

    again = await world.pull()

    assert (again.done, again.refused, world.served.asked) == (True, 0, ["checkpoint"])


async def test_a_record_for_a_newer_program_is_kept_for_later(world: Mirroring) -> None:
    index = world.log.commit("ada", altered(world.log, v=2))
    await world.pull()

    async with world.database.reading() as session:
        (refused,) = await refusals(session)
        record = await session.scalar(select(MirrorRecord).where(MirrorRecord.leaf_index == index))
        blobs = await session.scalar(select(func.count()).select_from(MirrorBlob))
        assert await list_living(session, log_ids=[1]) == []
    assert record is not None
    assert (refused.code, record.state, blobs) == ("unsupported-version", "newer", 1)


async def test_more_pseudonyms_than_credentials_raise_an_alarm(world: Mirroring) -> None:
    log = announced_log(network=world.log.network)
    log.append(*(log.issued(name) for name in MEMBERS), *(log.pseudonym(name) for name in (*MEMBERS, "eve")))
    index = log.append(log.open(registered=4))
    world.served.log = log

    await world.pull()

    async with world.database.reading() as session:
        (alarm,) = await refusals(session)
    assert (alarm.what, alarm.code, alarm.leaf_index) == ("alarm", "registered-surplus", index)
    assert await is_alarmed(world)


async def test_more_credentials_than_members_raise_an_alarm_that_stays(world: Mirroring) -> None:
    log = announced_log(network=world.log.network)
    log.append(*(log.issued(name) for name in MEMBERS), *(log.pseudonym(name) for name in MEMBERS))
    log.append(log.member("cem", "approved", "left"))
    index = log.append(log.open())
    world.served.log = log
    await world.pull()
    async with world.database.reading() as session:
        (alarm,) = await refusals(session)
    assert (alarm.what, alarm.code, alarm.leaf_index) == ("alarm", "issued-surplus", index)
    assert await is_alarmed(world)
    log.append(log.member("dot"))
    await world.pull()
    assert await is_alarmed(world)


async def test_members_that_leave_an_open_term_are_no_alarm(world: Mirroring) -> None:
    world.log.append(world.log.member("cem", "approved", "left"))
    await world.pull()
    assert not await is_alarmed(world)


async def is_alarmed(world: Mirroring) -> bool:
    """What this school's Share page says."""
    async with world.database.reading() as session:
        (membership,) = await memberships(session)
        world.clock.now = max(world.clock.now, START + timedelta(days=22))
        return (await standing_in(session, membership, world.clock())).alarm
