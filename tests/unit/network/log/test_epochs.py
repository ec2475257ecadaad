"""Windows on the grid of slots, and the lattice over those who take part."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from federation.epochs import Epoch, read_epoch, verify_epoch_policy
from nic_node.disclosure.lattice import class_sizes
from nic_node.errors import Conflict
from nic_node.network.documents import document_of
from nic_node.network.log.announce import windows_on_grid
from nic_node.network.log.envelopes import slot_end
from nic_node.network.log.phases import next_run
from nic_node.network.log.profiles import profiles_of
from nic_node.network.log.read import epoch_views, log_summary
from nic_node.network.policy import change_policy
from nic_node.network.read import network_of
from nic_node.network.versions import versions_of
from schemas.policy import build_policy
from tests.unit.network.log.stage import SCHOOLS, SLOT, Stage, entity_of


@pytest.mark.parametrize("slot_seconds", [1, 7, 60, 86_400])
@pytest.mark.parametrize("second", [0, 1, 59, 86_399])
def test_an_epoch_opens_as_a_slot_ends(slot_seconds: int, second: int) -> None:
    policy = build_policy(network="https://net.example/net/x", slot_seconds=slot_seconds, issue_seconds=100)
    windows = windows_on_grid(policy, datetime(2026, 1, 5, tzinfo=UTC) + timedelta(seconds=second, microseconds=5))
    assert windows.active_from.timestamp() % slot_seconds == 0
    registering = (windows.active_from - windows.issue_to).total_seconds()
    assert 7 * slot_seconds <= registering < 8 * slot_seconds
    assert windows.active_to - windows.active_from == timedelta(seconds=policy["active_seconds"])


def test_a_moment_lies_in_one_slot() -> None:
    start = datetime(2026, 1, 5, tzinfo=UTC)
    assert slot_end(start, 60) == start + timedelta(seconds=60)
    assert slot_end(start + timedelta(seconds=59, microseconds=999_999), 60) == start + timedelta(seconds=60)


async def test_an_epoch_keeps_to_its_policy(stage: Stage) -> None:
    await stage.admit(*SCHOOLS)
    await stage.announce()
    epoch: Epoch = read_epoch((await stage.epoch()).payload)
    async with stage.node.database.reading() as session:
        verify_epoch_policy(epoch, await document_of(session, stage.network.id, epoch.policy_sha256))


async def test_the_lattice_counts_only_those_who_were_issued(stage: Stage) -> None:
    for name, level in zip("abcdef", ["middle"] * 3 + ["elementary"] * 3, strict=True):
        await stage.add_member(name, level=level)
        await stage.move(name, "applied", "approved")
    await stage.sequence()
    await stage.announce()
    for name in "abcd":
        await stage.issue(name)
    await stage.sequence()
    stage.clock.now = (await stage.windows()).issue_to
    await stage.advance()

    record = await stage.epoch()
    async with stage.node.database.reading() as session:
        announced = await document_of(session, stage.network.id, record.payload["lattice_sha256"])
        closing = await document_of(session, stage.network.id, record.closing_lattice_sha256)
        issued = await profiles_of(session, stage.network.id, [entity_of(name) for name in "abcd"])
    assert len(announced["classes"]) == 2
    assert min(class_sizes(issued, closing).values()) >= 3
    assert "count" not in repr(closing)


async def test_an_epoch_is_announced_once_and_not_with_too_few(stage: Stage) -> None:
    with pytest.raises(Conflict, match="more members"):
        await stage.announce()
    await stage.admit(*SCHOOLS)
    assert await stage.announce() == 1
    with pytest.raises(Conflict, match="has not opened yet"):
        await stage.announce()


async def test_a_changed_policy_takes_force_with_the_next_epoch(stage: Stage) -> None:
    await stage.open_epoch()
    before = stage.network.policy_sha256
    async with stage.node.database.writing() as session:
        network = await network_of(session, stage.network.id)
        changed = await change_policy(
            session, network_id=network.id, policy={"versions_per_practice": 5}, charter={}, version=network.version,
            actor=stage.actor, now=stage.clock(),
        )  # fmt: skip
    assert changed.policy_sha256 != before
    await stage.publish("ada")
    assert await stage.refusals() == []
    assert (await stage.epoch()).payload["policy_sha256"] == before
    stage.clock.now = (await stage.windows()).active_to - timedelta(seconds=60)
    assert await stage.announce() == 2
    assert (await stage.epoch(2)).payload["policy_sha256"] == changed.policy_sha256
    async with stage.node.database.reading() as session:
        versions = await versions_of(session, changed, "policy")
    assert {version.number: list(version.epochs) for version in versions} == {1: [1], 2: [2]}


async def test_a_member_may_be_suspended_twice(stage: Stage) -> None:
    """The two leaves are the same bytes: both count, also when they wait together."""
    await stage.admit("ada")
    for states in (("approved", "suspended"), ("suspended", "approved")) * 2:
        await stage.move("ada", *states)
    await stage.sequence()
    assert (await stage.log()).size == 6
    assert await stage.refusals() == []
    assert (await stage.log()).approved_members == 1


async def test_what_an_epoch_shows_and_when_to_look_again(stage: Stage) -> None:
    log_id = (await stage.log()).id
    async with stage.node.database.reading() as session:
        before = await log_summary(session, stage.network.id, stage.clock())
        assert (before.size, before.epoch, before.issued, before.phase) == (1, None, 0, None)
        assert await next_run(session, log_id, stage.clock()) == stage.clock() + timedelta(minutes=1)
    await stage.open_epoch()
    async with stage.node.database.reading() as session:
        (view,) = await epoch_views(session, stage.network.id, stage.clock())
        after = await log_summary(session, stage.network.id, stage.clock())
        assert (after.epoch, after.issued, after.phase, after.is_alarming) == (1, 3, "open", False)
        assert await next_run(session, log_id, stage.clock()) == stage.clock() + timedelta(seconds=SLOT)
    assert (view.phase, view.unaccounted, view.is_alarming) == ("open", 0, False)
    assert Counter(one.is_issued for one in view.participants) == {True: 3}


async def test_the_keys_of_an_epoch_are_erased_when_they_have_served(stage: Stage) -> None:
    await stage.open_epoch()
    stage.clock.now = (await stage.windows()).active_to + timedelta(days=7)
    await stage.advance()
    assert (await stage.epoch()).submission_key_erased_at == stage.clock()
