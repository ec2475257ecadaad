"""Reflection, every 45 days: what works, what comes off the table, what we do better, and how we know."""

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from nic_node.db.base import UtcDateTime
from nic_node.school.editing import Editable


class Reflection(Editable):
    __tablename__ = "reflections"

    held_on: Mapped[date] = mapped_column(Date)
    works: Mapped[str] = mapped_column(String(2000), default="")
    off_table: Mapped[str] = mapped_column(String(2000), default="")
    better: Mapped[str] = mapped_column(String(2000), default="")
    evidence: Mapped[str] = mapped_column(String(2000), default="")


class StoppedThing(Editable):
    """Something that is not done any more, and the staff hours a week that this frees."""

    __tablename__ = "stopped_things"

    text: Mapped[str] = mapped_column(String(200))
    hours_a_week: Mapped[float]
    stopped_on: Mapped[date] = mapped_column(Date)
    project_id: Mapped[int | None] = mapped_column(ForeignKey("projects.id"), index=True)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
