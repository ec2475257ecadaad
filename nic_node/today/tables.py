"""How somebody wants to hear of their day: by e-mail, and in their own calendar."""

from datetime import date

from sqlalchemy import BigInteger, Date, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from nic_node.school.editing import Editable


class Reach(Editable):
    """`mail` is daily, weekly or ''; the calendar's link is made from `feed`, and 0 is none.

    told_upto: id of the newest shared practice that an e-mail counted; 0 before the first.
    """

    __tablename__ = "today_reach"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), unique=True)
    mail: Mapped[str] = mapped_column(String(10), default="")
    feed: Mapped[int] = mapped_column(default=0)
    told_upto: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    mailed_on: Mapped[date | None] = mapped_column(Date)
