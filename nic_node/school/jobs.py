"""What the school's rooms forget by themselves."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.school.measures.uploads import prune_uploads


async def prune(session: AsyncSession, *, now: datetime) -> None:
    """Uploads that nobody confirmed."""
    await prune_uploads(session, now=now)
