"""The school's profile and plan, on both databases."""

import asyncio
from typing import Any

import pytest

from nic_node.accounts.actor import SYSTEM
from nic_node.accounts.audit import audit_entries
from nic_node.db.engine import Database
from nic_node.errors import Conflict, InvalidInput, NotFound
from nic_node.school.bin.remove import remove, restore
from nic_node.school.plan.goals import MOST_ACTIVE, add_goal, change_goal, goal_of, plan_of_year, write_plan
from nic_node.school.profile.describe import describe_school, profile_of_school
from nic_node.school.profile.directory import read_directory_row
from nic_node.school.profile.name import school_name_and_year, school_year, set_school_name
from tests.conftest import TestClock

YEAR = "2026-27"
DIRECTORY = b"""dbn,total_enrollment,grade_k,grade_5,grade_6,grade_7,grade_8,poverty_pct,ell_pct,swd_pct
01A001,263,0,0,94,76,93,0.863,0.106,0.247
01A002,310,30,40,0,0,0,0.51,0.04,0.2
"""


async def named(database: Database, clock: TestClock) -> None:
    async with database.writing() as session:
        await set_school_name(session, actor=SYSTEM, school_name=" Harbor View Middle School ", now=clock())


async def test_the_school_has_a_name_and_a_year(database: Database, clock: TestClock) -> None:
    await named(database, clock)
    async with database.reading() as session:
        assert await school_name_and_year(session, today=clock().date()) == ("Harbor View Middle School", "2026–27")


def test_a_school_year_begins_in_august(clock: TestClock) -> None:
    assert school_year(clock().date().replace(month=7)) == "2025-26"
    assert school_year(clock().date().replace(month=8)) == YEAR


async def test_a_nameless_school_is_refused(database: Database, clock: TestClock) -> None:
    with pytest.raises(InvalidInput):
        async with database.writing() as session:
            await set_school_name(session, actor=SYSTEM, school_name="  ", now=clock())


async def test_describing_keeps_what_is_not_named_and_is_audited(database: Database, clock: TestClock) -> None:
    await named(database, clock)
    async with database.writing() as session:
        first = await describe_school(
            session,
            actor=SYSTEM,
            values={"level": "middle", "enrolment": 263},
            version=1,
            today=clock().date(),
            now=clock(),
        )
        second = await describe_school(
            session,
            actor=SYSTEM,
            values={"lunch_percent": 86.3},
            version=first.version,
            today=clock().date(),
            now=clock(),
        )
    assert (second.level, second.enrolment, second.lunch_percent) == ("middle", 263, 86.3)
    async with database.reading() as session:
        actions = [entry.action for entry in await audit_entries(session, after=None, limit=10)]
    assert actions == ["profile.described", "profile.described", "profile.named"]


COMMON_CORE = b"""SURVYEAR,NCESSCH,SCH_NAME,LEA_NAME,LEVEL,GSLO,GSHI,ULOCALE,MEMBER,TOTFRL,HI,WH,TITLEI,WEBSITE
2022-2023,010000500870,Alder Middle,Alder City,Middle,07,08,32-Town: Distant,900,600,450,390,1-Yes,http://alder.example
2022-2023,010000500871,Alder Primary,Alder City,Primary,KG,05,41-Rural: Fringe,300,-9,M,-1,2-No,
"""


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("lunch_percent", 326.0),
        ("english_learners_percent", -1.0),
        ("enrolment", 0),
        ("level", "tertiary"),
        ("locale", 14),
        ("low_grade", "13"),
        ("stage", "excellent"),
    ],
)
async def test_what_no_school_has_is_refused(database: Database, clock: TestClock, field: str, value: object) -> None:
    await named(database, clock)
    with pytest.raises(InvalidInput) as caught:
        async with database.writing() as session:
            await describe_school(
                session, actor=SYSTEM, values={field: value}, version=1, today=clock().date(), now=clock()
            )
    assert list(caught.value.fields) == [field]
    async with database.reading() as session:
        assert (await profile_of_school(session)).version == 1


async def test_two_people_who_describe_at_once(database: Database, clock: TestClock) -> None:
    await named(database, clock)

    async def describe(level: str) -> str:
        try:
            async with database.writing() as session:
                await describe_school(
                    session, actor=SYSTEM, values={"level": level}, version=1, today=clock().date(), now=clock()
                )
        except Conflict:
            return "conflict"
        return "done"

    assert sorted(await asyncio.gather(describe("middle"), describe("high"))) == ["conflict", "done"]


def test_a_directory_row_becomes_a_profile() -> None:
    assert read_directory_row(DIRECTORY, "01A001") == {
        "low_grade": "6",
        "high_grade": "8",
        "enrolment": 263,
        "lunch_percent": 86.3,
        "english_learners_percent": 10.6,
        "disabilities_percent": 24.7,
    }


def test_the_common_core_of_data_becomes_a_profile() -> None:
    """In its own words: codes before words, counts in place of shares, and -1, -9, M or N for what is not known."""
    assert read_directory_row(COMMON_CORE, "010000500870") == {
        "enrolment": 900, "lunch_percent": 66.7, "hispanic_percent": 50.0, "white_percent": 43.3, "locale": 32,
        "low_grade": "7", "high_grade": "8", "district": "Alder City", "website": "http://alder.example",
        "level": "middle", "title_one": True,
    }  # fmt: skip
    assert read_directory_row(COMMON_CORE.replace(b",", b"\t"), "010000500871") == {
        "enrolment": 300, "locale": 41, "low_grade": "K", "high_grade": "5", "district": "Alder City",
        "level": "elementary", "title_one": False,
    }  # fmt: skip


def test_what_is_wrong_at_other_schools_stands_in_nobodys_way() -> None:
    """A ratio among fractions does not make percentages of them; of several years the newest counts."""
    rows = [f"{number},2016,300,0.5{number % 10}" for number in range(20)]
    rows += ["77,2016,412,0.71", "77,2015,390,0.4", "78,2016,many,326", "79,2016,90,n/a"]
    content = "\n".join(["sch_id,year,enroll,frpl_pct", *rows]).encode()
    assert read_directory_row(content, "77") == {"enrolment": 412, "lunch_percent": 71.0}
    with pytest.raises(InvalidInput) as caught:
        read_directory_row(content, "78")
    assert list(caught.value.fields) == ["enrolment"]


@pytest.mark.parametrize(
    ("content", "school", "error"),
    [
        (DIRECTORY, "99Z999", NotFound),
        (b"name,size\nA,3\n", "A", InvalidInput),
        (b"dbn,enrollment\n1,many\n", "1", InvalidInput),
        (b"\x00\x01PK", "1", InvalidInput),
    ],
)
def test_a_directory_that_cannot_be_read_says_why(content: bytes, school: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        read_directory_row(content, school)


async def goals_of(database: Database, clock: TestClock, count: int) -> None:
    for number in range(count):
        async with database.writing() as session:
            await add_goal(
                session,
                actor=SYSTEM,
                school_year=YEAR,
                horizon="annual",
                values={"title": f"Goal {number}"},
                now=clock(),
                today=clock().date(),
            )


async def test_a_fourth_active_goal_asks_which_one_rests(database: Database, clock: TestClock) -> None:
    await goals_of(database, clock, MOST_ACTIVE)
    with pytest.raises(InvalidInput, match="another value") as caught:
        await goals_of(database, clock, 1)
    assert "Which one rests?" in caught.value.fields["rests_id"][0]
    async with database.writing() as session:
        plan = await plan_of_year(session, YEAR)
        assert plan is not None
        resting = plan.active_goals[0]
        await change_goal(
            session,
            actor=SYSTEM,
            goal_id=resting.id,
            values={},
            state="resting",
            version=resting.version,
            now=clock(),
            today=clock().date(),
        )
    await goals_of(database, clock, 1)
    with pytest.raises(InvalidInput):
        async with database.writing() as session:
            await change_goal(
                session,
                actor=SYSTEM,
                goal_id=resting.id,
                values={},
                state="active",
                version=2,
                now=clock(),
                today=clock().date(),
            )


async def test_a_fourth_goal_lets_another_rest_or_says_why_not(database: Database, clock: TestClock) -> None:
    await goals_of(database, clock, MOST_ACTIVE)
    async with database.writing() as session:
        plan = await plan_of_year(session, YEAR)
        assert plan is not None
        first = plan.active_goals[0].id
        asked = {"title": "Fourth", "rests_id": first}
        await add_goal(
            session, actor=SYSTEM, school_year=YEAR, horizon="annual", values=asked, now=clock(), today=clock().date()
        )
        plan = await plan_of_year(session, YEAR)
        assert plan is not None
        assert [goal.state for goal in plan.goals] == ["resting", "active", "active", "active"]
        asked = {"title": "Fifth", "despite": "The district asks for it."}
        fifth = await add_goal(
            session, actor=SYSTEM, school_year=YEAR, horizon="annual", values=asked, now=clock(), today=clock().date()
        )
        assert (fifth.state, fifth.despite) == ("active", "The district asks for it.")
        (told,) = [one for one in await audit_entries(session, after=None, limit=20) if "despite" in (one.after or {})]
        assert told.after["despite"] == "The district asks for it."
        with pytest.raises(InvalidInput):
            asked = {"title": "Sixth", "rests_id": first}
            await add_goal(
                session,
                actor=SYSTEM,
                school_year=YEAR,
                horizon="annual",
                values=asked,
                now=clock(),
                today=clock().date(),
            )


async def test_two_third_goals_at_once_stay_three(database: Database, clock: TestClock) -> None:
    await goals_of(database, clock, MOST_ACTIVE - 1)

    async def add() -> str:
        try:
            await goals_of(database, clock, 1)
        except InvalidInput:
            return "refused"
        return "added"

    assert sorted(await asyncio.gather(add(), add())) == ["added", "refused"]


async def test_annual_goals_hang_on_the_two_year_goal(database: Database, clock: TestClock) -> None:
    async with database.writing() as session:
        big = await add_goal(
            session,
            actor=SYSTEM,
            school_year=YEAR,
            horizon="two-year",
            values={"title": "Big"},
            now=clock(),
            today=clock().date(),
        )
    await goals_of(database, clock, 1)
    async with database.reading() as session:
        plan = await plan_of_year(session, YEAR)
    assert plan is not None
    assert [goal.parent_id for goal in plan.goals] == [None, big.id]
    with pytest.raises(InvalidInput):
        async with database.writing() as session:
            await add_goal(
                session,
                actor=SYSTEM,
                school_year=YEAR,
                horizon="two-year",
                values={"title": "Bigger"},
                now=clock(),
                today=clock().date(),
            )


async def test_a_stale_plan_is_refused(database: Database, clock: TestClock) -> None:
    async with database.writing() as session:
        await write_plan(
            session, actor=SYSTEM, school_year=YEAR, vision="All read", beliefs="", version=None, now=clock()
        )
    with pytest.raises(Conflict):
        async with database.writing() as session:
            await write_plan(session, actor=SYSTEM, school_year=YEAR, vision="X", beliefs="", version=None, now=clock())
    async with database.reading() as session:
        plan = await plan_of_year(session, YEAR)
    assert plan is not None
    assert plan.vision == "All read"


async def test_neither_the_bin_nor_another_year_makes_a_fourth_goal(database: Database, clock: TestClock) -> None:
    by: dict[str, Any] = {"actor": SYSTEM, "now": clock()}
    await goals_of(database, clock, MOST_ACTIVE)
    async with database.writing() as session:
        plan = await plan_of_year(session, YEAR)
        assert plan is not None
        binned = await remove(session, kind="goal", row_id=plan.active_goals[0].id, may_all=True, **by)
    await goals_of(database, clock, 1)
    async with database.writing() as session:
        back = await restore(session, binned_id=binned.id, permissions={"plan.write"}, **by)
        assert (back.rests, (await goal_of(session, back.id)).state) == (True, "resting")
        with pytest.raises(InvalidInput) as caught:
            await add_goal(
                session,
                school_year="2027-28",
                horizon="annual",
                values={"title": "Next year's"},
                today=clock().date(),
                **by,
            )
    assert "Which one rests?" in caught.value.fields["rests_id"][0]
