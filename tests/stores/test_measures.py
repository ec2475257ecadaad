"""Measures and their numbers, on SQLite and on PostgreSQL."""

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from nic_node.accounts.audit import audit_entries
from nic_node.accounts.tables import Person
from nic_node.db.engine import Database
from nic_node.disclosure.snapshot import Count, Mean
from nic_node.errors import Conflict, InvalidInput, NotFound
from nic_node.school.measures.chart import latest_numbers, measure_chart
from nic_node.school.measures.home_effect import home_effect
from nic_node.school.measures.observe import add_observation, change_observation, remove_observation
from nic_node.school.measures.periods import exact_measure, exact_periods
from nic_node.school.measures.read import comparison_measure, measure_of, measures_of_project, observations_of
from nic_node.school.measures.tables import Measure, Observation
from nic_node.school.measures.uploads import facts_of
from nic_node.school.measures.write import add_measure, change_measure, remove_measure
from tests.conftest import TestClock
from tests.stores.measures_stage import ADA, START, a_measure, a_project
from tests.unit.accounts.stage import first_person, outcomes


@pytest.fixture
async def ada(database: Database, clock: TestClock) -> Person:
    return await first_person(database, clock)


@pytest.fixture
async def project_id(database: Database, clock: TestClock, ada: Person) -> int:
    return await a_project(database, clock)


async def add(database: Database, clock: TestClock, measure: Measure, day: date, **given: Any) -> Observation:
    async with database.writing() as session:
        return await add_observation(
            session, actor=ADA, measure_id=measure.id, period=day, given=given, now=clock(), today=clock().date()
        )


async def test_the_vocabulary_fixes_unit_direction_and_scale(
    database: Database, clock: TestClock, project_id: int
) -> None:
    measure = await a_measure(database, clock, project_id, unit="count", better="down", name="")
    assert (measure.unit, measure.better, measure.kind) == ("mean", "up", "outcome")
    assert (measure.window, measure.scale_low, measure.scale_high) == ("day", 0.0, 100.0)
    assert measure.name == "Attendance rate"
    async with database.reading() as session:
        assert [found.id for found in await measures_of_project(session, project_id)] == [measure.id]
        assert [entry.action for entry in await audit_entries(session, after=None, limit=1)] == ["measure.added"]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"project_id": None}, "belongs"),
        ({"project_id": 999}, "belongs"),
        ({"goal_id": 1}, "belongs"),
        ({"vocabulary": "happiness"}, "vocabulary"),
        ({"vocabulary": "other"}, "label"),
        ({"cadence": "yearly"}, "cadence"),
        ({"group_size": 0}, "group_size"),
        ({"vocabulary": "writing-rubric", "scale_low": 4, "scale_high": 1}, "scale_high"),
        ({"vocabulary": "absent-10pct-window", "target": 101}, "target"),
        ({"owner_id": 77}, "owner_id"),
        ({"comparison_of": 77}, "comparison_of"),
        ({"name": "n" * 121}, "name"),
    ],
)
async def test_a_wrong_measure_is_told_beside_its_field(
    database: Database, clock: TestClock, project_id: int, values: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        await a_measure(database, clock, project_id, **values)
    assert list(refusal.value.fields) == [field]


async def test_a_comparison_measures_the_same_thing_in_the_same_project(
    database: Database, clock: TestClock, project_id: int
) -> None:
    changed = await a_measure(database, clock, project_id, vocabulary="absent-10pct-window", name="Grade 6")
    other = await a_measure(
        database, clock, project_id, vocabulary="absent-10pct-window", name="Grade 8", comparison_of=changed.id
    )
    with pytest.raises(InvalidInput, match="Some fields") as refusal:
        await a_measure(database, clock, project_id, name="Attendance", comparison_of=changed.id)
    assert "same thing" in refusal.value.fields["comparison_of"][0]
    with pytest.raises(InvalidInput):
        await a_measure(
            database, clock, project_id, vocabulary="absent-10pct-window", name="Chain", comparison_of=other.id
        )
    async with database.reading() as session:
        found = await comparison_measure(session, changed.id)
        assert found is not None
        assert found.id == other.id


async def test_one_of_two_changes_at_once_is_refused(database: Database, clock: TestClock, project_id: int) -> None:
    measure = await a_measure(database, clock, project_id)

    async def rename(name: str) -> Measure:
        async with database.writing() as session:
            return await change_measure(
                session, actor=ADA, measure_id=measure.id, values={"name": name}, version=1, now=clock()
            )

    done, refused = await outcomes(rename("One"), rename("Two"))
    assert (len(done), len(refused)) == (1, 1)
    assert isinstance(refused[0], Conflict)


async def test_what_a_measure_counts_stays_while_it_has_numbers(
    database: Database, clock: TestClock, project_id: int
) -> None:
    measure = await a_measure(database, clock, project_id)
    await add(database, clock, measure, START, value=93.5)
    async with database.writing() as session:
        with pytest.raises(InvalidInput):
            await change_measure(
                session,
                actor=ADA,
                measure_id=measure.id,
                values={"vocabulary": "referrals"},
                version=measure.version,
                now=clock(),
            )
    async with database.writing() as session:
        with pytest.raises(Conflict, match="has numbers"):
            await remove_measure(session, actor=ADA, measure_id=measure.id, version=measure.version, now=clock())


async def test_an_empty_measure_can_be_removed(database: Database, clock: TestClock, project_id: int) -> None:
    measure = await a_measure(database, clock, project_id)
    async with database.writing() as session:
        await remove_measure(session, actor=ADA, measure_id=measure.id, version=1, now=clock())
    async with database.reading() as session:
        with pytest.raises(NotFound):
            await measure_of(session, measure.id)


async def test_a_day_takes_one_number(database: Database, clock: TestClock, project_id: int) -> None:
    measure = await a_measure(database, clock, project_id)
    done, refused = await outcomes(*(add(database, clock, measure, START, value=90 + n) for n in range(4)))
    assert (len(done), len(refused)) == (1, 3)
    assert all(isinstance(error, InvalidInput) for error in refused)
    async with database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(Observation)) == 1


@pytest.mark.parametrize("day", [date(1989, 1, 1), date(2026, 12, 1)])
async def test_a_day_too_far_is_refused(database: Database, clock: TestClock, project_id: int, day: date) -> None:
    measure = await a_measure(database, clock, project_id)
    with pytest.raises(InvalidInput) as refusal:
        await add(database, clock, measure, day, value=93)
    assert list(refusal.value.fields) == ["period"]


async def test_a_number_is_corrected_left_out_put_back_and_removed(
    database: Database, clock: TestClock, project_id: int
) -> None:
    measure = await a_measure(database, clock, project_id)
    number = await add(database, clock, measure, START, value=9.35)

    async def change(version: int, reason: str = "", **given: Any) -> Observation:
        async with database.writing() as session:
            return await change_observation(
                session,
                actor=ADA,
                measure_id=measure.id,
                observation_id=number.id,
                given=given or None,
                note="typed",
                excluded_because=reason,
                version=version,
                now=clock(),
            )

    assert (await change(1, value=93.5)).value == 93.5
    with pytest.raises(Conflict):
        await change(1, value=94.0)
    assert (await change(2, "Half the sheets are missing")).excluded_because
    async with database.reading() as session:
        assert await latest_numbers(session, [measure.id]) == {}
    assert (await change(3)).excluded_because == ""
    async with database.writing() as session:
        await remove_observation(
            session, actor=ADA, measure_id=measure.id, observation_id=number.id, version=4, now=clock()
        )
    async with database.reading() as session:
        assert await observations_of(session, measure.id) == []
        actions = [entry.action for entry in await audit_entries(session, after=None, limit=5)]
    assert actions[0] == "observation.removed"


async def test_a_number_of_another_measure_is_not_found(database: Database, clock: TestClock, project_id: int) -> None:
    mine, other = [await a_measure(database, clock, project_id, name=name) for name in ("Mine", "Other")]
    number = await add(database, clock, mine, START, value=93)
    async with database.writing() as session:
        with pytest.raises(NotFound):
            await remove_observation(
                session, actor=ADA, measure_id=other.id, observation_id=number.id, version=1, now=clock()
            )


async def test_a_shift_shows_on_the_chart_and_in_the_line(
    database: Database, clock: TestClock, project_id: int
) -> None:
    measure = await a_measure(database, clock, project_id)
    for number in range(24):
        value = 85 + number % 3 if number < 14 else 93 + number % 2
        await add(database, clock, measure, START + timedelta(days=number), value=value)
    async with database.reading() as session:
        chart = await measure_chart(session, measure.id, of_project=True)
        latest = await latest_numbers(session, [measure.id])
    assert chart.signal
    assert chart.tag == "Shift up"
    assert "in a row" in chart.says
    assert "day 24" in chart.wide
    assert chart.rows[-1][:3] == ["Oct 7", "day 24", "94\u202f%"]
    assert (latest[measure.id].text, latest[measure.id].signal) == ("94\u202f%", True)


async def test_a_measure_that_adds_up_gets_no_run_chart(database: Database, clock: TestClock, project_id: int) -> None:
    measure = await a_measure(database, clock, project_id, vocabulary="chronic-absence-year", cadence="week")
    await add(database, clock, measure, START, x=9, n=61)
    async with database.reading() as session:
        chart = await measure_chart(session, measure.id)
    assert (chart.refused, chart.wide, chart.signal) == (True, "", False)
    assert "20 school days" in chart.says


async def test_exact_numbers_of_a_project_with_its_comparison(
    database: Database, clock: TestClock, project_id: int
) -> None:
    changed = await a_measure(
        database, clock, project_id, vocabulary="absent-10pct-window", cadence="week", group_name="grade 6"
    )
    other = await a_measure(
        database, clock, project_id, vocabulary="absent-10pct-window", cadence="week", comparison_of=changed.id
    )
    for week in range(-3, 6):
        day = START + timedelta(weeks=week, days=4)
        await add(database, clock, changed, day, x=20 - week, n=61)
        await add(database, clock, other, day, x=18, n=58)
    async with database.reading() as session:
        exact = await exact_measure(session, changed.id, starts_on=START, closes_on=START + timedelta(days=44))
        periods = await exact_periods(session, changed.id, since=START, until=START + timedelta(days=11))
    assert exact is not None
    assert (exact.unit, exact.window, exact.design, exact.season) == (
        "proportion", "20-school-days", "comparison-group", "ruled-out",
    )  # fmt: skip
    assert {point.at: [period.x for period in point.periods] for point in exact.points} == {
        "baseline": [22, 21], "middle": [18, 17], "end": [16, 15],
    }  # fmt: skip
    assert exact.comparison[0].periods == (Count(18, 58), Count(18, 58))
    assert [period.numbers for period in periods] == [Count(20, 61), Count(19, 61)]


async def test_without_a_comparison_group_the_same_weeks_of_last_year_are_compared(
    database: Database, clock: TestClock, project_id: int
) -> None:
    measure = await a_measure(database, clock, project_id, vocabulary="absent-10pct-window", cadence="week")
    for week in range(-3, 6):
        day = START + timedelta(weeks=week, days=4)
        await add(database, clock, measure, day, x=20 - week, n=61)
        await add(database, clock, measure, day - timedelta(weeks=52), x=18 + week, n=64)
    async with database.reading() as session:
        exact = await exact_measure(session, measure.id, starts_on=START, closes_on=START + timedelta(days=44))
        found = await home_effect(session, measure.id, today=clock().date())
    assert exact is not None
    assert (exact.design, exact.season) == ("season-comparison", "ruled-out")
    assert [period.x for period in exact.comparison[0].periods] == [16, 17]
    assert [period.n for period in exact.points[0].periods] == [61, 61]
    assert found.measured is not None
    assert found.measured.design == "season-comparison"
    assert found.measured.baseline_gap is not None
    assert found.measured.d is not None
    assert found.measured.d > 0, "down is better, and last year it rose in these weeks"


async def test_a_rate_is_worked_out_from_two_counts(database: Database, clock: TestClock, project_id: int) -> None:
    own = {"vocabulary": "other", "kind": "process", "unit": "count", "better": "down", "cadence": "week"}
    events, days = [
        await a_measure(database, clock, project_id, **own, name=name, label=name)
        for name in ("Tardies", "Student-days")
    ]
    rate = await a_measure(
        database,
        clock,
        project_id,
        vocabulary="tardies",
        cadence="week",
        numerator_id=events.id,
        denominator_id=days.id,
    )
    for week, (x, exposure) in enumerate([(12, 300), (9, 300), (4, None), (7, 0), (6, 240)]):
        day = START + timedelta(weeks=week)
        await add(database, clock, events, day, x=x)
        if exposure is not None:
            await add(database, clock, days, day, x=exposure)
    async with database.reading() as session:
        numbers = await observations_of(session, rate.id)
        chart = await measure_chart(session, rate.id, kind="u")
        latest = await latest_numbers(session, [rate.id, events.id])
        periods = await exact_periods(session, rate.id, since=START, until=START + timedelta(weeks=9))
        within = await observations_of(session, rate.id, since=START + timedelta(weeks=1))
    assert [(number.value, number.x, number.exposure) for number in numbers] == [
        (4, 12, 300), (3, 9, 300), (None, None, None), (2.5, 6, 240),
    ]  # fmt: skip
    assert numbers[2].excluded_because, "7 of 0 fit no rate"
    assert len(within) == 3
    assert chart.chart is not None
    assert chart.chart.kind == "u"
    assert {measure_id: line.text for measure_id, line in latest.items()} == {rate.id: "2.5", events.id: "6"}
    assert periods == [], "without a number of people no rate leaves"
    async with database.writing() as session:
        with pytest.raises(Conflict, match="worked out from two counts"):
            await add_observation(
                session, actor=ADA, measure_id=rate.id, period=START, given={"x": 1}, now=clock(), today=clock().date()
            )
        with pytest.raises(Conflict, match="worked out from two counts"):
            await facts_of(session, rate.id)
        with pytest.raises(Conflict, match="has numbers"):
            await remove_measure(session, actor=ADA, measure_id=days.id, version=days.version, now=clock())
    for wrong in ({"denominator_id": None}, {"denominator_id": events.id}, {"denominator_id": rate.id}):
        with pytest.raises(InvalidInput):
            await a_measure(
                database,
                clock,
                project_id,
                vocabulary="tardies",
                **{"numerator_id": events.id, "denominator_id": days.id, **wrong},
            )
    with pytest.raises(InvalidInput):
        await a_measure(database, clock, project_id, numerator_id=events.id, denominator_id=days.id)


async def test_a_bare_percent_is_no_exact_number(database: Database, clock: TestClock, project_id: int) -> None:
    measure = await a_measure(database, clock, project_id)
    await add(database, clock, measure, START, value=93)
    await add(database, clock, measure, START + timedelta(days=1), value=92, sd=4.5, n=61)
    async with database.reading() as session:
        found = await exact_periods(session, measure.id, since=START, until=START + timedelta(days=30))
        none = await exact_measure(session, measure.id, starts_on=START, closes_on=START + timedelta(days=44))
    assert [period.numbers for period in found] == [Mean(92, 4.5, 61)]
    assert none is None


async def test_the_same_measure_twice_is_two_measures(database: Database, clock: TestClock, project_id: int) -> None:
    async def another() -> Measure:
        async with database.writing() as session:
            values = {"project_id": project_id, "vocabulary": "attendance-rate"}
            return await add_measure(session, actor=ADA, values=values, now=clock())

    first, second = await asyncio.gather(another(), another())
    assert first.id != second.id
