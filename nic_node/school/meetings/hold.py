"""Hold a meeting: it starts and ends, items run one after the other, decisions fall."""

from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.errors import Conflict, InvalidInput
from nic_node.i18n import N_
from nic_node.school.editing import keep_changes, keep_new, locked_row, long_ones, row_of, verify
from nic_node.school.meetings.plan import NO_ITEM, NO_MEETING
from nic_node.school.meetings.tables import Meeting, MeetingDecision, MeetingItem

IS_OVER = N_("This meeting is over. Its notes, decisions and action items can still be corrected.")
NO_DECISION = N_("There is no such decision here.")


async def start_meeting(session: AsyncSession, *, actor: Actor, meeting_id: int, now: datetime) -> Meeting:
    """Start it, and its first item with it. Whoever presses second changes nothing.

    Raises:
        NotFound.
        Conflict: it is over.
    """
    meeting = await locked_row(session, Meeting, meeting_id, missing=NO_MEETING)
    if meeting.ended_at is not None:
        raise Conflict(IS_OVER)
    if meeting.started_at is not None:
        return meeting
    await keep_changes(session, meeting, {"started_at": now}, actor=actor, action="meeting.started", now=now)
    first = await session.scalar(_items_of(meeting_id).order_by(MeetingItem.position, MeetingItem.id).limit(1))
    if first is not None:
        await _run(session, actor, first, now)
    return meeting


async def end_meeting(session: AsyncSession, *, actor: Actor, meeting_id: int, now: datetime) -> Meeting:
    """End it, and the item that runs. Raises NotFound; Conflict where it has not started."""
    meeting = await locked_row(session, Meeting, meeting_id, missing=NO_MEETING)
    if meeting.started_at is None:
        raise Conflict(N_("This meeting has not started yet."))
    await _stop_running(session, actor, meeting_id, now)
    values = {"ended_at": meeting.ended_at or now}
    return await keep_changes(session, meeting, values, actor=actor, action="meeting.ended", now=now)


async def start_item(session: AsyncSession, *, actor: Actor, item_id: int, now: datetime) -> MeetingItem:
    """Turn to an item: the one that ran before ends, and a meeting that has not started starts.

    Raises:
        NotFound.
        Conflict: the meeting is over.
    """
    found = await row_of(session, MeetingItem, item_id, missing=NO_ITEM)
    meeting = await locked_row(session, Meeting, found.meeting_id, missing=NO_MEETING)
    if meeting.ended_at is not None:
        raise Conflict(IS_OVER)
    if meeting.started_at is None:
        await keep_changes(session, meeting, {"started_at": now}, actor=actor, action="meeting.started", now=now)
    item = await locked_row(session, MeetingItem, item_id, missing=NO_ITEM)
    if item.started_at is not None and item.ended_at is None:
        return item
    await _stop_running(session, actor, meeting.id, now)
    return await _run(session, actor, item, now)


async def decide(
    session: AsyncSession, *, actor: Actor, meeting_id: int, item_id: int | None, text: str, now: datetime
) -> MeetingDecision:
    """Write a decision down, at an item or beside the agenda.

    Raises:
        NotFound.
        InvalidInput: no words, too many, or an item of another meeting.
    """
    await row_of(session, Meeting, meeting_id, missing=NO_MEETING)
    _verify_words(text)
    if item_id is not None:
        item = await row_of(session, MeetingItem, item_id, missing=NO_ITEM)
        if item.meeting_id != meeting_id:
            raise InvalidInput({"item_id": [N_("This item is of another meeting.")]})
    row = MeetingDecision(meeting_id=meeting_id, item_id=item_id, text=text.strip())
    return await keep_new(session, row, actor=actor, action="decision.taken", now=now)


async def change_decision(
    session: AsyncSession, *, actor: Actor, decision_id: int, text: str, version: int, now: datetime
) -> MeetingDecision:
    row = await locked_row(session, MeetingDecision, decision_id, missing=NO_DECISION, version=version)
    _verify_words(text)
    return await keep_changes(session, row, {"text": text.strip()}, actor=actor, action="decision.changed", now=now)


async def remove_decision(session: AsyncSession, *, actor: Actor, decision_id: int, now: datetime) -> MeetingDecision:
    """Take it back; for thirty days it can be put back."""
    row = await locked_row(session, MeetingDecision, decision_id, missing=NO_DECISION)
    values = {"removed_at": row.removed_at or now}
    return await keep_changes(session, row, values, actor=actor, action="decision.removed", now=now)


async def restore_decision(session: AsyncSession, *, actor: Actor, decision_id: int, now: datetime) -> MeetingDecision:
    row = await locked_row(session, MeetingDecision, decision_id, missing=NO_DECISION)
    return await keep_changes(session, row, {"removed_at": None}, actor=actor, action="decision.restored", now=now)


def _items_of(meeting_id: int) -> Select[MeetingItem]:
    return select(MeetingItem).where(MeetingItem.meeting_id == meeting_id, MeetingItem.removed_at.is_(None))


async def _run(session: AsyncSession, actor: Actor, item: MeetingItem, now: datetime) -> MeetingItem:
    values = {"started_at": now, "ended_at": None}
    return await keep_changes(session, item, values, actor=actor, action="item.started", now=now)


async def _stop_running(session: AsyncSession, actor: Actor, meeting_id: int, now: datetime) -> None:
    running = _items_of(meeting_id).where(MeetingItem.started_at.is_not(None), MeetingItem.ended_at.is_(None))
    for item in await session.scalars(running.with_for_update()):
        await keep_changes(session, item, {"ended_at": now}, actor=actor, action="item.ended", now=now)


def _verify_words(text: str) -> None:
    said = long_ones({"decision": text}, {"decision": 400})
    if not text.strip():
        said["decision"] = N_("Write what was decided.")
    verify(said)
