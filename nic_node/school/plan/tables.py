"""The plan: a vision, one two-year goal, annual goals under it with their supports; 45-day projects hang on goals."""

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from nic_node.db.base import Base, BigIntKey, UtcDateTime
from nic_node.school.editing import Editable


class Plan(Base):
    """One plan a school year ('2026-27')."""

    __tablename__ = "plans"

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    school_year: Mapped[str] = mapped_column(String(7), unique=True)
    vision: Mapped[str] = mapped_column(String(2000), default="")
    beliefs: Mapped[str] = mapped_column(String(2000), default="")
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}


class Goal(Base):
    """`horizon` is two-year, annual or half-year; `state` is active, resting, reached, dropped, or carried over.

    An annual goal's `parent_id` is the two-year goal. `despite` says why it is active beside three others.
    """

    __tablename__ = "goals"

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plans.id"), index=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("goals.id"), index=True)
    horizon: Mapped[str] = mapped_column(String(10))
    title: Mapped[str] = mapped_column(String(200))
    why: Mapped[str] = mapped_column(String(2000), default="")
    indicator: Mapped[str] = mapped_column(String(300), default="")
    baseline: Mapped[str] = mapped_column(String(60), default="")
    target: Mapped[str] = mapped_column(String(60), default="")
    due: Mapped[date | None] = mapped_column(Date)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    state: Mapped[str] = mapped_column(String(10))
    despite: Mapped[str] = mapped_column(String(400), default="", server_default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}


class GoalSupport(Editable):
    """What a goal gets so that it can be reached: `kind` is one of `supports.KINDS`, `how_much` as people say it."""

    __tablename__ = "goal_supports"

    goal_id: Mapped[int] = mapped_column(ForeignKey("goals.id"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    what: Mapped[str] = mapped_column(String(200))
    how_much: Mapped[str] = mapped_column(String(60), default="")
    starts_on: Mapped[date | None] = mapped_column(Date)
    ends_on: Mapped[date | None] = mapped_column(Date)
