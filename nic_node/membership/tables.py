"""This node's memberships in networks, and its copies of their documents."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from nic_node.db.base import Base, BigIntKey, UtcDateTime


class MembershipRow(Base):
    """One network that this school asked to join; `state` is the network's word, or 'sending' before its answer.

    With `read_under`, the entity id of a common superior, it is no membership: another network that is only read,
    through the school's own network `read_through` (`nic_node.membership.across`).

    `pinned` are thumbprints of the network's federation keys: first the invitation's, then those of its statements.
    `chain` are the statements of the validated trust chain, the school's own configuration first.
    """

    __tablename__ = "memberships"

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    network: Mapped[str] = mapped_column(String(200), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    state: Mapped[str] = mapped_column(String(20), index=True)
    pinned: Mapped[list[str]] = mapped_column(JSON)
    read_under: Mapped[str | None] = mapped_column(String(200))
    read_through: Mapped[str | None] = mapped_column(String(200))
    # What was applied with; the same jti makes sending it twice one application.
    jti: Mapped[str] = mapped_column(String(128))
    invitation: Mapped[str] = mapped_column(String(128))
    contact: Mapped[dict[str, Any]] = mapped_column(JSON)
    profile: Mapped[dict[str, Any]] = mapped_column(JSON)
    application_id: Mapped[str | None] = mapped_column(String(128))
    policy_accepted: Mapped[str] = mapped_column(String(64))
    charter_accepted: Mapped[str] = mapped_column(String(64))
    # What the network says of the application.
    status_version: Mapped[int] = mapped_column(default=0)
    confirmed: Mapped[bool] = mapped_column(default=False)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    moves: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    # What the network's configuration says, signed by a pinned key.
    network_metadata: Mapped[dict[str, Any]] = mapped_column(JSON)
    endpoints: Mapped[dict[str, Any]] = mapped_column(JSON)
    # Which of our keys the network was told (`tell_keys`); None where it was never told more than the application.
    keys_told: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    # The validated chain.
    chain: Mapped[list[str]] = mapped_column(JSON)
    chain_expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    trust_marks: Mapped[dict[str, str]] = mapped_column(JSON)
    # How its own appeal and renewal stand, and the appeals of others, as the network tells them.
    appeal: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    renewal: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    appeals_seen: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))
    checked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # While suspended, when the network or its log last said so: what bounds how long a node that is cut off reads.
    suspended_heard_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    problem: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}


class NetworkAbove(Base):
    """A network above one that this school belongs to, and the other networks below it.

    `pinned` are thumbprints of its federation keys, as the school's own network states them. `networks` are
    {entity, name}, name None while its configuration was not read yet. `allows` is what its policy says today.
    """

    __tablename__ = "membership_networks_above"
    __table_args__ = (UniqueConstraint("through", "superior"),)

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    through: Mapped[str] = mapped_column(String(200))
    superior: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(120), default="")
    pinned: Mapped[list[str]] = mapped_column(JSON)
    allows: Mapped[bool] = mapped_column(default=False)
    networks: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    checked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    problem: Mapped[str] = mapped_column(String(500), default="")


class NetworkDocument(Base):
    """A policy, charter or lattice of a network, as its canonical bytes, under their hash."""

    __tablename__ = "membership_documents"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    network: Mapped[str] = mapped_column(String(200), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    fetched_at: Mapped[datetime] = mapped_column(UtcDateTime)


class OwnRulesRow(Base):
    """What this school asks for in a network beyond its policy; no row: nothing.

    `relays` are the members that may carry its envelopes, empty: any. `min_issued` is how many members must have a
    credential in a term that it recognises.
    """

    __tablename__ = "membership_own_rules"

    network: Mapped[str] = mapped_column(String(200), primary_key=True)
    relays: Mapped[list[str]] = mapped_column(JSON)
    min_issued: Mapped[int | None] = mapped_column()
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}


class PeerKeys(Base):
    """The http keys of another member, from the configuration that its federation key `jkt` signed."""

    __tablename__ = "membership_peers"

    entity: Mapped[str] = mapped_column(String(300), primary_key=True)
    jkt: Mapped[str] = mapped_column(String(43))
    http_keys: Mapped[dict[str, Any]] = mapped_column(JSON)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
