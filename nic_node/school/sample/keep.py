"""Load the sample data into a school that has planned nothing yet, and take it away without a trace."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Table, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import record_audit
from nic_node.db.base import Base
from nic_node.db.insert import insert_if_missing
from nic_node.errors import Conflict
from nic_node.i18n import N_
from nic_node.school.bin.keep import pointing_at
from nic_node.school.bin.tables import Binned
from nic_node.school.discussion.tables import Attachment, Comment
from nic_node.school.notices.tables import Notice
from nic_node.school.plan.tables import Goal, Plan
from nic_node.school.profile.name import school_year
from nic_node.school.projects.tables import Project
from nic_node.school.sample import rows
from nic_node.school.sample.rows import Say
from nic_node.school.sample.tables import SampleRow
from nic_node.school.subjects import SUBJECT_TABLES

HAS_BEGUN = N_("Your own work has begun, so sample data would only stand in its way.")
IS_THERE = N_("The sample data is here already.")
NOT_THERE = N_("There is no sample data here.")
GOES_WITH = ("measures", "obstacles")
"""Tables whose rows go with what they point at, though they need not point at anything: a chart without its project."""


async def has_sample(session: AsyncSession) -> bool:
    return await session.scalar(select(func.count()).select_from(SampleRow)) != 0


async def may_load(session: AsyncSession) -> bool:
    """Nothing is planned yet, so the sample can't be taken for one's own work."""
    planned = [await session.scalar(select(func.count()).select_from(table)) for table in (Goal, Project)]
    return not any(planned)


async def is_sample_project(session: AsyncSession, project_id: int) -> bool:
    """Such a project never leaves: its numbers are invented."""
    chosen = select(SampleRow.id).where(SampleRow.table_name == "projects", SampleRow.row_id == project_id)
    return await session.scalar(chosen) is not None


async def load_sample(session: AsyncSession, *, actor: Actor, say: Say, today: date, now: datetime) -> None:
    """Put the sample in.

    Args:
        say: puts its sentences into the node's language.

    Raises:
        Conflict: it is here already, or the school has goals or projects of its own.
    """
    person_id = actor.person_id
    plan = await _locked_plan(session, school_year(today), now)
    if await has_sample(session):
        raise Conflict(IS_THERE)
    if not await may_load(session):
        raise Conflict(HAS_BEGUN)
    await _remember(session, [plan])
    two_years, goal = rows.goals(say, plan.id, now)
    await _keep(session, [two_years])
    goal.parent_id = two_years.id
    await _keep(session, [goal])
    project, meeting = rows.project(say, goal.id, person_id, today, now), rows.meeting(say, person_id, today, now)
    await _keep(session, [project, meeting])
    measure = rows.measure(say, project.id, person_id, now)
    await _keep(session, [measure, rows.action(say, goal.id, project.id, person_id, today, now)])
    session.add_all(rows.steps(say, project.id, today))
    session.add_all(rows.why(say, project.id, person_id, today, now))
    session.add_all(rows.observations(measure.id, person_id, today, now))
    session.add_all(rows.cycles(say, project.id, measure.id, person_id, today, now))
    session.add_all(rows.agenda(say, meeting.id, project.id, now))
    await session.flush()
    await _audit(session, actor, "sample.loaded", now)


async def remove_sample(session: AsyncSession, *, actor: Actor, now: datetime) -> None:
    """Take it away, with all that was written into it meanwhile; one's own work that named it only loses the link.

    Raises:
        Conflict: there is none.
    """
    found = (await session.execute(select(SampleRow.table_name, SampleRow.row_id).with_for_update())).all()
    if not found:
        raise Conflict(NOT_THERE)
    going: dict[str, set[int]] = defaultdict(set)
    for name, row_id in found:
        going[name].add(row_id)
    going["plans"] -= await _plans_in_use(session, going["goals"])
    for name in [name for name, ids in going.items() if ids]:
        await _remove(session, Base.metadata.tables[name], going[name])
    await _empty_bin(session, going)
    await session.execute(delete(SampleRow))
    await _audit(session, actor, "sample.removed", now)


async def _locked_plan(session: AsyncSession, year: str, now: datetime) -> Plan:
    """The year's plan, made if there is none: who loads twice at once waits here."""
    await insert_if_missing(session, Plan, school_year=year, vision="", beliefs="", updated_at=now, version=1)
    return (await session.scalars(select(Plan).where(Plan.school_year == year).with_for_update())).one()


async def _plans_in_use(session: AsyncSession, sample_goals: Iterable[int]) -> set[int]:
    """A year's plan stays as soon as it holds anything of the school's own."""
    written = select(Plan.id).where((Plan.vision != "") | (Plan.beliefs != ""))
    own = select(Goal.plan_id).where(Goal.id.not_in(list(sample_goals)))
    return {*(await session.scalars(written)), *(await session.scalars(own))}


async def _empty_bin(session: AsyncSession, gone: Mapping[str, set[int]]) -> None:
    """What of it was in the bin can't be put back: nothing would tell it from one's own work any more."""
    for binned in await session.scalars(select(Binned)):
        if any(_is_of(Base.metadata.tables[one["table"]], one["row"], gone) for one in binned.rows):
            await session.delete(binned)


def _is_of(table: Table, row: Mapping[str, Any], gone: Mapping[str, set[int]]) -> bool:
    if table.name == SampleRow.__tablename__:
        return True
    needed = [key for key in table.foreign_keys if not key.parent.nullable]
    return row.get("id") in gone.get(table.name, ()) or any(
        row.get(key.parent.name) in gone.get(key.column.table.name, ()) for key in needed
    )


async def _remove(session: AsyncSession, table: Table, ids: set[int]) -> None:
    """Remove rows, after whatever can't stand without them; what can, is only cut loose."""
    for child, column in pointing_at(table):
        points = column.in_(ids)
        if column.nullable and (child is table or child.name not in GOES_WITH):
            await session.execute(update(child).where(points).values({column.name: None}))
        elif "id" in child.c:
            below = set(await session.scalars(select(child.c.id).where(points)))
            if below:
                await _remove(session, child, below)
        else:
            await session.execute(delete(child).where(points))
    kind = next((kind for kind, name in SUBJECT_TABLES.items() if name == table.name), None)
    for beside in (Comment, Attachment, Notice) if kind else ():
        await session.execute(delete(beside).where(beside.subject_kind == kind, beside.subject_id.in_(ids)))
    await session.execute(delete(table).where(table.c.id.in_(ids)))


async def _keep(session: AsyncSession, added: list[Base]) -> None:
    """Add rows and remember that they are sample data; what hangs on them needs no remembering."""
    session.add_all(added)
    await session.flush()
    await _remember(session, added)


async def _remember(session: AsyncSession, added: list[Base]) -> None:
    session.add_all(SampleRow(table_name=row.__tablename__, row_id=row.id) for row in added)  # type: ignore[attr-defined]  # each has an id
    await session.flush()


async def _audit(session: AsyncSession, actor: Actor, action: str, now: datetime) -> None:
    await record_audit(
        session, actor=actor, action=action, subject="sample", subject_id=None, before=None, after=None, now=now
    )
