"""Advice that was overruled, with the reason; and whether what a project kept still held, weeks later."""

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from nic_node.school.editing import Editable


class AdviceNote(Editable):
    """`code` is one of `advise.CODES`."""

    __tablename__ = "advice_notes"
    __table_args__ = (UniqueConstraint("project_id", "code"),)

    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    code: Mapped[str] = mapped_column(String(30))
    note: Mapped[str] = mapped_column(String(400))


class FollowUp(Editable):
    """`day` is 90 or 135, `held` is yes, partly or no."""

    __tablename__ = "project_follow_ups"
    __table_args__ = (UniqueConstraint("project_id", "day"),)

    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    day: Mapped[int]
    held: Mapped[str] = mapped_column(String(10))
    note: Mapped[str] = mapped_column(String(400), default="")
