"""Measures and their observations, imports that can be taken back, and what a school remembers of its files."""

from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import JSON, Boolean, Date, ForeignKey, Index, String, UniqueConstraint, true
from sqlalchemy.orm import Mapped, mapped_column

from nic_node.db.base import Base, BigIntKey, UtcDateTime


class Measure(Base):
    """A measure of a project or a goal.

    `vocabulary` is an id of `schemas.vocab.MEASURES` or 'other' (then `label` names it). `unit` says which numbers an
    observation holds: proportion (x of n people, or a bare percent), mean or minutes (mean, sd, n, or a bare value),
    count (events), rate (events of exposure). `comparison_of` is the measure of which this is the same, for a group
    without the change. `numerator_id` and `denominator_id` are the two counts that it is worked out from (derived.py),
    if it is. `group_name` ('grade 6') and `class_count`, in how many classes its students sit, never leave
    the school. `chart_kind`, `run_rules` and `screen_ranges` say how it is charted (`evidence.control_chart`).
    """

    __tablename__ = "measures"

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    project_id: Mapped[int | None] = mapped_column(ForeignKey("projects.id"), index=True)
    goal_id: Mapped[int | None] = mapped_column(ForeignKey("goals.id"), index=True)
    comparison_of: Mapped[int | None] = mapped_column(ForeignKey("measures.id"), index=True)
    numerator_id: Mapped[int | None] = mapped_column(ForeignKey("measures.id"))
    denominator_id: Mapped[int | None] = mapped_column(ForeignKey("measures.id"))
    name: Mapped[str] = mapped_column(String(120))
    definition: Mapped[str] = mapped_column(String(1000), default="")
    vocabulary: Mapped[str] = mapped_column(String(40))
    label: Mapped[str] = mapped_column(String(80), default="")
    kind: Mapped[str] = mapped_column(String(20))
    unit: Mapped[str] = mapped_column(String(20))
    better: Mapped[str] = mapped_column(String(8))
    window: Mapped[str | None] = mapped_column(String(20))
    cadence: Mapped[str] = mapped_column(String(10))
    scale_low: Mapped[float | None]
    scale_high: Mapped[float | None]
    group_name: Mapped[str] = mapped_column(String(80), default="")
    group_size: Mapped[int | None]
    class_count: Mapped[int | None]
    baseline: Mapped[float | None]
    target: Mapped[float | None]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    chart_kind: Mapped[str] = mapped_column(String(4), default="run", server_default="run")
    run_rules: Mapped[str] = mapped_column(String(10), default="anhoej", server_default="anhoej")
    screen_ranges: Mapped[bool] = mapped_column(Boolean, default=True, server_default=true())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}


class Observation(Base):
    """One period of a measure. `value` is what the chart shows (percent for a proportion), computed from the rest.

    `excluded_because` leaves a point out of chart and evidence, with the reason that a person gave. Such a point may
    have no numbers at all: a closed day is remembered, so that the next file with the same blank has nothing to ask.
    """

    __tablename__ = "observations"
    __table_args__ = (UniqueConstraint("measure_id", "period"), Index("ix_observations_import_id", "import_id"))

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    measure_id: Mapped[int] = mapped_column(ForeignKey("measures.id"))
    period: Mapped[date] = mapped_column(Date)
    value: Mapped[float | None]
    x: Mapped[float | None]
    n: Mapped[int | None]
    sd: Mapped[float | None]
    exposure: Mapped[float | None]
    note: Mapped[str] = mapped_column(String(400), default="")
    excluded_because: Mapped[str] = mapped_column(String(200), default="")
    import_id: Mapped[int | None] = mapped_column(ForeignKey("measure_imports.id"))
    entered_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    entered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}


class Observed(NamedTuple):
    """An observation as it is read: nothing of it is changed, and pages read thousands. The fields as there."""

    id: int
    measure_id: int
    period: date
    value: float | None
    x: float | None
    n: int | None
    sd: float | None
    exposure: float | None
    note: str
    excluded_because: str
    import_id: int | None
    entered_by: int | None
    entered_at: datetime
    version: int


class MeasureMark(Base):
    """What a person decided about a measure's chart, and why.

    `kind` split: centre and limits begin anew on `day`; freeze: those of its stretch come from the numbers up to
    and including `day`.
    """

    __tablename__ = "measure_marks"
    __table_args__ = (UniqueConstraint("measure_id", "kind", "day"),)

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    measure_id: Mapped[int] = mapped_column(ForeignKey("measures.id"))
    kind: Mapped[str] = mapped_column(String(10))
    day: Mapped[date] = mapped_column(Date)
    because: Mapped[str] = mapped_column(String(200))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class MeasureLink(Base):
    """Whoever has its token adds numbers to this measure alone. `name` says for whom it was made."""

    __tablename__ = "measure_links"

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    measure_id: Mapped[int] = mapped_column(ForeignKey("measures.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class MeasureImport(Base):
    """A file that was read: waiting for its person's confirmation, then done, then perhaps taken back.

    `state` is waiting, done or undone. `rows` holds periods and numbers only, never a row of a student; `read` how
    the file was read (see `MeasureRecipe`), `rows_read` how many rows it had. `before` holds what the import replaced.
    """

    __tablename__ = "measure_imports"

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    measure_id: Mapped[int] = mapped_column(ForeignKey("measures.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    state: Mapped[str] = mapped_column(String(10))
    file_name: Mapped[str] = mapped_column(String(200), default="")
    rows: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    rows_read: Mapped[int]
    faults: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    read: Mapped[dict[str, Any]] = mapped_column(JSON)
    before: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class MeasureRecipe(Base):
    """How the last file of this measure was read.

    `recipe` is {"columns": {role: header}} for a file with a row a period, or {"students": evidence.counting's
    document} for one with a row a student.
    """

    __tablename__ = "measure_recipes"

    measure_id: Mapped[int] = mapped_column(ForeignKey("measures.id"), primary_key=True)
    recipe: Mapped[dict[str, Any]] = mapped_column(JSON)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
