"""The week's concrete act of each goal, or that it has none; and what is late, in school days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.people import person_names
from nic_node.school.actions.read import ActionLine
from nic_node.school.actions.tables import ActionItem
from nic_node.school.plan.tables import Goal
from nic_node.school.projects.read import closes_on, day_of
from nic_node.school.projects.tables import Project, ProjectStep
from nic_node.school.team.calendar import SchoolCalendar

THIS_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """The next concrete act of a goal, or that it has none.

    Attributes:
        project: None where the goal has no running project.
        what: '' for no act this week. step_id, action_id: of what it is.
        done, steps: how many of the project's steps are done.
        last: what was done last for it, by whom ('' for nobody) and how many days ago; None for nothing.
        later: what comes after this week, with its day.
    """

    goal: Goal | None
    project: Project | None
    what: str = ""
    due: date | None = None
    owner: str = ""
    step_id: int | None = None
    action_id: int | None = None
    done: int = 0
    steps: int = 0
    day: int | None = None
    last: tuple[str, str, int] | None = None
    later: tuple[str, date] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """`what` is a step or an action item, or None for a project that passed its last day undecided.

    Attributes:
        days: school days since it was due.
        owner_id: None for nobody's.
        action_id: of an action item, which may serve no project.
    """

    project: Project | None
    what: str | None
    owner: str
    days: int
    owner_id: int | None = None
    action_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What acts and lateness are made from, read once."""

    goals: Sequence[Goal]
    projects: Sequence[Project]
    steps: Mapping[int, Sequence[ProjectStep]]
    actions: Sequence[ActionLine]
    owners: Mapping[int, str]
    done: Sequence[ActionItem]
    calendar: SchoolCalendar
    today: date


async def read_done(session: AsyncSession, goals: Sequence[Goal], projects: Sequence[Project]) -> list[ActionItem]:
    """Action items that were done for these, the newest first."""
    serving = or_(
        ActionItem.project_id.in_([project.id for project in projects]), ActionItem.goal_id.in_([g.id for g in goals])
    )
    chosen = select(ActionItem).where(ActionItem.state == "done", serving)
    return list(await session.scalars(chosen.order_by(ActionItem.settled_on.desc(), ActionItem.id.desc()).limit(50)))


async def owner_names(session: AsyncSession, projects: Sequence[Project], done: Sequence[ActionItem]) -> dict[int, str]:
    return await person_names(session, {one.lead_id for one in projects} | {item.owner_id for item in done})


def acts_of(work: Work) -> list[Act]:
    """One for each goal and each of its running projects, then for projects that serve no active goal."""
    acts = []
    for goal in work.goals:
        serving = [project for project in work.projects if project.goal_id == goal.id]
        acts += [_act(work, goal, project) for project in serving]
        if not serving:
            acts.append(_act(work, goal, None))
    known = {goal.id for goal in work.goals}
    return acts + [_act(work, None, project) for project in work.projects if project.goal_id not in known]


def late_of(work: Work, person_id: int) -> list[Late]:
    """This person's own first, then the latest first."""
    late = []
    for project in work.projects:
        whose = {"owner": work.owners.get(project.lead_id or 0, ""), "owner_id": project.lead_id}
        undecided = work.calendar.school_days_late(closes_on(project), work.today)
        if undecided:
            late.append(Late(project=project, what=None, days=undecided, **whose))  # type: ignore[arg-type]  # as the fields are
        for step in work.steps[project.id]:
            days = work.calendar.school_days_late(step.due, work.today) if step.due and not step.done_on else 0
            if days:
                late.append(Late(project=project, what=step.does, days=days, **whose))  # type: ignore[arg-type]  # as the fields are
    by_id = {project.id: project for project in work.projects}
    late += [
        Late(
            project=by_id.get(line.item.project_id or 0),
            what=line.item.text,
            owner=line.owner,
            days=line.late,
            owner_id=line.item.owner_id,
            action_id=line.item.id,
        )
        for line in work.actions
        if line.late
    ]
    return sorted(late, key=lambda item: (item.owner_id != person_id, -item.days))


@dataclass(frozen=True, slots=True)
class _Candidate:
    what: str
    due: date | None
    owner: str
    step_id: int | None = None
    action_id: int | None = None


def _act(work: Work, goal: Goal | None, project: Project | None) -> Act:
    candidates = _candidates(work, goal, project)
    soon = [one for one in candidates if one.due is None or one.due <= work.today + THIS_WEEK]
    later = [(one.what, one.due) for one in candidates if one.due is not None and one not in soon]
    steps = work.steps[project.id] if project else ()
    about = {
        "goal": goal,
        "project": project,
        "done": sum(1 for step in steps if step.done_on),
        "steps": len(steps),
        "day": day_of(project, work.today) if project else None,
    }
    if not soon:
        return Act(**about, last=_last(work, goal, project), later=later[0] if later else None)  # type: ignore[arg-type]  # as the fields are
    first = soon[0]
    return Act(
        **about,  # type: ignore[arg-type]  # as the fields are
        what=first.what,
        due=first.due,
        owner=first.owner,
        step_id=first.step_id,
        action_id=first.action_id,
    )


def _candidates(work: Work, goal: Goal | None, project: Project | None) -> list[_Candidate]:
    """Open steps and action items, those with a date first, in order of their dates."""
    found = [
        _Candidate(line.item.text, line.item.due, line.owner, action_id=line.item.id)
        for line in work.actions
        if _serves(line.item, goal, project)
    ]
    if project is not None:
        lead = work.owners.get(project.lead_id or 0, "")
        open_steps = [step for step in work.steps[project.id] if step.done_on is None]
        found += [_Candidate(step.does, step.due, lead, step_id=step.id) for step in open_steps]
    return sorted(found, key=lambda one: (one.due is None, one.due or work.today))


def _serves(item: ActionItem, goal: Goal | None, project: Project | None) -> bool:
    if project is not None:
        return item.project_id == project.id
    return goal is not None and item.goal_id == goal.id and item.project_id is None


def _last(work: Work, goal: Goal | None, project: Project | None) -> tuple[str, str, int] | None:
    done = [
        (item.settled_on, item.text, work.owners.get(item.owner_id or 0, ""))
        for item in work.done
        if item.settled_on and _serves(item, goal, project)
    ]
    if project is not None:
        done += [(step.done_on, step.does, "") for step in work.steps[project.id] if step.done_on]
    if not done:
        return None
    on, text, who = max(done)
    return text, who, (work.today - on).days
