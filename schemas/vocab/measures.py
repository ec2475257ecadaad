"""Measures (30 and 'other')."""

from dataclasses import dataclass

from schemas.marks import N_
from schemas.vocab.entry import OTHER, Entry, Vocabulary


@dataclass(frozen=True)
class Measure(Entry):
    """A measure of the vocabulary.

    `unit` is an id of UNITS, `unit_label` says in words what the number is, `kind` and `window` are
    the usual ones (a payload states its own), `better` is fixed. `scale` holds the ends of a mean's
    scale, None where the instrument decides (the payload then states it). `version` is the version
    of the definition: results of different versions are never pooled.
    """

    unit: str
    unit_label: str
    kind: str
    better: str
    window: str
    scale: tuple[float, float] | None = None
    version: int = 1

    @property
    def is_cumulative(self) -> bool:
        """Whether it only adds up through the year: refused for run charts, and never pooled."""
        return self.window == "year-to-date"

    @property
    def is_poolable(self) -> bool:
        """Whether results of several schools can be pooled: something to compare, and a fixed definition."""
        return self.id != OTHER and self.unit != "count" and not self.is_cumulative


PERCENT_SCALE = (0.0, 100.0)
OF_STUDENTS = N_("percent of students")

MEASURES = Vocabulary(
    "measures",
    Measure(
        "attendance-rate",
        N_("Attendance rate"),
        N_("Mean share of enrolled days on which students were present."),
        unit="mean",
        unit_label=N_("mean percent of days"),
        kind="outcome",
        better="up",
        window="week",
        scale=PERCENT_SCALE,
    ),
    Measure(
        "absent-10pct-window",
        N_("Absent 10 % or more, last 20 school days"),
        N_("Students who missed 10 % or more of the last 20 school days."),
        unit="proportion",
        unit_label=OF_STUDENTS,
        kind="outcome",
        better="down",
        window="20-school-days",
    ),
    Measure(
        "chronic-absence-year",
        N_("Chronic absence, year to date"),
        N_("Students who missed 10 % or more of their enrolled days since the year began."),
        unit="proportion",
        unit_label=OF_STUDENTS,
        kind="outcome",
        better="down",
        window="year-to-date",
    ),
    Measure(
        "tardies",
        N_("Tardies"),
        N_("Late arrivals at school."),
        unit="rate",
        unit_label=N_("per 100 student-days"),
        kind="outcome",
        better="down",
        window="week",
    ),
    Measure(
        "course-failure",
        N_("Course failure"),
        N_("Students with a failing mark in one course or more."),
        unit="proportion",
        unit_label=OF_STUDENTS,
        kind="outcome",
        better="down",
        window="marking-period",
    ),
    Measure(
        "on-track-9",
        N_("On track in grade 9"),
        N_(
            "Grade-9 students with the credits that graduation in four years needs, and at most one failed core course."
        ),
        unit="proportion",
        unit_label=OF_STUDENTS,
        kind="outcome",
        better="up",
        window="semester",
    ),
    Measure(
        "credits-earned",
        N_("Credits earned"),
        N_("Mean credits earned a student."),
        unit="mean",
        unit_label=N_("mean credits"),
        kind="outcome",
        better="up",
        window="semester",
    ),
    Measure(
        "assignments-submitted",
        N_("Assignments submitted"),
        N_("Mean share of assigned work that students handed in."),
        unit="mean",
        unit_label=N_("mean percent of assignments"),
        kind="driver",
        better="up",
        window="week",
        scale=PERCENT_SCALE,
    ),
    Measure(
        "graduation-4yr",
        N_("Graduation in four years"),
        N_("Students of a cohort who graduated within four years."),
        unit="proportion",
        unit_label=OF_STUDENTS,
        kind="outcome",
        better="up",
        window="school-year",
    ),
    Measure(
        "fafsa-complete",
        N_("FAFSA completed"),
        N_("Seniors who have completed the application for federal student aid."),
        unit="proportion",
        unit_label=OF_STUDENTS,
        kind="outcome",
        better="up",
        window="year-to-date",
    ),
    Measure(
        "advanced-course-enrolled",
        N_("Enrolled in an advanced course"),
        N_("Students enrolled in one advanced or college-credit course or more."),
        unit="proportion",
        unit_label=OF_STUDENTS,
        kind="outcome",
        better="up",
        window="semester",
    ),
    Measure(
        "reading-benchmark",
        N_("At the reading benchmark"),
        N_("Students at or above the benchmark of a reading screener."),
        unit="proportion",
        unit_label=OF_STUDENTS,
        kind="outcome",
        better="up",
        window="one-time",
    ),
    Measure(
        "oral-reading-fluency",
        N_("Oral reading fluency"),
        N_("Mean number of words read correctly in a minute from a grade-level passage."),
        unit="mean",
        unit_label=N_("mean words a minute"),
        kind="outcome",
        better="up",
        window="one-time",
        scale=(0.0, 250.0),
    ),
    Measure(
        "writing-rubric",
        N_("Writing rubric"),
        N_("Mean points on a shared writing rubric."),
        unit="mean",
        unit_label=N_("mean points"),
        kind="outcome",
        better="up",
        window="one-time",
    ),
    Measure(
        "math-benchmark",
        N_("At the math benchmark"),
        N_("Students at or above the benchmark of a math screener."),
        unit="proportion",
        unit_label=OF_STUDENTS,
        kind="outcome",
        better="up",
        window="one-time",
    ),
    Measure(
        "unit-assessment",
        N_("Unit assessment"),
        N_("Mean percent score on a shared assessment at the end of a unit."),
        unit="mean",
        unit_label=N_("mean percent"),
        kind="outcome",
        better="up",
        window="one-time",
        scale=PERCENT_SCALE,
    ),
    Measure(
        "exit-ticket-mastery",
        N_("Exit ticket mastery"),
        N_("Students who answered the exit ticket correctly."),
        unit="proportion",
        unit_label=OF_STUDENTS,
        kind="driver",
        better="up",
        window="week",
    ),
    Measure(
        "growth-target-met",
        N_("Growth target met"),
        N_("Students who met their growth target between two tests."),
        unit="proportion",
        unit_label=OF_STUDENTS,
        kind="outcome",
        better="up",
        window="one-time",
    ),
    Measure(
        "el-progress",
        N_("English learner progress"),
        N_("English learners who met their yearly progress in English proficiency."),
        unit="proportion",
        unit_label=OF_STUDENTS,
        kind="outcome",
        better="up",
        window="one-time",
    ),
    Measure(
        "iep-goal-progress",
        N_("IEP goal progress"),
        N_("Students with an IEP who are on pace for most of its goals."),
        unit="proportion",
        unit_label=OF_STUDENTS,
        kind="outcome",
        better="up",
        window="marking-period",
    ),
    Measure(
        "referrals",
        N_("Office referrals"),
        N_("Referrals of students to the office for behavior."),
        unit="rate",
        unit_label=N_("per 100 student-days"),
        kind="outcome",
        better="down",
        window="week",
    ),
    Measure(
        "suspensions",
        N_("Suspensions"),
        N_("Suspensions out of school or in school."),
        unit="rate",
        unit_label=N_("per 100 students"),
        kind="outcome",
        better="down",
        window="marking-period",
    ),
    Measure(
        "instructional-minutes-lost",
        N_("Instructional minutes lost"),
        N_("Mean minutes of instruction that students missed through removal, lateness or interruption."),
        unit="minutes",
        unit_label=N_("mean minutes"),
        kind="outcome",
        better="down",
        window="week",
    ),
    Measure(
        "belonging",
        N_("Belonging"),
        N_("Students who answered favorably to questions about belonging."),
        unit="proportion",
        unit_label=N_("percent favorable"),
        kind="outcome",
        better="up",
        window="one-time",
    ),
    Measure(
        "engagement",
        N_("Engagement"),
        N_("Students who answered favorably to questions about engagement."),
        unit="proportion",
        unit_label=N_("percent favorable"),
        kind="outcome",
        better="up",
        window="one-time",
    ),
    Measure(
        "family-contact",
        N_("Families reached"),
        N_("Families of the group with whom somebody at school was in contact, both ways."),
        unit="proportion",
        unit_label=N_("percent of families"),
        kind="process",
        better="up",
        window="week",
    ),
    Measure(
        "sessions-held",
        N_("Sessions held"),
        N_("Planned sessions that took place."),
        unit="count",
        unit_label=N_("sessions"),
        kind="process",
        better="up",
        window="week",
    ),
    Measure(
        "look-fors-seen",
        N_("Look-fors seen"),
        N_("Visits in which the agreed look-fors were seen."),
        unit="rate",
        unit_label=N_("of the visits made"),
        kind="process",
        better="up",
        window="week",
    ),
    Measure(
        "collective-efficacy",
        N_("Collective efficacy"),
        N_("Mean of staff on a scale of how much they trust their joint ability to reach students."),
        unit="mean",
        unit_label=N_("mean of the scale"),
        kind="driver",
        better="up",
        window="one-time",
    ),
    Measure(
        "staff-retention",
        N_("Staff retention"),
        N_("Staff who came back the next school year."),
        unit="proportion",
        unit_label=N_("percent of staff"),
        kind="outcome",
        better="up",
        window="school-year",
    ),
    Measure(
        OTHER,
        N_("Other"),
        N_("None of these; the label says what, and the payload states unit and direction."),
        unit="proportion",
        unit_label=OF_STUDENTS,
        kind="outcome",
        better="up",
        window="week",
    ),
)
