"""What is put into each project, and who stayed: the two things that a board asks about."""

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from nic_node.db.base import UtcDateTime
from nic_node.school.editing import Editable


class ProjectInput(Editable):
    """Hours of staff, or US dollars, or both, on a day."""

    __tablename__ = "project_inputs"

    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), index=True)
    put_on: Mapped[date] = mapped_column(Date)
    what: Mapped[str] = mapped_column(String(120), default="")
    hours: Mapped[float] = mapped_column(default=0.0)
    dollars: Mapped[float] = mapped_column(default=0.0)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ProjectBudget(Editable):
    """What a project may take, as it was planned."""

    __tablename__ = "project_budgets"

    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), unique=True)
    hours: Mapped[float | None]
    dollars: Mapped[float | None]


class StaffYear(Editable):
    """How many worked here in a school year ('2026-27'), and how many of them the year after."""

    __tablename__ = "staff_years"

    school_year: Mapped[str] = mapped_column(String(7), unique=True)
    staff: Mapped[int]
    stayed: Mapped[int]
