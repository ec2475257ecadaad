"""What the privacy officer looks at, and how long pages are kept, on both databases."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select, update

from nic_node.db.engine import Database
from nic_node.publishing.oversight.basis import LEGAL_BASIS
from nic_node.publishing.oversight.read import approvals, check_log, log_lines, page_of_release
from nic_node.publishing.oversight.retention import erase_old_pages
from nic_node.publishing.retract import send_retraction
from nic_node.publishing.states import OutboxState
from nic_node.publishing.tables import OutboxRow, Release, ReleaseLogEntry
from nic_node.publishing.withdraw import withdraw
from schemas.vocab import RUNGS
from tests.conftest import TestClock
from tests.stores.publishing_stage import ADA, World, publishing_world


@pytest.fixture
async def world(database: Database, tmp_path: Path, clock: TestClock) -> AsyncIterator[World]:
    async with publishing_world(database, tmp_path, clock) as made:
        await made.open_epoch()
        yield made


async def withdrawn(world: World) -> int:
    """The id of a release that was shared and is gone everywhere."""
    draft_id = await world.approved()
    await world.slot()
    async with world.database.writing() as session:
        row = await withdraw(session, world.node, actor=ADA, draft_id=draft_id, at_once=True, now=world.clock())
        retraction_id, release_id = row.id, row.release_id
    await send_retraction(world.node, retraction_id)
    world.network.sequence()
    await world.follow()
    return release_id


async def erase(world: World) -> list[int]:
    async with world.database.writing() as session:
        return list(await erase_old_pages(session, world.node, world.clock()))


async def test_every_rung_has_a_ground() -> None:
    assert set(LEGAL_BASIS) == {*RUNGS, "words"}


async def test_an_officer_sees_what_left_who_let_it_and_the_page_also_after_withdrawal(world: World) -> None:
    release_id = await withdrawn(world)
    async with world.database.reading() as session:
        (one,) = await approvals(session, world.node)
        _, record = await page_of_release(session, world.node, release_id)
        lines = await log_lines(session, limit=100)
    assert (one.author, one.reviewer, one.withdrawal, one.policy) == ("Ada Field", "Ben Stone", "gone", 1)
    assert one.basis == LEGAL_BASIS["measured"]
    assert record is not None
    assert record["title"] == "Advisory homework start"
    assert {"approved", "withdrawn", "gone"} <= {line.code for line in lines}
    assert {line.person for line in lines} >= {"Ada Field", "Ben Stone"}


async def test_a_page_is_erased_when_its_time_is_over_and_nobody_can_read_it(world: World) -> None:
    gone = await withdrawn(world)
    draft_id = await world.approved(title="Another one")
    await world.slot()
    assert await erase(world) == []
    world.clock.forward(days=world.node.config.kept_page_days + 1)
    assert await erase(world) == [gone]
    assert await erase(world) == []
    async with world.database.reading() as session:
        one, record = await page_of_release(session, world.node, gone)
        (living,) = [each for each in await approvals(session, world.node) if each.draft_id == draft_id]
        kept = (await session.scalars(select(Release).order_by(Release.id))).all()
        checked = await check_log(session)
    assert (record, one.basis) == (None, "")
    assert one.erased_at is not None
    assert living.erased_at is None
    assert [bool(release.sealed_record) for release in kept] == [False, True]
    assert [bool(release.sealed_facts) for release in kept] == [True, True], "what drafts are held against stays"
    assert checked.broken_at is None
    assert (await world.preview(draft_id)).draft.record["title"] == "Another one"
    async with world.database.writing() as session:
        sent = await session.scalar(select(OutboxRow).where(OutboxRow.release_id == living.release_id))
        assert sent is not None
        sent.state = OutboxState.BLOCKED
    assert await erase(world) == [living.release_id], "blocked is read by nobody either"


async def test_the_setting_says_how_long(world: World) -> None:
    gone = await withdrawn(world)
    world.node = replace(world.node, config=replace(world.node.config, kept_page_days=30))
    world.clock.forward(days=29)
    assert await erase(world) == []
    world.clock.forward(days=2)
    assert await erase(world) == [gone]


async def test_a_line_that_was_altered_shows(world: World) -> None:
    await world.approved()
    async with world.database.writing() as session:
        line = (await session.scalars(select(ReleaseLogEntry).order_by(ReleaseLogEntry.id))).all()[2]
        await session.execute(
            update(ReleaseLogEntry).where(ReleaseLogEntry.id == line.id).values(decision="approved", person_id=1)
        )
    async with world.database.reading() as session:
        checked = await check_log(session)
    assert checked.broken_at == line.id
    assert checked.lines >= 3
