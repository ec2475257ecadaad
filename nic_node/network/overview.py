"""How a network is: the health strip, and what needs a person."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.epochs import EpochWindows
from nic_node.mirror.forks.read import is_frozen
from nic_node.network.documents import current_policy
from nic_node.network.in_force import policy_in_force
from nic_node.network.log.forks import count_unseen
from nic_node.network.log.read import log_summary
from nic_node.network.members import count_members
from nic_node.network.moderation.read import count_waiting
from nic_node.network.shared import Shared, shared_in
from nic_node.network.tables import Member, Network
from schemas.states import APPLIED, APPROVED

STALE_AFTER: Final = timedelta(minutes=15)
ENDS_SOON: Final = timedelta(days=30)
WAITS_LONG: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """Counts of one moment.

    Attributes:
        live: members whose node was heard of in the last quarter of an hour; stale: the others.
        stale_since: when the first of the stale ones was last heard of; None when none of them ever was.
        frozen: nodes that saw two histories of the log: this one where it follows it, and members that told of it and
            were not looked after yet.
        leaves: entries of the log; log_trouble: why it can't be written, in one sentence.
        epoch, issued, phase, windows: of the newest epoch; None when none was announced.
        min_issued: what the next epoch needs, of today's policy; approvals_required: of the one in force.
        ends_soon: memberships that end within ENDS_SOON; waits_long: applications older than WAITS_LONG.
    """

    members: int
    waiting: int
    live: int
    stale: int
    stale_since: datetime | None
    frozen: int
    leaves: int
    log_trouble: str | None
    epoch: int | None
    issued: int
    phase: str | None
    windows: EpochWindows | None
    is_alarming: bool
    shared: Shared
    moderation: int
    ends_soon: int
    waits_long: int
    min_issued: int
    approvals_required: int


async def overview_of(session: AsyncSession, network: Network, now: datetime) -> Overview:
    """Count what the strip shows; a bounded number of statements."""
    counts = await count_members(session, network.id)
    members = counts.get(APPROVED, 0)
    live, stale_since, ends_soon, waits_long = await _told_by_time(session, network.id, now)
    policy, in_force = await current_policy(session, network.id), await policy_in_force(session, network.id)
    log = await log_summary(session, network.id, now)
    return Overview(
        members=members,
        waiting=counts.get(APPLIED, 0),
        live=live,
        stale=members - live,
        stale_since=stale_since,
        frozen=await count_unseen(session, network.id) or int(await is_frozen(session, network.entity)),
        leaves=log.size,
        log_trouble=log.trouble,
        epoch=log.epoch,
        issued=log.issued,
        phase=None if log.phase is None else log.phase.value,
        windows=log.windows,
        is_alarming=log.is_alarming,
        moderation=await count_waiting(session, network.id),
        shared=await shared_in(session, network.id, log.epoch),
        ends_soon=ends_soon,
        waits_long=waits_long,
        min_issued=policy["min_issued"],
        approvals_required=in_force["approvals_required"],
    )


async def _told_by_time(session: AsyncSession, network_id: int, now: datetime) -> tuple[int, datetime | None, int, int]:
    """(live, stale_since, ends_soon, waits_long), in one pass over the members."""
    is_member, heard = Member.state == APPROVED, Member.last_seen_at > now - STALE_AFTER
    counted = select(
        func.count().filter(is_member, heard),
        func.min(Member.last_seen_at).filter(is_member, ~heard),
        func.count().filter(is_member, Member.expires_at <= now + ENDS_SOON),
        func.count().filter(Member.state == APPLIED, Member.applied_at <= now - WAITS_LONG),
    )
    live, since, ending, waiting = (await session.execute(counted.where(Member.network_id == network_id))).one()
    return live, since, ending, waiting
