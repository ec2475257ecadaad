"""What a coach and an educator write down between them. The audit log says that something changed, and no more."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import record_audit
from nic_node.accounts.people import person_of
from nic_node.errors import Conflict, InvalidInput, Stale
from nic_node.i18n import N_
from nic_node.keyring.operator_key import OperatorKey
from nic_node.school.coaching.read import cycle_of_pair, note_of_pair
from nic_node.school.coaching.sealed import (
    CycleContent,
    NoteContent,
    changed,
    open_content,
    seal_content,
    tag_of,
)
from nic_node.school.coaching.tables import CoachingCycle, CoachingNote
from nic_node.school.editing import CHANGED_MEANWHILE, far_off, long_ones, no_such_person, verify
from nic_node.school.plan.tables import Goal

OWN = "coaching.own"
A_PAIR = Actor(person_id=None, name="a coaching pair", kind="system")
NOTE_FIELDS = ("on", "teacher_action", "student_action", "feedback", "next_step", "due")
LENGTHS = {"teacher_action": 1000, "student_action": 1000, "feedback": 1000, "next_step": 300}
IS_OVER = N_("This coaching cycle has ended. Open it again to write more.")


async def begin_coaching(
    session: AsyncSession,
    key: OperatorKey,
    *,
    actor: Actor,
    is_coach: bool,
    other_id: int | None,
    goal: str,
    goal_id: int | None,
    today: date,
    now: datetime,
) -> CoachingCycle:
    """Begin a cycle between this person and another; both see it from then on, and nobody else.

    Args:
        is_coach: whether this person is the coach.

    Raises:
        InvalidInput: with sentences beside the fields.
    """
    assert actor.person_id is not None
    said = long_ones({"goal": goal}, {"goal": 400})
    said["other_id"] = await _cannot_be_paired(session, actor.person_id, other_id)
    if not goal.strip():
        said["goal"] = N_("Say what the educator wants to become better at.")
    said["goal_id"] = await _no_goal(session, goal_id)
    verify(said)
    assert other_id is not None
    coach, educator = (actor.person_id, other_id) if is_coach else (other_id, actor.person_id)
    content = CycleContent(coach_id=coach, educator_id=educator, goal=goal.strip(), goal_id=goal_id, started_on=today)
    row = CoachingCycle(
        coach_tag=tag_of(key, coach), educator_tag=tag_of(key, educator), sealed=seal_content(key, content)
    )
    session.add(row)
    await session.flush()
    await _audit(session, now)
    return row


async def change_coaching(
    session: AsyncSession,
    key: OperatorKey,
    *,
    actor: Actor,
    cycle_id: int,
    goal: str,
    goal_id: int | None,
    version: int,
    now: datetime,
) -> CoachingCycle:
    """Reword the goal. Raises NotFound; Conflict; InvalidInput beside the fields."""
    row, content = await cycle_of_pair(session, key, cycle_id, actor.person_id, version=version)
    said = long_ones({"goal": goal}, {"goal": 400})
    if not goal.strip():
        said["goal"] = N_("Say what the educator wants to become better at.")
    said["goal_id"] = await _no_goal(session, goal_id)
    verify(said)
    row.sealed = seal_content(key, changed(content, {"goal": goal.strip(), "goal_id": goal_id}))
    await session.flush()
    await _audit(session, now)
    return row


async def end_coaching(
    session: AsyncSession, key: OperatorKey, *, actor: Actor, cycle_id: int, is_open: bool, today: date, now: datetime
) -> CoachingCycle:
    """End a cycle, or open it again (`is_open`)."""
    row, content = await cycle_of_pair(session, key, cycle_id, actor.person_id)
    if row.is_open != is_open:
        row.is_open = is_open
        row.sealed = seal_content(key, changed(content, {"ended_on": None if is_open else today}))
        await session.flush()
        await _audit(session, now)
    return row


async def erase_coaching(
    session: AsyncSession, key: OperatorKey, *, actor: Actor, cycle_id: int, now: datetime
) -> None:
    """Erase a cycle with all its notes, for both; either of the two may."""
    row, _content = await cycle_of_pair(session, key, cycle_id, actor.person_id)
    await session.execute(delete(CoachingNote).where(CoachingNote.cycle_id == cycle_id))
    await session.delete(row)
    await session.flush()
    await _audit(session, now)


async def write_note(
    session: AsyncSession,
    key: OperatorKey,
    *,
    actor: Actor,
    cycle_id: int,
    values: Mapping[str, Any],
    today: date,
    now: datetime,
) -> CoachingNote:
    """Write down what was seen, said, and comes next.

    Raises:
        NotFound: there is no such cycle, or it is not this person's.
        Conflict: the cycle has ended.
        InvalidInput: with sentences beside the fields.
    """
    cycle, _content = await cycle_of_pair(session, key, cycle_id, actor.person_id)
    if not cycle.is_open:
        raise Conflict(IS_OVER)
    assert actor.person_id is not None
    known = {name: values[name] for name in NOTE_FIELDS if values.get(name) is not None}
    written = select(func.count()).where(CoachingNote.cycle_id == cycle_id)
    number = (await session.scalar(written) or 0) + 1
    content = changed(NoteContent(by=actor.person_id, on=today, number=number), known)
    _verify_note(content, today)
    row = CoachingNote(cycle_id=cycle_id, sealed=seal_content(key, content))
    session.add(row)
    await session.flush()
    await _audit(session, now)
    return row


async def change_note(
    session: AsyncSession,
    key: OperatorKey,
    *,
    actor: Actor,
    note_id: int,
    values: Mapping[str, Any],
    version: int,
    today: date,
    now: datetime,
) -> CoachingNote:
    """Change what `values` names; either of the two may. Raises NotFound; Conflict; InvalidInput."""
    row = await note_of_pair(session, key, note_id, actor.person_id, locked=True)
    if row.version != version:
        raise Stale(CHANGED_MEANWHILE)
    known = {name: values[name] for name in NOTE_FIELDS if name in values}
    content = changed(open_content(key, row.sealed, NoteContent), known)
    _verify_note(content, today)
    row.sealed = seal_content(key, content)
    await session.flush()
    await _audit(session, now)
    return row


async def settle_step(
    session: AsyncSession, key: OperatorKey, *, actor: Actor, note_id: int, done: bool, today: date, now: datetime
) -> CoachingNote:
    """The next step is done, or not yet."""
    row = await note_of_pair(session, key, note_id, actor.person_id, locked=True)
    content = open_content(key, row.sealed, NoteContent)
    if (content.done_on is not None) != done:
        row.sealed = seal_content(key, changed(content, {"done_on": today if done else None}))
        await session.flush()
        await _audit(session, now)
    return row


def _verify_note(content: NoteContent, today: date) -> None:
    texts = {name: getattr(content, name) for name in LENGTHS}
    said = long_ones(texts, LENGTHS)
    if not any(text.strip() for text in texts.values()):
        raise InvalidInput({"teacher_action": [N_("Write at least one of these.")]})
    said["on"], said["due"] = far_off(content.on, today), far_off(content.due, today)
    verify(said)


async def _cannot_be_paired(session: AsyncSession, own_id: int, other_id: int | None) -> str | None:
    if other_id is None or other_id == own_id:
        return N_("Choose somebody else here.")
    missing = await no_such_person(session, other_id)
    if missing is None and not (await person_of(session, other_id)).may(OWN):
        return N_("They have no role that can open coaching. The administrator gives them one under People.")
    return missing


async def _no_goal(session: AsyncSession, goal_id: int | None) -> str | None:
    if goal_id is None or await session.get(Goal, goal_id) is not None:
        return None
    return N_("Choose one of the goals in the list.")


async def _audit(session: AsyncSession, now: datetime) -> None:
    """Only that something changed: an actor or a number would say who is coached."""
    await record_audit(
        session,
        actor=A_PAIR,
        action="coaching.written",
        subject="coaching",
        subject_id=None,
        before=None,
        after=None,
        now=now,
    )
