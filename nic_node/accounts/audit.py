"""The audit log: one row for each change, written in the transaction of the change, never altered."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.accounts.tables import AuditEntry

AUDITED = "audited"
"""Under this name a session's `info` keeps the actions that were noted in it, for who looks at it before its commit."""


async def record_audit(
    session: AsyncSession,
    *,
    actor: Actor,
    action: str,
    subject: str,
    subject_id: int | str | None,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    now: datetime,
) -> None:
    """Note who changed what.

    Args:
        action: '<subject>.<past participle>', such as 'project.closed'.
        before: the changed fields as they were; None for something new.
        after: the same fields as they are now; None for something removed, or whose content is nobody's business.
    """
    session.info.setdefault(AUDITED, set()).add(action)
    session.add(
        AuditEntry(
            at=now,
            actor_kind=actor.kind,
            actor_id=actor.person_id,
            actor_name=actor.name,
            action=action,
            subject=subject,
            subject_id=None if subject_id is None else str(subject_id),
            before=None if before is None else _plain(before),
            after=None if after is None else _plain(after),
        )
    )
    await session.flush()


async def audit_entries(
    session: AsyncSession, *, after: int | None, limit: int, by: int | None = None
) -> list[AuditEntry]:
    """The newest entries first; those older than entry `after` and by this person, when they are given."""
    query = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit)
    if after is not None:
        query = query.where(AuditEntry.id < after)
    if by is not None:
        query = query.where(AuditEntry.actor_kind == "person", AuditEntry.actor_id == by)
    return list((await session.scalars(query)).all())


def _plain(value: Any) -> Any:
    """What JSON can hold: times as ISO 8601, sets sorted."""
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(_plain(item) for item in value)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, date | datetime):
        return value.isoformat()
    return value
