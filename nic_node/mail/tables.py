"""Outgoing e-mail: a row in the transaction of what caused it; the worker sends it."""

from datetime import datetime

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from nic_node.db.base import Base, BigIntKey, UtcDateTime


class Mail(Base):
    """One e-mail to one address, as it is or would be sent.

    `desk` says whose it is: 'accounts' for the node's administrators, 'network:7' for who coordinates that network.
    `state` is one of `states.STATES`. `holds_link`: its text lets whoever reads it in, so it is erased once sent.
    `problem` is an id of `states.PROBLEMS`, `code` the mail server's answer to it.
    """

    __tablename__ = "mails"
    __table_args__ = (Index(None, "desk", "state"),)

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    desk: Mapped[str] = mapped_column(String(60))
    event: Mapped[str] = mapped_column(String(60))
    to_address: Mapped[str] = mapped_column(String(254))
    to_name: Mapped[str] = mapped_column(String(200))
    reply_to: Mapped[str] = mapped_column(String(254))
    unsubscribe: Mapped[str] = mapped_column(String(300), default="", server_default="")
    subject: Mapped[str] = mapped_column(String(300))
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    holds_link: Mapped[bool]
    message_id: Mapped[str] = mapped_column(String(250), unique=True)
    state: Mapped[str] = mapped_column(String(10), index=True)
    tries: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str] = mapped_column(String(20), default="")
    code: Mapped[int | None]
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    next_try_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}
