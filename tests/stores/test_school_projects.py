"""Projects and cycles, on both databases."""

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import SYSTEM
from nic_node.accounts.tables import AuditEntry
from nic_node.db.engine import Database
from nic_node.errors import Conflict, InvalidInput, NotFound
from nic_node.school.actions.write import add_action
from nic_node.school.bin.remove import restore
from nic_node.school.bin.tables import Binned
from nic_node.school.cycles.tables import Cycle
from nic_node.school.cycles.write import cycle_of, cycles_of, note_cycle, plan_cycle
from nic_node.school.projects.adopt import PracticeSource, start_from_practice
from nic_node.school.projects.check import MOST_STEPS
from nic_node.school.projects.close import check_midway, close_project, reopen_project
from nic_node.school.projects.read import LAST_DAY, day_of, is_late, project_of, projects_from, steps_of
from nic_node.school.projects.tables import Project, ProjectStep
from nic_node.school.projects.write import change_project, mark_step, open_project, replace_steps
from nic_node.school.search.find import find_own_work
from nic_node.school.search.sources import KINDS
from tests.conftest import TestClock

START = date(2026, 9, 14)
DAY_45 = START + timedelta(days=44)
STEPS = [
    {"who": "aide", "does": "Text each absent student's family", "how_often": "daily", "minutes": 25, "core": True},
    {"who": "counsellor", "does": "Call on the second day"},
]


async def has_not(session: AsyncSession, project_id: int) -> bool:
    return False


async def has(session: AsyncSession, project_id: int) -> bool:
    return True


async def opened(database: Database, clock: TestClock, **values: Any) -> Project:
    async with database.writing() as session:
        known = {"title": "Same-day text", "starts_on": START, **values}
        return await open_project(session, actor=SYSTEM, values=known, now=clock(), today=clock().date())


async def closed(database: Database, clock: TestClock, project: Project, **said: Any) -> Project:
    asked = {
        "decision": "adopt",
        "aim_result": "reached",
        "worked": "The text before 9:15.",
        "would_change": "",
        "watch_out": "",
        "closed_on": DAY_45,
        "early_because": "",
        **said,
    }
    async with database.writing() as session:
        return await close_project(
            session,
            actor=SYSTEM,
            project_id=project.id,
            version=project.version,
            now=clock(),
            today=clock().date(),
            **asked,
        )


async def test_days_are_calendar_days(database: Database, clock: TestClock) -> None:
    project = await opened(database, clock)
    assert day_of(project, START) == 1
    assert day_of(project, DAY_45) == LAST_DAY
    assert not is_late(project, DAY_45)
    assert is_late(project, DAY_45 + timedelta(days=1))


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "x" * 121}, "title"),
        ({"problem_category": "weather"}, "problem_category"),
        ({"problem_category": "other"}, "problem_label"),
        ({"aim_better": "sideways"}, "aim_better"),
        ({"grade_bands": ["6-8", "13-15"]}, "grade_bands"),
        ({"goal_id": 99}, "goal_id"),
        ({"dose": {"weeks": 0}}, "weeks"),
        ({"cost": {"cost_band": "a lot"}}, "cost_band"),
        ({"materials": [{"kind": "letter", "title": "", "text": "x"}]}, "materials"),
    ],
)
async def test_what_a_practice_could_not_carry_is_refused(
    database: Database, clock: TestClock, values: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        await opened(database, clock, **values)
    assert field in caught.value.fields


async def test_steps_keep_what_is_done(database: Database, clock: TestClock) -> None:
    project = await opened(database, clock)
    async with database.writing() as session:
        first, _ = await replace_steps(
            session, actor=SYSTEM, project_id=project.id, steps=STEPS, version=project.version, now=clock()
        )
        await mark_step(session, actor=SYSTEM, step_id=first.id, done=True, today=START, now=clock())
        project = await project_of(session, project.id)
        await replace_steps(
            session,
            actor=SYSTEM,
            project_id=project.id,
            steps=[STEPS[1], STEPS[0]],
            version=project.version,
            now=clock(),
        )
    async with database.reading() as session:
        steps = await steps_of(session, project.id)
    assert [(step.does, step.done_on) for step in steps] == [(STEPS[1]["does"], None), (STEPS[0]["does"], START)]


async def test_a_step_in_other_words_stays_done_and_leaves_no_old_one_in_the_bin(
    database: Database, clock: TestClock
) -> None:
    project = await opened(database, clock)
    texts = ("Greet each student at the dor", "Call home on the second day", "Write it down")
    anew = ("Eat together", "Call home on the second day of absence", "Greet each student at the door, by name")

    async def write(session: AsyncSession, *does: str) -> list[ProjectStep]:
        there = await project_of(session, project.id)
        steps = [{"does": text} for text in does]
        return await replace_steps(
            session, actor=SYSTEM, project_id=there.id, steps=steps, version=there.version, now=clock()
        )

    async with database.writing() as session:
        for step in await write(session, *texts):
            await mark_step(session, actor=SYSTEM, step_id=step.id, done=True, today=START, now=clock())
        steps = await write(session, *anew)
        binned = (await session.scalars(select(Binned))).one()
        planned = select(AuditEntry).where(AuditEntry.action == "project.planned").order_by(AuditEntry.id.desc())
        told = (await session.scalars(planned)).first()
    assert [(step.does, step.done_on) for step in steps] == [(anew[0], None), (anew[1], START), (anew[2], START)]
    assert binned.label == f"{project.title}: Write it down"
    assert told is not None
    assert told.before == {"steps": list(texts)}


async def test_a_dropped_step_comes_back_after_those_that_are_there(database: Database, clock: TestClock) -> None:
    project = await opened(database, clock)

    async def write(session: AsyncSession, *steps: dict[str, Any]) -> None:
        there = await project_of(session, project.id)
        now = clock.forward(seconds=1)
        await replace_steps(session, actor=SYSTEM, project_id=there.id, steps=steps, version=there.version, now=now)

    async def back(session: AsyncSession, binned_id: int) -> None:
        may = frozenset({"projects.write"})
        await restore(session, actor=SYSTEM, binned_id=binned_id, permissions=may, now=clock.forward(seconds=1))

    async with database.writing() as session:
        await write(session, *STEPS)
        first, _ = await steps_of(session, project.id)
        await mark_step(session, actor=SYSTEM, step_id=first.id, done=True, today=START, now=clock())
        await write(session, STEPS[1])
        dropped = (await session.scalars(select(Binned))).one()
        assert (dropped.kind, dropped.label) == ("step", f"{project.title}: {STEPS[0]['does']}")
        await write(session, STEPS[1], *({"does": f"Step {number}"} for number in range(MOST_STEPS - 1)))
        with pytest.raises(Conflict, match="at most 12 steps"):
            await back(session, 1)
        await write(session, STEPS[1])
        version = (await project_of(session, project.id)).version
        await back(session, 1)
    async with database.reading() as session:
        steps = await steps_of(session, project.id)
        project = await project_of(session, project.id)
    assert [(step.does, step.done_on) for step in steps] == [(STEPS[1]["does"], None), (STEPS[0]["does"], START)]
    assert project.version > version  # whoever has its steps open to write them anew is told
    await closed(database, clock, project)
    async with database.writing() as session:
        with pytest.raises(Conflict, match="frozen"):
            await back(session, 2)


async def test_a_wrong_step_is_named_by_its_row(database: Database, clock: TestClock) -> None:
    project = await opened(database, clock)
    with pytest.raises(InvalidInput) as caught:
        async with database.writing() as session:
            await replace_steps(
                session,
                actor=SYSTEM,
                project_id=project.id,
                steps=[STEPS[0], {"does": "", "who": "wizard", "minutes": 0}],
                version=project.version,
                now=clock(),
            )
    assert set(caught.value.fields) == {"steps.1.does", "steps.1.who", "steps.1.minutes"}


async def test_closing_freezes_and_reopening_thaws(database: Database, clock: TestClock) -> None:
    project = await closed(database, clock, await opened(database, clock))
    with pytest.raises(Conflict, match="frozen"):
        async with database.writing() as session:
            await change_project(
                session,
                actor=SYSTEM,
                project_id=project.id,
                values={"title": "X"},
                version=project.version,
                now=clock(),
                today=clock().date(),
            )
    with pytest.raises(Conflict):
        await closed(database, clock, project)
    async with database.writing() as session:
        again = await reopen_project(
            session, actor=SYSTEM, project_id=project.id, version=project.version, has_left=has_not, now=clock()
        )
    assert (again.state, again.closed_on) == ("active", None)


async def test_what_was_approved_for_sharing_stays_closed(database: Database, clock: TestClock) -> None:
    project = await closed(database, clock, await opened(database, clock))
    with pytest.raises(Conflict, match="approved for sharing"):
        async with database.writing() as session:
            await reopen_project(
                session, actor=SYSTEM, project_id=project.id, version=project.version, has_left=has, now=clock()
            )


async def test_an_early_close_says_why(database: Database, clock: TestClock) -> None:
    project = await opened(database, clock)
    with pytest.raises(InvalidInput) as caught:
        await closed(database, clock, project, closed_on=START + timedelta(days=20))
    assert "early_because" in caught.value.fields
    async with database.reading() as session:
        assert (await project_of(session, project.id)).closed_on is None
    done = await closed(
        database, clock, project, closed_on=START + timedelta(days=20), early_because="The room was closed."
    )
    assert done.state == "closed"


async def test_a_close_without_decision_is_refused(database: Database, clock: TestClock) -> None:
    with pytest.raises(InvalidInput) as caught:
        await closed(database, clock, await opened(database, clock), decision="perhaps")
    assert list(caught.value.fields) == ["decision"]


async def test_two_closes_at_once_are_one(database: Database, clock: TestClock) -> None:
    project = await opened(database, clock)

    async def close(decision: str) -> str:
        try:
            await closed(database, clock, project, decision=decision)
        except Conflict:
            return "conflict"
        return "closed"

    assert sorted(await asyncio.gather(close("adopt"), close("abandon"))) == ["closed", "conflict"]


async def test_the_midway_check_is_kept(database: Database, clock: TestClock) -> None:
    project = await opened(database, clock)
    async with database.writing() as session:
        checked = await check_midway(
            session,
            actor=SYSTEM,
            project_id=project.id,
            note="Half do it",
            on=START,
            version=project.version,
            now=clock(),
        )
    assert (checked.midway_note, checked.midway_on) == ("Half do it", START)


async def test_a_copied_practice_knows_its_origin(database: Database, clock: TestClock) -> None:
    source = PracticeSource(
        origin_record="example.org/net/a/log/1#7",
        title="Same-day text",
        problem={"category": "chronic-absence", "grade_bands": ["6-8"]},
        aim={"measure": "absent-10pct-window", "better": "down", "by_days": 45},
        idea={"category": "two-way-texting", "summary": "Families hear the same day."},
        steps=STEPS,
        core=[0],
        adaptable=[{"what": "Wording"}],
        dose={"weeks": 6},
    )
    async with database.writing() as session:
        project = await start_from_practice(session, actor=SYSTEM, source=source, starts_on=START, now=clock())
    async with database.reading() as session:
        (found,) = await projects_from(session, source.origin_record)
        steps = await steps_of(session, found.id)
    assert found.id == project.id
    assert (found.kept, found.adaptable, found.aim_better) == ([0, 1], ["Wording"], "down")
    assert [step.core for step in steps] == [True, False]


async def test_cycles_are_numbered_and_studied_before_they_act(database: Database, clock: TestClock) -> None:
    project = await opened(database, clock)
    async with database.writing() as session:
        for question in ("Do eight come?", "Does grade 6 come?"):
            cycle = await plan_cycle(
                session,
                actor=SYSTEM,
                project_id=project.id,
                values={"question": question, "prediction": "6 of 8", "starts_on": START},
                now=clock(),
                today=clock().date(),
            )
    with pytest.raises(InvalidInput) as caught:
        async with database.writing() as session:
            await note_cycle(
                session,
                actor=SYSTEM,
                cycle_id=cycle.id,
                values={"act": "adapt"},
                version=cycle.version,
                now=clock(),
                today=clock().date(),
            )
    assert "studied" in caught.value.fields
    async with database.writing() as session:
        await note_cycle(
            session,
            actor=SYSTEM,
            cycle_id=cycle.id,
            values={"act": "adapt", "studied": "3 of 8"},
            version=cycle.version,
            now=clock(),
            today=clock().date(),
        )
    async with database.reading() as session:
        assert [(item.number, item.act) for item in await cycles_of(session, project.id)] == [(1, None), (2, "adapt")]
    with pytest.raises(Conflict):
        async with database.writing() as session:
            await note_cycle(
                session,
                actor=SYSTEM,
                cycle_id=cycle.id,
                values={"did": "x"},
                version=cycle.version,
                now=clock(),
                today=clock().date(),
            )


async def test_a_spiral_is_told_by_its_stages_in_any_order(database: Database, clock: TestClock) -> None:
    project = await opened(database, clock)

    async def note(**values: Any) -> Cycle:
        async with database.writing() as session:
            version = (await cycle_of(session, spiral.id)).version
            return await note_cycle(
                session,
                actor=SYSTEM,
                cycle_id=spiral.id,
                values=values,
                version=version,
                now=clock(),
                today=clock().date(),
            )

    async def refused(**values: Any) -> set[str]:
        with pytest.raises(InvalidInput) as caught:
            await note(**values)
        return set(caught.value.fields)

    asked = {"question": "Why are they late?", "starts_on": START, "form": "spiral", "hunch": "The bus is late"}
    async with database.writing() as session:
        spiral = await plan_cycle(
            session, actor=SYSTEM, project_id=project.id, values=asked, now=clock(), today=clock().date()
        )
        with pytest.raises(InvalidInput):
            await plan_cycle(
                session,
                actor=SYSTEM,
                project_id=project.id,
                values=asked | {"form": "x"},
                now=clock(),
                today=clock().date(),
            )
    assert await refused(act="adopt") == {"check"}
    assert await refused(did="x", fidelity="somewhat", scan="x" * 1001) == {"did", "fidelity", "scan"}
    await note(scan="40 come late", hunch="Bus 7 is late")
    noted = await note(check="12 come late", act="adopt", fidelity="mostly", differed="Two days fewer")
    assert (noted.form, noted.scan, noted.hunch, noted.act) == ("spiral", "40 come late", "Bus 7 is late", "adopt")
    async with database.writing() as session:
        plain = await plan_cycle(
            session,
            actor=SYSTEM,
            project_id=project.id,
            values={"question": "?", "starts_on": START},
            now=clock(),
            today=clock().date(),
        )
        assert (plain.number, plain.form, plain.fidelity) == (2, "pdsa", None)
        with pytest.raises(InvalidInput) as caught:
            await note_cycle(
                session,
                actor=SYSTEM,
                cycle_id=plain.id,
                values={"hunch": "x"},
                version=plain.version,
                now=clock(),
                today=clock().date(),
            )
    assert "hunch" in caught.value.fields
    async with database.reading() as session:
        said = await session.scalars(
            select(AuditEntry.after).where(AuditEntry.action == "cycle.noted").order_by(AuditEntry.id)
        )
        assert [sorted(one or {}) for one in said] == [
            ["hunch", "scan"],
            ["act", "check", "differed", "ends_on", "fidelity"],
        ]


async def test_no_cycle_without_a_running_project(database: Database, clock: TestClock) -> None:
    values = {"question": "?", "starts_on": START}
    with pytest.raises(NotFound):
        async with database.writing() as session:
            await plan_cycle(session, actor=SYSTEM, project_id=404, values=values, now=clock(), today=clock().date())
    project = await closed(database, clock, await opened(database, clock))
    with pytest.raises(Conflict):
        async with database.writing() as session:
            await plan_cycle(
                session, actor=SYSTEM, project_id=project.id, values=values, now=clock(), today=clock().date()
            )


async def test_a_search_reads_dates_and_moments_alike_on_both(database: Database, clock: TestClock) -> None:
    project = await opened(database, clock, title="Calls at breakfast")
    async with database.writing() as session:
        await add_action(
            session,
            actor=SYSTEM,
            values={"text": "Call about breakfast"},
            today=clock().date(),
            now=clock(),
        )
        await replace_steps(
            session,
            actor=SYSTEM,
            project_id=project.id,
            steps=[{"does": "A breakfast table"}],
            version=project.version,
            now=clock(),
        )
    async with database.reading() as session:
        may = frozenset(permit for _label, permit in KINDS.values())
        found = await find_own_work(session, "breakf", person_id=1, permissions=may, zone="Pacific/Kiritimati")
    told = [(hit.kind, hit.page_id, hit.title, hit.day) for hit in found.hits]
    assert sorted(told, key=str) == [
        ("action", None, "Call about breakfast", clock().date() + timedelta(days=1)),  # 2 o'clock in the morning there
        ("project", project.id, "Calls at breakfast", project.starts_on),
    ]
