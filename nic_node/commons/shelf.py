"""The shelf that a search runs over: every living practice of the networks that may be read, with its facets."""

from collections.abc import Collection, Mapping
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.commons.rank import ShelfEntry
from nic_node.mirror.states import RecordState
from nic_node.mirror.tables import MirrorFacet, MirrorLog, MirrorRecord, MirrorReference, MirrorVersion
from schemas.ids import build_record_id

PRACTICE = "practice"
CLASS = "class"
LIBRARY, OURS, THEIRS = "library", "ours", "others"
SEARCH_FACETS: Final = (
    "rung",
    "idea",
    "problem",
    "grade-band",
    "locale",
    "subject",
    "staff-time-band",
    "cost-band",
    "decision",
    "library",
)
"""What people filter by, in the order of the page."""


async def read_shelf(
    session: AsyncSession, log_ids: Collection[int], *, upto: int | None = None, elsewhere: Collection[int] = ()
) -> list[ShelfEntry]:
    """Every practice once, the newest of its versions; `upto` leaves out what came after that id.

    `elsewhere` are the logs among them that are only read: facet `library` tells ours from theirs.
    Paging over a library that grows gives `upto`, so that no practice shows twice or is missed.
    """
    names = await _names(session, log_ids)
    newer = await _newer_versions(session, log_ids)
    replications = _carried_over(await _replications(session, log_ids), newer)
    facets = await _facets(session, log_ids)
    theirs = await _names(session, elsewhere) if elsewhere else {}
    return [
        ShelfEntry(
            record,
            name,
            {**facets.get(record, {}), LIBRARY: {THEIRS if record in theirs else OURS}},
            replications.get(name, 0),
        )
        for record, name in names.items()
        if name not in newer and (upto is None or record <= upto)
    ]


async def _names(session: AsyncSession, log_ids: Collection[int]) -> dict[int, str]:
    found = await session.execute(
        select(MirrorRecord.id, MirrorLog.origin, MirrorRecord.leaf_index)
        .join(MirrorLog, MirrorLog.id == MirrorRecord.log_id)
        .where(MirrorRecord.log_id.in_(log_ids), MirrorRecord.kind == PRACTICE)
        .where(MirrorRecord.state == RecordState.LIVING)
    )
    return {record: build_record_id(origin, index) for record, origin, index in found}


async def _facets(session: AsyncSession, log_ids: Collection[int]) -> dict[int, dict[str, set[str]]]:
    rows = await session.execute(
        select(MirrorFacet.record_id, MirrorFacet.name, MirrorFacet.value)
        .join(MirrorRecord, MirrorRecord.id == MirrorFacet.record_id)
        .where(MirrorRecord.log_id.in_(log_ids), MirrorRecord.kind == PRACTICE)
        .where(MirrorFacet.name.in_((*SEARCH_FACETS, CLASS)))
    )
    facets: dict[int, dict[str, set[str]]] = {}
    for record, name, value in rows:
        facets.setdefault(record, {}).setdefault(name, set()).add(value)
    return facets


async def _replications(session: AsyncSession, log_ids: Collection[int]) -> dict[str, int]:
    """Practice -> how many pseudonyms replicated it."""
    counted = await session.execute(
        select(MirrorReference.target, func.count(func.distinct(MirrorReference.jkt)))
        .join(MirrorRecord, MirrorRecord.id == MirrorReference.record_id)
        .where(MirrorRecord.log_id.in_(log_ids), MirrorRecord.state == RecordState.LIVING)
        .where(MirrorReference.name == "origin")
        .group_by(MirrorReference.target)
    )
    return {target: count for target, count in counted}  # noqa: C416 - rows are no pairs to a type checker


async def _newer_versions(session: AsyncSession, log_ids: Collection[int]) -> dict[str, str]:
    """Practice -> the follow-up or correction that stands for it."""
    found = await session.execute(
        select(MirrorVersion.target, MirrorLog.origin, MirrorRecord.leaf_index)
        .join(MirrorRecord, MirrorRecord.id == MirrorVersion.record_id)
        .join(MirrorLog, MirrorLog.id == MirrorRecord.log_id)
        .where(MirrorRecord.log_id.in_(log_ids))
        .order_by(MirrorRecord.leaf_index)
    )
    return {target: build_record_id(origin, index) for target, origin, index in found}


def _carried_over(counts: Mapping[str, int], newer: Mapping[str, str]) -> dict[str, int]:
    """What was counted for an earlier version counts for the one that stands for it."""
    carried: dict[str, int] = {}
    for practice, count in counts.items():
        newest = practice
        while newest in newer:  # a record supersedes only what stands before it in the log, so this ends
            newest = newer[newest]
        carried[newest] = carried.get(newest, 0) + count
    return carried
