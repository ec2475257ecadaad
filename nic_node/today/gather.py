"""What each person has to do now: the week's act of each goal, what is late, and which chart gave a signal."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.people import person_names
from nic_node.keyring.operator_key import OperatorKey
from nic_node.school.actions.read import ActionLine, open_actions
from nic_node.school.coaching.read import OwnStep, own_steps
from nic_node.school.measures.chart import latest_numbers
from nic_node.school.measures.tables import Measure
from nic_node.school.meetings.read import MeetingView, next_meetings, view_meeting
from nic_node.school.plan.goals import active_goals
from nic_node.school.plan.tables import Goal
from nic_node.school.projects.read import day_of, days_late, is_late, running_projects
from nic_node.school.projects.tables import Project, ProjectStep


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """The next concrete act of a goal, or that it has none.

    Attributes:
        project, step: None where the goal has no running project, or its project no open step.
        done, steps: how many of the project's steps are done.
    """

    goal: Goal | None
    project: Project | None
    step: ProjectStep | None
    done: int
    steps: int
    day: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """`what` is a step or an action item, or None for a project that passed its last day undecided.

    Attributes:
        days: since it was due.
        action_id: of an action item, which may serve no project.
    """

    project: Project | None
    what: str | None
    owner: str
    days: int
    action_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    measure: Measure
    latest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """Attributes: mine, coaching: this person's open action items, and next steps that only a pair sees.

    meeting: the next one, or the one that runs.
    """

    acts: Sequence[Act]
    late: Sequence[Late]
    signals: Sequence[Signal]
    projects: Sequence[Project]
    mine: Sequence[ActionLine]
    coaching: Sequence[OwnStep]
    meeting: MeetingView | None

    @property
    def is_new(self) -> bool:
        """Nothing is planned yet: the page shows the next best step instead."""
        return not self.acts


async def gather(session: AsyncSession, key: OperatorKey, *, person_id: int, today: date) -> Gathered:
    """One pass over goals, running projects, their steps and measures: a bounded number of queries."""
    goals = await active_goals(session)
    projects = await running_projects(session)
    project_ids = [project.id for project in projects]
    chosen = select(ProjectStep).where(ProjectStep.project_id.in_(project_ids)).order_by(ProjectStep.position)
    steps: dict[int, list[ProjectStep]] = {project_id: [] for project_id in project_ids}
    for step in await session.scalars(chosen):
        steps[step.project_id].append(step)
    owners = await person_names(session, {project.lead_id for project in projects if project.lead_id})
    actions = await open_actions(session, today)
    ahead = await next_meetings(session, today, limit=1)
    late = [*_late(projects, steps, owners, today), *_late_actions(actions, projects)]
    return Gathered(
        acts=_acts(goals, projects, steps, today),
        late=sorted(late, key=lambda item: -item.days),
        signals=await _signals(session, project_ids),
        projects=projects,
        coaching=await own_steps(session, key, person_id),
        mine=[line for line in actions if line.item.owner_id == person_id],
        meeting=await view_meeting(session, ahead[0].id, today) if ahead else None,
    )


def _acts(
    goals: Sequence[Goal], projects: Sequence[Project], steps: dict[int, list[ProjectStep]], today: date
) -> list[Act]:
    acts = []
    for goal in goals:
        serving = [project for project in projects if project.goal_id == goal.id]
        acts += [_act(goal, project, steps[project.id], today) for project in serving]
        if not serving:
            acts.append(Act(goal=goal, project=None, step=None, done=0, steps=0, day=None))
    known = {goal.id for goal in goals}
    loose = [project for project in projects if project.goal_id not in known]
    return acts + [_act(None, project, steps[project.id], today) for project in loose]


def _act(goal: Goal | None, project: Project, steps: Sequence[ProjectStep], today: date) -> Act:
    still_open = [step for step in steps if step.done_on is None]
    still_open.sort(key=lambda step: (step.due is None, step.due or today, step.position))
    return Act(
        goal=goal,
        project=project,
        step=still_open[0] if still_open else None,
        done=len(steps) - len(still_open),
        steps=len(steps),
        day=day_of(project, today),
    )


def _late(
    projects: Sequence[Project], steps: dict[int, list[ProjectStep]], owners: dict[int, str], today: date
) -> list[Late]:
    late = []
    for project in projects:
        owner = owners.get(project.lead_id or 0, "")
        if is_late(project, today):
            late.append(Late(project=project, what=None, owner=owner, days=days_late(project, today)))
        late += [
            Late(project=project, what=step.does, owner=owner, days=(today - step.due).days)
            for step in steps[project.id]
            if step.done_on is None and step.due is not None and step.due < today
        ]
    return late


def _late_actions(actions: Sequence[ActionLine], projects: Sequence[Project]) -> list[Late]:
    by_id = {project.id: project for project in projects}
    return [
        Late(
            project=by_id.get(line.item.project_id or 0),
            what=line.item.text,
            owner=line.owner,
            days=line.late,
            action_id=line.item.id,
        )
        for line in actions
        if line.late
    ]


async def _signals(session: AsyncSession, project_ids: Sequence[int]) -> list[Signal]:
    chosen = select(Measure).where(Measure.project_id.in_(project_ids), Measure.comparison_of.is_(None))
    measures = list(await session.scalars(chosen.order_by(Measure.id)))
    latest = await latest_numbers(session, [measure.id for measure in measures])
    return [
        Signal(measure=measure, latest=latest[measure.id].text)
        for measure in measures
        if measure.id in latest and latest[measure.id].signal
    ]
