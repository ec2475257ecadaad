"""Reflect every 45 days, from what projects found since the last time; keep the stop-list with the hours it freed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.i18n import N_, filled
from nic_node.school.bin.keep import KEPT_FOR
from nic_node.school.editing import far_off, keep_changes, keep_new, locked_row, long_ones, row_of, verify
from nic_node.school.projects.read import day_of
from nic_node.school.projects.tables import Project
from nic_node.school.reflection.tables import Reflection, StoppedThing
from nic_node.school.returns.read import spent_by

EVERY = timedelta(days=45)
QUESTIONS: Mapping[str, str] = {
    "works": N_("What works?"),
    "off_table": N_("What comes off the table?"),
    "better": N_("What do we need to do better today?"),
    "evidence": N_("What is the evidence of our impact?"),
}
LONGEST = 2000
MOST_HOURS = 400
NO_REFLECTION = N_("There is no such reflection.")
NO_STOP = N_("This is no longer on the stop-list.")


@dataclass(frozen=True, slots=True, kw_only=True)
class StopList:
    """Attributes: hours: freed in each week, all together."""

    things: Sequence[StoppedThing]
    hours: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ToStop:
    """Attributes: hours: a week, by what was noted; 0.0 for nothing noted."""

    project: Project
    hours: float


async def write_reflection(
    session: AsyncSession, *, actor: Actor, values: Mapping[str, Any], today: date, now: datetime
) -> Reflection:
    """Keep a reflection.

    Raises:
        InvalidInput: no day, no answer at all, or too much of one.
    """
    known = {name: values[name] for name in ("held_on", *QUESTIONS) if values.get(name) is not None}
    _verify(known, today)
    return await keep_new(session, Reflection(**known), actor=actor, action="reflection.written", now=now)


async def change_reflection(
    session: AsyncSession,
    *,
    actor: Actor,
    reflection_id: int,
    values: Mapping[str, Any],
    version: int,
    today: date,
    now: datetime,
) -> Reflection:
    """Change what `values` names. Raises NotFound; Conflict; InvalidInput beside the fields."""
    row = await locked_row(session, Reflection, reflection_id, missing=NO_REFLECTION, version=version)
    known = {name: values[name] for name in ("held_on", *QUESTIONS) if name in values}
    _verify({name: known.get(name, getattr(row, name)) for name in ("held_on", *QUESTIONS)}, today)
    return await keep_changes(session, row, known, actor=actor, action="reflection.changed", now=now)


async def stop_doing(
    session: AsyncSession,
    *,
    actor: Actor,
    text: str,
    hours_a_week: float | None,
    stopped_on: date | None,
    project_id: int | None = None,
    today: date,
    now: datetime,
) -> StoppedThing:
    """Put something on the stop-list.

    Args:
        hours_a_week: of all staff together.

    Raises:
        InvalidInput: with sentences beside the fields.
    """
    said = long_ones({"text": text}, {"text": 200})
    if not text.strip():
        said["text"] = N_("Say what you don't do any more.")
    if hours_a_week is None or not 0 <= hours_a_week <= MOST_HOURS:
        said["hours_a_week"] = filled(
            N_("How many hours a week does it free, of all staff together? From 0 to {most}."), most=MOST_HOURS
        )
    said["stopped_on"] = far_off(stopped_on, today) if stopped_on else N_("Say since when.")
    if project_id is not None and await session.get(Project, project_id) is None:
        said["project_id"] = N_("This project is no longer here.")
    verify(said)
    row = StoppedThing(text=text.strip(), hours_a_week=hours_a_week, stopped_on=stopped_on, project_id=project_id)
    return await keep_new(session, row, actor=actor, action="stop.kept", now=now)


async def remove_stop(session: AsyncSession, *, actor: Actor, stop_id: int, now: datetime) -> StoppedThing:
    """Take it off the stop-list, because it is done again after all."""
    row = await locked_row(session, StoppedThing, stop_id, missing=NO_STOP)
    values = {"removed_at": row.removed_at or now}
    return await keep_changes(session, row, values, actor=actor, action="stop.removed", now=now)


async def restore_stop(session: AsyncSession, *, actor: Actor, stop_id: int, now: datetime) -> StoppedThing:
    row = await locked_row(session, StoppedThing, stop_id, missing=NO_STOP)
    return await keep_changes(session, row, {"removed_at": None}, actor=actor, action="stop.restored", now=now)


async def prune_stops(session: AsyncSession, *, now: datetime) -> None:
    await session.execute(delete(StoppedThing).where(StoppedThing.removed_at < now - KEPT_FOR))


async def reflections(session: AsyncSession) -> list[Reflection]:
    """The newest first."""
    return list(await session.scalars(select(Reflection).order_by(Reflection.held_on.desc(), Reflection.id.desc())))


async def reflection_of(session: AsyncSession, reflection_id: int) -> Reflection:
    """Raises NotFound."""
    return await row_of(session, Reflection, reflection_id, missing=NO_REFLECTION)


async def stop_list(session: AsyncSession) -> StopList:
    """The newest first."""
    chosen = select(StoppedThing).where(StoppedThing.removed_at.is_(None))
    things = (await session.scalars(chosen.order_by(StoppedThing.stopped_on.desc(), StoppedThing.id.desc()))).all()
    return StopList(things=things, hours=round(sum(thing.hours_a_week for thing in things), 1))


async def to_stop(session: AsyncSession, today: date) -> list[ToStop]:
    """Projects that were abandoned lately and that the stop-list lacks, with the hours a week that they took."""
    listed = select(StoppedThing.project_id).where(StoppedThing.project_id.is_not(None))
    chosen = select(Project).where(
        Project.decision == "abandon", Project.closed_on >= today - 2 * EVERY, Project.id.not_in(listed)
    )
    projects = (await session.scalars(chosen.order_by(Project.closed_on.desc(), Project.id.desc()).limit(3))).all()
    spent = await spent_by(session, [project.id for project in projects])
    return [
        ToStop(project=one, hours=round(spent[one.id].hours / max(day_of(one, today) / 7, 1), 1)) for one in projects
    ]


async def reflection_due(session: AsyncSession, today: date) -> date | None:
    """The day of the next one: 45 days after the last; None where nothing was closed to reflect on yet."""
    last = await session.scalar(select(Reflection.held_on).order_by(Reflection.held_on.desc()).limit(1))
    if last is not None:
        return last + EVERY
    first = await session.scalar(
        select(Project.closed_on).where(Project.state == "closed").order_by(Project.closed_on).limit(1)
    )
    return max(first, today) if first else None


async def start_of_reflection(session: AsyncSession) -> dict[str, str]:
    """What projects that closed since the last reflection found, so that nobody types it again."""
    last = await session.scalar(select(Reflection.held_on).order_by(Reflection.held_on.desc()).limit(1))
    chosen = select(Project).where(Project.state == "closed").order_by(Project.closed_on, Project.id)
    if last is not None:
        chosen = chosen.where(Project.closed_on > last)
    projects = (await session.scalars(chosen)).all()
    reached = {"reached": "aim reached", "partly": "aim partly reached", "not": "aim not reached"}
    lines = {
        "works": [f"{one.title}: {one.worked}" for one in projects if one.worked and one.decision != "abandon"],
        "off_table": [f"{one.title}: abandoned" for one in projects if one.decision == "abandon"],
        "better": [f"{one.title}: {one.would_change}" for one in projects if one.would_change],
        "evidence": [f"{one.title}: {reached[one.aim_result]}" for one in projects if one.aim_result],
    }
    return {name: "\n".join(said)[:LONGEST] for name, said in lines.items()}


def _verify(values: Mapping[str, Any], today: date) -> None:
    said = long_ones(values, dict.fromkeys(QUESTIONS, LONGEST))
    said["held_on"] = far_off(values.get("held_on"), today) if values.get("held_on") else N_("Say of which day it is.")
    if not any((values.get(name) or "").strip() for name in QUESTIONS):
        said["works"] = N_("Answer at least one of the four.")
    verify(said)
