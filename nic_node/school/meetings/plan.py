"""Plan a meeting and its agenda. What is taken off the agenda can be put back."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import record_audit
from nic_node.accounts.tables import Person
from nic_node.errors import Conflict, InvalidInput
from nic_node.i18n import N_, filled
from nic_node.school.editing import (
    far_off,
    keep_changes,
    keep_new,
    locked_row,
    long_ones,
    no_such_person,
    row_of,
    verify,
)
from nic_node.school.meetings.agenda import ROUTINE, AgendaLine, topic_of
from nic_node.school.meetings.tables import Meeting, MeetingItem, MeetingPerson

MEETING_FIELDS = (
    "title", "held_on", "begins_at", "minutes", "place", "purpose", "focus", "norms", "facilitator_id", "recorder_id",
    "closing",
)  # fmt: skip
ITEM_FIELDS = ("text", "minutes", "notes", "waits_because", "project_id")
LENGTHS = {"title": 120, "place": 120, "purpose": 400, "focus": 400, "norms": 1000, "closing": 2000}
LONGEST_MINUTES = 600
MOST_ITEMS = 40
TIME_OF_DAY = re.compile(r"([01]?\d|2[0-3]):[0-5]\d")
NO_MEETING = N_("There is no such meeting here.")
NO_ITEM = N_("There is no such item on an agenda.")
NO_DAY = N_("Say on which day.")


async def plan_meeting(
    session: AsyncSession,
    *,
    actor: Actor,
    values: Mapping[str, Any],
    agenda: Sequence[AgendaLine],
    people: Iterable[int],
    today: date,
    now: datetime,
) -> Meeting:
    """Plan a meeting.

    Args:
        values: fields of MEETING_FIELDS; title, held_on and minutes are needed.
        people: who is expected.

    Raises:
        InvalidInput: with sentences beside the fields; the agenda's under 'agenda'.
    """
    known = {name: values[name] for name in MEETING_FIELDS if values.get(name) is not None}
    await _verify_meeting(session, known, today)
    if len(agenda) > MOST_ITEMS:
        raise InvalidInput(
            {
                "agenda": [
                    filled(
                        N_("{n} items are more than one meeting can hold; keep {most}."), n=len(agenda), most=MOST_ITEMS
                    )
                ]
            }
        )
    meeting = await keep_new(session, Meeting(**known), actor=actor, action="meeting.planned", now=now)
    for position, line in enumerate(agenda):
        await _keep_item(session, actor, meeting.id, position, line, now)
    await _replace_people(session, meeting.id, set(people), came=set())
    return meeting


async def change_meeting(
    session: AsyncSession,
    *,
    actor: Actor,
    meeting_id: int,
    values: Mapping[str, Any],
    version: int,
    today: date,
    now: datetime,
) -> Meeting:
    """Change what `values` names, at any time: minutes are corrected after a meeting too.

    Raises:
        NotFound, Conflict: a stale version.
        InvalidInput: with sentences beside the fields.
    """
    meeting = await locked_row(session, Meeting, meeting_id, missing=NO_MEETING, version=version)
    known = {name: values[name] for name in MEETING_FIELDS if name in values}
    everything = {name: known.get(name, getattr(meeting, name)) for name in MEETING_FIELDS}
    kept_owners = {name for name in ("facilitator_id", "recorder_id") if everything[name] == getattr(meeting, name)}
    await _verify_meeting(session, everything | dict.fromkeys(kept_owners), today)
    return await keep_changes(session, meeting, known, actor=actor, action="meeting.changed", now=now)


async def fill_agenda(
    session: AsyncSession, *, actor: Actor, meeting_id: int, lines: Sequence[AgendaLine], now: datetime
) -> Meeting:
    """Put these on an agenda that is still empty; whoever comes second changes nothing."""
    meeting = await locked_row(session, Meeting, meeting_id, missing=NO_MEETING)
    if not await _items(session, meeting_id):
        for position, line in enumerate(lines):
            await _keep_item(session, actor, meeting_id, position, line, now)
    return meeting


async def add_item(
    session: AsyncSession, *, actor: Actor, meeting_id: int, line: AgendaLine, now: datetime
) -> MeetingItem:
    """Put one more thing on the agenda, before the closing reflection if that is the last."""
    await locked_row(session, Meeting, meeting_id, missing=NO_MEETING)
    items = await _items(session, meeting_id)
    if len(items) >= MOST_ITEMS:
        raise Conflict(N_("This agenda is full. Take something off, or plan another meeting."))
    last = items[-1] if items else None
    if last is not None and last.topic == ROUTINE and last.started_at is None and len(items) > 1:
        position = last.position
        await keep_changes(session, last, {"position": position + 1}, actor=actor, action="item.moved", now=now)
    else:
        position = last.position + 1 if last else 0
    return await _keep_item(session, actor, meeting_id, position, line, now)


async def change_item(
    session: AsyncSession, *, actor: Actor, item_id: int, values: Mapping[str, Any], version: int, now: datetime
) -> MeetingItem:
    """Change an item's words, minutes or notes; its topic stays.

    Raises:
        NotFound, Conflict: a stale version.
        InvalidInput: with sentences beside the fields.
    """
    item = await locked_row(session, MeetingItem, item_id, missing=NO_ITEM, version=version)
    known = {name: values[name] for name in ITEM_FIELDS if name in values}
    verify(_item_faults({name: known.get(name, getattr(item, name)) for name in ITEM_FIELDS}))
    return await keep_changes(session, item, known, actor=actor, action="item.changed", now=now)


async def move_item(session: AsyncSession, *, actor: Actor, item_id: int, up: bool, now: datetime) -> MeetingItem:
    """Change places with the neighbour; at the end of the agenda nothing happens."""
    item = await row_of(session, MeetingItem, item_id, missing=NO_ITEM)
    await locked_row(session, Meeting, item.meeting_id, missing=NO_MEETING)
    items = await _items(session, item.meeting_id)
    place = next((place for place, other in enumerate(items) if other.id == item_id), None)
    there = None if place is None else place + (-1 if up else 1)
    if place is None or there is None or not 0 <= there < len(items):
        return item
    one, other = items[place], items[there]
    positions = one.position, other.position
    await keep_changes(session, other, {"position": positions[0]}, actor=actor, action="item.moved", now=now)
    return await keep_changes(session, one, {"position": positions[1]}, actor=actor, action="item.moved", now=now)


async def remove_item(session: AsyncSession, *, actor: Actor, item_id: int, now: datetime) -> MeetingItem:
    """Take it off the agenda; for thirty days it can be put back."""
    item = await locked_row(session, MeetingItem, item_id, missing=NO_ITEM)
    values = {"removed_at": item.removed_at or now}
    return await keep_changes(session, item, values, actor=actor, action="item.removed", now=now)


async def restore_item(session: AsyncSession, *, actor: Actor, item_id: int, now: datetime) -> MeetingItem:
    item = await locked_row(session, MeetingItem, item_id, missing=NO_ITEM)
    return await keep_changes(session, item, {"removed_at": None}, actor=actor, action="item.restored", now=now)


async def carry_item(
    session: AsyncSession, *, actor: Actor, item_id: int, to_meeting_id: int, now: datetime
) -> MeetingItem:
    """Put it on another meeting's agenda too, as the same topic."""
    item = await row_of(session, MeetingItem, item_id, missing=NO_ITEM)
    line = AgendaLine(text=item.text, minutes=item.minutes, project_id=item.project_id, topic=item.topic)
    return await add_item(session, actor=actor, meeting_id=to_meeting_id, line=line, now=now)


async def set_people(
    session: AsyncSession,
    *,
    actor: Actor,
    meeting_id: int,
    expected: Iterable[int],
    came: Iterable[int],
    now: datetime,
) -> None:
    """Who is expected, and who came; whoever came without being expected is both.

    Raises:
        NotFound.
        InvalidInput: field 'came', for somebody who has no account here.
    """
    await locked_row(session, Meeting, meeting_id, missing=NO_MEETING)
    expected, came = set(expected), set(came)
    before = await _replace_people(session, meeting_id, expected | came, came=came)
    after = {"expected": sorted(expected | came), "came": sorted(came)}
    if before != after:
        await record_audit(
            session,
            actor=actor,
            action="meeting.attended",
            subject="meeting",
            subject_id=meeting_id,
            before=before,
            after=after,
            now=now,
        )


def merge_ticks(there: set[int], *, were: Collection[int] | None, ticked: Collection[int]) -> set[int]:
    """Who is ticked after two people have ticked at once: what this one changed, in what is there by now.

    Args:
        were: who was ticked when this one began; None where that is not known, then `ticked` replaces all.
    """
    if were is None:
        return set(ticked)
    before, after = set(were), set(ticked)
    return (there - (before - after)) | (after - before)


async def _replace_people(
    session: AsyncSession, meeting_id: int, expected: set[int], *, came: set[int]
) -> dict[str, list[int]]:
    rows = (await session.scalars(select(MeetingPerson).where(MeetingPerson.meeting_id == meeting_id))).all()
    here = set(await session.scalars(select(Person.id).where(Person.id.in_(expected), Person.active)))
    if expected - here - {row.person_id for row in rows}:
        raise InvalidInput({"came": [N_("Choose among those who have an account here.")]})
    before = {
        "expected": sorted(row.person_id for row in rows),
        "came": sorted(row.person_id for row in rows if row.came),
    }
    await session.execute(delete(MeetingPerson).where(MeetingPerson.meeting_id == meeting_id))
    session.add_all(MeetingPerson(meeting_id=meeting_id, person_id=one, came=one in came) for one in sorted(expected))
    await session.flush()
    return before


async def _keep_item(
    session: AsyncSession, actor: Actor, meeting_id: int, position: int, line: AgendaLine, now: datetime
) -> MeetingItem:
    verify(_item_faults({"text": line.text, "minutes": line.minutes}))
    row = MeetingItem(
        meeting_id=meeting_id,
        position=position,
        text=line.text.strip(),
        minutes=line.minutes,
        project_id=line.project_id,
        topic=topic_of(line.text) if line.topic is None else line.topic,
    )
    return await keep_new(session, row, actor=actor, action="item.added", now=now)


async def _items(session: AsyncSession, meeting_id: int) -> list[MeetingItem]:
    chosen = select(MeetingItem).where(MeetingItem.meeting_id == meeting_id, MeetingItem.removed_at.is_(None))
    return list(await session.scalars(chosen.order_by(MeetingItem.position, MeetingItem.id)))


async def _verify_meeting(session: AsyncSession, values: Mapping[str, Any], today: date) -> None:
    said = long_ones(values, LENGTHS)
    if not (values.get("title") or "").strip():
        said["title"] = N_("Say what meeting this is.")
    said["held_on"] = far_off(values.get("held_on"), today) if values.get("held_on") else NO_DAY
    if values.get("begins_at") and not TIME_OF_DAY.fullmatch(values["begins_at"]):
        said["begins_at"] = N_("Write the time as hours and minutes, such as 15:15.")
    if not 1 <= (values.get("minutes") or 0) <= LONGEST_MINUTES:
        said["minutes"] = filled(N_("Say how many minutes it takes, from 1 to {most}."), most=LONGEST_MINUTES)
    for name in ("facilitator_id", "recorder_id"):
        said[name] = await no_such_person(session, values.get(name))
    verify(said)


def _item_faults(values: Mapping[str, Any]) -> dict[str, str | None]:
    said = long_ones(values, {"text": 200, "notes": 4000, "waits_because": 300})
    if not (values.get("text") or "").strip():
        said["text"] = N_("Say what it is about.")
    if not 0 <= (values.get("minutes") or 0) <= LONGEST_MINUTES:
        said["minutes"] = filled(N_("Say how many minutes, up to {most}."), most=LONGEST_MINUTES)
    return said


async def count_items(session: AsyncSession, meeting_ids: Iterable[int]) -> dict[int, tuple[int, int]]:
    """Meeting id -> (items on its agenda, their minutes)."""
    chosen = (
        select(MeetingItem.meeting_id, func.count(), func.sum(MeetingItem.minutes))
        .where(MeetingItem.meeting_id.in_(list(meeting_ids)), MeetingItem.removed_at.is_(None))
        .group_by(MeetingItem.meeting_id)
    )
    return {meeting_id: (items, int(minutes)) for meeting_id, items, minutes in await session.execute(chosen)}
