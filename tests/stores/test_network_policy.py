"""Charter and policy by versions, and which of them is in force: on both databases."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from federation.epochs import EpochStatus, read_epoch
from nic_node.accounts.actor import peer_actor
from nic_node.accounts.tables import AuditEntry
from nic_node.db.engine import Database
from nic_node.errors import Conflict, InvalidInput, NotFound
from nic_node.network.coordinators import remove_coordinator
from nic_node.network.decisions import Span
from nic_node.network.documents import current_charter, current_policy, document_bytes, keep_document
from nic_node.network.in_force import InForce, terms_in_force
from nic_node.network.log.announce import keep_announcement
from nic_node.network.log.tables import EpochRecord, Log
from nic_node.network.overview import overview_of
from nic_node.network.policy import change_policy, draft_terms
from nic_node.network.read import network_of
from nic_node.network.renew import ask_renewal, renew
from nic_node.network.reverse import reverse_decisions
from nic_node.network.tables import Member, Network
from nic_node.network.versions import members_on_earlier_terms, version_of, versions_of
from nic_node.network.vet import vetting_of
from tests.conftest import TestClock
from tests.stores.network_stage import Stage, school, staged
from tests.stores.test_network_people import approve_it
from tests.unit.network.log.stage import shared_epoch_keys


@pytest.fixture
async def stage(database: Database, clock: TestClock, tmp_path: Path) -> Stage:
    return await staged(database, clock, tmp_path)


async def test_documents_are_kept_once_by_their_hash(stage: Stage) -> None:
    async with stage.database.writing() as session:
        content = await document_bytes(session, 1, stage.network.policy_sha256)
        assert content is not None
        assert await keep_document(session, 1, content) == stage.network.policy_sha256
        assert await document_bytes(session, 2, stage.network.policy_sha256) is None


async def test_policy_and_charter_change_by_versions(stage: Stage) -> None:
    async def change(version: int, **changes: Any) -> None:
        async with stage.database.writing() as session:
            await change_policy(
                session,
                network_id=1,
                policy=changes.get("policy", {}),
                charter=changes.get("charter", {}),
                version=version,
                actor=stage.people[1],
                now=stage.clock(),
            )

    version = stage.network.version
    await change(version, policy={"context_k": 4}, charter={"aim": "Half the absences."})
    async with stage.database.reading() as session:
        policy, charter = await current_policy(session, 1), await current_charter(session, 1)
        today = (await network_of(session, 1)).version
    assert (policy["context_k"], policy["min_issued"], policy["version"]) == (4, 3, 2)
    assert (charter["aim"], charter["purpose"], charter["version"]) == ("Half the absences.", "Together.", 2)
    with pytest.raises(Conflict):
        await change(version, policy={"context_k": 5})
    with pytest.raises(InvalidInput):
        await change(today, policy={"context_k": 2})


async def test_every_version_is_kept_with_what_it_changed(stage: Stage) -> None:
    first = await network_now(stage)
    stage.clock.forward(days=3)
    change = {"network_id": 1, "actor": stage.people[1], "now": stage.clock()}
    async with stage.database.writing() as session:
        drafted = await draft_terms(session, first, policy={"min_issued": 4}, charter={"aim": "Half the absences."})
        assert (drafted.is_new, drafted.names) == (True, ["min_issued", "aim"])
        assert not (await draft_terms(session, first, policy={"min_issued": 3}, charter={})).is_new
    assert (await network_now(stage)).policy_sha256 == first.policy_sha256
    async with stage.database.writing() as session:
        await change_policy(
            session, policy={"min_issued": 4}, charter={"aim": "Half the absences."}, version=first.version, **change
        )
    second = await network_now(stage)
    async with stage.database.writing() as session:
        same = await change_policy(session, policy={"min_issued": 4}, charter={}, version=second.version, **change)
        assert same.version == second.version
    async with stage.database.reading() as session:
        newest, oldest = await versions_of(session, second, "policy")
        assert (newest.number, newest.is_today, newest.since) == (2, True, stage.clock())
        assert [one.name for one in newest.policy_changes] == ["min_issued"]
        assert (oldest.number, oldest.is_today, oldest.policy_changes) == (1, False, ())
        assert [one.after for one in (await version_of(session, second, "charter", 2)).charter_changes] == [
            "Half the absences."
        ]
        with pytest.raises(NotFound):
            await version_of(session, second, "charter", 3)
        noted = await session.scalar(select(AuditEntry.after).where(AuditEntry.action == "network.policy-changed"))
        assert noted is not None
        assert noted["changed"] == ["min_issued", "aim"]


async def test_members_on_earlier_terms_are_counted(stage: Stage) -> None:
    await approve_it(stage, await stage.vetted(school()))
    network = await network_now(stage)
    async with stage.database.writing() as session:
        assert await members_on_earlier_terms(session, network) == 0
        await change_policy(
            session, network_id=1, policy={"min_issued": 4}, charter={}, version=network.version,
            actor=stage.people[0], now=stage.clock(),
        )  # fmt: skip
    async with stage.database.reading() as session:
        assert await members_on_earlier_terms(session, await network_of(session, 1)) == 1


async def network_now(stage: Stage) -> Network:
    async with stage.database.reading() as session:
        return await network_of(session, 1)


async def change(stage: Stage, who: int = 0, **policy: Any) -> None:
    async with stage.database.writing() as session:
        stage.network = await network_of(session, 1, for_update=True)
        await change_policy(
            session,
            network_id=1,
            policy=policy,
            charter={},
            version=stage.network.version,
            actor=stage.people[who],
            now=stage.clock(),
        )


async def announce(stage: Stage) -> int:
    """The next epoch, to issue once the one before has ended."""
    keys = await shared_epoch_keys()
    async with stage.database.writing() as session:
        before = await session.scalar(select(EpochRecord).order_by(EpochRecord.number.desc()).limit(1))
        (await session.scalars(select(Log))).one().approved_members = 3
        return await keep_announcement(
            session,
            stage.node,
            network_id=1,
            actor=stage.people[0],
            keys=keys,
            issue_from=stage.clock() if before is None else read_epoch(before.payload).windows.active_to,
            now=stage.clock(),
        )


async def settle(stage: Stage, number: int, status: EpochStatus = EpochStatus.OPEN) -> None:
    async with stage.database.writing() as session:
        chosen = select(EpochRecord).where(EpochRecord.number == number)
        (await session.scalars(chosen)).one().status = status.value


async def standing(stage: Stage) -> InForce:
    async with stage.database.reading() as session:
        return await terms_in_force(session, await network_of(session, 1))


async def test_who_lowers_the_quorum_still_can_t_approve_alone(
    database: Database, clock: TestClock, tmp_path: Path
) -> None:
    stage = await staged(database, clock, tmp_path, approvals_required=2)
    waiting = await stage.vetted(school())
    await announce(stage)
    await settle(stage, 1)
    await change(stage, approvals_required=1)
    async with stage.database.reading() as session:
        policy = (await vetting_of(session, stage.network, waiting)).named("policy")
    assert (policy.state, policy.note) == ("ok", "the one in force; a newer one waits for its epoch")
    assert (await approve_it(stage, waiting)).state == "applied"
    async with stage.database.reading() as session:
        assert (await overview_of(session, await network_of(session, 1), clock())).approvals_required == 2
    later = await stage.vetted(school(2))
    assert (await approve_it(stage, later)).state == "applied"
    assert (await approve_it(stage, await stage.member(waiting.id), who=1)).state == "approved"

    await announce(stage)
    assert (await approve_it(stage, third := await stage.vetted(school(3)))).state == "applied"
    await settle(stage, 2)
    assert (await approve_it(stage, await stage.vetted(school(4)))).state == "approved"
    assert (await stage.member(third.id)).state == "applied"


async def test_the_page_is_told_what_is_in_force_and_what_waits_from_when(stage: Stage, clock: TestClock) -> None:
    await change(stage, membership_days=300)
    now = await standing(stage)
    assert (now.policy["membership_days"], now.epoch, now.waiting) == (300, None, [])

    await announce(stage)
    await change(stage, membership_days=200)
    first = await standing(stage)
    assert (first.policy["version"], first.epoch) == (2, 1)
    [waits] = first.waiting
    assert (waits.version, waits.epoch, waits.is_announced) == (3, 2, False)

    await settle(stage, 1)
    await announce(stage)
    await change(stage, membership_days=100)
    second = await standing(stage)
    assert (second.policy["version"], second.epoch) == (2, 1)
    assert [(one.version, one.epoch, one.is_announced) for one in second.waiting] == [(3, 2, True), (4, 3, False)]
    assert clock() < second.waiting[0].opens < second.waiting[1].opens

    await settle(stage, 2, EpochStatus.VOID)
    third = await standing(stage)
    assert [(one.version, one.epoch) for one in third.waiting] == [(4, 3)]
    assert third.waiting[0].opens == second.waiting[0].opens
    approved = await approve_it(stage, await stage.vetted(school()))
    assert approved.expires_at == clock() + timedelta(days=300)


async def test_a_renewal_is_as_long_as_the_policy_in_force_says(stage: Stage, clock: TestClock) -> None:
    member = await approve_it(stage, await stage.vetted(school()))
    end = member.expires_at
    assert end is not None
    await announce(stage)
    await settle(stage, 1)
    await change(stage, membership_days=900)
    clock.forward(days=310)
    await renew_it(stage, member.id)
    assert (await stage.member(member.id)).expires_at == end + timedelta(days=365)


async def test_taking_a_renewal_back_gives_the_old_end_back_whatever_the_policy_says_by_then(
    stage: Stage, clock: TestClock
) -> None:
    member = await approve_it(stage, await stage.vetted(school()))
    end = member.expires_at
    clock.forward(days=310)
    await renew_it(stage, member.id, who=1)
    await change(stage, membership_days=90)
    async with stage.database.writing() as session:
        await remove_coordinator(session, actor=stage.people[0], network_id=1, person_id=2, now=clock())
    async with stage.database.writing() as session:
        await reverse_decisions(
            session, stage.node, network_id=1, person_id=2, span=Span(), actor=stage.people[0], now=clock()
        )
    assert (await stage.member(member.id)).expires_at == end


async def renew_it(stage: Stage, member_id: int, who: int = 0) -> None:
    async with stage.database.writing() as session:
        network = await network_of(session, 1)
        member = await session.get_one(Member, member_id, with_for_update=True)
        said = {"policy_sha256": network.policy_sha256, "charter_sha256": network.charter_sha256}
        await ask_renewal(session, member=member, said=said, actor=peer_actor(member.entity), now=stage.clock())
    seen = {member_id: (await stage.member(member_id)).version}
    async with stage.database.writing() as session:
        await renew(session, stage.node, network_id=1, versions=seen, actor=stage.people[who], now=stage.clock())
