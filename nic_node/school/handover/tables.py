"""Handover: what a new principal or team has to know that stands nowhere else."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from nic_node.school.editing import Editable


class HandoverNote(Editable):
    """One a school year ('2026-27')."""

    __tablename__ = "handover_notes"

    school_year: Mapped[str] = mapped_column(String(7), unique=True)
    note: Mapped[str] = mapped_column(String(4000), default="")
