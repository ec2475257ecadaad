"""Who put whom on the list of coordinators, or took them off: what a stolen account does to outlive its own removal."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.tables import AuditEntry
from nic_node.network.coordinators import deciding_ids
from nic_node.network.decisions import MOST_DECISIONS, Span

ADDED: Final = "added"
ACTS: Final[Mapping[str, str]] = {
    "network.coordinator-added": ADDED,
    "network.coordinator-restored": ADDED,
    "network.coordinator-removed": "removed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """One change of the list, as the audit log has it.

    Attributes:
        by_id: None where the founding or this machine did it.
        act: added or removed.
        decides: whether who was named decides today.
    """

    at: datetime
    by_id: int | None
    by: str
    act: str
    person_id: int
    person: str
    decides: bool


async def list_namings(
    session: AsyncSession, network_id: int, *, by: int | None = None, span: Span | None = None
) -> list[Naming]:
    """The newest first."""
    chosen = (
        select(AuditEntry)
        .where(AuditEntry.subject == "network", AuditEntry.subject_id == str(network_id), AuditEntry.action.in_(ACTS))
        .order_by(AuditEntry.id.desc())
        .limit(MOST_DECISIONS)
    )
    if by is not None:
        chosen = chosen.where(AuditEntry.actor_kind == "person", AuditEntry.actor_id == by)
    deciding = await deciding_ids(session, network_id)
    return [
        _naming(entry, deciding)
        for entry in (await session.scalars(chosen)).all()
        if span is None or span.holds(entry.at)
    ]


def _naming(entry: AuditEntry, deciding: frozenset[int]) -> Naming:
    whom = entry.after or entry.before or {}
    return Naming(
        at=entry.at,
        by_id=entry.actor_id,
        by=entry.actor_name,
        act=ACTS[entry.action],
        person_id=whom["person"],
        person=whom["name"],
        decides=whom["person"] in deciding,
    )
