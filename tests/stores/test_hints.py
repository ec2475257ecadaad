"""Hints on both databases: the network's rounds through its members, and what a member's node makes of one."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from federation.errors import Unreachable
from nic_node.db.engine import Database
from nic_node.db.jobs import Again, Job
from nic_node.membership.read import membership_of
from nic_node.membership.tables import PeerKeys
from nic_node.mirror.hints import heed_hint
from nic_node.mirror.pull import PULL
from nic_node.mirror.requests import MemberRequest, standings_of
from nic_node.network.log import hints
from nic_node.network.log.hints import HINT, hint_handler
from nic_node.network.log.tables import LogHint
from nic_node.network.tables import Member
from schemas.code import Code
from tests.conftest import TestClock
from tests.fakes.mirroring import Mirroring, mirroring
from tests.stores.test_mirror_own_membership import tell
from tests.unit.network.log.stage import Stage, entity_of, running_stage

NAMES = ("ada", "ben", "cem", "dan", "eve")


class Told:
    """In the place of the network's client: notes who is told what; `down` never answers."""

    def __init__(self) -> None:
        self.urls: list[str] = []
        self.bodies: set[bytes] = set()
        self.down: set[str] = set()
        self.under_way = self.most_under_way = 0

    async def post(self, url: str, *, body: bytes, **_: Any) -> None:
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        await asyncio.sleep(0)
        self.under_way -= 1
        self.urls.append(url)
        self.bodies.add(body)
        if url in self.down:
            raise Unreachable(Code.PEER_UNREACHABLE, "It is down.")


@pytest.fixture
async def stage(
    database: Database, clock: TestClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Stage, Told]]:
    monkeypatch.setattr(hints, "MEMBERS_A_RUN", 2)
    monkeypatch.setattr(hints, "AT_A_TIME", 1)
    told = Told()
    async with running_stage(database, clock, tmp_path / "node", monkeypatch) as running:
        monkeypatch.setattr(type(running.node.client), "post", lambda _, url, **more: told.post(url, **more))
        await running.admit(*NAMES)
        yield running, told


async def due(stage: Stage) -> Job | None:
    async with stage.node.database.reading() as session:
        return await session.scalar(select(Job).where(Job.kind == HINT))


async def run(stage: Stage) -> Again | None:
    job = await due(stage)
    assert job is not None
    return await hint_handler(stage.node)(dict(job.arguments))


def url_of(name: str) -> str:
    return f"{entity_of(name)}/v1/hints"


async def test_a_round_is_cut_and_goes_on_where_it_was(stage: tuple[Stage, Told]) -> None:
    network, told = stage
    told.down = {url_of("ben")}
    runs = 0
    while await run(network) is not None:
        runs += 1
    assert runs == 2, "of five members two a run, and the last run is the third"
    assert sorted(told.urls) == sorted(map(url_of, NAMES)), "each once, also who is down"
    assert told.most_under_way == 1
    log = await network.log()
    assert told.bodies == {f'{{"origin":"{log.origin}","size":{log.signed_size}}}'.encode()}
    assert await run(network) is None
    assert len(told.urls) == len(NAMES), "without news nobody is told"


async def test_news_waits_for_a_poll_and_a_suspension_for_nothing(stage: tuple[Stage, Told]) -> None:
    network, told = stage
    while await run(network) is not None:
        pass
    poll = timedelta(seconds=network.node.config.poll_seconds)
    await forget_job(network)
    network.clock.forward(seconds=1)
    await network.admit("fay")
    job = await due(network)
    assert job is not None
    assert job.run_at == network.clock() - timedelta(seconds=1) + poll
    await network.move("ada", "approved", "suspended")
    await network.sequence()
    job = await due(network)
    assert job is not None
    assert job.run_at == network.clock()
    told.urls.clear()
    while await run(network) is not None:
        pass
    assert url_of("ada") in told.urls, "who is suspended reads on, and learns of it"


async def test_whose_membership_ends_is_told_once_more(stage: tuple[Stage, Told]) -> None:
    network, told = stage
    while await run(network) is not None:
        pass
    told.urls.clear()
    async with network.node.database.writing() as session:
        await session.execute(update(Member).where(Member.entity == entity_of("ada")).values(state="revoked"))
    await network.move("ada", "approved", "revoked")
    await network.sequence()
    job = await due(network)
    assert job is not None
    assert job.run_at == network.clock()
    while await run(network) is not None:
        pass
    assert sorted(told.urls) == sorted(map(url_of, NAMES)), "also who was revoked, while its node does not know it yet"
    told.urls.clear()
    network.clock.forward(seconds=network.node.config.poll_seconds)
    await network.admit("fay")
    while await run(network) is not None:
        pass
    assert url_of("ada") not in told.urls
    assert url_of("fay") in told.urls


async def forget_job(stage: Stage) -> None:
    async with stage.node.database.writing() as session:
        job = await session.scalar(select(Job).where(Job.kind == HINT))
        assert job is not None
        await session.delete(job)


async def test_what_grows_during_a_round_makes_another(stage: tuple[Stage, Told]) -> None:
    network, _ = stage
    assert await run(network) == Again(at=network.clock())
    await network.move("ben", "approved", "suspended")
    await network.sequence()
    assert await run(network) == Again(at=network.clock())
    assert await run(network) == Again(at=network.clock()), "the round is over, and what it didn't know of is urgent"
    assert await run(network) == Again(at=network.clock())
    async with network.node.database.reading() as session:
        row = (await session.scalars(select(LogHint))).one()
    assert row.size == (await network.log()).signed_size


async def test_who_was_silent_for_a_day_or_has_ended_is_passed_over(stage: tuple[Stage, Told]) -> None:
    network, told = stage
    async with network.node.database.writing() as session:
        silent = update(Member).where(Member.entity == entity_of("cem"))
        await session.execute(silent.values(last_seen_at=network.clock() - timedelta(hours=25)))
        await session.execute(update(Member).where(Member.entity == entity_of("dan")).values(state="revoked"))
    while await run(network) is not None:
        pass
    assert sorted(told.urls) == sorted(map(url_of, ("ada", "ben", "eve")))


# A member's node ------------------------------------------------------------------------------------------------------


@pytest.fixture
async def world(database: Database, tmp_path: Path, clock: TestClock) -> AsyncIterator[Mirroring]:
    async with mirroring(database, tmp_path, clock) as made:
        yield made


async def heed(world: Mirroring, *, size: int, sender: str = "", origin: str = "", network: str = "") -> Any:
    """When the log is pulled next, after a hint; None: nothing was made of it."""
    sent = MemberRequest(
        entity_id=sender or world.log.network, networks=frozenset({network or world.log.network}), body=b""
    )
    async with world.database.writing() as session:
        await heed_hint(session, world.node, sent, origin=origin or world.log.origin, size=size)
    async with world.database.writing() as session:
        job = await session.scalar(select(Job).where(Job.kind == PULL))
        if job is not None:
            await session.delete(job)
    return None if job is None else job.run_at


async def test_a_hint_wakes_the_puller_when_it_is_news(world: Mirroring) -> None:
    assert await heed(world, size=1) == world.clock()
    await world.pull()
    size = len(world.log.entries)
    assert await heed(world, size=size) is None
    assert await heed(world, size=size + 1) == world.clock()
    assert await heed(world, size=size + 1, origin="elsewhere.example/log/1") is None
    assert await heed(world, size=size + 1, network="https://other.example/net/x") is None, "no member of this one"
    # The network is heeded at once; a member can't make this node ask again and again.
    assert await heed(world, size=size + 1, sender="https://ada.example") == world.clock() + timedelta(seconds=10)


async def test_a_leaf_that_suspends_takes_the_keys_with_it(world: Mirroring) -> None:
    await tell(world, "applied", "approved")
    await world.pull()
    entity, now = world.node.entity_id, world.clock()
    async with world.database.writing() as session:
        session.add(PeerKeys(entity=entity, jkt="k", http_keys={}, expires_at=now + timedelta(hours=24)))
        session.add(PeerKeys(entity="https://other.example", jkt="k", http_keys={}, expires_at=now))
    assert await vouched(world) == [("approved", True)]
    await tell(world, "approved", "suspended")
    await world.pull()
    assert await vouched(world) == [("suspended", False)]
    async with world.database.reading() as session:
        assert list(await session.scalars(select(PeerKeys.entity))) == ["https://other.example"]


async def test_a_log_that_was_not_read_for_a_day_vouches_for_nobody(world: Mirroring) -> None:
    await tell(world, "applied", "approved")
    await world.pull()
    world.clock.forward(hours=23)
    assert await vouched(world) == [("approved", True)]
    world.clock.forward(hours=1)
    assert await vouched(world) == [("approved", False)]
    await world.pull()
    assert await vouched(world) == [("approved", True)]


async def vouched(world: Mirroring) -> list[tuple[str, bool]]:
    async with world.database.reading() as session:
        assert (await membership_of(session, world.membership_id)).network == world.log.network
        found = await standings_of(session, [world.node.entity_id], network=None, now=world.clock())
    return [(standing.state, standing.is_vouched()) for standing in found[world.node.entity_id]]
