"""Inquiry cycles (plan, do, study, act; or the spiral): small tests pinned to a project and its chart."""

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from nic_node.db.base import Base, BigIntKey, UtcDateTime


class Cycle(Base):
    """`scale` says how large ('8 students', 'grade 6'); `act` is adopt, adapt or abandon once it is decided.

    form: 'pdsa', told by prediction, did and studied; or 'spiral', told by its stages (`spiral.STAGES`).
    fidelity: how far it was done as planned, one of `write.FIDELITIES`; None while nobody said.
    """

    __tablename__ = "cycles"
    __table_args__ = (UniqueConstraint("project_id", "number"),)

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), index=True)
    measure_id: Mapped[int | None] = mapped_column(ForeignKey("measures.id"))
    number: Mapped[int]
    form: Mapped[str] = mapped_column(String(6), default="pdsa", server_default="pdsa")
    scale: Mapped[str] = mapped_column(String(80), default="")
    question: Mapped[str] = mapped_column(String(400))
    prediction: Mapped[str] = mapped_column(String(400), default="")
    did: Mapped[str] = mapped_column(String(1000), default="")
    studied: Mapped[str] = mapped_column(String(1000), default="")
    fidelity: Mapped[str | None] = mapped_column(String(10))
    differed: Mapped[str] = mapped_column(String(400), default="", server_default="")
    scan: Mapped[str] = mapped_column(String(1000), default="", server_default="")
    focus: Mapped[str] = mapped_column(String(1000), default="", server_default="")
    hunch: Mapped[str] = mapped_column(String(1000), default="", server_default="")
    learning: Mapped[str] = mapped_column(String(1000), default="", server_default="")
    action: Mapped[str] = mapped_column(String(1000), default="", server_default="")
    check: Mapped[str] = mapped_column(String(1000), default="", server_default="")
    act: Mapped[str | None] = mapped_column(String(10))
    next_step: Mapped[str] = mapped_column(String(400), default="")
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date | None] = mapped_column(Date)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}
