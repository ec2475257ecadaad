"""What people see of a network's log and its epochs."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.epochs import EpochStatus, EpochWindows, Phase, phase, read_epoch
from federation.tlog.checkpoint import MIN_WITNESSES
from nic_node.network.documents import current_policy
from nic_node.network.log.cosigners import asked_witnesses
from nic_node.network.log.queue import log_of
from nic_node.network.log.supplement import Supplement, supplement_of
from nic_node.network.log.tables import (
    Cosigner,
    EpochRecord,
    LivingBlob,
    Log,
    LogIssued,
    LogMember,
    LogRecord,
    LogRefusal,
    QueuedLeaf,
    SealedEnvelope,
)
from nic_node.network.tables import Member
from schemas.leaf import quorum_of
from schemas.states import APPROVED


@dataclass(frozen=True, slots=True)
class Participant:
    """A member and whether the log shows it a credential in an epoch."""

    entity: str
    name: str
    is_issued: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EpochView:
    """An epoch as a coordinator sees it.

    Attributes:
        is_logged: whether its leaf is in the log yet.
        members: approved today.
        unaccounted: credentials for which no pseudonym was registered; below zero there are pseudonyms too many.
        participants: those issued first, by name.
    """

    number: int
    phase: Phase
    is_logged: bool
    windows: EpochWindows
    issued: int
    registered: int
    members: int
    min_issued: int
    policy_sha256: str
    lattice_sha256: str | None
    participants: tuple[Participant, ...] = ()

    @property
    def unaccounted(self) -> int:
        return self.issued - self.registered

    @property
    def is_alarming(self) -> bool:
        """More pseudonyms than credentials, or more credentials than members: somebody cheats.

        Once it is open members may leave, and their credentials still count.
        """
        has_opened = self.phase in (Phase.OPEN, Phase.CLOSED)
        return self.registered > self.issued or (self.issued > self.members and not has_opened)

    def document(self) -> dict[str, Any]:
        """As `nic network epoch --json` and the API show it."""
        windows = {name: moment.isoformat() for name, moment in asdict(self.windows).items()}
        return {
            "epoch": self.number,
            "phase": self.phase.value,
            "logged": self.is_logged,
            **windows,
            "issued": self.issued,
            "registered": self.registered,
            "unaccounted": self.unaccounted,
            "members": self.members,
            "min_issued": self.min_issued,
            "policy_sha256": self.policy_sha256,
            "lattice_sha256": self.lattice_sha256,
            "alarm": self.is_alarming,
            "issued_to": [one.entity for one in self.participants if one.is_issued],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessView:
    """A witness that an epoch names: up to which entry it cosigned, when, and what hindered it the last time."""

    entity: str
    epoch: int
    size: int
    cosigned_at: datetime | None
    trouble: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LogStatus:
    """The log as its operator sees it.

    Attributes:
        size, signed_size: entries in order, and how many of them the published checkpoint covers.
        waiting: leaves and envelopes that are not in the log yet, dummies among them.
        living: records whose content is served.
        trouble: one sentence while the log can't be written, else None.
        witnesses: of the newest epochs. quorum: how many of the newest one's it takes; 0 where too few are named.
    """

    network: str
    origin: str
    generation: int
    size: int
    signed_size: int
    root: str
    signed_at: datetime | None
    waiting: int
    records: int
    living: int
    refusals: int
    trouble: str | None
    witnesses: tuple[WitnessView, ...] = ()
    quorum: int = 0

    @property
    def cosigned(self) -> int:
        """How many of them have cosigned everything that is signed."""
        return sum(witness.size >= self.signed_size for witness in self.witnesses)

    def document(self) -> dict[str, Any]:
        """As `nic log status --json` and the API show it."""
        signed_at = None if self.signed_at is None else self.signed_at.isoformat()
        witnesses = [
            {**asdict(one), "cosigned_at": None if one.cosigned_at is None else one.cosigned_at.isoformat()}
            for one in self.witnesses
        ]
        return {**asdict(self), "signed_at": signed_at, "witnesses": witnesses}


async def log_status(session: AsyncSession, network_id: int) -> LogStatus:
    """Raises NotFound: no such network here."""
    log = await log_of(session, network_id)
    queued = await _count(session, QueuedLeaf, QueuedLeaf.log_id == log.id)
    sealed = await _count(session, SealedEnvelope, SealedEnvelope.log_id == log.id)
    witnesses = await asked_witnesses(session, log.id)
    newest = max((row.epoch for row in witnesses), default=0)
    named = sum(row.epoch == newest for row in witnesses)
    return LogStatus(
        network=log.network,
        origin=log.origin,
        generation=log.generation,
        size=log.size,
        signed_size=log.signed_size,
        root=log.root.hex(),
        signed_at=log.signed_at,
        waiting=queued + sealed,
        records=await _count(session, LogRecord, LogRecord.log_id == log.id),
        living=await _count(session, LivingBlob, LivingBlob.log_id == log.id),
        refusals=await _count(session, LogRefusal, LogRefusal.log_id == log.id),
        trouble=log.trouble,
        witnesses=tuple(_witness(row) for row in witnesses),
        quorum=quorum_of(named) if named >= MIN_WITNESSES else 0,
    )


def _witness(row: Cosigner) -> WitnessView:
    return WitnessView(
        entity=row.entity, epoch=row.epoch, size=row.size, cosigned_at=row.cosigned_at, trouble=row.trouble
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSummary:
    """A line on the network's page.

    Attributes:
        epoch, issued, phase, windows: of the newest epoch; None, 0, None, None before the first.
    """

    size: int
    trouble: str | None
    epoch: int | None = None
    issued: int = 0
    phase: Phase | None = None
    windows: EpochWindows | None = None
    is_alarming: bool = False


async def log_summary(session: AsyncSession, network_id: int, now: datetime) -> LogSummary:
    """Raises NotFound: no such network here."""
    log = await log_of(session, network_id)
    newest = await session.scalar(
        select(EpochRecord).where(EpochRecord.log_id == log.id).order_by(EpochRecord.number.desc()).limit(1)
    )
    if newest is None:
        return LogSummary(size=log.size, trouble=log.trouble)
    view = _view(log, newest, now, ())
    return LogSummary(
        size=log.size,
        trouble=log.trouble,
        epoch=view.number,
        issued=view.issued,
        phase=view.phase,
        windows=view.windows,
        is_alarming=view.is_alarming,
    )


async def epoch_views(session: AsyncSession, network_id: int, now: datetime) -> list[EpochView]:
    """All epochs, the newest first; who takes part is told of the newest only."""
    log = await log_of(session, network_id)
    query = select(EpochRecord).where(EpochRecord.log_id == log.id).order_by(EpochRecord.number.desc())
    records = (await session.scalars(query)).all()
    return [
        _view(log, record, now, await _participants(session, log, record) if place == 0 else ())
        for place, record in enumerate(records)
    ]


async def supplement_standing(session: AsyncSession, network_id: int, now: datetime) -> Supplement | None:
    """How many members wait for a supplementary epoch, and how many must; None where none would come now."""
    return await supplement_of(
        session, await log_of(session, network_id), await current_policy(session, network_id), now
    )


async def refusals_of(
    session: AsyncSession, network_id: int, *, after: int | None = None, limit: int = 50
) -> list[LogRefusal]:
    """What was not let in, the newest first; those older than refusal `after`, when it is given."""
    log = await log_of(session, network_id)
    query = select(LogRefusal).where(LogRefusal.log_id == log.id).order_by(LogRefusal.id.desc()).limit(limit)
    if after is not None:
        query = query.where(LogRefusal.id < after)
    return list((await session.scalars(query)).all())


def _view(log: Log, record: EpochRecord, now: datetime, participants: tuple[Participant, ...]) -> EpochView:
    return EpochView(
        number=record.number,
        phase=_phase(record, now),
        is_logged=record.index is not None,
        windows=read_epoch(record.payload).windows,
        issued=record.issued,
        registered=record.registered,
        members=log.approved_members,
        min_issued=record.payload["min_issued"],
        policy_sha256=record.payload["policy_sha256"],
        lattice_sha256=record.lattice_sha256 or record.closing_lattice_sha256,
        participants=participants,
    )


def _phase(record: EpochRecord, now: datetime) -> Phase:
    return phase(read_epoch(record.payload).windows, EpochStatus(record.status), now)


async def _participants(session: AsyncSession, log: Log, record: EpochRecord) -> tuple[Participant, ...]:
    """Approved members, and those issued before they left."""
    found = await session.execute(select(Member.entity, Member.name).where(Member.network_id == log.network_id))
    names = dict(found.all())
    issued = set(
        await session.scalars(
            select(LogIssued.entity).where(LogIssued.log_id == log.id, LogIssued.epoch == record.number)
        )
    )
    approved = set(
        await session.scalars(select(LogMember.entity).where(LogMember.log_id == log.id, LogMember.state == APPROVED))
    )
    taking_part = [Participant(entity, names.get(entity, entity), entity in issued) for entity in issued | approved]
    return tuple(sorted(taking_part, key=lambda one: (not one.is_issued, one.name, one.entity)))


async def _count(session: AsyncSession, table: type[Any], where: Any) -> int:
    return await session.scalar(select(func.count()).select_from(table).where(where)) or 0
