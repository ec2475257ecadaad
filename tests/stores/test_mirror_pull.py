"""Following a log over HTTP into both databases."""

import asyncio
from collections.abc import AsyncIterator
from math import inf
from pathlib import Path
from types import ModuleType

import pytest
from sqlalchemy import func, select

from federation.epochs import EpochStatus
from nic_node.db.engine import Database
from nic_node.errors import NotFound
from nic_node.mirror import follow, pull
from nic_node.mirror.epochs import (
    approved_members,
    epochs_of,
    find_pseudonym,
    find_record_leaf,
    is_blocked,
    newest_epoch,
)
from nic_node.mirror.examiners import Examiners
from nic_node.mirror.inclusion import verify_record_inclusion
from nic_node.mirror.read import list_living, living_record, mirrored_logs, referring, tombstone_of
from nic_node.mirror.states import LogState, RecordState
from nic_node.mirror.status import log_statuses
from nic_node.mirror.succession import find_predecessor
from nic_node.mirror.tables import ENTRIES, MirrorBlob, MirrorLog, MirrorRecord, MirrorTile
from tests.conftest import TestClock
from tests.fakes.mirroring import Mirroring, mirroring
from tests.fakes.network_log import PRACTICE, QUESTION, pseudonym_key, thumbprint

REPLICATION = PRACTICE | {"title": "We called too"}


@pytest.fixture
async def world(database: Database, tmp_path: Path, clock: TestClock) -> AsyncIterator[Mirroring]:
    async with mirroring(database, tmp_path, clock) as made:
        yield made


async def count(world: Mirroring, model: type) -> int:
    async with world.database.reading() as session:
        return await session.scalar(select(func.count()).select_from(model)) or 0


async def state_of(world: Mirroring, index: int) -> str:
    async with world.database.reading() as session:
        return await session.scalar(select(MirrorRecord.state).where(MirrorRecord.leaf_index == index)) or ""


async def test_what_is_published_can_be_read(world: Mirroring) -> None:
    index = world.log.publish("ada")

    report = await world.pull()

    assert (report.new_entries, report.new_records, report.refused, report.done) == (13, 1, 0, True)
    async with world.database.reading() as session:
        (log,) = await mirrored_logs(session, now=world.clock())
        record = await living_record(session, world.log.record_id(index))
        listed = await list_living(session, log_ids=[log.id])
    assert (log.state, log.size, log.mirrored, log.final_size, log.is_witnessed) == ("live", 13, 13, 13, False)
    assert record.payload["title"] == PRACTICE["title"]
    assert [each.record_id for each in listed] == [record.record_id]
    assert not world.served.unsigned, "blobs are asked for with a signature"


async def test_a_second_run_fetches_only_what_is_new(world: Mirroring) -> None:
    await world.pull()
    world.served.asked.clear()

    world.clock.forward(seconds=60)

    nothing = await world.pull()
    assert (nothing.new_entries, nothing.done, world.served.asked) == (0, True, ["checkpoint"])
    assert world.served.same == ["checkpoint"], "what is held already is not sent again"
    async with world.database.reading() as session:
        (log,) = await mirrored_logs(session, now=world.clock())
    assert log.current_at == world.clock(), "that nothing is new is news"

    world.log.publish("ben")
    something = await world.pull()
    assert (something.new_entries, something.new_records, len(world.served.same)) == (1, 1, 1)


async def test_a_checkpoint_that_is_the_same_ends_no_work_that_is_due(world: Mirroring) -> None:
    world.served.gone.add(world.log.publish("ada"))
    assert (await world.pull()).done
    world.served.gone.clear()
    world.clock.forward(minutes=3)
    assert (await world.pull()).new_records == 1
    assert world.served.same == ["checkpoint"]


async def test_what_publishing_asks_for(world: Mirroring) -> None:
    index = world.log.publish("ada")
    await world.pull()
    jkt, network = thumbprint(pseudonym_key("ada")), world.log.network

    async with world.database.reading() as session:
        (epoch,) = await epochs_of(session, network)
        newest = await newest_epoch(session, network)
        record = (await list_living(session, log_ids=[epoch.log_id]))[0]
        found = await find_record_leaf(session, network, record.blob_sha256)
        assert await find_pseudonym(session, network, jkt) == 8
        assert await find_pseudonym(session, network, "x" * 43) is None
        assert await find_record_leaf(session, network, "0" * 64) is None
        assert await approved_members(session, network) == 3
        assert not await is_blocked(session, network, jkt)
    assert newest == epoch
    assert (epoch.number, epoch.status, epoch.issued, epoch.registered) == (1, EpochStatus.OPEN, 3, 3)
    assert epoch.is_final
    assert found is not None
    assert (found.index, found.jkt, found.state, found.is_final) == (index, jkt, RecordState.LIVING, True)


async def test_replications_and_questions_are_found_from_what_they_name(world: Mirroring) -> None:
    practice = world.log.record_id(world.log.publish("ada"))
    tried = world.log.publish("ben", "replication", REPLICATION | {"origin": practice})
    asked = world.log.publish("cem", "question", QUESTION | {"target": practice})
    await world.pull()

    async with world.database.reading() as session:
        replications = await referring(session, practice)
        questions = await referring(session, practice, name="target")
    assert [each.index for each in replications] == [tried]
    assert [each.index for each in questions] == [asked]


async def test_a_record_proves_its_place(world: Mirroring) -> None:
    first = world.log.publish("ada")
    world.log.publish("ben")
    await world.pull()

    async with world.database.reading() as session:
        proof = await verify_record_inclusion(session, world.log.record_id(first))
        with pytest.raises(NotFound):
            await verify_record_inclusion(session, world.log.record_id(99))
        with pytest.raises(NotFound):
            await verify_record_inclusion(session, "no record id")
    assert (proof.index, proof.size, proof.root) == (first, 14, world.log.edge.root().hex())
    assert len(proof.proof) == 3  # entry 13, entries 8 to 11, entries 0 to 7


@pytest.mark.parametrize(
    ("room", "limit", "value", "runs"),
    [
        (follow, "BUNDLES_A_RUN", 1, [(256, 0), (16, 0), (0, 244), (0, 16)]),
        # Time is up at once: a bundle of entries and one of blobs are taken up all the same.
        (pull, "RUN_SECONDS", 0, [(256, 0), (16, 244), (0, 16)]),
    ],
)
async def test_a_log_of_several_bundles_is_resumed_where_a_run_ended(
    world: Mirroring,
    monkeypatch: pytest.MonkeyPatch,
    room: ModuleType,
    limit: str,
    value: int,
    runs: list[tuple[int, int]],
) -> None:
    monkeypatch.setattr(room, limit, value)
    sealed = [world.log.record("ada", payload=PRACTICE | {"title": f"Practice {n}"}) for n in range(260)]
    first = world.log.append(*(one.leaf for one in sealed))
    world.log.blobs |= {first + n: one.blob for n, one in enumerate(sealed)}

    reports = []
    while not (reports and reports[-1].done):
        reports.append(await world.pull())

    assert [(one.new_entries, one.new_records) for one in reports] == runs
    assert await count(world, MirrorBlob) == 260
    async with world.database.reading() as session:
        widths = await session.scalars(
            select(MirrorTile.width).where(MirrorTile.level == ENTRIES).order_by(MirrorTile.position)
        )
        assert list(widths) == [256, 16]
        proof = await verify_record_inclusion(session, world.log.record_id(first + 100))
    assert proof.root == world.log.edge.root().hex()


async def test_a_run_that_has_no_bundle_left_is_not_done(world: Mirroring, monkeypatch: pytest.MonkeyPatch) -> None:
    world.log.publish("ada")
    monkeypatch.setattr(follow, "BUNDLES_A_RUN", 1)
    await world.pull()

    monkeypatch.setattr(follow, "BUNDLES_A_RUN", -5)
    report = await world.pull()

    assert (report.is_caught_up, report.done, report.new_records) == (True, False, 0)


@pytest.mark.parametrize(("answers", "blobs"), [(True, 1), (False, 0)])
async def test_a_log_before_is_settled_once_its_last_contents_were_asked_for(
    world: Mirroring, monkeypatch: pytest.MonkeyPatch, *, answers: bool, blobs: int
) -> None:
    """Or where nobody answers any more."""
    world.log.publish("ada")
    monkeypatch.setattr(follow, "BUNDLES_A_RUN", 1)
    await world.pull()
    async with world.database.writing() as session:
        before = await session.get_one(MirrorLog, 1)
        assert before.checkpoint is not None
        named = {"origin": before.origin, "checkpoint": before.checkpoint.decode()}
        values = {one.key: getattr(before, one.key) for one in MirrorLog.__table__.columns if one.key != "id"}
        session.add(MirrorLog(**values | {"generation": 2, "origin": "next", "genesis": {"predecessor": named}}))
        await session.flush()
        found = await find_predecessor(session, await session.get_one(MirrorLog, 2))
    assert found is not None
    assert (found.has_entries, found.is_complete) == (True, False)
    if not answers:
        world.served.statuses["checkpoint"] = 500

    run = pull.Run(node=world.node, signer=None, examiners=Examiners(cores=1), copies=False, ends_at=inf)  # type: ignore[arg-type]  # the log itself asks for no signature
    await pull._follow_predecessor(run, 2, pull.PullReport())

    assert await count(world, MirrorBlob) == blobs
    async with world.database.reading() as session:
        assert (await session.get_one(MirrorLog, 1)).state == LogState.ENDED


async def test_two_runs_at_once_keep_everything_once(world: Mirroring) -> None:
    for name in ("ada", "ben", "cem"):
        world.log.publish(name)

    reports = await asyncio.gather(world.pull(), world.pull(), world.pull())

    assert sum(report.new_records for report in reports) >= 3
    assert any(report.done for report in reports)
    assert (await count(world, MirrorRecord), await count(world, MirrorBlob)) == (3, 3)
    again = await world.pull()
    assert again.done


async def test_what_is_taken_back_is_hidden_and_erased(world: Mirroring) -> None:
    kept, taken_back, taken_down = (world.log.publish(name) for name in ("ada", "ben", "cem"))
    await world.pull()
    assert await count(world, MirrorBlob) == 3

    world.log.append(world.log.retract("ben", taken_back), world.log.moderate(taken_down))
    await world.pull()

    assert [await state_of(world, index) for index in (kept, taken_back, taken_down)] == ["living", "gone", "gone"]
    assert await count(world, MirrorBlob) == 1
    async with world.database.reading() as session:
        with pytest.raises(NotFound):
            await living_record(session, world.log.record_id(taken_back))
        why = await tombstone_of(session, world.log.record_id(taken_back))
        down = await tombstone_of(session, world.log.record_id(taken_down))
        proof = await verify_record_inclusion(session, world.log.record_id(taken_back))
    assert why is not None
    assert down is not None
    assert (why.gone, down.gone, proof.index) == ("withdrawn", "moderated", taken_back)


async def test_a_blocked_pseudonym_loses_its_later_records(world: Mirroring) -> None:
    first = world.log.publish("ada")
    second = world.log.publish("ada", payload=PRACTICE | {"title": "Another"})
    await world.pull()

    world.log.append(world.log.block("ada", second))
    await world.pull()

    assert [await state_of(world, index) for index in (first, second)] == ["living", "blocked"]
    assert await count(world, MirrorBlob) == 1


async def test_what_was_retracted_before_the_first_copy_leaves_nothing(world: Mirroring) -> None:
    index = world.log.publish("ada")
    world.log.append(world.log.retract("ada", index))

    await world.pull()

    assert await state_of(world, index) == RecordState.GONE
    assert await count(world, MirrorBlob) == 0


async def test_the_status_counts_what_is_here(world: Mirroring) -> None:
    async with world.database.reading() as session:
        (before,) = await log_statuses(session, now=world.clock())
    world.log.publish("ada")
    await world.pull()
    world.clock.forward(seconds=90)
    async with world.database.reading() as session:
        (after,) = await log_statuses(session, now=world.clock())

    assert (before.state, before.log_id, before.lag_seconds) == ("new", None, None)
    assert after.document() | {"source": ""} == {
        "network": world.log.network,
        "name": "Northern schools",
        "state": "live",
        "size": 13,
        "mirrored": 13,
        "final_size": 13,
        "witnessed": False,
        "cosigned": 2,
        "witnesses": 2,
        "lag_seconds": 90,
        "source": "",
        "silence": None,
        "records": {"living": 1},
        "refusals": {},
        "trouble": None,
    }
    world.clock.forward(minutes=15)
    async with world.database.reading() as session:
        (late,) = await log_statuses(session, now=world.clock())
    assert late.state == "stale"
