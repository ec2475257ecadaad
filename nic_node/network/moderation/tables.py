"""What coordinators propose about a record or a pseudonym, and who said yes."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from nic_node.db.base import Base, BigIntKey, UtcDateTime


class ModerationCase(Base):
    """One proposal. `act` is of `states.Act`, `state` of `states.CaseState`.

    `record` is the id of the record that it is about; of a block the one that gave rise to it, or "". `jkt` and
    `from_index` are a block's. `upto` is the newest flag that a dismissal had seen, as an index of the newest log.
    """

    __tablename__ = "network_moderation_cases"

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    network_id: Mapped[int] = mapped_column(ForeignKey("networks.id"), index=True)
    act: Mapped[str] = mapped_column(String(10))
    record: Mapped[str] = mapped_column(String(340))
    jkt: Mapped[str | None] = mapped_column(String(43))
    from_index: Mapped[int | None] = mapped_column(BigIntKey)
    reason: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(12))
    upto: Mapped[int | None] = mapped_column(BigIntKey)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}


class ModerationVoice(Base):
    """One coordinator's yes to a case."""

    __tablename__ = "network_moderation_voices"
    __table_args__ = (UniqueConstraint("case_id", "person_id"),)

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("network_moderation_cases.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class ToldIncident(Base):
    """A member told that a record of its own should not have left: who, which, and which coordinator has seen it."""

    __tablename__ = "network_incidents"
    __table_args__ = (UniqueConstraint("member_id", "record"),)

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    network_id: Mapped[int] = mapped_column(ForeignKey("networks.id"), index=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("network_members.id"))
    record: Mapped[str] = mapped_column(String(340))
    told_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
