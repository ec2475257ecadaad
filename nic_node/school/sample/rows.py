"""What the sample holds: an invented goal, a project on day 24, its chart with a signal, cycles and a meeting."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

from nic_node.i18n import N_
from nic_node.school.actions.tables import ActionItem
from nic_node.school.causes.tables import Cause, Talk
from nic_node.school.cycles.tables import Cycle
from nic_node.school.measures.tables import Measure, Observation
from nic_node.school.meetings.tables import Meeting, MeetingItem
from nic_node.school.plan.tables import Goal
from nic_node.school.projects.tables import Project, ProjectStep

Say = Callable[[str], str]
DAY = timedelta(days=1)
ON_DAY = 24
"""On which day of 45 the project is."""
BEFORE = (82, 85, 78, 83, 87, 81, 79, 84, 82, 80, 85, 83, 78, 84, 81, 86, 82)
SINCE = (84, 80, 83, 86, 89, 87, 91, 90, 88, 92, 91, 93, 90, 92, 94, 91, 93)
"""Percent present on the school days before the first day, and from it on: a shift that the rules find."""
STEPS = (
    ("teacher", N_("Ask eight students what their mornings are like"), True, 2),
    ("aide", N_("Greet each student at the breakfast table by name"), True, 9),
    ("counsellor", N_("Call home on the second day that somebody is missing"), False, 30),
    ("counsellor", N_("Train two more greeters"), False, 33),
)
"""Who, does what, core, due on which day; the first two are done."""


def goals(say: Say, plan_id: int, now: datetime) -> tuple[Goal, Goal]:
    """The two-year goal, and this year's, to be put under it."""
    two_years = Goal(horizon="two-year", title=say(N_("Sample: every student is here on nine days out of ten")))
    this_year = Goal(
        horizon="annual",
        title=say(N_("Sample: fewer students miss 10 % or more of their days")),
        why=say(N_("Who is missed and welcomed by an adult by name comes back sooner.")),
        indicator=say(N_("Students who missed three days or more by the end of the first month")),
        baseline="46",
        target="23",
    )
    for goal in (two_years, this_year):
        goal.plan_id, goal.state, goal.created_at, goal.updated_at = plan_id, "active", now, now
    return two_years, this_year


def project(say: Say, goal_id: int, person_id: int | None, today: date, now: datetime) -> Project:
    return Project(
        goal_id=goal_id,
        title=say(N_("Sample: breakfast check-in by name")),
        lead_id=person_id,
        author_id=person_id,
        state="active",
        starts_on=first_day(today),
        problem_category="chronic-absence",
        problem_statement=say(N_("46 students in grades 6 to 8 missed three days or more in the first month.")),
        grade_bands=["6-8"],
        aim_measure="attendance-rate",
        aim_better="up",
        aim_target="90",
        aim_text=say(N_("The 46 students are present on 90 % of their days, up from 82 %.")),
        idea_category="mentoring",
        idea_summary=say(N_("One adult greets each of them by name at breakfast, and notices who is missing.")),
        created_at=now,
        updated_at=now,
    )


def steps(say: Say, project_id: int, today: date) -> Iterator[ProjectStep]:
    start = first_day(today)
    for position, (who, does, core, day) in enumerate(STEPS):
        due = _weekdays(start + day * DAY, DAY, 1)[0]
        done_on = due if day < ON_DAY else None
        yield ProjectStep(
            project_id=project_id, position=position, who=who, does=say(does), core=core, due=due, done_on=done_on
        )


def why(say: Say, project_id: int, person_id: int | None, today: date, now: datetime) -> tuple[Cause, Talk]:
    """The cause that it works on, and those who were heard before."""
    cause = say(N_("Nobody at school notices before the third day that they are missing."))
    heard = say(N_("Nobody asks where I was. Mornings are loud, and I don't know whom to go to."))
    told_on = first_day(today) - 3 * DAY
    found = (
        Cause(project_id=project_id, branch="methods", text=cause, is_chosen=True),
        Talk(project_id=project_id, held_on=told_on, with_whom="students", people=8, said=heard),
    )
    for row in found:
        row.created_by, row.created_at, row.updated_at = person_id, now, now
    return found


def measure(say: Say, project_id: int, person_id: int | None, now: datetime) -> Measure:
    return Measure(
        project_id=project_id,
        name=say(N_("Sample: daily attendance of the 46 students")),
        definition=say(N_("Present in the first period, in percent of the 46 students of the project.")),
        vocabulary="attendance-rate",
        kind="outcome",
        unit="mean",
        better="up",
        window="week",
        cadence="day",
        scale_low=0.0,
        scale_high=100.0,
        owner_id=person_id,
        created_at=now,
        updated_at=now,
    )


def observations(measure_id: int, person_id: int | None, today: date, now: datetime) -> Iterator[Observation]:
    start = first_day(today)
    before = _weekdays(start - DAY, -DAY, len(BEFORE))
    since = [day for day in _weekdays(start, DAY, len(SINCE)) if day < today]
    for day, percent in (*zip(reversed(before), BEFORE, strict=True), *zip(since, SINCE, strict=False)):
        yield Observation(
            measure_id=measure_id,
            period=day,
            value=percent,
            entered_by=person_id,
            entered_at=now,
        )


def cycles(
    say: Say, project_id: int, measure_id: int, person_id: int | None, today: date, now: datetime
) -> list[Cycle]:
    start = first_day(today)
    first = Cycle(
        number=1,
        scale=say(N_("8 students")),
        question=say(N_("Do students come to the table when an adult knows their name?")),
        prediction=say(N_("6 of 8 come on most days.")),
        did=say(N_("One greeter, beside the line, for a week.")),
        studied=say(N_("3 of 8 came. The line was too public.")),
        act="adapt",
        next_step=say(N_("Move the table out of the line.")),
        starts_on=start,
        ends_on=start + 9 * DAY,
    )
    second = Cycle(
        number=2,
        scale=say(N_("Grade 6")),
        question=say(N_("Does it hold with the table moved, for a whole grade?")),
        prediction=say(N_("85 % are present on most days.")),
        starts_on=start + 11 * DAY,
    )
    for cycle in (first, second):
        cycle.project_id, cycle.measure_id, cycle.created_by = project_id, measure_id, person_id
        cycle.created_at = cycle.updated_at = now
    return [first, second]


def action(say: Say, goal_id: int, project_id: int, person_id: int | None, today: date, now: datetime) -> ActionItem:
    return ActionItem(
        text=say(N_("Sample: sit in on two breakfast check-ins and note what is said")),
        owner_id=person_id,
        due=today + 2 * DAY,
        state="open",
        goal_id=goal_id,
        project_id=project_id,
        created_by=person_id,
        created_at=now,
        updated_at=now,
    )


def meeting(say: Say, person_id: int | None, today: date, now: datetime) -> Meeting:
    return Meeting(
        title=say(N_("Sample: leadership team")),
        held_on=_weekdays(today + DAY, DAY, 1)[0],
        begins_at="15:15",
        minutes=45,
        place=say(N_("Library")),
        facilitator_id=person_id,
        created_by=person_id,
        created_at=now,
        updated_at=now,
    )


def agenda(say: Say, meeting_id: int, project_id: int, now: datetime) -> Iterator[MeetingItem]:
    rows = ((N_("Breakfast check-in: what does cycle 3 test?"), 25, project_id), (N_("Closing reflection"), 20, None))
    for position, (text, minutes, about) in enumerate(rows):
        yield MeetingItem(
            meeting_id=meeting_id,
            position=position,
            text=say(text),
            topic=say(text),
            minutes=minutes,
            project_id=about,
            created_at=now,
            updated_at=now,
        )


def first_day(today: date) -> date:
    return today - (ON_DAY - 1) * DAY


def _weekdays(start: date, step: timedelta, count: int) -> list[date]:
    """The first `count` weekdays from `start` on, forwards or backwards."""
    found: list[date] = []
    while len(found) < count:
        if start.weekday() < 5:
            found.append(start)
        start += step
    return found
