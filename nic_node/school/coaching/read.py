"""Coaching as the pair reads it; of others' there is nothing to be found, and leaders get a count of three or more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.people import person_names
from nic_node.errors import NotFound, Stale
from nic_node.i18n import N_
from nic_node.keyring.operator_key import OperatorKey
from nic_node.school.coaching.sealed import CycleContent, NoteContent, open_content, tag_of
from nic_node.school.coaching.tables import CoachingCycle, CoachingNote
from nic_node.school.editing import CHANGED_MEANWHILE

FEWEST_EDUCATORS = 3
"""Fewer are not told: a count of one is a name."""
NOTHING_HERE = N_("There is nothing of yours here.")


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteView:
    id: int
    version: int
    content: NoteContent


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleView:
    """Attributes: notes: the newest first. names: person id -> name, of the two."""

    id: int
    version: int
    is_open: bool
    content: CycleContent
    notes: Sequence[NoteView]
    names: dict[int, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnStep:
    """A next step that only the pair sees."""

    note_id: int
    cycle_id: int
    text: str
    due: date | None


async def cycle_of_pair(
    session: AsyncSession, key: OperatorKey, cycle_id: int, person_id: int | None, *, version: int | None = None
) -> tuple[CoachingCycle, CycleContent]:
    """A cycle of this person's, held until the transaction ends.

    Raises:
        NotFound: there is none with this id, or it is other people's; nobody can tell which.
        Conflict: a stale version.
    """
    row = await session.get(CoachingCycle, cycle_id, with_for_update=True, populate_existing=True)
    if row is None or person_id is None or tag_of(key, person_id) not in (row.coach_tag, row.educator_tag):
        raise NotFound(NOTHING_HERE)
    if version is not None and row.version != version:
        raise Stale(CHANGED_MEANWHILE)
    return row, open_content(key, row.sealed, CycleContent)


async def note_of_pair(
    session: AsyncSession, key: OperatorKey, note_id: int, person_id: int | None, *, locked: bool = False
) -> CoachingNote:
    """A note in a cycle of this person's. Raises NotFound."""
    row = await session.get(CoachingNote, note_id, with_for_update=locked or None, populate_existing=locked)
    if row is None:
        raise NotFound(NOTHING_HERE)
    await cycle_of_pair(session, key, row.cycle_id, person_id)
    return row


async def own_cycles(session: AsyncSession, key: OperatorKey, person_id: int) -> list[CycleView]:
    """Those that go on first, the newest of each first; without their notes."""
    tag = tag_of(key, person_id)
    chosen = select(CoachingCycle).where(or_(CoachingCycle.coach_tag == tag, CoachingCycle.educator_tag == tag))
    found = (await session.scalars(chosen.order_by(CoachingCycle.id))).all()
    contents = {row.id: open_content(key, row.sealed, CycleContent) for row in found}
    rows = sorted(found, key=lambda row: (row.is_open, contents[row.id].started_on), reverse=True)
    people = {one for content in contents.values() for one in (content.coach_id, content.educator_id)}
    names = await person_names(session, people)
    return [_view(row, contents[row.id], (), names) for row in rows]


async def view_coaching(session: AsyncSession, key: OperatorKey, cycle_id: int, person_id: int) -> CycleView:
    """Raises NotFound."""
    row, content = await cycle_of_pair(session, key, cycle_id, person_id)
    chosen = select(CoachingNote).where(CoachingNote.cycle_id == cycle_id)
    read = [
        NoteView(id=note.id, version=note.version, content=open_content(key, note.sealed, NoteContent))
        for note in await session.scalars(chosen)
    ]
    notes = sorted(read, key=lambda note: (note.content.number, note.id), reverse=True)
    names = await person_names(session, {content.coach_id, content.educator_id})
    return _view(row, content, notes, names)


async def own_steps(session: AsyncSession, key: OperatorKey, person_id: int) -> list[OwnStep]:
    """Next steps of this person's cycles that go on and are not done, by their date."""
    tag = tag_of(key, person_id)
    chosen = (
        select(CoachingNote)
        .join(CoachingCycle, CoachingCycle.id == CoachingNote.cycle_id)
        .where(CoachingCycle.is_open, or_(CoachingCycle.coach_tag == tag, CoachingCycle.educator_tag == tag))
    )
    steps = []
    for note in await session.scalars(chosen.order_by(CoachingNote.id)):
        content = open_content(key, note.sealed, NoteContent)
        if content.next_step and content.done_on is None:
            steps.append(OwnStep(note_id=note.id, cycle_id=note.cycle_id, text=content.next_step, due=content.due))
    return sorted(steps, key=lambda step: (step.due is None, step.due or date.max))


async def count_educators(session: AsyncSession, key: OperatorKey, *, asked_by: int, today: date) -> int | None:
    """How many educators were in a cycle as this month began, in threes: 3, 6, 9; None for fewer than three.

    One's own cycles are not counted: whoever began some could else find out by them who is coached already. In threes
    and by the month, so that the difference of two looks is nobody.
    """
    began = today.replace(day=1)
    contents = [open_content(key, row.sealed, CycleContent) for row in await session.scalars(select(CoachingCycle))]
    educators = {
        one.educator_id
        for one in contents
        if asked_by not in (one.coach_id, one.educator_id)
        and one.started_on < began
        and (one.ended_on is None or one.ended_on >= began)
    }
    return len(educators) // FEWEST_EDUCATORS * FEWEST_EDUCATORS or None


def _view(row: CoachingCycle, content: CycleContent, notes: Sequence[NoteView], names: dict[int, str]) -> CycleView:
    return CycleView(id=row.id, version=row.version, is_open=row.is_open, content=content, notes=notes, names=names)
