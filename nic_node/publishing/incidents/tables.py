"""What should not have left, and what was done about it."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from nic_node.db.base import Base, BigIntKey, UtcDateTime


class IncidentRow(Base):
    """One incident about one release. `kind` is of `checklist.KINDS`, `telling` of `states.Telling`.

    `done`: step of `checklist.STEPS` -> {person_id, at}; replaced whole. `sealed_note` opens to what a person wrote
    about it, which may name people; None: nothing.
    """

    __tablename__ = "publishing_incidents"

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    release_id: Mapped[int] = mapped_column(ForeignKey("publishing_releases.id"), unique=True)
    network: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(20))
    sealed_note: Mapped[bytes | None] = mapped_column(LargeBinary)
    done: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    telling: Mapped[str] = mapped_column(String(10))
    problem: Mapped[str] = mapped_column(String(400), default="")
    told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}
