"""What stands in the way of a goal or project and only the district can remove."""

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from nic_node.db.base import UtcDateTime
from nic_node.school.editing import Editable


class Obstacle(Editable):
    """`state` is open or removed: the school's word. `answer` is the district's: '', taken or removed."""

    __tablename__ = "obstacles"

    what: Mapped[str] = mapped_column(String(300))
    asks: Mapped[str] = mapped_column(String(300))
    kind: Mapped[str] = mapped_column(String(12))
    goal_id: Mapped[int | None] = mapped_column(ForeignKey("goals.id"), index=True)
    project_id: Mapped[int | None] = mapped_column(ForeignKey("projects.id"), index=True)
    since: Mapped[date] = mapped_column(Date)
    state: Mapped[str] = mapped_column(String(10))
    removed_on: Mapped[date | None] = mapped_column(Date)
    answer: Mapped[str] = mapped_column(String(10), default="")
    answer_note: Mapped[str] = mapped_column(String(400), default="")
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
