"""Rows into the bin, and back.

A removed row is gone from its table, so that nothing has to know of it; what the bin holds is written back as it was.
SQLite gives the highest id again once its row is gone: a row whose id was taken meanwhile gets another, and those
that came with it point there.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Column, Date, Table, delete, exists, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import record_audit
from nic_node.db.base import Base, UtcDateTime
from nic_node.errors import Conflict, NotFound
from nic_node.i18n import N_, filled
from nic_node.school.bin.tables import Binned
from nic_node.school.discussion.tables import Comment
from nic_node.school.notices.tell import forget_comments
from nic_node.school.sample.tables import SampleRow

KEPT_FOR = timedelta(days=30)
LONGEST_LABEL = 200
NOT_IN_BIN = N_("This is no longer in the bin: it was put back, or thirty days are over.")
TAKEN = N_("Its place is taken, or what it belonged to is gone. Put that back first, or write it anew.")


WHAT_HANGS_ON = {
    "action_items": N_("action items"),
    "causes": N_("causes that it explains"),
    "cycles": N_("cycles"),
    "community_trials": N_("an idea of a learning community"),
    "drivers": N_("drivers and ideas of a diagram"),
    "goals": N_("goals"),
    "measures": N_("measures"),
    "meeting_items": N_("items of meetings"),
    "project_inputs": N_("hours and money"),
    "projects": N_("projects"),
    "stopped_things": N_("the stop-list"),
    "talks": N_("talks of the team"),
    "visits": N_("classroom visits"),
}
"""Tables that point at something that would be removed, in words."""


async def verify_free(session: AsyncSession, table: Table, ids: Collection[int], parts: Collection[str]) -> None:
    """Raises Conflict where a row of a table that is not of `parts` points at one of these."""
    for child, column in pointing_at(table):
        if child.name in parts:
            continue
        if await session.scalar(select(column).where(column.in_(ids)).limit(1)) is not None:
            what = WHAT_HANGS_ON.get(child.name, N_("something else"))
            raise Conflict(filled(N_("It stays, as {what} hang on it. Remove or move those first."), what=filled(what)))


def pointing_at(table: Table) -> list[tuple[Table, Column[Any]]]:
    """(table, its column) of each foreign key to this table, parents before children."""
    tables = Base.metadata.sorted_tables
    return [(child, key.parent) for child in tables for key in child.foreign_keys if key.column.table is table]


async def bin_rows(
    session: AsyncSession, *, kind: str, label: str, rows: Sequence[Base], actor: Actor, now: datetime
) -> Binned:
    """Remove rows, parents first in `rows`, and keep them for KEPT_FOR. The caller writes the audit log."""
    await session.flush()
    if comments := [row for row in rows if isinstance(row, Comment)]:
        await forget_comments(session, comments)
    # That they are sample data goes along and comes back with them: their ids may be given away again meanwhile.
    rows = [*rows, *[mark for row in rows for mark in await _sample_marks(session, row)]]
    binned = Binned(
        kind=kind,
        label=" ".join(label.split())[:LONGEST_LABEL],
        rows=[{"table": row.__tablename__, "row": _as_json(row)} for row in rows],
        removed_by=actor.person_id,
        removed_at=now,
    )
    for row in reversed(rows):
        table = _table(row.__tablename__)
        key = [column == getattr(row, column.name) for column in table.primary_key.columns]
        await session.execute(delete(table).where(*key))
        session.expunge(row)
    session.add(binned)
    await session.flush()
    return binned


async def binned_of(session: AsyncSession, binned_id: int) -> Binned:
    """Held until the transaction ends. Raises NotFound."""
    binned = await session.get(Binned, binned_id, with_for_update=True)
    if binned is None:
        raise NotFound(NOT_IN_BIN)
    return binned


async def put_back(
    session: AsyncSession, binned: Binned, subjects: Mapping[str, str], *, actor: Actor, now: datetime
) -> int:
    """Write its rows back; the id of the first of them.

    Args:
        subjects: kind -> table, for rows that point at something by `subject_kind` and `subject_id`.

    Raises:
        Conflict: another stands in its place, or what it belonged to is gone.
    """
    ids: dict[tuple[str, int], int] = {}
    try:
        for document in binned.rows:
            await _insert(session, _table(document["table"]), document["row"], ids, subjects)
    except IntegrityError as error:
        raise Conflict(TAKEN) from error
    await session.delete(binned)
    await record_audit(
        session,
        actor=actor,
        action=f"{binned.kind}.restored",
        subject=binned.kind,
        subject_id=next(iter(ids.values()), None),
        before=None,
        after={"label": binned.label},
        now=now,
    )
    return next(iter(ids.values()), 0)


async def prune_bin(session: AsyncSession, *, now: datetime) -> None:
    await session.execute(delete(Binned).where(Binned.removed_at < now - KEPT_FOR))


async def _sample_marks(session: AsyncSession, row: Base) -> Sequence[SampleRow]:
    about = (SampleRow.table_name == row.__tablename__, SampleRow.row_id == getattr(row, "id", 0))
    return (await session.scalars(select(SampleRow).where(*about))).all()


async def _insert(
    session: AsyncSession,
    table: Table,
    row: Mapping[str, Any],
    ids: dict[tuple[str, int], int],
    subjects: Mapping[str, str],
) -> None:
    values = {name: _typed(table.columns[name], value) for name, value in row.items() if name in table.columns}
    for column in table.columns:
        for key in column.foreign_keys:
            values[column.name] = ids.get((key.column.table.name, values[column.name]), values[column.name])
    if "subject_kind" in values:
        pointed = (subjects[values["subject_kind"]], values["subject_id"])
        values["subject_id"] = ids.get(pointed, values["subject_id"])
    if table.name == SampleRow.__tablename__:
        values["row_id"] = ids.get((values["table_name"], values["row_id"]), values["row_id"])
    old = values.get("id")
    if old is not None and await session.scalar(select(exists().where(table.columns["id"] == old))):
        del values["id"]
    made = await session.execute(insert(table).values(**values))
    if old is not None:
        ids[table.name, old] = made.inserted_primary_key[0]  # type: ignore[attr-defined]  # an insert has one


def _table(name: str) -> Table:
    return Base.metadata.tables[name]


def _as_json(row: Base) -> dict[str, Any]:
    values = {column.name: getattr(row, column.name) for column in _table(row.__tablename__).columns}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}


def _typed(column: Column[Any], value: Any) -> Any:
    if value is not None and isinstance(column.type, UtcDateTime):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if value is not None and isinstance(column.type, Date) else value
