"""How much a network shares, counted from its log: practices, and which of them were tried elsewhere."""

from dataclasses import dataclass

from sqlalchemy import distinct, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.network.log.queue import log_of
from nic_node.network.log.tables import LogRecord, LogReplication

PRACTICE, REPLICATION = "practice", "replication"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """Living records of the log.

    Attributes:
        this_epoch: practices of the epoch that was asked about.
        tried: practices with at least one living replication.
    """

    practices: int
    this_epoch: int
    replications: int
    tried: int


async def shared_in(session: AsyncSession, network_id: int, epoch: int | None) -> Shared:
    """Two statements, however long the log is."""
    log = await log_of(session, network_id)
    living = (LogRecord.log_id == log.id, LogRecord.gone.is_(None))
    counted = select(LogRecord.kind, LogRecord.epoch, func.count()).where(*living)
    rows = (await session.execute(counted.group_by(LogRecord.kind, LogRecord.epoch))).all()
    joined = (LogRecord.log_id == LogReplication.log_id) & (LogRecord.index == LogReplication.index)
    tried = select(func.count(distinct(LogReplication.practice))).join(LogRecord, joined).where(*living)

    def total(kind: str, of_epoch: int | None = None) -> int:
        return sum(n for name, number, n in rows if name == kind and of_epoch in (None, number))

    return Shared(
        practices=total(PRACTICE),
        this_epoch=0 if epoch is None else total(PRACTICE, epoch),
        replications=total(REPLICATION),
        tried=await session.scalar(tried) or 0,
    )
