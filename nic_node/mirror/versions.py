"""Versions: a correction takes an earlier record's place, and what is left of that one is that it was there.

The edges outlive the blobs of corrected records. Who comes later never had those blobs: it knows the newest version and
the one before it, and no more.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.db.one_of import one_of
from nic_node.mirror.read import living_records, record_of
from nic_node.mirror.rows import by_first, parts
from nic_node.mirror.states import RecordState
from nic_node.mirror.tables import MirrorEpoch, MirrorLog, MirrorRecord, MirrorVersion
from schemas.ids import RECORD_ID, build_record_id, parse_record_id

CORRECTED: Final = "corrected"
PARTS: Final[Mapping[str, frozenset[str]]] = {
    "numbers": frozenset({"measures", "aim_result", "direction", "rung"}),
    "how-to": frozenset({"steps", "core", "adaptable", "dose", "cost", "materials", "supports", "conditions"}),
    "words": frozenset({"title", "problem", "idea", "lessons", "kept", "changed", "aim"}),
    "decision": frozenset({"decision"}),
    "context": frozenset({"context"}),
}
"""Code -> fields of a payload that it tells of: which parts a correction changed, never what stood there."""

Payload = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One record of a practice's or replication's history.

    Attributes:
        state: of `RecordState`; reason: why it is gone.
        changed: which parts it changed against the version before it, codes of `PARTS`; None where that is not known.
        came_in: the newest epoch that had opened when it came; None before any was.
    """

    record_id: str
    state: str
    reason: str | None
    changed: Sequence[str] | None
    came_in: int | None

    @property
    def is_living(self) -> bool:
        return self.state == RecordState.LIVING


def changed_parts(before: Payload, after: Payload) -> list[str]:
    """Which parts of a payload another one changes."""
    return [code for code, names in PARTS.items() if any(before.get(name) != after.get(name) for name in sorted(names))]


async def keep_versions(session: AsyncSession, corrections: Mapping[int, Payload]) -> None:
    """Note what each correction (id of its row -> payload) takes the place of."""
    targets = {payload["supersedes"] for payload in corrections.values()}
    earlier = {found.record_id: found.payload for found in (await living_records(session, targets)).values()}
    rows = []
    for row_id, payload in corrections.items():
        target = payload["supersedes"]
        changed = changed_parts(earlier[target], payload) if target in earlier else None
        rows.append({"record_id": row_id, "target": target, "changed": changed})
    if rows:
        await session.execute(insert(MirrorVersion), rows)


async def version_ids(session: AsyncSession, record_id: str) -> list[str]:
    """The record ids of one record's versions, itself among them, in the order of the log; of no record id itself."""
    if RECORD_ID.fullmatch(record_id) is None:
        return [record_id]
    ids, new = {record_id}, {record_id}
    while new:
        new = await _neighbours(session, new) - ids
        ids |= new
    return sorted(ids, key=parse_record_id)


async def version_ids_of(session: AsyncSession, record_ids: Collection[str]) -> dict[str, list[str]]:
    """`version_ids` of many records at once: few were ever corrected."""
    wanted = {record_id for record_id in record_ids if RECORD_ID.fullmatch(record_id) is not None}
    edges = select(MirrorVersion.target, MirrorLog.origin, MirrorRecord.leaf_index)
    edges = edges.join(MirrorRecord, MirrorRecord.id == MirrorVersion.record_id)
    edges = edges.join(MirrorLog, MirrorLog.id == MirrorRecord.log_id)
    asked = [edges.where(MirrorVersion.target.in_(part)) for part in parts(wanted)]
    # Not by pairs, and not beside the targets: SQLite would read all records.
    for origin, indexes in by_first(map(parse_record_id, wanted)).items():
        own = edges.where(MirrorLog.origin == origin)
        asked.append(own.where(one_of(MirrorRecord.leaf_index, indexes)))
    touched: set[str] = set()
    for statement in asked:
        for target, origin, index in await session.execute(statement):
            touched |= {target, build_record_id(origin, index)}
    return {each: await version_ids(session, each) if each in touched else [each] for each in record_ids}


async def _neighbours(session: AsyncSession, ids: Collection[str]) -> set[str]:
    """What took the place of these, and what these took the place of."""
    edges = (
        select(MirrorLog.origin, MirrorRecord.leaf_index, MirrorVersion.target)
        .join(MirrorRecord, MirrorRecord.id == MirrorVersion.record_id)
        .join(MirrorLog, MirrorLog.id == MirrorRecord.log_id)
    )
    later = await session.execute(edges.where(MirrorVersion.target.in_(ids)))
    found = {build_record_id(origin, index) for origin, index, _ in later}
    for record_id in ids:
        origin, index = parse_record_id(record_id)
        own = edges.where(MirrorLog.origin == origin, MirrorRecord.leaf_index == index)
        found |= {target for _, _, target in await session.execute(own)}
    return found


async def newest_version(session: AsyncSession, record_id: str) -> str:
    """The record id of the living version that stands for a record: the last one, or itself."""
    ids = await version_ids(session, record_id)
    living = await living_records(session, ids)
    return next((each for each in reversed(ids) if each in living), record_id)


async def history_of(session: AsyncSession, record_id: str) -> list[Version]:
    """Every version that is known here, the first one first; a single one where nothing was corrected."""
    history = []
    for version_id in await version_ids(session, record_id):
        record = await record_of(session, version_id)
        if record is None:
            continue
        edge = await session.get(MirrorVersion, record.id)
        history.append(
            Version(
                record_id=version_id,
                state=record.state,
                reason=record.gone,
                changed=edge.changed if edge is not None else None,
                came_in=await _open_at(session, record),
            )
        )
    return history


async def _open_at(session: AsyncSession, record: MirrorRecord) -> int | None:
    """A leaf has no time: what tells when it came is which epoch had opened last before it."""
    opened = (MirrorEpoch.log_id == record.log_id, MirrorEpoch.open_index < record.leaf_index)
    newest = select(MirrorEpoch.number).where(*opened).order_by(MirrorEpoch.number.desc()).limit(1)
    number: int | None = await session.scalar(newest)
    return number
