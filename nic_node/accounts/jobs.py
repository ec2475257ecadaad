"""What this room forgets when its time is over; `app` calls it every few minutes."""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.attempts import forget_attempts
from nic_node.accounts.sessions import forget_sessions
from nic_node.accounts.tables import OneTimeLink

LINKS_KEPT = timedelta(days=90)
"""For so long somebody who opens an old link is told that it was used or has expired."""


async def prune(session: AsyncSession, *, now: datetime) -> None:
    """Delete sessions that ran out, old tries to sign in, and links that nobody opens any more."""
    await forget_sessions(session, now=now)
    await forget_attempts(session, now=now)
    await session.execute(delete(OneTimeLink).where(OneTimeLink.expires_at < now - LINKS_KEPT))
