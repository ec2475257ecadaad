"""Two histories of one log, as they were seen: the proof, who was told, and what a person decided."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from nic_node.db.base import Base, BigIntKey, UtcDateTime
from nic_node.mirror.tables import LOG_ID


class MirrorFork(Base):
    """`federation.tlog.fork.Fork`: `first` is of the history that is followed here, `second` of the other one.

    `source` showed the second. `telling` is of `states.Telling`, how far the coordinators know; `problem` says why not.
    `choice` is of `states.Choice`, "" while nobody has decided; `note` is what was written about it.
    """

    __tablename__ = "mirror_forks"
    __table_args__ = (UniqueConstraint("log_id", "second_sha256"),)

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    log_id: Mapped[int] = mapped_column(ForeignKey(LOG_ID, ondelete="CASCADE"))
    first: Mapped[bytes] = mapped_column(LargeBinary)
    second: Mapped[bytes] = mapped_column(LargeBinary)
    second_sha256: Mapped[str] = mapped_column(String(64))
    proof: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    source: Mapped[str] = mapped_column(String(250))
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    telling: Mapped[str] = mapped_column(String(10))
    told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    problem: Mapped[str] = mapped_column(String(400), default="")
    choice: Mapped[str] = mapped_column(String(10), default="")
    note: Mapped[str] = mapped_column(String(1_000), default="")
    resolved_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    resolved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}
