"""What somebody is told of others' work that concerns them, and how they want to hear of it."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from nic_node.db.base import Base, BigIntKey, UtcDateTime
from nic_node.school.editing import Editable


class Notice(Base):
    """`kind` is one of `tell.KINDS`; `subject_kind` one of `subjects.SUBJECTS`, or 'action'.

    `is_for_mail` until its e-mail is written, which is `mail_id` then, for as long as the mail room keeps it.
    """

    __tablename__ = "notices"
    __table_args__ = (Index("ix_notices_person_id_read_at", "person_id", "read_at"),)

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    kind: Mapped[str] = mapped_column(String(12))
    by: Mapped[str] = mapped_column(String(120))
    subject_kind: Mapped[str] = mapped_column(String(12))
    subject_id: Mapped[int] = mapped_column(BigInteger)
    about: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_for_mail: Mapped[bool] = mapped_column(default=False)
    mail_id: Mapped[int | None] = mapped_column(BigInteger)


class NoticeChoice(Editable):
    """`way` is here, mail or none."""

    __tablename__ = "notice_choices"
    __table_args__ = (UniqueConstraint("person_id", "kind"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    kind: Mapped[str] = mapped_column(String(12))
    way: Mapped[str] = mapped_column(String(6))
