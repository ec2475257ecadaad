"""Correcting what was shared, on both databases: the same pseudonym, also after its term, and both records in order."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from federation.leaves import build_block, read_leaf
from nic_node.commons.practice import practice_view
from nic_node.commons.search import Search, search_practices
from nic_node.commons.shelf import Shelf
from nic_node.db.engine import Database
from nic_node.errors import Conflict, NotAllowed
from nic_node.keyring.purposes import KeyPurpose
from nic_node.keyring.tables import KeyRow
from nic_node.membership.tables import MembershipRow
from nic_node.mirror.read import living_record, tombstone_of
from nic_node.mirror.refuse import Refused, note_refusals, refused_because
from nic_node.mirror.states import RecordState
from nic_node.mirror.tables import MirrorBlob, MirrorBlock, MirrorRecord
from nic_node.publishing.correct import BEGUN, BLOCKED, NOT_THERE, WITHDRAWN
from nic_node.publishing.decide import take_back
from nic_node.publishing.drafts import draft_of, drop_draft, renew_snapshot, send_to_review
from nic_node.publishing.held import KEY_LOST, TAKEN_BACK
from nic_node.publishing.jobs import follow_networks
from nic_node.publishing.lineage import TWICE
from nic_node.publishing.marked_text import both_sides
from nic_node.publishing.outbox import BLOCKED as BLOCKED_BY_NETWORK
from nic_node.publishing.outbox import REFUSED_BY_LOG, RESEND_AFTER_SLOTS
from nic_node.publishing.places import own_places, place_of_release
from nic_node.publishing.read import Sharing, all_sharing, has_left
from nic_node.publishing.retract import own_records
from nic_node.publishing.slots import send_in_slot
from nic_node.publishing.states import OutboxState, RetractionState
from nic_node.publishing.tables import OutboxRow, Release, RetractionRow
from nic_node.publishing.withdraw import withdraw
from nic_node.school.measures.tables import Observation
from schemas.problem import Code
from tests.conftest import TestClock
from tests.fakes.network_log import PRACTICE, START
from tests.stores.correcting_stage import NEW_WORDS, correct, corrected, review, reworded, shared
from tests.stores.publishing_stage import ADA, BEN, World, publishing_world


@pytest.fixture
async def world(database: Database, tmp_path: Path, clock: TestClock) -> AsyncIterator[World]:
    async with publishing_world(database, tmp_path, clock) as made:
        await made.open_epoch()
        yield made


@pytest.fixture
async def one_world(sqlite_database: Database, tmp_path: Path, clock: TestClock) -> AsyncIterator[World]:
    """For what both databases can only do alike."""
    async with publishing_world(sqlite_database, tmp_path, clock) as made:
        await made.open_epoch()
        yield made


async def sharing(world: World) -> Sharing:
    async with world.database.reading() as session:
        (one,) = await all_sharing(session)
    return one


async def records_of(world: World) -> list[tuple[int, str]]:
    """(release, record id), the first version first."""
    async with world.database.reading() as session:
        releases = await session.scalars(select(Release.id).where(Release.voided_at.is_(None)).order_by(Release.id))
        found = [(each, await place_of_release(session, world.node, each)) for each in releases]
    return [(each, place.record_id) for each, place in found if place is not None]


async def test_a_correction_takes_the_place_of_what_was_shared(world: World) -> None:
    draft_id = await shared(world)
    ((_, first),) = await records_of(world)
    await correct(world, draft_id)
    one = await sharing(world)
    assert (one.state, one.shared, one.number) == ("draft", OutboxState.FINAL, 2)
    shown = await world.preview(draft_id)
    every = both_sides(shown.draft, shown.items, findings_at="", every=True)
    assert {"/lessons/worked", "/title", "/idea/summary"} <= {side.path for side in every}
    await reworded(world, draft_id)
    shown = await world.preview(draft_id)
    assert shown.draft.record["supersedes"] == first
    assert shown.draft.record["measures"][0]["points"][0]["band"] == [35, 40]
    await review(world, draft_id)

    await world.slot()
    async with world.database.reading() as session:
        assert (await session.scalars(select(RetractionRow.state))).all() == [RetractionState.WAITING]
        assert await tombstone_of(session, first) is None
    await world.slot()

    (_, second) = (await records_of(world))[-1]
    async with world.database.reading() as session:
        stone = await tombstone_of(session, first)
        record = await living_record(session, second)
        view = await practice_view(session, second, now=world.clock())
        found = await search_practices(session, Shelf(), Search(words="advisory"), now=world.clock())
        assert (await own_places(session, world.node)).keys() == {first, second}
        blobs = (await session.scalars(select(MirrorBlob.content))).all()
    assert stone is not None
    assert stone.gone == "corrected"
    assert record.payload["lessons"]["worked"] == NEW_WORDS
    assert [(each.state, each.reason, each.changed, each.came_in) for each in view.history] == [
        ("gone", "corrected", None, 1),
        ("living", None, ["words"], 1),
    ]
    assert [hit.record.record_id for hit in found.hits] == [second]
    assert len(blobs) == 1
    leaves = [read_leaf(entry) for entry in world.network.log.entries[-2:]]
    assert [(leaf.t, leaf.payload.get("reason")) for leaf in leaves] == [("record", None), ("retract", "corrected")]
    assert len({leaf.kid for leaf in leaves} | {record.jkt}) == 1
    one = await sharing(world)
    assert (one.state, one.withdrawal, one.number) == (OutboxState.FINAL, "", 2)


async def test_the_same_pseudonym_corrects_after_its_term(one_world: World) -> None:
    draft_id = await shared(one_world)
    one_world.clock.now = START + timedelta(days=130)
    async with one_world.database.writing() as session:
        await session.execute(update(MembershipRow).values(chain_expires_at=one_world.clock() + timedelta(days=2)))
    await one_world.fill_roster()
    await corrected(one_world, draft_id)
    for _ in range(3):
        await one_world.slot()
    (_, first), (_, second) = await records_of(one_world)
    async with one_world.database.reading() as session:
        before, after = await tombstone_of(session, first), await living_record(session, second)
    assert before is not None
    assert (before.gone, after.epoch) == ("corrected", 1)


async def test_a_first_version_that_stays_is_told_of_beside_the_second(one_world: World) -> None:
    draft_id = await shared(one_world)
    ((_, first),) = await records_of(one_world)
    await corrected(one_world, draft_id)
    await one_world.slot()
    for _ in range(RESEND_AFTER_SLOTS + 2):
        assert not (await sharing(one_world)).withdrawal_is_late
        one_world.clock.forward(seconds=61)
        await send_in_slot(one_world.node, one_world.name)
        one_world.network.taken.clear()
        await one_world.follow()
    one = await sharing(one_world)
    assert one.withdrawal_is_late
    assert first in one.earlier_problem


async def test_a_correction_that_does_not_arrive_is_not_given_up_and_the_first_version_stays(one_world: World) -> None:
    draft_id = await shared(one_world)
    ((_, first),) = await records_of(one_world)
    await corrected(one_world, draft_id)
    one_world.network.lose_answers = False
    one_world.network.failing = {"relay-1", "relay-2", "relay-3"}
    for _ in range(3):
        one_world.clock.forward(seconds=60)
        await send_in_slot(one_world.node, one_world.name)
    await one_world.follow()
    async with one_world.database.reading() as session:
        assert await tombstone_of(session, first) is None
        assert (await session.scalars(select(RetractionRow.state))).all() == [RetractionState.HELD]
    one_world.network.failing = set()
    await one_world.slot()
    await one_world.slot()
    async with one_world.database.reading() as session:
        assert await tombstone_of(session, first) is not None


async def test_killed_at_any_point_both_leave_in_their_order_and_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each step writes what it did before it acts, so every step is repeated as if the one before had not been told."""
    draft_id = await shared(world)
    await corrected(world, draft_id)
    world.network.lose_answers = True
    world.clock.forward(seconds=61)
    await send_in_slot(world.node, world.name)
    world.network.lose_answers = False
    for _ in range(2):
        world.network.sequence()
        await world.follow()
        await world.follow()
    world.network.lose_answers = True
    world.clock.forward(seconds=61)
    await send_in_slot(world.node, world.name)
    world.network.lose_answers = False
    for _ in range(6):
        await world.slot()
    told = [read_leaf(entry) for entry in world.network.log.entries]
    kinds = [leaf.t for leaf in told if leaf.t in ("record", "retract")]
    assert kinds == ["record", "record", "retract"]


async def test_a_correction_is_dropped_and_what_was_shared_stands_as_before(world: World) -> None:
    draft_id = await shared(world)
    async with world.database.reading() as session:
        before = (await draft_of(session, draft_id)).edits
    await correct(world, draft_id)
    await reworded(world, draft_id)
    async with world.database.writing() as session:
        row = await draft_of(session, draft_id)
        await drop_draft(session, actor=ADA, draft_id=draft_id, version=row.version, now=world.clock())
    async with world.database.reading() as session:
        row = await draft_of(session, draft_id)
        assert (row.edits, row.corrects, row.earlier, row.state) == (before, None, [], "approved")
    one = await sharing(world)
    assert (one.state, one.shared, one.number) == (OutboxState.FINAL, "", 1)

    # An approval that is taken back takes the retraction along.
    await corrected(world, draft_id)
    async with world.database.writing() as session:
        assert (await session.scalars(select(RetractionRow.state))).all() == [RetractionState.HELD]
        await take_back(session, actor=BEN, draft_id=draft_id, now=world.clock())
        assert (await session.scalars(select(RetractionRow.state))).all() == []
    assert (await sharing(world)).state == "review"


async def test_what_was_withdrawn_meanwhile_is_not_corrected(one_world: World) -> None:
    draft_id = await shared(one_world)
    await correct(one_world, draft_id)
    async with one_world.database.writing() as session:
        await send_to_review(session, one_world.node, actor=ADA, draft_id=draft_id, now=one_world.clock())
        await withdraw(session, one_world.node, actor=ADA, draft_id=draft_id, at_once=False, now=one_world.clock())
    await one_world.decide_all(draft_id)
    with pytest.raises(Conflict, match=TAKEN_BACK[:30]):
        await one_world.approve(draft_id)


async def test_the_author_of_a_correction_does_not_review_it(one_world: World) -> None:
    draft_id = await shared(one_world)
    await correct(one_world, draft_id, actor=BEN)
    async with one_world.database.writing() as session:
        await send_to_review(session, one_world.node, actor=BEN, draft_id=draft_id, now=one_world.clock())
    with pytest.raises(NotAllowed):
        await one_world.approve(draft_id)


async def test_a_suspended_school_prepares_it_and_it_leaves_when_the_school_is_back(one_world: World) -> None:
    draft_id = await shared(one_world)
    async with one_world.database.writing() as session:
        await session.execute(update(MembershipRow).values(state="suspended"))
    await corrected(one_world, draft_id)
    sent = len(one_world.network.taken)
    await one_world.slot()
    assert len(one_world.network.taken) == sent
    async with one_world.database.writing() as session:
        await session.execute(update(MembershipRow).values(state="approved"))
    for _ in range(2):
        await one_world.slot()
    assert len(await records_of(one_world)) == 2


async def test_what_can_not_be_corrected_is_told(one_world: World) -> None:
    draft_id = await one_world.approved()
    with pytest.raises(Conflict, match=NOT_THERE[:20]):
        await correct(one_world, draft_id)
    await one_world.slot()
    await correct(one_world, draft_id)
    with pytest.raises(Conflict, match=BEGUN[:20]):
        await correct(one_world, draft_id)
    async with one_world.database.writing() as session:
        row = await draft_of(session, draft_id)
        await drop_draft(session, actor=ADA, draft_id=draft_id, version=row.version, now=one_world.clock())
        record = (await session.scalars(select(MirrorRecord))).one()
        session.add(MirrorBlock(log_id=record.log_id, jkt=record.jkt, from_index=99, leaf_index=0))
    with pytest.raises(Conflict, match=BLOCKED[:30]):
        await correct(one_world, draft_id)
    async with one_world.database.writing() as session:
        await session.execute(delete(MirrorBlock))
        await session.execute(delete(KeyRow).where(KeyRow.purpose == KeyPurpose.PSEUDONYM))
    with pytest.raises(Conflict, match=KEY_LOST[:20]):
        await correct(one_world, draft_id)


async def test_what_is_withdrawn_is_not_corrected(one_world: World) -> None:
    draft_id = await shared(one_world)
    async with one_world.database.writing() as session:
        await withdraw(session, one_world.node, actor=ADA, draft_id=draft_id, at_once=False, now=one_world.clock())
    with pytest.raises(Conflict, match=WITHDRAWN[:20]):
        await correct(one_world, draft_id)


async def test_other_numbers_wait_and_a_group_that_differs_by_a_few_is_refused(one_world: World) -> None:
    draft_id = await shared(one_world)
    await correct(one_world, draft_id)

    async def renewed(n: int) -> set[str]:
        async with one_world.database.writing() as session:
            await session.execute(update(Observation).values(n=n))
            row = await draft_of(session, draft_id)
            given = {"draft_id": draft_id, "version": row.version, "now": one_world.clock()}
            await renew_snapshot(session, one_world.node, actor=ADA, **given)
        found = (await one_world.preview(draft_id)).draft.findings
        return {finding.code for finding in found if finding.stage == "history"}

    assert await renewed(61) == set()
    assert await renewed(90) == {"too-soon"}
    assert await renewed(66) == {"too-soon", "group-differs"}
    one_world.clock.forward(days=31)
    await one_world.fill_roster()
    assert await renewed(90) == set()


async def test_a_practice_has_three_versions_at_most(world: World) -> None:
    draft_id = await shared(world)
    for text in ("Second words.", "Third words."):
        await correct(world, draft_id)
        await reworded(world, draft_id, text)
        await review(world, draft_id)
        for _ in range(2):
            await world.slot()
    records = [record for _, record in await records_of(world)]
    async with world.database.reading() as session:
        view = await practice_view(session, records[-1], now=world.clock())
        names = [(one.title, one.retraction) for one in await own_records(session, world.name)]
    assert [version.record_id for version in view.history] == records
    assert names == [("Advisory homework start", None)]
    await correct(world, draft_id)
    assert "too-many-versions" in {finding.code for finding in (await world.preview(draft_id)).draft.findings}


async def test_facts_stay_while_a_correction_is_prepared(one_world: World) -> None:
    draft_id = await shared(one_world)
    await correct(one_world, draft_id)
    async with one_world.database.reading() as session:
        assert await has_left(session, (await draft_of(session, draft_id)).project_id)


async def test_the_author_reads_that_it_was_blocked_or_refused_and_why(one_world: World) -> None:
    """Where a new version is refused by who reads the log, the earlier one stays; a block takes what stands."""
    draft_id = await shared(one_world)
    log = one_world.network.log
    (own,) = [index for index, blob in log.blobs.items() if index == len(log.entries) - 1]
    jkt = read_leaf(log.entries[own]).kid
    await corrected(one_world, draft_id)
    one_world.clock.forward(seconds=61)
    await send_in_slot(one_world.node, one_world.name)
    one_world.network.sequence()
    second = len(log.entries) - 1
    await one_world.pull()
    async with one_world.database.writing() as session:
        record = (await session.scalars(select(MirrorRecord).where(MirrorRecord.leaf_index == second))).one()
        record.state = RecordState.REFUSED
        said = {"code": Code.INVALID_INPUT, "detail": "A band is wider than the policy allows."}
        refused = Refused(what="blob", leaf_index=second, **said)
        await note_refusals(session, record.log_id, [refused], source="", now=one_world.clock())
    await follow_networks(one_world.node)
    one = await sharing(one_world)
    assert one.state == OutboxState.REFUSED
    async with one_world.database.reading() as session:
        why = await refused_because(session, one_world.name, second)
        states = (await session.scalars(select(RetractionRow.state))).all()
    assert why
    assert one.problem == REFUSED_BY_LOG.format(why=why)
    assert states == [RetractionState.HELD]
    await correct(one_world, draft_id)

    log.append(log.by_network(build_block(log.network, jkt=jkt, from_index=own)))
    await one_world.follow()
    async with one_world.database.reading() as session:
        rows = (await session.execute(select(OutboxRow.state, OutboxRow.problem).order_by(OutboxRow.id))).all()
    assert (OutboxState.BLOCKED, BLOCKED_BY_NETWORK) in [tuple(row) for row in rows]


async def test_a_second_result_with_a_practice_that_was_corrected_is_a_second_result(one_world: World) -> None:
    log = one_world.network.log
    first = log.publish("ada")
    await one_world.pull()
    await shared(one_world, origin_record=log.record_id(first))
    second = log.publish("ada", payload=PRACTICE | {"supersedes": log.record_id(first)})
    await one_world.pull()
    project_id = await one_world.closed_project(origin_record=log.record_id(second), title="Again")
    with pytest.raises(Conflict, match=TWICE[:30]):
        await one_world.drafted(project_id)
