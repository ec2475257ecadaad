"""Minutes out in one act: by e-mail to those who were expected, or to everybody who works here."""

from datetime import date, datetime
from pathlib import Path
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.accounts.people import people_of
from nic_node.config import Config
from nic_node.errors import Conflict, InvalidInput
from nic_node.i18n import N_
from nic_node.mail.addresses import is_address
from nic_node.mail.queue import Letter, queue_mail
from nic_node.school.editing import keep_changes, locked_row
from nic_node.school.known_names import KnownNames
from nic_node.school.meetings.plan import NO_MEETING
from nic_node.school.meetings.read import MeetingView, view_meeting
from nic_node.school.meetings.tables import Meeting

EMAILS: Final = Path(__file__).parent / "emails"
DESK: Final = "accounts"
RECEIVERS = ("expected", "everybody")
NAMES_STUDENTS: Final = "These minutes name students: {names}. Say it there without the name; then they can go out."


async def send_minutes(
    session: AsyncSession,
    config: Config,
    *,
    actor: Actor,
    meeting_id: int,
    to: str,
    names: KnownNames,
    today: date,
    now: datetime,
) -> int:
    """Queue the minutes for each receiver who takes e-mail; how many they are.

    Raises:
        NotFound.
        Conflict: the meeting has not been held, or the minutes name a student.
        InvalidInput: field 'to', not one of RECEIVERS, or nobody takes e-mail.
    """
    meeting = await locked_row(session, Meeting, meeting_id, missing=NO_MEETING)
    if meeting.ended_at is None:
        raise Conflict(N_("End the meeting first; then its minutes are whole."))
    if to not in RECEIVERS:
        raise InvalidInput({"to": [N_("Choose who gets the minutes.")]})
    view = await view_meeting(session, meeting_id, today)
    if found := names_in_minutes(view, names):
        raise Conflict(NAMES_STUDENTS.format(names=", ".join(f"“{name}”" for name in found[:3])))
    expected = {person.person_id for person in view.people}
    receivers = [
        person
        for person in await people_of(session)
        if person.joined and is_address(person.email) and (to == "everybody" or person.id in expected)
    ]
    if not receivers:
        raise InvalidInput({"to": [N_("None of them takes e-mail here. Print the minutes, or show the page.")]})
    values = {"view": view, "meeting": meeting, "link": f"{config.public_url}/meetings/{meeting_id}/minutes"}
    for person in receivers:
        letter = Letter(
            folder=EMAILS,
            event="minutes",
            desk=DESK,
            to_address=person.email,
            to_name=person.name,
            language=person.language,
            values=values,
        )
        await queue_mail(session, config, letter, now=now)
    await keep_changes(session, meeting, {"minutes_sent_at": now}, actor=actor, action="meeting.minutes-sent", now=now)
    return len(receivers)


def names_in_minutes(view: MeetingView, names: KnownNames) -> tuple[str, ...]:
    """Students and families whom something that the minutes say names."""
    said = [view.meeting.title, view.meeting.closing]
    said += [text for one in view.items for text in (one.item.text, one.item.notes)]
    said += [decision.text for one in view.items for decision in one.decisions]
    said += [decision.text for decision in view.loose]
    return names.found_in([*said, *(line.item.text for line in view.actions)])
