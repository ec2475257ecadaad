"""Meetings: an agenda with minutes an item, who came, what was decided, and how it went."""

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from nic_node.db.base import Base, BigIntKey, UtcDateTime
from nic_node.school.editing import Editable


class Meeting(Editable):
    """`begins_at` is a time of the school's day ('15:15'); `started_at` and `ended_at` say how it was held."""

    __tablename__ = "meetings"

    title: Mapped[str] = mapped_column(String(120))
    held_on: Mapped[date] = mapped_column(Date, index=True)
    begins_at: Mapped[str] = mapped_column(String(5), default="")
    minutes: Mapped[int]
    place: Mapped[str] = mapped_column(String(120), default="")
    purpose: Mapped[str] = mapped_column(String(400), default="")
    focus: Mapped[str] = mapped_column(String(400), default="")
    norms: Mapped[str] = mapped_column(String(1000), default="")
    facilitator_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    recorder_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    closing: Mapped[str] = mapped_column(String(2000), default="")
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    minutes_sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class MeetingItem(Editable):
    """One thing on the agenda.

    `topic` is what it is about, through meetings: it stays when the item is carried over, whatever its text becomes.
    `waits_because` says why nothing is decided although it comes again and again.
    """

    __tablename__ = "meeting_items"

    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"), index=True)
    position: Mapped[int]
    text: Mapped[str] = mapped_column(String(200))
    minutes: Mapped[int]
    project_id: Mapped[int | None] = mapped_column(ForeignKey("projects.id"), index=True)
    topic: Mapped[str] = mapped_column(String(200), index=True)
    notes: Mapped[str] = mapped_column(String(4000), default="")
    waits_because: Mapped[str] = mapped_column(String(300), default="", server_default="")
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class MeetingDecision(Editable):
    """What was decided, at an item or beside the agenda."""

    __tablename__ = "meeting_decisions"

    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"), index=True)
    item_id: Mapped[int | None] = mapped_column(ForeignKey("meeting_items.id"), index=True)
    text: Mapped[str] = mapped_column(String(400))
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class MeetingPerson(Base):
    """Somebody who is expected; `came` once that is marked."""

    __tablename__ = "meeting_people"
    __table_args__ = (UniqueConstraint("meeting_id", "person_id"),)

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    came: Mapped[bool] = mapped_column(default=False)
