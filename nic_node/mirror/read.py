"""What may be shown of the mirrored logs: living records, what refers to them, and what is left of those that went."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache
from typing import Any, Final, NamedTuple

from sqlalchemy import Row, RowMapping, Select, String, cast, func, or_, select, union
from sqlalchemy.ext.asyncio import AsyncSession

from federation.judge.state import MODERATED
from nic_node.db.once import once_a_reading
from nic_node.db.one_of import one_of
from nic_node.errors import NotFound
from nic_node.i18n import N_
from nic_node.membership.read import is_reading_allowed
from nic_node.membership.tables import MembershipRow
from nic_node.mirror.living import select_living
from nic_node.mirror.rows import by_first, parts
from nic_node.mirror.states import STALE_AFTER, LogState, RecordState
from nic_node.mirror.tables import MirrorBlob, MirrorLog, MirrorRecord, MirrorReference
from schemas.ids import build_record_id, parse_record_id

PRACTICES = ("practice",)
REPLICATION: Final = "replication"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogView:
    """A log that is followed; `name` is the network's, `state` of `states.LogState`.

    `is_read_only`: of a network that this school reads without belonging to it. `shelf` counts up whenever another set
    of its records may be shown.
    """

    id: int
    membership_id: int
    network: str
    name: str
    is_read_only: bool
    origin: str
    log_url: str
    state: str
    size: int
    mirrored: int
    final_size: int
    is_witnessed: bool
    cosigned: int
    witnesses: int
    shelf: int
    current_at: datetime | None

    def is_final(self, index: int) -> bool:
        return index < self.final_size


SHOWN_OF_LOG: Final = tuple(each.name for each in fields(LogView) if each.name not in ("name", "is_read_only"))


class _Standing(NamedTuple):
    state: str
    chain_expires_at: datetime | None
    checked_at: datetime | None
    suspended_heard_at: datetime | None


STANDING: Final = (
    MembershipRow.state,
    MembershipRow.chain_expires_at,
    MembershipRow.checked_at,
    MembershipRow.suspended_heard_at,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LivingRecord:
    """A record whose blob was verified and may be shown. `id` is good for one page view, `record_id` for ever."""

    id: int
    record_id: str
    log_id: int
    network: str
    origin: str
    index: int
    kind: str
    jkt: str
    epoch: int
    blob_sha256: str
    payload: dict[str, Any]
    is_final: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Tombstone:
    """A record that is not to be shown, and why: withdrawn, corrected, moderated, or its `state`.

    `reason` is the network's, of `MODERATION_REASONS`, where it took the record down and said so.
    """

    record_id: str
    kind: str
    epoch: int
    gone: str
    reason: str | None


# Logs -----------------------------------------------------------------------------------------------------------------


async def mirrored_logs(session: AsyncSession, *, now: datetime) -> list[LogView]:
    """The logs that may be read now, by the order of the memberships."""
    return [
        LogView(
            **{name: row[name] for name in SHOWN_OF_LOG if name != "state"},
            name=row["name"],
            is_read_only=bool(row["is_read_only"]),
            state=state_now(row["state"], row["current_at"], now),
        )
        for row in await _rows_of_logs(session)
        if is_reading_allowed(_Standing(*(row[f"their_{column.key}"] for column in STANDING)), now)
    ]


@once_a_reading
async def _rows_of_logs(session: AsyncSession) -> Sequence[RowMapping]:
    asked = await session.connection()  # rows without entities: half the time
    return (await asked.execute(_logs_with_standing())).mappings().all()


@cache
def _logs_with_standing() -> Select[*tuple[Any, ...]]:
    is_only_read = MembershipRow.read_under.is_not(None)
    columns = [getattr(MirrorLog, name) for name in SHOWN_OF_LOG]
    theirs = [column.label(f"their_{column.key}") for column in STANDING]
    return (
        select(*columns, MembershipRow.name, is_only_read.label("is_read_only"), *theirs)
        .join_from(MirrorLog, MembershipRow, MembershipRow.id == MirrorLog.membership_id)
        .order_by(is_only_read, MembershipRow.id, MirrorLog.generation)
    )


def state_now(stored: str, current_at: datetime | None, now: datetime) -> LogState:
    """The stored state, and whether it is stale by now."""
    state = LogState(stored)
    is_old = current_at is None or current_at < now - STALE_AFTER
    return LogState.STALE if state is LogState.LIVE and is_old else state


# Records --------------------------------------------------------------------------------------------------------------


def _living() -> Select[*tuple[Any, ...]]:
    return (
        select(
            MirrorRecord.id,
            MirrorRecord.leaf_index,
            MirrorRecord.log_id,
            MirrorRecord.kind,
            MirrorRecord.jkt,
            MirrorRecord.epoch,
            MirrorRecord.blob_sha256,
            MirrorLog.network,
            MirrorLog.origin,
            MirrorLog.final_size,
            MirrorBlob.content,
        )
        .join(MirrorLog, MirrorLog.id == MirrorRecord.log_id)
        .join(MirrorBlob, MirrorBlob.record_id == MirrorRecord.id)
        .where(MirrorRecord.state == RecordState.LIVING)
    )


def _view(row: Row[*tuple[Any, ...]]) -> LivingRecord:
    row_id, index, log_id, kind, jkt, epoch, blob_sha256, network, origin, final_size, content = row
    return LivingRecord(
        id=row_id,
        record_id=build_record_id(origin, index),
        log_id=log_id,
        network=network,
        origin=origin,
        index=index,
        kind=kind,
        jkt=jkt,
        epoch=epoch,
        blob_sha256=blob_sha256,
        # Its form was checked when it was judged, and nothing but the judge writes it.
        payload=json.loads(content)["payload"],
        is_final=index < final_size,
    )


async def living_record(session: AsyncSession, record_id: str) -> LivingRecord:
    """One record.

    Raises:
        NotFound: there is none, or it is gone (`tombstone_of` tells why).
    """
    found = await living_records(session, [record_id])
    if record_id not in found:
        raise NotFound(N_("There is no such record in the library, or it was taken back."))
    return found[record_id]


async def living_records(session: AsyncSession, record_ids: Collection[str]) -> dict[str, LivingRecord]:
    """Those of the named records that live; what is no record id is none."""
    keys = {key for record_id in record_ids if (key := _key_of(record_id)) is not None}
    found: dict[str, LivingRecord] = {}
    for origin, indexes in by_first(keys).items():
        for part in parts(indexes):
            named = _living().where(MirrorLog.origin == origin, one_of(MirrorRecord.leaf_index, part))
            for row in await session.execute(named):
                view = _view(row)
                found[view.record_id] = view
    return found


async def living_by_ids(session: AsyncSession, ids: Sequence[int]) -> list[LivingRecord]:
    """In the order of the ids; what went meanwhile is left out."""
    found: dict[int, LivingRecord] = {}
    for part in parts(ids):
        for row in await session.execute(_living().where(MirrorRecord.id.in_(part))):
            found[row.id] = _view(row)
    return [found[record_id] for record_id in ids if record_id in found]


async def living_with_replications(
    session: AsyncSession, ids: Sequence[int], earlier: Collection[str]
) -> tuple[list[LivingRecord], list[LivingRecord]]:
    """Those of a page in the order of their `ids`; and in the order of the log, what replicates them or `earlier`.

    `earlier` are record ids of versions that these took the place of. One statement for all.
    """
    chosen = select(MirrorRecord.id).where(MirrorRecord.id.in_(ids))
    targets = select(MirrorLog.origin + "#" + cast(MirrorRecord.leaf_index, String))
    targets = targets.join_from(MirrorRecord, MirrorLog).where(MirrorRecord.id.in_(ids))
    named = or_(MirrorReference.target.in_(targets), MirrorReference.target.in_(earlier))
    copies = select(MirrorReference.record_id).where(named, MirrorReference.name == "origin")
    rows = await session.execute(_living().where(MirrorRecord.id.in_(union(chosen, copies))))
    views = sorted(map(_view, rows), key=lambda view: (view.log_id, view.index))
    own = {view.id: view for view in views}
    return [own[each] for each in ids if each in own], [view for view in views if view.kind == REPLICATION]


async def list_living(
    session: AsyncSession,
    *,
    log_ids: Collection[int],
    kinds: Collection[str] = PRACTICES,
    before: int | None = None,
    limit: int = 50,
) -> list[LivingRecord]:
    """The newest first, from the record before `before` (an `id`) on."""
    ids = select_living(log_ids, kinds).limit(limit)
    if before is not None:
        ids = ids.where(MirrorRecord.id < before)
    return await living_by_ids(session, list(await session.scalars(ids)))


async def referring(session: AsyncSession, target: str, *, name: str = "origin") -> list[LivingRecord]:
    """Living records that name `target` (a record id) as their origin, target or as what they supersede."""
    named = (
        _living()
        .join(MirrorReference, MirrorReference.record_id == MirrorRecord.id)
        .where(MirrorReference.target == target, MirrorReference.name == name)
        .order_by(MirrorRecord.log_id, MirrorRecord.leaf_index)
    )
    return [_view(row) for row in await session.execute(named)]


async def tombstone_of(session: AsyncSession, record_id: str) -> Tombstone | None:
    """Why a record is not shown; None where it lives, or never was."""
    record = await record_of(session, record_id)
    if record is None or record.state == RecordState.LIVING:
        return None
    return Tombstone(
        record_id=record_id,
        kind=record.kind,
        epoch=record.epoch,
        gone=record.gone or RecordState(record.state).value,
        reason=record.gone_reason,
    )


async def record_of(session: AsyncSession, record_id: str) -> MirrorRecord | None:
    """The row of a record, living or not."""
    key = _key_of(record_id)
    if key is None:
        return None
    found = select(MirrorRecord).join(MirrorLog, MirrorLog.id == MirrorRecord.log_id)
    record: MirrorRecord | None = await session.scalar(
        found.where(MirrorLog.origin == key[0], MirrorRecord.leaf_index == key[1])
    )
    return record


def _key_of(record_id: str) -> tuple[str, int] | None:
    try:
        return parse_record_id(record_id)
    except ValueError:
        return None


# Threads --------------------------------------------------------------------------------------------------------------


async def referring_to(
    session: AsyncSession, targets: Collection[str], *, kind: str, name: str = "target"
) -> list[LivingRecord]:
    """Living records of a kind that name one of `targets`, in the order of the log."""
    found: list[LivingRecord] = []
    for part in parts(targets):
        named = (
            _living()
            .join(MirrorReference, MirrorReference.record_id == MirrorRecord.id)
            .where(MirrorReference.target.in_(part), MirrorReference.name == name, MirrorRecord.kind == kind)
        )
        found += [_view(row) for row in await session.execute(named)]
    return sorted(found, key=lambda record: (record.log_id, record.index))


async def taken_down_of(session: AsyncSession, targets: Collection[str], *, kind: str) -> list[tuple[str, Tombstone]]:
    """(target, tombstone) of the questions or answers about `targets` that a network took down."""
    found: list[tuple[str, Tombstone]] = []
    for part in parts(targets):
        named = (
            select(MirrorReference.target, MirrorRecord, MirrorLog.origin)
            .join(MirrorRecord, MirrorRecord.id == MirrorReference.record_id)
            .join(MirrorLog, MirrorLog.id == MirrorRecord.log_id)
            .where(MirrorReference.target.in_(part), MirrorReference.name == "target", MirrorRecord.kind == kind)
            .where(MirrorRecord.state == RecordState.GONE, MirrorRecord.gone == MODERATED)
            .order_by(MirrorRecord.log_id, MirrorRecord.leaf_index)
        )
        for target, record, origin in await session.execute(named):
            record_id = build_record_id(origin, record.leaf_index)
            stone = Tombstone(
                record_id=record_id, kind=record.kind, epoch=record.epoch, gone=MODERATED, reason=record.gone_reason
            )
            found.append((target, stone))
    return found


async def question_ids(
    session: AsyncSession,
    *,
    log_ids: Collection[int],
    about: Collection[str] | None,
    among: Collection[int] | None = None,
    first: int,
    limit: int,
) -> tuple[list[int], int]:
    """Ids of living questions and how many there are: those about records, the oldest first; None: calls, the newest.

    A call names no record. `among`: row ids to which they are narrowed.
    """
    living = select_living(log_ids, ("question",)).order_by(None)
    if among is not None:
        living = living.where(MirrorRecord.id.in_(among))
    named = select(MirrorReference.record_id).where(MirrorReference.name == "target")
    if about is None:
        chosen = living.where(~named.where(MirrorReference.record_id == MirrorRecord.id).exists())
        ordered = chosen.order_by(MirrorRecord.id.desc())
    else:
        chosen = living.where(MirrorRecord.id.in_(named.where(MirrorReference.target.in_(about))))
        ordered = chosen.order_by(MirrorRecord.log_id, MirrorRecord.leaf_index)
    total = await session.scalar(select(func.count()).select_from(chosen.subquery())) or 0
    page = ordered.offset(first).limit(limit)
    return list(await session.scalars(page)), total
