"""Today by e-mail and in one's calendar: chosen, off by one press, and nothing of coaching; on both databases."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from nic_node.accounts.actor import Actor
from nic_node.accounts.tables import Person
from nic_node.config import Config, read_config
from nic_node.db.engine import Database
from nic_node.errors import InvalidInput, NotFound
from nic_node.keyring.operator_key import OperatorKey
from nic_node.mail.tables import Mail
from nic_node.school.actions.write import add_action
from nic_node.school.coaching.write import begin_coaching, write_note
from nic_node.school.meetings.plan import plan_meeting
from nic_node.school.projects.write import open_project, replace_steps
from nic_node.today.feed import entries_of
from nic_node.today.ics import Entry, calendar_file
from nic_node.today.jobs import mail_today, next_morning
from nic_node.today.reach import FEED, OFF, choose_mail, end_feed, link_of, make_feed, person_of_feed, stop_mail
from tests.conftest import TestClock
from tests.fakes.library import TEXTING, Library, described
from tests.unit.accounts.stage import ADA, first_person, join

KEY = OperatorKey(bytes(range(32)))
MONDAY = date(2026, 10, 26)
TUESDAY = MONDAY + timedelta(days=1)
JIN = Actor(person_id=2, name="Jin Park", kind="person")


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return read_config(tmp_path, {"NIC_PUBLIC_URL": "https://alder.example", "NIC_TIME_ZONE": "America/New_York"})


@pytest.fixture
async def school(database: Database, clock: TestClock) -> Database:
    """Ada and Jin; Jin has an action item, a step, a meeting, and a next step of coaching."""
    await first_person(database, clock)
    await join(database, clock, "jin@school.example", "coach", name="Jin Park")
    async with database.writing() as session:
        now = clock()
        words: dict[str, Any] = {"text": "Call <them>; soon", "due": TUESDAY}
        await add_action(session, actor=JIN, values=words, today=MONDAY, now=now)
        project = await open_project(
            session, actor=JIN, values={"title": "Texts", "starts_on": MONDAY}, now=now, today=now.date()
        )
        steps = [{"does": "Print", "due": TUESDAY}]
        await replace_steps(session, actor=JIN, project_id=project.id, steps=steps, version=1, now=now)
        planned = {"title": "Team", "held_on": TUESDAY, "minutes": 45, "begins_at": "15:15", "place": "Library, 2"}
        await plan_meeting(session, actor=ADA, values=planned, agenda=(), people=[1, 2], today=MONDAY, now=now)
        asked: dict[str, Any] = {"actor": JIN, "today": MONDAY, "now": now}
        cycle = await begin_coaching(session, KEY, is_coach=True, other_id=1, goal="Zebra", goal_id=None, **asked)
        note = {"next_step": "Zebra waits", "due": TUESDAY}
        await write_note(session, KEY, cycle_id=cycle.id, values=note, **asked)
    return database


async def mailed(database: Database, config: Config, clock: TestClock, today: date) -> list[Mail]:
    async with database.writing() as session:
        await mail_today(session, config, KEY, today=today, now=clock())
        return list(await session.scalars(select(Mail).where(Mail.event == "today").order_by(Mail.id)))


async def test_today_comes_by_e_mail_as_one_chose(school: Database, config: Config, clock: TestClock) -> None:
    assert await mailed(school, config, clock, MONDAY) == []
    async with school.writing() as session:
        await choose_mail(session, actor=ADA, mail="weekly", now=clock())
        await choose_mail(session, actor=JIN, mail="daily", now=clock())
        with pytest.raises(InvalidInput):
            await choose_mail(session, actor=JIN, mail="hourly", now=clock())
    weekly, daily = await mailed(school, config, clock, MONDAY)
    assert ("Meeting: Team, October 27, 2026, 15:15" in weekly.text, "Meeting" in daily.text) == (True, False)
    for said in ("This week, one act for each goal:", "* Texts: Print, Jin Park", "Yours to do:"):
        assert (said in weekly.text, said in daily.text) == (said != "Yours to do:", True)
    assert len(await mailed(school, config, clock, MONDAY)) == 2, "once a day"
    mails = await mailed(school, config, clock, TUESDAY)
    assert [mail.to_name for mail in mails[2:]] == ["Jin Park"]
    text = mails[-1].text
    for said in ("Call <them>; soon, by October 27, 2026", "Meeting: Team, 15:15, Library, 2", "coaching is open"):
        assert said in text
    assert "Zebra" not in text + mails[-1].html
    assert "Call &lt;them&gt;; soon" in mails[-1].html


async def test_a_link_in_the_e_mail_stops_it_and_nobody_elses(
    school: Database, config: Config, clock: TestClock
) -> None:
    async with school.writing() as session:
        for actor in (ADA, JIN):
            await choose_mail(session, actor=actor, mail="daily", now=clock())
        right = link_of(KEY, OFF, 2)
        for wrong in ("", "2", "x-y", right[:-1], right.replace("2-", "1-", 1), link_of(KEY, FEED, 2), "é-1", "9" * 99):
            with pytest.raises(NotFound):
                await stop_mail(session, KEY, link=wrong, now=clock())
        await stop_mail(session, KEY, link=right, now=clock())
    assert [mail.to_name for mail in await mailed(school, config, clock, TUESDAY)] == ["Ada Field"]


async def test_who_has_nothing_of_their_own_gets_no_e_mail(school: Database, config: Config, clock: TestClock) -> None:
    """What is late at others, and a meeting without them, are no reason to write."""
    await join(school, clock, "tea@school.example", "teacher", name="Tea Cher")
    async with school.writing() as session:
        await choose_mail(session, actor=Actor(person_id=3, name="Tea Cher", kind="person"), mail="daily", now=clock())
    assert await mailed(school, config, clock, TUESDAY + timedelta(days=2)) == []


async def test_who_left_gets_nothing(school: Database, config: Config, clock: TestClock) -> None:
    async with school.writing() as session:
        await choose_mail(session, actor=JIN, mail="daily", now=clock())
        (await session.get_one(Person, 2)).active = False
    assert await mailed(school, config, clock, TUESDAY) == []


async def test_a_calendar_has_ones_dates_until_its_link_ends(
    school: Database, config: Config, clock: TestClock
) -> None:
    async with school.writing() as session:
        first = (await make_feed(session, actor=JIN, now=clock())).feed
        second = (await make_feed(session, actor=JIN, now=clock())).feed
        with pytest.raises(NotFound):
            await person_of_feed(session, KEY, link_of(KEY, FEED, 2, first))
        assert await person_of_feed(session, KEY, link_of(KEY, FEED, 2, second)) == 2
        entries = await entries_of(session, config, person_id=2, today=MONDAY)
        assert [one.title for one in await entries_of(session, config, person_id=1, today=MONDAY)] == ["Team"]
        await end_feed(session, actor=JIN, now=clock())
        for turn in (second, -second, 0):
            with pytest.raises(NotFound):
                await person_of_feed(session, KEY, link_of(KEY, FEED, 2, turn))
        third = (await make_feed(session, actor=JIN, now=clock())).feed
        assert third not in (first, second)
    text = calendar_file("Alder", entries, now=clock())
    assert "Zebra" not in text
    for line in (
        "SUMMARY:Call <them>\\; soon",
        "DTSTART;VALUE=DATE:20261027",
        "SUMMARY:Print (Texts)",
        "SUMMARY:Texts: last day",
        "DTSTART:20261027T191500Z",
        "DTEND:20261027T200000Z",
        "LOCATION:Library\\, 2",
        "UID:meeting-1@alder.example",
    ):
        assert f"\r\n{line}\r\n" in text


def test_a_long_line_is_folded_between_characters() -> None:
    title = "é" * 100 + "\nnext\x00"
    text = calendar_file("A", [Entry(uid="1", title=title, day=MONDAY)], now=datetime(2026, 10, 26, tzinfo=UTC))
    lines = text.split("\r\n")
    assert max(len(line.encode()) for line in lines) <= 75
    assert "".join(lines).replace(" ", "").count("é") == 100
    assert "\x00" not in text
    assert "\\nnext" in text.replace("\r\n ", "")


def test_mornings_follow_the_schools_clock() -> None:
    zone = "America/New_York"
    at = next_morning(datetime(2026, 10, 31, 12, tzinfo=UTC), zone)
    assert at == datetime(2026, 11, 1, 6, 30, tzinfo=ZoneInfo(zone))
    assert at.astimezone(UTC).hour == 11, "the night in which the clock goes back"
    assert next_morning(datetime(2026, 10, 27, 9, tzinfo=UTC), zone).astimezone(ZoneInfo(zone)).date() == TUESDAY


async def test_the_e_mail_counts_what_schools_like_ours_shared_since_the_last_one(
    school: Database, config: Config, clock: TestClock
) -> None:
    """By number: a title would stay in letters when it is taken back."""
    library = Library(school, clock)
    await library.open()
    await library.add(TEXTING, "ada", context="rural")
    async with school.writing() as session:
        await choose_mail(session, actor=JIN, mail="daily", now=clock())
    [first] = await mailed(school, config, clock, MONDAY)
    await library.add(described("Advisory groups", "advisory"), "cem", context="rural")
    second = (await mailed(school, config, clock, TUESDAY))[-1]
    third = (await mailed(school, config, clock, TUESDAY + timedelta(days=1)))[-1]
    told = [
        f"One new practice from a school like yours: {config.public_url}/learn" in one.text
        for one in (first, second, third)
    ]
    assert told == [False, True, False]
    assert "Advisory" not in second.text + second.html
