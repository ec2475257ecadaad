"""Self-assessment: practices that a team rates, each for themselves, and the five strategic questions."""

from datetime import date

from sqlalchemy import Date, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from nic_node.school.editing import Editable


class Assessment(Editable):
    """A version by its date. The five answers are the team's together."""

    __tablename__ = "assessments"

    title: Mapped[str] = mapped_column(String(120))
    held_on: Mapped[date] = mapped_column(Date)
    vision: Mapped[str] = mapped_column(String(2000), default="")
    priorities: Mapped[str] = mapped_column(String(2000), default="")
    leverage: Mapped[str] = mapped_column(String(2000), default="")
    short_steps: Mapped[str] = mapped_column(String(2000), default="")
    monitoring: Mapped[str] = mapped_column(String(2000), default="")


class AssessedPractice(Editable):
    """One statement that is rated."""

    __tablename__ = "assessed_practices"

    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessments.id"), index=True)
    position: Mapped[int]
    text: Mapped[str] = mapped_column(String(200))


class PracticeRating(Editable):
    """What one person thinks: 0 not yet, 1 starting, 2 in place, 3 sustained, and what they have seen."""

    __tablename__ = "practice_ratings"
    __table_args__ = (UniqueConstraint("practice_id", "person_id"),)

    practice_id: Mapped[int] = mapped_column(ForeignKey("assessed_practices.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    rating: Mapped[int]
    evidence: Mapped[str] = mapped_column(String(400), default="")
