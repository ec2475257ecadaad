from datetime import datetime

from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from nic_node.db.base import Base, UtcDateTime


class NonceRow(Base):
    """A signed request that was accepted; it is in the database because several processes serve one node."""

    __tablename__ = "peerhttp_nonces"

    # SHA-256 over key id and nonce: fixed in size whatever a peer sends.
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
