"""The schools that a network's coordinators want to invite, and how far that is."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from nic_node.db.base import Base, BigIntKey, UtcDateTime


class Invitee(Base):
    """One school on the list.

    `state` is what was done here: listed, sent, reminded, declined, removed; what is shown also follows from the
    e-mail and from the member that it became (`states`). `wants` is what the worker has to write next: '', 'invited'
    or 'reminded', in the name of `asked_by`. `invitation_id` is the link that works now. `mail_id` points to an e-mail
    that is forgotten some time after it was sent, so it is no foreign key.
    """

    __tablename__ = "network_invitees"
    __table_args__ = (
        UniqueConstraint("network_id", "email_key", "sort_name"),
        Index(None, "network_id", "wants"),
    )

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    network_id: Mapped[int] = mapped_column(ForeignKey("networks.id"))
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(254))
    email_key: Mapped[str] = mapped_column(String(254))
    district: Mapped[str] = mapped_column(String(200), default="")
    directory_id: Mapped[str] = mapped_column(String(40), default="")
    sort_name: Mapped[str] = mapped_column(String(200))
    search_text: Mapped[str] = mapped_column(String(800))
    state: Mapped[str] = mapped_column(String(10))
    wants: Mapped[str] = mapped_column(String(10), default="")
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    invitation_id: Mapped[int | None] = mapped_column(ForeignKey("network_invitations.id"), index=True)
    member_id: Mapped[int | None] = mapped_column(ForeignKey("network_members.id"), index=True)
    mail_id: Mapped[int | None] = mapped_column(BigIntKey)
    reminders: Mapped[int] = mapped_column(default=0)
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    written_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}


class InvitingChoice(Base):
    """Whether a network's list is reminded by itself; without a row it is."""

    __tablename__ = "network_inviting_choices"

    network_id: Mapped[int] = mapped_column(ForeignKey("networks.id"), primary_key=True)
    reminds: Mapped[bool]
