"""What the log says of epochs, pseudonyms and records, for the room that publishes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.epochs import Epoch, EpochStatus, Phase, phase, read_epoch
from nic_node.mirror.tables import (
    MirrorBlock,
    MirrorEpoch,
    MirrorIssued,
    MirrorLog,
    MirrorMember,
    MirrorPseudonym,
    MirrorRecord,
    MirrorRefusal,
)
from schemas.code import Code
from schemas.ids import build_record_id
from schemas.states import APPROVED

COUNT_ALARMS = (Code.REGISTERED_SURPLUS.value, Code.ISSUED_SURPLUS.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class EpochView:
    """An epoch as the log tells it; an `open` leaf counts once it is final.

    lattice_sha256 is that of its `open` leaf; is_final: the epoch leaf is final.
    """

    network: str
    log_id: int
    origin: str
    number: int
    index: int
    epoch: Epoch
    status: EpochStatus
    issued: int
    registered: int
    open_index: int | None
    lattice_sha256: str | None
    is_final: bool

    def phase(self, now: datetime) -> Phase:
        return phase(self.epoch.windows, self.status, now)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundRecord:
    """A record leaf that is in the log, whatever became of its blob. `gone` as in `tables.MirrorRecord`."""

    record_id: str
    index: int
    epoch: int
    jkt: str
    state: str
    gone: str | None
    is_final: bool
    is_witnessed: bool


async def epochs_of(session: AsyncSession, network: str) -> list[EpochView]:
    """All epochs of the network's newest log, the oldest first."""
    log = await newest_log(session, network)
    if log is None:
        return []
    rows = select(MirrorEpoch).where(MirrorEpoch.log_id == log.id).order_by(MirrorEpoch.number)
    return [_view(log, row) for row in await session.scalars(rows)]


async def newest_epoch(session: AsyncSession, network: str) -> EpochView | None:
    return next(reversed(await epochs_of(session, network)), None)


async def newest_final_epoch(session: AsyncSession, network: str) -> EpochView | None:
    """The epoch whose key envelopes are sealed for: everybody must know the same one."""
    return newest_final(await epochs_of(session, network))


def newest_final(views: Sequence[EpochView]) -> EpochView | None:
    """Of all epochs, the oldest first."""
    return next((view for view in reversed(views) if view.is_final), None)


async def newest_log(session: AsyncSession, network: str) -> MirrorLog | None:
    logs = select(MirrorLog).where(MirrorLog.network == network).order_by(MirrorLog.generation.desc()).limit(1)
    found: MirrorLog | None = await session.scalar(logs)
    return found


async def find_pseudonym(session: AsyncSession, network: str, jkt: str) -> int | None:
    """The leaf index at which a pseudonym is registered, in the newest log of a network that has it."""
    found: int | None = await session.scalar(
        select(MirrorPseudonym.leaf_index)
        .join(MirrorLog, MirrorLog.id == MirrorPseudonym.log_id)
        .where(MirrorLog.network == network, MirrorPseudonym.jkt == jkt)
        .order_by(MirrorLog.generation.desc())
        .limit(1)
    )
    return found


async def find_record_leaf(session: AsyncSession, network: str, blob_sha256: str) -> FoundRecord | None:
    """Where the record that commits to a blob stands in the log: the first, since a second one is refused."""
    found = (
        await session.execute(
            select(MirrorRecord, MirrorLog)
            .join(MirrorLog, MirrorLog.id == MirrorRecord.log_id)
            .where(MirrorLog.network == network, MirrorRecord.blob_sha256 == blob_sha256)
            .order_by(MirrorLog.generation, MirrorRecord.leaf_index)
            .limit(1)
        )
    ).first()
    if found is None:
        return None
    record, log = found
    return FoundRecord(
        record_id=build_record_id(log.origin, record.leaf_index),
        index=record.leaf_index,
        epoch=record.epoch,
        jkt=record.jkt,
        state=record.state,
        gone=record.gone,
        is_final=record.leaf_index < log.final_size,
        is_witnessed=log.is_witnessed,
    )


async def is_blocked(session: AsyncSession, network: str, jkt: str) -> bool:
    """Whether records of this pseudonym are refused from some index on, by a leaf that is final."""
    blocks = select(MirrorBlock.jkt).join(MirrorLog, MirrorLog.id == MirrorBlock.log_id)
    blocks = blocks.where(MirrorBlock.leaf_index < MirrorLog.final_size)
    return await session.scalar(blocks.where(MirrorLog.network == network, MirrorBlock.jkt == jkt)) is not None


async def approved_members(session: AsyncSession, network: str) -> int:
    """How many members the newest log says are approved."""
    log = await newest_log(session, network)
    if log is None:
        return 0
    members = select(func.count()).where(MirrorMember.log_id == log.id, MirrorMember.state == APPROVED)
    return await session.scalar(members) or 0


async def waiting_members(session: AsyncSession, views: Sequence[EpochView], now: datetime) -> int:
    """How many approved members have no credential of any of these epochs that is open now; 0 where none is."""
    open_now = {view.number: view.log_id for view in views if view.phase(now) is Phase.OPEN}
    if not open_now:
        return 0
    log_id = next(iter(open_now.values()))
    issued = select(MirrorIssued.entity).where(MirrorIssued.log_id == log_id, MirrorIssued.epoch.in_(open_now))
    waiting = select(func.count()).where(
        MirrorMember.log_id == log_id, MirrorMember.state == APPROVED, MirrorMember.entity.not_in(issued)
    )
    return await session.scalar(waiting) or 0


async def raised_alarm(session: AsyncSession, view: EpochView) -> bool:
    """Whether this node's own count raised an alarm as the epoch opened: pseudonyms or credentials too many."""
    alarms = select(MirrorRefusal.id).where(
        MirrorRefusal.log_id == view.log_id,
        MirrorRefusal.what == "alarm",
        MirrorRefusal.leaf_index == view.open_index,
        MirrorRefusal.code.in_(COUNT_ALARMS),
    )
    return view.open_index is not None and await session.scalar(alarms.limit(1)) is not None


async def member_keys(session: AsyncSession, network: str) -> dict[str, str]:
    """Entity -> thumbprint of its federation key, of those whom the newest log calls approved, and finally so."""
    log = await newest_log(session, network)
    if log is None:
        return {}
    members = select(MirrorMember.entity, MirrorMember.jkt).where(
        MirrorMember.log_id == log.id, MirrorMember.state == APPROVED, MirrorMember.leaf_index < log.final_size
    )
    found = await session.execute(members.order_by(MirrorMember.entity))
    return dict(found.all())


async def issued_in(session: AsyncSession, view: EpochView) -> frozenset[str]:
    """The entities with an `issued` leaf in an epoch."""
    chosen = select(MirrorIssued.entity).where(MirrorIssued.log_id == view.log_id, MirrorIssued.epoch == view.number)
    return frozenset(await session.scalars(chosen))


def _view(log: MirrorLog, row: MirrorEpoch) -> EpochView:
    status = EpochStatus(row.status)
    is_unseen = status is EpochStatus.OPEN and (row.open_index is None or row.open_index >= log.final_size)
    return EpochView(
        network=log.network,
        log_id=log.id,
        origin=log.origin,
        number=row.number,
        index=row.leaf_index,
        epoch=read_epoch(row.payload),
        status=EpochStatus.ANNOUNCED if is_unseen else status,
        issued=row.issued,
        registered=row.registered,
        open_index=None if is_unseen else row.open_index,
        lattice_sha256=None if is_unseen else row.lattice_sha256,
        is_final=row.leaf_index < log.final_size,
    )
