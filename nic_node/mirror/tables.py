"""This node's verified copy of each network's log: the log as it is, what it established, and what it publishes."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, UniqueConstraint, event
from sqlalchemy.orm import Mapped, mapped_column

from nic_node.db.base import Base, BigIntKey, UtcDateTime
from nic_node.mirror.full_text import create_index, drop_index

LOG_ID = "mirror_logs.id"
RECORD_ID = "mirror_records.id"
ENTRIES = -1
"""MirrorTile.level of entry bundles."""


class MirrorLog(Base):
    """One log that is followed.

    `size`, `root` and `checkpoint` are of the last signed checkpoint that was believed; `mirrored` entries of it are
    here and judged, `edge` is the right edge of their tree. `current_at` is when everything up to the checkpoint then
    served had arrived. `trouble` is what stopped the last pull, "" when nothing did. `judged_version` is the wire
    version that the program knew when it judged. `shelf` counts up whenever another set of its records may be shown.

    Of the last final checkpoint: `cosigned` of the `witnesses` cosigned it; where it is unwitnessed, as many of so many
    members as were wanted served a consistent one.
    """

    __tablename__ = "mirror_logs"

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    # A membership outlives the log's copy, and a new generation of the log would be a row of its own.
    membership_id: Mapped[int] = mapped_column(ForeignKey("memberships.id"), index=True)
    network: Mapped[str] = mapped_column(String(200), index=True)
    generation: Mapped[int] = mapped_column()
    origin: Mapped[str] = mapped_column(String(250), unique=True)
    log_url: Mapped[str] = mapped_column(String(250))
    log_key: Mapped[str] = mapped_column(String(400))
    state: Mapped[str] = mapped_column(String(20))
    checkpoint: Mapped[bytes | None] = mapped_column(LargeBinary)
    size: Mapped[int] = mapped_column(BigIntKey, default=0)
    root: Mapped[bytes | None] = mapped_column(LargeBinary)
    mirrored: Mapped[int] = mapped_column(BigIntKey, default=0)
    edge: Mapped[bytes] = mapped_column(LargeBinary)
    final_size: Mapped[int] = mapped_column(BigIntKey, default=0)
    is_witnessed: Mapped[bool] = mapped_column(default=False)
    cosigned: Mapped[int] = mapped_column(default=0, server_default="0")
    witnesses: Mapped[int] = mapped_column(default=0, server_default="0")
    genesis: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    approved_members: Mapped[int] = mapped_column(default=0)
    judged_version: Mapped[int] = mapped_column()
    shelf: Mapped[int] = mapped_column(BigIntKey, default=0, server_default="0")
    polled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    current_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    trouble: Mapped[str] = mapped_column(String(60), default="")
    trouble_detail: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class MirrorSource(Base):
    """Where a log may be read: the log itself, or a member's copy of it; and how it did lately (`mirror.health`).

    `entity` is the network or the member. `note` is the checkpoint that was believed from there last, `size` its size,
    `etag` the tag under which it came. `seconds` is what an answer takes. `failures` is counted since the last answer,
    `trouble` says why; with `stopped_at` it showed what was proven wrong, and is asked no more until a person says so.
    """

    __tablename__ = "mirror_sources"

    log_id: Mapped[int] = mapped_column(ForeignKey(LOG_ID, ondelete="CASCADE"), primary_key=True, autoincrement=False)
    url: Mapped[str] = mapped_column(String(250), primary_key=True)
    entity: Mapped[str] = mapped_column(String(250))
    note: Mapped[bytes | None] = mapped_column(LargeBinary)
    etag: Mapped[str] = mapped_column(String(110), default="")
    size: Mapped[int] = mapped_column(BigIntKey, default=0)
    seconds: Mapped[float | None] = mapped_column()
    asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failures: Mapped[int] = mapped_column(default=0)
    retry_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    stopped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    trouble: Mapped[str] = mapped_column(String(60), default="")
    trouble_detail: Mapped[str] = mapped_column(String(500), default="")


class MirrorWitnessed(Base):
    """What this node cosigned last of a log, as a witness: swapped in before it is signed. `note`: as it was sent."""

    __tablename__ = "mirror_witnessed"

    origin: Mapped[str] = mapped_column(String(250), primary_key=True)
    size: Mapped[int] = mapped_column(BigIntKey)
    root: Mapped[bytes] = mapped_column(LargeBinary)
    note: Mapped[bytes | None] = mapped_column(LargeBinary)
    cosigned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class MirrorTile(Base):
    """A hash tile (level 0 and up) or an entry bundle (level ENTRIES), partial ones as wide as they are now."""

    __tablename__ = "mirror_tiles"

    log_id: Mapped[int] = mapped_column(ForeignKey(LOG_ID, ondelete="CASCADE"), primary_key=True)
    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(BigIntKey, primary_key=True, autoincrement=False)
    width: Mapped[int] = mapped_column()
    content: Mapped[bytes] = mapped_column(LargeBinary)


class MirrorEpoch(Base):
    """`federation.judge.EpochRow`."""

    __tablename__ = "mirror_epochs"

    log_id: Mapped[int] = mapped_column(ForeignKey(LOG_ID, ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(BigIntKey, primary_key=True, autoincrement=False)
    leaf_index: Mapped[int] = mapped_column(BigIntKey)
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    status: Mapped[str] = mapped_column(String(20))
    issued: Mapped[int] = mapped_column()
    registered: Mapped[int] = mapped_column()
    open_index: Mapped[int | None] = mapped_column(BigIntKey)
    lattice_sha256: Mapped[str | None] = mapped_column(String(64))


class MirrorMember(Base):
    """`federation.judge.MemberRow`."""

    __tablename__ = "mirror_members"
    __table_args__ = (Index("ix_mirror_members_jkt", "log_id", "jkt"),)

    log_id: Mapped[int] = mapped_column(ForeignKey(LOG_ID, ondelete="CASCADE"), primary_key=True)
    entity: Mapped[str] = mapped_column(String(250), primary_key=True)
    jkt: Mapped[str] = mapped_column(String(43))
    state: Mapped[str] = mapped_column(String(20))
    leaf_index: Mapped[int] = mapped_column(BigIntKey)


class MirrorIssued(Base):
    """`federation.judge.IssuedRow`."""

    __tablename__ = "mirror_issued"

    log_id: Mapped[int] = mapped_column(ForeignKey(LOG_ID, ondelete="CASCADE"), primary_key=True)
    epoch: Mapped[int] = mapped_column(BigIntKey, primary_key=True, autoincrement=False)
    entity: Mapped[str] = mapped_column(String(250), primary_key=True)
    leaf_index: Mapped[int] = mapped_column(BigIntKey)


class MirrorPseudonym(Base):
    """`federation.judge.PseudonymRow`."""

    __tablename__ = "mirror_pseudonyms"

    log_id: Mapped[int] = mapped_column(ForeignKey(LOG_ID, ondelete="CASCADE"), primary_key=True)
    jkt: Mapped[str] = mapped_column(String(43), primary_key=True)
    epoch: Mapped[int] = mapped_column(BigIntKey)
    x: Mapped[str] = mapped_column(String(43))
    leaf_index: Mapped[int] = mapped_column(BigIntKey)


class MirrorBlock(Base):
    """`federation.judge.BlockRow`: the least from_index of a pseudonym counts."""

    __tablename__ = "mirror_blocks"

    log_id: Mapped[int] = mapped_column(ForeignKey(LOG_ID, ondelete="CASCADE"), primary_key=True)
    jkt: Mapped[str] = mapped_column(String(43), primary_key=True)
    from_index: Mapped[int] = mapped_column(BigIntKey)
    leaf_index: Mapped[int] = mapped_column(BigIntKey)


class MirrorRecord(Base):
    """An accepted record leaf and how it stands with its blob; `state` is of `nic_node.mirror.states`.

    `retry_at` is when a withheld blob is asked for again. `gone_by` is the leaf that took it back or down, as a record
    id; None also where that was before this column was. `gone_reason` is the network's, of `MODERATION_REASONS`.
    """

    __tablename__ = "mirror_records"
    __table_args__ = (
        UniqueConstraint("log_id", "leaf_index"),
        Index("ix_mirror_records_listing", "log_id", "kind", "state", "leaf_index"),
        Index("ix_mirror_records_waiting", "log_id", "state", "leaf_index"),
    )

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    log_id: Mapped[int] = mapped_column(ForeignKey(LOG_ID, ondelete="CASCADE"))
    leaf_index: Mapped[int] = mapped_column(BigIntKey)
    kind: Mapped[str] = mapped_column(String(20))
    jkt: Mapped[str] = mapped_column(String(43), index=True)
    epoch: Mapped[int] = mapped_column(BigIntKey)
    blob_sha256: Mapped[str] = mapped_column(String(64), index=True)
    state: Mapped[str] = mapped_column(String(20))
    gone: Mapped[str | None] = mapped_column(String(20))
    gone_by: Mapped[str | None] = mapped_column(String(300))
    gone_reason: Mapped[str | None] = mapped_column(String(40))
    tries: Mapped[int] = mapped_column(default=0)
    retry_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class MirrorBlob(Base):
    """The exact bytes of a living record, or of one that needs a newer program, which is not in the index."""

    __tablename__ = "mirror_blobs"

    record_id: Mapped[int] = mapped_column(
        ForeignKey(RECORD_ID, ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    content: Mapped[bytes] = mapped_column(LargeBinary)
    is_indexed: Mapped[bool] = mapped_column()


class MirrorProperties(Base):
    """What people filter living records by: `describe.Properties`, a row each, read whole and never looked up in."""

    __tablename__ = "mirror_properties"

    record_id: Mapped[int] = mapped_column(
        ForeignKey(RECORD_ID, ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    rung: Mapped[str | None] = mapped_column(String(40))
    decision: Mapped[str | None] = mapped_column(String(40))
    direction: Mapped[str | None] = mapped_column(String(40))
    problem: Mapped[str | None] = mapped_column(String(40))
    subject: Mapped[str | None] = mapped_column(String(40))
    grade_bands: Mapped[str | None] = mapped_column(String(120))
    idea: Mapped[str | None] = mapped_column(String(40))
    cost_band: Mapped[str | None] = mapped_column(String(40))
    staff_time_band: Mapped[str | None] = mapped_column(String(40))
    context_class: Mapped[str | None] = mapped_column(String(120))
    locale: Mapped[str | None] = mapped_column(String(40))


class MirrorReference(Base):
    """That a living record names another one: `name` is origin, target, supersedes or practice.

    Of a question or an answer that the network took down the target stays, so that its thread can say so.
    """

    __tablename__ = "mirror_references"
    __table_args__ = (
        Index("ix_mirror_references_target", "target", "name"),
        Index("ix_mirror_references_jkt", "jkt", "name"),
    )

    record_id: Mapped[int] = mapped_column(
        ForeignKey(RECORD_ID, ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    target: Mapped[str] = mapped_column(String(300))
    jkt: Mapped[str] = mapped_column(String(43))
    leaf_index: Mapped[int] = mapped_column(BigIntKey)


class MirrorAcks(Base):
    """What the log's network says that members promised: entity -> the index below which it has erased."""

    __tablename__ = "mirror_acks"

    log_id: Mapped[int] = mapped_column(ForeignKey(LOG_ID, ondelete="CASCADE"), primary_key=True, autoincrement=False)
    acks: Mapped[dict[str, int]] = mapped_column(JSON)
    etag: Mapped[str] = mapped_column(String(110), default="", server_default="")
    read_at: Mapped[datetime] = mapped_column(UtcDateTime)


class MirrorVersion(Base):
    """That a record took the place of an earlier one of its author's, as its blob said.

    Kept when the record is itself corrected, so that results of an early version still count for the newest; erased
    with a record that is taken back or down. `changed` are codes of `versions.PARTS`, None where both were never here.
    """

    __tablename__ = "mirror_versions"
    __table_args__ = (Index("ix_mirror_versions_target", "target"),)

    record_id: Mapped[int] = mapped_column(
        ForeignKey(RECORD_ID, ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    target: Mapped[str] = mapped_column(String(300))
    changed: Mapped[list[str] | None] = mapped_column(JSON)


class MirrorRefusal(Base):
    """What a log, or somebody in it, was refused for; of content its hash only.

    `what` is leaf, blob, source (a checkpoint, proof or answer) or alarm. `subject` tells apart what is refused for
    the same reason: an entry's index, or a hash.
    """

    __tablename__ = "mirror_refusals"
    __table_args__ = (UniqueConstraint("log_id", "what", "subject", "code"),)

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    log_id: Mapped[int] = mapped_column(ForeignKey(LOG_ID, ondelete="CASCADE"))
    what: Mapped[str] = mapped_column(String(10))
    subject: Mapped[str] = mapped_column(String(64))
    leaf_index: Mapped[int | None] = mapped_column(BigIntKey)
    code: Mapped[str] = mapped_column(String(60), index=True)
    detail: Mapped[str] = mapped_column(String(500))
    sha256: Mapped[str | None] = mapped_column(String(64))
    source: Mapped[str] = mapped_column(String(250))
    first_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    times: Mapped[int] = mapped_column(default=1)


# The full-text index is no table that SQLAlchemy knows: it comes and goes with the records.
event.listen(MirrorRecord.__table__, "after_create", create_index)
event.listen(MirrorRecord.__table__, "before_drop", drop_index)
