"""The second person, on both databases: who may decide, what an approval binds to, and what happens at once."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from nic_node.db.engine import Database
from nic_node.errors import Conflict, InvalidInput, NotAllowed
from nic_node.publishing import decide as deciding
from nic_node.publishing.decide import decide, take_back
from nic_node.publishing.drafts import draft_of, renew_snapshot, reword, send_back, start_draft
from nic_node.publishing.read import all_sharing, has_left
from nic_node.publishing.release_log import find_break, log_release, release_log
from nic_node.publishing.roster import roster_age
from nic_node.publishing.sealing import place_context, seal_document
from nic_node.publishing.slots import send_in_slot
from nic_node.publishing.states import DraftState, OutboxState
from nic_node.publishing.tables import OutboxRow, Release, ReleaseLogEntry, RosterRow
from nic_node.school.projects.tables import Project
from tests.conftest import TestClock
from tests.stores.publishing_stage import ADA, BEN, World, publishing_world
from tests.unit.accounts.stage import outcomes

SINGLING_OUT = {"worked": "Lists helped. The only Tagalog-speaking family in grade 7 asked for one."}
PATH = "/lessons/worked"


@pytest.fixture
async def world(database: Database, tmp_path: Path, clock: TestClock) -> AsyncIterator[World]:
    async with publishing_world(database, tmp_path, clock) as made:
        await made.join()
        yield made


async def change(world: World, draft_id: int, text: str, *, actor: Any = ADA) -> None:
    async with world.database.writing() as session:
        row = await draft_of(session, draft_id)
        await reword(
            session,
            world.node,
            actor=actor,
            draft_id=draft_id,
            path=PATH,
            text=text,
            version=row.version,
            now=world.clock(),
        )


async def count(world: World, model: type) -> int:
    async with world.database.reading() as session:
        return await session.scalar(select(func.count()).select_from(model)) or 0


async def test_the_author_neither_decides_nor_approves(world: World) -> None:
    draft_id = await world.drafted(await world.closed_project())
    with pytest.raises(NotAllowed):
        await world.decide_all(draft_id, actor=ADA)
    await world.decide_all(draft_id)
    with pytest.raises(NotAllowed):
        await world.approve(draft_id, actor=ADA)
    assert await count(world, Release) == 0


async def test_an_approval_needs_every_answer(world: World) -> None:
    draft_id = await world.drafted(await world.closed_project())
    with pytest.raises(Conflict, match="still open"):
        await world.approve(draft_id)
    await world.decide_all(draft_id)
    with pytest.raises(InvalidInput) as refused:
        await world.approve(draft_id, names_anyone=True, confirmation="nobody can be")
    assert set(refused.value.fields) == {"names_anyone", "confirmation"}
    with pytest.raises(Conflict, match="changed since you looked"):
        await world.approve(draft_id, sha256="0" * 64)
    release = await world.approve(draft_id, confirmation="  Nobody can  be named ")
    assert release.reviewer_id == BEN.person_id
    assert (await count(world, Release), await count(world, OutboxRow)) == (1, 1)


async def test_what_singles_out_blocks_until_a_person_rewrites_it(world: World) -> None:
    draft_id = await world.drafted(await world.closed_project(lessons=SINGLING_OUT))
    shown = await world.preview(draft_id)
    assert shown.draft.blocked
    item = next(item for item in shown.items if item.code == "SINGLING_OUT")
    with pytest.raises(InvalidInput):
        async with world.database.writing() as session:
            await decide(
                session, world.node, actor=BEN, draft_id=draft_id, decisions={item.key: "accept"}, now=world.clock()
            )
    await change(world, draft_id, "Lists helped; families asked for them.", actor=BEN)
    await world.decide_all(draft_id)
    await world.approve(draft_id)
    assert (await world.preview(draft_id)).draft.record["lessons"]["worked"] == "Lists helped; families asked for them."


async def test_an_edit_after_the_page_was_read_voids_what_was_seen(world: World) -> None:
    draft_id = await world.drafted(await world.closed_project())
    await world.decide_all(draft_id)
    seen = (await world.preview(draft_id)).sha256
    await change(world, draft_id, "Everybody started at once.")
    with pytest.raises(Conflict, match="open"):
        await world.approve(draft_id, sha256=seen)
    await world.decide_all(draft_id)
    with pytest.raises(Conflict, match="changed since"):
        await world.approve(draft_id, sha256=seen)


async def test_an_approved_draft_is_not_edited_but_taken_back(world: World) -> None:
    draft_id = await world.approved()
    with pytest.raises(Conflict):
        await change(world, draft_id, "Other words.")
    async with world.database.writing() as session:
        await take_back(session, actor=BEN, draft_id=draft_id, now=world.clock())
    assert await count(world, OutboxRow) == 0
    async with world.database.reading() as session:
        assert (await all_sharing(session))[0].state == DraftState.REVIEW
    await world.approve(draft_id)
    assert await count(world, Release) == 2


async def test_what_is_on_its_way_is_not_taken_back(world: World) -> None:
    draft_id = await world.approved()
    async with world.database.writing() as session:
        await session.execute(update(OutboxRow).values(state=OutboxState.ON_ITS_WAY))
    with pytest.raises(Conflict, match="on its way"):
        async with world.database.writing() as session:
            await take_back(session, actor=BEN, draft_id=draft_id, now=world.clock())


async def test_two_approvals_at_once_are_one(world: World) -> None:
    draft_id = await world.drafted(await world.closed_project())
    await world.decide_all(draft_id)
    done, refused = await outcomes(world.approve(draft_id), world.approve(draft_id))
    assert (len(done), [isinstance(error, Conflict) for error in refused]) == (1, [True])
    assert await count(world, OutboxRow) == 1


async def test_an_edit_and_an_approval_at_once(world: World) -> None:
    draft_id = await world.drafted(await world.closed_project())
    await world.decide_all(draft_id)
    _, refused = await outcomes(world.approve(draft_id), change(world, draft_id, "Other words."))
    assert [isinstance(error, Conflict) for error in refused] == [True]


async def test_two_drafts_of_a_project_at_once_are_one(world: World) -> None:
    project_id = await world.closed_project()
    done, refused = await outcomes(world.drafted(project_id), world.drafted(project_id))
    assert (len(done), [isinstance(error, Conflict) for error in refused]) == (1, [True])


async def test_decisions_at_once_are_both_kept(world: World) -> None:
    text = {"worked": "Mr. Castellanos helped on January 12."}
    draft_id = await world.drafted(await world.closed_project(lessons=text))
    items = [item for item in (await world.preview(draft_id)).items if item.open]

    async def one(item: Any) -> None:
        async with world.database.writing() as session:
            chosen = {item.key: "accept"}
            await decide(session, world.node, actor=BEN, draft_id=draft_id, decisions=chosen, now=world.clock())

    await asyncio.gather(*(one(item) for item in items))
    assert (await world.preview(draft_id)).open_items == 0
    async with world.database.reading() as session:
        assert find_break(await release_log(session)) is None


async def test_release_and_outbox_are_written_together_or_not_at_all(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft_id = await world.drafted(await world.closed_project())
    await world.decide_all(draft_id)

    async def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(deciding, "log_release", fail)
        with pytest.raises(RuntimeError):
            await world.approve(draft_id)
    assert (await count(world, Release), await count(world, OutboxRow)) == (0, 0)
    await world.approve(draft_id)


async def test_without_a_network_an_approval_waits(world: World) -> None:
    draft_id = await world.drafted(await world.closed_project())
    await world.decide_all(draft_id)
    world.clock.now = world.clock().replace(year=2031)
    await world.fill_roster()
    with pytest.raises(Conflict, match="does not let this school publish"):
        await world.approve(draft_id)


async def test_a_practice_is_replicated_once_and_never_ones_own(world: World) -> None:
    origin = f"{world.network.log.origin}#7"
    await world.approved(origin_record=origin)
    second = await world.closed_project(origin_record=origin)
    with pytest.raises(Conflict, match="already shared"):
        await world.drafted(second)
    own = f"{world.network.log.origin}#9"
    async with world.database.writing() as session:
        row = await session.scalar(select(OutboxRow))
        place = {"record_id": own, "epoch": 1, "jkt": "x", "is_witnessed": False}
        row.sealed_place = seal_document(world.node.operator_key, place, context=place_context(row.release_id))
    with pytest.raises(Conflict, match="your school's own"):
        await world.drafted(await world.closed_project(origin_record=own))


async def test_a_draft_that_is_sent_back_carries_its_note(world: World) -> None:
    project_id = await world.closed_project()
    draft_id = await world.drafted(project_id)
    async with world.database.writing() as session:
        row = await draft_of(session, draft_id)
        await send_back(session, actor=BEN, draft_id=draft_id, note="Say less.", version=row.version, now=world.clock())
    async with world.database.reading() as session:
        sharing = (await all_sharing(session))[0]
        assert (sharing.state, sharing.problem) == (DraftState.DRAFT, "Say less.")
        assert not await has_left(session, project_id)
    async with world.database.writing() as session:
        row = await draft_of(session, draft_id)
        with pytest.raises(Conflict):
            await renew_snapshot(
                session, world.node, actor=ADA, draft_id=draft_id, version=row.version - 1, now=world.clock()
            )


async def test_what_still_runs_is_not_drafted(world: World) -> None:
    project_id = await world.closed_project()
    async with world.database.writing() as session:
        await session.execute(update(Project).values(state="active"))
    with pytest.raises(Conflict, match="Close the project"):
        async with world.database.writing() as session:
            await start_draft(session, world.node, actor=ADA, project_id=project_id, now=world.clock())


async def test_the_release_log_shows_what_was_altered(world: World) -> None:
    await world.approved()
    async with world.database.reading() as session:
        lines = await release_log(session)
        assert find_break(lines) is None
        assert {line.code for line in lines} >= {"frozen", "asked", "approved"}
    async with world.database.writing() as session:
        await session.execute(update(ReleaseLogEntry).where(ReleaseLogEntry.id == lines[1].id).values(person_id=99))
    async with world.database.reading() as session:
        assert find_break(await release_log(session)) == lines[1].id


async def test_log_lines_at_once_make_one_chain(world: World) -> None:
    async def one(number: int) -> None:
        async with world.database.writing() as session:
            await log_release(session, draft_id=number, stage="review", code="asked", now=world.clock())

    await one(0)
    await asyncio.gather(*(one(number) for number in range(1, 6)))
    async with world.database.reading() as session:
        lines = await release_log(session)
    assert (len(lines), find_break(lines)) == (6, None)


async def test_the_roster_rests_sealed_and_grows_old(world: World) -> None:
    async with world.database.reading() as session:
        row = await session.scalar(select(RosterRow))
        today = world.clock().date()
        fresh = await roster_age(session, today=today)
        old = await roster_age(session, today=today + timedelta(days=181))
    assert b"Castellanos" not in row.sealed
    assert (fresh.entries, fresh.stale, old.stale) == (2, False, True)


async def test_with_an_old_roster_prose_stays_and_own_names_are_still_found(world: World) -> None:
    draft_id = await world.drafted(await world.closed_project(title="Homework at Rivermouth School"))
    world.clock.forward(days=200)
    shown = await world.preview(draft_id)
    assert "lessons" not in shown.draft.record
    assert "statement" not in shown.draft.record["problem"]
    assert shown.draft.record["title"] == "Homework at [our school]"
    assert "roster-stale" in {item.code for item in shown.items}


async def test_nothing_is_sent_before_the_school_is_in_a_term(world: World) -> None:
    await world.approved()
    assert await send_in_slot(world.node, world.name) is None
    assert world.network.taken == []
