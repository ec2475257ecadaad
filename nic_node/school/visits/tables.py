"""Classroom visits: what peers look for, and whether they saw it. Nobody who was visited is named anywhere."""

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from nic_node.db.base import Base, BigIntKey, UtcDateTime
from nic_node.school.editing import Editable


class LookFor(Editable):
    """One thing that shows the change idea in use; a retired one stays for the visits that it was looked for in."""

    __tablename__ = "look_fors"

    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), index=True)
    position: Mapped[int]
    text: Mapped[str] = mapped_column(String(200))
    is_retired: Mapped[bool] = mapped_column(default=False)


class Visit(Editable):
    """`place` is a grade or a subject ('grade 7 math'), never a person or a room."""

    __tablename__ = "visits"

    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), index=True)
    visited_on: Mapped[date] = mapped_column(Date)
    place: Mapped[str] = mapped_column(String(80), default="")
    note: Mapped[str] = mapped_column(String(400), default="")
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class VisitMark(Base):
    """Whether a look-for was seen; what nobody could tell has no mark."""

    __tablename__ = "visit_marks"
    __table_args__ = (UniqueConstraint("visit_id", "look_for_id"),)

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("visits.id"))
    look_for_id: Mapped[int] = mapped_column(ForeignKey("look_fors.id"), index=True)
    seen: Mapped[bool]
