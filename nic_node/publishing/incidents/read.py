"""Incidents for pages and programs."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.people import person_names
from nic_node.errors import NotFound
from nic_node.membership.local import LocalNode
from nic_node.publishing.incidents.checklist import BY_ITSELF, STEPS, Telling
from nic_node.publishing.incidents.report import NO_INCIDENT, note_of
from nic_node.publishing.incidents.tables import IncidentRow
from nic_node.publishing.states import OutboxState, RetractionState
from nic_node.publishing.tables import OutboxRow, Release, RetractionRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """`by_itself`: the node takes it. by, at: who ticked it and when."""

    name: str
    label: str
    done: bool
    by_itself: bool
    by: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """`withdrawal` is of `RetractionState`, "" while it has not reached the log; `telling` of `Telling`."""

    id: int
    draft_id: int | None
    release_id: int
    title: str
    kind: str
    note: str
    withdrawal: str
    telling: str
    problem: str
    told_at: datetime | None
    opened_by: str
    opened_at: datetime
    closed_at: datetime | None
    version: int
    steps: tuple[Step, ...]

    @property
    def left(self) -> int:
        """How many steps are still to be done."""
        return sum(not step.done for step in self.steps)


async def incidents(session: AsyncSession, node: LocalNode, *, incident_id: int | None = None) -> list[Incident]:
    """All, the newest first; or the one."""
    chosen = (
        select(IncidentRow, Release, RetractionRow, OutboxRow.state)
        .join(Release, Release.id == IncidentRow.release_id)
        .outerjoin(RetractionRow, RetractionRow.release_id == IncidentRow.release_id)
        .outerjoin(OutboxRow, OutboxRow.release_id == IncidentRow.release_id)
        .order_by(IncidentRow.id.desc())
    )
    if incident_id is not None:
        chosen = chosen.where(IncidentRow.id == incident_id)
    found = (await session.execute(chosen)).all()
    people = {row.person_id for row, *_ in found} | {
        mark["person_id"] for row, *_ in found for mark in row.done.values()
    }
    names = await person_names(session, people)
    return [_incident(node, row, release, taken, sent, names) for row, release, taken, sent in found]


async def incident_of(session: AsyncSession, node: LocalNode, incident_id: int) -> Incident:
    """One of them. Raises NotFound."""
    found = await incidents(session, node, incident_id=incident_id)
    if not found:
        raise NotFound(NO_INCIDENT)
    return found[0]


async def incident_of_release(session: AsyncSession, release_id: int) -> int | None:
    """The id of the incident about a release, if there is one."""
    found: int | None = await session.scalar(select(IncidentRow.id).where(IncidentRow.release_id == release_id))
    return found


def _incident(
    node: LocalNode,
    row: IncidentRow,
    release: Release,
    taken: RetractionRow | None,
    sent: str | None,
    names: dict[int, str],
) -> Incident:
    withdrawal = taken.state if taken is not None and taken.state != RetractionState.HELD else ""
    is_gone = withdrawal == RetractionState.GONE or sent == OutboxState.REMOVED
    by_itself = {"taken-back": is_gone, "told": row.telling == Telling.TOLD}
    steps = [Step(name=name, label=label, done=by_itself[name], by_itself=True) for name, label in BY_ITSELF.items()]
    for name, label in STEPS.items():
        mark = row.done.get(name)
        told: dict[str, Any] = (
            {"by": names.get(mark["person_id"] or 0, ""), "at": datetime.fromisoformat(mark["at"])} if mark else {}
        )
        steps.append(Step(name=name, label=label, done=mark is not None, by_itself=False, **told))
    return Incident(
        id=row.id,
        draft_id=release.draft_id,
        release_id=release.id,
        title=release.title,
        kind=row.kind,
        note=note_of(node, row),
        withdrawal=withdrawal,
        telling=row.telling,
        problem=row.problem,
        told_at=row.told_at,
        opened_by=names.get(row.person_id or 0, ""),
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        version=row.version,
        steps=tuple(steps),
    )
