"""Roll a school year over: what goes on moves into the next year's plan in one act, what is done stays where it was."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import record_audit
from nic_node.db.base import Base
from nic_node.errors import Conflict, NotFound
from nic_node.i18n import N_
from nic_node.school.actions.tables import ActionItem
from nic_node.school.measures.tables import Measure
from nic_node.school.plan.goals import CARRIED, GOAL_FIELDS, MOST_ACTIVE, PlanView, plan_of_year
from nic_node.school.plan.supports import carry_supports, going_on, supports_of
from nic_node.school.plan.tables import Goal, Plan
from nic_node.school.profile.name import school_year
from nic_node.school.projects.tables import Project
from nic_node.school.team.tables import TeamYear

PREPARED_FROM: Final = 5
"""The month, May, from which on the next school year may be prepared."""
GOES_ON: Final = ("active", "resting")
NO_EARLIER: Final = N_("There is no plan yet from which a year could go on. Write the first one.")
TOO_EARLY: Final = N_(
    "This year has its plan already, and the next one can be prepared from May on. Nothing was changed."
)
OTHER_YEAR: Final = "The year to prepare is {year}: look at the preview again. Nothing was changed."
WHICH_RESTS: Final = (
    "{count} active goals would go on, and more than three get no attention. Let one rest on its page first, or say"
    " there why not: {titles}. Nothing was changed."
)
DONE_ALREADY: Final = "There is a plan for {year} already, so nothing was changed. Change it on its page."


@dataclass(frozen=True, slots=True, kw_only=True)
class RollOver:
    """What rolling over would do.

    Attributes:
        goes_on: goals that may move, the two-year goal first; the others of the year stay in it.
        projects, actions, measures: how many of each hang on those goals and move with them.
        supports: how many that are not over are copied with them.
        norms: whether the team's norms are copied.
    """

    from_year: str
    to_year: str
    plan: PlanView
    goes_on: Sequence[Goal]
    stays: Sequence[Goal]
    projects: int
    actions: int
    measures: int
    supports: int
    norms: bool


def next_year(year: str) -> str:
    """'2027-28' for '2026-27'."""
    first = int(year[:4]) + 1
    return f"{first}-{(first + 1) % 100:02d}"


async def next_to_begin(session: AsyncSession, year: str, today: date) -> str | None:
    """The year that can be begun from this one now; None where its time has not come, or it has a plan already."""
    try:
        asked = await preview_roll_over(session, today)
    except (Conflict, NotFound):
        return None
    return asked.to_year if asked.from_year == year else None


async def preview_roll_over(session: AsyncSession, today: date) -> RollOver:
    """What there is to move, without changing anything.

    Raises:
        NotFound: there is no plan to go on from.
        Conflict: this year has its plan, and it is too early for the next one; or the next one has its plan too.
    """
    this = school_year(today)
    latest = await session.scalar(select(func.max(Plan.school_year)))
    if latest is None:
        raise NotFound(NO_EARLIER)
    if latest > this:
        raise Conflict(DONE_ALREADY.format(year=latest))
    is_prepared = PREPARED_FROM <= today.month < 8
    if latest == this and not is_prepared:
        raise Conflict(TOO_EARLY)
    plan = await plan_of_year(session, latest)
    assert plan is not None
    goes_on = [goal for goal in plan.goals if goal.state in GOES_ON]
    ids = [goal.id for goal in goes_on]
    return RollOver(
        from_year=latest,
        to_year=next_year(this) if latest == this else this,
        plan=plan,
        goes_on=goes_on,
        stays=[goal for goal in plan.goals if goal.state not in GOES_ON],
        projects=await _count(session, Project, Project.goal_id.in_(ids), Project.state != "closed"),
        actions=await _count(session, ActionItem, ActionItem.goal_id.in_(ids), ActionItem.state == "open"),
        measures=await _count(session, Measure, Measure.goal_id.in_(ids)),
        supports=len(going_on(await supports_of(session, ids), today)),
        norms=await session.scalar(select(TeamYear.id).where(TeamYear.school_year == latest)) is not None,
    )


async def roll_over(
    session: AsyncSession, *, actor: Actor, to_year: str, goal_ids: Collection[int], today: date, now: datetime
) -> RollOver:
    """Make the plan of `to_year` from the one before: vision, beliefs, norms, and the goals of `goal_ids`.

    What is open under such a goal (projects, action items, measures) goes with it, and its supports that are not over
    are copied. All of it or nothing.

    Raises:
        NotFound, Conflict: as `preview_roll_over`; Conflict also where `to_year` is not the year that it names.
    """
    year = await session.scalar(select(func.max(Plan.school_year)))
    # Held until the end: whoever comes second finds the new plan, and changes nothing.
    await session.scalar(select(Plan.id).where(Plan.school_year == year).with_for_update())
    if await session.scalar(select(Plan.id).where(Plan.school_year == to_year)) is not None:
        raise Conflict(DONE_ALREADY.format(year=to_year))
    asked = await preview_roll_over(session, today)
    if to_year != asked.to_year:
        raise Conflict(OTHER_YEAR.format(year=asked.to_year))
    moving = [one for one in asked.goes_on if one.id in goal_ids]
    active = [one for one in moving if one.state == "active" and one.horizon != "two-year"]
    if len(active) > MOST_ACTIVE and not any(one.despite for one in active):
        raise Conflict(WHICH_RESTS.format(count=len(active), titles="; ".join(one.title for one in active)))
    plan = Plan(school_year=to_year, vision=asked.plan.vision, beliefs=asked.plan.beliefs, updated_at=now)
    session.add(plan)
    await session.flush()
    moved: dict[int, int] = {}
    for goal in moving:
        moved[goal.id] = await _carry(session, goal, plan.id, moved.get(goal.parent_id or 0), now)
    await carry_supports(session, moved=moved, today=today, now=now)
    await _copy_norms(session, actor, asked, now)
    await session.flush()
    await record_audit(
        session,
        actor=actor,
        action="plan.rolled-over",
        subject="plan",
        subject_id=plan.id,
        before={"school_year": asked.from_year},
        after={"school_year": to_year, "goals": sorted(moved)},
        now=now,
    )
    return asked


async def _carry(session: AsyncSession, goal: Goal, plan_id: int, parent_id: int | None, now: datetime) -> int:
    """The goal in the new plan; the old one says that it went on."""
    words = {name: getattr(goal, name) for name in GOAL_FIELDS}
    made = Goal(
        plan_id=plan_id,
        parent_id=parent_id,
        horizon=goal.horizon,
        state=goal.state,
        created_at=now,
        updated_at=now,
        **words,
    )
    session.add(made)
    goal.state, goal.updated_at = CARRIED, now
    await session.flush()
    goes = {"goal_id": made.id}
    of_goal = (Project.goal_id == goal.id, ActionItem.goal_id == goal.id, Measure.goal_id == goal.id)
    await session.execute(update(Project).where(of_goal[0], Project.state != "closed").values(goes))
    await session.execute(update(ActionItem).where(of_goal[1], ActionItem.state == "open").values(goes))
    await session.execute(update(Measure).where(of_goal[2]).values(goes))
    return made.id


async def _copy_norms(session: AsyncSession, actor: Actor, asked: RollOver, now: datetime) -> None:
    there = select(TeamYear).where(TeamYear.school_year.in_([asked.from_year, asked.to_year]))
    by_year = {row.school_year: row for row in await session.scalars(there)}
    if asked.from_year in by_year and asked.to_year not in by_year:
        norms = by_year[asked.from_year].norms
        row = TeamYear(
            school_year=asked.to_year, norms=norms, created_by=actor.person_id, created_at=now, updated_at=now
        )
        session.add(row)


async def _count(session: AsyncSession, table: type[Base], *chosen: ColumnElement[bool]) -> int:
    return await session.scalar(select(func.count()).select_from(table).where(*chosen)) or 0
