"""Write a message, start it from what was decided and found, and send it to staff."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.accounts.people import people_of
from nic_node.config import Config
from nic_node.errors import Conflict
from nic_node.i18n import N_, filled
from nic_node.mail.addresses import is_address
from nic_node.mail.queue import Letter, queue_mail
from nic_node.school.communication.plain import find_giveaways
from nic_node.school.communication.tables import Message
from nic_node.school.editing import keep_changes, keep_new, locked_row, long_ones, row_of, verify
from nic_node.school.known_names import KnownNames
from nic_node.school.meetings.tables import Meeting, MeetingDecision
from nic_node.school.projects.tables import Project

EMAILS: Final = Path(__file__).parent / "emails"
DESK: Final = "accounts"
AUDIENCES: Mapping[str, str] = {"staff": N_("Staff"), "families": N_("Families"), "district": N_("District")}
FIELDS = ("title", "audience", "body")
LOOKS_BACK = timedelta(days=45)
NO_MESSAGE = N_("There is no such message.")
ONLY_STAFF = N_("Only staff have addresses here. Print it, or copy it into what you send to others.")


async def write_message(
    session: AsyncSession, *, actor: Actor, values: Mapping[str, Any], today: date, now: datetime
) -> Message:
    """Keep a message.

    Raises:
        InvalidInput: with sentences beside the fields.
    """
    known = {name: values[name] for name in FIELDS if values.get(name) is not None}
    _verify(known)
    row = Message(written_on=today, **known)
    return await keep_new(session, row, actor=actor, action="message.written", now=now)


async def change_message(
    session: AsyncSession, *, actor: Actor, message_id: int, values: Mapping[str, Any], version: int, now: datetime
) -> Message:
    """Change what `values` names. Raises NotFound; Conflict; InvalidInput beside the fields."""
    row = await locked_row(session, Message, message_id, missing=NO_MESSAGE, version=version)
    known = {name: values[name] for name in FIELDS if name in values}
    _verify({name: known.get(name, getattr(row, name)) for name in FIELDS})
    return await keep_changes(session, row, known, actor=actor, action="message.changed", now=now)


async def send_message(
    session: AsyncSession, config: Config, *, actor: Actor, message_id: int, names: KnownNames, now: datetime
) -> int:
    """Queue it for everybody who has an account here and takes e-mail; how many they are.

    Raises:
        NotFound.
        Conflict: it is not for staff, or it gives somebody away.
    """
    row = await locked_row(session, Message, message_id, missing=NO_MESSAGE)
    if row.audience != "staff":
        raise Conflict(ONLY_STAFF)
    _refuse_giveaways(row, names)
    receivers = [one for one in await people_of(session) if one.joined and is_address(one.email)]
    for person in receivers:
        letter = Letter(
            folder=EMAILS,
            event="message",
            desk=DESK,
            to_address=person.email,
            to_name=person.name,
            language=person.language,
            values={"message": row, "link": f"{config.public_url}/messages/{row.id}"},
        )
        await queue_mail(session, config, letter, now=now)
    await keep_changes(session, row, {"sent_at": now}, actor=actor, action="message.sent", now=now)
    return len(receivers)


async def messages(session: AsyncSession) -> list[Message]:
    """The newest first."""
    return list(await session.scalars(select(Message).order_by(Message.written_on.desc(), Message.id.desc())))


async def message_of(session: AsyncSession, message_id: int) -> Message:
    """Raises NotFound."""
    return await row_of(session, Message, message_id, missing=NO_MESSAGE)


async def start_of_message(session: AsyncSession, today: date) -> str:
    """What was decided and what projects found in the last weeks, for somebody to put into plain words."""
    since = today - LOOKS_BACK
    closed = select(Project).where(Project.state == "closed", Project.closed_on >= since).order_by(Project.closed_on)
    ended = {"adopt": "We keep it.", "adapt": "We go on with it, changed.", "abandon": "We stop it."}
    lines = [f"{one.title}. {ended[one.decision or 'adapt']}" for one in await session.scalars(closed)]
    decided = (
        select(MeetingDecision.text)
        .join(Meeting, Meeting.id == MeetingDecision.meeting_id)
        .where(Meeting.held_on >= since, MeetingDecision.removed_at.is_(None))
    )
    lines += list(await session.scalars(decided.order_by(MeetingDecision.id)))
    return "\n".join(lines)[:4000]


def _verify(values: Mapping[str, Any]) -> None:
    said = long_ones(values, {"title": 120, "body": 4000})
    if not (values.get("title") or "").strip():
        said["title"] = N_("Give it a title.")
    if not (values.get("body") or "").strip():
        said["body"] = N_("Write what you want to say.")
    if values.get("audience") not in AUDIENCES:
        said["audience"] = N_("Choose whom it is for.")
    verify(said)


def _refuse_giveaways(row: Message, names: KnownNames) -> None:
    found = find_giveaways(f"{row.title}\n{row.body}", names)
    if found:
        listed = "; ".join(f"“{one}”" for one in found[:3])
        raise Conflict(
            filled(
                N_("This stands for few people, or names one: {listed}. Say it without the number or the person."),
                listed=listed,
            )
        )
