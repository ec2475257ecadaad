"""Who carries our envelopes, and whose we have carried in this slot. No row joins a sender and an envelope."""

from datetime import datetime

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from nic_node.db.base import Base, BigIntKey, UtcDateTime


class RelayDraw(Base):
    """The relays that this node drew for an epoch, in the order in which they are tried.

    `failing_since`: none of them passed an envelope on since then. `direct`: a person chose to send without them.
    """

    __tablename__ = "publishing_relays"

    network: Mapped[str] = mapped_column(String(200), primary_key=True)
    epoch: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    relays: Mapped[list[str]] = mapped_column(JSON)
    failing_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    direct: Mapped[bool] = mapped_column(default=False)
    drawn_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RelayedSlot(Base):
    """A member whose envelope of this slot was passed on: the bound of one, without a time, gone when the slot is."""

    __tablename__ = "publishing_relayed"

    network: Mapped[str] = mapped_column(String(200), primary_key=True)
    sender: Mapped[str] = mapped_column(String(300), primary_key=True)
    slot: Mapped[int] = mapped_column(BigIntKey, primary_key=True, autoincrement=False)
