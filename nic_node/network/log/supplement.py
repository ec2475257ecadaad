"""Supplementary epochs: for members that wait because they came too late for the running one.

One opens beside the running epoch and ends with it, so that the calendar stays as it is. Every member's node takes
part, those that publish already too: so who waited is one of all, and not one of the few that joined late. It goes by
the policy of the epoch that it stands beside: a newer one takes force with the next epoch, not before.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.epochs import Epoch, EpochStatus, EpochWindows, next_issue_from, read_epoch
from nic_node.errors import Conflict
from nic_node.i18n import N_
from nic_node.network.documents import document_of
from nic_node.network.log.tables import EpochRecord, Log, LogIssued, LogMember
from schemas.states import APPROVED

FEW_WAIT: Final = N_(
    "An epoch is open. A supplementary one is announced once as many members wait for it as an epoch needs to open."
)
ENDS_SOON: Final = N_(
    "The open epoch ends too soon for a supplementary one. The next epoch is announced by itself; who waits takes"
    " part in it."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Supplement:
    """How a supplementary epoch stands: `waiting` members have no credential of an open epoch, `needed` must wait.

    policy: the open epoch's. ends: as the open epoch does. next_issues: when the epoch after it begins to issue.
    """

    waiting: int
    policy: Mapping[str, Any]
    ends: datetime
    next_issues: datetime

    @property
    def needed(self) -> int:
        return int(self.policy["min_issued"])

    @property
    def is_due(self) -> bool:
        return self.waiting >= self.needed


async def running_windows(session: AsyncSession, log: Log, now: datetime) -> EpochWindows | None:
    """The windows of the newest epoch that is open now."""
    running = await _running_epoch(session, log, now)
    return None if running is None else running.windows


async def _running_epoch(session: AsyncSession, log: Log, now: datetime) -> Epoch | None:
    chosen = select(EpochRecord).where(EpochRecord.log_id == log.id, EpochRecord.status == EpochStatus.OPEN.value)
    records = await session.scalars(chosen.order_by(EpochRecord.number.desc()))
    found = (read_epoch(record.payload) for record in records)
    return next((epoch for epoch in found if now < epoch.windows.active_to), None)


async def waiting_members(session: AsyncSession, log: Log, now: datetime) -> int:
    """Approved members that have no credential of an epoch that is open now."""
    chosen = select(EpochRecord).where(EpochRecord.log_id == log.id, EpochRecord.status == EpochStatus.OPEN.value)
    open_now = [
        record.number for record in await session.scalars(chosen) if now < read_epoch(record.payload).windows.active_to
    ]
    issued = select(LogIssued.entity).where(LogIssued.log_id == log.id, LogIssued.epoch.in_(open_now))
    waiting = select(func.count()).where(
        LogMember.log_id == log.id, LogMember.state == APPROVED, LogMember.entity.not_in(issued)
    )
    return await session.scalar(waiting) or 0


async def supplement_of(session: AsyncSession, log: Log, policy: Mapping[str, Any], now: datetime) -> Supplement | None:
    """What would come now is a supplementary epoch; None where it would be the first or the next one.

    Args:
        policy: today's, by which the next epoch will issue.
    """
    running = await _running_epoch(session, log, now)
    next_issues = None if running is None else next_issue_from(running.windows, policy)
    if running is None or next_issues is None or now >= next_issues:
        return None
    return Supplement(
        waiting=await waiting_members(session, log, now),
        policy=await document_of(session, log.network_id, running.policy_sha256),
        ends=running.windows.active_to,
        next_issues=next_issues,
    )


def verify_may_supplement(supplement: Supplement, windows: EpochWindows) -> None:
    """That enough wait, and that the running epoch lasts long enough for it to be of use.

    Args:
        windows: those of the supplementary epoch, still with an end of their own.

    Raises:
        Conflict: FEW_WAIT, ENDS_SOON.
    """
    if not supplement.is_due:
        raise Conflict(FEW_WAIT)
    if windows.active_from >= supplement.next_issues:
        raise Conflict(ENDS_SOON)
