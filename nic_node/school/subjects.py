"""What comments and files stand beside, and what notices are about."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from nic_node.errors import NotFound
from nic_node.i18n import N_
from nic_node.school.communities.tables import Community
from nic_node.school.cycles.tables import Cycle
from nic_node.school.measures.tables import Measure
from nic_node.school.meetings.tables import Meeting
from nic_node.school.projects.tables import Project


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One kind of thing.

    Attributes:
        route: of its page, with its id. read: the permission that opens it.
        keepers: columns with the people who hear of what is written beside it.
    """

    label: str
    table: type[Any]
    title: InstrumentedAttribute[str]
    route: str
    read: str
    keepers: Sequence[InstrumentedAttribute[int | None]]


SUBJECTS: dict[str, Subject] = {
    "project": Subject(
        label=N_("Project"),
        table=Project,
        title=Project.title,
        route="projects.show",
        read="projects.read",
        keepers=(Project.lead_id, Project.author_id),
    ),
    "meeting": Subject(
        label=N_("Meeting"),
        table=Meeting,
        title=Meeting.title,
        route="meetings.show",
        read="meetings.read",
        keepers=(Meeting.facilitator_id, Meeting.recorder_id),
    ),
    "cycle": Subject(
        label=N_("Cycle"),
        table=Cycle,
        title=Cycle.question,
        route="cycles.show",
        read="cycles.read",
        keepers=(Cycle.created_by,),
    ),
    "measure": Subject(
        label=N_("Measure"),
        table=Measure,
        title=Measure.name,
        route="measures.show",
        read="measures.read",
        keepers=(Measure.owner_id,),
    ),
    "community": Subject(
        label=N_("Learning community"),
        table=Community,
        title=Community.name,
        route="communities.show",
        read="communities.read",
        keepers=(Community.created_by,),
    ),
}
SUBJECT_TABLES = {kind: subject.table.__tablename__ for kind, subject in SUBJECTS.items()}
NO_SUBJECT = N_("There is nothing of this kind here.")


async def subject_row(session: AsyncSession, kind: str, subject_id: int) -> Any:
    """Raises NotFound."""
    row = await session.get(SUBJECTS[kind].table, subject_id) if kind in SUBJECTS else None
    if row is None:
        raise NotFound(NO_SUBJECT)
    return row
