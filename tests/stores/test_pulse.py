"""Pulse tells nothing of few, nothing before its close, and keeps no answer as a row, on both databases."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, func, select

from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import audit_entries
from nic_node.db.engine import Database
from nic_node.db.rows import read_rows, tables_of
from nic_node.errors import Conflict, InvalidInput, NotFound
from nic_node.keyring.operator_key import OperatorKey
from nic_node.school.jobs import prune
from nic_node.school.pulse.slips import slips_of
from nic_node.school.pulse.survey import (
    answer_as_staff,
    answer_by_link,
    close_survey,
    has_answered,
    open_survey,
    trend,
    view_survey,
)
from nic_node.school.pulse.tables import PulseCount, PulseSurvey, PulseTurn
from tests.conftest import TestClock
from tests.stores.racing import DONE, overlapping
from tests.unit.accounts.stage import ADA, first_person

KEY = OperatorKey(bytes(range(32)))
TODAY = date(2026, 10, 27)
ITEMS = [("efficacy", "We reach them."), ("own", "The tea is good.")]


@pytest.fixture
async def school(database: Database, clock: TestClock) -> Database:
    await first_person(database, clock)
    return database


async def asked(database: Database, clock: TestClock, **values: Any) -> PulseSurvey:
    known = {
        "title": "October",
        "audience": "staff",
        "asked": 12,
        "opens_on": TODAY,
        "closes_on": TODAY + timedelta(days=14),
        **values,
    }
    items = known.pop("items", ITEMS)
    async with database.writing() as session:
        return await open_survey(session, actor=ADA, values=known, items=items, zone="America/New_York", now=clock())


def answering(clock: TestClock, survey: PulseSurvey, person: int, *values: int, today: date = TODAY) -> Any:
    """Somebody of the staff answers the first questions."""

    async def answer(session: Any) -> None:
        items = (await view_survey(session, survey.id, today)).items
        await answer_as_staff(
            session,
            KEY,
            actor=Actor(person_id=person, name="Somebody", kind="person"),
            survey_id=survey.id,
            answers={item.id: value for item, value in zip(items, values, strict=False)},
            today=today,
        )

    return answer


async def answered(database: Database, clock: TestClock, survey: PulseSurvey, people: int, *values: int) -> None:
    async with database.writing() as session:
        for person in range(1, people + 1):
            await answering(clock, survey, person, *values)(session)


async def closed(database: Database, clock: TestClock, survey: PulseSurvey) -> list[float | None]:
    """What is told after the close."""
    async with database.writing() as session:
        await close_survey(session, actor=ADA, survey_id=survey.id, now=clock())
        view = await view_survey(session, survey.id, TODAY)
        assert view.is_told == any(one.mean is not None for one in view.results)
        return [one.mean for one in view.results]


async def test_results_come_at_the_close_and_from_the_smallest_number_on(school: Database, clock: TestClock) -> None:
    survey = await asked(school, clock)
    await answered(school, clock, survey, 4, 4, 2)
    async with school.writing() as session:
        await answering(clock, survey, 5, 5)(session)
        view = await view_survey(session, survey.id, TODAY)
        assert (view.is_open, view.is_told, view.results) == (True, False, [])
    # Four answered the second question: it is not told, though five answered the survey.
    assert await closed(school, clock, survey) == [4.2, None]
    async with school.reading() as session:
        assert await trend(session) == [("efficacy", "staff", [(survey.closes_on, 4.2)])]
        assert [await session.scalar(select(func.count()).select_from(one)) for one in (PulseTurn, PulseCount)] == [
            0,
            0,
        ]
    with pytest.raises(Conflict, match="closed"):
        async with school.writing() as session:
            await answering(clock, survey, 6, 3)(session)


@pytest.mark.parametrize(("audience", "enough"), [("staff", 5), ("students", 10), ("families", 10)])
async def test_of_fewer_everything_is_erased(school: Database, clock: TestClock, audience: str, enough: int) -> None:
    survey = await asked(school, clock, audience=audience, closes_on=TODAY)
    async with school.writing() as session:
        item = (await view_survey(session, survey.id, TODAY)).items[0].id
        for person in range(1, enough):
            if audience == "staff":
                await answering(clock, survey, person, 5)(session)
            else:
                slip = slips_of(KEY, survey)[person]
                await answer_by_link(session, KEY, link=slip, answers={item: 5}, today=TODAY)
        if audience != "staff":
            with pytest.raises(NotFound):
                await answering(clock, survey, 1, 5)(session)
        evening, night = [datetime(2026, 10, 28, hour, tzinfo=UTC) for hour in (9, 11)]  # 23:00 and 1:00 there
        await prune(session, zone="Pacific/Honolulu", now=evening)
        assert (await session.get_one(PulseSurvey, survey.id)).closed_at is None
        await prune(session, zone="Pacific/Honolulu", now=night)
    async with school.reading() as session:
        view = await view_survey(session, survey.id, TODAY)
        assert (view.is_open, view.is_told, [one.mean for one in view.results]) == (False, False, [None, None])
        assert await session.scalar(select(func.count()).select_from(PulseCount)) == 0


async def test_the_same_people_are_not_asked_twice_in_four_weeks(school: Database, clock: TestClock) -> None:
    survey = await asked(school, clock)
    await answered(school, clock, survey, 5, 3)
    clock.forward(hours=14)  # ten in the evening at the school, the next day in Greenwich
    await closed(school, clock, survey)
    for opens in (TODAY + timedelta(days=27), TODAY - timedelta(days=27)):
        with pytest.raises(InvalidInput) as refused:
            await asked(school, clock, opens_on=opens, closes_on=opens)
        assert "four weeks" in refused.value.fields["opens_on"][0]
    await asked(school, clock, audience="families")
    await asked(school, clock, opens_on=TODAY + timedelta(days=28), closes_on=TODAY + timedelta(days=28))


async def test_an_answer_is_no_row_and_has_no_author(school: Database, clock: TestClock) -> None:
    survey = await asked(school, clock)
    await answered(school, clock, survey, 2, 4, 1)

    def dump(connection: Connection) -> dict[str, list[dict[str, Any]]]:
        rooms = tables_of(connection, lambda name: name.startswith("pulse_"))
        return {table.name: [dict(row) for row in read_rows(connection, table)] for table in rooms}

    async with school.reading() as session:
        rows = await (await session.connection()).run_sync(dump)
        told = [one for one in await audit_entries(session, after=None, limit=20) if one.subject == "pulse"]
        assert await has_answered(session, KEY, survey.id, 1)
        assert not await has_answered(session, KEY, survey.id, 3)
    assert len(rows["pulse_counts"]) == 10
    assert [row["count"] for row in rows["pulse_counts"] if row["count"]] == [2, 2]
    assert [sorted(row) for row in rows["pulse_turns"]] == [["id", "survey_id", "tag"]] * 2
    assert [(one.action, one.before, one.after) for one in told] == [("pulse.opened", None, None)]


async def test_one_answers_once_even_at_once_and_no_more_than_were_asked(school: Database, clock: TestClock) -> None:
    survey = await asked(school, clock, asked=5)
    ended = await overlapping(school, answering(clock, survey, 1, 4), answering(clock, survey, 1, 4))
    assert ended == (DONE, "Conflict")
    ended = await overlapping(school, answering(clock, survey, 2, 4), answering(clock, survey, 3, 4))
    assert ended == (DONE, DONE)
    async with school.writing() as session:
        for person in (4, 5):
            await answering(clock, survey, person, 4)(session)
    with pytest.raises(Conflict, match="As many"):
        async with school.writing() as session:
            await answering(clock, survey, 6, 4)(session)
    assert await closed(school, clock, survey) == [4.0, None]


async def test_a_slip_is_good_for_one_answer_and_tells_nobody(school: Database, clock: TestClock) -> None:
    survey = await asked(school, clock, audience="families", asked=12)
    slips = slips_of(KEY, survey)
    assert (len(set(slips)), slips) == (12, slips_of(KEY, survey))

    def answering_by(slip: str, *values: int) -> Any:
        async def answer(session: Any) -> None:
            items = (await view_survey(session, survey.id, TODAY)).items
            answers = {item.id: value for item, value in zip(items, values, strict=False)}
            await answer_by_link(session, KEY, link=slip, answers=answers, today=TODAY)

        return answer

    # To send nothing by a used slip says no more than by a fresh one: to ask whether somebody answered uses the turn.
    ended = await overlapping(school, answering_by(slips[0], 4), answering_by(slips[0], 1))
    assert ended == (DONE, "Conflict")
    said = []
    for slip in slips[:2]:
        with pytest.raises(InvalidInput) as refused:
            async with school.writing() as session:
                await answering_by(slip)(session)
        said.append(refused.value.fields)
    assert said[0] == said[1]
    other = await asked(school, clock, audience="students", asked=12)
    foreign = [survey.link, slips_of(OperatorKey(bytes(32)), survey)[0], slips_of(KEY, other)[0], slips[3][:-1]]
    foreign += [f"{other.id}-{slips[3].partition('-')[2]}", f"{survey.id}-", "x", "9" * 30, "١-a"]
    for wrong in set(foreign) - {foreign[2]}:
        with pytest.raises(NotFound):
            async with school.writing() as session:
                await answering_by(wrong, 4)(session)
    async with school.writing() as session:
        for slip in slips[1:]:
            await answering_by(slip, 5)(session)
        turns = list(await session.scalars(select(PulseTurn)))
    assert len(turns) == 12
    assert not [turn for turn in turns for slip in slips if slip.encode() in turn.tag or turn.tag in slip.encode()]
    assert await closed(school, clock, survey) == [4.9, None]


async def test_the_open_link_is_no_slip(school: Database, clock: TestClock) -> None:
    survey = await asked(school, clock, audience="families", answered_by="link", asked=10)
    async with school.writing() as session:
        item = (await view_survey(session, survey.id, TODAY)).items[0].id
        for _answer in range(10):
            await answer_by_link(session, KEY, link=survey.link, answers={item: 2}, today=TODAY)
        with pytest.raises(NotFound):
            await answer_by_link(session, KEY, link=slips_of(KEY, survey)[0], answers={item: 2}, today=TODAY)
        with pytest.raises(Conflict, match="As many"):
            await answer_by_link(session, KEY, link=survey.link, answers={item: 2}, today=TODAY)
    staff = await asked(school, clock, answered_by="link")
    assert staff.answered_by == "account"
    async with school.writing() as session:
        with pytest.raises(NotFound):
            await answer_by_link(session, KEY, link=staff.link, answers={item: 2}, today=TODAY)


async def test_what_cannot_be_meant_is_refused_beside_its_field(school: Database, clock: TestClock) -> None:
    tries: list[tuple[dict[str, Any], str]] = [
        ({"title": " "}, "title"),
        ({"audience": "everybody"}, "audience"),
        ({"asked": 4}, "asked"),
        ({"audience": "students", "asked": 9}, "asked"),
        ({"opens_on": date(1926, 1, 1), "closes_on": date(1926, 1, 2)}, "opens_on"),
        ({"closes_on": TODAY - timedelta(days=1)}, "closes_on"),
        ({"audience": "families", "answered_by": "fax"}, "answered_by"),
        ({"audience": "families", "asked": 5001}, "asked"),
        ({"items": []}, "items"),
        ({"items": [("mood", "?")]}, "items"),
    ]
    for values, field in tries:
        with pytest.raises(InvalidInput) as refused:
            await asked(school, clock, **values)
        assert list(refused.value.fields) == [field]
    survey = await asked(school, clock)
    for wrong in ((), (6,), (0,)):
        with pytest.raises(InvalidInput):
            async with school.writing() as session:
                await answering(clock, survey, 1, *wrong)(session)
    with pytest.raises(Conflict):
        async with school.writing() as session:
            await answering(clock, survey, 1, 3, today=TODAY - timedelta(days=1))(session)
