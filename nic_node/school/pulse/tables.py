"""Pulse: short anonymous surveys. An answer is never a row: it raises counts, and nobody can tell which were whose."""

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from nic_node.db.base import Base, BigIntKey, UtcDateTime
from nic_node.school.editing import Editable


class PulseSurvey(Editable):
    """`audience` is staff, students or families; `asked` how many people that is.

    `answered_by` is account (staff, signed in, once), slips (one-time links, see `slips.py`) or link (whoever has the
    open link, once a device).
    `link` is the open link's secret; of slips it is what they are made from.
    `answers` is how many answered, from the close on and where they were enough; until then it is 0.
    """

    __tablename__ = "pulse_surveys"

    title: Mapped[str] = mapped_column(String(120))
    audience: Mapped[str] = mapped_column(String(10))
    answered_by: Mapped[str] = mapped_column(String(8), server_default="link")
    asked: Mapped[int]
    opens_on: Mapped[date] = mapped_column(Date)
    closes_on: Mapped[date] = mapped_column(Date)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    link: Mapped[str] = mapped_column(String(43), unique=True)
    answers: Mapped[int] = mapped_column(default=0)


class PulseItem(Base):
    """`construct` is one of `survey.CONSTRUCTS`; `mean` is 1 to 5, from the close on, and None where few answered."""

    __tablename__ = "pulse_items"

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    survey_id: Mapped[int] = mapped_column(ForeignKey("pulse_surveys.id"), index=True)
    position: Mapped[int]
    text: Mapped[str] = mapped_column(String(200))
    construct: Mapped[str] = mapped_column(String(10))
    mean: Mapped[float | None]


class PulseCount(Base):
    """How many chose a value, 1 to 5, of an item: while the survey is open, and in no export."""

    __tablename__ = "pulse_counts"
    __table_args__ = (UniqueConstraint("item_id", "value"),)

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("pulse_items.id"))
    value: Mapped[int]
    count: Mapped[int]


class PulseTurn(Base):
    """That somebody has answered an open survey: staff and slips by a keyed tag, so that each answers once."""

    __tablename__ = "pulse_turns"
    __table_args__ = (UniqueConstraint("survey_id", "tag"),)

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    survey_id: Mapped[int] = mapped_column(ForeignKey("pulse_surveys.id"))
    tag: Mapped[bytes] = mapped_column(LargeBinary)
