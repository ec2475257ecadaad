"""Learning communities, whose ideas become cycles and projects in one act, on both databases."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from nic_node.db.engine import Database
from nic_node.errors import Conflict, InvalidInput, NotFound
from nic_node.school.communities.read import CommunityView, list_communities, view_community
from nic_node.school.communities.write import (
    change_community,
    found_community,
    hold_session,
    keep_artefact,
    recommend_trial,
    try_as_project,
    try_in_cycle,
)
from nic_node.school.cycles.tables import Cycle
from nic_node.school.projects.tables import Project
from nic_node.school.projects.write import open_project
from tests.conftest import TestClock
from tests.stores.racing import DONE, overlapping
from tests.unit.accounts.stage import ADA, first_person, join

TODAY = date(2026, 10, 27)
IDEA = "Explain first, then solve, " + "and say why " * 20


@pytest.fixture
async def community(database: Database, clock: TestClock) -> int:
    await first_person(database, clock)
    await join(database, clock, "jin@school.example", "teacher", name="Jin Park")
    async with database.writing() as session:
        values = {"name": "Grade 6 math", "focus": "Explaining"}
        return (await found_community(session, actor=ADA, values=values, members=[2], now=clock())).id


async def seen(database: Database, community: int) -> CommunityView:
    async with database.reading() as session:
        return await view_community(session, community)


async def recommended(database: Database, clock: TestClock, community: int, idea: str = IDEA) -> int:
    async with database.writing() as session:
        return (await recommend_trial(session, actor=ADA, community_id=community, idea=idea, now=clock())).id


async def test_a_community_meets_keeps_and_recommends(database: Database, clock: TestClock, community: int) -> None:
    async with database.writing() as session:
        for ago, stage in ((7, "check"), (0, "scan")):
            await hold_session(
                session,
                actor=ADA,
                community_id=community,
                held_on=TODAY - timedelta(days=ago),
                stage=stage,
                notes="",
                today=TODAY,
                now=clock(),
            )
        link = "https://example.org/ticket"
        await keep_artefact(session, actor=ADA, community_id=community, title="Ticket", link=link, now=clock())
    await recommended(database, clock, community)
    view = await seen(database, community)
    assert view.members == [(2, "Jin Park")]
    assert [held.stage for held in view.sessions] == ["scan", "check"]
    assert [(one.by, one.became) for one in view.trials] == [("Ada Field", "")]
    assert view.artefacts[0].link == link
    async with database.writing() as session:
        closed = {"is_closed": True}
        await change_community(
            session, actor=ADA, community_id=community, values=closed, members=[1, 2], version=1, now=clock()
        )
        with pytest.raises(Conflict):
            await change_community(
                session, actor=ADA, community_id=community, values=closed, members=[], version=1, now=clock()
            )
    assert len((await seen(database, community)).members) == 2
    async with database.reading() as session:
        assert [one.is_closed for one in await list_communities(session)] == [True]


async def test_an_idea_becomes_a_cycle_in_one_act(database: Database, clock: TestClock, community: int) -> None:
    trial = await recommended(database, clock, community)
    async with database.writing() as session:
        values = {"title": "Explaining", "starts_on": TODAY - timedelta(days=9)}
        project = await open_project(session, actor=ADA, values=values, now=clock(), today=clock().date())

    def trying(session: Any) -> Any:
        return try_in_cycle(session, actor=ADA, trial_id=trial, project_id=project.id, today=TODAY, now=clock())

    with pytest.raises(InvalidInput):
        async with database.writing() as session:
            await try_in_cycle(session, actor=ADA, trial_id=trial, project_id=None, today=TODAY, now=clock())
    assert await overlapping(database, trying, trying) == (DONE, "Conflict")
    async with database.reading() as session:
        (cycle,) = await session.scalars(select(Cycle))
    assert (cycle.question, cycle.starts_on) == (IDEA.strip(), TODAY)
    (tried,) = (await seen(database, community)).trials
    assert (tried.became, tried.cycle_number, tried.project_id) == ("Explaining", 1, project.id)


async def test_an_idea_becomes_a_project_in_one_act(database: Database, clock: TestClock, community: int) -> None:
    trial = await recommended(database, clock, community)
    async with database.writing() as session:
        project = await try_as_project(session, actor=ADA, trial_id=trial, today=TODAY, now=clock())
        assert (project.title[-1], project.idea_summary) == ("…", IDEA.strip())
        assert len(project.title) <= 120
        with pytest.raises(Conflict, match="being tried"):
            await try_as_project(session, actor=ADA, trial_id=trial, today=TODAY, now=clock())
        with pytest.raises(NotFound):
            await try_as_project(session, actor=ADA, trial_id=99, today=TODAY, now=clock())
    async with database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(Project)) == 1


async def test_what_cannot_be_meant_is_refused_beside_its_field(
    database: Database, clock: TestClock, community: int
) -> None:
    named: dict[str, Any] = {"actor": ADA, "community_id": community, "now": clock()}
    met = {"held_on": TODAY, "stage": "scan", "notes": "", "today": TODAY, **named}
    tries = [
        (found_community, {"actor": ADA, "values": {"name": " "}, "members": [], "now": clock()}, "name"),
        (found_community, {"actor": ADA, "values": {"name": "A"}, "members": [99], "now": clock()}, "members"),
        (hold_session, {**met, "stage": "nap"}, "stage"),
        (hold_session, {**met, "held_on": date(1926, 1, 1)}, "held_on"),
        (keep_artefact, {"title": "", "link": "", **named}, "title"),
        (keep_artefact, {"title": "T", "link": "javascript:alert(1)", **named}, "link"),
        (recommend_trial, {"idea": " ", **named}, "idea"),
    ]
    for verb, values, field in tries:
        with pytest.raises(InvalidInput) as refused:
            async with database.writing() as session:
                await verb(session, **values)
        assert list(refused.value.fields) == [field]
