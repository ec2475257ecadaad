"""Learning communities: colleagues who inquire together, their sessions, what they made, and what they try."""

from datetime import date

from sqlalchemy import Date, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from nic_node.db.base import Base, BigIntKey
from nic_node.school.editing import Editable


class Community(Editable):
    __tablename__ = "communities"

    name: Mapped[str] = mapped_column(String(120))
    focus: Mapped[str] = mapped_column(String(400), default="")
    is_closed: Mapped[bool] = mapped_column(default=False)


class CommunityMember(Base):
    __tablename__ = "community_members"
    __table_args__ = (UniqueConstraint("community_id", "person_id"),)

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("communities.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)


class CommunitySession(Editable):
    """`stage` is one of `cycles.spiral.STAGES`, in any order: the spiral is not forced into a line."""

    __tablename__ = "community_sessions"

    community_id: Mapped[int] = mapped_column(ForeignKey("communities.id"), index=True)
    held_on: Mapped[date] = mapped_column(Date)
    stage: Mapped[str] = mapped_column(String(12))
    notes: Mapped[str] = mapped_column(String(2000), default="")


class CommunityArtefact(Editable):
    """Something that they made or looked at: what it is, and where it lies."""

    __tablename__ = "community_artefacts"

    community_id: Mapped[int] = mapped_column(ForeignKey("communities.id"), index=True)
    title: Mapped[str] = mapped_column(String(120))
    link: Mapped[str] = mapped_column(String(400), default="")


class CommunityTrial(Editable):
    """An idea that a member recommends; once it is tried, the cycle or the project that it became."""

    __tablename__ = "community_trials"

    community_id: Mapped[int] = mapped_column(ForeignKey("communities.id"), index=True)
    idea: Mapped[str] = mapped_column(String(400))
    cycle_id: Mapped[int | None] = mapped_column(ForeignKey("cycles.id"), index=True)
    project_id: Mapped[int | None] = mapped_column(ForeignKey("projects.id"), index=True)
