"""What the district's own form can be filled with: the plan and its projects, as papers tell them."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.people import person_names
from nic_node.i18n import N_
from nic_node.school.papers.paper import Writer
from nic_node.school.papers.plan_paper import STATES, project_line
from nic_node.school.papers.results import DECISIONS, Outcome, outcomes_of
from nic_node.school.plan.goals import MOST_ACTIVE, plan_of_year
from nic_node.school.plan.tables import Goal
from nic_node.school.profile.name import year_in_words
from nic_node.school.profile.tables import SchoolProfile
from nic_node.school.projects.read import closes_on
from nic_node.school.projects.tables import Project

PLACEHOLDERS: Final[Mapping[str, str]] = {
    "school": N_("the school's name"),
    "district": N_("its district"),
    "year": N_("the school year"),
    "today": N_("the date of today"),
    "vision": N_("the plan's vision"),
    "beliefs": N_("its beliefs"),
    "big_goal": N_("the two-year goal: big_goal.title, .why, .indicator, .baseline, .target, .due, .owner, .state"),
    "goals": N_(
        "this year's goals, to repeat a part for each: {% for goal in goals %} … {{ goal.title }} … {% endfor %}"
    ),
    "goal1": N_("the first goal, as above; goal2, goal3 likewise; goal1.projects_text names its projects in one text"),
    "projects": N_("projects of the year: project.title, .aim, .starts, .ends, .decision, .moved; also goal.projects"),
}
NUMBERED: Final = tuple(f"goal{number}" for number in range(1, MOST_ACTIVE + 1))
NO_GOAL: Final = dict.fromkeys(
    ("title", "why", "indicator", "baseline", "target", "due", "owner", "state", "projects_text"), ""
)


async def form_values(session: AsyncSession, writer: Writer, *, school_year: str, today: date) -> dict[str, Any]:
    """Placeholder -> what stands there; '' where nothing was written."""
    profile = await session.scalar(select(SchoolProfile))
    plan = await plan_of_year(session, school_year)
    goals = list(plan.goals) if plan else []
    serving = select(Project).where(Project.goal_id.in_([goal.id for goal in goals]), Project.state != "draft")
    projects = list(await session.scalars(serving.order_by(Project.starts_on, Project.id)))
    outcomes = await outcomes_of(session, projects, writer)
    owners = await person_names(session, {goal.owner_id for goal in goals})
    big = plan.two_year_goal if plan else None

    def told(goal: Goal) -> dict[str, Any]:
        return _goal(writer, goal, owners, [outcomes[one.id] for one in projects if one.goal_id == goal.id])

    active = [told(goal) for goal in (plan.worked_on if plan else ())]
    return {
        "school": profile.name if profile else "",
        "district": (profile.district or "") if profile else "",
        "year": year_in_words(school_year),
        "today": writer.day(today),
        "vision": writer.own(plan.vision) if plan else "",
        "beliefs": writer.own(plan.beliefs) if plan else "",
        "big_goal": told(big) if big else {**NO_GOAL, "projects": []},
        "goals": active,
        "projects": [_project(writer, outcomes[one.id]) for one in projects],
        **{name: {**NO_GOAL, "projects": []} for name in NUMBERED},
        **dict(zip(NUMBERED, active, strict=False)),
    }


def _goal(writer: Writer, goal: Goal, owners: Mapping[int, str], outcomes: Sequence[Outcome]) -> dict[str, Any]:
    return {
        **{name: writer.own(getattr(goal, name)) for name in ("title", "why", "indicator", "baseline", "target")},
        "due": writer.day(goal.due),
        "owner": owners.get(goal.owner_id or 0, ""),
        "state": writer.say(STATES[goal.state]),
        "projects": [_project(writer, one) for one in outcomes],
        "projects_text": "\n".join(project_line(writer, one) for one in outcomes),
    }


def _project(writer: Writer, outcome: Outcome) -> dict[str, str]:
    project = outcome.project
    return {
        "title": writer.own(project.title),
        "aim": writer.own(project.aim_text),
        "starts": writer.day(project.starts_on),
        "ends": writer.day(project.closed_on or closes_on(project)),
        "decision": writer.say(DECISIONS[outcome.decision]),
        "moved": outcome.moved,
    }
