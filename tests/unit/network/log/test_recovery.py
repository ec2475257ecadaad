"""A lost network key, followed to the end: docs/operations.md, 'A lost key', over real HTTP between two nodes."""

import pytest
from sqlalchemy import select

from federation.judge import LogState, Pins, judge_leaf
from federation.keys import thumbprint
from federation.tlog.checkpoint import Checkpoint, sign_checkpoint
from federation.tlog.tiles import decode_entries
from nic_node.accounts.tables import AuditEntry
from nic_node.db.jobs import Job
from nic_node.errors import Conflict, InvalidInput, NotAllowed
from nic_node.keyring.tables import KeyRow
from nic_node.membership.follow import check_membership
from nic_node.membership.join import Acceptance, apply
from nic_node.membership.look_up import look_up
from nic_node.membership.read import is_writing_allowed, membership_of
from nic_node.membership.repin import repin
from nic_node.mirror.hold_back import hold_back
from nic_node.mirror.pull import pull
from nic_node.mirror.states import LogState as MirrorState
from nic_node.mirror.states import RecordState
from nic_node.mirror.tables import MirrorBlob, MirrorLog, MirrorRecord, MirrorRefusal
from nic_node.network.log import jobs
from nic_node.network.log.files import store_of
from nic_node.network.log.queue import EPOCHS, SEQUENCE, queue_leaf
from nic_node.network.log.tables import LivingBlob, LogMember, LogRecord
from nic_node.network.members import member_by_entity
from nic_node.network.recover import recover_network
from schemas.code import Code
from tests.fakes.network_log import PRACTICE
from tests.unit.accounts.stage import ADA
from tests.unit.network.log.served import Served
from tests.unit.network.log.stage import SCHOOLS, Stage
from tests.unit.network.people_stage import StagedNode, invitation_link
from tests.unit.network.test_people_join import CONTACT, approve_fully


async def recovered(stage: Stage, **more: object):
    return await recover_network(stage.node, network_id=stage.network.id, actor=ADA, now=stage.clock(), **more)


async def joined(served: Served, school: StagedNode) -> int:
    """The membership of a school with a node of its own."""
    network = served.stage.network
    offer = await look_up(school.local, await invitation_link(served.node, network), now=school.clock())
    acceptance = Acceptance(policy_sha256=offer.policy_sha256, charter_sha256=offer.charter_sha256, contact=CONTACT)
    membership_id = await apply(
        school.local, actor=await school.actor(), offer=offer, acceptance=acceptance, now=school.clock()
    )
    async with served.node.database.reading() as session:
        member = await member_by_entity(session, network.id, school.local.entity_id)
    assert member is not None
    await approve_fully(served.node, school, network.id, membership_id, member.id)
    return membership_id


async def mirrored(school: StagedNode) -> dict[tuple[int, int], str]:
    """(generation, index) of each record -> its state."""
    async with school.database.reading() as session:
        rows = await session.execute(
            select(MirrorLog.generation, MirrorRecord.leaf_index, MirrorRecord.state).join(
                MirrorLog, MirrorLog.id == MirrorRecord.log_id
            )
        )
    return {(generation, index): state for generation, index, state in rows}


async def test_a_member_follows_by_a_new_link(served: Served, school: StagedNode) -> None:
    stage = served.stage
    membership_id = await joined(served, school)
    await stage.open_epoch()
    first = await stage.publish("ada")
    assert await check_membership(school.local, membership_id)
    assert (await pull(school.local, membership_id)).done
    second = await stage.publish("ben", PRACTICE | {"title": "Seen only by the coordinator’s node"})
    await stage.submit(await stage.retract_leaf("ada", first))
    stage.clock.forward(seconds=60)
    await stage.sequence()

    done = await recovered(stage, is_stolen=True)
    await stage.sequence()
    assert (done.generation, done.has_new_pin) == (2, True)

    stage.clock.forward(minutes=20)
    assert not await check_membership(school.local, membership_id)
    async with school.database.reading() as session:
        assert "not signed by" in (await membership_of(session, membership_id)).problem

    async with served.node.database.reading() as session:
        network = await session.merge(done.network, load=False)
    link = await invitation_link(served.node, network)
    offer = await look_up(school.local, link, now=school.clock())
    await repin(school.local, actor=await school.actor(), offer=offer, now=school.clock())
    assert await check_membership(school.local, membership_id)
    async with school.database.reading() as session:
        membership = await membership_of(session, membership_id)
    assert is_writing_allowed(membership, school.clock())
    assert (await pull(school.local, membership_id)).trouble is None

    async with school.database.reading() as session:
        logs = {log.generation: log for log in await session.scalars(select(MirrorLog))}
        kept = await session.scalar(select(MirrorBlob.record_id))
        refusals = list(await session.scalars(select(MirrorRefusal)))
    assert (logs[1].state, logs[2].state) == (MirrorState.ENDED, MirrorState.LIVE)
    assert logs[2].genesis is not None
    assert logs[2].genesis["predecessor"]["origin"] == logs[1].origin
    assert await mirrored(school) == {(1, first): RecordState.GONE, (1, second): RecordState.LIVING}
    assert kept is not None
    assert refusals == []

    with pytest.raises(Conflict, match="known here already"):
        await repin(school.local, actor=await school.actor(), offer=offer, now=school.clock())


async def test_a_lost_log_key_alone_is_followed_without_a_link(served: Served, school: StagedNode) -> None:
    membership_id = await joined(served, school)
    assert (await pull(school.local, membership_id)).done
    done = await recovered(served.stage)
    await served.stage.sequence()
    assert not done.has_new_pin
    served.stage.clock.forward(minutes=11)
    assert await check_membership(school.local, membership_id)
    assert (await pull(school.local, membership_id)).trouble is None
    async with school.database.reading() as session:
        states = [log.state for log in await session.scalars(select(MirrorLog).order_by(MirrorLog.generation))]
    assert states == [MirrorState.ENDED, MirrorState.LIVE]


async def test_the_link_of_a_member_on_the_page(served: Served, school: StagedNode) -> None:
    membership_id = await joined(served, school)
    browser = await school.signed_in()
    link = await invitation_link(served.node, served.stage.network)
    same = await browser.send("/network/join", {"invitation": link})
    assert same.status == 409
    assert "Nothing has to be done" in await same.text()
    done = await recovered(served.stage, is_stolen=True)
    await served.stage.sequence()
    link = await invitation_link(served.node, done.network)
    page = await browser.send("/network/join", {"invitation": link})
    assert "Hold to the new key" in await page.text()
    async with school.database.reading() as session:
        assert (await membership_of(session, membership_id)).generation == 1
    taken = await browser.send("/network/join", {"invitation": link, "step": "repin"})
    assert taken.status == 303
    async with school.database.reading() as session:
        membership = await membership_of(session, membership_id)
    assert (membership.generation, membership.problem) == (2, "")


async def test_a_shorter_predecessor_is_an_alarm_and_our_copy_stays(served: Served, school: StagedNode) -> None:
    membership_id = await joined(served, school)
    assert (await pull(school.local, membership_id)).done
    async with school.database.writing() as session:
        log = await session.scalar(select(MirrorLog))
        assert log is not None
        log.size, log.root = log.size + 5, bytes(32)
    await recovered(served.stage)
    await served.stage.sequence()
    served.stage.clock.forward(minutes=11)
    assert await check_membership(school.local, membership_id)
    await pull(school.local, membership_id)
    async with school.database.reading() as session:
        alarms = [(row.what, row.code) for row in await session.scalars(select(MirrorRefusal))]
        ended = await session.scalar(select(MirrorLog).where(MirrorLog.generation == 1))
    assert alarms == [("alarm", Code.CHECKPOINT_SHRUNK)]
    assert ended is not None
    assert ended.state == MirrorState.ENDED


async def test_what_was_published_before_can_be_taken_back_and_never_comes_twice(stage: Stage) -> None:
    await stage.open_epoch()
    record = stage.record("ada")
    await stage.submit(record.leaf, record.blob)
    stage.clock.forward(seconds=60)
    await stage.sequence()
    index = (await stage.log()).size - 1
    retraction = await stage.retract_leaf("ada", index)
    old = await stage.log()

    await recovered(stage)
    async with stage.node.database.writing() as session:
        await queue_leaf(session, stage.network.id, record.leaf, record.blob, stage.clock())
        await queue_leaf(session, stage.network.id, retraction, None, stage.clock())
    await stage.sequence()

    new = await stage.log()
    assert (new.generation, new.origin != old.origin) == (2, True)
    assert await entry_types(stage, new) == ["genesis", "member", "member", "member", "retract"]
    assert [code for what, code in await stage.refusals()] == [Code.EPOCH_UNKNOWN]
    async with stage.node.database.reading() as session:
        row = await session.get(LogRecord, (old.id, index))
        assert row is not None
        assert row.gone == "withdrawn"
        assert await session.get(LivingBlob, (old.id, index)) is None


async def test_the_terms_go_on_with_their_numbers(stage: Stage) -> None:
    await stage.open_epoch()
    await recovered(stage)
    await stage.sequence()
    assert await stage.announce() == 2
    assert (await entry_types(stage, await stage.log()))[-1] == "epoch"
    async with stage.node.database.reading() as session:
        erased = list(await session.scalars(select(KeyRow).where(KeyRow.scope == f"{stage.network.entity}#1")))
    assert erased
    assert all(row.sealed_private_jwk is None for row in erased)


async def entry_types(stage: Stage, log) -> list[str]:
    """Judged from its published files alone, by the pinned keys."""
    data = store_of(stage.node, log).read(f"tile/entries/000.p/{log.size}")
    assert data is not None
    state = LogState(pins=Pins(leaf_jkt=thumbprint(log.leaf_jwk), log_key=log.log_key, generation=log.generation))
    found = []
    for index, entry in enumerate(decode_entries(data, log.size)):
        verdict = judge_leaf(state, index, entry)
        assert verdict.leaf is not None
        found.append(verdict.leaf.t)
        if verdict.code is Code.TARGET_UNKNOWN:
            # A retraction of the log before: only who holds that one can judge it.
            assert verdict.leaf.t == "retract"
            state.size += 1
            continue
        assert verdict.code is None, verdict
        state.apply(verdict)
    return found


async def test_the_old_log_is_served_and_written_no_more(stage: Stage) -> None:
    await stage.admit(*SCHOOLS)
    old = await stage.log()
    note = store_of(stage.node, old).read("checkpoint")
    await recovered(stage)
    async with stage.node.database.writing() as session:
        await jobs.ensure_jobs(session, stage.node, now=stage.clock())
    async with stage.node.database.reading() as session:
        keys = set(await session.scalars(select(Job.key).where(Job.kind.in_((SEQUENCE, EPOCHS)))))
        new = await stage.log()
        audited = await session.scalar(select(AuditEntry.after).where(AuditEntry.action == "network.recovered"))
        members = set(await session.scalars(select(LogMember.entity).where(LogMember.log_id == old.id)))
    assert keys == {str(new.id)}
    assert store_of(stage.node, old).read("checkpoint") == note
    assert audited == {"generation": 2, "predecessor": old.origin}
    assert len(members) == 3


async def test_the_checkpoint_that_is_followed_must_be_the_logs_own(stage: Stage) -> None:
    log = await stage.log()
    store = store_of(stage.node, log)
    note = store.read("checkpoint")
    assert note is not None
    (store.root / "checkpoint").unlink()
    with pytest.raises(Conflict, match="--checkpoint"):
        await recovered(stage)
    forged = sign_checkpoint(Checkpoint(log.origin, 7, bytes(32)), stage.pseudonym_key("mallory"))
    with pytest.raises(InvalidInput):
        await recovered(stage, checkpoint=forged)
    assert (await recovered(stage, checkpoint=note)).predecessor.size == 1


async def test_only_its_coordinators_recover_it(stage: Stage) -> None:
    with pytest.raises(NotAllowed):
        await recover_network(
            stage.node,
            network_id=stage.network.id,
            actor=type(ADA)(person_id=99, name="Eve", kind="person"),
            now=stage.clock(),
        )


async def test_after_a_restore_nothing_shows_before_the_log_was_read(served: Served, school: StagedNode) -> None:
    stage = served.stage
    membership_id = await joined(served, school)
    await stage.open_epoch()
    taken, kept = await stage.publish("ada"), await stage.publish("ben", PRACTICE | {"title": "What stays"})
    assert await check_membership(school.local, membership_id)
    assert (await pull(school.local, membership_id)).done
    async with school.database.writing() as session:
        await hold_back(session)
    assert set((await mirrored(school)).values()) == {RecordState.HELD}
    port = served.node.server.port
    assert port is not None
    await served.stage.submit(await stage.retract_leaf("ada", taken))
    stage.clock.forward(seconds=60)
    await stage.sequence()
    await served.node.server.close()
    assert (await pull(school.local, membership_id)).trouble is not None
    assert set((await mirrored(school)).values()) == {RecordState.HELD}
    await served.node.listen_again(port)
    assert (await pull(school.local, membership_id)).done
    assert await mirrored(school) == {(1, taken): RecordState.GONE, (1, kept): RecordState.LIVING}
