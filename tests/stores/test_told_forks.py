"""What members tell of two histories, on both databases: whose turn it is, and one look for all of a log."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from nic_node.db.engine import Database
from nic_node.network.log.files import store_of
from nic_node.network.log.forks import count_told, count_unseen, forks_to_see, see_fork, told_forks
from nic_node.network.log.tables import ToldFork
from nic_node.network.tables import Member
from schemas.base64url import encode_base64url
from tests.conftest import TestClock
from tests.unit.network.log.stage import SCHOOLS, Stage, running_stage


@pytest.fixture
async def stage(
    database: Database, clock: TestClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Stage]:
    async with running_stage(database, clock, tmp_path / "node", monkeypatch) as running:
        yield running


async def tell(stage: Stage, origin: str, number: int) -> None:
    """One alert of each school; what is in the notes is another test's."""
    note = store_of(stage.node, await stage.log()).read("checkpoint")
    assert note is not None
    document = {
        "origin": origin,
        "first": encode_base64url(note),
        "second": encode_base64url(note),
        "seen_at": 1_790_000_000,
    }
    async with stage.node.database.writing() as session:
        for member in await session.scalars(select(Member).order_by(Member.id)):
            values = {"document": document, "pair_sha256": f"{number:064}", "told_at": stage.clock()}
            session.add(ToldFork(network_id=stage.network.id, member_id=member.id, **values))


async def test_one_look_is_for_all_that_was_told_of_a_log(stage: Stage) -> None:
    await stage.admit(*SCHOOLS)
    origin, network = (await stage.log()).origin, stage.network.id
    for number in range(2):
        await tell(stage, origin, number)
    async with stage.node.database.writing() as session:
        session.add(ToldFork(network_id=network, member_id=1, pair_sha256="f" * 64, told_at=stage.clock(),
                             document={"origin": f"{origin}/other"}))  # fmt: skip
        assert (await count_told(session, network), await count_unseen(session, network)) == ((7, 3), 3)
        await see_fork(session, actor=stage.actor, network_id=network, fork_id=2, now=stage.clock())
        unseen = await session.scalars(select(ToldFork.id).where(ToldFork.seen_at.is_(None)))
        assert list(unseen) == [7], "another log's is another matter"
        await session.delete(await session.get_one(ToldFork, 7))
    await tell(stage, origin, 2)
    async with stage.node.database.reading() as session:
        shown = await forks_to_see(session, network, limit=4)
        newest = await told_forks(session, network, limit=2)
        older = await told_forks(session, network, limit=2, after=newest[-1].id)
    assert [one.seen_at is None for one in shown] == [True, True, True, False]
    ids = [one.id for one in newest + older]
    assert ids == sorted(ids, reverse=True)
    assert len(set(ids)) == 4
