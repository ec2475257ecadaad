"""Messages in plain words to staff, families or the district."""

from datetime import date, datetime

from sqlalchemy import Date, String
from sqlalchemy.orm import Mapped, mapped_column

from nic_node.db.base import UtcDateTime
from nic_node.school.editing import Editable


class Message(Editable):
    """`audience` is staff, families or district."""

    __tablename__ = "messages"

    title: Mapped[str] = mapped_column(String(120))
    audience: Mapped[str] = mapped_column(String(10))
    body: Mapped[str] = mapped_column(String(4000))
    written_on: Mapped[date] = mapped_column(Date)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
