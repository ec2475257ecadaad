"""Drafts, who decided what about them, what left, and this school's part in each epoch.

Whatever would link this school to a pseudonym or a record is sealed under the operator's key (`sealing.py`).
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from nic_node.db.base import Base, BigIntKey, UtcDateTime


class RosterRow(Base):
    """The names that the text stage looks for: one row, sealed; only its size and its age are plain."""

    __tablename__ = "publishing_roster"

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    entries: Mapped[int]
    as_of: Mapped[date] = mapped_column(Date)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}


class DirectoryRow(Base):
    """The public directory that this school imported: one row. Of its schools only how many are alike is kept.

    `alike`: [finest band or null for each of `directory_profiles.ATTRIBUTES`, number] each; `known`: attribute -> of
    how many schools it is known.
    """

    __tablename__ = "publishing_directory"

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    alike: Mapped[list[list[Any]]] = mapped_column(JSON)
    known: Mapped[dict[str, int]] = mapped_column(JSON)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    imported_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DraftRow(Base):
    """A closed project on its way to being shared, one a project; or a question or an answer, which has none.

    `kind` is of `states.DraftKind`; `target` the record id that a question or an answer is about. `state` is of
    `states.DraftState`. `snapshot` is `disclosure.snapshot_document`, frozen when the draft was made; of a question or
    an answer the fields as its author wrote them. `edits` are JSON pointer -> {text, person_id}; `names` unknown
    name -> what it is; `left_out` JSON pointers of measures and context that a person keeps here. All are replaced
    whole.
    `corrects` is the release whose place the next one takes, None for a first one; `earlier` what was approved before,
    a list of {release_id, snapshot, snapshot_sha256, edits, names, author_id}, the oldest first.
    """

    __tablename__ = "publishing_drafts"

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), default="project", server_default="project")
    project_id: Mapped[int | None] = mapped_column(ForeignKey("projects.id"), unique=True)
    target: Mapped[str | None] = mapped_column(String(400), index=True)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    network: Mapped[str | None] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(20), index=True)
    snapshot: Mapped[dict[str, Any]] = mapped_column(JSON)
    snapshot_sha256: Mapped[str] = mapped_column(String(64))
    edits: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    names: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    left_out: Mapped[list[str] | None] = mapped_column(JSON)
    note: Mapped[str] = mapped_column(String(800), default="")
    corrects: Mapped[int | None] = mapped_column(BigIntKey)
    earlier: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}


class FindingDecision(Base):
    """What the reviewer decided about one finding; `finding` is `findings.FoundItem.key`."""

    __tablename__ = "publishing_decisions"
    __table_args__ = (UniqueConstraint("draft_id", "finding"),)

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    draft_id: Mapped[int] = mapped_column(ForeignKey("publishing_drafts.id", ondelete="CASCADE"), index=True)
    finding: Mapped[str] = mapped_column(String(16))
    choice: Mapped[str] = mapped_column(String(20))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Release(Base):
    """One approval: these bytes, by this reviewer, under this policy. `sealed_record` opens to the approved bytes.

    `corrects` is the release whose place it takes.
    `sealed_facts` opens to `disclosure.released.Facts`; None: from before these were kept.
    `erased_at`: since then `sealed_record` is empty, by the school's retention schedule.
    """

    __tablename__ = "publishing_releases"

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    draft_id: Mapped[int | None] = mapped_column(ForeignKey("publishing_drafts.id", ondelete="SET NULL"), index=True)
    project_id: Mapped[int | None] = mapped_column(ForeignKey("projects.id"), index=True)
    network: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(20))
    origin: Mapped[str | None] = mapped_column(String(400), index=True)
    corrects: Mapped[int | None] = mapped_column(BigIntKey)
    title: Mapped[str] = mapped_column(String(120))
    record_sha256: Mapped[str] = mapped_column(String(64))
    sealed_record: Mapped[bytes] = mapped_column(LargeBinary)
    sealed_facts: Mapped[bytes | None] = mapped_column(LargeBinary)
    policy_sha256: Mapped[str] = mapped_column(String(64))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    approved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    voided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class OutboxRow(Base):
    """A release on its way. `state` is of `states.OutboxState`.

    `sealed_submission` opens to leaf, blob and blob hash, made once, and is dropped when nothing sends it any more
    (`sent.py`); `sealed_place` to the record id that it got.
    `sent_slot` is the number of the slot in which it was last sent.
    """

    __tablename__ = "publishing_outbox"

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    release_id: Mapped[int] = mapped_column(ForeignKey("publishing_releases.id"), unique=True)
    network: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(20), index=True)
    epoch: Mapped[int | None]
    sealed_submission: Mapped[bytes | None] = mapped_column(LargeBinary)
    sealed_place: Mapped[bytes | None] = mapped_column(LargeBinary)
    sent_slot: Mapped[int | None] = mapped_column(BigIntKey)
    tries: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str] = mapped_column(String(400), default="")
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RetractionRow(Base):
    """A release that is taken back. `state` is of `states.RetractionState`, `reason` of `RETRACT_REASONS`.

    `sealed_leaf` opens to the retract leaf, signed by the practice's own pseudonym. `in_the_open`: sent unsigned at
    `due_at`, else in an envelope; `sent_slot` is the slot in which that went last, `tries` how often one was taken.
    """

    __tablename__ = "publishing_retractions"

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    release_id: Mapped[int] = mapped_column(ForeignKey("publishing_releases.id"), unique=True)
    network: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(20), default="withdrawn", server_default="withdrawn")
    in_the_open: Mapped[bool]
    sent_slot: Mapped[int | None] = mapped_column(BigIntKey)
    tries: Mapped[int] = mapped_column(default=0, server_default="0")
    sealed_leaf: Mapped[bytes] = mapped_column(LargeBinary)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    problem: Mapped[str] = mapped_column(String(400), default="")


class Participation(Base):
    """This school in one epoch of one network. `state` is of `states.EpochState`; `sealed` of `participate.Secrets`."""

    __tablename__ = "publishing_epochs"
    __table_args__ = (UniqueConstraint("network", "epoch"),)

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    network: Mapped[str] = mapped_column(String(200))
    epoch: Mapped[int]
    state: Mapped[str] = mapped_column(String(20))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    sent_slot: Mapped[int | None] = mapped_column(BigIntKey)
    problem: Mapped[str] = mapped_column(String(400), default="")
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SlotRow(Base):
    """The last slot in which this node sent its one envelope to a network; `problem` is why that one failed, or ""."""

    __tablename__ = "publishing_slots"

    network: Mapped[str] = mapped_column(String(200), primary_key=True)
    slot: Mapped[int] = mapped_column(BigIntKey)
    slot_seconds: Mapped[int]
    problem: Mapped[str] = mapped_column(String(400), default="")
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ReleaseLogEntry(Base):
    """One line of the release log: what happened, never text, names or cells. `hash` covers `previous` and the rest."""

    __tablename__ = "publishing_log"

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    draft_id: Mapped[int]
    stage: Mapped[str] = mapped_column(String(20))
    code: Mapped[str] = mapped_column(String(40))
    counts: Mapped[dict[str, Any]] = mapped_column(JSON)
    policy_sha256: Mapped[str | None] = mapped_column(String(64))
    person_id: Mapped[int | None]
    decision: Mapped[str | None] = mapped_column(String(40))
    record_sha256: Mapped[str | None] = mapped_column(String(64))
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)
