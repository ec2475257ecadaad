"""The log of a network, and what judging the next leaf has to look up.

The tables from `LogMember` to `LogBlock` hold the rows of `federation.judge.rows`, as the sequencer's own verdicts
established them; everybody who reads the log comes to the same ones.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from nic_node.db.base import Base, BigIntKey, UtcDateTime


def _log_key() -> Mapped[int]:
    return mapped_column(ForeignKey("network_logs.id"), primary_key=True, autoincrement=False)


class Log(Base):
    """One generation of a network's log.

    (generation, size, root) is what a writer compares and swaps; signed_size is how far the published checkpoint goes.
    restored_at: a backup was put back then, and members have not yet told how far the log was signed after it.
    """

    __tablename__ = "network_logs"
    __table_args__ = (UniqueConstraint("network_id", "generation"),)

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    network_id: Mapped[int] = mapped_column(ForeignKey("networks.id"))
    network: Mapped[str] = mapped_column(String(300))
    generation: Mapped[int]
    origin: Mapped[str] = mapped_column(String(300), unique=True)
    log_key: Mapped[str] = mapped_column(Text)
    leaf_jwk: Mapped[dict[str, str]] = mapped_column(JSON)
    size: Mapped[int] = mapped_column(BigInteger, default=0)
    root: Mapped[bytes] = mapped_column(LargeBinary(32))
    signed_size: Mapped[int] = mapped_column(BigInteger, default=0)
    signed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    approved_members: Mapped[int] = mapped_column(default=0)
    trouble: Mapped[str | None] = mapped_column(Text)
    restored_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class LogEntry(Base):
    """A leaf in its place; kept so that an interrupted append is repeated with the same bytes."""

    __tablename__ = "network_log_entries"
    __table_args__ = (Index(None, "log_id", "leaf_sha256"),)

    log_id: Mapped[int] = _log_key()
    index: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    leaf: Mapped[bytes] = mapped_column(LargeBinary)
    leaf_sha256: Mapped[str] = mapped_column(String(64))


class LivingBlob(Base):
    """The blob of a record that nobody took back; the row goes when somebody does."""

    __tablename__ = "network_log_blobs"
    __table_args__ = (Index(None, "log_id", "sha256"),)

    log_id: Mapped[int] = _log_key()
    index: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary)


class QueuedLeaf(Base):
    """A leaf that goes into the log at once, in this order: the network's own, and retractions sent in the open."""

    __tablename__ = "network_log_queue"

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    log_id: Mapped[int] = mapped_column(ForeignKey("network_logs.id"))
    leaf: Mapped[bytes] = mapped_column(LargeBinary)
    blob: Mapped[bytes | None] = mapped_column(LargeBinary)


class SealedEnvelope(Base):
    """What a relay brought, still sealed until its slot ends, so that dummies and records look and take the same.

    `place` is drawn at random and is all the order there is. Neither when it came nor through whom is kept.
    """

    __tablename__ = "network_log_envelopes"
    __table_args__ = (UniqueConstraint("log_id", "envelope_sha256"), Index(None, "log_id", "due_at"))

    place: Mapped[str] = mapped_column(String(32), primary_key=True)
    log_id: Mapped[int] = mapped_column(ForeignKey("network_logs.id"))
    epoch: Mapped[int]
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    envelope: Mapped[bytes] = mapped_column(LargeBinary)
    envelope_sha256: Mapped[str] = mapped_column(String(64))


class OpenedEnvelope(Base):
    """The SHA-256 of an envelope whose slot has ended, so that the same bytes are not opened in a later one.

    Dummies and records alike; the rows of a slot come in the random order of their places, and nothing joins one to
    what was in it. They go with the key that opened them.
    """

    __tablename__ = "network_log_opened"
    # A term of 10,000 members with a slot a day is 1.2 million rows: 53 MB in SQLite without rowid, twice that with.
    __table_args__ = {"sqlite_with_rowid": False}

    log_id: Mapped[int] = _log_key()
    epoch: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)


class RelayCount(Base):
    """How many envelopes a relay brought in a slot: a bound, and nothing about any one of them."""

    __tablename__ = "network_log_relays"

    log_id: Mapped[int] = _log_key()
    entity: Mapped[str] = mapped_column(String(300), primary_key=True)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    taken: Mapped[int] = mapped_column(default=0)


class EpochRecord(Base):
    """An epoch from its announcement on; `index` is None until its leaf is in the log.

    closing_lattice_sha256 is the lattice of the issued members, which the `open` leaf will name.
    """

    __tablename__ = "network_epochs"

    log_id: Mapped[int] = _log_key()
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    index: Mapped[int | None] = mapped_column(BigInteger)
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    status: Mapped[str] = mapped_column(String(20))
    issued: Mapped[int] = mapped_column(default=0)
    registered: Mapped[int] = mapped_column(default=0)
    open_index: Mapped[int | None] = mapped_column(BigInteger)
    lattice_sha256: Mapped[str | None] = mapped_column(String(64))
    announced_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closing_lattice_sha256: Mapped[str | None] = mapped_column(String(64))
    issuing_closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    submission_key_erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class BlindSignature(Base):
    """The one answer that a member gets in an epoch, kept to be repeated."""

    __tablename__ = "network_blind_signatures"

    log_id: Mapped[int] = _log_key()
    epoch: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    entity: Mapped[str] = mapped_column(String(300), primary_key=True)
    blinded_message: Mapped[bytes] = mapped_column(LargeBinary)
    signature: Mapped[bytes] = mapped_column(LargeBinary)


class LogMember(Base):
    __tablename__ = "network_log_members"
    __table_args__ = (Index(None, "log_id", "jkt"),)

    log_id: Mapped[int] = _log_key()
    entity: Mapped[str] = mapped_column(String(300), primary_key=True)
    jkt: Mapped[str] = mapped_column(String(43))
    state: Mapped[str] = mapped_column(String(20))
    index: Mapped[int] = mapped_column(BigInteger)


class LogIssued(Base):
    __tablename__ = "network_log_issued"

    log_id: Mapped[int] = _log_key()
    epoch: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    entity: Mapped[str] = mapped_column(String(300), primary_key=True)
    index: Mapped[int] = mapped_column(BigInteger)


class LogPseudonym(Base):
    __tablename__ = "network_log_pseudonyms"

    log_id: Mapped[int] = _log_key()
    jkt: Mapped[str] = mapped_column(String(43), primary_key=True)
    epoch: Mapped[int]
    x: Mapped[str] = mapped_column(String(43))
    index: Mapped[int] = mapped_column(BigInteger)


class LogRecord(Base):
    __tablename__ = "network_log_records"
    __table_args__ = (Index(None, "log_id", "blob_sha256"),)

    log_id: Mapped[int] = _log_key()
    index: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(20))
    jkt: Mapped[str] = mapped_column(String(43))
    epoch: Mapped[int]
    blob_sha256: Mapped[str] = mapped_column(String(64))
    gone: Mapped[str | None] = mapped_column(String(20))


class LogReplication(Base):
    __tablename__ = "network_log_replications"

    log_id: Mapped[int] = _log_key()
    jkt: Mapped[str] = mapped_column(String(43), primary_key=True)
    practice: Mapped[str] = mapped_column(String(340), primary_key=True)
    index: Mapped[int] = mapped_column(BigInteger)


class LogBlock(Base):
    __tablename__ = "network_log_blocks"

    log_id: Mapped[int] = _log_key()
    jkt: Mapped[str] = mapped_column(String(43), primary_key=True)
    from_index: Mapped[int] = mapped_column(BigInteger)
    index: Mapped[int] = mapped_column(BigInteger)


class LogRefusal(Base):
    """What was not let in: its code and its hashes, never its content. `source` only where who brought it is known."""

    __tablename__ = "network_log_refusals"

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    log_id: Mapped[int] = mapped_column(ForeignKey("network_logs.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    what: Mapped[str] = mapped_column(String(20))
    code: Mapped[str] = mapped_column(String(60))
    detail: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    source: Mapped[str | None] = mapped_column(String(300))


class LogAck(Base):
    """A member's promise: what was taken back below this index is erased there."""

    __tablename__ = "network_log_acks"

    log_id: Mapped[int] = _log_key()
    entity: Mapped[str] = mapped_column(String(300), primary_key=True)
    erased_to: Mapped[int] = mapped_column(BigInteger)


class LogHint(Base):
    """How far telling the members that the log has grown got: a round is cut at `after` and goes on there.

    size: that of the checkpoint when the newest round began; since: of the round before. after: id of the last member
    told in it; None: all were.
    """

    __tablename__ = "network_log_hints"

    log_id: Mapped[int] = _log_key()
    size: Mapped[int] = mapped_column(BigInteger, default=0)
    since: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    after: Mapped[int | None] = mapped_column(BigInteger)
    begun_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Cosigner(Base):
    """A witness that an epoch leaf names: how far it cosigned, and what went wrong the last time ("" if nothing)."""

    __tablename__ = "network_log_cosigners"

    log_id: Mapped[int] = _log_key()
    vkey: Mapped[str] = mapped_column(String(400), primary_key=True)
    entity: Mapped[str] = mapped_column(String(300))
    epoch: Mapped[int]
    size: Mapped[int] = mapped_column(BigInteger, default=0)
    cosigned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    trouble: Mapped[str] = mapped_column(String(400), default="")


class ToldFork(Base):
    """A member showed two notes of two histories, signed by the log's own key: verified before the row was made.

    `document` is of `schemas.membership.FORK`; `pair_sha256` is over both notes, whichever comes first.
    """

    __tablename__ = "network_forks"
    __table_args__ = (UniqueConstraint("member_id", "pair_sha256"),)

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    network_id: Mapped[int] = mapped_column(ForeignKey("networks.id"), index=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("network_members.id"))
    pair_sha256: Mapped[str] = mapped_column(String(64))
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
    told_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
