"""The networks that a network belongs under, and the schools of other networks that read here through them."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from nic_node.db.base import Base, BigIntKey, UtcDateTime


class NetworkSuperior(Base):
    """A network above that this one asked to belong to; `state` is its word, or 'sending' before its answer.

    `pinned` are thumbprints of its federation keys: first the invitation's, then those of its statements.
    `holds_until` is the end of the validated chain from this network to it. `reads_across` is what its policy says
    today, `reads_across_accepted` what the policy says that a coordinator here accepted: only what both say is done.
    `told` is its last answer about this network, of `schemas.membership.APPLICATION_STATUS`.
    """

    __tablename__ = "network_superiors"
    __table_args__ = (UniqueConstraint("network_id", "entity"),)

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    network_id: Mapped[int] = mapped_column(ForeignKey("networks.id"))
    entity: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(120))
    state: Mapped[str] = mapped_column(String(20))
    pinned: Mapped[list[str]] = mapped_column(JSON)
    jti: Mapped[str] = mapped_column(String(128))
    invitation: Mapped[str] = mapped_column(String(128))
    contact: Mapped[dict[str, Any]] = mapped_column(JSON)
    application_id: Mapped[str | None] = mapped_column(String(128))
    confirmed: Mapped[bool] = mapped_column(default=False)
    policy_accepted: Mapped[str] = mapped_column(String(64))
    charter_accepted: Mapped[str] = mapped_column(String(64))
    reads_across_accepted: Mapped[bool] = mapped_column()
    policy_sha256: Mapped[str] = mapped_column(String(64))
    charter_sha256: Mapped[str] = mapped_column(String(64))
    reads_across: Mapped[bool] = mapped_column()
    # Kids of our published keys that it was told last; None before the first time.
    keys_told: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    holds_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    told: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    checked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    problem: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}


class NetworkReader(Base):
    """A school of another network that asked to read here, and what its chain to a common superior showed.

    `http_keys` are those of the validated chain, by kid; none where it was refused, for which `code` stands.
    `chain` are the statements themselves, the school's own first.
    """

    __tablename__ = "network_readers"
    __table_args__ = (UniqueConstraint("network_id", "entity"),)

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    network_id: Mapped[int] = mapped_column(ForeignKey("networks.id"))
    entity: Mapped[str] = mapped_column(String(200))
    through: Mapped[str] = mapped_column(String(200), default="")
    superior: Mapped[str] = mapped_column(String(200), default="")
    http_keys: Mapped[dict[str, Any]] = mapped_column(JSON)
    chain: Mapped[list[str]] = mapped_column(JSON)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    code: Mapped[str] = mapped_column(String(60), default="")
    detail: Mapped[str] = mapped_column(String(500), default="")
    checked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
