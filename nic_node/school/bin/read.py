"""What is in the bin: what was, who removed it, when, and until when it can be put back."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.people import person_names
from nic_node.accounts.tables import AuditEntry
from nic_node.school.bin.keep import KEPT_FOR
from nic_node.school.bin.removable import PUT_BACK_ONLY, REMOVABLE, TAKEN_OFF, TakenOff
from nic_node.school.bin.remove import may_put_back
from nic_node.school.bin.tables import Binned

MOST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class BinLine:
    """Attributes: id: to put it back with. back: the route that does, None for the bin's own."""

    id: int
    kind: str
    label: str
    who: str
    removed_at: datetime
    back: str | None = None

    @property
    def until(self) -> datetime:
        return self.removed_at + KEPT_FOR


async def bin_lines(
    session: AsyncSession, *, person_id: int, permissions: AbstractSet[str], now: datetime
) -> list[BinLine]:
    """What this person may put back, the newest first."""
    since = now - KEPT_FOR
    chosen = select(Binned.id, Binned.kind, Binned.label, Binned.removed_by, Binned.removed_at)
    known = (Binned.kind.in_([*REMOVABLE, *PUT_BACK_ONLY]), Binned.removed_at >= since)
    whole = [
        row
        for row in await session.execute(chosen.where(*known))
        if may_put_back(row.kind, row.removed_by, person_id=person_id, permissions=permissions)
    ]
    names = await person_names(session, {removed_by for _id, _kind, _label, removed_by, _at in whole})
    lines = [
        BinLine(
            id=binned_id, kind=label_of(kind), label=label, who=names.get(removed_by or 0, ""), removed_at=removed_at
        )
        for binned_id, kind, label, removed_by, removed_at in whole
    ]
    for taken in TAKEN_OFF:
        if taken.permit in permissions:
            lines += await _taken_off(session, taken, since)
    return sorted(lines, key=lambda line: line.removed_at, reverse=True)[:MOST]


def label_of(kind: str) -> str:
    return PUT_BACK_ONLY[kind][0] if kind in PUT_BACK_ONLY else REMOVABLE[kind].label


async def _taken_off(session: AsyncSession, taken: TakenOff, since: datetime) -> list[BinLine]:
    """Who it was stands in the audit log."""
    table = taken.table
    rows = (
        await session.execute(select(table.id, taken.title, table.removed_at).where(table.removed_at >= since))
    ).all()
    said = select(AuditEntry.subject_id, AuditEntry.actor_name).where(
        AuditEntry.action == f"{taken.event}.removed",
        AuditEntry.subject_id.in_([str(row_id) for row_id, _title, _at in rows]),
    )
    who = dict((await session.execute(said.order_by(AuditEntry.id))).all()) if rows else {}
    return [
        BinLine(
            id=row_id,
            kind=taken.label,
            label=title,
            who=who.get(str(row_id), ""),
            removed_at=removed_at,
            back=taken.back,
        )
        for row_id, title, removed_at in rows
    ]
