"""What the log says of this school itself: it acts with the pull that brings it, before anybody is asked."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from federation import leaves
from federation.keys import thumbprint
from federation.leaves import sign_leaf
from nic_node.db.engine import Database
from nic_node.db.jobs import Job
from nic_node.membership.join import CHECK
from nic_node.membership.keys import federation_private
from nic_node.membership.read import Membership, is_reading_allowed, is_writing_allowed, membership_of
from nic_node.membership.tables import MembershipRow
from tests.conftest import TestClock
from tests.fakes.mirroring import Mirroring, mirroring


@pytest.fixture
async def world(database: Database, tmp_path: Path, clock: TestClock) -> AsyncIterator[Mirroring]:
    async with mirroring(database, tmp_path, clock) as made:
        yield made


async def tell(world: Mirroring, from_state: str, to_state: str) -> None:
    """The network logs that our own membership moved."""
    async with world.database.reading() as session:
        key = await federation_private(world.node, session)
    moved = {"entity": world.node.entity_id, "jkt": thumbprint(key), "from_state": from_state, "to_state": to_state}
    world.log.append(sign_leaf(leaves.build_member(world.log.network, **moved), world.log.leaf_private))


async def membership(world: Mirroring) -> Membership:
    async with world.database.reading() as session:
        return await membership_of(session, world.membership_id)


async def is_asked(world: Mirroring) -> bool:
    """Whether the network is asked as soon as a worker is free."""
    async with world.database.reading() as session:
        return await session.scalar(select(Job.id).where(Job.kind == CHECK, Job.run_at <= world.clock())) is not None


@pytest.mark.parametrize(("to_state", "reads"), [("suspended", True), ("revoked", False), ("expired", False)])
async def test_a_leaf_that_suspends_or_ends_voids_the_statement_at_once(
    world: Mirroring, to_state: str, reads: bool
) -> None:
    await tell(world, "applied", "approved")
    await world.pull()
    assert is_writing_allowed(await membership(world), world.clock())
    assert not await is_asked(world)

    await tell(world, "approved", to_state)
    await world.pull()

    after = await membership(world)
    assert (after.state, after.chain_expires_at) == (to_state, None)
    assert not is_writing_allowed(after, world.clock())
    assert is_reading_allowed(after, world.clock()) is reads
    assert await is_asked(world)


async def test_a_leaf_that_admits_only_makes_the_node_ask(world: Mirroring) -> None:
    await tell(world, "applied", "approved")
    await tell(world, "approved", "suspended")
    await world.pull()
    await tell(world, "suspended", "approved")
    await world.pull()
    after = await membership(world)
    assert (after.state, is_writing_allowed(after, world.clock())) == ("suspended", False)
    assert await is_asked(world)


async def test_what_was_read_before_is_not_heeded_again(world: Mirroring, clock: TestClock) -> None:
    await tell(world, "applied", "approved")
    await tell(world, "approved", "suspended")
    await world.pull()
    async with world.database.writing() as session:
        row = await session.get_one(MembershipRow, world.membership_id)
        row.state, row.chain_expires_at = "approved", clock().replace(year=2030)
    world.log.publish("ada")
    await world.pull()
    assert is_writing_allowed(await membership(world), clock())
