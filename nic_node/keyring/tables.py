from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from nic_node.db.base import Base, BigIntKey, UtcDateTime


class KeyRow(Base):
    """One key pair of one entity; the private half sealed, and gone once erased."""

    __tablename__ = "keyring_keys"
    __table_args__ = (Index(None, "entity_id", "purpose", "scope"),)

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    entity_id: Mapped[str] = mapped_column(String(500))
    purpose: Mapped[str] = mapped_column(String(20))
    scope: Mapped[str] = mapped_column(String(500))
    # RFC 7638 thumbprint. Unique over all purposes, so that no key ever gets a second job.
    kid: Mapped[str] = mapped_column(String(43), unique=True)
    public_jwk: Mapped[dict[str, Any]] = mapped_column(JSON)
    sealed_private_jwk: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    active_from: Mapped[datetime] = mapped_column(UtcDateTime)
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    retired_reason: Mapped[str | None] = mapped_column(String(20))
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
