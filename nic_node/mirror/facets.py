"""What people filter a library by: a row a value, written when a record is kept, erased with it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.mirror.describe import FACETS
from nic_node.mirror.states import RecordState
from nic_node.mirror.tables import MirrorFacet, MirrorRecord

IDS_A_QUERY: Final = 500
"""SQLite takes so many values in one statement without complaint."""


def select_living(log_ids: Collection[int], kinds: Collection[str]) -> Select[int]:
    """The ids of what may be shown, the newest first."""
    return (
        select(MirrorRecord.id)
        .where(MirrorRecord.log_id.in_(log_ids), MirrorRecord.kind.in_(kinds))
        .where(MirrorRecord.state == RecordState.LIVING)
        .order_by(MirrorRecord.id.desc())
    )


async def ids_with(
    session: AsyncSession,
    *,
    log_ids: Collection[int],
    kinds: Collection[str],
    chosen: Mapping[str, Collection[str]],
) -> list[int]:
    """Records that have, of each facet, one of the chosen values; the newest first."""
    statement = select_living(log_ids, kinds)
    for name, values in chosen.items():
        held = select(MirrorFacet.record_id).where(MirrorFacet.name == name, MirrorFacet.value.in_(values))
        statement = statement.where(MirrorRecord.id.in_(held))
    return list(await session.scalars(statement))


async def facet_counts(
    session: AsyncSession,
    *,
    log_ids: Collection[int],
    kinds: Collection[str],
    ids: Sequence[int] | None = None,
) -> dict[str, dict[str, int]]:
    """Facet -> value -> how many living records have it; of `ids` only, where given."""
    counts: dict[str, dict[str, int]] = {name: {} for name in FACETS}
    for part in _parts(ids):
        living = select_living(log_ids, kinds).order_by(None)
        if part is not None:
            living = living.where(MirrorRecord.id.in_(part))
        statement = (
            select(MirrorFacet.name, MirrorFacet.value, func.count())
            .where(MirrorFacet.record_id.in_(living))
            .group_by(MirrorFacet.name, MirrorFacet.value)
        )
        for name, value, count in await session.execute(statement):
            counts[name][value] = counts[name].get(value, 0) + count
    return counts


def _parts(ids: Sequence[int] | None) -> Iterator[Sequence[int] | None]:
    if ids is None:
        yield None
        return
    for start in range(0, len(ids), IDS_A_QUERY):
        yield ids[start : start + IDS_A_QUERY]
