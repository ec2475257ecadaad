"""A 45-day project: problem of practice, aim, one change idea, steps, and the decision at its end."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from nic_node.db.base import Base, BigIntKey, UtcDateTime


class Project(Base):
    """`state` is draft, active or closed. Words from closed lists are vocabulary ids (`schemas.vocab`).

    Lists and small records are JSON and replaced whole: `grade_bands` and `supports` lists of ids; `adaptable` a list
    of texts; `dose` {weeks, sessions_a_week, minutes}; `cost` {cost_band, staff_time_band}; `materials` a list of
    {kind, title, text}; `changed` a list of {what, why}; `kept` indexes of the origin's steps.
    `extended_to` is the new last day, given once, with the reason.
    """

    __tablename__ = "projects"

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    goal_id: Mapped[int | None] = mapped_column(ForeignKey("goals.id"), index=True)
    title: Mapped[str] = mapped_column(String(120))
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    state: Mapped[str] = mapped_column(String(10), index=True)
    starts_on: Mapped[date] = mapped_column(Date)
    problem_category: Mapped[str | None] = mapped_column(String(40))
    problem_label: Mapped[str] = mapped_column(String(80), default="")
    problem_statement: Mapped[str] = mapped_column(String(400), default="")
    grade_bands: Mapped[list[str]] = mapped_column(JSON, default=list)
    subject: Mapped[str | None] = mapped_column(String(40))
    aim_measure: Mapped[str | None] = mapped_column(String(40))
    aim_label: Mapped[str] = mapped_column(String(80), default="")
    aim_better: Mapped[str | None] = mapped_column(String(4))
    aim_text: Mapped[str] = mapped_column(String(400), default="")
    aim_target: Mapped[str] = mapped_column(String(60), default="")
    aim_by_days: Mapped[int] = mapped_column(default=45)
    idea_category: Mapped[str | None] = mapped_column(String(40))
    idea_label: Mapped[str] = mapped_column(String(80), default="")
    idea_summary: Mapped[str] = mapped_column(String(400), default="")
    adaptable: Mapped[list[str]] = mapped_column(JSON, default=list)
    dose: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    cost: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    materials: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    supports: Mapped[list[str]] = mapped_column(JSON, default=list)
    conditions: Mapped[str] = mapped_column(String(400), default="")
    origin_record: Mapped[str | None] = mapped_column(String(400), index=True)
    origin_title: Mapped[str] = mapped_column(String(120), default="")
    kept: Mapped[list[int]] = mapped_column(JSON, default=list)
    changed: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    midway_note: Mapped[str] = mapped_column(String(2000), default="")
    midway_on: Mapped[date | None] = mapped_column(Date)
    extended_to: Mapped[date | None] = mapped_column(Date)
    extended_because: Mapped[str] = mapped_column(String(400), default="", server_default="")
    closed_on: Mapped[date | None] = mapped_column(Date)
    closed_early_because: Mapped[str] = mapped_column(String(400), default="")
    decision: Mapped[str | None] = mapped_column(String(10))
    aim_result: Mapped[str | None] = mapped_column(String(10))
    worked: Mapped[str] = mapped_column(String(800), default="")
    would_change: Mapped[str] = mapped_column(String(800), default="")
    watch_out: Mapped[str] = mapped_column(String(800), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}


class ProjectStep(Base):
    """One step of the change idea; `who` is a role id, `core` steps make the idea what it is."""

    __tablename__ = "project_steps"
    __table_args__ = (UniqueConstraint("project_id", "position"),)

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), index=True)
    position: Mapped[int]
    who: Mapped[str | None] = mapped_column(String(40))
    does: Mapped[str] = mapped_column(String(200))
    how_often: Mapped[str] = mapped_column(String(80), default="")
    minutes: Mapped[int | None]
    core: Mapped[bool] = mapped_column(default=False)
    due: Mapped[date | None] = mapped_column(Date)
    done_on: Mapped[date | None] = mapped_column(Date)
