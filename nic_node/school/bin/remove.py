"""Remove something as a whole, and put back what is in the bin."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import record_audit
from nic_node.db.base import Base
from nic_node.errors import NotAllowed, NotFound
from nic_node.i18n import N_
from nic_node.school.bin.keep import bin_rows, binned_of, pointing_at, put_back, verify_free
from nic_node.school.bin.removable import PUT_BACK_ONLY, REMOVABLE, Removable
from nic_node.school.bin.tables import Binned
from nic_node.school.discussion.read import what_stands_beside
from nic_node.school.plan.goals import rest_if_too_many
from nic_node.school.projects.write import put_steps_last
from nic_node.school.subjects import SUBJECT_TABLES, SUBJECTS

ALL = "school.write"
"""Who may remove what others wrote beside the work, and put it back."""
BESIDE = ("comment", "attachment")
GONE = N_("This is no longer here.")
NOT_YOURS = N_("Whoever wrote it removes it, or the principal.")
NOT_TO_PUT_BACK = N_("Whoever may remove it puts it back.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """`rests`: a goal came back at rest, as three others are active by now."""

    kind: str
    id: int
    rests: bool


async def remove(
    session: AsyncSession, *, actor: Actor, kind: str, row_id: int, may_all: bool, now: datetime
) -> Binned:
    """Take it and its parts into the bin; nothing that others hang on goes.

    Args:
        kind: of REMOVABLE. may_all: also comments and files of others.

    Raises:
        NotFound.
        NotAllowed: a comment or a file of somebody else.
        Conflict: something hangs on it; the sentence says what.
    """
    removable = REMOVABLE[kind]
    row = await session.get(removable.table, row_id, with_for_update=True)
    if row is None:
        raise NotFound(GONE)
    if kind in BESIDE and not may_all and row.created_by != actor.person_id:
        raise NotAllowed(NOT_YOURS)
    rows = [row, *await _parts(session, removable, [row])]
    if kind in SUBJECTS:
        rows += await what_stands_beside(session, kind, row_id)
    label = str(getattr(row, removable.title.key) or "")
    belonged = {removable.back_id.key: getattr(row, removable.back_id.key)} if removable.back_id is not None else {}
    binned = await bin_rows(session, kind=kind, label=label, rows=rows, actor=actor, now=now)
    await record_audit(
        session,
        actor=actor,
        action=f"{kind}.removed",
        subject=kind,
        subject_id=row_id,
        before={"label": binned.label, **belonged},
        after=None,
        now=now,
    )
    return binned


async def restore(
    session: AsyncSession, *, actor: Actor, binned_id: int, permissions: AbstractSet[str], now: datetime
) -> Restored:
    """Put it back as it was.

    Raises:
        NotFound.
        NotAllowed: not who might have removed it.
        Conflict: its place is taken, or what it belonged to is gone or closed.
    """
    binned = await binned_of(session, binned_id)
    if not may_put_back(binned.kind, binned.removed_by, person_id=actor.person_id, permissions=permissions):
        raise NotAllowed(NOT_TO_PUT_BACK)
    kind = binned.kind
    if kind == "step":
        await put_steps_last(session, binned, now=now)
    row_id = await put_back(session, binned, SUBJECT_TABLES, actor=actor, now=now)
    rests = kind == "goal" and await rest_if_too_many(session, actor=actor, goal_id=row_id, now=now)
    return Restored(kind=kind, id=row_id, rests=rests)


def may_put_back(kind: str, removed_by: int | None, *, person_id: int | None, permissions: AbstractSet[str]) -> bool:
    """What somebody took back beside the work is nobody else's to read or to put back."""
    if kind in BESIDE and ALL not in permissions and (removed_by is None or removed_by != person_id):
        return False
    return permit_of(kind) in permissions


def permit_of(kind: str) -> str:
    return PUT_BACK_ONLY[kind][1] if kind in PUT_BACK_ONLY else REMOVABLE[kind].permit


async def _parts(session: AsyncSession, removable: Removable, rows: list[Any]) -> list[Any]:
    """What goes along, parents before children. Raises Conflict for what does not."""
    entities = {part.__tablename__: part for part in removable.parts}
    table: Table = Base.metadata.tables[rows[0].__tablename__]
    ids = [row.id for row in rows]
    await verify_free(session, table, ids, entities)
    found: list[Any] = []
    for child, column in pointing_at(table):
        if child.name in entities:
            children = list(
                await session.scalars(select(entities[child.name]).where(column.in_(ids)).order_by(child.c.id))
            )
            if children:
                found += [*children, *await _parts(session, removable, children)]
    return list(dict.fromkeys(found))
