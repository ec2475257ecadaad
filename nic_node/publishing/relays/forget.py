"""Forgetting whose envelopes were passed on once their slot is past: what a relay keeps, a seized relay tells."""

from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.db.jobs import Again, enqueue
from nic_node.db.rewrite import AGAIN, overwrite_freed, rewrite_when_quiet
from nic_node.membership.documents import document_of
from nic_node.membership.local import LocalNode
from nic_node.membership.read import is_writing_allowed, membership_in
from nic_node.mirror.epochs import newest_final_epoch
from nic_node.publishing.relays.tables import RelayedSlot

FORGET: Final = "publishing.forget-relayed"
TABLES: Final = (RelayedSlot.__tablename__,)
NOT_SAMPLED: Final = {RelayedSlot.__tablename__: ("sender",)}
TOLERANCE: Final = timedelta(minutes=1)
"""An envelope counts for the slot in which its request began; this long after a slot's end none is under way."""
LOOKED_AGAIN: Final = timedelta(hours=1)
"""Where nothing is known to wait: a row may come while this runs."""


async def slot_seconds_of(session: AsyncSession, network: str, now: datetime) -> int | None:
    """How long a slot is. None: this node may not write there, or no term has begun: it carries nothing."""
    membership = await membership_in(session, network)
    newest = await newest_final_epoch(session, network)
    policy = None if newest is None else await document_of(session, newest.epoch.policy_sha256)
    if membership is None or not is_writing_allowed(membership, now) or policy is None:
        return None
    slot_seconds: int = policy["slot_seconds"]
    return slot_seconds


def slot_of(moment: datetime, slot_seconds: int) -> int:
    return int(moment.timestamp()) // slot_seconds


async def forget_later(session: AsyncSession, *, slot: int, slot_seconds: int) -> None:
    """Beside a row of this slot."""
    await enqueue(session, kind=FORGET, key="", run_at=_forgotten_at(slot, slot_seconds))


async def forget_passed(node: LocalNode) -> Again:
    """Delete the rows of slots that are past, from the files too."""
    now = node.clock()
    next_ends = []
    async with node.database.writing() as session:
        for network in (await session.scalars(select(RelayedSlot.network).distinct())).all():
            slot_seconds = await slot_seconds_of(session, network, now)
            kept = set()
            if slot_seconds is not None:
                kept = {slot_of(now - TOLERANCE, slot_seconds), slot_of(now, slot_seconds)}
                next_ends.append(_forgotten_at(min(kept), slot_seconds))
            await session.execute(
                delete(RelayedSlot).where(RelayedSlot.network == network, RelayedSlot.slot.not_in(kept))
            )
        is_empty = await session.scalar(select(RelayedSlot.slot).limit(1)) is None
    due = [] if is_empty else next_ends
    if not await overwrite_freed(node.database, TABLES):
        due.append(now + AGAIN)
    rewritten_at = await rewrite_when_quiet(node.database, TABLES, now=now, time_zone=node.config.time_zone)
    if rewritten_at is not None:
        due.append(rewritten_at)
    return Again(at=min(due, default=now + LOOKED_AGAIN))


def _forgotten_at(slot: int, slot_seconds: int) -> datetime:
    return datetime.fromtimestamp((slot + 1) * slot_seconds, UTC) + TOLERANCE
