"""Goals of the school's plan: one two-year goal, annual goals under it, at most three of them active at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import record_audit
from nic_node.errors import InvalidInput, NotFound, Stale
from nic_node.i18n import N_, filled
from nic_node.school.editing import CHANGED_MEANWHILE, FORMER_YEARS, far_off, no_such_owner, verify
from nic_node.school.plan.tables import Goal, GoalSupport, Plan

HORIZONS = ("two-year", "annual", "half-year")
STATES = ("active", "resting", "reached", "dropped")
CARRIED = "carried"
"""Of a goal that went on in the next year's plan; nobody chooses it."""
WORKED_ON = ("active", CARRIED)
MOST_ACTIVE = 3
"""Annual and half-year goals at a time: a fourth asks which one rests."""
GOAL_FIELDS = ("title", "why", "indicator", "baseline", "target", "due", "owner_id", "despite")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanView:
    """A school year's plan, its two-year goal first; `supports` only from `plan_with_supports`."""

    id: int
    school_year: str
    vision: str
    beliefs: str
    version: int
    goals: Sequence[Goal]
    supports: Sequence[GoalSupport] = ()

    @property
    def two_year_goal(self) -> Goal | None:
        """The one that the school works on, or worked on in a year that is over."""
        return next((goal for goal in self.goals if goal.horizon == "two-year" and goal.state in WORKED_ON), None)

    @property
    def worked_on(self) -> list[Goal]:
        """The year's goals but those that rest, are reached or were dropped."""
        return [goal for goal in self.goals if goal.horizon != "two-year" and goal.state in WORKED_ON]

    @property
    def active_goals(self) -> list[Goal]:
        return [goal for goal in self.goals if goal.horizon != "two-year" and goal.state == "active"]


async def plan_of_year(session: AsyncSession, school_year: str) -> PlanView | None:
    plan = await session.scalar(select(Plan).where(Plan.school_year == school_year))
    if plan is None:
        return None
    goals = (await session.scalars(select(Goal).where(Goal.plan_id == plan.id).order_by(Goal.id))).all()
    return PlanView(
        id=plan.id,
        school_year=plan.school_year,
        vision=plan.vision,
        beliefs=plan.beliefs,
        version=plan.version,
        goals=sorted(goals, key=lambda goal: (HORIZONS.index(goal.horizon), goal.id)),
    )


async def years_with_plan(session: AsyncSession) -> list[str]:
    """The newest first."""
    return list(await session.scalars(select(Plan.school_year).order_by(Plan.school_year.desc())))


async def write_plan(
    session: AsyncSession,
    *,
    actor: Actor,
    school_year: str,
    vision: str,
    beliefs: str,
    version: int | None,
    now: datetime,
) -> Plan:
    """Write the year's vision and beliefs.

    Args:
        version: of the plan that was read; None when there was none yet.

    Raises:
        Conflict: somebody wrote it meanwhile.
    """
    plan = await session.scalar(select(Plan).where(Plan.school_year == school_year).with_for_update())
    if (plan.version if plan else None) != version:
        raise Stale(CHANGED_MEANWHILE)
    before = {"vision": plan.vision, "beliefs": plan.beliefs} if plan else None
    if plan is None:
        plan = Plan(school_year=school_year, vision=vision, beliefs=beliefs, updated_at=now)
        session.add(plan)
    else:
        plan.vision, plan.beliefs, plan.updated_at = vision, beliefs, now
    await session.flush()
    after = {"vision": vision, "beliefs": beliefs}
    await _audit(session, actor, "plan.written", "plan", plan.id, before, after, now)
    return plan


async def add_goal(
    session: AsyncSession,
    *,
    actor: Actor,
    school_year: str,
    horizon: str,
    values: Mapping[str, Any],
    today: date,
    now: datetime,
    state: str = "active",
) -> Goal:
    """Add a goal, making the year's plan if there is none.

    Args:
        values: fields of GOAL_FIELDS. Where three goals are active already, `rests_id` names the one that rests from
            now on, or `despite` says why there are four.

    Raises:
        InvalidInput: no title, an unknown horizon, a second two-year goal, a fourth active goal.
    """
    plan = await session.scalar(select(Plan).where(Plan.school_year == school_year).with_for_update())
    if plan is None:
        plan = Plan(school_year=school_year, updated_at=now)
        session.add(plan)
        await session.flush()
    goals = list(await session.scalars(select(Goal).where(Goal.plan_id == plan.id)))
    _verify_goal(values, horizon, values.get("due"), today)
    verify({"owner_id": await no_such_owner(session, values.get("owner_id"))})
    if state == "active":
        await _make_room(session, actor, plan.id, horizon, values, now)
    parent = next((goal for goal in goals if goal.horizon == "two-year" and goal.state == "active"), None)
    goal = Goal(
        plan_id=plan.id,
        parent_id=parent.id if parent and horizon != "two-year" else None,
        horizon=horizon,
        state=state,
        created_at=now,
        updated_at=now,
        **{name: values[name] for name in GOAL_FIELDS if values.get(name) is not None},
    )
    session.add(goal)
    await session.flush()
    after = {"title": goal.title, "horizon": horizon} | ({"despite": goal.despite} if goal.despite else {})
    await _audit(session, actor, "goal.added", "goal", goal.id, None, after, now)
    return goal


async def goal_of(session: AsyncSession, goal_id: int) -> Goal:
    goal = await session.get(Goal, goal_id)
    if goal is None:
        raise NotFound(N_("There is no such goal."))
    return goal


async def change_goal(
    session: AsyncSession,
    *,
    actor: Actor,
    goal_id: int,
    values: Mapping[str, Any],
    state: str,
    version: int,
    today: date,
    now: datetime,
) -> Goal:
    """Change a goal's words or state; fields that `values` lacks stay. A fourth active one as in `add_goal`.

    Raises:
        NotFound, Conflict: a stale version.
        InvalidInput: no title, an unknown state, a fourth active goal.
    """
    goal = await session.get(Goal, goal_id, with_for_update=True)
    if goal is None:
        raise NotFound(N_("There is no such goal."))
    if goal.version != version:
        raise Stale(CHANGED_MEANWHILE)
    merged = {name: values.get(name, getattr(goal, name)) for name in GOAL_FIELDS}
    _verify_goal(merged, goal.horizon, merged["due"] if merged["due"] != goal.due else None, today)
    verify({"owner_id": await no_such_owner(session, merged["owner_id"], goal.owner_id)})
    if state not in STATES:
        raise InvalidInput({"state": [N_("Choose one of the states in the list.")]})
    if state == "active" and goal.state != "active":
        await _make_room(session, actor, goal.plan_id, goal.horizon, values, now)
    merged["state"] = state
    before = {name: getattr(goal, name) for name in merged if getattr(goal, name) != merged[name]}
    for name in before:
        setattr(goal, name, merged[name])
    if before:
        goal.updated_at = now
        await session.flush()
        after = {name: merged[name] for name in before}
        await _audit(session, actor, "goal.changed", "goal", goal.id, before, after, now)
    return goal


async def active_goals(session: AsyncSession, *, kept: int | None = None) -> list[Goal]:
    """Goals that a project may serve, of whichever year they were written in; and the one that it serves, `kept`."""
    serves = and_(Goal.state == "active", Goal.horizon != "two-year")
    return list(await session.scalars(select(Goal).where(or_(serves, Goal.id == kept)).order_by(Goal.id)))


def _verify_goal(values: Mapping[str, Any], horizon: str, due: date | None, today: date) -> None:
    """`due` as far as it is new."""
    said: dict[str, list[str]] = {}
    if not (values.get("title") or "").strip():
        said["title"] = [N_("Write the goal in one sentence.")]
    if horizon not in HORIZONS:
        said["horizon"] = [N_("A goal is for two years, a year, or half a year.")]
    if wrong := far_off(due, today, back=FORMER_YEARS):
        said["due"] = [wrong]
    if said:
        raise InvalidInput(said)


async def rest_if_too_many(session: AsyncSession, *, actor: Actor, goal_id: int, now: datetime) -> bool:
    """A goal that comes back from the bin and would be one too many comes back at rest: whether it did."""
    goal = await goal_of(session, goal_id)
    if goal.state != "active" or goal.despite or not await _has_no_room(session, goal.plan_id, goal):
        return False
    goal.state, goal.updated_at = "resting", now
    await session.flush()
    await _audit(session, actor, "goal.changed", "goal", goal.id, {"state": "active"}, {"state": "resting"}, now)
    return True


async def _has_no_room(session: AsyncSession, plan_id: int, goal: Goal) -> bool:
    if goal.horizon != "two-year":
        return len([one for one in await _running(session) if one.id != goal.id]) >= MOST_ACTIVE
    return any(one.id != goal.id for one in await _big_ones(session, plan_id))


async def _running(session: AsyncSession) -> list[Goal]:
    """Active goals of every year, held: those that a year left behind want attention too."""
    for _plan in await session.scalars(select(Plan.id).order_by(Plan.id).with_for_update()):
        pass
    return await active_goals(session)


async def _big_ones(session: AsyncSession, plan_id: int) -> list[Goal]:
    big = select(Goal).where(Goal.plan_id == plan_id, Goal.horizon == "two-year", Goal.state == "active")
    return list(await session.scalars(big))


async def _make_room(
    session: AsyncSession, actor: Actor, plan_id: int, horizon: str, values: Mapping[str, Any], now: datetime
) -> None:
    """Three goals at a time: for a fourth one rests, or somebody says why not."""
    if horizon == "two-year":
        if await _big_ones(session, plan_id):
            raise InvalidInput({"horizon": [N_("There is a two-year goal already. Let it rest or reach it first.")]})
        return
    running = await _running(session)
    if len(running) < MOST_ACTIVE or (values.get("despite") or "").strip():
        return
    resting = next((goal for goal in running if goal.id == values.get("rests_id")), None)
    if resting is None:
        titles = "; ".join(goal.title for goal in running)
        raise InvalidInput(
            {
                "rests_id": [
                    filled(
                        N_("Three goals are active, and more would get no attention. Which one rests? {titles}"),
                        titles=titles,
                    )
                ]
            }
        )
    resting.state, resting.updated_at = "resting", now
    await session.flush()
    before, after = {"state": "active"}, {"state": "resting"}
    await _audit(session, actor, "goal.changed", "goal", resting.id, before, after, now)


async def _audit(
    session: AsyncSession,
    actor: Actor,
    action: str,
    subject: str,
    subject_id: int,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any],
    now: datetime,
) -> None:
    await record_audit(
        session, actor=actor, action=action, subject=subject, subject_id=subject_id, before=before, after=after, now=now
    )
