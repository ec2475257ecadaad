"""What others did since yesterday, in a few sentences, from the audit log: titles, never contents or numbers."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from gettext import NullTranslations
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.tables import AuditEntry
from nic_node.i18n import N_
from nic_node.school.actions.tables import ActionItem
from nic_node.school.communities.tables import CommunityTrial
from nic_node.school.cycles.tables import Cycle
from nic_node.school.measures.tables import Measure
from nic_node.school.meetings.tables import Meeting
from nic_node.school.projects.tables import Project

SINCE = timedelta(days=1)
MOST, MOST_READ = 5, 200


Subject = Project | Measure | Meeting | ActionItem | Cycle | CommunityTrial


@dataclass(frozen=True, slots=True)
class Saying:
    """One: a single one of it; many: with a count. `table` is where the subject's title stands."""

    one: str
    many: str
    table: type[Subject]


SAYINGS: Mapping[str, Saying] = {
    "observation.added": Saying(N_("{who} added a number to {what}"), N_("{who} added {n} numbers to {what}"), Measure),
    "import.confirmed": Saying(N_("{who} brought a file to {what}"), N_("{who} brought {n} files to {what}"), Measure),
    "project.opened": Saying(N_("{who} started {what}"), N_("{who} started {what}"), Project),
    "project.checked": Saying(N_("{who} held the mid-way check of {what}"), N_("{who} checked {what}"), Project),
    "project.closed": Saying(N_("{who} closed {what}"), N_("{who} closed {what}"), Project),
    "project.step-marked": Saying(N_("{who} did a step of {what}"), N_("{who} did {n} steps of {what}"), Project),
    "cycle.planned": Saying(N_("{who} began a cycle: {what}"), N_("{who} began a cycle: {what}"), Cycle),
    "cycle.noted": Saying(N_("{who} noted on a cycle: {what}"), N_("{who} noted on a cycle: {what}"), Cycle),
    "trial.recommended": Saying(N_("{who} recommends: {what}"), N_("{who} recommends: {what}"), CommunityTrial),
    "meeting.ended": Saying(N_("{who} held {what}"), N_("{who} held {what}"), Meeting),
    "meeting.minutes-sent": Saying(
        N_("{who} sent the minutes of {what}"), N_("{who} sent the minutes of {what}"), Meeting
    ),
    "action.settled": Saying(N_("{who} settled “{what}”"), N_("{who} settled “{what}”"), ActionItem),
}


async def recent_changes(
    session: AsyncSession, *, person_id: int, now: datetime, catalogue: NullTranslations
) -> list[str]:
    """The newest first; what one person did to one thing is told once."""
    chosen = select(AuditEntry.actor_name, AuditEntry.action, AuditEntry.subject_id).where(
        AuditEntry.at >= now - SINCE,
        AuditEntry.actor_kind == "person",
        AuditEntry.actor_id != person_id,
        AuditEntry.action.in_(SAYINGS),
    )
    rows = (await session.execute(chosen.order_by(AuditEntry.id.desc()).limit(MOST_READ))).all()
    done = Counter((name, action, int(subject)) for name, action, subject in rows if subject)
    first = list(dict.fromkeys(done))[:MOST]
    titles = await _titles(session, [(action, subject) for _name, action, subject in first])
    said = []
    for key in first:
        name, action, subject = key
        title = titles.get((action, subject))
        if title is not None:
            saying = SAYINGS[action].one if done[key] == 1 else SAYINGS[action].many
            said.append(catalogue.gettext(saying).format(who=name, what=title, n=done[key]))
    return said


async def _titles(session: AsyncSession, wanted: Sequence[tuple[str, int]]) -> dict[tuple[str, int], str]:
    """(action, subject id) -> title, of subjects that are still there; a query for each table."""
    titles: dict[tuple[str, int], str] = {}
    for table in {SAYINGS[action].table for action, _subject in wanted}:
        of_table = [key for key in wanted if SAYINGS[key[0]].table is table]
        rows: Iterable[Any] = await session.scalars(
            select(table).where(table.id.in_({subject for _action, subject in of_table}))
        )
        by_id = {row.id: _title(row) for row in rows}
        titles |= {key: by_id[key[1]] for key in of_table if key[1] in by_id}
    return titles


def _title(row: Subject) -> str:
    if isinstance(row, ActionItem):
        return row.text
    if isinstance(row, Cycle):
        return row.question
    if isinstance(row, CommunityTrial):
        return row.idea
    return row.name if isinstance(row, Measure) else row.title
