"""What the school's rooms forget by themselves."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import SYSTEM
from nic_node.school.measures.uploads import prune_uploads
from nic_node.school.meetings.prune import prune_meetings
from nic_node.school.pulse.survey import close_overdue
from nic_node.school.visits.record import prune_visits


async def prune(session: AsyncSession, *, now: datetime) -> None:
    """Uploads that nobody confirmed, what was taken back long ago, answers to surveys that are over."""
    await prune_uploads(session, now=now)
    await prune_meetings(session, now=now)
    await prune_visits(session, now=now)
    await close_overdue(session, actor=SYSTEM, today=now.date(), now=now)
