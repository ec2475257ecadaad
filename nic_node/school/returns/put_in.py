"""Note what a project takes, beside what was planned; and who stayed."""

import re
from datetime import date, datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.errors import Stale
from nic_node.i18n import N_
from nic_node.school.bin.keep import KEPT_FOR
from nic_node.school.editing import (
    CHANGED_MEANWHILE,
    far_off,
    keep_changes,
    keep_new,
    locked_row,
    long_ones,
    verify,
)
from nic_node.school.projects.write import locked_project
from nic_node.school.returns.tables import ProjectBudget, ProjectInput, StaffYear

MOST = 1_000_000
NO_INPUT = N_("This is no longer here.")
AMOUNT = N_("Write a number, 0 or more.")
YEAR = re.compile(r"(\d{4})-(\d{2})")


async def put_in(
    session: AsyncSession,
    *,
    actor: Actor,
    project_id: int,
    put_on: date | None,
    what: str,
    hours: float | None,
    dollars: float | None,
    today: date,
    now: datetime,
) -> ProjectInput:
    """Note hours or money that went into a project, also after its close.

    Raises:
        NotFound.
        InvalidInput: with sentences beside the fields.
    """
    await locked_project(session, project_id)
    said = long_ones({"what": what}, {"what": 120})
    said |= {name: _wrong(amount) for name, amount in (("hours", hours), ("dollars", dollars))}
    if not hours and not dollars and not said["hours"]:
        said["hours"] = N_("Write hours or dollars, or both.")
    said["put_on"] = far_off(put_on, today) if put_on else N_("Say on which day.")
    verify(said)
    row = ProjectInput(
        project_id=project_id, put_on=put_on, what=what.strip(), hours=hours or 0.0, dollars=dollars or 0.0
    )
    return await keep_new(session, row, actor=actor, action="input.noted", now=now)


async def remove_input(session: AsyncSession, *, actor: Actor, input_id: int, now: datetime) -> ProjectInput:
    row = await locked_row(session, ProjectInput, input_id, missing=NO_INPUT)
    values = {"removed_at": row.removed_at or now}
    return await keep_changes(session, row, values, actor=actor, action="input.removed", now=now)


async def restore_input(session: AsyncSession, *, actor: Actor, input_id: int, now: datetime) -> ProjectInput:
    row = await locked_row(session, ProjectInput, input_id, missing=NO_INPUT)
    return await keep_changes(session, row, {"removed_at": None}, actor=actor, action="input.restored", now=now)


async def prune_inputs(session: AsyncSession, *, now: datetime) -> None:
    await session.execute(delete(ProjectInput).where(ProjectInput.removed_at < now - KEPT_FOR))


async def plan_budget(
    session: AsyncSession,
    *,
    actor: Actor,
    project_id: int,
    hours: float | None,
    dollars: float | None,
    version: int | None,
    now: datetime,
) -> ProjectBudget:
    """Say what a project may take.

    Args:
        version: of what was read; None where nothing was planned yet.

    Raises:
        NotFound, Conflict: a stale version. InvalidInput beside the fields.
    """
    await locked_project(session, project_id)
    verify({name: _wrong(amount) for name, amount in (("hours", hours), ("dollars", dollars))})
    found = select(ProjectBudget).where(ProjectBudget.project_id == project_id).with_for_update()
    row = await session.scalar(found)
    if (row.version if row else None) != version:
        raise Stale(CHANGED_MEANWHILE)
    if row is None:
        made = ProjectBudget(project_id=project_id, hours=hours, dollars=dollars)
        return await keep_new(session, made, actor=actor, action="budget.planned", now=now)
    values = {"hours": hours, "dollars": dollars}
    return await keep_changes(session, row, values, actor=actor, action="budget.planned", now=now)


async def count_staff(
    session: AsyncSession,
    *,
    actor: Actor,
    school_year: str,
    staff: int | None,
    stayed: int | None,
    now: datetime,
) -> StaffYear:
    """Keep how many worked here in a year and how many of them stayed; the last word counts.

    Raises:
        InvalidInput: with sentences beside the fields.
    """
    said: dict[str, str | None] = {}
    year = YEAR.fullmatch(school_year)
    if year is None or (int(year[1]) + 1) % 100 != int(year[2]):
        said["school_year"] = N_("Write the school year as 2026-27.")
    if staff is None or not 1 <= staff <= MOST:
        said["staff"] = N_("How many worked here?")
    elif stayed is None or not 0 <= stayed <= staff:
        said["stayed"] = N_("How many of them still do the year after? Not more than there were.")
    verify(said)
    found = select(StaffYear).where(StaffYear.school_year == school_year).with_for_update()
    row = await session.scalar(found)
    if row is None:
        made = StaffYear(school_year=school_year, staff=staff, stayed=stayed)
        return await keep_new(session, made, actor=actor, action="staff.counted", now=now)
    values = {"staff": staff, "stayed": stayed}
    return await keep_changes(session, row, values, actor=actor, action="staff.counted", now=now)


def _wrong(amount: float | None) -> str | None:
    return None if amount is None or 0 <= amount <= MOST else AMOUNT
