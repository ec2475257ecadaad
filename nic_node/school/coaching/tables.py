"""Coaching, sealed: neither who coaches whom nor a word of it stands in the database, its copies or an export.

A pair is found by keyed tags of its two people; all else is JSON under the operator's key. No row has an author.
"""

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from nic_node.db.base import Base, BigIntKey
from nic_node.school.coaching.sealed import new_id


class CoachingCycle(Base):
    __tablename__ = "coaching_cycles"

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True, default=new_id)
    coach_tag: Mapped[bytes] = mapped_column(LargeBinary, index=True)
    educator_tag: Mapped[bytes] = mapped_column(LargeBinary, index=True)
    is_open: Mapped[bool] = mapped_column(default=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}


class CoachingNote(Base):
    __tablename__ = "coaching_notes"

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True, default=new_id)
    cycle_id: Mapped[int] = mapped_column(ForeignKey("coaching_cycles.id"), index=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}
