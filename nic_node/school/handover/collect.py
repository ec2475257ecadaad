"""One page for whoever comes next: goals, what was tried, kept and dropped and why, made from the work itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.errors import Stale
from nic_node.school.actions.read import ActionLine, open_actions
from nic_node.school.editing import CHANGED_MEANWHILE, keep_changes, keep_new, long_ones, verify
from nic_node.school.handover.tables import HandoverNote
from nic_node.school.plan.goals import PlanView, plan_of_year, years_with_plan
from nic_node.school.profile.name import school_year as school_year_of
from nic_node.school.projects.tables import Project
from nic_node.school.reflection.reflect import StopList, stop_list
from nic_node.school.returns.read import Row, board_table
from nic_node.school.team.describe import TeamView, days_of_year, team_of_year

OPEN_SHOWN = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """Attributes: by_decision: closed projects by adopt, adapt, abandon; running ones under ''."""

    plan: PlanView | None
    by_decision: Mapping[str, Sequence[Row]]
    team: TeamView
    stops: StopList
    actions: Sequence[ActionLine]
    note: str
    version: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver:
    """A year's handover in short. Attributes: kept: adopted or adapted projects. dropped: abandoned ones."""

    school_year: str
    note: str
    kept: Sequence[Project]
    dropped: Sequence[Project]

    @property
    def says_something(self) -> bool:
        return bool(self.note or self.kept or self.dropped)


async def collect_handover(session: AsyncSession, school_year: str, today: date) -> Handover:
    """All of a school year, in a bounded number of queries."""
    first, last = days_of_year(school_year)
    rows = await board_table(session, since=first, until=last)
    row = await session.scalar(select(HandoverNote).where(HandoverNote.school_year == school_year))
    return Handover(
        plan=await plan_of_year(session, school_year),
        by_decision={
            decision: [one for one in rows if (_decision(one.project)) == decision]
            for decision in ("adopt", "adapt", "abandon", "")
        },
        team=await team_of_year(session, school_year, today),
        stops=await stop_list(session),
        actions=(await open_actions(session, today))[:OPEN_SHOWN],
        note=row.note if row else "",
        version=row.version if row else None,
    )


async def handed_over(session: AsyncSession, school_year: str) -> HandedOver:
    """What the year after starts from, in two queries."""
    first, last = days_of_year(school_year)
    closed = select(Project).where(
        Project.starts_on >= first, Project.starts_on <= last, Project.state == "closed", Project.decision.is_not(None)
    )
    projects = (await session.scalars(closed.order_by(Project.closed_on, Project.id))).all()
    note = await session.scalar(select(HandoverNote.note).where(HandoverNote.school_year == school_year))
    return HandedOver(
        school_year=school_year,
        note=note or "",
        kept=[one for one in projects if one.decision != "abandon"],
        dropped=[one for one in projects if one.decision == "abandon"],
    )


async def years_handed_over(session: AsyncSession, today: date) -> list[str]:
    """This school year, and those with a plan or a handover's note; the newest first."""
    noted = await session.scalars(select(HandoverNote.school_year))
    return sorted({school_year_of(today), *await years_with_plan(session), *noted}, reverse=True)


async def write_handover(
    session: AsyncSession, *, actor: Actor, school_year: str, note: str, version: int | None, now: datetime
) -> HandoverNote:
    """Write what stands nowhere else.

    Args:
        version: of what was read; None where nothing was written yet.

    Raises:
        Conflict: somebody wrote it meanwhile. InvalidInput: too long.
    """
    verify(long_ones({"note": note}, {"note": 4000}))
    found = select(HandoverNote).where(HandoverNote.school_year == school_year).with_for_update()
    row = await session.scalar(found)
    if (row.version if row else None) != version:
        raise Stale(CHANGED_MEANWHILE)
    if row is None:
        made = HandoverNote(school_year=school_year, note=note.strip())
        return await keep_new(session, made, actor=actor, action="handover.written", now=now)
    return await keep_changes(session, row, {"note": note.strip()}, actor=actor, action="handover.written", now=now)


def _decision(project: Project) -> str:
    return project.decision or "" if project.state == "closed" else ""
