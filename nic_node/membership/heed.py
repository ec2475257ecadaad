"""What the network's log says of this school itself: it acts at once, before the network is asked."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.membership.jobs import ask_soon
from nic_node.membership.tables import MembershipRow
from schemas.states import APPROVED, SUSPENDED


async def heed_log(session: AsyncSession, *, membership_id: int, state: str, now: datetime) -> None:
    """A `member` leaf moved this school.

    One that suspends or ends voids the cached statement at once; one that admits only makes the node ask, since the
    network's own word is what lets it write again.
    """
    row = await session.get(MembershipRow, membership_id, with_for_update=True)
    if row is None:
        return
    if state != APPROVED:
        row.state = state
        row.suspended_heard_at = now if state == SUSPENDED else None
        row.chain, row.chain_expires_at, row.trust_marks = [], None, {}
    await ask_soon(session, network=row.network, now=now)
