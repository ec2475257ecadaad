"""Meetings and their action items, on both databases."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from nic_node.accounts.audit import audit_entries
from nic_node.config import read_config
from nic_node.db.engine import Database
from nic_node.errors import Conflict, InvalidInput, NotFound
from nic_node.mail.tables import Mail
from nic_node.school.actions.read import open_actions
from nic_node.school.actions.write import add_action, change_action, settle_action
from nic_node.school.known_names import NOBODY
from nic_node.school.meetings.agenda import AgendaLine, problem_in_focus, propose_agenda
from nic_node.school.meetings.hold import (
    decide,
    end_meeting,
    remove_decision,
    restore_decision,
    start_item,
    start_meeting,
)
from nic_node.school.meetings.minutes import send_minutes
from nic_node.school.meetings.pasted import PastedLine, keep_pasted
from nic_node.school.meetings.plan import (
    add_item,
    carry_item,
    change_item,
    change_meeting,
    move_item,
    plan_meeting,
    remove_item,
    restore_item,
    set_people,
)
from nic_node.school.meetings.prune import prune_meetings
from nic_node.school.meetings.read import next_meetings, past_meetings, view_meeting
from nic_node.school.meetings.tables import Meeting
from nic_node.school.projects.write import open_project
from tests.conftest import TestClock
from tests.stores.racing import DONE, overlapping
from tests.unit.accounts.stage import ADA, first_person, join

TODAY = date(2026, 10, 27)
BUS = AgendaLine(text="Bus stop: who asks the city", minutes=15)
WELCOME, CLOSING = AgendaLine(text="Welcome, norms", minutes=5), AgendaLine(text="Closing reflection", minutes=5)


@pytest.fixture
async def team(database: Database, clock: TestClock) -> Database:
    await first_person(database, clock)
    await join(database, clock, "jin@school.example", "ilt-member", name="Jin Park")
    return database


async def planned(database: Database, clock: TestClock, *agenda: AgendaLine, **values: Any) -> Meeting:
    known = {"title": "Leadership team", "held_on": TODAY, "minutes": 45, **values}
    async with database.writing() as session:
        return await plan_meeting(
            session,
            actor=ADA,
            values=known,
            agenda=agenda or (WELCOME, BUS, CLOSING),
            people=[1, 2],
            today=TODAY,
            now=clock(),
        )


async def held(database: Database, clock: TestClock, days_ago: int, *agenda: AgendaLine) -> Meeting:
    meeting = await planned(database, clock, *agenda, held_on=TODAY - timedelta(days=days_ago))
    async with database.writing() as session:
        await start_meeting(session, actor=ADA, meeting_id=meeting.id, now=clock())
        await end_meeting(session, actor=ADA, meeting_id=meeting.id, now=clock.forward(minutes=40))
    return meeting


async def test_items_run_one_after_the_other_and_time_is_kept(team: Database, clock: TestClock) -> None:
    meeting = await planned(team, clock)
    async with team.writing() as session:
        await start_meeting(session, actor=ADA, meeting_id=meeting.id, now=clock())
        await start_meeting(session, actor=ADA, meeting_id=meeting.id, now=clock.forward(minutes=4))
        items = (await view_meeting(session, meeting.id, TODAY)).items
        assert [one.is_running for one in items] == [True, False, False]
        await start_item(session, actor=ADA, item_id=items[1].item.id, now=clock())
        assert [one.is_running for one in items] == [False, True, False]
        await end_meeting(session, actor=ADA, meeting_id=meeting.id, now=clock.forward(minutes=36))
        view = await view_meeting(session, meeting.id, TODAY)
        assert (view.held_minutes, view.planned_minutes) == (40, 25)
        assert not any(one.is_running for one in view.items)
    async with team.writing() as session:
        with pytest.raises(Conflict, match="over"):
            await start_item(session, actor=ADA, item_id=items[2].item.id, now=clock())
    async with team.reading() as session:
        assert [one.id for one in await past_meetings(session, TODAY)] == [meeting.id]
        assert await next_meetings(session, TODAY) == []


async def test_an_item_three_times_undecided_is_named_until_it_is_decided(team: Database, clock: TestClock) -> None:
    first = await held(team, clock, 14)
    await held(team, clock, 7, AgendaLine(text=" bus STOP: who asks  the city", minutes=5))
    today = await planned(team, clock)
    async with team.writing() as session:
        view = await view_meeting(session, today.id, TODAY)
        assert [(one.times, one.is_named) for one in view.items] == [(0, False), (3, True), (0, False)]
        # Whoever says why it waits has overruled that, for this time; the reason is kept and in the audit log.
        why = {"waits_because": "The city answers in May."}
        named = view.items[1].item
        await change_item(session, actor=ADA, item_id=named.id, values=why, version=named.version, now=clock())
        view = await view_meeting(session, today.id, TODAY)
        assert (view.items[1].is_named, view.items[1].times) == (False, 3)
        assert (await audit_entries(session, after=None, limit=1))[0].after == why
        # Decided at the first meeting, it has come twice since, this one included.
        item = (await view_meeting(session, first.id, TODAY)).items[1].item
        decision = await decide(session, actor=ADA, meeting_id=first.id, item_id=item.id, text="Ada asks", now=clock())
        assert (await view_meeting(session, today.id, TODAY)).items[1].times == 2
        await remove_decision(session, actor=ADA, decision_id=decision.id, now=clock())
        assert (await view_meeting(session, today.id, TODAY)).items[1].times == 3
        await restore_decision(session, actor=ADA, decision_id=decision.id, now=clock())
        assert (await view_meeting(session, today.id, TODAY)).items[1].times == 2


async def test_an_agenda_is_proposed_from_the_work(team: Database, clock: TestClock) -> None:
    await held(team, clock, 7)
    async with team.writing() as session:
        words = "Students come late."
        values = {"title": "Breakfast check-in", "starts_on": TODAY - timedelta(days=25), "problem_statement": words}
        project = await open_project(session, actor=ADA, values=values, now=clock(), today=clock().date())
        await open_project(
            session, actor=ADA, values=values | {"title": "New", "starts_on": TODAY}, now=clock(), today=clock().date()
        )
        action = {"text": "Call them", "due": TODAY - timedelta(days=1)}
        await add_action(session, actor=ADA, values=action, today=TODAY, now=clock())
    async with team.reading() as session:
        proposed = await propose_agenda(session, TODAY)
        assert await problem_in_focus(session, proposed) == words
        assert await problem_in_focus(session, proposed[:2]) == ""
    assert [(line.text, line.project_id) for line in proposed] == [
        ("Welcome, norms", None),
        ("Bus stop: who asks the city", None),
        ("Breakfast check-in: mid-way check", project.id),
        ("Open action items: 1, 1 of them late", None),
        ("Closing reflection", None),
    ]


async def test_the_agenda_is_changed_in_place_and_nothing_is_lost(team: Database, clock: TestClock) -> None:
    meeting, later = await planned(team, clock), await planned(team, clock, WELCOME)
    async with team.writing() as session:
        line = AgendaLine(text="Field day", minutes=10)
        added = await add_item(session, actor=ADA, meeting_id=meeting.id, line=line, now=clock())
        await move_item(session, actor=ADA, item_id=added.id, up=True, now=clock())
        await move_item(session, actor=ADA, item_id=added.id, up=True, now=clock())
        await move_item(session, actor=ADA, item_id=added.id, up=True, now=clock())
        texts = [one.item.text for one in (await view_meeting(session, meeting.id, TODAY)).items]
        assert texts == ["Field day", WELCOME.text, BUS.text, CLOSING.text]
        await remove_item(session, actor=ADA, item_id=added.id, now=clock())
        assert len((await view_meeting(session, meeting.id, TODAY)).items) == 3
        await restore_item(session, actor=ADA, item_id=added.id, now=clock())
        noted = await change_item(
            session, actor=ADA, item_id=added.id, values={"notes": "Who comes?"}, version=added.version, now=clock()
        )
        copied = await carry_item(session, actor=ADA, item_id=added.id, to_meeting_id=later.id, now=clock())
        assert (copied.topic, copied.notes, noted.notes) == ("field day", "", "Who comes?")
        await remove_item(session, actor=ADA, item_id=copied.id, now=clock())
        await prune_meetings(session, now=clock.forward(days=30))
        await restore_item(session, actor=ADA, item_id=copied.id, now=clock())
        await remove_item(session, actor=ADA, item_id=copied.id, now=clock())
        await prune_meetings(session, now=clock.forward(days=31))
    async with team.writing() as session:
        with pytest.raises(NotFound):
            await restore_item(session, actor=ADA, item_id=copied.id, now=clock())
        with pytest.raises(Conflict, match="Theirs stands below"):
            values = {"notes": "Mine"}
            await change_item(session, actor=ADA, item_id=added.id, values=values, version=1, now=clock())


async def test_two_who_save_the_same_at_once_lose_nothing(team: Database, clock: TestClock) -> None:
    meeting = await planned(team, clock)
    async with team.reading() as session:
        item = (await view_meeting(session, meeting.id, TODAY)).items[1].item

    def noting(text: str) -> Any:
        values = {"notes": text}
        return lambda session: change_item(
            session, actor=ADA, item_id=item.id, values=values, version=item.version, now=clock()
        )

    def closing(text: str) -> Any:
        return lambda session: change_meeting(
            session,
            actor=ADA,
            meeting_id=meeting.id,
            values={"closing": text},
            version=meeting.version,
            today=TODAY,
            now=clock(),
        )

    assert await overlapping(team, noting("Hers"), noting("His")) == (DONE, "Conflict")
    assert await overlapping(team, closing("Hers"), closing("His")) == (DONE, "Conflict")

    def adding(text: str) -> Any:
        line = AgendaLine(text=text, minutes=5)
        return lambda session: add_item(session, actor=ADA, meeting_id=meeting.id, line=line, now=clock())

    assert await overlapping(team, adding("One"), adding("Two")) == (DONE, DONE)
    async with team.reading() as session:
        items = (await view_meeting(session, meeting.id, TODAY)).items
    assert items[1].item.notes == "Hers"
    assert len({one.item.position for one in items}) == len(items) == 5


async def test_an_action_item_comes_of_a_decision_and_is_late_after_its_day(team: Database, clock: TestClock) -> None:
    meeting = await held(team, clock, 0)
    async with team.writing() as session:
        decision = await decide(session, actor=ADA, meeting_id=meeting.id, item_id=None, text="Move it", now=clock())
        values = {"text": "Move the table", "owner_id": 2, "due": TODAY, "meeting_id": meeting.id}
        item = await add_action(
            session, actor=ADA, values=values | {"decision_id": decision.id}, today=TODAY, now=clock()
        )
        await add_action(session, actor=ADA, values={"text": "Buy tea"}, today=TODAY, now=clock())
    async with team.reading() as session:
        (line, *others) = await open_actions(session, TODAY + timedelta(days=2))
        assert (line.owner, line.late, line.meeting) == ("Jin Park", 2, "Leadership team")
        assert [(one.owner, one.late) for one in others] == [("Ada Field", 0)]
        assert [one.item.text for one in await open_actions(session, TODAY, owner_id=2)] == ["Move the table"]
    async with team.writing() as session:
        for _ in range(2):
            settled = await settle_action(session, actor=ADA, action_id=item.id, state="done", today=TODAY, now=clock())
        assert (settled.state, settled.settled_on, settled.version) == ("done", TODAY, 2)
        await change_action(
            session, actor=ADA, action_id=item.id, values={"text": "X"}, version=2, today=TODAY, now=clock()
        )
    async with team.reading() as session:
        entries = await audit_entries(session, after=None, limit=4)
    assert [entry.action for entry in entries[:3]] == ["action.changed", "action.settled", "action.added"]
    assert entries[1].before == {"state": "open", "settled_on": None}


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"text": " "}, "text"),
        ({"text": "x" * 301}, "text"),
        ({"due": date(1926, 10, 27)}, "due"),
        ({"owner_id": 99}, "owner_id"),
        ({"project_id": 99}, "project_id"),
    ],
)
async def test_an_action_item_that_cannot_be_meant_is_refused(
    team: Database, clock: TestClock, values: dict[str, Any], field: str
) -> None:
    async with team.writing() as session:
        with pytest.raises(InvalidInput) as refused:
            await add_action(session, actor=ADA, values={"text": "Call", **values}, today=TODAY, now=clock())
    assert list(refused.value.fields) == [field]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"title": ""}, "title"),
        ({"held_on": date(1926, 10, 27)}, "held_on"),
        ({"begins_at": "quarter past"}, "begins_at"),
        ({"minutes": 0}, "minutes"),
        ({"facilitator_id": 99}, "facilitator_id"),
    ],
)
async def test_a_meeting_that_cannot_be_meant_is_refused(
    team: Database, clock: TestClock, values: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await planned(team, clock, **values)
    assert list(refused.value.fields) == [field]


async def test_minutes_go_out_once_the_meeting_is_over(team: Database, clock: TestClock, tmp_path: Any) -> None:
    config = read_config(tmp_path, {})
    await join(team, clock, "tea@school.example", "teacher", name="Tea Cher")
    meeting = await planned(team, clock)

    async def send(to: str) -> int:
        async with team.writing() as session:
            return await send_minutes(
                session, config, actor=ADA, meeting_id=meeting.id, to=to, names=NOBODY, today=TODAY, now=clock()
            )

    with pytest.raises(Conflict, match="End the meeting"):
        await send("expected")
    async with team.writing() as session:
        await start_meeting(session, actor=ADA, meeting_id=meeting.id, now=clock())
        pasted = [
            PastedLine("decision", "The <table> moves"),
            PastedLine("action", "Ask the custodian @Jin by Friday"),
            PastedLine("note", "The line was too public."),
            PastedLine("skip", "Lunch"),
        ]
        people = {1: "Ada Field", 2: "Jin Park"}
        kept = await keep_pasted(
            session, actor=ADA, meeting_id=meeting.id, lines=pasted, people=people, today=TODAY, now=clock()
        )
        assert kept == {"decision": 1, "action": 1, "note": 1, "skip": 1}
        await end_meeting(session, actor=ADA, meeting_id=meeting.id, now=clock())
        await set_people(session, actor=ADA, meeting_id=meeting.id, expected=[1], came=[2], now=clock())
    assert await send("expected") == 2
    assert await send("everybody") == 3
    with pytest.raises(InvalidInput):
        await send("nobody")
    async with team.reading() as session:
        view = await view_meeting(session, meeting.id, TODAY)
        assert [(one.name, one.came) for one in view.people] == [("Ada Field", False), ("Jin Park", True)]
        assert view.meeting.minutes_sent_at == clock()
        chosen = select(Mail).where(Mail.event == "minutes").order_by(Mail.id)
        mails = (await session.scalars(chosen)).all()
    assert {mail.to_name for mail in mails[:2]} == {"Ada Field", "Jin Park"}
    for said in ("The <table> moves", "Ask the custodian: Jin Park, by October 30, 2026", "The line was too public."):
        assert said in mails[0].text
    assert "The &lt;table&gt; moves" in mails[0].html


async def test_a_line_that_cannot_be_kept_keeps_none(team: Database, clock: TestClock) -> None:
    meeting = await planned(team, clock)
    lines = [PastedLine("decision", "Good"), PastedLine("action", "Print by 2/30")]
    with pytest.raises(InvalidInput) as refused:
        async with team.writing() as session:
            await keep_pasted(
                session, actor=ADA, meeting_id=meeting.id, lines=lines, people={}, today=TODAY, now=clock()
            )
    assert list(refused.value.fields) == ["lines.1"]
    async with team.reading() as session:
        assert (await view_meeting(session, meeting.id, TODAY)).loose == []
        with pytest.raises(NotFound):
            await view_meeting(session, 99, TODAY)
        assert await session.scalar(select(func.count()).select_from(Meeting)) == 1
