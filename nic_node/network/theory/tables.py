"""What a network's coordinators wrote about a quarter."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from nic_node.db.base import Base, BigIntKey, UtcDateTime

TITLE_LENGTH = 120
TEXT_LENGTH = 6_000


class Synthesis(Base):
    """One quarter ('2026-Q4'): its text, the charter whose driver diagram it speaks of, the numbers as they were then.

    `numbers` is `Theory.document()`.
    """

    __tablename__ = "network_syntheses"
    __table_args__ = (UniqueConstraint("network_id", "quarter"),)

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    network_id: Mapped[int] = mapped_column(ForeignKey("networks.id"))
    quarter: Mapped[str] = mapped_column(String(7))
    title: Mapped[str] = mapped_column(String(TITLE_LENGTH))
    text: Mapped[str] = mapped_column(String(TEXT_LENGTH))
    charter_version: Mapped[int] = mapped_column()
    numbers: Mapped[dict[str, Any]] = mapped_column(JSON)
    written_by: Mapped[int] = mapped_column(ForeignKey("people.id"))
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}
