"""The leadership team: who is on it, what each represents, its norms, and the school's terms and days off."""

from datetime import date

from sqlalchemy import JSON, Date, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from nic_node.school.editing import Editable


class TeamMember(Editable):
    """A term on the team. `represents` holds ids of `describe.REPRESENTED`; the other words are ids of its tables."""

    __tablename__ = "team_members"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    role: Mapped[str] = mapped_column(String(20))
    represents: Mapped[list[str]] = mapped_column(JSON, default=list)
    duty: Mapped[str] = mapped_column(String(20), default="")
    disposition: Mapped[str] = mapped_column(String(12), default="")
    since: Mapped[date] = mapped_column(Date)
    until: Mapped[date | None] = mapped_column(Date)


class TeamYear(Editable):
    """What the team agreed on for a school year ('2026-27')."""

    __tablename__ = "team_years"

    school_year: Mapped[str] = mapped_column(String(7), unique=True)
    norms: Mapped[str] = mapped_column(String(1000), default="")


class DayOff(Editable):
    """Days without school, both ends included."""

    __tablename__ = "days_off"

    starts_on: Mapped[date] = mapped_column(Date, index=True)
    ends_on: Mapped[date] = mapped_column(Date)
    label: Mapped[str] = mapped_column(String(80))


class Term(Editable):
    """A term as the student information system has it; `kind` is one of `terms.KINDS`, `ends_on` its last day.

    `source` is its id there. `parent_id`: the semester of a grading period, the school year of a semester.
    """

    __tablename__ = "terms"

    source: Mapped[str] = mapped_column(String(64), unique=True)
    title: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(16))
    school_year: Mapped[str] = mapped_column(String(7))
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("terms.id"), index=True)
