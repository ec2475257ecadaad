"""A project's driver diagram: what drives the aim, what drives that, and the ideas; each line is a hypothesis."""

from datetime import date
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from nic_node.school.editing import Editable


class Driver(Editable):
    """`level` is primary, secondary or idea; `under_id` what it drives, None for the aim; `because` the hypothesis.

    `measure_id` names the chart that shows whether it moves; `is_tried` the idea that the project's cycles test.
    """

    __tablename__ = "drivers"

    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), index=True)
    under_id: Mapped[int | None] = mapped_column(ForeignKey("drivers.id"), index=True)
    level: Mapped[str] = mapped_column(String(10))
    text: Mapped[str] = mapped_column(String(200))
    because: Mapped[str] = mapped_column(String(400), default="")
    measure_id: Mapped[int | None] = mapped_column(ForeignKey("measures.id"), index=True)
    is_tried: Mapped[bool] = mapped_column(default=False)


class DriverVersion(Editable):
    """The diagram as it was kept: `drivers` is a list of {level, text, because, depth}."""

    __tablename__ = "driver_versions"
    __table_args__ = (UniqueConstraint("project_id", "number"),)

    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), index=True)
    number: Mapped[int]
    kept_on: Mapped[date] = mapped_column(Date)
    aim: Mapped[str] = mapped_column(String(400), default="")
    drivers: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
