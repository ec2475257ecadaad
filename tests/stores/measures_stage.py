"""A project, measures and files for tests of measures."""

import csv
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.db.engine import Database
from nic_node.school.measures.read_file import ReadFile, ReadOptions, read_file
from nic_node.school.measures.tables import Measure
from nic_node.school.measures.uploads import Preview, facts_of, preview_import
from nic_node.school.measures.write import add_measure
from nic_node.school.projects.tables import Project
from tests.conftest import TestClock

ADA = Actor(person_id=1, name="Ada Field", kind="person")
SERIES = Path(__file__).parent.parent / "data" / "series" / "attendance_daily.csv"
START = date(2026, 9, 14)


async def a_project(database: Database, clock: TestClock, *, starts_on: date = START) -> int:
    async with database.writing() as session:
        row = {
            "title": "Breakfast check-in",
            "state": "active",
            "starts_on": starts_on,
            "created_at": clock(),
            "updated_at": clock(),
            "version": 1,
        }
        project_id: int = (await session.execute(insert(Project).values(**row).returning(Project.id))).scalar_one()
    return project_id


async def a_measure(database: Database, clock: TestClock, project_id: int, /, **values: Any) -> Measure:
    usual = {"project_id": project_id, "vocabulary": "attendance-rate", "name": "Daily attendance", "cadence": "day"}
    async with database.writing() as session:
        return await add_measure(session, actor=ADA, values={**usual, **values}, now=clock())


async def send(
    session: AsyncSession, measure_id: int, text: str, clock: TestClock, *, actor: Actor = ADA, **options: Any
) -> Preview:
    """Read a CSV and let it wait for its confirmation."""
    upload = await read(session, measure_id, text, clock, **options)
    return await preview_import(session, actor=actor, measure_id=measure_id, upload=upload, now=clock())


async def read(session: AsyncSession, measure_id: int, text: str, clock: TestClock, **options: Any) -> ReadFile:
    facts = await facts_of(session, measure_id)
    return read_file(
        text.encode(), file_name="office.csv", options=ReadOptions(**options), facts=facts, today=clock().date()
    )


def series(column: str) -> str:
    """A real school's daily attendance, as the office would send it: date and percent."""
    with SERIES.open(newline="") as file:
        rows = [(row["date"], row[column]) for row in csv.DictReader(file)]
    written = StringIO()
    csv.writer(written).writerows([("date", "percent"), *rows])
    return written.getvalue()


def student_days(students: int = 30, days: int = 30, *, first: date = date(2026, 9, 1), more: str = "") -> str:
    """A row a student and day; student k misses every (k + 2)th school day, so the first ones pass 10 %."""
    lines = ["student,grade,date,status" + (",name" if more else "")]
    school_days = [day for day in (first + timedelta(n) for n in range(2 * days)) if day.weekday() < 5][:days]
    for student in range(students):
        for number, day in enumerate(school_days):
            status = "absent" if number % (student + 2) == 0 else "present"
            lines.append(f"S{student:03d},7,{day.isoformat()},{status}" + (f",{more}{student}" if more else ""))
    return "\n".join(lines) + "\n"
