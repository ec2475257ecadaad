"""The release log: hash-chained lines of what happened to drafts, without any of their text, names or numbers.

Each line's hash covers the line before it, so that a line that was altered or taken out shows (`find_break`).
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.publishing.tables import ReleaseLogEntry
from schemas.canonical import document_sha256

FIRST_PREVIOUS: Final = "0" * 64


async def log_release(
    session: AsyncSession,
    *,
    draft_id: int,
    stage: str,
    code: str,
    now: datetime,
    counts: Mapping[str, int] | None = None,
    policy_sha256: str | None = None,
    person_id: int | None = None,
    decision: str | None = None,
    record_sha256: str | None = None,
) -> ReleaseLogEntry:
    """Add a line in the caller's transaction.

    Args:
        stage: of the pipeline ('text', 'review', 'release' ...); code: what happened there.
        counts: how many findings of each code; nothing that names anyone.
    """
    entry = ReleaseLogEntry(
        at=now,
        draft_id=draft_id,
        stage=stage,
        code=code,
        counts=dict(counts or {}),
        policy_sha256=policy_sha256,
        person_id=person_id,
        decision=decision,
        record_sha256=record_sha256,
        previous=await _last_hash(session),
    )
    entry.hash = hash_of(entry)
    session.add(entry)
    await session.flush()
    return entry


async def lock_log(session: AsyncSession) -> None:
    """One approval after the other: each is held against all that were approved before. The first line is the lock."""
    await session.scalar(select(ReleaseLogEntry.id).order_by(ReleaseLogEntry.id).limit(1).with_for_update())


async def _last_hash(session: AsyncSession) -> str:
    """Under the lock: two writers that held the last line each could both follow it."""
    await lock_log(session)
    last = await session.scalar(select(ReleaseLogEntry.hash).order_by(ReleaseLogEntry.id.desc()).limit(1))
    return last or FIRST_PREVIOUS


def hash_of(entry: ReleaseLogEntry) -> str:
    """SHA-256 of the line's canonical JSON."""
    line: dict[str, Any] = {
        "at": int(entry.at.astimezone(UTC).timestamp()),
        "draft": entry.draft_id,
        "stage": entry.stage,
        "code": entry.code,
        "counts": entry.counts,
        "policy": entry.policy_sha256 or "",
        "person": entry.person_id or 0,
        "decision": entry.decision or "",
        "record": entry.record_sha256 or "",
        "previous": entry.previous,
    }
    return document_sha256(line)


async def release_log(session: AsyncSession, *, draft_id: int | None = None) -> list[ReleaseLogEntry]:
    """All lines, or those of one draft, the oldest first."""
    chosen = select(ReleaseLogEntry).order_by(ReleaseLogEntry.id)
    return list(
        await session.scalars(chosen if draft_id is None else chosen.where(ReleaseLogEntry.draft_id == draft_id))
    )


def find_break(entries: Sequence[ReleaseLogEntry]) -> int | None:
    """The id of the first line that does not follow from the one before it; None where all do."""
    previous = FIRST_PREVIOUS
    for entry in entries:
        if entry.previous != previous or entry.hash != hash_of(entry):
            return entry.id
        previous = entry.hash
    return None
