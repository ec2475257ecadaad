"""Supports aligned to a goal: professional development, coaching, money, time."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.errors import NotFound
from nic_node.i18n import N_
from nic_node.school.editing import far_off, keep_changes, keep_new, locked_row, long_ones, row_of, verify
from nic_node.school.plan.goals import PlanView, plan_of_year
from nic_node.school.plan.tables import Goal, GoalSupport

KINDS: Final[Mapping[str, str]] = {
    "development": N_("Professional development"),
    "coaching": N_("Coaching"),
    "money": N_("Money"),
    "time": N_("Time"),
}
SUPPORT_FIELDS: Final = ("kind", "what", "how_much", "starts_on", "ends_on")
LONGEST: Final = {"what": 200, "how_much": 60}
NO_SUPPORT: Final = N_("There is no such support.")


async def plan_with_supports(session: AsyncSession, school_year: str) -> PlanView | None:
    """As `plan_of_year`, with the supports of its goals."""
    plan = await plan_of_year(session, school_year)
    if plan is None:
        return None
    return replace(plan, supports=await supports_of(session, [goal.id for goal in plan.goals]))


async def supports_of(session: AsyncSession, goal_ids: Collection[int]) -> Sequence[GoalSupport]:
    """Of these goals, by kind as `KINDS` has them, then in the order in which they were written."""
    found = await session.scalars(select(GoalSupport).where(GoalSupport.goal_id.in_(goal_ids)).order_by(GoalSupport.id))
    order = list(KINDS)
    return sorted(found, key=lambda one: (order.index(one.kind), one.id))


async def support_of(session: AsyncSession, support_id: int) -> GoalSupport:
    """Raises NotFound."""
    return await row_of(session, GoalSupport, support_id, missing=NO_SUPPORT)


async def add_support(
    session: AsyncSession, *, actor: Actor, goal_id: int, values: Mapping[str, Any], today: date, now: datetime
) -> GoalSupport:
    """Add one to a goal.

    Args:
        values: SUPPORT_FIELDS; `kind` and `what` are needed.

    Raises:
        NotFound: no such goal.
        InvalidInput: by field.
    """
    if await session.get(Goal, goal_id, with_for_update=True) is None:
        raise NotFound(N_("There is no such goal."))
    said = _read(values, GoalSupport(kind="", what="", how_much=""), today)
    return await keep_new(session, GoalSupport(goal_id=goal_id, **said), actor=actor, action="support.added", now=now)


async def change_support(
    session: AsyncSession,
    *,
    actor: Actor,
    support_id: int,
    values: Mapping[str, Any],
    version: int,
    today: date,
    now: datetime,
) -> GoalSupport:
    """Change what `values` names; the rest stays.

    Raises:
        NotFound, Conflict: a stale version.
        InvalidInput: by field.
    """
    row = await locked_row(session, GoalSupport, support_id, missing=NO_SUPPORT, version=version)
    return await keep_changes(session, row, _read(values, row, today), actor=actor, action="support.changed", now=now)


async def carry_supports(session: AsyncSession, *, moved: Mapping[int, int], today: date, now: datetime) -> None:
    """Copy what is not over to the goals of the next year; the year before keeps its own.

    Args:
        moved: old goal id -> new goal id.
    """
    for one in going_on(await supports_of(session, list(moved)), today):
        said = {name: getattr(one, name) for name in SUPPORT_FIELDS}
        carried = GoalSupport(
            goal_id=moved[one.goal_id], created_by=one.created_by, created_at=now, updated_at=now, **said
        )
        session.add(carried)
    await session.flush()


def going_on(supports: Sequence[GoalSupport], today: date) -> list[GoalSupport]:
    """Those that have no last day, or one that is still to come."""
    return [one for one in supports if one.ends_on is None or one.ends_on >= today]


def _read(values: Mapping[str, Any], row: GoalSupport, today: date) -> dict[str, Any]:
    said = {name: values.get(name, getattr(row, name)) for name in SUPPORT_FIELDS}
    said |= {name: (said[name] or "").strip() for name in LONGEST}
    first, last = said["starts_on"], said["ends_on"]
    wrong = long_ones(said, LONGEST)
    wrong["what"] = wrong["what"] or (None if said["what"] else N_("Say in a few words what the goal gets."))
    wrong["kind"] = None if said["kind"] in KINDS else N_("Choose one of the kinds in the list.")
    wrong["starts_on"] = far_off(first, today)
    is_before = first is not None and last is not None and last < first
    wrong["ends_on"] = far_off(last, today) or (N_("This is before the first day.") if is_before else None)
    verify(wrong)
    return said
