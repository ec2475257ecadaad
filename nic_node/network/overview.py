"""How a network is: the health strip, and what needs a person."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.disclosure.lattice import build_lattice
from nic_node.network.documents import current_policy
from nic_node.network.log.profiles import profiles_of
from nic_node.network.log.read import log_summary
from nic_node.network.members import count_members
from nic_node.network.tables import Member, Network
from schemas.states import APPLIED, APPROVED

STALE_AFTER: Final = timedelta(minutes=15)
MOST_COUNTED: Final = 500
"""Up to so many members their classes are counted for each page; a larger network reads them from its epochs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """Counts of one moment.

    Attributes:
        live: members whose node was heard of in the last quarter of an hour; stale: the others.
        epoch, issued, phase: of the newest epoch; None when none was announced.
        leaves: entries of the log.
        classes: context classes that today's members would make, context_k schools at least each; None beyond
            MOST_COUNTED members.
    """

    members: int
    waiting: int
    live: int
    stale: int
    leaves: int
    epoch: int | None
    issued: int
    phase: str | None
    min_issued: int
    approvals_required: int
    context_k: int
    classes: int | None


async def overview_of(session: AsyncSession, network: Network, now: datetime) -> Overview:
    """Count what the strip shows."""
    counts = await count_members(session, network.id)
    seen = select(func.count()).where(
        Member.network_id == network.id, Member.state == APPROVED, Member.last_seen_at > now - STALE_AFTER
    )
    live = await session.scalar(seen) or 0
    policy = await current_policy(session, network.id)
    size, epoch, issued, phase = await log_summary(session, network.id, now)
    members = counts.get(APPROVED, 0)
    return Overview(
        members=members,
        waiting=counts.get(APPLIED, 0),
        live=live,
        stale=members - live,
        leaves=size,
        epoch=epoch,
        issued=issued,
        phase=phase,
        min_issued=policy["min_issued"],
        approvals_required=policy["approvals_required"],
        context_k=policy["context_k"],
        classes=await _count_classes(session, network, policy) if members <= MOST_COUNTED else None,
    )


async def _count_classes(session: AsyncSession, network: Network, policy: Mapping[str, Any]) -> int:
    chosen = select(Member.entity).where(Member.network_id == network.id, Member.state == APPROVED)
    profiles = await profiles_of(session, network.id, (await session.scalars(chosen)).all())
    lattice = build_lattice(
        profiles, network=network.entity, epoch=1, k=policy["context_k"], ranking=policy["context_ranking"]
    )
    return len(lattice["classes"])
