"""The bin: rows that were removed, as JSON values, for thirty days."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from nic_node.db.base import Base, BigIntKey, UtcDateTime


class Binned(Base):
    """`rows` is a list of {table, row}, parents before children; `kind` is one of `removable.REMOVABLE`."""

    __tablename__ = "binned"

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    label: Mapped[str] = mapped_column(String(200))
    rows: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    removed_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    removed_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
