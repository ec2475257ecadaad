"""What the rooms' rows and verbs have alike: kept with author and times, changed at the version that was read.

Whatever a row says that is new or changed stands in the audit log, in the transaction of the change.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import ForeignKey
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import record_audit
from nic_node.accounts.tables import Person
from nic_node.db.base import Base, BigIntKey, UtcDateTime
from nic_node.errors import InvalidInput, NotFound, Stale
from nic_node.i18n import N_, too_long

CHANGED_MEANWHILE = N_(
    "Somebody saved this since you opened it. Theirs stands below, yours is still in the form: save again to keep it."
)
FURTHEST_BACK, FURTHEST_AHEAD = timedelta(days=3 * 366), timedelta(days=3 * 366)
FORMER_YEARS = timedelta(days=10 * 366)
"""How far back plans, projects and cycles may reach that a school brings along."""
OF_EVERY_ROW = ("id", "created_by", "created_at", "updated_at", "version")


class Editable(Base):
    """A row that people change: `version` goes up with each change, and a stale one is refused."""

    __abstract__ = True

    id: Mapped[int] = mapped_column(BigIntKey, primary_key=True, sort_order=-1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, sort_order=90)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, sort_order=91)
    version: Mapped[int] = mapped_column(sort_order=92)

    @declared_attr
    def created_by(cls) -> Mapped[int | None]:  # noqa: N805 - as SQLAlchemy declares it
        return mapped_column(ForeignKey("people.id"), sort_order=89)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805 - as SQLAlchemy declares it
        return {"version_id_col": cls.version}


Row = TypeVar("Row", bound=Editable)


async def row_of(session: AsyncSession, table: type[Row], row_id: int, *, missing: str) -> Row:
    """Raises NotFound, with the sentence `missing`."""
    row = await session.get(table, row_id)
    if row is None:
        raise NotFound(missing)
    return row


async def locked_row(
    session: AsyncSession, table: type[Row], row_id: int, *, missing: str, version: int | None = None
) -> Row:
    """The row, held until the transaction ends.

    Raises:
        NotFound: with the sentence `missing`.
        Conflict: `version` is given and no longer the current one.
    """
    row = await session.get(table, row_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound(missing)
    if version is not None and row.version != version:
        raise Stale(CHANGED_MEANWHILE)
    return row


async def keep_new(
    session: AsyncSession, row: Row, *, actor: Actor, action: str, now: datetime, is_told: bool = True
) -> Row:
    """Insert a row.

    Args:
        action: '<subject>.<past participle>', as in the audit log.
        is_told: False where the log says only that it was written, not what.
    """
    row.created_by, row.created_at, row.updated_at = actor.person_id, now, now
    session.add(row)
    await session.flush()
    names = [column.key for column in row.__mapper__.column_attrs if column.key not in OF_EVERY_ROW]
    said = {name: getattr(row, name) for name in names}
    after = {name: value for name, value in said.items() if value not in (None, "", [], {}, False)}
    await _record(session, row, actor=actor, action=action, before=None, after=after if is_told else None, now=now)
    return row


async def keep_changes(
    session: AsyncSession,
    row: Row,
    values: Mapping[str, Any],
    *,
    actor: Actor,
    action: str,
    now: datetime,
    is_told: bool = True,
) -> Row:
    """Set what differs; a form that changes nothing leaves no trace. `is_told` as in `keep_new`."""
    before = {name: getattr(row, name) for name in values if getattr(row, name) != values[name]}
    if before:
        for name in before:
            setattr(row, name, values[name])
        row.updated_at = now
        await session.flush()
        after = {name: values[name] for name in before}
        told = (before, after) if is_told else (None, None)
        await _record(session, row, actor=actor, action=action, before=told[0], after=told[1], now=now)
    return row


def saved_meanwhile(
    typed: Mapping[str, Any],
    there: object,
    labels: Mapping[str, str],
    choices: Mapping[str, Iterable[tuple[Any, str]]] | None = None,
) -> list[tuple[str, str]]:
    """(label, what stands there now) of each field in which `there` differs from what was typed.

    Args:
        there: the row, or what its form starts from. choices: of a field that is chosen, value and words of each.
    """
    found = []
    for name, label in labels.items():
        now_there = _as_typed(there[name] if isinstance(there, Mapping) else getattr(there, name))
        if not _is_alike(now_there, _as_typed(typed.get(name))):
            words = {str(value): text for value, text in (choices or {}).get(name, ())}
            found.append((label, ", ".join(words.get(one, one) for one in now_there)))
    return found


def verify(said: Mapping[str, str | None]) -> None:
    """Raises InvalidInput with each field's sentence; None where a field is right."""
    wrong = {name: [sentence] for name, sentence in said.items() if sentence}
    if wrong:
        raise InvalidInput(wrong)


def long_ones(values: Mapping[str, Any], longest: Mapping[str, int]) -> dict[str, str | None]:
    """A sentence for each text that is too long for its column."""
    return {name: too_long(limit) if len(values.get(name) or "") > limit else None for name, limit in longest.items()}


def far_off(day: date | None, today: date, *, back: timedelta = FURTHEST_BACK) -> str | None:
    """Why a date can't be meant: a slip of the year, mostly."""
    if day is not None and not today - back <= day <= today + FURTHEST_AHEAD:
        return N_("This is years away; check the year.")
    return None


async def no_such_person(session: AsyncSession, person_id: int | None) -> str | None:
    """Why this person can't be named; nobody at all is fine."""
    if person_id is None:
        return None
    person = await session.get(Person, person_id)
    return None if person is not None and person.active else N_("Choose somebody who has an account here.")


def _as_typed(value: Any) -> list[str]:
    """A value as a form holds it: nothing, one text, or several that are ticked."""
    if isinstance(value, list | tuple):
        return [str(one) for one in value]
    plain = "" if value in (None, False) else "true" if value is True else str(value)
    plain = plain.removesuffix(".0") if isinstance(value, float) else plain
    return ["\n".join(plain.splitlines())] if plain else []


def _is_alike(one: list[str], other: list[str]) -> bool:
    """93.50 is 93.5."""
    try:
        return one == other or [float(text) for text in one] == [float(text) for text in other]
    except ValueError:
        return False


async def no_such_owner(session: AsyncSession, owner_id: int | None, before: int | None = None) -> str | None:
    """As `no_such_person`; whoever has it already keeps it, also after they left."""
    return None if owner_id == before else await no_such_person(session, owner_id)


async def _record(
    session: AsyncSession,
    row: Editable,
    *,
    actor: Actor,
    action: str,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    now: datetime,
) -> None:
    await record_audit(
        session,
        actor=actor,
        action=action,
        subject=action.split(".", maxsplit=1)[0],
        subject_id=row.id,
        before=before,
        after=after,
        now=now,
    )
