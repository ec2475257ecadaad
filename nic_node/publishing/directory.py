"""The public directory that this school imported: as the local reporter has it, for counting who a draft could be."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import record_audit
from nic_node.db.insert import insert_if_missing
from nic_node.disclosure.draft import DirectorySchools
from nic_node.publishing.tables import DirectoryRow
from nic_node.school.profile.directory_profiles import ATTRIBUTES, DirectoryProfiles
from schemas.vocab import ANY, CONTEXT, is_within

DIRECTORY_MAX_BYTES: Final = 64 * 1024 * 1024
"""As a file: the nation's of a year. Within JSON, which is held whole while it is parsed, a state's."""
DIRECTORY_TEXT_MAX_BYTES: Final = 16 * 1024 * 1024
ONLY_ROW: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectoryView:
    """What is known of the imported directory; `known`: attribute -> of how many schools."""

    name: str
    schools: int
    known: dict[str, int]
    imported_at: datetime


async def keep_directory(
    session: AsyncSession, *, actor: Actor, name: str, profiles: DirectoryProfiles, now: datetime
) -> DirectoryView:
    """Put this directory in the place of the earlier one."""
    await insert_if_missing(session, DirectoryRow, id=ONLY_ROW, name="", alike=[], known={}, imported_at=now)
    row = (await session.scalars(select(DirectoryRow).with_for_update())).one()
    before = {"name": row.name, "schools": _schools(row)} if row.name else None
    row.name, row.imported_at, row.person_id = name[:200], now, actor.person_id
    row.alike = [[*bands, number] for bands, number in profiles.alike.items()]
    row.known = dict(profiles.known)
    await session.flush()
    await record_audit(
        session,
        actor=actor,
        action="directory.imported",
        subject="directory",
        subject_id=row.id,
        before=before,
        after={"name": row.name, "schools": profiles.schools},
        now=now,
    )
    return _view(row)


async def directory_view(session: AsyncSession) -> DirectoryView | None:
    row = await session.scalar(select(DirectoryRow))
    return None if row is None or not row.name else _view(row)


async def directory_schools(session: AsyncSession) -> tuple[DirectorySchools, ...] | None:
    """As the intruder stage takes it; None where none was imported."""
    row = await session.scalar(select(DirectoryRow))
    if row is None or not row.name:
        return None
    return tuple(_alike(*entry) for entry in row.alike)


def _alike(*entry: Any) -> DirectorySchools:
    *bands, number = entry
    known = {name: _coarser(name, band) for name, band in zip(ATTRIBUTES, bands, strict=True) if band is not None}
    return DirectorySchools(known, number)


def _coarser(attribute: str, finest: str) -> tuple[str, ...]:
    """The bands that hold a finest band, from fine to coarse."""
    bands = [
        band.id
        for granularity in CONTEXT[attribute].granularities
        for band in granularity
        if is_within(attribute, finest, band.id)
    ]
    return tuple(dict.fromkeys([*bands, ANY]))


def _schools(row: DirectoryRow) -> int:
    return sum(entry[-1] for entry in row.alike)


def _view(row: DirectoryRow) -> DirectoryView:
    return DirectoryView(name=row.name, schools=_schools(row), known=dict(row.known), imported_at=row.imported_at)
