"""Work in the background: who is followed, how often, and what is forgotten in the end."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from nic_node.db.engine import Database
from nic_node.db.jobs import Again, Job, Worker
from nic_node.membership.tables import MembershipRow
from nic_node.mirror import follow, forget, sources
from nic_node.mirror.acks import erasures_of
from nic_node.mirror.find_mirrors import POLLS_WITHOUT
from nic_node.mirror.forget import forget_ended
from nic_node.mirror.jobs import PROBE, WATCH, ensure_jobs, job_handlers
from nic_node.mirror.pull import PULL
from nic_node.mirror.search import find_words
from nic_node.mirror.sources import FIND
from nic_node.mirror.tables import MirrorLog, MirrorRecord, MirrorTile
from schemas.canonical import canonical_bytes
from schemas.code import Code
from schemas.ids import build_record_id
from tests.conftest import TestClock
from tests.fakes.mirroring import Mirroring, mirroring
from tests.fakes.network_log import MEMBERS, entity_of


@pytest.fixture
async def world(database: Database, tmp_path: Path, clock: TestClock) -> AsyncIterator[Mirroring]:
    async with mirroring(database, tmp_path, clock) as made:
        yield made


def worker_of(world: Mirroring) -> Worker:
    return Worker(world.database, job_handlers(world.node, lambda: 0.25), clock=world.clock, idle_seconds=1)


async def count(world: Mirroring, model: type) -> int:
    async with world.database.reading() as session:
        return await session.scalar(select(func.count()).select_from(model)) or 0


async def test_a_membership_is_followed_every_poll_give_or_take_a_half(world: Mirroring) -> None:
    world.log.publish("ada")
    worker = worker_of(world)
    for _ in range(2):
        async with world.database.writing() as session:
            await ensure_jobs(session, world.node, now=world.clock())

    assert await worker.run_due() == 3
    assert await count(world, MirrorRecord) == 1
    async with world.database.reading() as session:
        jobs = {job.kind: (job.run_at - world.clock()).total_seconds() for job in await session.scalars(select(Job))}
    assert jobs == {WATCH: 60, PULL: 45, PROBE: 24 * 3600, FIND: 0.75 * POLLS_WITHOUT * 60}

    world.clock.forward(seconds=60)
    assert await worker.run_due() == 2


async def test_a_first_copy_goes_on_at_once(world: Mirroring, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "BUNDLES_A_RUN", 1)
    for _ in range(2):
        world.log.append(*(world.log.record("ada").leaf for _ in range(130)))
    async with world.database.writing() as session:
        await ensure_jobs(session, world.node, now=world.clock())

    await worker_of(world).run_due()

    async with world.database.reading() as session:
        log = await session.get_one(MirrorLog, 1)
    assert (log.mirrored, log.state) == (272, "live")


async def test_trouble_is_waited_out_like_anything_else(world: Mirroring) -> None:
    world.served.statuses["checkpoint"] = 500
    again = await job_handlers(world.node, lambda: 0.25)[PULL]({"membership_id": world.membership_id})
    assert again == Again(at=world.clock() + timedelta(seconds=45))


async def end_membership(world: Mirroring) -> None:
    async with world.database.writing() as session:
        row = await session.get_one(MembershipRow, world.membership_id)
        row.state = "left"
        row.moves = [{"at": int(world.clock().timestamp()), "from": "approved", "to": "left", "reason": "own-request"}]


async def test_who_left_is_followed_no_more_and_forgets_within_30_days(world: Mirroring) -> None:
    world.log.publish("ada")
    await world.pull()
    await end_membership(world)
    assert await job_handlers(world.node)[PULL]({"membership_id": world.membership_id}) is None

    world.clock.forward(days=28)
    async with world.database.writing() as session:
        row = await session.get_one(MembershipRow, world.membership_id)
        again = {"at": int(world.clock().timestamp()), "from": "left", "to": "applied", "reason": "applied"}
        row.state, row.moves = "applied", [*row.moves, again]
        assert await forget_ended(session, now=world.clock()) == 0
    world.clock.forward(days=1)
    async with world.database.writing() as session:
        assert await forget_ended(session, now=world.clock()) == 1

    assert [await count(world, model) for model in (MirrorLog, MirrorRecord, MirrorTile)] == [0, 0, 0]
    async with world.database.reading() as session:
        assert await find_words(session, "calls", log_ids=[1]) == []


async def test_after_an_upgrade_what_needed_it_is_judged_again(
    world: Mirroring, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = world.log.publish("ada")
    await world.pull()
    async with world.database.writing() as session:
        record = await session.scalar(select(MirrorRecord).where(MirrorRecord.leaf_index == index))
        assert record is not None
        record.state = "newer"
    assert (await world.pull()).new_entries == 0
    for module in (forget, sources):
        monkeypatch.setattr(module, "WIRE_VERSION", 2)

    report = await world.pull()

    assert (report.new_entries, report.new_records, report.done) == (13, 1, True)
    async with world.database.reading() as session:
        assert len(await find_words(session, "calls", log_ids=[1])) == 1


async def test_what_is_erased_is_promised_to_the_network_until_it_hears(world: Mirroring) -> None:
    index = world.log.publish("ada")
    await world.pull()
    world.log.append(world.log.retract("ada", index))
    world.served.gone.add(index)
    await world.pull()
    worker = worker_of(world)
    assert world.served.acks == []

    world.served.ack_status = 503
    await worker.run_due()
    await worker.run_due()
    promise = (True, {"origin": world.log.origin, "erased_to": index + 2})
    assert world.served.acks == [promise]

    world.served.ack_status = 202
    for _ in range(2):
        world.clock.forward(seconds=600)
        await worker.run_due()
    assert world.served.acks == [promise, promise], "and once it has heard, no more"


async def test_what_was_gone_before_it_came_is_promised_too(world: Mirroring) -> None:
    index = world.log.publish("ada")
    world.log.append(world.log.retract("ada", index))
    world.served.gone.add(index)
    await world.pull()
    worker = worker_of(world)
    await worker.run_due()
    assert world.served.acks == [(True, {"origin": world.log.origin, "erased_to": index + 2})]


async def test_promises_are_read_every_six_hours_and_counted_over_the_members_of_today(world: Mirroring) -> None:
    index = world.log.publish("ada")
    await world.pull()
    record = build_record_id(world.log.origin, index)
    assert await erasures(world, record) is None
    world.log.append(world.log.retract("ada", index))
    world.served.gone.add(index)
    ada, ben, *_ = sorted(entity_of(name) for name in MEMBERS)
    promised = {ada: index + 2, ben: index + 1, "https://left.example": index + 9}
    world.served.bodies["acks"] = ("application/json", canonical_bytes(promised))
    await world.pull()
    assert await erasures(world, record) == (0, len(MEMBERS)), "read a moment ago"
    for unchanged in (0, 1):
        world.clock.forward(hours=6)
        await world.pull()
        assert await erasures(world, record) == (1, len(MEMBERS)), "one has got past the retraction, one just up to it"
        assert world.served.same.count("acks") == unchanged, "the same list does not travel again"
    assert world.served.asked.count("acks") == 3

    world.clock.forward(hours=6)
    world.served.bodies["acks"] = ("application/json", b'{"https://a.example":-1}')
    assert (await world.pull()).trouble == Code.INVALID_DOCUMENT


async def erasures(world: Mirroring, record: str) -> tuple[int, int] | None:
    async with world.database.reading() as session:
        found = await erasures_of(session, record)
    return found and (found.promised, found.members)
