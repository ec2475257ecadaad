"""Relays that a school trusts, and terms that are large enough for it, on both databases."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from nic_node.accounts.tables import AuditEntry
from nic_node.commons.search import Search, search_practices
from nic_node.commons.shelf import Shelf
from nic_node.db.engine import Database
from nic_node.errors import Conflict, InvalidInput
from nic_node.mirror.hold_back import hold_back, release_held
from nic_node.mirror.living import select_living
from nic_node.mirror.own_rules import set_own_rules
from nic_node.mirror.read import living_records, tombstone_of
from nic_node.mirror.states import RecordState
from nic_node.mirror.tables import MirrorMember
from nic_node.publishing.relays.draw import redraw, relays_of
from nic_node.publishing.relays.tables import RelayDraw
from nic_node.publishing.relays.ways import all_ways
from nic_node.publishing.standing import SMALL, standing_in
from nic_node.publishing.terms import terms_of
from schemas.ids import build_record_id
from tests.conftest import TestClock
from tests.stores.publishing_stage import ADA, World, publishing_world
from tests.unit.accounts.stage import outcomes


@pytest.fixture
async def world(database: Database, tmp_path: Path, clock: TestClock) -> AsyncIterator[World]:
    async with publishing_world(database, tmp_path, clock) as made:
        await made.open_epoch()
        yield made


async def set_rules(world: World, *relays: str, min_issued: int | None = None, version: int = 1) -> int:
    async with world.database.writing() as session:
        rules = await set_own_rules(
            session, world.node, actor=ADA, membership_id=world.membership_id, relays=relays, min_issued=min_issued,
            version=version, now=world.clock(),
        )  # fmt: skip
    return rules.version


async def drawn(world: World) -> list[str]:
    async with world.database.writing() as session:
        row: RelayDraw = await relays_of(session, world.node, network=world.name, epoch=1, now=world.clock())
        return list(row.relays)


async def test_only_relays_that_the_school_trusts_carry(world: World) -> None:
    one, two, _ = world.network.relays
    await set_rules(world, two, one)
    assert sorted(await drawn(world)) == [one, two]
    async with world.database.writing() as session:
        await redraw(session, world.node, actor=ADA, network=world.name, now=world.clock())
    assert sorted(await drawn(world)) == [one, two]
    before = len(world.network.relayed)
    await world.slot()
    assert set(world.network.relayed[before:]) <= {"relay-1", "relay-2"}


async def test_when_no_relay_that_is_trusted_is_left_a_person_is_asked(world: World) -> None:
    two = world.network.relays[1]
    await set_rules(world, two)
    async with world.database.reading() as session:
        (way,) = await all_ways(session, world.node, world.clock())
    assert (way.kind, way.relays[0] in world.network.relays, way.trusts) == ("relayed", True, 1)
    async with world.database.writing() as session:
        member = await session.scalar(select(MirrorMember).where(MirrorMember.entity == two))
        member.state = "left"
    async with world.database.reading() as session:
        (way,) = await all_ways(session, world.node, world.clock())
    assert (way.kind, way.asks) == ("untrusted", True)
    before = len(world.network.relayed)
    await world.slot()
    assert len(world.network.relayed) == before


async def shown(world: World, shelf: Shelf, record: str) -> tuple[bool, bool, bool]:
    """Whether a record is found by its id, in listings and by a search of a process that has searched before."""
    async with world.database.reading() as session:
        listed = await session.scalars(select_living([1], ("practice",)))
        found = await search_practices(session, shelf, Search(words="calls"), now=world.clock())
        return record in await living_records(session, [record]), bool(list(listed)), found.total > 0


async def test_terms_of_fewer_members_are_not_recognised_and_come_back(world: World) -> None:
    shelf = Shelf()
    index = world.network.log.publish("ada")
    record = build_record_id(world.network.log.origin, index)
    await world.follow()
    assert await shown(world, shelf, record) == (True, True, True)
    version = await set_rules(world, min_issued=5)
    assert await shown(world, shelf, record) == (False, False, False)
    async with world.database.reading() as session:
        stone = await tombstone_of(session, record)
        assert stone is not None
        assert stone.gone == RecordState.UNRECOGNISED

    # What arrives from now on is hidden too, and this school publishes nothing there.
    world.network.log.publish("ben")
    await world.follow()
    assert (await shown(world, shelf, record))[1] is False
    async with world.database.reading() as session:
        terms = await terms_of(session, world.name, world.clock())
        assert terms.epoch is None
        assert terms.membership is not None
        assert (await standing_in(session, terms.membership, world.clock())).says == SMALL

    version = await set_rules(world, min_issued=4, version=version)
    assert await shown(world, shelf, record) == (True, True, True)
    # A restored backup shows nothing by a change of the rules before the log was read.
    async with world.database.writing() as session:
        await hold_back(session)
    version = await set_rules(world, min_issued=5, version=version)
    assert await shown(world, shelf, record) == (False, False, False)
    await release_held(world.database, world.name, now=world.clock())
    assert await shown(world, shelf, record) == (False, False, False)
    await set_rules(world, version=version)
    assert await shown(world, shelf, record) == (True, True, True)


async def test_a_school_is_stricter_than_the_policy_never_looser(world: World) -> None:
    with pytest.raises(InvalidInput) as refused:
        await set_rules(world, "https://stranger.example", min_issued=2)
    assert set(refused.value.fields) == {"relays", "min_issued"}
    with pytest.raises(InvalidInput):
        await set_rules(world, world.node.entity_id)
    version = await set_rules(world, world.network.relays[0], min_issued=3)
    with pytest.raises(Conflict):
        await set_rules(world, version=1)
    await set_rules(world, version=version)
    async with world.database.reading() as session:
        notes = await session.scalars(select(AuditEntry).where(AuditEntry.action == "own-rules.changed"))
        assert [note.after["min_issued"] for note in notes] == [3, None]


async def test_two_who_set_rules_at_once_come_one_after_the_other(world: World) -> None:
    done, raised = await outcomes(set_rules(world, min_issued=4), set_rules(world, min_issued=5))
    assert (len(done), [isinstance(error, Conflict) for error in raised]) == (1, [True])
