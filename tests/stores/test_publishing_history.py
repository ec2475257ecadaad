"""Drafts against the local release log, on both databases."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select, update

from nic_node.db.engine import Database
from nic_node.errors import Conflict, InvalidInput
from nic_node.publishing.decide import decide, take_back
from nic_node.publishing.drafts import draft_of, leave_out, renew_snapshot
from nic_node.publishing.findings import LEAVE_OUT, PUT_BACK
from nic_node.publishing.release_log import find_break, release_log
from nic_node.publishing.surroundings import released_before
from nic_node.publishing.tables import Release
from nic_node.school.profile.describe import describe_school, profile_of_school
from tests.conftest import TestClock
from tests.stores.publishing_stage import ADA, BEN, World, publishing_world
from tests.unit.accounts.stage import outcomes

MEASURE = "/measures/0"


@pytest.fixture
async def world(database: Database, tmp_path: Path, clock: TestClock) -> AsyncIterator[World]:
    async with publishing_world(database, tmp_path, clock) as made:
        await made.join()
        yield made


async def keep_here(world: World, draft_id: int, path: str = MEASURE, *, stays: bool = True, version: int = 0) -> None:
    async with world.database.writing() as session:
        row = await draft_of(session, draft_id)
        given = {"path": path, "stays": stays, "version": version or row.version, "now": world.clock()}
        await leave_out(session, world.node, actor=ADA, draft_id=draft_id, **given)


async def test_a_group_that_differs_by_one_from_what_was_shared_is_refused(world: World) -> None:
    await world.approved()
    draft_id = await world.drafted(await world.closed_project(n=60, title="Spring again"))
    shown = await world.preview(draft_id)
    (item,) = [item for item in shown.items if item.code == "group-differs"]
    assert (item.severity, item.choices) == ("block", (LEAVE_OUT,))
    assert "Advisory homework start" in item.title.said()
    await world.decide_all(draft_id)
    assert not (await world.preview(draft_id)).draft.blocked, "its reviewer left the numbers out"
    await world.decide_all(draft_id)
    release = await world.approve(draft_id)
    async with world.database.reading() as session:
        row = await draft_of(session, draft_id)
        assert row.left_out == [MEASURE]
        earlier = await released_before(session, world.node, row)
        lines = await release_log(session)
    assert [one.title for one in earlier] == ["Advisory homework start"]
    assert find_break(lines) is None
    assert release.sealed_facts is not None
    assert b"grade 7" not in release.sealed_facts


async def test_two_approvals_at_once_are_held_against_each_other(world: World) -> None:
    drafts = [await world.drafted(await world.closed_project(n=n, title=f"With {n}")) for n in (61, 60)]
    for draft_id in drafts:
        await world.decide_all(draft_id)
    done, refused = await outcomes(*(world.approve(draft_id) for draft_id in drafts))
    assert (len(done), [type(error) for error in refused]) == (1, [Conflict])


async def test_the_author_may_leave_numbers_out_and_put_them_back(world: World) -> None:
    await world.approved()
    draft_id = await world.drafted(await world.closed_project(n=60))
    with pytest.raises(InvalidInput):
        await keep_here(world, draft_id, "/measures/7")
    with pytest.raises(Conflict):
        await keep_here(world, draft_id, version=99)
    await keep_here(world, draft_id)
    shown = await world.preview(draft_id)
    assert (shown.draft.rung, shown.draft.blocked) == ("described", False)
    assert any(PUT_BACK in item.choices for item in shown.items)
    await keep_here(world, draft_id, stays=False)
    assert (await world.preview(draft_id)).draft.blocked
    async with world.database.writing() as session:
        row = await draft_of(session, draft_id)
        row.left_out = [MEASURE]
        await session.flush()
        await renew_snapshot(session, world.node, actor=ADA, draft_id=draft_id, version=row.version, now=world.clock())
    assert (await world.preview(draft_id)).draft.blocked, "facts taken anew have places of their own"


async def test_an_approval_is_not_held_against_itself_nor_against_one_that_was_taken_back(world: World) -> None:
    draft_id = await world.approved()
    assert not (await world.preview(draft_id)).draft.blocked
    async with world.database.writing() as session:
        await take_back(session, actor=BEN, draft_id=draft_id, now=world.clock())
    assert not (await world.preview(draft_id)).draft.blocked
    async with world.database.reading() as session:
        assert await released_before(session, world.node, await draft_of(session, draft_id)) == ()


async def test_releases_from_before_facts_were_kept_count_by_their_drafts(world: World) -> None:
    await world.approved()
    async with world.database.writing() as session:
        await session.execute(update(Release).values(sealed_facts=None))
    draft_id = await world.drafted(await world.closed_project(n=62))
    assert (await world.preview(draft_id)).draft.blocked
    async with world.database.reading() as session:
        (release,) = await session.scalars(select(Release))
        assert release.sealed_facts is None


async def test_a_reviewer_may_not_leave_out_what_nobody_asks_about(world: World) -> None:
    draft_id = await world.drafted(await world.closed_project())
    items = (await world.preview(draft_id)).items
    with pytest.raises(InvalidInput):
        async with world.database.writing() as session:
            given = {"decisions": {items[0].key: "leave-out"}, "now": world.clock()}
            await decide(session, world.node, actor=BEN, draft_id=draft_id, **given)


async def test_what_is_this_schools_own_is_searched_for_in_the_bytes(world: World) -> None:
    draft_id = await world.drafted(await world.closed_project(conditions="Write to the school.example people."))
    found = [item for item in (await world.preview(draft_id)).items if item.stage == "intruder"]
    assert [(item.code, item.severity) for item in found] == [("canary", "block")]


async def test_what_stands_in_many_a_text_by_chance_is_no_canary(world: World) -> None:
    async with world.database.writing() as session:
        before = await profile_of_school(session)
        values = {"directory_id": "12", "district": "Middle School"}
        await describe_school(
            session, actor=ADA, values=values, version=before.version, today=world.clock().date(), now=world.clock()
        )
    draft_id = await world.drafted(await world.closed_project(conditions="A middle school with 12 rooms."))
    assert [item.code for item in (await world.preview(draft_id)).items if item.stage == "intruder"] == []
