"""The demo's schools: real contexts and series under invented names (data/README.md says whose)."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from importlib.resources import files

from nic_node.demo.calendar import DemoCalendar

DATA = files("nic_node.demo") / "data"
CITY = "city"


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoSchool:
    """`treated` is the size of the grade with the change, `untreated` of the grade without it."""

    key: str
    name: str
    enrolment: int
    treated: int
    untreated: int
    lunch_percent: float
    english_learners_percent: float
    disabilities_percent: float
    locale: int


def demo_schools() -> list[DemoSchool]:
    rows = csv.DictReader(io.StringIO((DATA / "contexts.csv").read_text("utf-8")))
    return [
        DemoSchool(
            key=row["key"],
            name=row["name"],
            enrolment=int(row["enrolment"]),
            treated=int(row["grade_6"]),
            untreated=int(row["grade_8"]),
            lunch_percent=float(row["lunch_percent"]),
            english_learners_percent=float(row["english_learners_percent"]),
            disabilities_percent=float(row["disabilities_percent"]),
            locale=int(row["locale"]),
        )
        for row in rows
    ]


def attendance_csv(school: DemoSchool, calendar: DemoCalendar) -> str:
    """Date and percent present, with the source's own faults; blanks stay blank.

    On a closed day the source says 0.0 for the whole city and leaves a school's cell blank; that 0.00 is written here.
    """
    lines = ["date,percent present"]
    lines += [f"{day.isoformat()},{cell}" for day, cell in _cells(school, calendar)]
    return "\n".join(lines) + "\n"


def _cells(school: DemoSchool, calendar: DemoCalendar) -> Iterator[tuple[date, str]]:
    for row in csv.DictReader(io.StringIO((DATA / "attendance.csv").read_text("utf-8"))):
        day = calendar.moved(date.fromisoformat(row["date"]))
        if day < calendar.today:
            closed = row[CITY] != "" and float(row[CITY]) == 0
            yield day, "0.00" if closed else row[school.key]
