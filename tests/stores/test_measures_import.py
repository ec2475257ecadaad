"""Files of numbers: previewed, decided on, confirmed, taken back; on SQLite and on PostgreSQL."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import audit_entries
from nic_node.db.engine import Database
from nic_node.errors import Conflict, InvalidInput, NotFound
from nic_node.school.measures.compare import CLOSED_DAY, LEFT_OUT
from nic_node.school.measures.confirm_import import confirm_import, take_back_import
from nic_node.school.measures.file_import import Suspicious, import_file
from nic_node.school.measures.observe import add_observation, change_observation
from nic_node.school.measures.read import observations_of
from nic_node.school.measures.tables import Measure, MeasureImport, Observation
from nic_node.school.measures.uploads import WAITS, Preview, facts_of, imports_of, prune_uploads, waiting_preview
from tests.conftest import TestClock
from tests.stores.measures_stage import ADA, a_measure, a_project, send, series, student_days
from tests.unit.accounts.stage import first_person, join, outcomes

WEEK = "date,percent\n2026-10-19,93.1\n2026-10-20,94\n2026-10-21,92.5\n2026-10-22,93.3\n2026-10-23,91.9\n"
ODD = WEEK + "2026-10-24,\n2026-10-26,0.00\n"


@pytest.fixture
async def measure(database: Database, clock: TestClock) -> Measure:
    await first_person(database, clock)
    return await a_measure(database, clock, await a_project(database, clock))


async def sent(database: Database, measure: Measure, text: str, clock: TestClock, **options: Any) -> Preview:
    async with database.writing() as session:
        return await send(session, measure.id, text, clock, **options)


async def confirm(
    database: Database,
    preview: Preview,
    clock: TestClock,
    decisions: Mapping[int, str] | None = None,
    *,
    others: Mapping[str, str] | None = None,
    seen: str | None = None,
    actor: Actor = ADA,
) -> MeasureImport:
    async with database.writing() as session:
        return await confirm_import(
            session,
            actor=actor,
            measure_id=preview.measure.id,
            import_id=preview.id or 0,
            decisions=decisions or {},
            others=others or {},
            seen=preview.comparison.seen if seen is None else seen,
            now=clock(),
        )


async def take_back(database: Database, done: MeasureImport, clock: TestClock) -> int:
    async with database.writing() as session:
        return await take_back_import(session, actor=ADA, measure_id=done.measure_id, import_id=done.id, now=clock())


async def numbers(database: Database, measure: Measure) -> dict[str, float | None]:
    async with database.reading() as session:
        return {number.period.isoformat(): number.value for number in await observations_of(session, measure.id)}


async def test_nothing_is_kept_before_the_confirmation(database: Database, clock: TestClock, measure: Measure) -> None:
    preview = await sent(database, measure, WEEK, clock)
    assert (preview.state, preview.comparison.count("new")) == ("waiting", 5)
    assert await numbers(database, measure) == {}
    done = await confirm(database, preview, clock)
    assert len(await numbers(database, measure)) == 5
    async with database.reading() as session:
        assert [file.id for file in await imports_of(session, measure.id)] == [done.id]
        assert (await audit_entries(session, after=None, limit=1))[0].action == "import.confirmed"


async def test_the_same_file_again_changes_nothing_and_says_so(
    database: Database, clock: TestClock, measure: Measure
) -> None:
    await confirm(database, await sent(database, measure, ODD, clock), clock, {7: "closed", 8: "leave-out"})
    again = await sent(database, measure, ODD, clock)
    assert (again.id, again.state) == (None, "nothing-changed")
    async with database.reading() as session:
        left_out = {n.period.day: (n.value, n.excluded_because) for n in await observations_of(session, measure.id)}
    assert (left_out[24], left_out[26]) == ((None, CLOSED_DAY), (0.0, LEFT_OUT))


async def test_odd_numbers_are_never_swallowed(database: Database, clock: TestClock, measure: Measure) -> None:
    preview = await sent(database, measure, ODD, clock)
    assert [(row.row.line, row.suspicion and row.suspicion.code) for row in preview.comparison.suspicious] == [
        (7, "blank"),
        (8, "zero"),
    ]
    with pytest.raises(InvalidInput) as refusal:
        await confirm(database, preview, clock)
    assert set(refusal.value.fields) == {"decision-7", "decision-8"}
    with pytest.raises(InvalidInput, match="decided") as refusal:
        await confirm(database, preview, clock, {7: "keep", 8: "keep"})
    assert "no number to keep" in refusal.value.fields["decision-7"][0]
    assert await numbers(database, measure) == {}
    await confirm(database, preview, clock, {8: "keep"}, others={"blank": "leave-out"})
    assert (await numbers(database, measure))["2026-10-26"] == 0


async def test_an_import_is_taken_back_to_the_point(database: Database, clock: TestClock, measure: Measure) -> None:
    await confirm(database, await sent(database, measure, WEEK, clock), clock)
    before = await numbers(database, measure)
    second = await confirm(
        database, await sent(database, measure, "date,percent\n2026-10-20,95\n2026-10-26,93\n", clock), clock
    )
    assert (await numbers(database, measure))["2026-10-20"] == 95
    assert await take_back(database, second, clock) == 0
    assert await numbers(database, measure) == before
    with pytest.raises(Conflict, match="taken back already"):
        await take_back(database, second, clock)


async def test_what_somebody_corrected_since_stays(database: Database, clock: TestClock, measure: Measure) -> None:
    done = await confirm(database, await sent(database, measure, WEEK, clock), clock)
    async with database.writing() as session:
        first = (await observations_of(session, measure.id))[0]
        await change_observation(
            session,
            actor=ADA,
            measure_id=measure.id,
            observation_id=first.id,
            given={"value": 90},
            note="",
            excluded_because="",
            version=first.version,
            now=clock(),
        )
    assert await take_back(database, done, clock) == 1
    assert await numbers(database, measure) == {"2026-10-19": 90}


async def test_of_two_confirmations_at_once_one_is_done(database: Database, clock: TestClock, measure: Measure) -> None:
    preview = await sent(database, measure, WEEK, clock)
    done, refused = await outcomes(*(confirm(database, preview, clock) for _ in range(3)))
    assert (len(done), len(refused)) == (1, 2)
    assert all(isinstance(error, Conflict) for error in refused)
    done, refused = await outcomes(*(take_back(database, done[0], clock) for _ in range(3)))
    assert (len(done), len(refused)) == (1, 2)
    assert await numbers(database, measure) == {}


async def test_numbers_that_changed_since_the_preview_are_looked_at_again(
    database: Database, clock: TestClock, measure: Measure
) -> None:
    preview = await sent(database, measure, WEEK, clock)
    async with database.writing() as session:
        await add_observation(
            session,
            actor=ADA,
            measure_id=measure.id,
            period=date(2026, 10, 20),
            given={"value": 88},
            now=clock(),
            today=clock().date(),
        )
    with pytest.raises(Conflict, match="Look at it again"):
        await confirm(database, preview, clock)
    assert await numbers(database, measure) == {"2026-10-20": 88}
    async with database.reading() as session:
        now = await waiting_preview(session, actor=ADA, measure_id=measure.id, import_id=preview.id or 0, now=clock())
    assert now.comparison.count("changed") == 1
    await confirm(database, preview, clock, seen=now.comparison.seen)
    assert (await numbers(database, measure))["2026-10-20"] == 94


async def test_an_upload_is_its_persons_own_and_expires(database: Database, clock: TestClock, measure: Measure) -> None:
    bea = await join(database, clock, "bea@school.example", "teacher")
    preview = await sent(database, measure, WEEK, clock)
    with pytest.raises(NotFound, match="gone"):
        await confirm(database, preview, clock, actor=Actor(person_id=bea.id, name="Bea", kind="person"))
    clock.forward(seconds=WAITS.total_seconds() + 1)
    with pytest.raises(NotFound, match="gone"):
        await confirm(database, preview, clock)
    async with database.writing() as session:
        assert await prune_uploads(session, now=clock()) == 1
        assert await session.scalar(select(func.count()).select_from(MeasureImport)) == 0


async def test_a_second_upload_takes_the_place_of_the_first(
    database: Database, clock: TestClock, measure: Measure
) -> None:
    first = await sent(database, measure, WEEK, clock)
    second = await sent(database, measure, ODD, clock)
    # SQLite gives the second one the first one's id; then what was seen tells them apart.
    with pytest.raises((NotFound, Conflict)):
        await confirm(database, first, clock)
    await confirm(database, second, clock, others={"blank": "closed", "zero": "leave-out"})


async def test_good_rows_do_not_wait_for_bad_ones(database: Database, clock: TestClock, measure: Measure) -> None:
    bad = "date,percent\n2026-10-19,93\nsoon,93\n2026-10-20,101\n2026-10-21,-3\n2026-10-22,=1+1\n2026-10-19,94\n"
    preview = await sent(database, measure, bad, clock)
    assert [str(fault.words) for fault in preview.faults] == [
        "Line 3: there is no date in the column date. Write it as 2026-10-27 or 10/27/2026.",
        "Line 4: 101 can't be right: the most is 100. Correct it.",
        "Line 5: -3 can't be right: the least is 0. Correct it.",
        "Line 6: a formula stands in the column percent. Write the number itself.",
        "Line 7: this day stands in line 2 already. Remove one of the two.",
    ]
    await confirm(database, preview, clock)
    assert await numbers(database, measure) == {"2026-10-19": 93}


async def test_the_columns_of_the_last_file_are_remembered(
    database: Database, clock: TestClock, measure: Measure
) -> None:
    text = "Tag,Quote,Rest\n2026-10-19,93.1,1\n"
    with pytest.raises(InvalidInput, match="column for the date"):
        await sent(database, measure, text, clock)
    said = {"period": "tag", "value": "Quote"}
    await confirm(database, await sent(database, measure, text, clock, columns=said), clock)
    again = await sent(database, measure, text + "2026-10-20,94,1\n", clock)
    assert (again.comparison.count("new"), again.comparison.count("same")) == (1, 1)


async def test_a_real_school_year_with_days_of_zero(database: Database, clock: TestClock, measure: Measure) -> None:
    preview = await sent(database, measure, series("zero_day"), clock)
    codes = [row.suspicion.code for row in preview.comparison.suspicious if row.suspicion]
    assert "zero" in codes
    others = {"zero": "leave-out", "blank": "closed", "unusual": "keep"}
    await confirm(database, preview, clock, others=others)
    async with database.reading() as session:
        kept = await observations_of(session, measure.id)
    assert len(kept) == 184
    assert all(number.excluded_because for number in kept if not number.value)
    assert (await sent(database, measure, series("zero_day"), clock)).id is None


async def test_a_file_with_a_row_a_student_leaves_counts(
    database: Database, clock: TestClock, measure: Measure
) -> None:
    counted = await a_measure(
        database, clock, measure.project_id or 0, vocabulary="absent-10pct-window", cadence="week", name="Absent"
    )
    preview = await sent(database, counted, student_days(), clock)
    assert (preview.is_counted, preview.rows_read) == (True, 900)
    await confirm(database, preview, clock)
    async with database.reading() as session:
        kept = await observations_of(session, counted.id)
        facts = await facts_of(session, counted.id)
    assert [(number.x, number.n) for number in kept] == [(10, 30), (13, 30), (13, 30)]
    assert facts.remembered["students"]["columns"]["student"] == "student"
    assert (await sent(database, counted, student_days(), clock)).state == "nothing-changed"


async def test_one_call_imports_or_says_what_is_odd(database: Database, clock: TestClock, measure: Measure) -> None:
    asked = {"actor": ADA, "measure_id": measure.id, "content": ODD.encode(), "file_name": "a.csv"}
    asked |= {"now": clock(), "today": clock().date()}
    with pytest.raises(InvalidInput, match="need a decision"):
        await import_file(database, **asked)
    assert await numbers(database, measure) == {}
    assert (await import_file(database, **asked, dry_run=True))["state"] == "dry-run"
    done = await import_file(database, **asked, suspicious=Suspicious(decision="closed"))
    assert (done["state"], done["new"], len(done["suspicious"])) == ("done", 7, 2)
    assert (await import_file(database, **asked))["state"] == "nothing-changed"
    async with database.reading() as session:
        waiting = select(func.count()).select_from(MeasureImport).where(MeasureImport.state == "waiting")
        assert await session.scalar(waiting) == 0
        assert await session.scalar(select(func.count()).select_from(Observation)) == 7


async def test_a_failing_confirmation_writes_nothing(database: Database, clock: TestClock, measure: Measure) -> None:
    preview = await sent(database, measure, WEEK, clock)

    async def confirm_then_fail() -> None:
        async with database.writing() as session:
            await confirm_import(
                session,
                actor=ADA,
                measure_id=measure.id,
                import_id=preview.id or 0,
                decisions={},
                others={},
                seen=preview.comparison.seen,
                now=clock() + timedelta(minutes=1),
            )
            raise RuntimeError("the disk is full")

    with pytest.raises(RuntimeError):
        await confirm_then_fail()
    assert await numbers(database, measure) == {}
    await confirm(database, preview, clock)
    assert len(await numbers(database, measure)) == 5
