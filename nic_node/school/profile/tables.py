"""The school itself: one row, exact, and it never leaves."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from nic_node.db.base import Base, BigIntKey, UtcDateTime


class SchoolProfile(Base):
    """Shares are percent, 0 to 100; `locale` is an NCES code (11 to 43); levels and stages are vocabulary ids."""

    __tablename__ = "school_profile"

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    district: Mapped[str | None] = mapped_column(String(200))
    directory_id: Mapped[str | None] = mapped_column(String(40))
    website: Mapped[str | None] = mapped_column(String(300))
    level: Mapped[str | None] = mapped_column(String(20))
    low_grade: Mapped[str | None] = mapped_column(String(4))
    high_grade: Mapped[str | None] = mapped_column(String(4))
    enrolment: Mapped[int | None]
    locale: Mapped[int | None]
    lunch_percent: Mapped[float | None]
    english_learners_percent: Mapped[float | None]
    disabilities_percent: Mapped[float | None]
    title_one: Mapped[bool | None]
    asian_percent: Mapped[float | None]
    black_percent: Mapped[float | None]
    hispanic_percent: Mapped[float | None]
    native_percent: Mapped[float | None]
    pacific_percent: Mapped[float | None]
    several_percent: Mapped[float | None]
    white_percent: Mapped[float | None]
    stage: Mapped[str | None] = mapped_column(String(20))
    stage_reasons: Mapped[str] = mapped_column(String(2000), default="")
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}


class ProfileYear(Base):
    """The numbers of the profile as they last stood in a school year ('2026-27')."""

    __tablename__ = "profile_years"

    school_year: Mapped[str] = mapped_column(String(7), primary_key=True)
    numbers: Mapped[dict[str, Any]] = mapped_column(JSON)
