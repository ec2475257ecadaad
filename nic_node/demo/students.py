"""Files with a row a student and day, made from a seed: no real child stands behind a row.

Each student misses days at a rate of their own; the change lowers the rates of its grade from the third week on.
"""

import random
from dataclasses import dataclass
from datetime import timedelta

from nic_node.demo.calendar import DemoCalendar
from nic_node.demo.schools import DemoSchool

HEADER = "student,grade,date,status"
MEAN_ABSENCE = 0.08
SPREAD = 9.0
"""Beta(mean * spread, (1 - mean) * spread): about two students in five miss a tenth of their days."""
WEEKS_UNTIL_IT_WORKS = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """A grade's file.

    Attributes:
        kept: what the change leaves of each student's absence; 1.0 is no change at all.
    """

    label: str
    students: int
    kept: float
    seed: str

    @property
    def group(self) -> tuple[str, int]:
        """Its name as a measure's group, and its size."""
        return f"grade {self.label}", self.students


def treated_grade(school: DemoSchool, kept: float) -> Grade:
    return Grade(label="6", students=school.treated, kept=kept, seed=f"{school.key}-6")


def untreated_grade(school: DemoSchool) -> Grade:
    return Grade(label="8", students=school.untreated, kept=1.0, seed=f"{school.key}-8")


def student_days_csv(grade: Grade, calendar: DemoCalendar) -> str:
    draw = random.Random(grade.seed)  # noqa: S311 - a seed that repeats is the point here
    works_from = calendar.starts_on + timedelta(weeks=WEEKS_UNTIL_IT_WORKS)
    rates = [draw.betavariate(MEAN_ABSENCE * SPREAD, (1 - MEAN_ABSENCE) * SPREAD) for _ in range(grade.students)]
    lines = [HEADER]
    for number, rate in enumerate(rates, 1):
        lines += [
            f"S{number:03d},{grade.label},{day.isoformat()},{_status(draw, rate, grade.kept, day >= works_from)}"
            for day in calendar.school_days()
        ]
    return "\n".join(lines) + "\n"


def _status(draw: random.Random, rate: float, kept: float, works: bool) -> str:  # noqa: FBT001 - private, one caller
    return "absent" if draw.random() < rate * (kept if works else 1.0) else "present"
